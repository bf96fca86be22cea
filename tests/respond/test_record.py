"""The answer as a record: signed once, never changed, and added to only beside what stands. Named after assurance ids."""

from __future__ import annotations

import os
import re
import threading

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, text, update
from sqlalchemy.exc import DatabaseError

from query_mgr.audit import actions as audit
from query_mgr.delivery.models import MailboxMessage
from query_mgr.platform.db import db
from query_mgr.queries.models import Query
from query_mgr.queries.snapshot import digest
from query_mgr.respond import amending, manifest
from query_mgr.respond.answering import AlreadyAnsweredError, Response, sign
from query_mgr.respond.models import Amendment, Answer, QueryLink
from tests.conftest import Clock
from tests.queries.builders import ACUTE, PIN, a_provider, a_sent_query
from tests.respond.test_answer import deliver, the_query, with_pin

OTHERS_WORDS = {"option": "chronic", "text": "Known since 2019.", "op_id": "op-2"}


def answered(browser: FlaskClient) -> Answer:
    """Sign an answer through the pages; the browser stays signed in."""
    a_sent_query()
    with_pin(browser, deliver())
    assert browser.post("/answer/sign", data={"option": "acute", "op_id": "op-1"}).status_code == 200
    return db.session.scalars(select(Answer)).one()


def an_amendment(kind: str = "addendum", **changes: str) -> dict[str, str]:
    form = {
        "kind": kind,
        "text": "EF was 25 % on the echo of today.",
        "reason": "The echo came later.",
        "op_id": f"op-{kind}",
    }
    return form | changes


def amended(browser: FlaskClient, kind: str = "addendum", **changes: str) -> str:
    form = an_amendment(kind, **changes)
    assert "Signed as" in browser.post("/answer/amend", data=form).text
    receipt = browser.post("/answer/amend/sign", data=form | {"pin": PIN})
    assert receipt.status_code == 200, receipt.text
    return receipt.text


def test_c56_the_manifest_names_signer_time_meaning_and_proof_and_its_hashes_can_be_made_again(
    client: FlaskClient,
    time: Clock,
) -> None:
    answer = answered(client)
    signed = answer.manifest
    assert (signed["name"], signed["credentials"], signed["npi"]) == ("Rosa Medina", "MD", "1234567893")
    assert (signed["signed_at"], signed["signed_at_local"]) == (
        "2026-11-02T14:00:00+00:00", "2026-11-02T09:00:00-05:00",
    )  # fmt: skip
    assert signed["meaning"] == "authored response to documentation query"
    assert signed["method"] == "emailed link and PIN"
    assert answer.query.snapshot is not None
    assert signed["query_hash"] == digest(answer.query.snapshot)
    assert signed["shown_hash"] == manifest.text_hash(answer.query.snapshot_html)
    assert signed["answer_hash"] == digest(manifest.answer_content(ACUTE, ""))
    assert answer.manifest_hash == digest(signed)
    page = client.get("/answer").text
    for shown in ("Rosa Medina, MD", "1234567893", "Nov 02, 2026 09:00:00 EST", signed["meaning"].capitalize()):
        assert shown in page
    assert answer.manifest_hash[:16] in page


CHANGES = (
    "UPDATE answer SET text = 'other'",
    "UPDATE answer SET manifest_hash = ''",
    "DELETE FROM answer",
    "UPDATE answer_amendment SET reason = 'other'",
    "DELETE FROM answer_amendment",
)
REPLACE = (
    "INSERT OR REPLACE INTO answer SELECT id, ref, query_id, revision, option_key, option_label, 'other', signer_id, "
    "signed_at, manifest, manifest_hash, op_id FROM answer"
)


def test_c57_the_database_itself_refuses_to_change_or_delete_an_answer_or_an_amendment(
    client: FlaskClient,
    time: Clock,
) -> None:
    answered(client)
    amended(client)
    db.session.remove()
    is_sqlite = db.engine.dialect.name == "sqlite"
    for statement in (*CHANGES, REPLACE if is_sqlite else "TRUNCATE answer CASCADE"):
        with pytest.raises(DatabaseError, match="append-only"), db.engine.begin() as connection:
            connection.execute(text(statement))
    assert db.session.scalars(select(Answer.text)).one() == ""
    assert db.session.scalars(select(Amendment.reason)).one() == "The echo came later."


