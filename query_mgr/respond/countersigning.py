"""An answer that somebody gave for another, and the signature of the one who was asked, where the policy wants it too."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import JSON, ForeignKey, String, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from query_mgr.accounts.models import Provider
from query_mgr.audit import actions as audit
from query_mgr.delivery import actions as delivery
from query_mgr.platform import clock
from query_mgr.platform.db import Model, UtcDateTime, db, unit_of_work
from query_mgr.platform.web import current_settings
from query_mgr.queries.actions import locked
from query_mgr.queries.followup.asked import relation_of
from query_mgr.queries.followup.models import QueryFollowUp
from query_mgr.queries.followup.standing import needs_cosignature
from query_mgr.queries.followup.stored import policy_of
from query_mgr.queries.snapshot import digest
from query_mgr.respond import manifest
from query_mgr.respond.actions import issue_link
from query_mgr.respond.answering import signer_of, when_answered
from query_mgr.respond.models import Answer, QueryLink

MEANING = "co-signature of an answer to a documentation query"


class AnswerCosignature(Model):
    """One answer that is to be signed by the one who was asked; the answer itself is never changed."""

    __tablename__ = "answer_cosignature"

    id: Mapped[int] = mapped_column(primary_key=True)
    answer_id: Mapped[int] = mapped_column(ForeignKey("answer.id"), unique=True)
    asked_id: Mapped[int] = mapped_column(ForeignKey("provider.id"))
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    signed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    #: as of an answer: who, when, how, what it means, and the hash of the answer's own manifest
    manifest: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    manifest_hash: Mapped[str] = mapped_column(String(64), default="")

    answer: Mapped[Answer] = relationship()
    asked: Mapped[Provider] = relationship()


def note_answer(answer: Answer) -> None:
    """Ask the one who was asked for a signature, in the answer's transaction, where the policy wants it."""
    query = locked(answer.query_id)
    followed = db.session.get(QueryFollowUp, query.id)
    asks = followed is not None and policy_of(followed.terms).needs_cosignature
    if answer.signer_id == query.provider_id or not needs_cosignature(relation_of(query, answer.signer_id), asks):
        return
    db.session.add(AnswerCosignature(answer_id=answer.id, asked_id=query.provider_id, asked_at=clock.now()))
    audit.record("system", "answer.cosignature_asked", "query", query.ref, answer=answer.ref)
    if query.provider.is_active and query.provider.email:
        delivery.enqueue("cosign_link", {"link": issue_link(query, "record").ref})


def cosignature_of(answer: Answer | None) -> AnswerCosignature | None:
    """Return the co-signature that an answer has or waits for, None where it needs none."""
    if answer is None:
        return None
    return db.session.scalar(select(AnswerCosignature).where(AnswerCosignature.answer_id == answer.id))


def waits_for(link: QueryLink, answer: Answer | None) -> bool:
    """Return whether an answer waits for the signature of the link's provider."""
    row = cosignature_of(answer)
    return row is not None and row.signed_at is None and row.asked_id == link.provider_id


def cosign(link: QueryLink, answer: Answer, method: str) -> AnswerCosignature:
    """Sign an answer beside the one who gave it; a second time changes nothing.

    Raises LookupError where it waits for nobody, or for somebody else.
    """
    with unit_of_work():
        query = locked(answer.query_id)
        row = cosignature_of(answer)
        if row is None or row.asked_id != link.provider_id:
            raise LookupError("this answer waits for no signature of theirs")
        if row.signed_at is None:
            now = clock.now()
            content = {"option_key": answer.option_key, "label": answer.option_label, "text": answer.text}
            row.signed_at = now
            row.manifest = manifest.sealed(
                signer_of(link, method), content, now, ZoneInfo(current_settings().time_zone), MEANING,
                answer=answer.ref, answer_manifest=answer.manifest_hash,
            )  # fmt: skip
            row.manifest_hash = digest(row.manifest)
            by = f"provider:{link.provider.ref}"
            audit.record(by, "answer.cosigned", "query", query.ref, answer=answer.ref, manifest=row.manifest_hash)
    return row


def register() -> None:
    """Hear of every answer."""
    when_answered(note_answer)
