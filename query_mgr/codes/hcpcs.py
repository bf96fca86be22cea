"""The alpha-numeric file of HCPCS Level II in the fixed columns of CMS's contractor record (320 characters).

Columns: 1-5 code (a modifier stands in 4-5), 6-10 line number within the code, 11 kind of record (3 code, 4 more of its text,
7 modifier, 8 more of its text), 12-91 long text, 92-119 short text, 230 coverage, 257-259 BETOS, 269-276 added,
277-284 action in force, 285-292 terminated, 293 action. Source: HCPC2024_recordlayout.txt of CMS.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import BinaryIO

from query_mgr.codes.lines import numbered
from query_mgr.codes.rows import CodeRow, FileError, with_long_text

CODE = re.compile(r"[A-CE-V]\d{4}", re.ASCII)
MODIFIER = re.compile(r"[A-Z][A-Z0-9]", re.ASCII)
_KINDS = {"3": ("hcpcs", True), "4": ("hcpcs", False), "7": ("modifier", True), "8": ("modifier", False)}
_SHORTEST = 119  # what follows the short text is blank at the end of some lines, and editors cut blanks


@dataclass
class _Open:
    """A code whose lines of long text are still being read."""

    code: str
    head: str
    number: int
    text: list[str] = field(default_factory=list)


def read(stream: BinaryIO, system: str = "hcpcs") -> Iterator[CodeRow]:
    """Yield the codes, or with `system` modifier the modifiers, of the file. Raises FileError for another layout."""
    last: dict[str, str] = {}
    current: _Open | None = None
    for number, line in numbered(stream):
        kind = _KINDS.get(line[10:11])
        if kind is None or not line[5:10].isdigit() or (kind[1] and len(line) < _SHORTEST):
            raise FileError(
                "not the columns of the HCPCS alpha-numeric file (code, 5 digits, kind 3, 4, 7 or 8, text of 80); "
                "load HCPCyyyy_MMM_ANWEB.txt as CMS publishes it",
                number,
            )
        of, is_first = kind
        code = line[:5].strip()
        if is_first:
            if current is not None and current.code:
                yield _row(current)
            _check(code, of, last.get(of, ""), number)
            last[of] = code
            current = _Open(code if of == system else "", line, number, [line[11:91]])
        elif current is None or code != (current.head[:5].strip()):
            raise FileError(
                f"more text of {code}, whose first line does not stand above; download it again", number
            )
        else:
            current.text.append(line[11:91])
    if current is not None and current.code:
        yield _row(current)


def _check(code: str, of: str, last: str, number: int) -> None:
    if re.fullmatch(r"D\d{4}", code, re.ASCII):
        raise FileError(f"{code} is a dental code, licensed by the ADA; remove the D codes", number)
    if not (CODE if of == "hcpcs" else MODIFIER).fullmatch(code):
        raise FileError(f"{code!r} is not written like {of}; CPT is loaded by itself, with its licence", number)
    if code <= last:
        what = "comes twice" if code == last else f"comes after {last}: the lines are shuffled"
        raise FileError(f"{code} {what}; download the file again", number)


def _row(found: _Open) -> CodeRow:
    head = found.head
    short = head[91:119].strip()
    title, own = with_long_text(short, " ".join(" ".join(found.text).split()))
    own |= {"coverage": head[229:230].strip(), "betos": head[256:259].strip(), "action": head[292:293].strip()}
    begins, added = day(head[276:284], found.number), day(head[268:276], found.number)
    return CodeRow(
        found.code, title, True, None, {}, short,
        added or begins, day(head[284:292], found.number), {key: value for key, value in own.items() if value},
    )  # fmt: skip


def day(text: str, number: int) -> date | None:
    """Return the day written as 20261001, or None where there is none."""
    text = text.strip()
    if not text.strip("0"):
        return None
    try:
        if not (text.isascii() and text.isdigit() and len(text) == 8):
            raise ValueError
        return date.fromisoformat(text)
    except ValueError:
        raise FileError(f"{text[:10]!r} is no date; dates are written as 20261001", number) from None
