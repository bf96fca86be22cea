"""A source that is withdrawn or corrected after it was picked: noted, told, and never sent."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from query_mgr.accounts.models import User
from query_mgr.charts.actions import import_bundle
from query_mgr.charts.models import Document, Encounter, Fact
from query_mgr.charts.records import ChartBundle, DocumentRecord, FactRecord, PatientRecord
from query_mgr.charts.store import store
from query_mgr.clinical.evidence import values
from query_mgr.clinical.labs import labs
from query_mgr.platform.db import db
from query_mgr.platform.web import local
from query_mgr.queries import actions, compose, drafting, fixing, sending
from query_mgr.queries.models import Query
from tests.accounts.builders import actor, signed_in
from tests.charts.bundles import CREATININE, NOTE, a_chart_with, changed, encoded
from tests.queries.builders import a_coder, a_provider


def chart(**replaced: Any) -> None:
    """Import the chart, with the note or the creatinine as the source sends it now."""
    bundle = a_chart_with()
    for entry in bundle["entry"]:
        resource = entry["resource"]
        entry["resource"] = replaced.get(resource["resourceType"], resource)
    assert import_bundle(encoded(bundle), "chart.json", by="tester").errors == ()


@pytest.fixture
def query(app: Flask) -> Query:
    """A draft that cites the creatinine and two words of the note."""
    chart()
    encounter = db.session.scalars(select(Encounter).where(Encounter.source_key == "Encounter/e1")).one()
    actor = a_coder()
    draft = compose.start(actor, encounter, a_provider("Petra Novak", "1245319599"), "")
    fact = db.session.scalars(select(Fact).where(Fact.source_key == "Observation/o1")).one()
    note = db.session.scalars(select(Document).where(Document.source_key == "DocumentReference/n1")).one()
    start = note.text.index("Renal function")
    draft = compose.attach(actor, draft, compose.Place("fact", (fact.ref,)))
    return compose.attach(
        actor, draft, compose.Place("document", (note.ref,), start, start + len("Renal function"))
    )


def states(query: Query) -> dict[str, str]:
    db.session.rollback()
    return {one.source_kind: one.source_state for one in query.indicators}


def test_the_same_chart_again_changes_no_evidence(query: Query) -> None:
    chart()
    assert states(query) == {"fact": "", "document": ""}


@pytest.mark.parametrize("status", ["entered-in-error", "cancelled"])
def test_a_value_that_was_taken_back_is_withdrawn_evidence(query: Query, status: str) -> None:
    chart(Observation=changed(CREATININE, status=status))
    assert states(query) == {"fact": "withdrawn", "document": ""}


def test_a_corrected_value_is_changed_evidence_and_whole_again_once_it_is_put_right(query: Query) -> None:
    chart(Observation=changed(CREATININE, status="corrected", valueQuantity={"value": 1.1, "unit": "mg/dL"}))
    assert states(query)["fact"] == "changed"
    chart()
    assert states(query)["fact"] == ""


def test_a_note_that_was_taken_back_is_withdrawn_evidence(query: Query) -> None:
    chart(DocumentReference=changed(NOTE, status="entered-in-error"))
    assert states(query) == {"fact": "", "document": "withdrawn"}


def test_a_query_with_withdrawn_evidence_cannot_be_sent_until_it_is_taken_off(query: Query) -> None:
    chart(Observation=changed(CREATININE, status="cancelled"))
    assert blocked_by(query) == ["This was withdrawn from the chart since it was picked."]
    gone = next(one.id for one in query.indicators if one.source_kind == "fact")
    drafting.detach(a_coder_again(), query, gone)
    assert states(query) == {"document": ""}
    assert sending.send(a_coder_again(), query, "reviewed").status == "sent"


def blocked_by(query: Query) -> list[str]:
    """Return what the lint says of withdrawn evidence when the query is to be sent."""
    with pytest.raises(sending.SendBlockedError) as caught:
        sending.send(a_coder_again(), query, "reviewed")
    return [
        one.message for one in caught.value.findings if (one.rule, one.severity) == ("evidence_withdrawn", "error")
    ]


def test_saving_a_draft_again_does_not_make_withdrawn_evidence_good(query: Query) -> None:
    chart(Observation=changed(CREATININE, status="cancelled"))
    saved = drafting.write(a_coder_again(), query, replace(drafting.words_of(query), title="Another title"))
    assert states(saved)["fact"] == "withdrawn"
    assert blocked_by(saved)


def said(query: Query) -> list[tuple[str, str, str]]:
    """Return what the lint says of the draft's evidence against the chart."""
    of_a_chart = ("evidence_withdrawn", "indicator_not_in_chart")
    return [(one.rule, one.severity, one.field) for one in sending.findings_of(query) if one.rule in of_a_chart]


