"""What changed from one edition of a code system to another."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import select

from query_mgr.codes import files
from query_mgr.codes.models import Code, CodeSet
from query_mgr.codes.rows import FileError
from query_mgr.platform.db import db

KINDS = ("added", "deleted", "retitled", "billable changed")


class Held(NamedTuple):
    """What an edition says of a code."""

    title: str
    is_billable: bool


class Change(NamedTuple):
    """One difference; `old` and `new` are titles, or for a billable change "billable" and "category"."""

    what: str
    code: str
    old: str
    new: str


def changes(old: Mapping[str, Held], new: Mapping[str, Held]) -> Iterator[Change]:
    """Yield every difference between two editions, by code."""
    for code in sorted(old.keys() | new.keys()):
        before, after = old.get(code), new.get(code)
        if before is None and after is not None:
            yield Change("added", code, "", after.title)
        elif after is None and before is not None:
            yield Change("deleted", code, before.title, "")
        elif before is not None and after is not None:
            if before.title != after.title:
                yield Change("retitled", code, before.title, after.title)
            if before.is_billable != after.is_billable:
                yield Change("billable changed", code, _word(before), _word(after))


def counts(found: Iterable[Change]) -> dict[str, int]:
    """Return kind of change -> how many."""
    number = Counter(change.what for change in found)
    return {what: number[what] for what in KINDS}


def codes_of(name: str, system: str) -> dict[str, Held]:
    """Return the codes of an edition that is loaded, or of a file. Raises FileError where it is neither."""
    edition = db.session.scalar(select(CodeSet.id).where(CodeSet.system == system, CodeSet.edition == name))
    if edition is not None:
        rows = db.session.execute(
            select(Code.code, Code.title, Code.is_billable).where(Code.code_set_id == edition)
        )
        return {code: Held(title, is_billable) for code, title, is_billable in rows}
    path = Path(name)
    if not path.is_file():
        raise FileError(f"{name[:80]!r} is neither an edition of {system} (see: flask codes list) nor a file")
    with files.opened(path) as stream:
        return {row.code: Held(row.title, row.is_billable) for row in files.read(stream, system)}


def _word(held: Held) -> str:
    return "billable" if held.is_billable else "category"
