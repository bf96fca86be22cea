"""What pages and queries read of a chart."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from query_mgr.charts import reader
from query_mgr.charts.actions import import_bundle
from query_mgr.charts.evidence import reference, short_name
from query_mgr.charts.models import Document, Encounter, Fact
from query_mgr.platform.db import db
from tests.charts.bundles import CREATININE, ENCOUNTER, NOTE, a_chart_with, changed, encoded


def a_stay(*more: dict[str, Any]) -> Encounter:
    report = import_bundle(encoded(a_chart_with(*more)), "chart.json", by="tester")
    assert report.errors == ()
    return db.session.scalars(select(Encounter).where(Encounter.source_key == "Encounter/e1")).one()


def document(key: str = "n1") -> Document:
    return db.session.scalars(select(Document).where(Document.source_key == f"DocumentReference/{key}")).one()


def fact(key: str = "Observation/o1") -> Fact:
    return db.session.scalars(select(Fact).where(Fact.source_key == key)).one()


def problem(number: str, name: str, **values: Any) -> dict[str, Any]:
    return {
        "resourceType": "Condition", "id": number, "subject": {"reference": "Patient/p1"}, "code": {"text": name},
        "verificationStatus": {"coding": [{"code": "confirmed"}]}, "recordedDate": "2026-03-02T00:00:00Z",
    } | values  # fmt: skip


def test_a_value_is_quoted_with_unit_and_reference_range(app: Flask) -> None:
    stay = a_stay()
    indicator = reader.indicator_from_fact(fact(), stay)
    assert indicator.text == "Creatinine 2.4 mg/dL (ref 0.6-1.3)"
    assert (indicator.source_kind, indicator.source_ref, indicator.start) == ("fact", fact().ref, None)
    assert (indicator.encounter_scope, indicator.observed_at) == ("current", fact().observed_at)


def test_marked_words_are_quoted_exactly_without_blanks_around(app: Flask) -> None:
    a_stay()
    text = document().text
    start = text.index(" Renal")
    indicator = reader.indicator_from_text(document(), start, start + len(" Renal function "))
    assert indicator.text == "Renal function" == text[indicator.start : indicator.end]
    assert indicator.author_role == "attending"
    assert "Alma Reyes (attending)" in indicator.source_label
    assert len(indicator.source_hash) == 64


@pytest.mark.parametrize(("start", "end"), [(-1, 3), (3, 3), (5, 2), (0, 10_000), (14, 15)])
def test_a_place_outside_the_text_or_blank_is_refused(app: Flask, start: int, end: int) -> None:
    a_stay()
    assert document().text[14] == "\n"
    with pytest.raises(ValueError):
        reader.indicator_from_text(document(), start, end)


@pytest.mark.parametrize("status", ["entered-in-error", "cancelled"])
def test_what_was_taken_back_is_no_indicator(app: Flask, status: str) -> None:
    a_stay(changed(CREATININE, id="o2", status=status), changed(NOTE, id="n2", status="entered-in-error"))
    with pytest.raises(ValueError):
        reader.indicator_from_fact(fact("Observation/o2"))
    with pytest.raises(ValueError):
        reader.indicator_from_text(document("n2"), 0, 5)


def test_the_hash_changes_with_the_row_it_came_from(app: Flask) -> None:
    a_stay()
    before = reader.indicator_from_text(document(), 3, 8)
    corrected = changed(NOTE, status="current", docStatus="amended")
    bundle = a_chart_with()
    bundle["entry"][4]["resource"] = corrected
    import_bundle(encoded(bundle), "chart.json", by="tester")
    after = reader.indicator_from_text(document(), 3, 8)
    assert before.text == after.text
    assert before.source_hash != after.source_hash


def test_another_stays_result_is_marked_prior(app: Flask) -> None:
    old = changed(ENCOUNTER, id="e0", period={"start": "2025-01-01T00:00:00Z", "end": "2025-01-02T00:00:00Z"})
    stay = a_stay(old, changed(CREATININE, id="o0", encounter={"reference": "Encounter/e0"}))
    assert reader.indicator_from_fact(fact("Observation/o0"), stay).encounter_scope == "prior"


def test_results_are_one_row_a_test_by_time_the_abnormal_ones_first(app: Flask) -> None:
    later = changed(
        CREATININE,
        id="o2",
        effectiveDateTime="2026-03-03T06:00:00Z",
        valueQuantity={"value": 1.1, "unit": "mg/dL"},
    )
    albumin = changed(CREATININE, id="o3", code={"text": "Albumin"}, referenceRange=None, interpretation=None)
    creatinine, other = reader.results_of(a_stay(later, albumin), "lab")
    assert [(reading.value_text, reading.flag) for reading in creatinine.readings] == [("2.4", "H"), ("1.1", "")]
    assert (creatinine.name, creatinine.unit, creatinine.reference) == ("Creatinine", "mg/dL", "0.6-1.3")
    assert creatinine.is_flagged
    assert (other.name, other.is_flagged, len(other.readings)) == ("Albumin", False, 1)


def test_a_cancelled_value_is_no_result(app: Flask) -> None:
    row = reader.results_of(a_stay(changed(CREATININE, id="o2", status="cancelled")), "lab")[0]
    assert len(row.readings) == 1


def test_a_drug_given_many_times_is_one_line(app: Flask) -> None:
    given = [
        {
            "resourceType": "MedicationAdministration", "id": f"m{day}", "status": "completed",
            "subject": {"reference": "Patient/p1"}, "context": {"reference": "Encounter/e1"},
            "medicationCodeableConcept": {"text": "Furosemide 40 mg IV"}, "effectiveDateTime": f"2026-03-0{day}T08:00:00Z",
        }
        for day in (3, 2, 4)
    ]  # fmt: skip
    (row,) = reader.repeated_of(a_stay(*given), "medication")
    assert (row.latest.name, row.count) == ("Furosemide 40 mg IV", 3)
    assert (row.first_at.day, row.latest.observed_at.day) == (2, 4)


def test_the_problem_list_holds_what_was_true_during_the_stay(app: Flask) -> None:
    stay = a_stay(
        problem("c1", "Chronic kidney disease", recordedDate="2020-01-01T00:00:00Z"),
        problem("c2", "Pneumonia", recordedDate="2020-01-01T00:00:00Z", abatementDateTime="2020-02-01T00:00:00Z"),
        problem("c3", "Fracture", recordedDate="2026-06-01T00:00:00Z"),
        problem("c4", "Sepsis", encounter={"reference": "Encounter/e1"}),
        problem("c5", "Gout", verificationStatus={"coding": [{"code": "entered-in-error"}]}),
    )
    assert [each.name for each in reader.problems_of(stay)] == ["Chronic kidney disease", "Sepsis"]


def test_documentation_is_final_notes_and_the_problem_list(app: Flask) -> None:
    stay = a_stay(
        changed(NOTE, id="n2", docStatus="preliminary"),
        changed(NOTE, id="n3", status="entered-in-error"),
        problem("c1", "Chronic kidney disease"),
    )
    found = reader.documentation_of(stay)
    assert [(each.kind, each.author_role) for each in found] == [("progress_note", "attending"), ("problem", "")]
    assert found[0].text == document().text
    assert found[1].text == "Chronic kidney disease"


def test_the_timeline_runs_from_admission_to_discharge(app: Flask) -> None:
    kinds = [each.kind for each in reader.timeline(a_stay())]
    assert kinds == ["admission", "lab", "progress_note", "discharge"]


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("Creatinine [Mass/volume] in Serum or Plasma", "Creatinine"),
        ("Leukocytes [#/volume] in Blood by Automated count", "Leukocytes"),
        ("Creatinine [Mass/volume] in Urine", "Creatinine, urine"),
        ("Oxygen [Partial pressure] in Arterial blood", "Oxygen, arterial blood"),
        ("Body mass index (BMI) [Ratio]", "Body mass index (BMI) [Ratio]"),
        ("Sodium", "Sodium"),
    ],
)
def test_long_names_are_shortened_but_never_lose_an_unusual_specimen(name: str, short: str) -> None:
    assert short_name(name) == short


@pytest.mark.parametrize(
    ("low", "high", "shown"),
    [(0.6, 1.3, "0.6-1.3"), (None, 5.0, "up to 5"), (94.0, None, "from 94"), (None, None, "")],
)
def test_reference_ranges_with_one_end(low: float | None, high: float | None, shown: str) -> None:
    assert reference(low, high) == shown
