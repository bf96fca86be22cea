"""The follow-up pages: what goes out, policies and calendars in versions, who is away."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from query_mgr.platform.db import db
from query_mgr.queries.followup import reading, running
from query_mgr.queries.followup.models import (
    AnswerGrant,
    DepartmentLead,
    DutyRoster,
    FollowUpPolicy,
    ProviderAbsence,
    ProviderPool,
    QueryFollowUp,
    SiteCalendar,
)
from query_mgr.queries.followup.policy import Scope
from query_mgr.queries.models import Query
from tests.accounts.builders import a_user, signed_in
from tests.conftest import Clock
from tests.queries.builders import a_provider, a_sent_query
from tests.queries.followup.test_calendar import at, shown
from tests.respond.test_answer import deliver

POLICY = {"site": "", "service_line": "Medicine", "priority": "", "reminders": "4.5, 9", "due": "9", "lead": "", "advisor": "18",
          "first_send": "at_once", "note": ""}  # fmt: skip
CALENDAR = {"site": "", "zone": "", "weekdays": ["Mon", "Tue"], "opens": "09:00", "closes": "16:00", "quiet_from": "18:00",
            "quiet_to": "08:00", "mail_times": "10:00", "holidays": "12-24 Christmas Eve", "note": ""}  # fmt: skip


@pytest.fixture
def manager(app: Flask, time: Clock) -> FlaskClient:
    """The manager's browser, on a Monday at 10:00 in New York."""
    app.config["WTF_CSRF_ENABLED"] = False
    time.time = at("2026-11-02 10:00")
    return signed_in(app.test_client(), a_user("cdi_manager", email="mona@h.test"))


def test_a_policy_is_kept_in_versions_and_withdrawn(manager: FlaskClient) -> None:
    scope = Scope("North", "Medicine", "routine")
    assert manager.post("/follow-up/policies/edit", data=POLICY).status_code == 303
    assert reading.policy_for(scope).policy.reminders == (4.5, 9.0)
    without_why = manager.post("/follow-up/policies/edit", data=POLICY | {"due": "12"})
    assert without_why.status_code == 400
    assert "Say what changed" in without_why.text
    manager.post("/follow-up/policies/edit", data=POLICY | {"due": "12", "note": "nights"})
    assert reading.policy_for(scope).policy.due == 12
    assert "nights" in manager.get("/follow-up/policies/edit?service_line=Medicine").text
    manager.post("/follow-up/policies/edit", data=POLICY | {"do": "withdraw", "note": "back to the default"})
    assert reading.policy_for(scope).ref == ""
    assert db.session.scalar(select(func.count(FollowUpPolicy.id))) == 3


@pytest.mark.sqlite_only
@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"reminders": "9, soon"}, "business hours as numbers"), ({"reminders": "9, 4"}, "later than the one before"),
        ({"due": ""}, "answer due"), ({"due": "inf"}, "answer due"), ({"priority": "stat"}, "none of"), ({"service_line": "x" * 99}, "too long"),
    ],
)  # fmt: skip
def test_a_policy_that_cannot_be_keeps_what_was_typed(
    manager: FlaskClient, changes: dict[str, str], words: str
) -> None:
    page = manager.post("/follow-up/policies/edit", data=POLICY | changes)
    assert page.status_code == 400
    assert words in page.text
    assert 'value="18"' in page.text


@pytest.mark.sqlite_only
def test_a_new_calendar_plans_open_queries_anew(manager: FlaskClient) -> None:
    a_sent_query()
    deliver()
    assert manager.post("/follow-up/calendars/edit", data=CALENDAR).status_code == 303
    row = db.session.scalars(select(SiteCalendar)).one()
    assert (row.version, row.terms["weekdays"]) == (1, "Mon Tue")
    running.run_due()
    assert (
        shown(db.session.scalars(select(Query)).one().due_at) == "Tue 2026-11-10 16:00"
    )  # 27 hours of 7 on two days