@pytest.mark.parametrize(
    ("kind", "label"), [("addendum", "Addendum"), ("late_entry", "Late entry"), ("correction", "Correction")]
)
def test_c57_what_is_added_is_named_dated_authored_and_the_original_stays_legible(
    client: FlaskClient,
    time: Clock,
    kind: str,
    label: str,
) -> None:
    answered(client)
    time.advance(minutes=9)
    page = amended(client, kind)
    assert f"Your {label.lower()} is signed" in page
    for shown in (
        f"{label} 1",
        "EF was 25 %",
        "Rosa Medina, MD · NPI 1234567893",
        "09:09:00 EST",
        "The echo came later.",
    ):
        assert shown in page
    struck = "<s>Acute systolic heart failure</s>"
    assert (struck in page, "Acute systolic heart failure" in page) == (kind == "correction", True)
    assert the_query().status == "answered"
    assert audit.verify()[1] is None


def test_c57_each_amendment_is_chained_to_what_came_before(client: FlaskClient, time: Clock) -> None:
    answer = answered(client)
    amended(client)
    amended(client, "correction", option="chronic", text="")
    first, second = db.session.scalars(select(Amendment).order_by(Amendment.number))
    assert (first.number, second.number) == (1, 2)
    assert first.manifest["previous_hash"] == answer.manifest_hash
    assert second.manifest["previous_hash"] == first.manifest_hash
    assert second.option_label == "Chronic systolic heart failure"
    for one in (first, second):
        option = {"key": one.option_key, "label": one.option_label} if one.option_key else None
        assert one.manifest["answer_hash"] == digest(amending.content_of(one.kind, option, one.text, one.reason))
        assert one.manifest_hash == digest(one.manifest)


@pytest.mark.sqlite_only
@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"kind": ""}, "Choose what this is"),
        ({"kind": "strike"}, "Choose what this is"),
        ({"text": " \n"}, "Write what is to be added"),
        ({"reason": ""}, "Say why you amend it now"),
        ({"reason": "x" * 501}, "Say why you amend it now"),
        ({"text": "a\x00b"}, "control characters"),
        ({"kind": "correction", "option": "elsewhere"}, "not among the options"),
    ],
)
def test_an_amendment_that_cannot_be_taken_is_refused_and_its_words_kept(
    client: FlaskClient,
    time: Clock,
    changes: dict[str, str],
    words: str,
) -> None:
    answered(client)
    for page in ("/answer/amend", "/answer/amend/sign"):
        refused = client.post(page, data=an_amendment(**changes))
        assert refused.status_code == 400, (page, refused.text)
        assert words in refused.text
        assert changes.get("text") is not None or "EF was 25 %" in refused.text
    assert db.session.scalar(select(func.count(Amendment.id))) == 0


@pytest.mark.sqlite_only
def test_an_amendment_is_signed_with_a_factor_of_its_own(client: FlaskClient, time: Clock) -> None:
    answered(client)
    for pin in ({}, {"pin": "000000"}):
        refused = client.post("/answer/amend/sign", data=an_amendment() | pin)
        assert refused.status_code == 401
        assert "EF was 25 %" in refused.text
    assert db.session.scalar(select(func.count(Amendment.id))) == 0


@pytest.mark.sqlite_only
def test_nobody_corrects_what_another_signed(client: FlaskClient, time: Clock) -> None:
    answered(client)
    other = a_provider("Omar Haddad", "1679576722")
    with db.engine.begin() as connection:  # as where a covering provider is asked afterwards
        for table in (QueryLink, Query):
            connection.execute(update(table).values(provider_id=other.id))
        connection.execute(update(QueryLink).values(address=other.email))
    db.session.remove()
    page = client.get("/answer/amend")
    assert "Addendum" in page.text
    assert 'value="correction"' not in page.text
    assert client.post("/answer/amend/sign", data=an_amendment("correction")).status_code == 400
    assert "Omar Haddad" in amended(client)


