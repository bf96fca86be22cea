"""Frequent sets: codes that are often assigned together, kept by one coder or shared with all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, or_, select

from query_mgr.accounts.models import User
from query_mgr.accounts.session import Actor
from query_mgr.charts.models import Encounter
from query_mgr.coding import actions, lines, status
from query_mgr.coding.codeset import CodingError
from query_mgr.coding.models import CodeAssignment, FrequentSet
from query_mgr.coding.work import DIAGNOSIS, allow, coding_of, kind_of
from query_mgr.platform import clock
from query_mgr.platform.db import db, unit_of_work

MOST_LINES = 60
MOST_SETS = 100
_NAME_LENGTH = 80


@dataclass(frozen=True)
class Listed:
    """A set as the page offers it. is_own: this person may rename and delete it."""

    ref: str
    name: str
    is_shared: bool
    is_own: bool
    by: str
    codes: tuple[str, ...]


@dataclass(frozen=True)
class Applied:
    """What came of applying a set. refused: code -> why."""

    name: str
    added: tuple[str, ...]
    refused: Mapping[str, str]


def sets_for(actor: Actor) -> list[Listed]:
    """Return the sets that somebody can apply, their own first, by name."""
    query = (
        select(FrequentSet, User.name)
        .join(User, User.id == FrequentSet.user_id)
        .where(or_(FrequentSet.user_id == actor.user_id, FrequentSet.is_shared))
        .order_by(FrequentSet.user_id != actor.user_id, func.lower(FrequentSet.name), FrequentSet.id)
    )
    return [
        Listed(one.ref, one.name, one.is_shared, one.user_id == actor.user_id, by,
               tuple(line["code"] for line in one.lines))
        for one, by in db.session.execute(query.limit(2 * MOST_SETS))
    ]  # fmt: skip


def keep_set(actor: Actor, encounter: Encounter, name: str, is_shared: bool = False) -> FrequentSet:
    """Keep the encounter's codes as a set.

    Of a code only what is the same for every patient is kept: that it is exempt from POA, its modifiers and units. A
    POA of Y or N says when this patient fell ill. Raises CodingError for a name that is taken or none.
    """
    allow(actor)
    with unit_of_work():
        name = _free_name(actor, name)
        query = select(CodeAssignment).where(CodeAssignment.encounter_id == encounter.id)
        found = db.session.scalars(query.order_by(CodeAssignment.system, CodeAssignment.sequence)).all()
        if not found:
            raise CodingError("There is no code on this encounter yet to keep as a set.")
        if len(found) > MOST_LINES:
            raise CodingError(f"A set holds at most {MOST_LINES} codes; this encounter has {len(found)}.")
        assert actor.user_id is not None
        kept = FrequentSet(
            user_id=actor.user_id, name=name, is_shared=is_shared, lines=[_kept(one) for one in found],
            made_at=clock.now(),
        )  # fmt: skip
        db.session.add(kept)
        return kept


def _kept(row: CodeAssignment) -> dict[str, Any]:
    return {
        "system": row.system,
        "code": row.code,
        "poa": row.poa if row.poa == "1" else "",
        "modifiers": row.modifiers,
        "units": row.units,
    }


def _free_name(actor: Actor, name: str, but: int | None = None) -> str:
    name = " ".join(name.split())
    if not name or len(name) > _NAME_LENGTH:
        raise CodingError(f"Name of the set: write one of at most {_NAME_LENGTH} characters.")
    own = db.session.execute(
        select(FrequentSet.id, FrequentSet.name).where(FrequentSet.user_id == actor.user_id)
    ).all()
    if any(taken.casefold() == name.casefold() and known != but for known, taken in own):
        raise CodingError(f"You have a set “{name}” already; choose another name.")
    if but is None and len(own) >= MOST_SETS:
        raise CodingError(f"You have {MOST_SETS} sets; delete one first.")
    return name


def apply_set(actor: Actor, encounter: Encounter, ref: str) -> Applied:
    """Assign the codes of a set to an encounter, each checked for its date. Codes that are there already stay.

    Raises CodingError where the set is gone, or the codes of the encounter cannot be changed now.
    """
    allow(actor)
    with unit_of_work():
        kept = _usable(actor, ref)
        status.after(coding_of(encounter).status, "change")
        added: list[str] = []
        refused: dict[str, str] = {}
        there = _there(encounter)
        for line in kept.lines:
            if line["code"] in there:
                refused[line["code"]] = "it is on this encounter already"
                continue
            try:
                _assign(actor, encounter, line, kept.name)
                added.append(line["code"])
            except CodingError as error:
                refused[line["code"]] = str(error)
        return Applied(kept.name, tuple(added), refused)


def _there(encounter: Encounter) -> set[str]:
    query = select(CodeAssignment.code).where(CodeAssignment.encounter_id == encounter.id)
    return set(db.session.scalars(query))


def _assign(actor: Actor, encounter: Encounter, line: Mapping[str, Any], name: str) -> None:
    reason = f"from the set “{name}”"
    if kind_of(line["system"]) == DIAGNOSIS:
        actions.assign(actor, encounter, line["code"], poa=line["poa"], reason=reason)
    else:
        more = {key: line[key] for key in ("modifiers", "units") if line.get(key)}
        lines.add_line(actor, encounter, line["system"], line["code"], reason=reason, **more)


def rename_set(actor: Actor, ref: str, name: str, is_shared: bool) -> None:
    """Give an own set another name, and share it or not. Raises CodingError."""
    allow(actor)
    with unit_of_work():
        kept = _own(actor, ref)
        kept.name, kept.is_shared = _free_name(actor, name, kept.id), is_shared


def delete_set(actor: Actor, ref: str) -> None:
    """Delete an own set. Raises CodingError where it is somebody else's or gone."""
    allow(actor)
    with unit_of_work():
        db.session.delete(_own(actor, ref))


def _usable(actor: Actor, ref: str) -> FrequentSet:
    found = db.session.scalar(select(FrequentSet).where(FrequentSet.ref == ref))
    if found is None or not (found.is_shared or found.user_id == actor.user_id):
        raise CodingError("This set is gone; load the page again.")
    return found


def _own(actor: Actor, ref: str) -> FrequentSet:
    found = _usable(actor, ref)
    if found.user_id != actor.user_id:
        raise CodingError("Only who made a set can change it; keep the codes as a set of your own.")
    return found
