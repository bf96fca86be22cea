"""What staff can do with a query beside sending it: draft, reply, cancel."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from query_mgr.accounts.models import Provider
from query_mgr.accounts.session import Actor
from query_mgr.audit import actions as audit
from query_mgr.charts.models import Encounter
from query_mgr.platform import clock
from query_mgr.platform.db import db, unit_of_work
from query_mgr.queries import events, lifecycle
from query_mgr.queries.models import Query, QueryComment, QueryIndicator, QueryIndicatorReading

PURPOSES = ("specificity", "acuity", "clinical_validation", "poa", "cause_effect", "conflict", "new_condition",
            "procedure")  # fmt: skip
QUERY_TYPES = ("multiple_choice", "yes_no", "open_ended")
OPTION_KINDS = tuple(lifecycle.OUTCOMES)
_NOT_A_DRAFT = {
    "awaiting_cosign": "This query waits for a co-signature; take it back to change it.",
    "": "This query was sent; what was sent can no longer be changed.",
}
LONGEST_TEXT = 8000  # characters of body or question; a provider reads it on a phone


class QueryError(ValueError):
    """A draft cannot be kept or sent as it is; the message names the field."""


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
    source_state: str = ""  # what became of the source meanwhile: see lint.draft.SOURCE_STATES

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


def input_of(query: Query) -> QueryInput:
    """Return what the author of `query` decided, as it stands."""
    names = [name for name in QueryInput.__dataclass_fields__ if name not in {"options", "indicators"}]
    picked = (
        IndicatorInput(**{name: getattr(one, name) for name in IndicatorInput.__dataclass_fields__})
        for one in query.indicators
    )
    return QueryInput(
        **{name: getattr(query, name) for name in names},
        options=tuple(dict(one) for one in query.options),
        indicators=tuple(picked),
    )


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
    events.moved(query, event)


def open_draft(query: Query) -> Query:
    """Return the draft, held until the transaction ends. Raises NotPossibleError where it is none any more."""
    query = locked(query.id)
    if query.status != "draft":
        raise lifecycle.NotPossibleError(_NOT_A_DRAFT.get(query.status, _NOT_A_DRAFT[""]))
    return query


def save_draft(actor: Actor, encounter: Encounter, provider: Provider, content: QueryInput) -> Query:
    """Keep a new draft. Raises QueryError, accounts.NotAllowedError."""
    actor.must("query.compose")
    check(content)
    with unit_of_work():
        now = clock.now()
        words = {name: value for name, value in asdict(content).items() if name not in {"indicators", "options"}}
        query = Query(
            encounter_id=encounter.id, author_id=actor.user_id, provider_id=provider.id, timing=_timing(encounter),
            created_at=now, updated_at=now, status="draft", options=[dict(option) for option in content.options],
            indicators=[one.row(place) for place, one in enumerate(content.indicators, 1)], **words,
        )  # fmt: skip
        db.session.add(query)
        db.session.flush()
        audit.record(actor.email, "query.drafted", "query", query.ref, indicators=len(query.indicators))
    return query


def _timing(encounter: Encounter) -> str:
    return "retrospective" if encounter.discharged_at else "concurrent"


def check(content: QueryInput) -> None:
    """Refuse a draft that cannot be kept. Raises QueryError naming the field."""
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
