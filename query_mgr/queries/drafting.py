"""Working on a draft: its words, its answers, the order of its indicators. What was sent can no longer be changed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import select

from query_mgr.accounts.models import Provider, User
from query_mgr.accounts.session import Actor
from query_mgr.audit import actions as audit
from query_mgr.audit.chain import canonical
from query_mgr.audit.models import AuditEvent
from query_mgr.platform import clock
from query_mgr.platform.db import db, unit_of_work
from query_mgr.platform.text import one_line
from query_mgr.queries import actions
from query_mgr.queries.answers import Answer
from query_mgr.queries.lint import Draft, DraftOption
from query_mgr.queries.lint_input import draft_of
from query_mgr.queries.models import Query, QueryIndicator


@dataclass(frozen=True)
class Words:
    """What an author decides about a draft, besides its evidence.

    override_reason, repeat_reason: why it may go out although warnings stay, although it was asked before.
    """

    title: str
    body: str
    question: str
    query_type: str
    options: tuple[Answer, ...]
    provider_id: int
    override_reason: str = ""
    repeat_reason: str = ""

    @property
    def mark(self) -> str:
        """A short digest: two people who see the same words see the same mark."""
        return hashlib.sha256(canonical(self.__dict__).encode("utf-8", "surrogatepass")).hexdigest()[:16]


@dataclass(frozen=True)
class LastChange:
    """Who changed a draft last. is_mine: the one who asks."""

    name: str
    at: datetime
    is_mine: bool


class ChangedMeanwhileError(actions.QueryError):
    """The draft was changed since the page was opened: nothing was saved."""


def words_of(query: Query) -> Words:
    """Return the words of a stored draft."""
    options = tuple(dict(one) for one in query.options)
    return Words(
        query.title, query.body, query.question, query.query_type, options, query.provider_id,
        query.override_reason, query.repeat_reason,
    )  # fmt: skip


def typed(before: Words, provider: Provider, options: tuple[Answer, ...], **fields: str) -> Words:
    """Return words as somebody typed them into a form. fields: those of Words that are text."""

    def text(name: str) -> str:
        return fields.get(name, "").replace("\r\n", "\n").strip()

    query_type = "multiple_choice" if options and before.query_type == "open_ended" else before.query_type
    return Words(
        one_line(fields.get("title", "")), text("body"), text("question"), query_type, options, provider.id,
        text("override_reason"), text("repeat_reason"),
    )  # fmt: skip


def as_linted(query: Query, words: Words) -> Draft:
    """Return the draft as the compliance check would see it with these words."""
    options = tuple(DraftOption(one["key"], one["label"], one["kind"]) for one in words.options)
    return replace(
        draft_of(query), title=words.title, body=words.body, question=words.question,
        query_type=words.query_type, options=options,
    )  # fmt: skip


def write(actor: Actor, query: Query, words: Words, seen: str = "") -> Query:
    """Keep new words of a draft; where they are the same, nothing is written.

    seen: the mark of the words that the author's page began with, "" where it does not say.
    Raises ChangedMeanwhileError where somebody else wrote something else meanwhile, QueryError, NotPossibleError.
    """
    actor.must("query.compose")
    actions.check(_content(query, words))
    with unit_of_work():
        query = actions.open_draft(query)
        stored = words_of(query).mark
        if stored == words.mark:
            return query
        if seen and seen != stored:
            raise ChangedMeanwhileError(
                "This draft was changed since you opened it. Nothing of yours was saved yet."
            )
        query.title, query.body, query.question = words.title, words.body, words.question
        query.options, query.query_type = [dict(one) for one in words.options], words.query_type
        query.provider_id = words.provider_id
        query.override_reason, query.repeat_reason = words.override_reason, words.repeat_reason
        query.updated_at = clock.now()
        audit.record(actor.email, "query.drafted", "query", query.ref)
    db.session.refresh(query, ["provider"])
    return query


def _content(query: Query, words: Words) -> actions.QueryInput:
    return actions.QueryInput(
        words.title, words.question, words.body, query.purpose, words.query_type, options=words.options
    )


def detach(actor: Actor, query: Query, indicator_id: int) -> Query:
    """Take a clinical indicator off a draft; one that is off already stays so."""
    actor.must("query.compose")
    with unit_of_work():
        query = actions.open_draft(query)
        _number(query, [one for one in query.indicators if one.id != indicator_id])
        audit.record(actor.email, "query.drafted", "query", query.ref, indicators=len(query.indicators))
    return query


def move(actor: Actor, query: Query, indicator_id: int, by: int) -> Query:
    """Move a clinical indicator up (-1) or down (1) among the others; at the end it stays."""
    actor.must("query.compose")
    with unit_of_work():
        query = actions.open_draft(query)
        rows = list(query.indicators)
        at = next((place for place, one in enumerate(rows) if one.id == indicator_id), None)
        if at is not None and 0 <= at + by < len(rows):
            rows.insert(at + by, rows.pop(at))
            _number(query, rows)
            audit.record(actor.email, "query.drafted", "query", query.ref, indicators=len(rows))
    return query


def _number(query: Query, rows: Iterable[QueryIndicator]) -> None:
    query.indicators = list(rows)
    for place, one in enumerate(query.indicators, 1):
        one.position = place


def mark_prior(actor: Actor, query: Query, places: Iterable[int]) -> None:
    """Mark indicators, by place, as taken from a prior encounter."""
    wanted = [query.indicators[place] for place in places if query.indicators[place].encounter_scope != "prior"]
    with unit_of_work():
        for one in wanted:
            one.encounter_scope = "prior"
        if wanted:
            audit.record(actor.email, "query.drafted", "query", query.ref, prior=len(wanted))


def last_change(query: Query, actor: Actor) -> LastChange | None:
    """Return who changed the draft last."""
    found: Any = db.session.execute(
        select(AuditEvent.actor, AuditEvent.at, User.name)
        .outerjoin(User, User.email == AuditEvent.actor)
        .where(
            AuditEvent.subject_kind == "query",
            AuditEvent.subject_ref == query.ref,
            AuditEvent.action == "query.drafted",
        )
        .order_by(AuditEvent.seq.desc())
        .limit(1)
    ).first()
    return LastChange(found.name or found.actor, found.at, found.actor == actor.email) if found else None
