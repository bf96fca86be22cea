"""Load a code set once, at set-up. The running application never imports the package it comes from."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import insert, select

from query_mgr.audit import actions as audit
from query_mgr.codes.models import Code, CodeSet
from query_mgr.codes.ranking import fold
from query_mgr.platform import clock
from query_mgr.platform.db import db, unit_of_work

EDITION = "2026-04"
#: FY2026 began on this day; the April 2026 release repeats it with additions. It stays open until the next is loaded.
EFFECTIVE_FROM = date(2025, 10, 1)


class CodeRow(NamedTuple):
    """One code as it is loaded."""

    code: str
    title: str
    is_billable: bool
    parent: str | None
    notes: dict[str, Any]


def load_rows(
    rows: Iterable[CodeRow], edition: str = EDITION, *, effective_from: date = EFFECTIVE_FROM, by: str = "system"
) -> int:
    """Load an edition of ICD-10-CM in one transaction; return its number of codes, 0 where it was there already."""
    with unit_of_work():
        if db.session.scalar(select(CodeSet.id).where(CodeSet.system == "icd10cm", CodeSet.edition == edition)):
            return 0
        found = {row.code: row for row in rows}
        code_set = CodeSet(
            system="icd10cm",
            edition=edition,
            effective_from=effective_from,
            row_count=len(found),
            loaded_at=clock.now(),
        )
        db.session.add(code_set)
        db.session.flush()
        values = [
            {**row._asdict(), "code_set_id": code_set.id, "search_text": _words(row)} for row in found.values()
        ]
        if values:
            db.session.execute(insert(Code), values)
        audit.record(by, "codes.loaded", "code_set", edition, rows=len(values))
    return len(values)


def _words(row: CodeRow) -> str:
    return fold(" ".join([row.title, *row.notes.get("inclusion_terms", ())]))


def load_default(by: str = "system") -> int:
    """Load the edition that comes with query_mgr; return its number of codes, 0 where it was there already."""
    if db.session.scalar(select(CodeSet.id).where(CodeSet.system == "icd10cm", CodeSet.edition == EDITION)):
        return 0
    return load_rows(_default_rows(), by=by)


def _default_rows() -> Iterator[CodeRow]:
    # A process of its own: the package takes 190 MB that the web server would otherwise keep for life.
    reader = subprocess.run(
        [sys.executable, "-m", "query_mgr.codes.loader"], check=True, stdout=subprocess.PIPE, encoding="utf-8"
    )
    for line in reader.stdout.splitlines():
        yield CodeRow(*json.loads(line))


def package_rows() -> Iterator[CodeRow]:
    """Read the codes of the package `simple_icd_10_cm`, each once.

    A block such as C00-C96 that has no categories of its own is a leaf to the package, but never billable. A block
    of one category, such as P84, bears that category's name and is listed twice.
    """
    import simple_icd_10_cm as package

    for code in dict.fromkeys(package.get_all_codes()):
        if package.is_chapter(code) or "-" in code:
            continue
        notes = {
            "includes": package.get_includes(code),
            "excludes1": package.get_excludes1(code),
            "excludes2": package.get_excludes2(code),
            "inclusion_terms": package.get_inclusion_term(code),
            "code_first": package.get_code_first(code),
            "use_additional": package.get_use_additional_code(code),
            "code_also": package.get_code_also(code),
        }
        parent = package.get_parent(code)
        above = None if not parent or package.is_chapter(parent) or "-" in parent or parent == code else parent
        kept = {name: note for name, note in notes.items() if note}
        yield CodeRow(code, package.get_description(code), bool(package.is_leaf(code)), above, kept)


if __name__ == "__main__":
    for found in package_rows():
        sys.stdout.write(json.dumps(found) + "\n")
