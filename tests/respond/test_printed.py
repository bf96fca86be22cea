"""The record of a query as a PDF."""

from __future__ import annotations

import io
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from pypdf import PdfReader
from sqlalchemy import select

from query_mgr.audit.models import AuditEvent
from query_mgr.platform.db import db
from query_mgr.queries.models import Query
from query_mgr.respond import amending, answering
from query_mgr.respond.models import Answer, QueryLink
from query_mgr.respond.printed import record_pdf
from tests.accounts.builders import a_user, actor, signed_in
from tests.conftest import Clock
from tests.queries.builders import PIN, a_sent_query
from tests.respond.test_answer import deliver, with_pin

pytestmark = pytest.mark.sqlite_only


def an_answer(text: str = "as seen", amendments: int = 1) -> Answer:
    """A signed answer with amendments, the last of them a correction."""
    a_sent_query()
    link = db.session.scalars(select(QueryLink)).one()
    answer = answering.sign(link, answering.Response("acute", text, "op"))
    for number in range(amendments):
        kind, option = ("correction", "chronic") if number == amendments - 1 else ("addendum", "")
        amending.amend(link, answer, amending.Change(kind, "EF 25 %", "later echo", f"op-{number}", option))
    db.session.rollback()
    return db.session.scalars(select(Answer)).one()


def read(pdf: bytes) -> tuple[Any, str]:
    reader = PdfReader(io.BytesIO(pdf))
    return reader, " ".join(" ".join(page.extract_text() for page in reader.pages).split())


def test_the_pdf_holds_the_query_the_answer_what_was_added_and_every_manifest(app: Flask, time: Clock) -> None:
    answer = an_answer()
    pdf = record_pdf(answer.query, answer, "")
    reader, words = read(pdf)
    for shown in (
        "Testperson, Ada", "00417", "BNP 1,840 pg/mL", "clarify the type and acuity", "Unable to determine",
        "Acute systolic heart failure: as seen", "Correction (amendment 1)", "Chronic systolic heart failure: EF 25 %",
        "Why then: later echo", "Rosa Medina", "MD", "1234567893", "2026-11-02T14:00:00+00:00", "2026-11-02T09:00:00-05:00",
        "authored response to documentation query", "Page 1 of 2", "Page 2 of 2", "is as it was signed",
    ):  # fmt: skip
        assert shown in words, shown
    together = words.replace(" ", "")
    for hashed in (answer.manifest_hash, answer.manifest["query_hash"], answer.amendments[0].manifest_hash):
        assert hashed in together
    for unwanted in ("I50", "DRG"):
        assert unwanted not in words
    root = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert (root["/Lang"], "/StructTreeRoot" in root) == ("en", True)
    assert "<pdfuaid:part>1</pdfuaid:part>" in root["/Metadata"].get_object().get_data().decode()
    assert record_pdf(answer.query, answer, "") == pdf


def test_what_is_not_as_signed_says_so_on_paper(app: Flask, time: Clock) -> None:
    answer = an_answer(amendments=0)
    assert (
        "NOT AS SIGNED when this was printed: the words" in read(record_pdf(answer.query, answer, "the words"))[1]
    )


@pytest.mark.parametrize("text", ["#panic() *x* _y_ $z$ @w \\ <label> \u202eabc", "心不全 😀 \u05e9"])
def test_no_words_of_a_provider_keep_the_record_from_being_printed(app: Flask, time: Clock, text: str) -> None:
    answer = an_answer(text)
    words = read(record_pdf(answer.query, answer, ""))[1]
    assert "clarify the type and acuity" in words
    if "panic" in text:
        assert "#panic() *x* _y_ $z$ @w \\ <label> [U+202E]abc" in words


def test_provider_and_staff_download_it_and_who_did_of_the_staff_is_kept(client: FlaskClient, time: Clock) -> None:
    user = a_user("coder", email="cole@h.test")
    a_sent_query(actor(user))
    assert client.get("/answer/record.pdf").status_code == 404
    with_pin(client, deliver())
    assert client.get("/answer/record.pdf").status_code == 404  # nothing is signed yet
    receipt = client.post("/answer/sign", data={"option": "acute", "op_id": "op", "pin": PIN})
    assert "/answer/record.pdf?query=" in receipt.text
    query = db.session.scalars(select(Query)).one()
    staff = signed_in(client.application.test_client(), user)
    for got in (
        client.get(f"/answer/record.pdf?query={query.ref}"),
        staff.get(f"/queries/{query.ref}/record.pdf"),
    ):
        assert got.data.startswith(b"%PDF-")
        assert got.headers["Content-Disposition"] == f'attachment; filename="query-{query.mail_ref}.pdf"'
        assert got.headers["Cache-Control"] == "no-store"
    printed = select(AuditEvent.actor).where(AuditEvent.action == "record.printed")
    assert list(db.session.scalars(printed)) == ["cole@h.test"]