def test_a_late_entry_and_one_after_the_bill_are_marked_and_not_refused(client: FlaskClient, time: Clock) -> None:
    answer = answered(client)
    with db.engine.begin() as connection:
        connection.execute(
            text("INSERT INTO encounter_coding (encounter_id, status, pend_reason, pend_note, coder, disposition, "
                 "admitting_code, payer_key, revision, handed_off_at) VALUES (:one, 'handed_off', '', '', '', '', '', '', "
                 "0, :at)"),
            {"one": answer.query.encounter_id, "at": time.time.replace(tzinfo=None)},
        )  # fmt: skip
    db.session.remove()
    page = amended(client)
    assert "after the account went to billing" in page
    assert "late-entry window" not in page
    time.advance(days=31)
    assert client.post("/answer/amend", data=an_amendment("late_entry")).status_code in {
        303,
        404,
    }  # the session is over
    fresh = a_new_way_back(client)
    with_pin(client, fresh)
    page = amended(client, "late_entry", op_id="op-9")
    assert "after the late-entry window of this site" in page
    assert [one.flags for one in db.session.scalars(select(Amendment).order_by(Amendment.id))] == [
        ("after_bill",), ("late", "after_bill"),
    ]  # fmt: skip


def a_new_way_back(browser: FlaskClient) -> str:
    """Ask by the old link for a new one to what was signed."""
    mail = db.session.scalars(select(MailboxMessage).order_by(MailboxMessage.id)).first()
    assert mail is not None
    found = re.search(r"/r/[a-z2-7]{52}", mail.text)
    assert found
    assert browser.get(found[0]).status_code == 404
    assert browser.post(found[0] + "/renew").status_code == 202
    return deliver()


def test_the_old_link_asks_for_a_new_one_that_leads_back_to_what_was_signed(
    client: FlaskClient, time: Clock
) -> None:
    answered(client)
    time.advance(days=3)
    stranger = client.application.test_client()
    path = a_new_way_back(stranger)
    mail = db.session.scalars(select(MailboxMessage).order_by(MailboxMessage.id.desc())).first()
    assert mail is not None
    assert mail.subject.startswith("Your signed answer (ref ")
    assert not re.search(r"testperson|ada|00417|heart", f"{mail.text}{mail.html}".lower())
    landing = stranger.get(path)
    assert "An answer that you signed" in landing.text
    assert "heart" not in landing.text
    with_pin(stranger, path)
    assert "Acute systolic heart failure" in stranger.get("/answer").text
    assert stranger.post("/answer/sign", data=OTHERS_WORDS).status_code == 409
    assert "EF was 25 %" in amended(stranger)


def test_item_85_an_answer_sent_again_gets_the_same_receipt_and_another_one_the_way_to_an_addendum(
    client: FlaskClient,
    time: Clock,
) -> None:
    a_sent_query()
    with_pin(client, deliver())
    forms = [
        {"option": "acute", "op_id": "op-1"},
        {"option": "acute", "op_id": "op-1"},
        {"option": "acute", "op_id": "op-7"},
    ]
    receipts = [client.post("/answer/sign", data=form) for form in forms]
    assert len({one.text for one in receipts}) == 1
    other = client.post("/answer/sign", data=OTHERS_WORDS)
    assert other.status_code == 409
    assert "Rosa Medina, MD signed an answer on Nov 02, 2026 at 09:00 EST" in other.text
    assert "Acute systolic heart failure" in other.text
    form = client.post("/answer/amend/write", data={"text": OTHERS_WORDS["text"]})
    assert "Known since 2019." in form.text
    assert " checked" not in form.text
    amended(client, text=OTHERS_WORDS["text"])
    assert db.session.scalar(select(func.count(Answer.id))) == 1


