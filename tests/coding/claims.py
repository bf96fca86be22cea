"""Cases for edits without a database: codes in a line, with the titles and notes of the whole tabular."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache
from typing import Any

from query_mgr.coding.scrub.case import NOTES, Case, Diagnosis
from query_mgr.coding.scrub.catalogue import EDITS
from query_mgr.coding.scrub.registry import Finding, run
from tests.coding.edition import _all

ADMITTED = date(2026, 6, 1)


@cache
def _known(code: str) -> tuple[str, dict[str, tuple[str, ...]]]:
    levels, at = [], _all()[code]
    while at is not None and at not in levels:
        levels.append(at)
        at = _all().get(at.parent or "")
    notes = {kind: tuple(line for level in levels for line in _lines(level.notes.get(kind))) for kind in NOTES}
    return levels[0].title, {kind: lines for kind, lines in notes.items() if lines}


def _lines(note: Any) -> list[str]:
    return note.splitlines() if isinstance(note, str) else list(note or ())


def a_claim(text: str, kind: str = "inpatient", **more: Any) -> Case:
    """Build a case from "A41.9/Y N39.0/Y"; the first code is the principal. `more` are fields of Case."""
    diagnoses = []
    for place, one in enumerate(text.split(), start=1):
        code, _, poa = one.partition("/")
        title, notes = _known(code)
        diagnoses.append(Diagnosis(f"d{place}", code, title, place, poa, notes))
    day = ADMITTED + timedelta(days=4)
    fields: dict[str, Any] = {"sex": "female", "birth_on": date(1966, 1, 1), **more}
    return Case("e1", kind, ADMITTED, day, day, diagnoses=tuple(diagnoses), **fields)


def found(text: str, *edits: str, **more: Any) -> list[Finding]:
    """Return what `edits` find on a claim."""
    return list(run(a_claim(text, **more), [one for one in EDITS if one.id in edits]))
