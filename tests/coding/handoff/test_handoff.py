"""Final codes reach billing once, whatever happens on the way."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select

from query_mgr.coding.codeset import CodingError
from query_mgr.coding.finishing import move_on
from query_mgr.coding.handoff.actions import hand_off, handoffs_of
from query_mgr.coding.handoff.models import HandOff
from query_mgr.coding.models import EncounterCoding
from query_mgr.delivery.models import OutboxMessage
from query_mgr.delivery.transport import Smtp
from query_mgr.delivery.worker import drain
from query_mgr.platform.db import db
from tests.coding.handoff.builders import CODER, a_receiver, a_stay, ack, finished, status_of
from tests.conftest import Clock


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
