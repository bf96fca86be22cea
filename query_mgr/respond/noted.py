"""An answer that the provider wrote in the chart instead of on the query's page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from query_mgr.accounts.models import Provider
from query_mgr.accounts.session import Actor
from query_mgr.charts.models import Document
from query_mgr.clinical.requirements.definition import PROVIDER_ROLES
from query_mgr.platform.db import db, unit_of_work
from query_mgr.platform.ids import new_ref
from query_mgr.platform.web import current_settings
from query_mgr.queries import actions as queries
from query_mgr.queries.models import Query
from query_mgr.queries.snapshot import digest
from query_mgr.respond import manifest
from query_mgr.respond.answering import Response, chosen_option, keep
from query_mgr.respond.models import Answer
from query_mgr.respond.words import AnswerError


@dataclass(frozen=True)
class Note:
    """Where the answer stands: a document, its words, and the option they amount to ("" for an open question)."""

    document_ref: str
    words: str
    option_key: str = ""


def notes_since(query: Query) -> list[Document]:
    """Return the notes of providers on record that were written after `query` was asked, the latest first."""
    if query.sent_at is None:
        return []
    found = select(Document).where(
        Document.encounter_id == query.encounter_id,
        Document.author_role.in_(PROVIDER_ROLES),
        Document.author_id.is_not(None),
        Document.status.in_(("final", "amended")),
        Document.authored_at >= query.sent_at,
    )
    return list(db.session.scalars(found.order_by(Document.authored_at.desc(), Document.id.desc())))


def answer_from_chart(actor: Actor, query: Query, note: Note) -> Answer:
    """Take what a provider wrote in the chart since as the answer. Its author answers, whoever was asked.

    Raises AnswerError naming what is wrong; lifecycle.NotPossibleError.
    """
    actor.must("query.document")
    with unit_of_work():
        query = queries.locked(query.id)
        document = next((one for one in notes_since(query) if one.ref == note.document_ref), None)
        if document is None:
            raise AnswerError("Choose a provider's note of this encounter that was written after the question.")
        words = " ".join(note.words.split())
        if not words or words not in " ".join(document.text.split()):
            raise AnswerError("Copy the provider's own words: these do not stand in the note.")
        option = chosen_option(query, Response(note.option_key, words, ""))
        answer = _answer(query, document, option, words)
        keep(query, answer, option, "document", actor.email)
    return answer


def _answer(query: Query, document: Document, option: dict[str, Any] | None, words: str) -> Answer:
    signer_id = document.author_id
    assert signer_id is not None  # noted by notes_since
    author = db.session.get_one(Provider, signer_id)
    signer = manifest.Signer(
        document.author_name, author.credentials, author.npi or "", author.ref, "note in the chart"
    )
    content = manifest.answer_content(option, words)
    signed = manifest.sealed(
        signer, content, document.authored_at, ZoneInfo(current_settings().time_zone),
        "documentation in the record in answer to a query", revision=query.revision, document=document.ref,
        document_hash=document.content_hash, query_hash=query.snapshot_hash,
        shown_hash=manifest.text_hash(query.snapshot_html),
    )  # fmt: skip
    return Answer(
        query_id=query.id, revision=query.revision, option_key=content["option_key"], option_label=content["label"],
        text=words, signer_id=signer_id, signed_at=document.authored_at, manifest=signed,
        manifest_hash=digest(signed), op_id=f"note-{new_ref()}",
    )  # fmt: skip
