"""Final codes reach billing once, whatever happens on the way."""

from __future__ import annotations

import json
import os
import signal
import socket
import ssl
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from query_mgr.accounts.permissions import NotAllowedError
from query_mgr.audit.models import AuditEvent
from query_mgr.coding.codeset import CodingError
from query_mgr.coding.finishing import correct, move_on
from query_mgr.coding.handoff.actions import (
    hand_off,
    handoffs_of,
    return_from_billing,
    returns_of,
    send_again,
    settle,
)
from query_mgr.coding.handoff.mllp import Receiver as Where
from query_mgr.coding.handoff.mllp import exchange
from query_mgr.coding.handoff.models import HandOff
from query_mgr.coding.handoff.sending import MOST_ERRORS
from query_mgr.coding.models import EncounterCoding
from query_mgr.delivery import actions as delivery
from query_mgr.delivery import attention
from query_mgr.delivery.models import OutboxMessage
from query_mgr.delivery.retry import DeliveryError
from query_mgr.delivery.transport import Smtp
from query_mgr.delivery.worker import drain
from query_mgr.platform.db import db, unit_of_work
from tests.assurance.killed import in_a_child
from tests.coding.handoff.builders import (
    BILLER,
    CODER,
    DRUG,
    KIDNEY,
    SEPSIS,
    VISIT,
    Behaviour,
    Receiver,
    a_receiver,
    a_stay,
    ack,
    finished,
    status_of,
    with_settings,
)
from tests.conftest import Clock
from tests.delivery import notices


def the_row() -> HandOff:
    db.session.rollback()
    db.session.expire_all()
    return db.session.scalars(select(HandOff)).one()


def work() -> int:
    return drain(Smtp())


def test_without_a_billing_system_everything_is_kept_here_and_accepted_at_once(app: Flask, time: Clock) -> None:
    stay = a_stay()
    finished(stay)
    rows = hand_off(CODER, stay)
    assert [(one.channel, one.state) for one in rows] == [
        (f"{name}:inbox", "accepted") for name in ("bar", "dft", "claim", "professional", "csv")
    ]
    assert status_of(stay) == "handed_off"
    coding = db.session.get(EncounterCoding, stay.id)
    assert coding is not None
    assert coding.handed_off_at == time()
    assert [one.ref for one in handoffs_of(stay)] == [one.ref for one in rows]
    assert db.session.scalars(select(OutboxMessage)).all() == []


@pytest.mark.sqlite_only
def test_only_final_codes_are_handed_off(app: Flask) -> None:
    stay = a_stay()
    with pytest.raises(CodingError, match="not started"):
        hand_off(CODER, stay)
    assert handoffs_of(stay) == []


def test_asked_twice_it_hands_off_once(app: Flask) -> None:
    stay = a_stay()
    finished(stay)
    with a_receiver(app) as billing:
        first, second = hand_off(CODER, stay), hand_off(CODER, stay)
        assert [one.ref for one in first] == [one.ref for one in second]
        assert work() == 1
    assert len(billing.messages) == 1
    with pytest.raises(CodingError, match="handed off"):
        hand_off(CODER, stay)


def test_an_error_a_lost_connection_and_then_an_answer_make_one_accepted_hand_off(app: Flask, time: Clock) -> None:
    stay = a_stay()
    finished(stay)
    with a_receiver(app, lambda message: ack(message, "AE", "try later"), lambda message: None) as billing:
        hand_off(CODER, stay)
        assert (work(), the_row().state, the_row().answer, the_row().is_uncertain) == (1, "waiting", "AE", False)
        assert work() == 0  # not before its time
        time.advance(minutes=2)
        assert (work(), the_row().state, the_row().is_uncertain) == (1, "waiting", True)
        assert status_of(stay) == "final"
        time.advance(minutes=3)
        assert work() == 1
        time.advance(hours=9)
        assert work() == 0
    row = the_row()
    assert (row.state, row.answer, row.is_uncertain, row.answered_at) == ("accepted", "AA", False, row.answered_at)
    assert billing.control_ids == [row.ref] * 3  # one message, known by its MSH-10 however often it came
    assert len(set(billing.messages)) == 1
    assert status_of(stay) == "handed_off"


