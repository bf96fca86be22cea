"""The list of queries, newest change first, a page at a time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import or_, select

from query_mgr.accounts.models import Provider
from query_mgr.charts.models import Encounter, Patient
from query_mgr.platform.db import db
from query_mgr.queries.models import Query

PAGE = 50


@dataclass(frozen=True)
class Wanted:
    """Which queries: "" and None stand for all. after: the mark that the page before gave."""

    status: str = ""
    provider_ref: str = ""
    author_id: int | None = None
    after: str = ""


class Row(NamedTuple):
    """One query as the list shows it."""

    id: int
    ref: str
    status: str
    title: str
    outcome: str
    sent_at: datetime | None
    due_at: datetime | None
    updated_at: datetime
    family_name: str
    given_names: str
    provider_name: str
    credentials: str

    @property
    def patient(self) -> str:
        """The patient's name, family name first."""
        return ", ".join(filter(None, (self.family_name, self.given_names)))

    @property
    def provider(self) -> str:
        """The provider's name and credentials."""
        return ", ".join(filter(None, (self.provider_name, self.credentials)))


#: only what the list shows: a query carries its snapshot and its evidence, which fifty rows need not load
_COLUMNS = (
    Query.id, Query.ref, Query.status, Query.title, Query.outcome, Query.sent_at, Query.due_at, Query.updated_at,
    Patient.family_name, Patient.given_names, Provider.name, Provider.credentials,
)  # fmt: skip


def page(wanted: Wanted) -> tuple[list[Row], str]:
    """Return a page of queries and the mark of the next one, "" on the last. An unreadable mark begins anew."""
    found = (
        select(*_COLUMNS)
        .join(Encounter, Encounter.id == Query.encounter_id)
        .join(Patient, Patient.id == Encounter.patient_id)
        .join(Provider, Provider.id == Query.provider_id)
        .order_by(Query.updated_at.desc(), Query.id.desc())
        .limit(PAGE + 1)
    )
    if wanted.status:
        found = found.where(Query.status == wanted.status)
    if wanted.provider_ref:
        found = found.where(Provider.ref == wanted.provider_ref)
    if wanted.author_id is not None:
        found = found.where(Query.author_id == wanted.author_id)
    mark = _read(wanted.after)
    if mark:
        found = found.where(Query.updated_at <= mark[0], or_(Query.updated_at < mark[0], Query.id < mark[1]))
    rows = [Row._make(row) for row in db.session.execute(found)]
    more = len(rows) > PAGE
    return rows[:PAGE], f"{rows[PAGE - 1].updated_at.isoformat()}~{rows[PAGE - 1].id}" if more else ""


def _read(mark: str) -> tuple[datetime, int] | None:
    at, _, number = mark.partition("~")
    try:
        read = datetime.fromisoformat(at), int(number)
    except ValueError:
        return None
    return read if read[0].tzinfo and abs(read[1]) < 2**62 else None
