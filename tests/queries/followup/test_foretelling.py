"""What the page foretells is what the worker then does."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from query_mgr.accounts.models import Provider
from query_mgr.audit.models import AuditEvent
from query_mgr.delivery.models import MailboxMessage
from query_mgr.delivery.transport import Smtp
from query_mgr.delivery.worker import drain
from query_mgr.platform import clock
from query_mgr.platform.db import db, unit_of_work
from query_mgr.queries import actions, sending
from query_mgr.queries.followup import covering, running
from query_mgr.queries.followup.foretelling import foretell
from query_mgr.queries.followup.models import DepartmentLead, FollowUpStep
from query_mgr.queries.models import Query
from tests.accounts.builders import a_user, actor
from tests.conftest import Clock
from tests.queries.builders import a_coder, a_provider, an_encounter, content
from tests.queries.followup.test_calendar import at

Told = set[tuple[str, str, int | None, str, str]]


def a_ward(time: Clock) -> dict[str, Provider]:
    """Six queries to three providers at different times: one works by a roster, one goes away and is covered."""
    time.time = at("2026-10-28 09:00")
    manager, coder, encounter = actor(a_user("cdi_manager", email="mona@h.test")), a_coder(), an_encounter()
    people = {
        name: a_provider(f"{name} Stone", npi)
        for name, npi in (
            ("Rosa", "1234567893"),
            ("Omar", "1679576722"),
            ("Lena", "1003000126"),
            ("Kim", "1003000134"),
        )
    }
    a_user("physician_advisor", email="hannah@h.test")
    with unit_of_work():
        encounter.service_line = "Medicine"
        db.session.add(DepartmentLead(site="", service_line="Medicine", provider_id=people["Lena"].id))
    covering.set_roster(manager, people["Omar"], date(2026, 10, 29), 7, 7, True)
    covering.note_absence(manager, people["Kim"], at("2026-11-04 00:00"), at("2026-11-06 00:00"), people["Rosa"])
    for number, (name, moment) in enumerate(
        (("Rosa", "2026-10-28 10:00"), ("Rosa", "2026-10-29 16:50"), ("Omar", "2026-10-29 09:00"), ("Kim", "2026-10-30 11:00"),
         ("Kim", "2026-11-02 08:30"), ("Rosa", "2026-11-02 09:59"))
    ):  # fmt: skip
        time.time = at(moment)
        running.run_due()
        draft = actions.save_draft(
            coder, encounter, people[name], content(title=f"Clarification {number}", condition="")
        )
        sending.send(coder, draft, "reviewed", "asked apart on purpose")
        drain(Smtp())
    time.time = at("2026-11-02 10:00")
    running.run_due()
    drain(Smtp())
    return people


def foretold() -> tuple[Told, int]:
    """What is foretold for a week, and in how many mails."""
    found = foretell(clock.now(), clock.now() + timedelta(days=7))
    parts = {
        (one.at.isoformat(), one.to[0], one.to[1], part.ref, part.key) for one in found.mails for part in one.parts
    }
    return parts, len([one for one in found.mails if one.to[0]])


def done(since: int) -> tuple[Told, int]:
    """What was done, and in how many mails."""
    wanted = (
        select(FollowUpStep, Query.ref)
        .join(Query, Query.id == FollowUpStep.query_id)
        .where(FollowUpStep.id > since)
    )
    parts = {
        (step.planned_at.isoformat(), step.to_kind, step.to_id, ref, step.key)
        for step, ref in db.session.execute(wanted)
    }
    return parts, db.session.scalar(select(func.count(MailboxMessage.id))) or 0


def test_the_week_that_was_foretold_is_the_week_that_comes(app: Flask, time: Clock) -> None:
    a_ward(time)
    since = db.session.scalar(select(func.max(FollowUpStep.id))) or 0
    mails_before = db.session.scalar(select(func.count(MailboxMessage.id))) or 0
    expected, mails = foretold()
    db.session.rollback()
    assert {key for *_, key in expected} >= {"reminder_1", "reminder_2", "lead"}
    assert any(key.startswith("cover_") for *_, key in expected)
    start = time.time
    for day in range(8):
        for hour in (9, 14):  # the site's times for mail
            time.time = at(f"{(start + timedelta(days=day)):%Y-%m-%d} {hour:02}:00")
            if start < time.time <= start + timedelta(days=7):
                running.run_due()
                drain(Smtp())
    db.session.rollback()
    happened, mails_after = done(since)
    assert happened == expected
    assert mails_after - mails_before == mails


@pytest.mark.sqlite_only
def test_looking_ahead_changes_nothing(app: Flask, time: Clock) -> None:
    a_ward(time)
    tables = list(db.metadata.sorted_tables)

    def counts() -> list[int | None]:
        db.session.rollback()
        return [db.session.scalar(select(func.count()).select_from(table)) for table in tables]

    before = counts()
    assert foretold() == foretold()
    assert counts() == before
    assert db.session.scalar(select(func.count(AuditEvent.seq)))


@pytest.mark.sqlite_only
def test_a_step_for_which_nobody_is_named_is_foretold_as_such(app: Flask, time: Clock) -> None:
    a_ward(time)
    with unit_of_work():
        for one in db.session.scalars(select(DepartmentLead)):
            db.session.delete(one)
    found = foretell(clock.now(), clock.now() + timedelta(days=7))
    assert {one.to for one in found.mails if one.recipient == "lead"} == {("", None)}
