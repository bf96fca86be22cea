"""`flask answers verify` finds what somebody changed behind the application's back, and names it."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from flask import Flask
from pypdf import PdfReader
from sqlalchemy import select, text

from query_mgr.platform import clock
from query_mgr.platform.db import db
from query_mgr.queries.snapshot import digest
from query_mgr.respond import amending, answering, countersigning
from query_mgr.respond.countersigning import AnswerCosignature
from query_mgr.respond.models import Answer, QueryLink
from query_mgr.respond.printed import record_pdf
from tests.conftest import Clock
from tests.queries.builders import a_sent_query


@pytest.fixture
def answer(app: Flask, time: Clock) -> Answer:
    """An answer that was corrected."""
    a_sent_query()
    link = db.session.scalars(select(QueryLink)).one()
    found = answering.sign(link, answering.Response("acute", "as seen", "op-1"))
    amending.amend(link, found, amending.Change("addendum", "EF 25 %", "later echo", "op-2"))
    amending.amend(link, found, amending.Change("correction", "", "read again", "op-3", "chronic"))
    return found


def verify(app: Flask, *words: str) -> tuple[int, str]:
    db.session.remove()
    done = app.test_cli_runner().invoke(args=["answers", "verify", *words])
    return done.exit_code, done.output


def change(statement: str, **values: Any) -> None:
    """Change the database as its owner can, triggers or not."""
    is_sqlite = db.engine.dialect.name == "sqlite"
    db.session.remove()
    with db.engine.begin() as connection:
        if is_sqlite:
            names = connection.execute(
                text("SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'answer%'")
            )
            for (name,) in names.all():
                connection.execute(text(f"DROP TRIGGER {name}"))
        else:
            connection.execute(text("SET LOCAL session_replication_role = replica"))
        connection.execute(text(statement), values)


def test_what_stands_as_it_was_signed_is_intact(app: Flask, answer: Answer) -> None:
    assert verify(app, "--all") == (0, "intact: 1 queries as sent, 1 signed answers\n")
    assert verify(app, answer.query.mail_ref.lower())[0] == 0
    assert verify(app, answer.ref)[0] == 0
    assert verify(app, "nothing")[0] == 2
    assert verify(app)[0] == 2


@pytest.mark.sqlite_only
@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("UPDATE answer SET text = 'as heard'", "the words are not those that were signed"),
        ("UPDATE answer SET option_key = 'chronic'", "the words are not those that were signed"),
        ("UPDATE answer SET signed_at = '2026-11-01 00:00:00'", "the time is not the one that was signed"),
        ("UPDATE answer SET manifest = replace(manifest, 'Rosa', 'Rita')", "the manifest is not what its hash says"),
        ("UPDATE query SET snapshot = replace(snapshot, 'BNP 1,840', 'BNP 840')", "the query as sent is not what was frozen"),
        ("UPDATE query SET snapshot_html = replace(snapshot_html, 'BNP 1,840', 'BNP 840')", "the page as shown is not"),
        ("UPDATE query SET revision = 2", "another revision"),
        ("DELETE FROM answer_amendment WHERE number = 2", "an amendment that was signed is missing"),
        ("DELETE FROM answer_amendment WHERE number = 1", "amendment 2 does not follow what was signed before it"),
        ("UPDATE answer_amendment SET reason = 'asked to' WHERE number = 2", "amendment 2: the words are not those"),
        ("UPDATE answer_amendment SET kind = 'late_entry' WHERE number = 1", "amendment 1: the words are not those"),
        ("UPDATE answer_amendment SET signed_at = '2026-11-01 00:00:00' WHERE number = 1", "amendment 1: the time"),
    ],
)  # fmt: skip
def test_what_somebody_changed_is_named(app: Flask, answer: Answer, statement: str, words: str) -> None:
    change(statement)
    code, said = verify(app, "--all")
    assert (code, words in said) == (1, True), said


@pytest.mark.sqlite_only
def test_an_answer_that_is_gone_is_missed(app: Flask, answer: Answer) -> None:
    change("DELETE FROM answer_amendment")
    change("DELETE FROM reconciliation")
    change("DELETE FROM answer")
    assert "an answer that was signed is missing" in verify(app, "--all")[1]


def test_a_forged_answer_whose_hashes_all_fit_is_found_by_the_audit_trail(app: Flask, answer: Answer) -> None:
    forged = dict(answer.manifest) | {
        "answer_hash": digest({"option_key": "acute", "label": answer.option_label, "text": "no"})
    }
    change(
        "UPDATE answer SET text = 'no', manifest = :manifest, manifest_hash = :hash",
        manifest=json.dumps(forged), hash=digest(forged),
    )  # fmt: skip
    code, said = verify(app, "--all")
    assert code == 1
    assert "the audit trail does not know this signature" in said


def cosigned(answer: Answer) -> AnswerCosignature:
    link = db.session.scalars(select(QueryLink)).one()
    db.session.add(AnswerCosignature(answer_id=answer.id, asked_id=link.provider_id, asked_at=clock.now()))
    db.session.commit()
    return countersigning.cosign(link, answer, "emailed link and PIN")


@pytest.mark.sqlite_only
@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("UPDATE answer_cosignature SET signed_at = '2026-11-01 00:00:00'", "the co-signature has another time"),
        ("UPDATE answer_cosignature SET manifest = replace(manifest, 'Rosa', 'Rita')", "the co-signature has a manifest"),
        ("UPDATE answer_cosignature SET manifest = NULL, signed_at = NULL", "the co-signature that was given is missing"),
        ("DELETE FROM answer_cosignature", "the co-signature that was given is missing"),
    ],
)  # fmt: skip
def test_a_co_signature_is_held_to_what_was_signed_too(
    app: Flask, answer: Answer, statement: str, words: str
) -> None:
    row = cosigned(answer)
    pdf = record_pdf(answer.query, answer, "")
    printed = " ".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)
    assert "Co-signature" in printed
    assert row.manifest_hash in "".join(printed.split())
    assert verify(app, "--all")[0] == 0
    change(statement)
    code, said = verify(app, "--all")
    assert (code, words in said) == (1, True), said