def test_one_click_takes_off_evidence_that_the_chart_took_back(query: Query) -> None:
    chart(Observation=changed(CREATININE, status="cancelled"))
    (finding,) = [one for one in sending.findings_of(query) if one.rule == "evidence_withdrawn"]
    assert finding.field == "indicators[0]"
    fixing.fix(a_coder_again(), query, fixing.key_of(finding))
    assert states(query) == {"document": ""}
    assert said(query) == []


def test_evidence_of_every_kind_stands_in_the_chart_as_it_was_picked(query: Query) -> None:
    query = _attach_trend(query, _readings("0.9", "1.6", "2.4"))
    assert [one.source_kind for one in query.indicators] == ["fact", "document", "trend"]
    assert said(query) == []


def test_a_number_that_was_changed_after_picking_blocks_whatever_it_was_picked_from(query: Query) -> None:
    query = _attach_trend(query, _readings("0.9", "1.6", "2.4"))
    for one in query.indicators:
        one.text += "; 77"
    assert said(query) == [("indicator_not_in_chart", "error", f"indicators[{place}]") for place in range(3)]


@pytest.mark.parametrize(
    ("after", "found"), [(-61, False), (-60, True), (0, True), (60, True), (61, False)], ids=lambda one: str(one)
)
def test_a_value_typed_by_hand_is_looked_for_within_an_hour_of_its_time(
    query: Query, after: int, found: bool
) -> None:
    (value,) = _readings("7.31")
    query = _type(query, "Creatinine 7.31", value.observed_at + timedelta(minutes=after))
    assert said(query) == ([] if found else [("indicator_not_in_chart", "warning", "indicators[0]")])


@pytest.mark.parametrize(("before", "found"), [(-2, False), (-1, True), (24, True), (25, False)])
def test_a_value_typed_by_hand_may_stand_in_a_note_of_the_day_after(
    query: Query, before: int, found: bool
) -> None:
    note = db.session.scalars(select(Document).where(Document.source_key == "DocumentReference/n1")).one()
    note.text += " Output 7312 mL."
    db.session.commit()
    query = _type(query, "Output 7312 mL", note.authored_at - timedelta(hours=before))
    assert said(query) == ([] if found else [("indicator_not_in_chart", "warning", "indicators[0]")])


@pytest.mark.parametrize("where", ["taken back", "of another stay"])
def test_a_value_typed_by_hand_must_count_in_this_stay(query: Query, where: str) -> None:
    (value,) = _readings("7.31")
    if where == "taken back":
        value.status = "entered_in_error"
    else:
        value.encounter_id = None
    db.session.commit()
    query = _type(query, "Creatinine 7.31", value.observed_at)
    assert said(query) == [("indicator_not_in_chart", "warning", "indicators[0]")]


def _type(query: Query, text: str, at: datetime) -> Query:
    """Return a draft like this one whose only indicator nobody picked."""
    typed = actions.IndicatorInput("fact", "", "Laboratory", "", text, at, None, None, "")
    content = replace(actions.input_of(query), indicators=(typed,))
    return actions.save_draft(a_coder_again(), query.encounter, query.provider, content)


def _readings(*values: str) -> list[Fact]:
    """Keep creatinine values, a day apart, and return them oldest first."""
    stay = db.session.scalars(select(Encounter)).one()
    at = stay.admitted_at
    records = tuple(
        FactRecord(
            f"made-up/{n}", stay.patient.source_key, stay.source_key, "lab", "Creatinine", at + timedelta(days=n),
            "loinc", "2160-0", value, float(value), "mg/dL", 0.6, 1.3,
        )
        for n, value in enumerate(values)
    )  # fmt: skip
    store(ChartBundle(facts=records), "t")
    wanted = select(Fact).where(Fact.source_key.startswith("made-up/")).order_by(Fact.observed_at)
    return list(db.session.scalars(wanted))


