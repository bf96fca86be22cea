"""The order files of CMS: every code and category of ICD-10-CM or ICD-10-PCS in fixed columns.

Columns: 1-5 order number, 7-13 code without its dot, 15 whether it may be reported (1) or is a header (0), 17-76 short
title, 78 on the long title. Source: the layout that CMS publishes beside the files.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO

from query_mgr.codes.lines import numbered
from query_mgr.codes.rows import CodeRow, FileError, with_long_text

_LINE = re.compile(r"(\d{5}) ([0-9A-Z]{3,7}) {0,4} ([01]) (.{60}) (\S.*)", re.ASCII)
_CODE = {
    "icd10cm": re.compile(r"[A-Z][0-9A][0-9AB][0-9A-HJ-NP-Z]{0,4}"),
    "icd10pcs": re.compile(r"[0-9A-HJ-NP-Z]{3}(?:[0-9A-HJ-NP-Z]{4})?"),
}


def read(stream: BinaryIO, system: str) -> Iterator[CodeRow]:
    """Yield the codes of an order file of `system`, icd10cm or icd10pcs.

    Raises FileError where a line has other columns, or is not the next one.
    """
    above: list[str] = []
    last = ""
    for number, line in numbered(stream):
        found = _LINE.fullmatch(line)
        if found is None or line[13] != " ":
            raise FileError(_shape(line, system), number)
        order, code, valid, short, title = found.groups()
        if not _CODE[system].fullmatch(code):
            raise FileError(f"{code} is not written like {system}; load the file under its own system", number)
        if int(order) != number % 100_000:
            raise FileError(
                f"order number {order} where {number % 100_000:05} comes next: lines are missing or moved; download the file "
                "again",
                number,
            )
        if code <= last:
            what = "comes twice" if code == last else f"comes after {last}: the lines are shuffled"
            raise FileError(f"{code} {what}; download the file again", number)
        last = code
        while above and not code.startswith(above[-1]):
            above.pop()
        text, own = with_long_text("", title.strip())
        yield CodeRow(
            _written(code, system), text, valid == "1", _written(above[-1], system) if above else None, {},
            short.strip(), own={"order": number, **own},
        )  # fmt: skip
        above.append(code)


def _shape(line: str, system: str) -> str:
    return (
        f"not the columns of an order file (5 digits, code, 0 or 1, short title of 60, title); {len(line)} characters "
        f"here; load the {system} order file as CMS publishes it"
    )


def _written(code: str, system: str) -> str:
    return f"{code[:3]}.{code[3:]}" if system == "icd10cm" and len(code) > 3 else code
