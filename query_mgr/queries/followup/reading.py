"""From tables to what the plan takes: the policy that applies, the hours that count, and what happened to a query."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from query_mgr.accounts.models import Provider
from query_mgr.charts.models import Encounter
from query_mgr.coding.models import EncounterCoding
from query_mgr.platform.db import chunks, db
from query_mgr.platform.web import current_settings
from query_mgr.queries.followup.calendar import Calendar
from query_mgr.queries.followup.duty import Away, Duty, Roster
from query_mgr.queries.followup.models import (
    DepartmentLead,
    DutyRoster,
    FollowUpPolicy,
    FollowUpStep,
    ProviderAbsence,
    QueryClockEvent,
    QueryFollowUp,
    SiteCalendar,
)
from query_mgr.queries.followup.plan import ClockEvent, Plan, plan
from query_mgr.queries.followup.policy import SHIPPED, Policy, Scope, in_force
from query_mgr.queries.followup.stored import BLANK_CALENDAR, calendar_of, policy_of
from query_mgr.queries.models import Query

WHY_AWAY = {
    "own": "away, by the provider's own word",
    "staff": "away, as staff noted",
    "auto_reply": "away, as an automatic reply said",
}


@dataclass(frozen=True)
class Applied:
    """A policy and the version that it stands in; "" where it ships."""

    policy: Policy
    ref: str


@dataclass(frozen=True)
class Followed:
    """One query with all that decides what follows it. done: keys of this round that were taken or left out."""

    query_id: int
    provider_id: int
    scope: Scope
    policy: Policy
    duty: Duty
    events: tuple[ClockEvent, ...]
    taken: frozenset[tuple[int, str]]

    def plan(self, until: datetime) -> Plan:
        """Return what follows."""
        return plan(self.policy, self.duty, self.events, until)

    def done(self, found: Plan) -> frozenset[str]:
        """Return the keys of the plan's round that were taken or left out."""
        return frozenset(key for round_, key in self.taken if round_ == found.round)


def scope_of(query: Query) -> Scope:
    """Return where a query belongs in the policy table."""
    encounter = query.encounter
    line = encounter.service_line or query.provider.service_line
    return Scope(encounter.facility, line, query.priority)


def latest_policies() -> list[FollowUpPolicy]:
    """Return the latest version of each row that the site wrote, withdrawn ones too."""
    last = select(func.max(FollowUpPolicy.id)).group_by(
        FollowUpPolicy.site, FollowUpPolicy.service_line, FollowUpPolicy.priority
    )
    found = select(FollowUpPolicy).where(FollowUpPolicy.id.in_(last))
    names = (FollowUpPolicy.site, FollowUpPolicy.service_line, FollowUpPolicy.priority)
    return list(db.session.scalars(found.order_by(*names)))


def policy_for(scope: Scope) -> Applied:
    """Return the policy in force for a query of `scope`: the site's own most specific row, or what ships."""
    own = [(Scope(one.site, one.service_line, one.priority), one) for one in latest_policies() if one.terms]
    found = in_force(own, scope)
    if found is not None:
        return Applied(policy_of(found[1].terms or {}), found[1].ref)
    shipped = in_force(SHIPPED, scope)
    assert shipped is not None  # one row is for any
    return Applied(shipped[1], "")


def latest_calendars() -> list[SiteCalendar]:
    """Return the latest version of each site's calendar."""
    last = select(func.max(SiteCalendar.id)).group_by(SiteCalendar.site)
    return list(
        db.session.scalars(select(SiteCalendar).where(SiteCalendar.id.in_(last)).order_by(SiteCalendar.site))
    )


class Calendars:
    """The calendars of all sites, read once."""

    def __init__(self) -> None:
        self._terms: dict[str, dict[str, Any]] = {one.site: one.terms for one in latest_calendars()}
        self._made: dict[str, Calendar] = {}

    def of(self, site: str) -> Calendar:
        """Return the calendar of `site`: its own, else the one for every site, else the one that ships."""
        key = site if site in self._terms else ""
        if key not in self._made:
            terms = self._terms.get(key, BLANK_CALENDAR)
            self._made[key] = calendar_of(terms, current_settings().time_zone)
        return self._made[key]