def test_codes_that_were_opened_again_are_not_sent(app: Flask, time: Clock) -> None:
    stay = a_stay()
    finished(stay)
    with a_receiver(app) as billing:
        hand_off(CODER, stay)
        move_on(CODER, stay, "reopen")
        assert work() == 1
    assert billing.messages == []
    assert the_row().state == "withdrawn"


def refusing(code: str) -> Behaviour:
    return lambda message: ack(message, code, "Patient O'Brien is unknown")


def silent(message: str) -> None:
    return None


@pytest.mark.sqlite_only
def test_a_refusal_for_good_wants_attention_at_once(app: Flask, time: Clock) -> None:
    stay = a_stay()
    finished(stay)
    with a_receiver(app, refusing("AR")) as billing:
        hand_off(CODER, stay)
        work()
        time.advance(hours=9)
        assert work() == 0
    assert len(billing.messages) == 1
    row = the_row()
    assert (row.state, row.answer, row.reason) == (
        "refused", "AR", "the billing system refused the message (AR)",
    )  # fmt: skip
    assert row.answer_text == "Patient O'Brien is unknown"
    assert status_of(stay) == "final"


@pytest.mark.sqlite_only
def test_an_error_is_tried_again_a_few_times_only(app: Flask, time: Clock) -> None:
    stay = a_stay()
    finished(stay)
    with a_receiver(app, *[refusing("CE")] * 9) as billing:
        hand_off(CODER, stay)
        for _ in range(9):
            work()
            time.advance(hours=5)
    assert len(billing.messages) == MOST_ERRORS
    assert the_row().state == "refused"


@pytest.mark.sqlite_only
def test_an_answer_to_another_message_is_not_ours(app: Flask, time: Clock) -> None:
    stay = a_stay()
    finished(stay)

    def mixed_up(message: str) -> list[str]:
        return [ack(message, "AR", control_id="SOMEBODYELSES"), "no HL7 at all", ack(message, "CA")]

    with a_receiver(app, mixed_up):
        hand_off(CODER, stay)
        work()
    assert (the_row().state, the_row().answer) == ("accepted", "CA")


def test_nobody_answering_is_told_from_nobody_listening() -> None:
    receiver = Receiver(lambda message: [])
    with pytest.raises(DeliveryError) as unanswered:
        exchange(Where("127.0.0.1", receiver.port, 0.2), "MSH|^~\\&||||||||X1\r", "X1")
    assert unanswered.value.failure.is_uncertain
    receiver.close()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with pytest.raises(DeliveryError) as unreached:
        exchange(Where("127.0.0.1", port, 0.2), "MSH|^~\\&||||||||X1\r", "X1")
    assert not unreached.value.failure.is_uncertain


def test_over_tls_the_receivers_name_is_checked(tmp_path: Path) -> None:
    cert, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
         "-addext", "subjectAltName=DNS:localhost", "-keyout", str(key), "-out", str(cert)],
        check=True, capture_output=True,
    )  # fmt: skip
    theirs = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    theirs.load_cert_chain(cert, key)
    receiver = Receiver(secure=theirs)
    ours = ssl.create_default_context(cafile=str(cert))
    message = "MSH|^~\\&||||||||X1\r"
    assert exchange(Where("localhost", receiver.port, 5, ours), message, "X1").code == "AA"
    with pytest.raises(DeliveryError, match="safe connection") as wrong_name:
        exchange(Where("127.0.0.1", receiver.port, 5, ours), message, "X1")
    assert not wrong_name.value.failure.is_uncertain
    with pytest.raises(DeliveryError) as in_clear:
        exchange(Where("localhost", receiver.port, 1), message, "X1")
    assert not in_clear.value.failure.is_permanent
    receiver.close()


