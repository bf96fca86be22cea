"""Note identities that may be one person, when one of them is stored."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import insert, select

from query_mgr.charts.identity import survivors
from query_mgr.charts.likeness import Person, folded, likeness
from query_mgr.charts.models import IdentityPair, Patient
from query_mgr.platform import clock
from query_mgr.platform.db import chunks, db
from query_mgr.platform.ids import new_ref

#: more people of one name, birth date and sex are a sender's filler values: pairs of them would help nobody decide
_CROWD = 50
_WHO = (
    Patient.source_key,
    Patient.family_name,
    Patient.given_names,
    Patient.birth_on,
    Patient.sex,
    Patient.mrn,
)


def note(keys: Collection[str]) -> None:
    """Note every pair of one of these patients with somebody alike, unless it was noted before."""
    for chunk in chunks(keys):
        _note(chunk)


def _note(keys: Collection[str]) -> None:
    mine = db.session.execute(
        select(*_WHO).where(Patient.source_key.in_(keys), Patient.birth_on.is_not(None))
    ).all()
    if not mine:
        return
    days = {row.birth_on for row in mine}
    namesakes: dict[Any, list[Any]] = {}
    for row in db.session.execute(select(*_WHO).where(Patient.birth_on.in_(days))):
        namesakes.setdefault(_called(row), []).append(row)
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for row in mine:
        others = namesakes[_called(row)]
        if len(others) > _CROWD:
            continue
        for other in others:
            alike = likeness(_person(row), _person(other)) if other.source_key != row.source_key else None
            if alike:
                first, second = sorted((row.source_key, other.source_key))
                found[first, second] = {"score": alike.score, "reasons": list(alike.reasons)}
    if found:
        _write(found)


def _called(row: Any) -> tuple[Any, ...]:
    """Return what two people must share to be alike at all."""
    return row.birth_on, row.sex, folded(row.family_name)


def _write(found: dict[tuple[str, str], dict[str, Any]]) -> None:
    firsts = {first for first, _ in found}
    asked = select(IdentityPair.first_key, IdentityPair.second_key).where(IdentityPair.first_key.in_(firsts))
    known = {(row.first_key, row.second_key) for row in db.session.execute(asked)}
    now_is = survivors({key for pair in found for key in pair})
    rows = [
        {"ref": new_ref(), "first_key": first, "second_key": second, "found_at": clock.now(), **alike}
        for (first, second), alike in found.items()
        if (first, second) not in known and now_is.get(first, first) != now_is.get(second, second)
    ]
    if rows:
        db.session.execute(insert(IdentityPair), rows)


def _person(row: Any) -> Person:
    return Person(row.family_name, row.given_names, row.birth_on, row.sex, row.mrn)
