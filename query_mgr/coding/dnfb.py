"""Discharged, not final billed: every account that waits for its codes, why, and for how long."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, or_, select

from query_mgr.charts.models import Encounter, Patient, SentCode
from query_mgr.coding.handoff.models import HandOff
from query_mgr.coding.models import CaughtError, EncounterCoding
from query_mgr.coding.scrub.registry import SEVERITIES
from query_mgr.coding.status import PEND_REASONS, WITH_BILLING
from query_mgr.platform import clock
from query_mgr.platform.db import db
from query_mgr.platform.web import current_settings

PAGE = 50

#: why an account is held -> what the page calls it, in the order in which the first that fits counts
HOLDS = {
    **{f"pend_{name}": f"Pended: {words[0].lower()}{words[1:]}" for name, words in PEND_REASONS.items()},
    "attention": "Billing refused a message",
    "sending": "On its way to billing",
    "returned": "Returned by billing",
    "correcting": "Being corrected",
    "question": "An open query",
    "findings": "Findings to fix",
    "not_started": "Not started",
    "in_progress": "In progress",
    "ready": "Ready to be made final",
    "final": "Final, not handed off",
}


@dataclass(frozen=True)
class Wanted:
    """Which accounts. hold: a key of HOLDS, or "" for all; is_late: only those beyond the bill hold.

    after: the mark that the page before gave.
    """

    hold: str = ""
    is_late: bool = False
    after: str = ""


class Account(NamedTuple):
    """One account as the list shows it. findings: those that keep it from being final."""

    id: int
    ref: str
    number: str
    encounter_class: str
    discharged_at: datetime
    family_name: str
    given_names: str
    mrn: str
    payer: str
    status: str
    pend_note: str
    wake_on: date | None
    coder: str
    findings: int
    hold: str
    days: int
    is_late: bool

    @property
    def patient(self) -> str:
        """The patient's name, family name first."""
        return ", ".join(filter(None, (self.family_name, self.given_names)))


class Total(NamedTuple):
    """How many accounts are held for one reason, and how many of them are beyond the bill hold."""

    hold: str
    accounts: int
    late: int


class Dnfb:
    """The accounts of one moment.

    is_asked: whether a query of the encounter (a row of `Encounter`) is open; the slice of the queries knows.
    """

    def __init__(self, is_asked: ColumnElement[bool]) -> None:
        self._zone = ZoneInfo(current_settings().time_zone)
        self._now = clock.now()
        self._today = self._now.astimezone(self._zone).date()
        first = self._today - timedelta(days=current_settings().billing_hold_days)
        #: discharged before it is beyond the bill hold
        self._cutoff = datetime.combine(first, time(), self._zone)
        self._hold = _hold(is_asked)

    def page(self, wanted: Wanted) -> tuple[list[Account], str]:
        """Return a page of accounts, the oldest discharge first, and the mark of the next page, "" on the last."""
        found = self._held(select(*_COLUMNS, _FINDINGS, self._hold))
        found = found.order_by(Encounter.discharged_at, Encounter.id).limit(PAGE + 1)
        if wanted.hold:
            found = found.where(self._hold == wanted.hold)
        if wanted.is_late:
            found = found.where(Encounter.discharged_at < self._cutoff)
        mark = _read(wanted.after)
        if mark:
            found = found.where(
                Encounter.discharged_at >= mark[0], or_(Encounter.discharged_at > mark[0], Encounter.id > mark[1])
            )
        rows = [self._account(row) for row in db.session.execute(found)]
        more = len(rows) > PAGE
        return rows[:PAGE], f"{rows[PAGE - 1].discharged_at.isoformat()}~{rows[PAGE - 1].id}" if more else ""

    def totals(self) -> list[Total]:
        """Return how many accounts are held for which reason, in the order of HOLDS."""
        inner = self._held(select(Encounter.id, Encounter.discharged_at, self._hold.label("hold"))).subquery()
        late = func.sum(case((inner.c.discharged_at < self._cutoff, 1), else_=0))
        found = select(inner.c.hold, func.count(), late).group_by(inner.c.hold)
        by_hold = {row[0]: Total._make(row) for row in db.session.execute(found)}
        return [by_hold[name] for name in HOLDS if name in by_hold]

    def _held(self, columns: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
        """Leave those that were discharged and that billing does not have.

        A stay that nobody codes here and whose claim came with its chart was billed elsewhere.
        """
        billed = exists().where(SentCode.encounter_id == Encounter.id, SentCode.origin == "claim")
        return (
            columns.select_from(Encounter)
            .join(Patient, Patient.id == Encounter.patient_id)
            .outerjoin(EncounterCoding, EncounterCoding.encounter_id == Encounter.id)
            .where(Encounter.discharged_at.is_not(None), Encounter.discharged_at <= self._now)
            .where(
                or_(EncounterCoding.status.not_in(WITH_BILLING), and_(EncounterCoding.status.is_(None), ~billed))
            )
            .where(Encounter.status.not_in(("cancelled", "entered-in-error", "entered_in_error")))
        )

    def _account(self, row: Any) -> Account:
        discharged_at: datetime = row[4]
        days = (self._today - discharged_at.astimezone(self._zone).date()).days
        return Account._make((*row, days, discharged_at < self._cutoff))


_BLOCKING = tuple(name for name, one in SEVERITIES.items() if one.blocks)
_FINDINGS = (
    select(func.count(CaughtError.id))
    .where(
        CaughtError.encounter_id == Encounter.id,
        CaughtError.state == "open",
        CaughtError.severity.in_(_BLOCKING),
    )
    .correlate(Encounter)
    .scalar_subquery()
)
_COLUMNS = (
    Encounter.id, Encounter.ref, Encounter.number, Encounter.encounter_class, Encounter.discharged_at,
    Patient.family_name, Patient.given_names, Patient.mrn, Encounter.payer,
    func.coalesce(EncounterCoding.status, "not_started"), func.coalesce(EncounterCoding.pend_note, ""),
    EncounterCoding.wake_on, func.coalesce(EncounterCoding.coder, ""),
)  # fmt: skip


def _hold(is_asked: ColumnElement[bool]) -> ColumnElement[str]:
    """Return the reason as SQL: the first of HOLDS that fits."""

    def has(state: str) -> ColumnElement[bool]:
        return exists().where(HandOff.encounter_id == Encounter.id, HandOff.state == state).correlate(Encounter)

    status = func.coalesce(EncounterCoding.status, "not_started")
    return case(
        (status == "pended", "pend_" + EncounterCoding.pend_reason),
        (and_(status == "final", has("refused")), "attention"),
        (and_(status == "final", has("waiting")), "sending"),
        (status.in_(("returned", "correcting")), status),
        (is_asked, "question"),
        (and_(status.not_in(("final", "ready")), _FINDINGS > 0), "findings"),
        else_=status,
    )


def _read(mark: str) -> tuple[datetime, int] | None:
    at, _, number = mark.partition("~")
    try:
        read = datetime.fromisoformat(at), int(number)
    except ValueError:
        return None
    return read if read[0].tzinfo and abs(read[1]) < 2**62 else None
