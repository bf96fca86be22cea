"""From a draft to its provider: the lint and the guard decide, what goes out is frozen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from flask import render_template

from query_mgr.accounts.session import Actor
from query_mgr.platform import clock
from query_mgr.platform.db import db, unit_of_work
from query_mgr.queries import events
from query_mgr.queries.actions import LONGEST_TEXT, QueryError, locked, move
from query_mgr.queries.edition import edition_in_force
from query_mgr.queries.followup import running as followup
from query_mgr.queries.guard import Notice
from query_mgr.queries.lint import Finding, is_compliant, lint
from query_mgr.queries.lint_input import draft_of
from query_mgr.queries.models import Query, QueryBundle
from query_mgr.queries.repeats import notices_of
from query_mgr.queries.snapshot import digest, snapshot_of
from query_mgr.queries.surroundings import surroundings_of


@dataclass(frozen=True)
class Reasons:
    """Why a query goes out all the same: although lint warnings stay, although it was asked before."""

    warnings: str = ""
    repeat: str = ""


class SendBlockedError(QueryError):
    """The lint found errors, or the lint or the guard warn and no reason was given."""

    def __init__(self, findings: tuple[Finding, ...], notices: tuple[Notice, ...], text: str) -> None:
        super().__init__(text)
        self.findings, self.notices = findings, notices


def findings_of(query: Query) -> tuple[Finding, ...]:
    """Return what the compliance lint says of `query` now."""
    return lint(draft_of(query), edition_in_force())


def send(actor: Actor, query: Query, override_reason: str = "", repeat_reason: str = "") -> Query:
    """Send a draft to its provider.

    Raises SendBlockedError; QueryError where the provider cannot be reached; lifecycle.NotPossibleError.
    """
    actor.must("query.send")
    with unit_of_work():
        query = locked(query.id)
        dispatch(actor, query, "send", Reasons(override_reason, repeat_reason))
        events.publish("sent", query)
    return query


def send_together(actor: Actor, queries: Sequence[Query], reasons: dict[str, Reasons]) -> list[Query]:
    """Send drafts about one encounter to one provider in one mail; all of them go out, or none.

    reasons: by the query's ref. Raises as `send` does, naming the query; QueryError where they do not belong together.
    """
    actor.must("query.send")
    with unit_of_work():
        found = locked_in_order(*queries)
        dispatch_together(actor, found, "send", reasons)
    return found


def dispatch_together(actor: Actor, queries: Sequence[Query], event: str, reasons: dict[str, Reasons]) -> None:
    """Take queries through `event` as one bundle, in the running transaction. Raises as `send_together` does."""
    if len(queries) < 2 or len({(one.encounter_id, one.provider_id) for one in queries}) != 1:
        raise QueryError("Choose two or more drafts about one encounter to one provider.")
    bundle = QueryBundle(created_at=clock.now())
    db.session.add(bundle)
    db.session.flush()
    for query in queries:
        query.bundle_id = bundle.id
        try:
            dispatch(actor, query, event, reasons.get(query.ref, Reasons()), bundle=bundle.ref)
        except SendBlockedError as error:
            raise SendBlockedError(error.findings, error.notices, f"“{query.title}”: {error}") from None
    events.publish("sent", *queries)


def dispatch(
    actor: Actor, query: Query, event: str, reasons: Reasons, asked_at: datetime | None = None, **detail: str
) -> None:
    """Check a query, take it through `event` and freeze it, in the running transaction.

    asked_at: when it was asked, where that is not now. Raises SendBlockedError, QueryError, lifecycle.NotPossibleError.
    """
    findings, notices = check(query, reasons)
    detail |= {"reason": reasons.repeat.strip()[:300]} if reasons.repeat.strip() else {}
    move(
        query, event, actor.email, warnings=[one.rule for one in findings], guard=[one.kind for one in notices],
        edition=query.lint_edition, **detail,
    )  # fmt: skip
    query.sent_at = asked_at or clock.now()
    freeze(query)
    followup.begin(query)


def freeze(query: Query) -> None:
    """Keep what the provider is shown from now on, in the running transaction."""
    query.snapshot = snapshot_of(query, surroundings_of(query))
    query.snapshot_hash = digest(query.snapshot)
    query.snapshot_html = render_template("queries/question.html", snapshot=query.snapshot)


def check(query: Query, reasons: Reasons) -> tuple[tuple[Finding, ...], tuple[Notice, ...]]:
    """Return what lint and guard say of a query that may go out, and keep that and the reasons with it.

    Raises SendBlockedError, QueryError.
    """
    if not (query.provider.is_active and query.provider.email):
        raise QueryError("The provider is inactive or has no email address on file; choose another or add it.")
    if max(len(reasons.warnings), len(reasons.repeat)) > LONGEST_TEXT:
        raise QueryError(f"A reason is longer than {LONGEST_TEXT} characters; shorten it.")
    findings, notices = findings_of(query), notices_of(query)

    def blocked(text: str) -> SendBlockedError:
        return SendBlockedError(findings, notices, text)

    if not is_compliant(findings):
        raise blocked("The compliance check found errors; mend them before sending.")
    if findings and not reasons.warnings.strip():
        raise blocked("There are warnings: mend them, or give a reason that is kept.")
    if not reasons.repeat.strip() and (against := [one for one in notices if one.needs_reason]):
        raise blocked(f"{against[0].text} Say why it is asked all the same; the reason is kept.")
    query.lint, query.lint_edition = [asdict(one) for one in findings], edition_in_force().name
    query.override_reason, query.repeat_reason = reasons.warnings.strip(), reasons.repeat.strip()
    return findings, notices


def resend(actor: Actor, query: Query) -> Query:
    """Send a query again that did not reach its provider, with those that were in the same mail.

    Raises lifecycle.NotPossibleError.
    """
    actor.must("query.send")
    with unit_of_work():
        others = [one for one in together_with(query) if one.status == "undelivered"]
        found = locked_in_order(query, *others)
        for one in found:
            move(one, "resend", actor.email)
        events.publish("sent", *found)
    return query


def locked_in_order(*queries: Query) -> list[Query]:
    """Return several queries as they are now, held in one order whoever asks, so that nobody waits in a circle."""
    return [locked(one) for one in sorted({one.id for one in queries})]


def together_with(query: Query) -> list[Query]:
    """Return the other queries that went out in one mail with `query`."""
    if query.bundle_id is None:
        return []
    bundle = db.session.get_one(QueryBundle, query.bundle_id)
    return [one for one in bundle.queries if one.id != query.id]
