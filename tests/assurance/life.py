"""The life of queries as a state machine over HTTP, worker, clock and mail, with what must hold after every step.

Source: assurance §3.1 (P1-P6) and §7 item 1. `make test` runs it small, `make soak` long.
"""

from __future__ import annotations

import re
import smtplib
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import argon2
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from sqlalchemy import select, update

from query_mgr.accounts.models import Provider
from query_mgr.audit import actions as audit
from query_mgr.audit.models import AuditEvent
from query_mgr.delivery import attention, intake, verp
from query_mgr.delivery.actions import Mail
from query_mgr.delivery.failures import CLASSES
from query_mgr.delivery.models import OutboxMessage
from query_mgr.delivery.retry import UnansweredError
from query_mgr.delivery.worker import drain
from query_mgr.platform import clock
from query_mgr.platform.db import db, unit_of_work
from query_mgr.queries import actions, lifecycle, sending
from query_mgr.queries.followup import running
from query_mgr.queries.models import Query
from query_mgr.respond.models import Amendment, Answer
from tests.accounts.builders import a_user, actor, signed_in
from tests.assurance.killed import killed_at
from tests.conftest import Clock
from tests.delivery.returns import a_bounce
from tests.delivery.server import with_smtp
from tests.queries.builders import PIN, a_stay_of, content

MOODS = ("fine", "fine", "fine", "later", "refused", "lost", "lost again", "killed", "down")
_LINK = re.compile(r"/r/[a-z2-7]{52}")
SOME = st.integers(0, 30)
#: cheap to check; how dear it should be is tested elsewhere
_PIN_HASH = argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PIN)
#: what stands in a chart and never in a mail
CANARIES = ("testperson", "ada", "00417", "csn", "heart", "bnp", "furosemide")


class KilledError(BaseException):
    """The worker's process ends here, as by kill -9: nothing catches it, its leases stay."""


@dataclass
class Wire:
    """The mail server: what it took, and how it behaves. It stands where the SMTP connection would."""

    mood: str = "fine"
    copies: list[tuple[str, str, Mail]] = field(default_factory=list)  # Message-ID, outbox reference, mail
    doubts: Counter[str] = field(default_factory=Counter)  # Message-ID -> copies of which we could not know

    def send(self, letter: Mail, message_id: str, ref: str) -> None:
        """Take a mail, or not."""
        match self.mood:
            case "later":
                raise smtplib.SMTPDataError(451, b"4.3.0 try later")
            case "refused":
                raise smtplib.SMTPRecipientsRefused({letter.recipient: (550, b"5.1.1 no such user")})
            case "down":
                raise ConnectionRefusedError
        self.copies.append((message_id, ref, letter))
        if self.mood in ("lost", "lost again", "killed"):
            self.doubts[message_id] += 1
            if self.mood != "lost again":
                mood, self.mood = self.mood, "fine"
                raise KilledError if mood == "killed" else UnansweredError
            raise UnansweredError

    def close(self) -> None:
        """Nothing is open."""


@dataclass
class Told:
    """What people were told, and must find true ever after."""

    answers: dict[str, str] = field(default_factory=dict)  # query -> the option that a receipt confirmed
    amendments: Counter[str] = field(default_factory=Counter)
    cancelled: set[str] = field(default_factory=set)


