"""What the less common FHIR resources become: claims, files, newer versions, care plans."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from query_mgr.charts.actions import import_bundle, import_file
from query_mgr.charts.models import Attachment, Document, SentCode
from query_mgr.charts.records import DocumentRecord
from query_mgr.platform.db import db
from tests.charts.bundles import CREATININE, NOTE, PATIENT, a_bundle, a_chart_with, changed, encoded
from tests.charts.test_fhir_reading import AT, OURS, chart

ICD10CM = "http://hl7.org/fhir/sid/icd-10-cm"


def coded(system: str, code: str, **more: Any) -> dict[str, Any]:
    return {"coding": [{"system": system, "code": code}], **more}


CLAIM: dict[str, Any] = {
    "resourceType": "Claim", "id": "cl1", "status": "active", "use": "claim",
    "patient": {"reference": "Patient/p1"},
    "diagnosis": [
        {"sequence": 1, "diagnosisCodeableConcept": coded(ICD10CM, "A41.9"), "type": [coded("t", "principal")],
         "onAdmission": coded("poa", "y")},
        {"sequence": 2, "diagnosisCodeableConcept": coded(ICD10CM, "N17.9"), "onAdmission": coded("poa", "N")},
        {"sequence": 3, "diagnosisReference": {"reference": "Condition/c1"}, "type": [coded("t", "admitting")]},
    ],
    "procedure": [
        {"sequence": 1, "date": "2026-03-02", "procedureCodeableConcept": coded("http://www.cms.gov/Medicare/Coding/ICD10", "5A1D70Z")},
    ],
    "item": [
        {"sequence": 1, "productOrService": coded("http://www.ama-assn.org/go/cpt", "99233"), "modifier": [coded("m", "25"), coded("m", "59")],
         "quantity": {"value": 2}, "servicedDate": "2026-03-03", "encounter": [{"reference": "Encounter/e1"}]},
    ],
}  # fmt: skip
CONDITION: dict[str, Any] = {
    "resourceType": "Condition", "id": "c1", **OURS, "recordedDate": AT,
    "code": coded(ICD10CM, "R65.20"), "clinicalStatus": coded("s", "active"),
}  # fmt: skip


def test_a_claim_is_the_codes_that_were_billed() -> None:
    found = {one.source_key: one for one in chart(a_chart_with(CLAIM, CONDITION)).codes}
    assert [(one.kind, one.code_system, one.code, one.role, one.poa) for one in found.values()] == [
        ("diagnosis", "icd10cm", "A41.9", "principal", "Y"),
        ("diagnosis", "icd10cm", "N17.9", "secondary", "N"),
        ("diagnosis", "icd10cm", "R65.20", "admitting", ""),
        ("procedure", "icd10pcs", "5A1D70Z", "", ""),
        ("charge", "cpt", "99233", "", ""),
    ]
    charge = found["Claim/cl1#charge.1"]
    assert (charge.modifiers, charge.units, charge.encounter_key, charge.origin) == (
        "25 59",
        2.0,
        "Encounter/e1",
        "claim",
    )
    assert charge.served_at is not None
    assert {one.encounter_key for one in found.values()} == {"Encounter/e1"}


def test_an_explanation_of_benefit_stands_for_the_claim_it_names(app: Flask) -> None:
    paid = changed(CLAIM, resourceType="ExplanationOfBenefit", id="eob1", claim={"reference": "Claim/cl1"})
    paid["diagnosis"][1]["diagnosisCodeableConcept"] = coded(ICD10CM, "N17.0")
    for sent in (a_chart_with(CLAIM, CONDITION), a_chart_with(CLAIM, CONDITION, paid)):
        import_bundle(encoded(sent), "chart.json", by="tester")
    codes = db.session.scalars(select(SentCode.code).order_by(SentCode.id)).all()
    assert codes == ["A41.9", "N17.0", "R65.20", "5A1D70Z", "99233"]


@pytest.mark.parametrize(
    "values",
    [{"status": "draft"}, {"use": "preauthorization"}, {"diagnosis": None, "procedure": None, "item": None}],
)
def test_what_was_not_billed_is_no_code(values: dict[str, Any]) -> None:
    assert chart(a_chart_with(changed(CLAIM, **values))).codes == ()


def test_a_claim_taken_back_is_kept_as_that() -> None:
    assert {one.status for one in chart(a_chart_with(changed(CLAIM, status="cancelled"))).codes} == {"cancelled"}


def attachment(content: bytes, mime: str, **more: str) -> dict[str, Any]:
    return {"attachment": {"contentType": mime, "data": base64.b64encode(content).decode(), **more}}


def a_note(**values: Any) -> DocumentRecord:
    bundle = chart(a_chart_with(changed(NOTE, id="n2", **values)))
    return next(one for one in bundle.documents if one.source_key == "DocumentReference/n2")


def test_a_file_beside_the_text_is_kept_with_the_document() -> None:
    note = a_note(content=[attachment(b"%PDF-1.4 x", "application/pdf", title="Scan"), *NOTE["content"]])
    assert note.text.startswith("S: Feels weak.")
    assert [(one.content_type, one.name, one.content) for one in note.attachments] == [
        ("application/pdf", "Scan", b"%PDF-1.4 x")
    ]


@pytest.mark.parametrize(
    ("content", "mime"),
    [(b"{\\rtf1 x}", "text/rtf"), (b"\xff\xd8\xff\xe0", "image/jpg"), (b"\x89PNG\r\n\x1a\n", "image/png")],
)
def test_a_document_that_is_only_a_file_has_no_text(app: Flask, content: bytes, mime: str) -> None:
    sent = encoded(a_chart_with(changed(NOTE, id="n2", content=[attachment(content, mime)])))
    assert import_bundle(sent, "chart.json", by="tester").documents == 2
    document = db.session.scalars(select(Document).where(Document.source_key == "DocumentReference/n2")).one()
    assert document.text == ""
    assert db.session.scalars(select(Attachment.content)).all() == [content]
    assert import_bundle(sent, "chart.json", by="tester").status == "unchanged"


@pytest.mark.parametrize(("url", "binary_id"), [("Binary/b1", "b1"), ("urn:uuid:b2", "b2"), ("#b3", "b3")])
def test_content_may_lie_in_a_binary_of_the_file(url: str, binary_id: str) -> None:
    data = base64.b64encode(b"Seen and examined.").decode()
    binary = {"resourceType": "Binary", "id": binary_id, "contentType": "text/plain", "data": data}
    note = changed(NOTE, id="n2", content=[{"attachment": {"url": url}}])
    if url.startswith("#"):
        note["contained"] = [binary]
    bundle = a_chart_with(note) if url.startswith("#") else a_chart_with(note, binary)
    bundle["entry"][-1]["fullUrl"] = f"urn:uuid:{binary_id}"
    assert chart(bundle).documents[1].text == "Seen and examined."


@pytest.mark.parametrize(
    ("code", "relation"), [("replaces", "replaces"), ("appends", "addendum"), ("transforms", "")]
)
def test_a_document_names_the_one_it_changes(code: str, relation: str) -> None:
    note = a_note(relatesTo=[{"code": code, "target": {"reference": "DocumentReference/n1"}}])
    assert (note.related_key, note.relation) == ("DocumentReference/n1", relation)


def test_a_composition_names_the_one_it_changes() -> None:
    composition = {
        "resourceType": "Composition", "id": "k1", "status": "final", "date": AT, **OURS, "title": "H&P",
        "section": [{"title": "HPI", "text": {"div": "<div>Weak.</div>"}}],
        "relatesTo": [{"code": "replaces", "targetReference": {"reference": "Composition/k0"}}],
    }  # fmt: skip
    document = chart(a_bundle(PATIENT, composition)).documents[0]
    assert (document.related_key, document.relation) == ("Composition/k0", "replaces")


def test_a_superseded_document_is_kept_as_replaced() -> None:
    assert a_note(status="superseded", docStatus="final").status == "replaced"


def test_a_report_that_came_as_a_file_keeps_it_though_its_results_are_rows() -> None:
    report = {
        "resourceType": "DiagnosticReport", "id": "r1", "status": "final", "effectiveDateTime": AT, **OURS,
        "code": {"text": "Basic metabolic panel"}, "result": [{"reference": "Observation/o1"}],
        "presentedForm": [attachment(b"%PDF-1.7", "application/pdf")["attachment"]],
    }  # fmt: skip
    document = chart(a_chart_with(report)).documents[1]
    assert (document.title, len(document.attachments)) == ("Basic metabolic panel", 1)


def test_a_care_plan_reads_as_what_is_done_and_what_for() -> None:
    plan = {
        "resourceType": "CarePlan", "id": "cp1", "status": "active", "intent": "plan", **OURS,
        "category": [{"text": "Heart failure"}], "period": {"start": AT}, "addresses": [{"reference": "Condition/c1"}],
        "activity": [{"detail": {"code": {"text": "Daily weights"}, "status": "in-progress"}}],
        "goal": [{"reference": "Goal/g1"}],
    }  # fmt: skip
    goal = {"resourceType": "Goal", "id": "g1", "description": {"text": "Weight below 80 kg"}}
    document = chart(a_chart_with(plan, goal, changed(CONDITION, code={"text": "Heart failure"}))).documents[1]
    assert (document.title, document.kind, document.status) == ("Care plan: Heart failure", "other", "final")
    assert (
        document.text
        == "For\nHeart failure\n\nActivities\nDaily weights (in-progress)\n\nGoals\nWeight below 80 kg"
    )


@pytest.mark.parametrize("is_contained", [True, False])
def test_a_drug_may_be_a_resource_of_its_own(is_contained: bool) -> None:
    drug = {"resourceType": "Medication", "id": "m1", "code": {"text": "Furosemide 40 mg"}}
    order = {
        "resourceType": "MedicationRequest", "id": "mr1", "status": "active", "authoredOn": AT, **OURS,
        "medicationReference": {"reference": "#m1" if is_contained else "Medication/m1"},
        **({"contained": [drug]} if is_contained else {}),
    }  # fmt: skip
    assert chart(a_chart_with(order, *([] if is_contained else [drug]))).facts[1].name == "Furosemide 40 mg"


def test_a_panel_is_its_members_and_an_absent_value_says_why() -> None:
    panel = changed(CREATININE, id="o2", valueQuantity=None, hasMember=[{"reference": "Observation/o1"}])
    absent = changed(CREATININE, id="o3", valueQuantity=None, dataAbsentReason={"text": "hemolyzed"})
    facts = chart(a_chart_with(panel, absent)).facts
    assert [(one.source_key, one.value_text) for one in facts] == [
        ("Observation/o1", "2.4"),
        ("Observation/o3", "not available (hemolyzed)"),
    ]


@pytest.mark.parametrize(
    ("verification", "status"),
    [("refuted", "cancelled"), ("entered-in-error", "entered_in_error"), ("unconfirmed", "preliminary"),
     ("differential", "preliminary")],
)  # fmt: skip
def test_item_24_a_problem_in_doubt_is_never_an_affirmed_one(verification: str, status: str) -> None:
    doubtful = changed(CONDITION, verificationStatus=coded("v", verification))
    fact = chart(a_chart_with(doubtful)).facts[1]
    assert (fact.status, verification in fact.value_text) == (status, True)


def test_a_resource_by_itself_finds_its_patient_who_is_on_file(app: Flask) -> None:
    known = changed(PATIENT, identifier=None)
    import_bundle(encoded(a_bundle(known)), "chart.json", by="tester")
    report = import_file(encoded(changed(CREATININE, encounter=None)), "one.json", by="tester")
    assert (report.status, report.facts, report.held) == ("imported", 1, ())
