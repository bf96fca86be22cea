"""An answer that stands in the chart."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from query_mgr.charts.models import Document
from query_mgr.platform.db import db
from query_mgr.queries.models import Query
from query_mgr.reconcile import actions as reconcile
from query_mgr.respond.models import QueryLink
from query_mgr.respond.noted import Note, answer_from_chart
from query_mgr.respond.words import AnswerError
from tests.accounts.builders import a_user, actor
from tests.conftest import Clock
from tests.queries.builders import a_coder, a_provider, a_sent_query

WORDS = "acute on chronic systolic heart failure"


def a_note(query: Query, **changes: object) -> Document:
    values: dict[str, object] = {
        "source_key": "n1", "content_hash": "h", "patient_id": query.encounter.patient_id,
        "encounter_id": query.encounter_id, "kind": "progress_note", "title": "Addendum", "author_name": "Rosa Medina",
        "author_role": "attending", "author_id": query.provider_id, "authored_at": query.sent_at + timedelta(hours=1),
        "text": f"Addendum: {WORDS},\ntreated with furosemide.",
    }  # fmt: skip
    document = Document(**(values | changes))
    db.session.add(document)
    db.session.commit()
    return document


def test_a_note_written_since_is_the_answer_of_its_author(app: Flask, time: Clock) -> None:
    coder = a_coder()
    query = a_sent_query(coder)
    other = a_provider("Omar Haddad", "1679576722")
    note = a_note(query, author_id=other.id, author_name="Omar Haddad")
    time.advance(hours=2)
    answer = answer_from_chart(
        coder, query, Note(note.ref, "acute on  chronic systolic heart failure, treated", "acute")
    )
    assert (answer.signer_id, answer.signed_at, answer.manifest["document"]) == (
        other.id,
        note.authored_at,
        note.ref,
    )
    query = db.session.get_one(Query, query.id)
    assert (query.status, query.outcome, query.answered_at) == ("answered", "agreed", note.authored_at)
    assert all(link.revoked_at for link in db.session.scalars(select(QueryLink)))
    assert reconcile.pending(answer) is not None


@pytest.mark.parametrize(
    ("change", "note", "words"),
    [
        ({"author_role": "nurse"}, {}, "provider's note"),
        ({"author_id": None}, {}, "provider's note"),
        ({"status": "entered_in_error"}, {}, "provider's note"),
        ({"authored_at": "before"}, {}, "provider's note"),
        ({}, {"document_ref": "nothing"}, "provider's note"),
        ({}, {"words": "severe malnutrition"}, "do not stand"),
        ({}, {"words": " \n"}, "do not stand"),
        ({}, {"option_key": ""}, "Choose one"),
        ({}, {"option_key": "elsewhere"}, "not among"),
    ],
)
def test_what_is_no_providers_later_note_is_no_answer(
    app: Flask, time: Clock, change: dict[str, object], note: dict[str, str], words: str
) -> None:
    coder = a_coder()
    query = a_sent_query(coder)
    if change.get("authored_at"):
        change = {"authored_at": query.sent_at - timedelta(minutes=1)}  # type: ignore[operator]
    document = a_note(query, **change)
    given = {"document_ref": document.ref, "words": WORDS, "option_key": "acute"} | note
    with pytest.raises(AnswerError, match=words):
        answer_from_chart(coder, query, Note(**given))
    assert db.session.get_one(Query, query.id).status == "sent"


def test_an_auditor_takes_no_answer(app: Flask, time: Clock) -> None:
    from query_mgr.accounts.permissions import NotAllowedError

    query = a_sent_query()
    with pytest.raises(NotAllowedError):
        answer_from_chart(actor(a_user("auditor")), query, Note("", "", ""))