@pytest.mark.sqlite_only
def test_item_86_an_option_that_this_revision_does_not_offer_shows_what_it_offers(
    client: FlaskClient, time: Clock
) -> None:
    a_sent_query()
    with_pin(client, deliver())
    for page in ("/answer", "/answer/sign"):
        gone = client.post(page, data={"option": "of-another-query", "text": "my words", "op_id": "op-1"})
        assert gone.status_code == 409
        assert "choose again" in gone.text
        assert "Chronic systolic heart failure" in gone.text
        assert "my words" in gone.text
    assert db.session.scalar(select(func.count(Answer.id))) == 0


@pytest.mark.sqlite_only
@pytest.mark.parametrize("token", [None, "", "of-another-session"])
def test_item_87_a_form_without_its_token_changes_nothing_and_keeps_what_was_typed(
    client: FlaskClient,
    time: Clock,
    token: str | None,
) -> None:
    a_sent_query()
    with_pin(client, deliver())
    client.application.config["WTF_CSRF_ENABLED"] = True
    form = {"option": "other", "text": "High output failure", "op_id": "op-1"}
    kept = client.post("/answer/sign", data=form | ({} if token is None else {"csrf_token": token}))
    assert kept.status_code == 400
    assert "High output failure" in kept.text
    assert db.session.scalar(select(func.count(Answer.id))) == 0


@pytest.mark.sqlite_only
def test_item_87_an_amendment_survives_a_pin_that_ran_out(client: FlaskClient, time: Clock) -> None:
    answered(client)
    time.advance(minutes=16)
    asked = client.post("/answer/amend/sign", data=an_amendment())
    assert asked.status_code == 401
    assert "what you wrote is kept" in asked.text
    page = client.post("/answer/pin", data=an_amendment() | {"pin": "246810"})
    assert "EF was 25 %" in page.text
    assert 'value="addendum" checked' in page.text
    assert db.session.scalar(select(func.count(Amendment.id))) == 0


#: assurance F15 asks for 200: QUERY_MGR_TEST_ROUNDS=200 runs them all
ROUNDS = int(os.environ.get("QUERY_MGR_TEST_ROUNDS", "40"))


def test_f15_two_tabs_that_sign_different_answers_at_once_leave_one_and_show_it_to_the_other(
    app: Flask, time: Clock
) -> None:
    a_sent_query()
    link_id = db.session.scalars(select(QueryLink.id)).one()
    barrier, won = threading.Barrier(2), {}

    def tab(number: int) -> None:
        with app.app_context():
            for round_ in range(ROUNDS):
                barrier.wait()
                link = db.session.get_one(QueryLink, link_id)
                try:
                    answer = sign(link, Response(("acute", "chronic")[number], "", f"{number}-{round_}"))
                    won[number, round_] = ("signed", answer.option_key)
                except AlreadyAnsweredError as error:
                    won[number, round_] = ("told", error.answer.option_key)
                db.session.remove()
                if barrier.wait() == 0:
                    anew()
                barrier.wait()

    def anew() -> None:
        with db.engine.begin() as connection:
            connection.execute(update(Query).values(status="opened", revision=Query.revision + 1))
            connection.execute(update(QueryLink).values(revoked_at=None, revision=QueryLink.revision + 1))

    db.session.remove()
    tabs = [threading.Thread(target=tab, args=(number,)) for number in (0, 1)]
    for one in tabs:
        one.start()
    for one in tabs:
        one.join()
    assert len(won) == 2 * ROUNDS
    kept = {one.revision: one.option_key for one in db.session.scalars(select(Answer))}
    for round_ in range(ROUNDS):
        assert {won[0, round_][0], won[1, round_][0]} == {"signed", "told"}
        assert {won[0, round_][1], won[1, round_][1]} == {kept[round_ + 1]}


def test_f16_a_double_click_a_retry_and_a_form_sent_again_from_the_back_button_keep_one_amendment(
    client: FlaskClient,
    time: Clock,
) -> None:
    answered(client)
    pages = [client.post("/answer/amend/sign", data=an_amendment() | {"pin": PIN}).text for _ in range(3)]
    assert len(set(pages)) == 1
    assert db.session.scalar(select(func.count(Amendment.id))) == 1
