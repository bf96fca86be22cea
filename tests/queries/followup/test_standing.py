"""Who may answer a query: one table, and the links that rest on it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from query_mgr.delivery import signals
from query_mgr.delivery.models import MailboxMessage, OutboxMessage
from query_mgr.delivery.transport import Smtp
from query_mgr.delivery.worker import drain
from query_mgr.platform.db import db, unit_of_work
from query_mgr.queries import actions, sending
from query_mgr.queries.followup import covering, keeping, running
from query_mgr.queries.followup.duty import Away
from query_mgr.queries.followup.models import AnswerGrant, ProviderAbsence
from query_mgr.queries.followup.policy import FollowUpError, Policy, Scope
from query_mgr.queries.followup.standing import RELATIONS, Asked, Grant, needs_cosignature
from query_mgr.queries.followup.stored import typed_policy
from query_mgr.queries.models import Query
from query_mgr.reconcile import actions as reconcile
from query_mgr.respond.countersigning import AnswerCosignature
from query_mgr.respond.models import Answer
from tests.accounts.builders import a_user, actor
from tests.conftest import Clock
from tests.queries.builders import PIN, a_coder, a_provider, a_sent_query, an_encounter, content
from tests.queries.followup.test_calendar import at
from tests.respond.test_answer import deliver, with_pin

NOW, TODAY = at("2026-11-02 10:00"), date(2026, 11, 2)
ASKED = Asked(
    1,
    frozenset({2, 3}),
    (Away(at("2026-11-02 00:00"), at("2026-11-03 00:00"), "away", cover=4),),
    (
        Grant(5, TODAY),
        Grant(6, TODAY - timedelta(days=9), TODAY - timedelta(days=1)),
        Grant(7, TODAY + timedelta(days=1)),
    ),
)


@pytest.mark.parametrize(
    ("person", "relation"),
    [(1, "addressee"), (2, "pool"), (4, "cover"), (5, "delegate"), (6, "nobody"), (7, "nobody"), (8, "nobody")],
)
def test_the_first_relation_that_holds_decides(person: int, relation: str) -> None:
    assert ASKED.relation(person, NOW, TODAY).key == relation


def test_whoever_covers_may_answer_while_the_absence_lasts() -> None:
    for moment, relation in (
        ("2026-11-01 23:59", "nobody"),
        ("2026-11-02 23:59", "cover"),
        ("2026-11-03 00:00", "nobody"),
    ):
        assert ASKED.relation(4, at(moment), TODAY).key == relation


def test_only_a_delegates_answer_is_ever_cosigned_and_only_where_the_policy_asks() -> None:
    assert [one.key for one in RELATIONS if needs_cosignature(one, True)] == ["delegate"]
    assert not any(needs_cosignature(one, False) for one in RELATIONS)


@given(st.integers(1, 9))
def test_links_go_to_people_who_may_answer_and_to_the_one_who_was_asked_first(person: int) -> None:
    holders = ASKED.holders(NOW, TODAY)
    assert holders[0] == ASKED.addressee
    assert person not in holders or ASKED.relation(person, NOW, TODAY).may_answer
    assert len(set(holders)) == len(holders)


def mailed_to() -> list[str]:
    drain(Smtp())
    db.session.rollback()
    return list(db.session.scalars(select(MailboxMessage.recipient).order_by(MailboxMessage.id)))


def a_draft() -> Query:
    return actions.save_draft(a_coder(), an_encounter(), a_provider(), content())


def test_a_resident_with_leave_gets_a_copy_and_signs_in_their_own_name(client: FlaskClient, monday: Clock) -> None:
    draft, resident, manager = a_draft(), a_provider("Omar Haddad", "1679576722"), actor(a_user("cdi_manager"))
    given_leave = covering.grant(manager, draft.provider, resident, TODAY, None)
    sending.send(manager, draft, "reviewed")
    assert mailed_to() == ["rosa@riverbend.example", "omar@riverbend.example"]
    with_pin(client, deliver())
    page = client.post("/answer/sign", data={"option": "acute", "op_id": "op-1", "pin": PIN})
    assert "1679576722" in page.text
    assert db.session.scalars(select(Answer)).one().signer_id == resident.id
    assert given_leave.revoked_at is None


@pytest.mark.sqlite_only
def test_the_copy_of_a_resident_waits_with_a_first_mail_that_waits(client: FlaskClient, monday: Clock) -> None:
    draft, resident, manager = a_draft(), a_provider("Omar Haddad", "1679576722"), actor(a_user("cdi_manager"))
    keeping.save_policy(manager, Scope(), typed_policy(Policy(first_send="with_digest")), "")
    covering.grant(manager, draft.provider, resident, TODAY, None)
    sending.send(manager, draft, "reviewed")
    assert mailed_to() == []
    monday.time = at("2026-11-02 14:00")
    running.run_due()
    assert mailed_to() == ["rosa@riverbend.example", "omar@riverbend.example"]
    subjects = db.session.scalars(select(MailboxMessage.text)).all()
    assert not any("Reminder" in one for one in subjects)


def test_leave_that_is_taken_back_ends_the_link_at_once(client: FlaskClient, monday: Clock) -> None:
    draft, resident, manager = a_draft(), a_provider("Omar Haddad", "1679576722"), actor(a_user("cdi_manager"))
    row = covering.grant(manager, draft.provider, resident, TODAY, None)
    sending.send(manager, draft, "reviewed")
    path = deliver()
    assert client.get(path).status_code == 200
    covering.revoke(manager, row)
    assert client.get(path).status_code == 404


def test_the_first_answer_of_a_pool_ends_the_links_of_the_others(client: FlaskClient, monday: Clock) -> None:
    draft, second, manager = a_draft(), a_provider("Omar Haddad", "1679576722"), actor(a_user("cdi_manager"))
    pool = covering.save_pool(manager, None, "Night hospitalists", [draft.provider, second])
    covering.ask_pool(manager, draft, pool)
    sending.send(manager, draft, "reviewed")
    paths = [deliver_to(one) for one in ("rosa@riverbend.example", "omar@riverbend.example")]
    with_pin(client, paths[1])
    client.post("/answer/sign", data={"option": "acute", "op_id": "op-1", "pin": PIN})
    assert [client.get(one).status_code for one in paths] == [404, 404]
    assert db.session.scalar(select(func.count(Answer.id))) == 1


def deliver_to(address: str) -> str:
    import re

    drain(Smtp())
    db.session.rollback()
    wanted = select(MailboxMessage).where(MailboxMessage.recipient == address).order_by(MailboxMessage.id.desc())
    mail = db.session.scalars(wanted.limit(1)).one()
    found = re.search(r"http://localhost(/r/[a-z2-7]{52})\s", mail.text)
    assert found
    return found.group(1)


@pytest.mark.sqlite_only
def test_an_automatic_reply_is_a_sign_of_absence_and_nothing_more(client: FlaskClient, monday: Clock) -> None:
    query = a_sent_query()
    deliver()
    assert covering.note_auto_reply(query.provider, NOW) is not None
    assert covering.note_auto_reply(query.provider, NOW) is None  # known by now
    row = db.session.scalars(select(ProviderAbsence)).one()
    assert (row.source, row.cover_id, row.until_at) == (
        "auto_reply",
        None,
        NOW + timedelta(days=covering.AUTO_REPLY_DAYS),
    )
    assert db.session.scalar(select(func.count(Answer.id))) == 0


@pytest.mark.sqlite_only
def test_absences_grants_and_rosters_that_make_no_sense_are_refused(client: FlaskClient, monday: Clock) -> None:
    rosa, omar = a_provider(), a_provider("Omar Haddad", "1679576722")
    manager = actor(a_user("cdi_manager"))
    with unit_of_work():
        omar.email = None
    for attempt in (
        lambda: covering.note_absence(manager, rosa, NOW, NOW, None),
        lambda: covering.note_absence(manager, rosa, NOW, NOW + timedelta(days=999), None),
        lambda: covering.note_absence(manager, rosa, NOW, None, rosa),
        lambda: covering.note_absence(manager, rosa, NOW, None, omar),
        lambda: covering.grant(manager, rosa, rosa, TODAY, None),
        lambda: covering.grant(manager, omar, rosa, TODAY, TODAY - timedelta(days=1)),
        lambda: covering.grant(manager, rosa, omar, TODAY, None),
        lambda: covering.set_roster(manager, rosa, TODAY, 0, 7, True),
        lambda: covering.save_pool(manager, None, "Alone", [rosa]),
    ):
        with pytest.raises(FollowUpError):
            attempt()
    assert db.session.scalar(select(func.count(ProviderAbsence.id))) == 0
    assert db.session.scalar(select(func.count(AnswerGrant.id))) == 0


def test_an_answer_for_another_waits_for_their_signature_where_the_policy_asks(
    client: FlaskClient, monday: Clock
) -> None:
    draft, resident, manager = a_draft(), a_provider("Omar Haddad", "1679576722"), actor(a_user("cdi_manager"))
    keeping.save_policy(manager, Scope(), typed_policy(Policy(needs_cosignature=True)), "")
    covering.grant(manager, draft.provider, resident, TODAY, None)
    sending.send(manager, draft, "reviewed")
    with_pin(client, deliver_to("omar@riverbend.example"))
    client.post("/answer/sign", data={"option": "acute", "op_id": "op-1", "pin": PIN})
    answer = db.session.scalars(select(Answer)).one()
    with pytest.raises(reconcile.ReconcileError, match="signature of Rosa Medina"):
        reconcile.decide(manager, answer, "accepted", "")
    before = (answer.text, answer.option_key, answer.manifest_hash)
    attending = client.application.test_client()
    with_pin(attending, deliver_to("rosa@riverbend.example"))
    assert "Sign what was answered for you" in attending.get("/answer", follow_redirects=True).text
    assert "your signature stands beside the answer" in attending.post("/answer/cosign", data={"pin": PIN}).text
    db.session.rollback()
    row = db.session.scalars(select(AnswerCosignature)).one()
    assert row.manifest is not None
    assert (row.manifest["npi"], row.manifest["answer_manifest"]) == ("1234567893", before[2])
    answer = db.session.scalars(select(Answer)).one()
    assert (answer.text, answer.option_key, answer.manifest_hash) == before
    assert attending.post("/answer/cosign", data={"pin": PIN}).status_code == 200  # a second time changes nothing
    reconcile.decide(manager, answer, "declined", "coded already")


@pytest.mark.sqlite_only
def test_no_signature_is_asked_of_others_or_where_the_policy_does_not_ask(
    client: FlaskClient, monday: Clock
) -> None:
    a_sent_query()
    with_pin(client, deliver())
    client.post("/answer/sign", data={"option": "acute", "op_id": "op-1", "pin": PIN})
    assert client.post("/answer/cosign", data={"pin": PIN}).status_code == 200  # the receipt again
    assert db.session.scalar(select(func.count(AnswerCosignature.id))) == 0


@pytest.mark.sqlite_only
def test_a_provider_says_when_they_are_away_and_takes_it_back(client: FlaskClient, monday: Clock) -> None:
    a_sent_query()
    cover = a_provider("Omar Haddad", "1679576722")
    with_pin(client, deliver())
    form = {"since": "2026-11-02", "until": "2026-11-06", "cover": cover.ref}
    assert client.post("/answer/access/away", data=form).status_code == 303
    row = db.session.scalars(select(ProviderAbsence)).one()
    assert (row.source, row.cover_id, row.until_at) == ("own", cover.id, at("2026-11-07 00:00"))
    assert "Omar Haddad, MD covers" in client.get("/answer/access/away").text
    client.post("/answer/access/back", data={"absence": row.ref})
    db.session.rollback()
    assert db.session.scalars(select(ProviderAbsence)).one().withdrawn_at is not None
    assert client.post("/answer/access/away", data=form | {"until": "yesterday"}).status_code == 400


def test_an_automatic_reply_to_a_querys_mail_is_taken_as_that_sign(client: FlaskClient, monday: Clock) -> None:
    a_sent_query()
    deliver()
    message = db.session.scalars(select(OutboxMessage)).one()
    with unit_of_work():
        signals.publish(signals.AutoReply(message.ref, message.kind, message.payload, NOW))
    assert db.session.scalars(select(ProviderAbsence)).one().source == "auto_reply"