def ended(child: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def test_a_worker_killed_after_the_answer_asks_again_under_the_same_control_id(app: Flask, time: Clock) -> None:
    stay = a_stay()
    finished(stay)
    with a_receiver(app, crash_at="after_receipt") as billing:
        hand_off(CODER, stay)
        assert ended(in_a_child(work)) == -signal.SIGKILL
        assert (the_row().state, len(billing.messages)) == ("waiting", 1)
        move_on(CODER, stay, "reopen")  # the codes were opened again: billing may have them all the same
        time.advance(minutes=5)
        with_settings(app, crash_at="")
        assert work() == 1
    assert the_row().state == "accepted"
    assert billing.control_ids == [the_row().ref] * 2  # the receiver can tell the second copy by MSH-10
    assert db.session.scalars(select(OutboxMessage)).one().is_possible_duplicate
    assert status_of(stay) == "in_progress"


def test_two_workers_at_once_send_each_message_once(app: Flask, time: Clock) -> None:
    stays = [a_stay(f"CSN-{number}") for number in range(6)]
    with a_receiver(app, billing_messages="bar,dft") as billing:
        for stay in stays:
            finished(stay)
            hand_off(CODER, stay)
        workers = [in_a_child(work), in_a_child(work)]
        assert [ended(one) for one in workers] == [0, 0]
    assert len(billing.control_ids) == len(set(billing.control_ids)) == 12
    assert {status_of(stay) for stay in stays} == {"handed_off"}
    assert {one.state for one in db.session.scalars(select(HandOff))} == {"accepted"}


def test_a_late_change_is_handed_off_as_a_correction(app: Flask, time: Clock) -> None:
    stay = a_stay()
    finished(stay)
    with a_receiver(app, billing_messages="bar,dft") as billing:
        hand_off(CODER, stay)
        work()
        correct(CODER, stay, "pathology came back")
        finished(stay, diagnoses=[SEPSIS], services=[VISIT | {"units": 1.0}, DRUG])
        rows = hand_off(CODER, stay)
        work()
    assert all(one.is_correction for one in rows)
    assert status_of(stay) == "rebilled"
    codes, charges = billing.messages[2:]
    assert ("N17.9", "D") in [(line.split("|")[3].split("^")[0], line.split("|")[21]) for line in of(codes, "DG1")]
    assert [line.split("|")[6] for line in of(charges, "FT1")] == ["CD", "CG"]


def of(message: str, name: str) -> list[str]:
    return [line for line in message.split("\r") if line.startswith(name)]


@pytest.mark.sqlite_only
def test_charges_that_did_not_change_make_no_second_message(app: Flask, time: Clock) -> None:
    stay = a_stay()
    finished(stay)
    with a_receiver(app, billing_messages="dft") as billing:
        hand_off(CODER, stay)
        work()
        correct(CODER, stay, "sequence")
        finished(stay, diagnoses=[SEPSIS, KIDNEY | {"poa": "Y"}])
        assert hand_off(CODER, stay) == []  # nothing to say: billing has it all
    assert len(billing.messages) == 1
    assert status_of(stay) == "rebilled"


@pytest.mark.sqlite_only
def test_billing_sends_an_encounter_back_with_a_reason(app: Flask, time: Clock) -> None:
    stay = a_stay()
    finished(stay)
    with pytest.raises(CodingError, match="final"):
        return_from_billing(BILLER, stay, "procedure")
    hand_off(CODER, stay)
    with pytest.raises(NotAllowedError):
        return_from_billing(CODER, stay, "procedure")
    with pytest.raises(CodingError, match="Note"):
        return_from_billing(BILLER, stay, "other", "  ")
    return_from_billing(BILLER, stay, "procedure", "the date is missing")
    assert status_of(stay) == "returned"
    (back,) = returns_of(stay)
    assert (back.reason, back.note, back.returned_by) == ("procedure", "the date is missing", BILLER.email)
    assert back.version is not None
    assert back.version.number == 1
    finished(stay)
    hand_off(CODER, stay)
    assert status_of(stay) == "rebilled"


def test_no_new_version_goes_while_nobody_knows_what_billing_has_of_the_last(app: Flask, time: Clock) -> None:
    stay = a_stay()
    finished(stay)
    with a_receiver(app, silent) as billing:
        hand_off(CODER, stay)
        work()
        assert the_row().is_uncertain
        move_on(CODER, stay, "reopen")
        finished(stay)
        with pytest.raises(CodingError, match="not known yet whether billing took"):
            hand_off(CODER, stay)
        time.advance(minutes=2)
        work()  # it is asked for until it answers
        hand_off(CODER, stay)
        work()
    assert len(set(billing.control_ids)) == 2
    assert [one.state for one in handoffs_of(stay)] == ["accepted", "accepted"]
    assert status_of(stay) == "handed_off"


@pytest.mark.sqlite_only
def test_an_error_after_a_lost_answer_leaves_in_doubt_what_billing_has(app: Flask, time: Clock) -> None:
    stay = a_stay()
    finished(stay)
    with a_receiver(app, silent, refusing("AR")):
        hand_off(CODER, stay)
        work()
        time.advance(minutes=2)
        work()
    assert (the_row().state, the_row().is_uncertain) == ("refused", True)
    move_on(CODER, stay, "reopen")
    finished(stay)
    with pytest.raises(CodingError, match="settle it on the billing page"):
        hand_off(CODER, stay)
    settle(BILLER, handoffs_of(stay)[0].ref, is_taken=False, reason="asked billing")
    with_settings(app, billing_hl7_host="")
    assert [one.is_correction for one in hand_off(CODER, stay)] == [False]


@pytest.mark.sqlite_only
def test_what_billing_was_found_not_to_have_can_be_sent_again(app: Flask, time: Clock) -> None:
    stay = a_stay()
    finished(stay)
    with a_receiver(app, refusing("AR")) as billing:
        hand_off(CODER, stay)
        work()
        settle(BILLER, the_row().ref, is_taken=False, reason="asked billing")
        assert (the_row().state, status_of(stay)) == ("withdrawn", "final")
        send_again(BILLER, the_row().ref)
        work()
    assert len(set(billing.control_ids)) == 1
    assert status_of(stay) == "handed_off"


@pytest.mark.sqlite_only
def test_what_never_left_is_taken_back_when_a_new_version_goes(app: Flask, time: Clock) -> None:
    stay = a_stay()
    finished(stay)
    with a_receiver(app) as billing:
        hand_off(CODER, stay)
        move_on(CODER, stay, "reopen")
        finished(stay)
        hand_off(CODER, stay)
        work()
    assert [(one.version.number, one.state) for one in handoffs_of(stay)] == [(2, "accepted"), (1, "withdrawn")]
    assert len(billing.messages) == 1


@pytest.mark.sqlite_only
def test_a_refused_message_can_be_sent_again_or_settled_by_hand(app: Flask, time: Clock) -> None:
    stay = a_stay()
    finished(stay)
    with a_receiver(app, refusing("AR"), refusing("AR")) as billing:
        hand_off(CODER, stay)
        work()
        ref = the_row().ref
        send_again(BILLER, ref)
        with pytest.raises(CodingError, match="does not need attention"):
            send_again(BILLER, ref)
        work()
        assert the_row().state == "refused"
        with pytest.raises(CodingError, match="how you know"):
            settle(BILLER, ref, is_taken=True, reason=" ")
        settle(BILLER, ref, is_taken=True, reason="entered by hand, ticket 7")
    assert billing.control_ids == [ref] * 2
    assert (the_row().state, the_row().settled_by) == ("accepted", BILLER.email)
    assert status_of(stay) == "handed_off"


@pytest.mark.sqlite_only
def test_nothing_of_a_message_is_logged_audited_or_kept_in_the_outbox(
    app: Flask, time: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    stay = a_stay()
    finished(stay)
    with a_receiver(app, refusing("AE"), silent, refusing("AR")):
        hand_off(CODER, stay)
        for _ in range(3):
            work()
            time.advance(hours=5)
    kept = "".join(
        [caplog.text, *(f"{one.action}{one.detail}" for one in db.session.scalars(select(AuditEvent)))]
        + [f"{one.payload}{one.last_error}" for one in db.session.scalars(select(OutboxMessage))]
    )
    assert "the billing system refused the message (AR)" in kept
    for secret in ("O'Brien", "000CSN-1", "CSN-1", "A41.9", "MSH", "Sepsis"):
        assert secret not in kept


class Billing:
    """A FHIR server that creates a claim unless it has one of its identifier."""

    def __init__(self, *statuses: int) -> None:
        self.claims: dict[str, dict[str, object]] = {}
        self.requests: list[str] = []
        outer, left = self, list(statuses)

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                condition = self.headers["If-None-Exist"]
                outer.requests.append(condition)
                assert self.headers["Authorization"] == "Bearer a-token"
                status = left.pop(0) if left else 201
                if status == 201:
                    status = 200 if condition in outer.claims else 201
                    outer.claims.setdefault(condition, body)
                said = b'{"resourceType": "OperationOutcome", "issue": [{"diagnostics": "no such payer"}]}'
                self.send_response(status)
                self.send_header("Content-Length", str(len(said)))
                self.end_headers()
                self.wfile.write(said)

            def log_message(self, *arguments: object) -> None:
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}/r4"


@pytest.mark.sqlite_only
def test_claims_are_created_once_however_often_they_are_posted(app: Flask, time: Clock) -> None:
    billing = Billing(503, 201, 422)
    with_settings(app, billing_fhir_url=billing.url, billing_fhir_token="a-token", billing_messages="claim")
    stay = a_stay()
    finished(stay)
    rows = hand_off(CODER, stay)
    assert [one.channel for one in rows] == ["claim:fhir", "professional:fhir"]
    work()
    time.advance(minutes=2)
    work()
    states = {one.format: (one.state, one.answer) for one in handoffs_of(stay)}
    assert states == {"claim": ("refused", "HTTP 422"), "professional": ("accepted", "HTTP 201")} or states == {
        "claim": ("accepted", "HTTP 201"), "professional": ("refused", "HTTP 422"),
    }  # fmt: skip
    (refused,) = [one for one in handoffs_of(stay) if one.state == "refused"]
    assert refused.answer_text == "no such payer"
    assert status_of(stay) == "final"
    send_again(BILLER, refused.ref)
    work()
    assert status_of(stay) == "handed_off"
    assert len(billing.claims) == 2
    billing.server.shutdown()


@pytest.mark.sqlite_only
def test_a_receiver_that_does_not_answer_keeps_nobody_else_waiting(app: Flask, time: Clock) -> None:
    stays = [a_stay(f"CSN-{number}") for number in range(3)]
    notices.register()
    with a_receiver(app, silent) as billing:
        for stay in stays:
            finished(stay)
            hand_off(CODER, stay)
        with unit_of_work():
            delivery.enqueue("notice", {"ref": "r1"})
        assert work() == 2
    assert len(billing.messages) == 1
    assert notices.heard == [("r1", "sent")]
    attempts = db.session.scalars(select(OutboxMessage.attempts).order_by(OutboxMessage.id)).all()
    assert attempts == [1, 0, 0, 1]  # no attempt is spent on who would not have answered either


@pytest.mark.sqlite_only
def test_a_claim_that_found_no_server_is_known_not_to_be_there(app: Flask, time: Clock) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        url = f"http://127.0.0.1:{free.getsockname()[1]}/r4"
    with_settings(app, billing_fhir_url=url, billing_messages="claim")
    stay = a_stay()
    finished(stay, services=[])
    hand_off(CODER, stay)
    work()
    assert (the_row().state, the_row().is_uncertain) == ("waiting", False)


@pytest.mark.sqlite_only
def test_the_folder_gets_whole_files_and_the_same_one_again(app: Flask, time: Clock, tmp_path: Path) -> None:
    folder = tmp_path / "billing"
    with_settings(app, billing_folder=str(folder))
    stay = a_stay()
    finished(stay)
    rows = hand_off(CODER, stay)
    work()
    assert {one.reason for one in handoffs_of(stay)} == {
        "the billing folder cannot be written (FileNotFoundError)"
    }
    folder.mkdir()
    time.advance(minutes=2)
    work()
    endings = {"bar": "hl7", "dft": "hl7", "claim": "json", "professional": "json", "csv": "csv"}
    assert {one.name for one in folder.iterdir()} == {
        f"{one.format}-{one.ref}.{endings[one.format]}" for one in rows
    }
    assert status_of(stay) == "handed_off"


@pytest.mark.sqlite_only
def test_a_refused_hand_off_stands_on_the_delivery_page_until_it_is_settled(app: Flask, time: Clock) -> None:
    stay = a_stay()
    finished(stay)
    with a_receiver(app, lambda message: ack(message, "AR", "no")):
        hand_off(CODER, stay)
        work()
    (found,) = attention.items()
    assert (found.about.who, found.may_retry) == ("billing", False)
    assert [way.endpoint for way in found.about.ways] == ["billing_desk.account"]
    settle(BILLER, the_row().ref, is_taken=True, reason="they called")
    assert attention.items() == []
