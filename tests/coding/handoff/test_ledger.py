"""Whatever happens on the way and at the desk, what billing holds is what was handed off."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from sqlalchemy import event

from query_mgr.coding.codeset import CodingError
from query_mgr.coding.finishing import correct, move_on
from query_mgr.coding.handoff.actions import hand_off, handoffs_of, return_from_billing, send_again, settle
from query_mgr.coding.handoff.models import HandOff
from query_mgr.delivery.models import OutboxMessage
from query_mgr.delivery.transport import Smtp
from query_mgr.delivery.worker import drain
from query_mgr.platform.db import db, unit_of_work
from tests.coding.handoff.builders import (
    BILLER,
    CODER,
    DRUG,
    KIDNEY,
    SEPSIS,
    VISIT,
    Receiver,
    a_receiver,
    a_stay,
    ack,
    finished,
    status_of,
)
from tests.conftest import Clock

DIAGNOSES = ([SEPSIS], [SEPSIS, KIDNEY], [KIDNEY | {"sequence": 1}])
SERVICES = ([], [VISIT], [VISIT | {"units": 1.0}], [VISIT, DRUG])


class Ledger:
    """Billing: it takes a message once by its MSH-10, and may lose its answers or say no."""

    def __init__(self) -> None:
        self.taken: set[str] = set()
        self.codes: dict[str, str] = {}  # identity -> code
        self.charges: dict[str, float] = {}  # transaction -> units
        self.next, self.faults = "AA", list[AssertionError]()

    def __call__(self, message: str) -> str | None:
        try:
            return self._answer(message)
        except AssertionError as fault:  # this is the receiver's thread; the invariant raises it
            self.faults.append(fault)
            raise

    def _answer(self, message: str) -> str | None:
        mood, self.next = self.next, "AA"
        control_id = message.split("\r")[0].split("|")[9]
        if mood in ("AE", "AR"):
            return ack(message, mood)
        if mood == "hangs up":
            return None
        if control_id not in self.taken:
            self.taken.add(control_id)
            self._post(message)
        return None if mood == "loses the answer" else ack(message)

    def _post(self, message: str) -> None:
        for line in message.split("\r"):
            fields = line.split("|")
            if fields[0] in ("DG1", "PR1"):
                key, action = (fields[20], fields[21]) if fields[0] == "DG1" else (fields[19], fields[20])
                if action == "D":
                    del self.codes[key]
                else:
                    assert (action == "U") == (key in self.codes)
                    self.codes[key] = fields[3].split("^")[0]
            elif fields[0] == "FT1" and fields[6] == "CG":
                assert fields[2] not in self.charges  # nothing is charged twice
                self.charges[fields[2]] = float(fields[10])
            elif fields[0] == "FT1":
                assert self.charges.pop(fields[2]) == float(fields[10])


def machine(app: Flask, time: Clock, receiver: Receiver, number: Callable[[], int]) -> type[RuleBasedStateMachine]:
    """Return the machine of one encounter and its billing system."""

    class Desk(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            self.billing, self.stay = Ledger(), a_stay(f"CSN-{number()}")
            receiver.script = [self.billing] * 1000
            self.services: list[dict[str, object]] = []
            self.diagnoses: list[dict[str, object]] = []
            self.finish([SEPSIS], [VISIT])

        def finish(self, diagnoses: list[dict[str, object]], services: list[dict[str, object]]) -> None:
            self.diagnoses, self.services = diagnoses, services
            finished(self.stay, diagnoses=diagnoses, services=services)

        def teardown(self) -> None:
            """Leave nothing behind that the next example's billing would get."""
            with unit_of_work():
                db.session.query(OutboxMessage).update({"state": "dropped"})

        def is_in(self, *statuses: str) -> bool:
            return status_of(self.stay) in statuses

        def troubled(self) -> list[HandOff]:
            return [one for one in handoffs_of(self.stay) if one.state in ("refused", "withdrawn")]

        @precondition(lambda self: self.is_in("final"))
        @rule()
        def hands_off(self) -> None:
            try:
                hand_off(CODER, self.stay)
            except CodingError as error:
                assert "not known yet" in str(error)

        @rule(mood=st.sampled_from(["AA", "AE", "AR", "hangs up", "loses the answer", "loses the answer"]))
        def worker_runs(self, mood: str) -> None:
            self.billing.next = mood
            drain(Smtp())
            time.advance(hours=5)

        @precondition(lambda self: self.is_in("final"))
        @rule(diagnoses=st.sampled_from(DIAGNOSES), services=st.sampled_from(SERVICES))
        def opens_again(self, diagnoses: list[dict[str, object]], services: list[dict[str, object]]) -> None:
            move_on(CODER, self.stay, "reopen")
            self.finish(diagnoses, services)

        @precondition(lambda self: self.is_in("handed_off", "rebilled"))
        @rule(diagnoses=st.sampled_from(DIAGNOSES), services=st.sampled_from(SERVICES), by_billing=st.booleans())
        def changes_late(
            self, diagnoses: list[dict[str, object]], services: list[dict[str, object]], by_billing: bool
        ) -> None:
            if by_billing:
                return_from_billing(BILLER, self.stay, "charges")
            else:
                correct(CODER, self.stay, "late change")
            self.finish(diagnoses, services)

        @precondition(lambda self: self.troubled())
        @rule(is_settled=st.booleans())
        def looks_after_a_refused_message(self, is_settled: bool) -> None:
            row = self.troubled()[0]
            if is_settled and row.state == "refused":
                settle(BILLER, row.ref, is_taken=row.ref in self.billing.taken, reason="asked billing")
            else:
                try:
                    send_again(BILLER, row.ref)
                except CodingError as error:
                    assert "opened again" in str(error)

        @invariant()
        def no_message_contradicts_what_billing_holds(self) -> None:
            for fault in self.billing.faults:
                raise fault

        @invariant()
        def what_is_accepted_was_taken(self) -> None:
            rows = handoffs_of(self.stay)
            assert {one.ref for one in rows if one.state == "accepted"} <= self.billing.taken
            assert not {one.ref for one in rows if one.state == "withdrawn"} & self.billing.taken

        @invariant()
        def billing_holds_what_was_handed_off(self) -> None:
            if self.is_in("handed_off", "rebilled"):
                held = sorted(self.billing.codes.values())
                assert held == sorted(["R65.20", "02HV33Z", *(str(one["code"]) for one in self.diagnoses)])
                assert sorted(self.billing.charges.values()) == sorted(one["units"] for one in self.services)

    return Desk


@pytest.mark.sqlite_only
def test_billing_holds_what_was_handed_off_whatever_happens_on_the_way(app: Flask, time: Clock) -> None:
    numbers = iter(range(10_000))
    db.session.remove()
    db.engine.dispose()
    # What a power cut would do is tested elsewhere; here the disk need not be waited for.
    event.listen(db.engine, "connect", lambda connection, record: connection.execute("PRAGMA synchronous=OFF"))
    with a_receiver(app, billing_messages="bar,dft") as receiver:
        run_state_machine_as_test(
            machine(app, time, receiver, lambda: next(numbers)),
            settings=hypothesis_settings(max_examples=15, stateful_step_count=20, deadline=None, database=None),
        )