def machine(
    app: Flask, time: Clock, fresh: Callable[[], None], happened: Counter[str]
) -> type[RuleBasedStateMachine]:
    """Return the machine of one hospital. fresh: empties the database; happened: counts what came to pass."""

    class Hospital(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            fresh()
            time.time = datetime(2026, 11, 2, 14, tzinfo=UTC)
            with_smtp(app, 1, mail_bounces="returns@riverbend.example")
            self.wire, self.told, self.numbers = Wire(), Told(), Counter[str]()
            self.coder = actor(a_user("coder", email="cole@h.test"))
            self.desk = signed_in(app.test_client(), a_user("cdi_lead", email="lea@h.test"))
            self.phones: dict[str, FlaskClient] = {}
            with unit_of_work():
                self.providers = [
                    Provider(name=name, credentials="MD", npi=npi, email=f"{name[:4].lower()}@riverbend.example",
                             created_at=clock.now(), pin_hash=_PIN_HASH)
                    for name, npi in (("Rosa Medina", "1234567893"), ("Noor Haddad", "1679576722"))
                ]  # fmt: skip
                db.session.add_all(self.providers)

        # -- what is there

        def next(self, name: str) -> int:
            self.numbers[name] += 1
            return self.numbers[name]

        def queries(self, *statuses: str) -> list[Query]:
            db.session.rollback()
            wanted = select(Query).order_by(Query.id)
            return list(db.session.scalars(wanted.where(Query.status.in_(statuses)) if statuses else wanted))

        def path(self, pick: int) -> str:
            """Return the link of one mail that arrived."""
            found = [match[0] for _, _, mail in self.wire.copies if (match := _LINK.search(mail.text))]
            return found[pick % len(found)]

        def has_mail(self) -> bool:
            return any(_LINK.search(mail.text) for _, _, mail in self.wire.copies)

        # -- what people and machines do

        @rule(pick=st.integers(0, 1), many=st.integers(1, 2), mood=st.sampled_from(MOODS))
        def coder_sends(self, pick: int, many: int, mood: str) -> None:
            stay = a_stay_of(self.next("stay"))
            provider = db.session.merge(self.providers[pick], load=True)
            drafts = [
                actions.save_draft(self.coder, stay, provider, content(condition=f"condition {number}"))
                for number in range(many)
            ]
            reasons = sending.Reasons("The evidence was checked.", "Each asks something else.")
            if many == 1:
                sending.send(self.coder, drafts[0], reasons.warnings, reasons.repeat)
            else:
                sending.send_together(self.coder, drafts, {one.ref: reasons for one in drafts})
            self.worker_runs(mood, False)

        @initialize()
        def a_query_is_on_its_way(self) -> None:
            self.coder_sends(0, 1, "fine")

        @rule(mood=st.sampled_from(MOODS), restarted=st.booleans())
        def worker_runs(self, mood: str, restarted: bool) -> None:
            if restarted:
                db.session.remove()
                db.engine.dispose()
            self.wire.mood = mood
            try:
                for _ in range(20):  # one by one: how many a worker takes at a time depends on how quick it is
                    if not drain(self.wire, 1):  # type: ignore[arg-type]
                        break
            except KilledError:
                db.session.remove()
            self.wire.mood = "fine"

        @rule(hours=st.sampled_from([0.02, 1, 7, 30, 80, 200]))
        def time_passes(self, hours: float) -> None:
            time.advance(hours=hours)
            running.run_due()

        @precondition(lambda self: self.wire.copies)
        @rule(pick=SOME, times=st.integers(1, 2))
        def mail_comes_back(self, pick: int, times: int) -> None:
            _, ref, _ = self.wire.copies[pick % len(self.wire.copies)]
            for number in range(times):
                intake.take_in(a_bounce(verp.envelope_sender(ref), number=number))

        @precondition(has_mail)
        @rule(pick=SOME, pin=st.sampled_from([PIN, PIN, PIN, PIN, "000000"]))
        def provider_opens(self, pick: int, pin: str) -> None:
            path, before = self.path(pick), self.state()
            for method in ("get", "head", "options"):  # a scanner, before the provider sees the mail
                getattr(app.test_client(), method)(path)
            assert self.state() == before
            phone = self.phones.setdefault(path, app.test_client())
            if phone.post(path).status_code == 303:
                phone.post("/answer/pin", data={"pin": pin})

        @precondition(has_mail)
        @rule(pick=SOME, option=st.sampled_from(["acute", "chronic"]), times=st.integers(1, 2))
        def provider_signs(self, pick: int, option: str, times: int) -> None:
            phone, ref = self.shown(pick)
            form = {"option": option, "text": "", "query": ref, "pin": PIN, "op_id": f"op-{self.next('op')}"}
            for _ in range(times):  # a second tap on the same button
                self.taps(phone, form)

        @precondition(has_mail)
        @rule(pick=SOME, option=st.sampled_from(["acute", "chronic"]), nth=st.integers(1, 40))
        def server_dies_while_a_provider_signs(self, pick: int, option: str, nth: int) -> None:
            phone, ref = self.shown(pick)
            form = {"option": option, "text": "", "query": ref, "pin": PIN, "op_id": f"op-{self.next('op')}"}
            happened["killed"] += killed_at(nth, lambda: phone.post("/answer/sign", data=form))
            self.taps(phone, form)  # whatever was kept, the second tap gets the receipt of the first

        def taps(self, phone: FlaskClient, form: dict[str, str]) -> None:
            answer = phone.post("/answer/sign", data=form)
            assert answer.status_code in (200, 303, 401, 404, 409, 429), answer.status_code
            happened[f"signing answered {answer.status_code}"] += 1
            label = {"acute": "Acute systolic", "chronic": "Chronic systolic"}[form["option"]]
            if answer.status_code == 200 and "Thank you" in answer.text and label in answer.text:
                assert self.told.answers.setdefault(form["query"], form["option"]) == form["option"]

        @precondition(has_mail)
        @rule(pick=SOME)
        def provider_asks_back(self, pick: int) -> None:
            phone, ref = self.shown(pick)
            answer = phone.post("/answer/ask", data={"query": ref, "comment": "Which echo do you mean?"})
            assert answer.status_code in (200, 303, 401, 404, 429), answer.status_code

        @precondition(lambda self: self.told.answers)
        @rule(pick=SOME)
        def provider_amends(self, pick: int) -> None:
            phone, ref = self.shown(pick)
            if ref not in self.told.answers:
                return
            form = {"query": ref, "kind": "addendum", "text": "Seen again on the echo.", "reason": "New information",
                    "pin": PIN, "op_id": f"op-{self.next('op')}"}  # fmt: skip
            answer = phone.post("/answer/amend/sign", data=form)
            assert answer.status_code in (200, 303, 400, 401, 404, 429)
            self.told.amendments[ref] += answer.status_code == 200 and "Seen again on the echo." in answer.text

        def shown(self, pick: int) -> tuple[FlaskClient, str]:
            """Return a provider's browser, and the query that it shows ("" where it shows none)."""
            if not self.phones or pick % 3 == 0:
                self.provider_opens(pick // 3, PIN)
            phone = list(self.phones.values())[pick % len(self.phones)]
            page = phone.get("/answer").text
            found = re.findall(r'name="query" value="([a-z2-9]{16})"', page)
            return phone, found[pick % len(found)] if found else ""

        @precondition(lambda self: self.queries(*lifecycle.OPEN))
        @rule(pick=SOME, step=st.sampled_from(["reply", "cancel", "resend"]))
        def coder_goes_on(self, pick: int, step: str) -> None:
            found = self.queries(*lifecycle.OPEN)
            query = found[pick % len(found)]
            ref, before = query.ref, query.status
            self.desk.post(f"/queries/{ref}/{step}", data={"text": "See the echo of Monday."})
            db.session.rollback()
            if step == "cancel":
                assert self.status(ref) == "cancelled"
                self.told.cancelled.add(ref)
            elif (before, step) not in lifecycle._TABLE:
                assert self.status(ref) == before

        def status(self, ref: str) -> str:
            return db.session.scalars(select(Query.status).where(Query.ref == ref)).one()

        # -- what must hold

        def state(self) -> list[tuple[Any, ...]]:
            db.session.rollback()
            columns = (
                Query.ref,
                Query.status,
                Query.version,
                Query.opened_at,
                Query.answered_at,
                Query.delivered_at,
            )
            return [tuple(row) for row in db.session.execute(select(*columns).order_by(Query.id))]

        @invariant()
        def p1_what_was_acknowledged_is_there_once_and_nothing_else(self) -> None:
            db.session.rollback()
            rows = db.session.execute(select(Query.ref, Answer.option_key).join(Answer.query)).all()
            assert sorted(rows) == sorted(self.told.answers.items())
            amended = select(Query.ref).select_from(Amendment).join(Amendment.answer).join(Answer.query)
            added = db.session.scalars(amended).all()
            assert Counter(added) == +self.told.amendments

        @invariant()
        def p2_one_message_one_copy_unless_nobody_could_know(self) -> None:
            copies = Counter(message_id for message_id, _, _ in self.wire.copies)
            for message_id, number in copies.items():
                assert number <= 1 + self.wire.doubts[message_id], number
            refs = {message_id: ref for message_id, ref, _ in self.wire.copies}
            assert len(set(refs.values())) == len(refs)

        @invariant()
        def p3_the_audit_chain_tells_the_same_story(self) -> None:
            db.session.rollback()
            steps: dict[str, str] = {}
            wanted = select(AuditEvent.subject_ref, AuditEvent.action).where(AuditEvent.subject_kind == "query")
            for ref, action in db.session.execute(wanted.order_by(AuditEvent.seq)):
                event = action.removeprefix("query.")
                if action == "query.drafted":
                    steps[ref] = "draft"
                elif event in lifecycle.EVENTS:
                    steps[ref] = lifecycle.after(steps[ref], event)
            assert steps == dict(db.session.execute(select(Query.ref, Query.status)).all())

        @invariant()
        def p5_whatever_did_not_arrive_is_on_the_page_that_says_so(self) -> None:
            shown = {one.message.ref for one in attention.items()}
            for row in db.session.scalars(select(OutboxMessage).where(OutboxMessage.state == "failed")):
                if not attention.about(row).is_over:
                    assert row.ref in shown
                    assert CLASSES[row.failure_class].next_step

        @invariant()
        def no_mail_says_anything_of_a_patient(self) -> None:
            for _, _, mail in self.wire.copies[-3:]:
                words = set(re.findall(r"[a-z0-9]+", f"{mail.subject} {mail.text} {mail.html}".lower()))
                assert not words & set(CANARIES)

        @invariant()
        def times_run_forward(self) -> None:
            for query in self.queries():
                at = [one for one in (query.created_at, query.sent_at, query.answered_at) if one]
                assert at == sorted(at)

        def teardown(self) -> None:
            """P4: once everything works again, nothing is left to do, and the chain holds."""
            time.advance(days=4)
            with unit_of_work():
                db.session.execute(
                    update(OutboxMessage)
                    .where(OutboxMessage.state == "pending")
                    .values(next_attempt_at=clock.now())
                )
            for _ in range(4):
                running.run_due()
                drain(self.wire)  # type: ignore[arg-type]
                time.advance(minutes=31)
            happened.update(f"query.{query.status}" for query in self.queries())
            happened["examples"] += 1
            happened["amended"] += self.told.amendments.total()
            happened["copies that nobody could know of"] += self.wire.doubts.total()
            late = select(OutboxMessage.ref).where(
                OutboxMessage.state == "pending", OutboxMessage.next_attempt_at <= clock.now() - timedelta(hours=1)
            )
            assert db.session.scalars(late).all() == []
            assert audit.verify()[1] is None

    return Hospital
