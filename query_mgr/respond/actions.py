"""The provider's side: a link, a PIN, a signed answer."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from query_mgr.accounts import actions as accounts
from query_mgr.audit import actions as audit
from query_mgr.platform import clock
from query_mgr.platform.db import db, unit_of_work
from query_mgr.platform.ids import new_ref
from query_mgr.platform.web import current_settings
from query_mgr.queries import actions as queries
from query_mgr.queries import lifecycle
from query_mgr.queries.models import Query
from query_mgr.queries.snapshot import digest
from query_mgr.respond.models import Answer, QueryLink
from query_mgr.respond.tokens import cleaned, token_for, token_hash

PIN_TRIES = 5
LOCK_MINUTES = 15
LONGEST_TEXT = 4000  # characters of a free-text answer


class AnswerError(ValueError):
    """The answer cannot be taken as it is; the message says what to do."""


class AlreadyAnsweredError(Exception):
    """Somebody has answered this query with something else."""

    def __init__(self, answer: Answer) -> None:
        super().__init__("already answered")
        self.answer = answer


class LockedError(Exception):
    """Too many wrong PINs: this link rests for a while."""


@dataclass(frozen=True)
class Response:
    """What a provider chose: the key of an option (empty for an open-ended query) and free text."""

    option_key: str
    text: str
    op_id: str


def issue_link(query: Query) -> QueryLink:
    """Make a link for the query's provider at the address on file, in the running transaction; end older ones."""
    revoke_links(query)
    settings, now, ref = current_settings(), clock.now(), new_ref()
    link = QueryLink(
        ref=ref,
        query_id=query.id,
        provider_id=query.provider_id,
        address=query.provider.email or "",
        revision=query.revision,
        token_hash=token_hash(settings.secret_key, token_for(settings.secret_key, ref)),
        created_at=now,
        expires_at=now + timedelta(days=settings.link_days),
    )
    db.session.add(link)
    db.session.flush()
    return link


def revoke_links(*queries: Query) -> None:
    """End every link of `queries` in the running transaction."""
    ids = [one.id for one in queries]
    for link in db.session.scalars(
        select(QueryLink).where(QueryLink.query_id.in_(ids), QueryLink.revoked_at.is_(None))
    ):
        link.revoked_at = clock.now()


def find_link(text: str) -> QueryLink | None:
    """Return the link that `text` opens, whatever its state, or None. Reads only."""
    token = cleaned(text)
    if token is None:
        return None
    key = token_hash(current_settings().secret_key, token)
    return db.session.scalar(select(QueryLink).where(QueryLink.token_hash == key))


def is_live(link: QueryLink) -> bool:
    """Return whether `link` still opens its query: not expired or revoked, and bound to what it was made for."""
    query = link.query
    return (
        link.revoked_at is None
        and clock.now() < link.expires_at
        and link.revision == query.revision
        and link.provider_id == query.provider_id
        and link.provider.is_active
        and link.address == link.provider.email
    )


def check_pin(link: QueryLink, pin: str) -> bool:
    """Return whether `pin` is the provider's; the first right one opens the query.

    Raises LockedError after PIN_TRIES wrong ones, for LOCK_MINUTES.
    """
    now = clock.now()
    if link.locked_until and now < link.locked_until:
        raise LockedError
    good = accounts.pin_matches(link.provider, pin)
    with unit_of_work():
        link = db.session.scalars(
            select(QueryLink)
            .where(QueryLink.id == link.id)
            .with_for_update(of=QueryLink)
            .execution_options(populate_existing=True)
        ).one()
        if link.locked_until and now < link.locked_until:
            raise LockedError
        link.failed_pins = 0 if good else link.failed_pins + 1
        if good:
            opened(link)
        elif link.failed_pins >= PIN_TRIES:
            link.failed_pins, link.locked_until = 0, now + timedelta(minutes=LOCK_MINUTES)
            audit.record(f"provider:{link.provider.ref}", "link.locked", "query", link.query.ref)
    return good


def opened(link: QueryLink) -> None:
    """Note, in the running transaction, that the provider proved who they are and sees the query."""
    query = queries.locked(link.query_id)
    if query.status in {"answered", "closed", "cancelled"}:
        return
    if lifecycle.after(query.status, "open") != query.status:
        queries.move(query, "open", f"provider:{link.provider.ref}")
    query.opened_at = query.opened_at or clock.now()


def ask(link: QueryLink, text: str) -> Query:
    """Send the coder a question instead of an answer; it counts as a response, not as an answer.

    Raises AnswerError for an empty or endless text; lifecycle.NotPossibleError once answered.
    """
    text = _plain(text)
    if not text:
        raise AnswerError("Write what you need to know before you can answer.")
    with unit_of_work():
        query = queries.locked(link.query_id)
        queries.move(query, "ask", f"provider:{link.provider.ref}")
        queries.add_comment(query, "provider", link.provider.signature_name, text)
    return query


def _plain(text: str) -> str:
    text = text.replace("\r\n", "\n").strip()
    if len(text) > LONGEST_TEXT:
        raise AnswerError(f"The text is longer than {LONGEST_TEXT} characters; shorten it.")
    if any(ord(sign) < 32 and sign not in "\n\t" for sign in text):
        raise AnswerError("The text contains control characters; type it again without.")
    return text


def chosen_option(query: Query, response: Response) -> dict[str, Any] | None:
    """Return the option that `response` names, None for an open-ended query.

    Raises AnswerError where nothing was chosen, the option is not this query's, or "other" has no words.
    """
    text = _plain(response.text)
    if query.query_type == "open_ended" and not query.options:
        if not text:
            raise AnswerError("Write your answer.")
        return None
    if not response.option_key:
        raise AnswerError("Choose one of the answers.")
    found = next((one for one in query.options if one["key"] == response.option_key), None)
    if found is None:
        raise AnswerError("This answer is not among the options of this query; choose again.")
    if found["kind"] == "other" and not text:
        raise AnswerError("Write your answer beside “other”.")
    return dict(found)


def sign(link: QueryLink, response: Response) -> Answer:
    """Sign an answer: once per query revision. The same answer again returns the first one.

    Raises AnswerError, AlreadyAnsweredError, lifecycle.NotPossibleError (cancelled meanwhile).
    """
    with unit_of_work():
        query = queries.locked(link.query_id)
        option, text = chosen_option(query, response), _plain(response.text)
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
        answer = _answer(query, link, option, text, response.op_id, clock.now())
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
    query: Query, link: QueryLink, option: dict[str, Any] | None, text: str, op_id: str, now: datetime
) -> Answer:
    signer = link.provider
    content = {
        "option_key": option["key"] if option else "",
        "label": option["label"] if option else "",
        "text": text,
    }
    manifest = {
        "name": signer.name,
        "credentials": signer.credentials,
        "npi": signer.npi or "",
        "signed_at": now.isoformat(),
        "meaning": "authored response to documentation query",
        "method": "emailed link and PIN",
        "query_hash": query.snapshot_hash,
        "answer_hash": hashlib.sha256(digest(content).encode()).hexdigest(),
    }
    return Answer(
        query_id=query.id,
        revision=query.revision,
        option_key=content["option_key"],
        option_label=content["label"],
        text=text,
        signer_id=signer.id,
        signed_at=now,
        manifest=manifest,
        manifest_hash=digest(manifest),
        op_id=op_id,
    )


_when_answered: list[Any] = []


def when_answered(listener: Any) -> None:
    """Call `listener` with each new Answer, in its transaction: reconciliation registers here."""
    if listener not in _when_answered:
        _when_answered.append(listener)
