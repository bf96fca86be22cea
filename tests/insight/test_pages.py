"""The figures page, its drill-down and its files, on both engines."""

from __future__ import annotations

import csv
import io
import re
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, select

from query_mgr.audit.models import AuditEvent
from query_mgr.platform.db import db
from tests.accounts.builders import a_user, signed_in
from tests.conftest import Clock
from tests.insight.builders import Hospital

OCTOBER = datetime(2026, 10, 10, 12, tzinfo=UTC)


@pytest.fixture
def manager(app: Flask, time: Clock) -> FlaskClient:
    """A browser where the CDI manager is signed in."""
    return signed_in(app.test_client(), a_user("cdi_manager", email="manager@h.test"))


@pytest.fixture
def hospital(app: Flask, time: Clock) -> Hospital:
    """Four queries sent: three responses after 10, 20 and 60 hours, two of three answers agreed, one open; one cancelled."""
    place = Hospital()
    place.asks(OCTOBER, 10, outcome="agreed")
    place.asks(OCTOBER + timedelta(days=1), 20, outcome="agreed", line="Surgery", to=place.okafor)
    place.asks(OCTOBER + timedelta(days=2), 60, outcome="ruled_out")
    place.asks(datetime(2026, 11, 1, 14, tzinfo=UTC))
    place.asks(OCTOBER, status="cancelled")
    return place


def page(client: FlaskClient, path: str, status: int = 200) -> str:
    response = client.get(path)
    assert response.status_code == status
    return unescape(response.get_data(as_text=True))


def value_of(text: str, metric: str) -> str:
    found = re.search(rf'id="metric-{metric}".*?figure-value[^>]*>([^<]+)<', text, re.DOTALL)
    assert found
    return found[1]


def test_the_page_shows_each_figure_with_its_definition(manager: FlaskClient, hospital: Hospital) -> None:
    text = page(manager, "/insight")
    assert [value_of(text, name) for name in ("response_rate", "response_time_median", "agreed_rate", "open_rate")] == [
        "75.0%", "20.0 h", "66.7%", "25.0%",
    ]  # fmt: skip
    assert "Queries sent" in text and "Numerator" in text and "Left out" in text
    assert "4 sent" in text and "1 cancelled" in text


def test_every_number_leads_to_as_many_queries_as_it_says(manager: FlaskClient, hospital: Hospital) -> None:
    text = page(manager, "/insight")
    links = set(re.findall(r'<a href="(/insight/queries\?[^"]+)">(\d+)(?: (?:sent|cancelled))?</a>', text))
    assert len(links) > 30
    for path, number in links:
        behind = page(manager, path)
        assert f"{number} quer{'y' if number == '1' else 'ies'} sent from" in behind
        assert len(re.findall(r'href="/queries/', behind)) == int(number)


def test_the_plots_can_be_read_without_seeing_them_and_need_no_inline_style(
    manager: FlaskClient, hospital: Hospital
) -> None:
    text = page(manager, "/insight")
    assert text.count('<svg role="img"') == 4 and text.count("<desc") == 4 and text.count("<summary>Table") == 4
    assert (
        'style="' not in text
        and "<style" not in text
        and "nan" not in re.sub(r"[a-z]+nan[a-z]*", "", text.lower())
    )


def test_an_empty_hospital_reads_not_available(manager: FlaskClient) -> None:
    text = page(manager, "/insight")
    assert value_of(text, "response_rate") == "n/a"
    assert "No query was sent in this range" in text and "Nothing to draw yet" in text
    assert "No query stands behind this number" in page(manager, "/insight/queries")


def test_filters_narrow_the_figures(manager: FlaskClient, hospital: Hospital) -> None:
    assert "3 sent" in page(manager, "/insight?from=2026-10&to=2026-10")
    assert "1 sent" in page(manager, "/insight?service_line=Surgery")
    assert "3 sent" in page(manager, f"/insight?provider={hospital.reyes.ref}")
    assert "0 sent" in page(manager, "/insight?service_line=Nowhere")


