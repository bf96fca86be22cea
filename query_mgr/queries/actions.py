"""What staff can do with a query: draft, send, reply, re-send, cancel."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import render_template
from sqlalchemy import select

from query_mgr.accounts.models import Provider
from query_mgr.accounts.session import Actor
from query_mgr.audit import actions as audit
from query_mgr.charts.models import Encounter
from query_mgr.platform import clock
from query_mgr.platform.db import db, unit_of_work
from query_mgr.platform.web import current_settings
from query_mgr.queries import events, lifecycle
from query_mgr.queries.lint import Finding, is_compliant, lint
from query_mgr.queries.lint_input import draft_of
from query_mgr.queries.models import Query, QueryComment, QueryIndicator, QueryIndicatorReading
from query_mgr.queries.snapshot import digest, snapshot_of

PURPOSES = ("specificity", "acuity", "clinical_validation", "poa", "cause_effect", "conflict", "new_condition",
            "procedure")  # fmt: skip
QUERY_TYPES = ("multiple_choice", "yes_no", "open_ended")
OPTION_KINDS = tuple(lifecycle.OUTCOMES)
LONGEST_TEXT = 8000  # characters of body or question; a provider reads it on a phone


class QueryError(ValueError):
    """A draft cannot be kept or sent as it is; the message names the field."""


class SendBlockedError(QueryError):
    """The lint found errors, or warnings without a reason."""

    def __init__(self, findings: tuple[Finding, ...], text: str) -> None:
        super().__init__(text)
        self.findings = findings


@dataclass(frozen=True)
class IndicatorInput:
    """A clinical indicator as it was picked from the chart."""

    source_kind: str
    source_ref: str
    source_label: str
    author_role: str
    text: str
    observed_at: datetime
    start: int | None
    end: int | None
    source_hash: str
    encounter_scope: str = "current"
    fact_refs: tuple[str, ...] = ()
    source_state: str = ""  # what became of the source meanwhile: see evidence.STATES

    def row(self, position: int) -> QueryIndicator:
        """Return it as it is kept with a query."""
        values = {name: value for name, value in asdict(self).items() if name != "fact_refs"}
        readings = [QueryIndicatorReading(fact_ref=ref) for ref in self.fact_refs]
        return QueryIndicator(position=position, readings=readings, **values)


@dataclass(frozen=True)
class QueryInput:
    """Everything of a draft that its author decides."""

    title: str
    question: str
    body: str = ""
    purpose: str = "specificity"
    query_type: str = "multiple_choice"
    condition: str = ""
    template_key: str = ""
    template_version: str = ""
    options: tuple[dict[str, Any], ...] = ()
    indicators: tuple[IndicatorInput, ...] = ()


def locked(query_id: int) -> Query:
    """Return the query as it is now, held against others until the transaction ends."""
    found = select(Query).where(Query.id == query_id).with_for_update(of=Query)
    return db.session.scalars(found.execution_options(populate_existing=True)).one()


def move(query: Query, event: str, actor: str, **detail: Any) -> None:
    """Take one step of the lifecycle in the running transaction, with its audit event.

    Raises lifecycle.NotPossibleError.
    """
    before, query.status = query.status, lifecycle.after(query.status, event)
    query.updated_at = clock.now()
    audit.record(actor, f"query.{event}", "query", query.ref, before=before, after=query.status, **detail)


def save_draft(
    actor: Actor, encounter: Encounter, provider: Provider, content: QueryInput, query: Query | None = None
) -> Query:
    """Create a draft, or change one that was not sent yet.

    Raises QueryError, lifecycle.NotPossibleError, accounts.NotAllowedError.
    """
    actor.must("query.compose")
    _check(content)
    with unit_of_work():
        now = clock.now()
        timing, provider_id = _timing(encounter), provider.id
        if query is None:
            query = Query(encounter_id=encounter.id, author_id=actor.user_id, created_at=now, status="draft")
        else:
            query = locked(query.id)
            if query.status != "draft":
                raise lifecycle.NotPossibleError("This query was sent; what was sent can no longer be changed.")
        for name, value in asdict(content).items():
            if name not in {"indicators", "options"}:
                setattr(query, name, value)
        query.provider_id, query.timing, query.updated_at = provider_id, timing, now
        query.options = [dict(option) for option in content.options]
        query.indicators = [one.row(place) for place, one in enumerate(content.indicators, 1)]
        db.session.add(query)
        db.session.flush()
        audit.record(actor.email, "query.drafted", "query", query.ref, indicators=len(query.indicators))
    return query


def _timing(encounter: Encounter) -> str:
    return "retrospective" if encounter.discharged_at else "concurrent"


def _check(content: QueryInput) -> None:
    for name, text, limit in (
        ("title", content.title, 200),
        ("body", content.body, LONGEST_TEXT),
        ("question", content.question, LONGEST_TEXT),
    ):
        if len(text) > limit:
            raise QueryError(f"The {name} is longer than {limit} characters; shorten it.")
        if "\x00" in text:
            raise QueryError(f"The {name} contains a NUL character; type it again without.")
    if not content.title.strip() or not content.question.strip():
        raise QueryError("A query needs a title and a question.")
    for name, value, known in (
        ("purpose", content.purpose, PURPOSES),
        ("query type", content.query_type, QUERY_TYPES),
        *(("option kind", str(option.get("kind")), OPTION_KINDS) for option in content.options),
    ):
        if value not in known:
            raise QueryError(f"The {name} {value!r} is none of: {', '.join(known)}.")
    keys = [str(option.get("key", "")) for option in content.options]
    if (
        len(set(keys)) != len(keys)
        or "" in keys
        or not all(str(o.get("label", "")).strip() for o in content.options)
    ):
        raise QueryError("Every option needs a label and a key of its own.")


def findings_of(query: Query) -> tuple[Finding, ...]:
    """Return what the compliance lint says of `query` now."""
    return lint(draft_of(query))


def send(actor: Actor, query: Query, override_reason: str = "") -> Query:
    """Send a draft to its provider.

    Raises SendBlockedError for lint errors, or warnings without a reason; QueryError where the provider cannot
    be reached; lifecycle.NotPossibleError.
    """
    actor.must("query.send")
    with unit_of_work():
        query = locked(query.id)
        if not (query.provider.is_active and query.provider.email):
            raise QueryError("The provider is inactive or has no email address on file; choose another or add it.")
        if any(one.source_state for one in query.indicators):
            raise QueryError(
                "The chart took back or corrected some of the evidence; take it off, or pick it anew."
            )
        findings = findings_of(query)
        _gate(findings, override_reason)
        now = clock.now()
        move(query, "send", actor.email, warnings=[one.rule for one in findings])
        query.lint, query.override_reason = [asdict(one) for one in findings], override_reason.strip()
        query.sent_at, query.due_at = now, now + timedelta(hours=current_settings().query_due_hours)
        query.snapshot = snapshot_of(query)
        query.snapshot_hash = digest(query.snapshot)
        query.snapshot_html = render_template("queries/question.html", snapshot=query.snapshot)
        events.publish("sent", query)
    return query


def _gate(findings: tuple[Finding, ...], reason: str) -> None:
    if not is_compliant(findings):
        raise SendBlockedError(findings, "The compliance check found errors; mend them before sending.")
    if findings and not reason.strip():
        raise SendBlockedError(findings, "There are warnings: mend them, or give a reason that is kept.")


def reply(actor: Actor, query: Query, text: str) -> Query:
    """Answer a provider who asked for more information; the provider gets a new link.

    Raises QueryError for an empty text; lifecycle.NotPossibleError.
    """
    actor.must("query.reply")
    if not text.strip() or len(text) > LONGEST_TEXT:
        raise QueryError(f"Write a reply of at most {LONGEST_TEXT} characters.")
    with unit_of_work():
        query = locked(query.id)
        add_comment(query, "staff", actor.name, text)
        move(query, "reply", actor.email)
        events.publish("sent", query)
    return query


def add_comment(query: Query, kind: str, name: str, text: str) -> None:
    """Keep a message of the talk about `query` in the running transaction. kind: provider or staff."""
    query.comments.append(
        QueryComment(author_kind=kind, author_name=name, text=text.strip(), created_at=clock.now())
    )


def resend(actor: Actor, query: Query) -> Query:
    """Send a query again that did not reach its provider. Raises lifecycle.NotPossibleError."""
    actor.must("query.send")
    with unit_of_work():
        query = locked(query.id)
        move(query, "resend", actor.email)
        events.publish("sent", query)
    return query


def cancel(actor: Actor, query: Query, reason: str) -> Query:
    """Withdraw a query that was not answered; its links end. Raises QueryError, lifecycle.NotPossibleError."""
    actor.must("query.cancel")
    if not reason.strip():
        raise QueryError("Say why the query is cancelled; the reason is kept.")
    with unit_of_work():
        query = locked(query.id)
        move(query, "cancel", actor.email, reason=reason.strip()[:300])
        query.closed_at = clock.now()
        events.publish("revoked", query)
    return query
