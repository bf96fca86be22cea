"""The answer to a query: chosen, signed once, kept with its manifest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from query_mgr.platform import clock
from query_mgr.platform.db import db, unit_of_work
from query_mgr.platform.web import current_settings
from query_mgr.queries import actions as queries
from query_mgr.queries import lifecycle
from query_mgr.queries.models import Query
from query_mgr.queries.snapshot import digest
from query_mgr.respond import manifest
from query_mgr.respond.actions import revoke_links
from query_mgr.respond.models import Answer, QueryLink
from query_mgr.respond.words import AnswerError, plain


class NotOfferedError(AnswerError):
    """The option is another query's, or an earlier revision's."""


class AlreadyAnsweredError(Exception):
    """Somebody has answered this query with something else."""

    def __init__(self, answer: Answer) -> None:
        super().__init__("already answered")
        self.answer = answer


@dataclass(frozen=True)
class Response:
    """What a provider chose: the key of an option (empty for an open-ended query) and free text."""

    option_key: str
    text: str
    op_id: str


def chosen_option(query: Query, response: Response) -> dict[str, Any] | None:
    """Return the option that `response` names, None for an open-ended query.

    Raises AnswerError where nothing was chosen, the option is not this query's, or "other" has no words.
    """
    text = plain(response.text)
    if query.query_type == "open_ended" and not query.options:
        if not text:
            raise AnswerError("Write your answer.")
        return None
    if not response.option_key:
        raise AnswerError("Choose one of the answers.")
    found = next((one for one in query.options if one["key"] == response.option_key), None)
    if found is None:
        raise NotOfferedError("This answer is not among the options of this query; choose again.")
    if found["kind"] == "other" and not text:
        raise AnswerError("Write your answer beside “other”.")
    return dict(found)


def sign(link: QueryLink, response: Response, method: str = "emailed link and PIN") -> Answer:
    """Sign an answer: once per query revision. The same answer again returns the first one.

    method: how the signer was known.

    Raises AnswerError, AlreadyAnsweredError, lifecycle.NotPossibleError (cancelled meanwhile).
    """
    with unit_of_work():
        query = queries.locked(link.query_id)
        option, text = chosen_option(query, response), plain(response.text)
        earlier = db.session.scalar(
            select(Answer).where(Answer.query_id == query.id, Answer.revision == query.revision)
        )
        if earlier is not None:
            if earlier.op_id == response.op_id or (earlier.option_key, earlier.text) == (
                response.option_key,
                text,
            ):
                return earlier
            raise AlreadyAnsweredError(earlier)
        answer = _answer(query, link, option, text, response.op_id, method)
        keep(query, answer, option, "answer", f"provider:{link.provider.ref}")
    return answer


def keep(query: Query, answer: Answer, option: dict[str, Any] | None, event: str, by: str) -> None:
    """Keep an answer in the running transaction, take the query's step and end its links."""
    db.session.add(answer)
    db.session.flush()
    queries.move(query, event, by, answer=answer.ref, manifest=answer.manifest_hash)
    query.outcome = lifecycle.OUTCOMES[option["kind"]] if option else "other"
    query.answered_at, query.responded_at = answer.signed_at, query.responded_at or answer.signed_at
    revoke_links(query)
    for listener in _when_answered:
        listener(answer)


def _answer(
    query: Query, link: QueryLink, option: dict[str, Any] | None, text: str, op_id: str, method: str
) -> Answer:
    content, now = manifest.answer_content(option, text), clock.now()
    bound = {
        "revision": query.revision,
        "query_hash": query.snapshot_hash,
        "shown_hash": manifest.text_hash(query.snapshot_html),
    }
    signed = manifest.sealed(
        signer_of(link, method), content, now, ZoneInfo(current_settings().time_zone),
        "authored response to documentation query", **bound,
    )  # fmt: skip
    return Answer(
        query_id=query.id,
        revision=query.revision,
        option_key=content["option_key"],
        option_label=content["label"],
        text=text,
        signer_id=link.provider_id,
        signed_at=now,
        manifest=signed,
        manifest_hash=digest(signed),
        op_id=op_id,
    )


def signer_of(link: QueryLink, method: str) -> manifest.Signer:
    """Return who signs by `link`: always the provider who proved who they are, never the link."""
    provider = link.provider
    return manifest.Signer(provider.name, provider.credentials, provider.npi or "", provider.ref, method)


_when_answered: list[Any] = []


def when_answered(listener: Any) -> None:
    """Call `listener` with each new Answer, in its transaction: reconciliation registers here."""
    if listener not in _when_answered:
        _when_answered.append(listener)
