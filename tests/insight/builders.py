"""Queries as the metrics see them, and as the database keeps them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from query_mgr.accounts.models import Provider, User
from query_mgr.charts.models import Encounter, Patient
from query_mgr.insight.metrics import QueryRow
from query_mgr.platform.db import db, unit_of_work
from query_mgr.queries.models import Query

NOW = datetime(2026, 11, 2, 14, 0, tzinfo=UTC)


def times(
    sent: datetime, respond: float | None, answer: float | None, close: float | None
) -> dict[str, datetime | None]:
    """Return the times of a query from the hours after sending; it was delivered as it was sent."""

    def after(hours: float | None) -> datetime | None:
        return None if hours is None else sent + timedelta(hours=hours)

    return {
        "sent_at": sent,
        "delivered_at": sent,
        "responded_at": after(respond),
        "answered_at": after(answer),
        "closed_at": after(close),
    }


def a_row(
    days_ago: float = 10,
    respond: float | None = None,
    *,
    answer: float | None = None,
    close: float | None = None,
    **fields: Any,
) -> QueryRow:
    """Build one row, sent `days_ago` days before NOW; hours count from sending."""
    answer = respond if answer is None and fields.get("outcome") else answer
    default = {"ref": "q", "title": "", "status": "answered" if answer is not None else "delivered", "outcome": "",
               "provider": "Reyes", "provider_ref": "p1", "service_line": "Medicine"}  # fmt: skip
    moments = times(NOW - timedelta(days=days_ago), respond, answer, close)
    return QueryRow(**{**default, **moments, **fields})


class Hospital:
    """Two providers on two service lines, and one author."""

    def __init__(self) -> None:
        with unit_of_work():
            self.author = User(email="cdi@h.test", name="C. Author", active=True, fs_uniquifier="author")
            self.reyes = Provider(name="A. Reyes", npi="1234567893", created_at=NOW)
            self.okafor = Provider(name="=cmd|'/C calc'!A0", created_at=NOW)
            patient = Patient(source_key="P/1", content_hash="0", mrn="1", family_name="Secretname")
            self.stays = {
                line: Encounter(
                    source_key=f"E/{line}",
                    content_hash="0",
                    patient=patient,
                    number="1",
                    encounter_class="inpatient",
                    admitted_at=NOW,
                    service_line=line,
                )
                for line in ("Medicine", "Surgery")
            }
            db.session.add_all([self.author, self.reyes, self.okafor, *self.stays.values()])

    def asks(
        self,
        sent: datetime,
        respond: float | None = None,
        *,
        line: str = "Medicine",
        to: Provider | None = None,
        outcome: str = "",
        status: str = "",
        **fields: Any,
    ) -> Query:
        """Store a query sent at `sent` with a response `respond` hours later."""
        with unit_of_work():
            query = Query(
                encounter_id=self.stays[line].id,
                provider_id=(to or self.reyes).id,
                author_id=self.author.id,
                purpose="specificity",
                query_type="multiple_choice",
                timing="concurrent",
                title="Kidney injury",
                question="?",
                status=status or ("answered" if outcome else "delivered"),
                outcome=outcome,
                created_at=sent,
                updated_at=sent,
                **{**times(sent, respond, respond if outcome else None, None), **fields},
            )
            db.session.add(query)
        return query