def _attach_trend(query: Query, facts: list[Fact]) -> Query:
    return compose.attach(a_coder_again(), query, compose.Place("trend", tuple(one.ref for one in facts)))


def test_values_of_one_test_become_one_indicator_with_all_its_times(query: Query) -> None:
    query = _attach_trend(query, _readings("0.9", "1.6", "2.4")[::-1])
    trend = query.indicators[-1]
    days = [query.encounter.admitted_at + timedelta(days=n) for n in range(3)]
    times = ", ".join(local(day, "%m/%d %H:%M") for day in days)
    assert trend.text == f"Creatinine 0.9, 1.6, 2.4 mg/dL ({times}; ref 0.6-1.3)"
    assert (trend.source_kind, trend.source_label, trend.observed_at) == (
        "trend",
        "Laboratory result, 3 values",
        days[2],
    )


def test_a_trend_carries_a_diagnosis_that_rests_on_the_change() -> None:
    text = "Creatinine 0.9, 1.6, 2.4 mg/dL (03/01 05:10, 03/02 05:00, 03/03 06:00; ref 0.6-1.3)"
    assert list(values(labs()["creatinine"], text.lower())) == [0.9, 1.6, 2.4]


def test_one_value_of_a_trend_that_is_taken_back_withdraws_the_trend(query: Query) -> None:
    query = _attach_trend(query, _readings("0.9", "1.6", "2.4"))
    wrong = FactRecord(
        "made-up/1", query.encounter.patient.source_key, query.encounter.source_key, "lab", "Creatinine",
        query.encounter.admitted_at + timedelta(days=1), status="entered_in_error",
    )  # fmt: skip
    store(ChartBundle(facts=(wrong,)), "t")
    assert states(query)["trend"] == "withdrawn"


@pytest.mark.parametrize(
    ("pick", "why"), [(slice(0, 1), "2 to 12 values; 1"), (slice(0, 13), "2 to 12 values; 13")]
)
def test_a_trend_is_of_two_to_twelve_values(query: Query, pick: slice, why: str) -> None:
    with pytest.raises(actions.QueryError, match=why):
        _attach_trend(query, _readings(*["1.1"] * 13)[pick])


def test_values_of_different_tests_are_no_trend(query: Query) -> None:
    other = db.session.scalars(select(Fact).where(Fact.kind == "lab")).first()
    sodium = replace_name(_readings("1.1")[0])
    assert other is not None
    with pytest.raises(actions.QueryError, match="different tests"):
        _attach_trend(query, [other, sodium])


def replace_name(fact: Fact) -> Fact:
    fact.name, fact.code = "Sodium", "2951-2"
    db.session.commit()
    return fact


def test_nothing_of_another_patient_becomes_evidence(query: Query) -> None:
    stranger = PatientRecord("made-up|2", "2", "Otherperson")
    value = FactRecord("stranger/1", stranger.source_key, None, "lab", "Creatinine", query.encounter.admitted_at)
    note = DocumentRecord(
        "stranger/n", stranger.source_key, None, "progress_note", "Note", "Sepsis.", query.encounter.admitted_at
    )
    store(ChartBundle(patients=(stranger,), facts=(value,), documents=(note,)), "t")
    fact = db.session.scalars(select(Fact).where(Fact.source_key == "stranger/1")).one()
    document = db.session.scalars(select(Document).where(Document.source_key == "stranger/n")).one()
    for place in (compose.Place("fact", (fact.ref,)), compose.Place("document", (document.ref,), 0, 6)):
        with pytest.raises(actions.QueryError, match="no longer in the chart"):
            compose.attach(a_coder_again(), query, place)


def a_coder_again() -> Any:
    return actor(db.session.scalars(select(User)).one())


def test_the_coder_is_told_on_the_first_page_and_in_the_composer(app: Flask, query: Query) -> None:
    chart(Observation=changed(CREATININE, status="cancelled"))
    client = signed_in(app.test_client(), db.session.scalars(select(User)).one())
    assert "evidence withdrawn" in client.get("/").text
    assert "withdrawn from the chart since it was picked" in client.get(f"/queries/{query.ref}/edit").text
