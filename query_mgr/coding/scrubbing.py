"""The scrubber at work: findings of an encounter, what was caught, and what a coder overrode with a reason."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from query_mgr.accounts.session import Actor
from query_mgr.audit import actions as audit
from query_mgr.charts.models import Encounter
from query_mgr.coding.codeset import CodingError
from query_mgr.coding.gather import case_of
from query_mgr.coding.models import CaughtError
from query_mgr.coding.scrub.case import Case
from query_mgr.coding.scrub.catalogue import scrub
from query_mgr.coding.scrub.registry import SEVERITIES, Finding
from query_mgr.coding.work import allow, when_changed
from query_mgr.platform import clock
from query_mgr.platform.db import db, unit_of_work


@dataclass(frozen=True)
class Scrubbed:
    """An encounter's findings. overridden: key -> what somebody said why it stays."""

    case: Case
    findings: tuple[Finding, ...]
    overridden: dict[str, CaughtError]

    @property
    def open(self) -> tuple[Finding, ...]:
        """What nobody has overridden."""
        return tuple(one for one in self.findings if one.key not in self.overridden)

    @property
    def blocking(self) -> tuple[Finding, ...]:
        """What keeps the encounter from being final."""
        return tuple(one for one in self.open if SEVERITIES[one.severity].blocks)


def scrubbed(encounter: Encounter) -> Scrubbed:
    """Return what the edits find in an encounter now. Reads only."""
    case = case_of(encounter)
    known = select(CaughtError).where(CaughtError.encounter_id == encounter.id, CaughtError.state == "overridden")
    return Scrubbed(case, scrub(case), {one.key: one for one in db.session.scalars(known)})


def note_findings(actor: Actor, encounter: Encounter) -> Scrubbed:
    """Write down what is found, and what is no longer: a caught error is a finding that was put right.

    An override whose finding is gone is settled as fixed; if it comes back, it wants a reason again.
    """
    with unit_of_work():
        case = case_of(encounter)
        found = {one.key: one for one in scrub(case)}
        rows = {
            one.key: one
            for one in db.session.scalars(select(CaughtError).where(CaughtError.encounter_id == encounter.id))
        }
        now = clock.now()
        for key, one in found.items():
            row = rows.get(key)
            if row is None:
                db.session.add(_caught(encounter, one))
            elif row.state == "fixed":
                row.state, row.reason, row.settled_at, row.settled_by = "open", "", None, ""
        for key, row in rows.items():
            if key not in found and row.state != "fixed":
                row.state, row.settled_at, row.settled_by = "fixed", now, actor.email
        overridden = {key: row for key, row in rows.items() if row.state == "overridden"}
        return Scrubbed(case, tuple(found.values()), overridden)


def _caught(encounter: Encounter, one: Finding) -> CaughtError:
    return CaughtError(
        encounter_id=encounter.id, key=one.key, edit=one.edit, severity=one.severity, codes=list(one.codes),
        message=one.message, state="open", found_at=clock.now(),
    )  # fmt: skip


def override(actor: Actor, encounter: Encounter, key: str, reason: str) -> None:
    """Let a finding stand, with a reason. Raises CodingError where its severity forbids it or it is not there."""
    allow(actor)
    reason = reason.strip()
    if len(reason) < 3:
        raise CodingError("Say why this may stand; the reason is kept with the encounter.")
    with unit_of_work():
        now = note_findings(actor, encounter)
        found = next((one for one in now.findings if one.key == key), None)
        if found is None:
            raise CodingError("This finding is no longer there; load the page again.")
        if not SEVERITIES[found.severity].may_be_overridden:
            raise CodingError(f"“{found.title}” must be fixed; it cannot be overridden.")
        db.session.flush()
        row = db.session.scalars(
            select(CaughtError).where(CaughtError.encounter_id == encounter.id, CaughtError.key == key)
        ).one()
        row.state, row.reason, row.settled_at, row.settled_by = (
            "overridden",
            reason[:2000],
            clock.now(),
            actor.email,
        )
        audit.record(actor.email, "edit.overridden", "encounter", encounter.ref, edit=found.edit)


def withdraw_override(actor: Actor, encounter: Encounter, key: str) -> None:
    """Take an override back. Raises CodingError where there is none."""
    allow(actor)
    with unit_of_work():
        query = select(CaughtError).where(CaughtError.encounter_id == encounter.id, CaughtError.key == key)
        row = db.session.scalar(query.where(CaughtError.state == "overridden"))
        if row is None:
            raise CodingError("Nobody overrode this finding.")
        row.state, row.reason, row.settled_at, row.settled_by = "open", "", None, ""
        audit.record(actor.email, "edit.override_withdrawn", "encounter", encounter.ref, edit=row.edit)


def register() -> None:
    """Note findings whenever the codes of an encounter change."""
    when_changed(note_findings)