def test_a_month_is_the_hospitals_own(manager: FlaskClient, hospital: Hospital) -> None:
    hospital.asks(datetime(2026, 7, 1, 3, tzinfo=UTC))  # 23:00 on June 30 in New York
    assert "1 sent" in page(manager, "/insight?from=2026-06&to=2026-06")
    assert "0 sent" in page(manager, "/insight?from=2026-07&to=2026-07")


@pytest.mark.parametrize(
    "path",
    ["/insight?from=x", "/insight?from=2026-11&to=2026-01", "/insight/queries?page=x", "/insight/queries?of=salary",
     "/insight/queries?of=response_rate&part=half", "/insight.csv?what=everything", "/insight?service_line=" + "x" * 100],
)  # fmt: skip
def test_what_cannot_be_read_is_answered_with_what_to_do(manager: FlaskClient, path: str) -> None:
    assert "Bad Request" in page(manager, path, 400)


@pytest.mark.parametrize("number", ["-1", "0", "1000000000000"])
def test_a_page_beyond_the_ends_is_held(manager: FlaskClient, hospital: Hospital, number: str) -> None:
    assert "4 queries sent from" in page(manager, f"/insight/queries?page={number}")


def test_a_clock_that_went_wrong_is_shown_and_left_out(manager: FlaskClient, hospital: Hospital) -> None:
    hospital.asks(OCTOBER, -3, outcome="other")
    text = page(manager, "/insight")
    assert value_of(text, "response_time_median") == "20.0 h" and "1 time ends before it begins" in text
    assert "anomaly" in page(manager, "/insight/queries?of=response_time_median&part=missing")


def rows_of(client: FlaskClient, path: str) -> list[dict[str, str]]:
    response = client.get(path)
    assert response.status_code == 200 and response.mimetype == "text/csv"
    assert "attachment" in response.headers["Content-Disposition"]
    return list(csv.DictReader(io.StringIO(response.get_data(as_text=True).removeprefix("\ufeff"))))


def test_the_queries_leave_without_patients_and_without_formulas(manager: FlaskClient, hospital: Hospital) -> None:
    rows = rows_of(manager, "/insight.csv?what=queries")
    assert len(rows) == 5
    assert {row["provider"] for row in rows} == {"A. Reyes", "'=cmd|'/C calc'!A0"}
    assert "Secretname" not in str(rows)
    assert rows[0]["sent_at"] == "2026-11-01T14:00:00+00:00"


def test_the_figures_leave_with_their_definitions_and_the_export_is_audited(
    manager: FlaskClient, hospital: Hospital
) -> None:
    rows = {row["metric"]: row for row in rows_of(manager, "/insight.csv")}
    rate = rows["response_rate"]
    assert (rate["value"], rate["numerator"], rate["denominator"]) == ("0.7500", "3", "4")
    assert rate["denominator_definition"] == "Queries sent"
    taken = db.session.scalars(select(AuditEvent).where(AuditEvent.action == "insight.exported")).one()
    assert (taken.actor, taken.subject_ref) == ("manager@h.test", "figures")


def test_who_may_look_and_who_may_take(app: Flask, time: Clock) -> None:
    advisor = signed_in(app.test_client(), a_user("physician_advisor", email="pa@h.test"))
    assert "as CSV" not in page(advisor, "/insight")
    page(advisor, "/insight.csv", 403)
    coder = signed_in(app.test_client(), a_user("coder", email="coder@h.test"))
    for path in ("/insight", "/insight/queries", "/insight.csv"):
        page(coder, path, 403)
    assert app.test_client().get("/insight").status_code == 302


def test_the_page_asks_the_database_as_often_for_many_queries_as_for_few(
    manager: FlaskClient, hospital: Hospital
) -> None:
    counts = []
    for _ in range(2):
        statements: list[str] = []

        def count(
            connection: object, cursor: object, statement: str, *rest: object, seen: list[str] = statements
        ) -> None:
            seen.append(statement)

        event.listen(db.engine, "before_cursor_execute", count)
        page(manager, "/insight")
        event.remove(db.engine, "before_cursor_execute", count)
        counts.append(len(statements))
        for n in range(20):
            hospital.asks(OCTOBER + timedelta(hours=n), 5, outcome="agreed")
    assert counts[0] == counts[1]