def absences_of(provider_ids: Collection[int]) -> dict[int, tuple[Away, ...]]:
    """Return, by provider, the absences that stand."""
    found: dict[int, list[Away]] = defaultdict(list)
    for ids in chunks(provider_ids):
        wanted = select(ProviderAbsence).where(
            ProviderAbsence.provider_id.in_(ids), ProviderAbsence.withdrawn_at.is_(None)
        )
        for one in db.session.scalars(wanted.order_by(ProviderAbsence.since_at, ProviderAbsence.id)):
            away = Away(one.since_at, one.until_at, WHY_AWAY[one.source], one.ref, one.cover_id, one.noted_at)
            found[one.provider_id].append(away)
    return {key: tuple(value) for key, value in found.items()}


def rosters_of(provider_ids: Collection[int]) -> dict[int, Roster]:
    """Return, by provider, the rosters that are kept."""
    found: dict[int, Roster] = {}
    for ids in chunks(provider_ids):
        for one in db.session.scalars(select(DutyRoster).where(DutyRoster.provider_id.in_(ids))):
            found[one.provider_id] = Roster(one.anchor_on, one.on_days, one.off_days, one.works_weekends)
    return found


def followed(query_ids: Collection[int]) -> list[Followed]:
    """Return all that decides what follows each of some queries, by id; those that nobody follows are left out."""
    calendars, found = Calendars(), []
    rows = [row for ids in chunks(query_ids) for row in _rows(ids)]
    people = {row.provider_id for row in rows}
    absences, rosters = absences_of(people), rosters_of(people)
    happened, taken = _events(rows), _taken(query_ids)
    for row in rows:
        duty = Duty(calendars.of(row.facility), absences.get(row.provider_id, ()), rosters.get(row.provider_id))
        scope = Scope(row.facility, row.service_line or row.own_line, row.priority)
        found.append(
            Followed(
                row.id,
                row.provider_id,
                scope,
                policy_of(row.terms),
                duty,
                happened[row.id],
                frozenset(taken[row.id]),
            )
        )
    return found


def _rows(ids: list[int]) -> Iterable[Any]:
    wanted = (
        select(
            Query.id, Query.provider_id, Query.priority, Query.sent_at, Encounter.facility, Encounter.service_line,
            Provider.service_line.label("own_line"), QueryFollowUp.terms, EncounterCoding.handed_off_at,
        )
        .join(QueryFollowUp, QueryFollowUp.query_id == Query.id)
        .join(Encounter, Encounter.id == Query.encounter_id)
        .join(Provider, Provider.id == Query.provider_id)
        .outerjoin(EncounterCoding, EncounterCoding.encounter_id == Encounter.id)
        .where(Query.id.in_(ids), QueryFollowUp.unfollowed_because == "")
    )  # fmt: skip
    return db.session.execute(wanted.order_by(Query.id)).all()


def _events(rows: list[Any]) -> dict[int, tuple[ClockEvent, ...]]:
    kept: dict[int, list[ClockEvent]] = defaultdict(list)
    for ids in chunks(row.id for row in rows):
        wanted = select(QueryClockEvent).where(QueryClockEvent.query_id.in_(ids)).order_by(QueryClockEvent.id)
        for one in db.session.scalars(wanted):
            kept[one.query_id].append(ClockEvent(one.kind, one.at))
    for row in rows:
        # A query after the bill is an auditor's: the bill that was there before does not end it (field.md Q24).
        if row.handed_off_at is not None and row.sent_at is not None and row.handed_off_at > row.sent_at:
            kept[row.id].append(ClockEvent("bill", row.handed_off_at))
    return {row.id: tuple(kept[row.id]) for row in rows}


def _taken(query_ids: Collection[int]) -> dict[int, set[tuple[int, str]]]:
    found: dict[int, set[tuple[int, str]]] = defaultdict(set)
    for ids in chunks(query_ids):
        wanted = select(FollowUpStep.query_id, FollowUpStep.round, FollowUpStep.key)
        for query_id, round_, key in db.session.execute(wanted.where(FollowUpStep.query_id.in_(ids))):
            found[query_id].add((round_, key))
    return found


def leads() -> dict[tuple[str, str], int]:
    """Return who leads which department: provider ids by site ("" any) and service line."""
    wanted = select(DepartmentLead.site, DepartmentLead.service_line, DepartmentLead.provider_id)
    return {(site, line): provider_id for site, line, provider_id in db.session.execute(wanted)}
