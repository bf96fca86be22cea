"""What the editions say of the codes in use, remembered for as long as an edition is loaded."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import select

from query_mgr.codes import lookup
from query_mgr.codes.models import Code, CodeSet
from query_mgr.coding.scrub.case import NOTES
from query_mgr.platform.db import db


@dataclass(frozen=True, slots=True)
class Known:
    """A code of an edition with the notes that hold for it, and what its system has of its own."""

    title: str
    notes: Mapping[str, tuple[str, ...]]
    own: Mapping[str, str] = field(default_factory=dict)


_known: dict[tuple[int, datetime], dict[str, Known | None]] = {}
_wrong: dict[tuple[int, datetime, date], dict[str, str]] = {}
_MOST_DAYS = 400


class CodeBook:
    """One reading of the editions: which is in force is asked once a day and system, codes once a process."""

    def __init__(self) -> None:
        self._editions: dict[tuple[str, date], tuple[int, datetime] | None] = {}

    def learn(self, system: str, on: date, codes: Iterable[str]) -> None:
        """Read what is not known yet of `codes` in as few statements as it takes."""
        edition = self.edition(system, on)
        if edition is None:
            return
        known = _known.setdefault(edition, {})
        fresh = {code for code in codes if code not in known}
        if fresh:
            found = lookup.lineages(fresh, on, system)
            known |= {code: _read(found.get(code, ())) for code in fresh}
        if len(_wrong) > _MOST_DAYS:
            _wrong.clear()
        wrong = _wrong.setdefault((*edition, on), {})
        unasked = {code for code in codes if code not in wrong}
        if unasked:
            why = lookup.unreportable(unasked, on, system)
            wrong |= {code: why.get(code, "") for code in unasked}

    def known(self, system: str, on: date, code: str) -> Known | None:
        """Return what the edition says of a code that was learned, or None where it has no such code."""
        edition = self.edition(system, on)
        return _known.get(edition, {}).get(code) if edition else None

    def why_not(self, system: str, on: date, code: str) -> str:
        """Return why a code that was learned cannot be reported on a day, "" where it can or no edition judges."""
        edition = self.edition(system, on)
        return _wrong.get((*edition, on), {}).get(code, "") if edition else ""

    def edition(self, system: str, on: date) -> tuple[int, datetime] | None:
        """Return the edition in force on a day and when it was loaded, or None."""
        if (system, on) not in self._editions:
            found = lookup.edition_on(on, system)
            loaded = (
                None if found is None else db.session.scalar(select(CodeSet.loaded_at).where(CodeSet.id == found))
            )
            self._editions[system, on] = None if found is None or loaded is None else (found, loaded)
        return self._editions[system, on]


def _read(levels: tuple[Code, ...]) -> Known | None:
    if not levels:
        return None
    notes = {kind: tuple(_lines(levels, kind)) for kind in NOTES}
    return Known(levels[0].title, {kind: lines for kind, lines in notes.items() if lines}, levels[0].own)


def _lines(levels: Iterable[Code], kind: str) -> Iterable[str]:
    for level in levels:
        note = level.notes.get(kind) or []
        yield from note.splitlines() if isinstance(note, str) else (str(line) for line in note)
