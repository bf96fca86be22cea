"""What FHIR resources become."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from query_mgr.charts.fhir import read_bundle
from query_mgr.charts.narrative import assemble, clean_text, find_sections, html_to_text
from query_mgr.charts.records import ChartBundle
from tests.charts.bundles import (
    CREATININE,
    ENCOUNTER,
    NOTE,
    PATIENT,
    PRACTITIONER,
    a_bundle,
    a_chart_with,
    changed,
    encoded,
)

AT = "2026-03-02T06:00:00Z"
OURS = {"subject": {"reference": "Patient/p1"}, "encounter": {"reference": "Encounter/e1"}}


def chart(bundle: dict[str, Any]) -> ChartBundle:
    return read_bundle(encoded(bundle), ZoneInfo("America/New_York"), datetime(2026, 11, 2, tzinfo=UTC)).bundle


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("IMP", "inpatient"), ("ACUTE", "inpatient"), ("NONAC", "inpatient"), ("EMER", "emergency"),
        ("OBSENC", "observation"), ("AMB", "ambulatory"), ("VR", "other"),
    ],
)  # fmt: skip
def test_encounter_classes(code: str, expected: str) -> None:
    bundle = a_bundle(PATIENT, changed(ENCOUNTER, participant=None, **{"class": {"code": code}}))
    assert chart(bundle).encounters[0].encounter_class == expected


def test_a_laboratory_value_keeps_how_it_was_written_and_gets_its_flag_from_the_range() -> None:
    fact = chart(a_bundle()).facts[0]
    assert (fact.kind, fact.code_system, fact.code) == ("lab", "loinc", "2160-0")
    assert (fact.value_text, fact.value_number, fact.unit) == ("2.4", 2.4, "mg/dL")
    assert (fact.range_low, fact.range_high, fact.flag) == (0.6, 1.3, "H")


@pytest.mark.parametrize(
    ("interpretation", "flag"), [("N", ""), ("HH", "HH"), ("AA", "A"), ("L", "L"), ("NEG", ""), ("POS", "A")]
)
def test_the_senders_flag_comes_before_the_range(interpretation: str, flag: str) -> None:
    flagged = changed(CREATININE, interpretation=[{"coding": [{"code": interpretation}]}])
    assert chart(a_chart_with(changed(flagged, id="o2"))).facts[1].flag == flag


def test_a_value_below_the_limit_is_no_number() -> None:
    low = changed(CREATININE, id="o2", valueQuantity={"value": 0.01, "comparator": "<", "unit": "ng/mL"})
    fact = chart(a_chart_with(low)).facts[1]
    assert (fact.value_text, fact.value_number) == ("<0.01", None)


def test_components_become_facts_of_their_own() -> None:
    pressure = {
        "resourceType": "Observation", "id": "bp", "status": "final", "effectiveDateTime": AT, **OURS,
        "category": [{"coding": [{"code": "vital-signs"}]}], "code": {"text": "Blood pressure"},
        "component": [
            {"code": {"coding": [{"system": "http://loinc.org", "code": "8480-6", "display": "Systolic"}]},
             "valueQuantity": {"value": 88, "unit": "mmHg"}},
            {"code": {"coding": [{"system": "http://loinc.org", "code": "8462-4", "display": "Diastolic"}]},
             "valueQuantity": {"value": 52, "unit": "mmHg"}},
        ],
    }  # fmt: skip
    found = chart(a_chart_with(pressure)).facts[1:]
    assert [(each.source_key, each.kind, each.name, each.value_text) for each in found] == [
        ("Observation/bp#8480-6", "vital", "Systolic", "88"),
        ("Observation/bp#8462-4", "vital", "Diastolic", "52"),
    ]


@pytest.mark.parametrize(
    ("verification", "clinical", "status"),
    [
        ("confirmed", "active", "active"),
        ("confirmed", "resolved", "completed"),
        ("provisional", "active", "preliminary"),
        ("refuted", "active", "cancelled"),
        ("entered-in-error", None, "entered_in_error"),
    ],
)
def test_conditions_become_problems_with_their_standing(
    verification: str, clinical: str | None, status: str
) -> None:
    condition = {
        "resourceType": "Condition", "id": "c1", **OURS, "recordedDate": AT,
        "verificationStatus": {"coding": [{"code": verification}]},
        "clinicalStatus": {"coding": [{"code": clinical}]} if clinical else None,
        "code": {"coding": [
            {"system": "http://snomed.info/sct", "code": "42343007"},
            {"system": "http://hl7.org/fhir/sid/icd-10-cm", "code": "I50.9", "display": "Heart failure, unspecified"},
        ]},
    }  # fmt: skip
    fact = chart(a_chart_with(changed(condition))).facts[1]
    assert (fact.kind, fact.code_system, fact.code, fact.status) == ("problem", "icd10cm", "I50.9", status)


def test_an_order_and_what_was_given_say_so() -> None:
    drug = {
        "text": "Furosemide",
        "coding": [{"system": "http://www.nlm.nih.gov/research/umls/rxnorm", "code": "4603"}],
    }
    order = {
        "resourceType": "MedicationRequest", "id": "m1", "status": "active", "authoredOn": AT, **OURS,
        "medicationCodeableConcept": drug, "dosageInstruction": [{"text": "40 mg IV BID"}],
    }  # fmt: skip
    given_ = {
        "resourceType": "MedicationAdministration", "id": "m2", "status": "not-done", "effectiveDateTime": AT,
        "subject": OURS["subject"], "context": OURS["encounter"], "medicationCodeableConcept": drug,
        "dosage": {"dose": {"value": 40, "unit": "mg"}, "route": {"text": "IV"}},
    }  # fmt: skip
    found = chart(a_chart_with(order, given_)).facts[1:]
    assert [(each.value_text, each.status, each.encounter_key) for each in found] == [
        ("40 mg IV BID (ordered)", "active", "Encounter/e1"),
        ("40 mg IV (not given)", "cancelled", "Encounter/e1"),
    ]


def test_a_note_has_its_author_role_and_sections() -> None:
    note = chart(a_bundle()).documents[0]
    assert (note.kind, note.author_name, note.author_role) == ("progress_note", "Alma Reyes", "attending")
    assert [(each.title, note.text[each.start : each.end]) for each in note.sections] == [
        ("Subjective", "Feels weak."),
        ("Assessment", "Renal function worse – watch."),
    ]


@pytest.mark.parametrize(
    ("credentials", "title", "role"),
    [
        ("RN", "Progress note", "nurse"),
        ("NP", "Progress note", "advanced_practice"),
        ("PA-C", "Consult note", "advanced_practice"),
        ("RD", "Nutrition note", "dietitian"),
        ("MD", "Progress note", "consultant"),
        ("MD", "Chest x-ray", "radiologist"),
        ("", "Progress note", "other"),
        ("", "Physical therapy note", "therapist"),
    ],
)
def test_the_author_role_follows_from_credentials_then_kind(credentials: str, title: str, role: str) -> None:
    other = changed(
        PRACTITIONER, id="d2", identifier=[{"system": "urn:staff", "value": "2"}],
        qualification=[{"code": {"coding": [{"code": credentials}]}}] if credentials else None,
    )  # fmt: skip
    note = changed(NOTE, id="n2", type={"text": title}, author=[{"reference": "Practitioner/d2"}])
    assert chart(a_chart_with(other, note)).documents[1].author_role == role


def test_a_resident_is_known_by_the_role_not_the_degree() -> None:
    role = {
        "resourceType": "PractitionerRole", "id": "r1", "practitioner": {"reference": "Practitioner/d1"},
        "code": [{"text": "Resident physician"}],
    }  # fmt: skip
    assert chart(a_chart_with(role)).documents[0].author_role == "resident"


def test_nurses_write_notes_but_are_not_providers_to_ask() -> None:
    nurse = changed(PRACTITIONER, qualification=[{"code": {"coding": [{"code": "RN"}]}}])
    assert chart(a_bundle(nurse, PATIENT, ENCOUNTER, NOTE)).providers == ()


@pytest.mark.parametrize(("npi", "kept"), [("1234567893", "1234567893"), ("150", None), ("1234567890", None)])
def test_only_a_valid_npi_is_kept(npi: str, kept: str | None) -> None:
    system = "http://hl7.org/fhir/sid/us-npi"
    provider = chart(a_bundle(changed(PRACTITIONER, identifier=[{"system": system, "value": npi}]))).providers[0]
    assert (provider.npi, provider.source_key) == (kept, f"{system}|{npi}")


def test_a_conditional_reference_names_the_same_provider() -> None:
    reference = "Practitioner?identifier=http://hl7.org/fhir/sid/us-npi|1234567893"
    stay = changed(ENCOUNTER, participant=[{"individual": {"reference": reference}}])
    assert (
        chart(a_bundle(PATIENT, stay)).encounters[0].attending_key == "http://hl7.org/fhir/sid/us-npi|1234567893"
    )


def test_the_payer_is_the_coverage_of_the_day_of_admission() -> None:
    def coverage(number: str, name: str, start: str, end: str) -> dict[str, Any]:
        return {
            "resourceType": "Coverage", "id": number, "status": "active", "beneficiary": {"reference": "Patient/p1"},
            "period": {"start": start, "end": end}, "type": {"text": name},
        }  # fmt: skip

    old = coverage("v1", "Medicaid", "2025-01-01", "2025-12-31")
    new = coverage("v2", "Medicare", "2026-01-01", "2026-12-31")
    assert chart(a_chart_with(old, new)).encounters[0].payer == "Medicare"


def test_a_report_that_only_repeats_its_results_is_no_document_but_imaging_is() -> None:
    text = base64.b64encode(b"[Findings]\nLeft lower lobe opacity.").decode()
    report = {
        "resourceType": "DiagnosticReport", "id": "r1", "status": "final", "effectiveDateTime": AT, **OURS,
        "code": {"text": "Chest x-ray"}, "result": [{"reference": "Observation/o1"}],
        "category": [{"coding": [{"code": "LAB"}]}], "presentedForm": [{"contentType": "text/plain", "data": text}],
    }  # fmt: skip
    imaging = changed(report, id="r2", category=[{"coding": [{"code": "RAD"}]}])
    found = chart(a_chart_with(report, imaging)).documents[1:]
    assert [(each.source_key, each.kind, each.author_role) for each in found] == [
        ("DiagnosticReport/r2", "imaging_report", "radiologist")
    ]
    assert found[0].text[found[0].sections[0].start :] == "Left lower lobe opacity."


def test_entered_in_error_is_kept_as_that() -> None:
    assert (
        chart(a_chart_with(changed(NOTE, id="n2", status="entered-in-error"))).documents[1].status
        == "entered_in_error"
    )
    assert (
        chart(a_chart_with(changed(CREATININE, id="o2", status="entered-in-error"))).facts[1].status
        == "entered_in_error"
    )


@given(
    st.lists(
        st.tuples(st.text("AbC ", min_size=1).map(str.strip), st.text(max_size=30).map(clean_text)), max_size=6
    )
)
def test_assembled_sections_lie_exactly_where_they_say(parts: list[tuple[str, str]]) -> None:
    text, sections = assemble(parts)
    assert [text[each.start : each.end] for each in sections] == [body for _, body in parts if body]


@given(st.text(st.sampled_from("AB:[]\n sp.S"), max_size=80))
def test_found_sections_lie_inside_the_text_in_order(text: str) -> None:
    places = [(each.start, each.end) for each in find_sections(text)]
    assert all(0 <= start < end <= len(text) for start, end in places)
    assert places == sorted(places)


@given(st.text(max_size=60))
def test_escaped_text_comes_back_as_text(text: str) -> None:
    import html

    assert html_to_text(f"<p>{html.escape(text)}</p>").split() == html_to_text(html.escape(text)).split()