@pytest.mark.sqlite_only
@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"zone": "Mars/Olympus"}, "time zone"), ({"weekdays": []}, "Business days"), ({"opens": "17:00"}, "end after they begin"),
        ({"mail_times": "20:00"}, "quiet hours"), ({"mail_times": ""}, "different times"), ({"opens": "25:00"}, "takes a time"),
        ({"holidays": "5 Mon 13 X"}, "names no day"), ({"holidays": "x" * 9000}, "too long"),
    ],
)  # fmt: skip
def test_a_calendar_that_cannot_be_is_refused(
    manager: FlaskClient, changes: dict[str, object], words: str
) -> None:
    page = manager.post("/follow-up/calendars/edit", data=CALENDAR | changes)
    assert page.status_code == 400
    assert words in page.text
    assert db.session.scalar(select(func.count(SiteCalendar.id))) == 0


@pytest.mark.sqlite_only
def test_the_query_page_and_the_weeks_page_tell_the_plan(manager: FlaskClient) -> None:
    query = a_sent_query()
    deliver()
    page = manager.get(f"/queries/{query.ref}").text
    assert "Reminder 1 to the provider: planned for" in page
    assert "the policy that ships" in page
    week = manager.get("/follow-up").text
    assert "Rosa Medina" in week
    assert "14:00 EST" in week
    assert "nobody" in week  # no department lead is named
    for hidden in ("Testperson", "heart failure"):
        assert hidden not in week


@pytest.mark.sqlite_only
def test_an_urgent_query_comes_under_the_policy_for_that(manager: FlaskClient) -> None:
    query = a_sent_query()
    deliver()
    manager.post(f"/queries/{query.ref}/priority", data={"priority": "urgent"})
    db.session.rollback()
    assert shown(db.session.scalars(select(Query)).one().due_at) == "Tue 2026-11-03 10:00"
    assert db.session.scalars(select(QueryFollowUp)).one().terms["reminders"] == [4.5]


def test_absences_rosters_grants_pools_and_leads_are_kept_from_their_forms(manager: FlaskClient) -> None:
    rosa, omar = a_provider(), a_provider("Omar Haddad", "1679576722")
    day = "2026-11-02"
    for path, form in (
        ("away", {"provider": rosa.ref, "since": day, "until": "2026-11-06", "cover": omar.ref}),
        ("rosters", {"provider": omar.ref, "anchor": day, "on_days": "7", "off_days": "7", "works_weekends": "y"}),
        ("grants", {"delegate": omar.ref, "grantor": rosa.ref, "since": day, "until": ""}),
        ("pools", {"name": "Nights", "members": [rosa.ref, omar.ref]}),
        ("leads", {"service_line": "Medicine", "site": "", "provider": rosa.ref}),
    ):
        assert manager.post(f"/follow-up/{path}", data=form).status_code == 303
    page = manager.get("/follow-up/people").text
    assert "Omar Haddad, MD covers" in page
    for table in (ProviderAbsence.id, DutyRoster.provider_id, AnswerGrant.id, ProviderPool.id, DepartmentLead.id):
        assert db.session.scalar(select(func.count(table))) == 1
    absence, grant = (
        db.session.scalars(select(ProviderAbsence)).one(),
        db.session.scalars(select(AnswerGrant)).one(),
    )
    manager.post(f"/follow-up/away/{absence.ref}/withdraw")
    manager.post(f"/follow-up/grants/{grant.ref}/revoke")
    assert "Nobody is known to be away" in manager.get("/follow-up/people").text


@pytest.mark.sqlite_only
def test_who_may_only_look_changes_nothing(app: Flask, manager: FlaskClient) -> None:
    auditor = signed_in(app.test_client(), a_user("auditor", email="gil@h.test"))
    assert auditor.get("/follow-up").status_code == 200
    for path, form in (
        ("policies/edit", POLICY),
        ("calendars/edit", CALENDAR),
        ("away", {}),
        ("grants", {}),
        ("leads", {}),
    ):
        assert auditor.post(f"/follow-up/{path}", data=form).status_code == 403
