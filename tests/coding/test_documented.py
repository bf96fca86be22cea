"""What the record says of diagnoses: names, what stands around them, and that a change of the chart changes it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import simple_icd_10_cm as icd
from flask import Flask
from sqlalchemy import event
from sqlalchemy.engine import Engine

from query_mgr.charts.models import Document, Encounter, Fact
from query_mgr.coding import documented
from query_mgr.coding.concept import ConceptError, _concept, concepts, name_tree, nearest, wider
from query_mgr.coding.mentioned import mentions_in
from query_mgr.coding.phrase import SHARED
from query_mgr.coding.scrub.case import Statement
from query_mgr.platform.db import db, unit_of_work
from tests.coding.builders import an_encounter

_NOON = datetime(2026, 10, 29, 12, tzinfo=UTC)


def said(text: str) -> list[tuple[str, str, dict[str, str]]]:
    return [(one.concept, one.state, one.says) for one in mentions_in(text)]


@pytest.mark.parametrize(
    ("text", "concept", "says"),
    [
        ("Acute on chronic systolic heart failure.", "heart_failure", {"acuity": "acute on chronic", "type": "systolic"}),
        ("Heart failure: acute on chronic, diastolic", "heart_failure",
         {"acuity": "acute on chronic", "type": "diastolic"}),
        ("Cellulitis of the right lower leg improving.", "cellulitis", {"laterality": "right", "part": "leg"}),
        ("LLE cellulitis.", "cellulitis", {"laterality": "left", "part": "lower limb"}),
        ("R knee pain.", "knee_pain", {"laterality": "right", "part": "knee"}),
        ("CKD, stage 4, and hypertension.", "ckd", {"stage": "4"}),
        ("Pneumonia due to MRSA treated with vancomycin", "pneumonia", {"organism": "mrsa"}),
        ("Severe protein-calorie malnutrition.", "malnutrition", {"severity": "severe"}),
        ("Osteoarthritis of both knees.", "osteoarthritis", {"laterality": "bilateral", "part": "knee"}),
        ("Asthma, moderate persistent, with acute exacerbation", "asthma",
         {"grade": "moderate persistent", "episode": "exacerbation"}),
        ("Acute exacerbation of his COPD", "copd", {"episode": "exacerbation"}),
    ],
)  # fmt: skip
def test_what_belongs_to_a_diagnosis_is_read_with_it(text: str, concept: str, says: dict[str, str]) -> None:
    found = {one: what for one, _, what in said(text)}
    assert says.items() <= found[concept].items()


@pytest.mark.parametrize(
    ("text", "concept", "axis"),
    [
        ("DVT, acute PE.", "dvt", "acuity"),
        ("Heart failure due to acute MI.", "heart_failure", "acuity"),
        ("Acute kidney injury and heart failure.", "heart_failure", "acuity"),
        ("Cellulitis, left knee effusion.", "cellulitis", "laterality"),
        ("Fracture of the left hip and pneumonia.", "pneumonia", "laterality"),
        ("Sepsis due to E. coli UTI.", "sepsis", "organism"),
        ("COPD, acute\nHeart failure", "heart_failure", "acuity"),
        ("Osteoarthritis, chronic and acute pain, bilateral and left knees", "osteoarthritis", "laterality"),
    ],
)
def test_what_may_belong_to_another_noun_is_left_out(text: str, concept: str, axis: str) -> None:
    found = {one: what for one, _, what in said(text)}
    assert axis not in found[concept]


@pytest.mark.parametrize(
    ("text", "state"),
    [
        ("Pneumonia improving.", "affirmed"), ("No evidence of pneumonia.", "negated"),
        ("Pneumonia was ruled out.", "negated"), ("Possible pneumonia.", "uncertain"),
        ("History of pneumonia.", "historical"), ("Mother had pneumonia.", "family"),
    ],
)  # fmt: skip
def test_a_mention_says_whether_it_is_stated(text: str, state: str) -> None:
    assert [(one, what) for one, what, _ in said(text)] == [("pneumonia", state)]


@pytest.mark.parametrize(
    "text",
    ["No further seizures.", "No acute DVT.", "No left leg DVT.", "Coronary disease without ischemia, overweight.",
     "No significant anemia.", "He denies any recent seizures.", "Denies smoking currently.",
     "No polyps, internal hemorrhoids."],
)  # fmt: skip
def test_what_denies_a_part_only_does_not_deny_the_condition(text: str) -> None:
    assert [what.get("extent") for _, state, what in said(text) if state == "negated"] == ["part"]


@pytest.mark.parametrize(
    "text", ["No PE, pneumonia or effusion.", "No pneumonia.", "Denies fever, chills or cough."]
)
def test_a_list_that_is_denied_denies_each(text: str) -> None:
    assert said(text) and all(state == "negated" and what == {} for _, state, what in said(text))


def test_what_is_known_is_not_doubted_with_what_it_may_have_caused() -> None:
    text = "Possible gout flare related to his chronic kidney disease."
    assert [(one, what.get("extent")) for one, _, what in said(text)] == [("gout", None), ("ckd", "part")]


def test_an_abbreviation_that_is_a_word_counts_only_in_capitals() -> None:
    assert said("He hit his head and does not know; cap refill brisk, as before.") == []
    assert [one for one, _, _ in said("HIT confirmed.")] == ["thrombocytopenia"]


def test_talk_of_what_might_come_is_left_out() -> None:
    assert said("DVT prophylaxis with heparin. Return if you notice chest pain.") == []


def test_a_long_sentence_is_quoted_around_the_name() -> None:
    text = f"{'Seen at bedside with team ' * 12} hyponatremia {'and plan as above ' * 12}."
    (one,) = mentions_in(text)
    assert len(one.sentence) <= 165 and "hyponatremia" in one.sentence and one.sentence.startswith("…")


def test_every_code_of_a_concept_is_in_the_edition_and_every_refinement_can_be_reported() -> None:
    for one in concepts().values():
        assert [code for code in one.codes if not icd.is_valid_item(code)] == [], one.id
        reported = [code for row in one.refinements for code in (row.of, row.to)] + [one.past] * bool(one.past)
        assert [code for code in reported if not (icd.is_valid_item(code) and icd.is_leaf(code))] == [], one.id
        for row in one.refinements:
            known = {**SHARED, **one.says}
            assert [axis for axis, value in row.when.items() if value not in known[axis]] == [], (one.id, row)


def test_enough_concepts_are_known_and_each_is_found_by_its_own_names() -> None:
    assert len(concepts()) >= 200 and name_tree().following
    for one in concepts().values():
        found = {mention.concept for name in one.names for mention in mentions_in(f"Patient has {name} today.")}
        assert one.id in found, one.id
        assert next(iter(wider(one.id))) == one.id


def test_a_code_reports_its_narrowest_concept() -> None:
    assert nearest("D62") == ("acute_blood_loss_anemia",)
    assert nearest("J69.0") == ("aspiration_pneumonia",)
    assert nearest("Z79.4") == ()


@pytest.mark.parametrize(
    ("raw", "wrong"),
    [({"codes": ["I10"]}, "names"), ({"names": ["x"], "codes": ["I10"], "name": "y"}, "name"),
     ({"names": ["x"], "codes": ["I10"], "refine": ["I10 to I11"]}, "refine"), ({"from": "nothing"}, "from")],
)  # fmt: skip
def test_a_concept_that_does_not_fit_is_refused_with_its_place(raw: dict[str, object], wrong: str) -> None:
    with pytest.raises(ConceptError, match=f"here: .*{wrong}"):
        _concept("here", "x", raw)


@pytest.fixture
def stay(app: Flask) -> Encounter:
    documented.forget()
    return an_encounter()


def add(stay: Encounter, text: str, **more: object) -> Document:
    values: dict[str, object] = {
        "source_key": f"Document/{text[:40]}", "content_hash": text[-64:], "kind": "progress_note", "title": "Progress note",
        "author_name": "A. Adams", "author_role": "attending", "authored_at": _NOON,
    }  # fmt: skip
    with unit_of_work():
        row = Document(patient_id=stay.patient_id, encounter_id=stay.id, text=text, **{**values, **more})
        db.session.add(row)
    return row


def told(stay: Encounter) -> tuple[Statement, ...]:
    return tuple(documented.statements_of([stay])[stay.id])


def names(stay: Encounter) -> list[str]:
    return [one.concept for one in told(stay)]


def test_a_statement_names_its_document_author_and_day(stay: Encounter) -> None:
    note = add(stay, "Sepsis due to cellulitis of the left leg.")
    first, second = told(stay)
    assert (first.concept, first.document, first.label) == ("sepsis", note.ref, "Progress note, A. Adams, Oct 29")
    assert note.text[second.start : second.end] == "cellulitis of the left leg"
    assert second.quote == "Sepsis due to cellulitis of the left leg"
    assert "L03" in second.codes and second.by_provider


def test_a_new_changed_replaced_or_withdrawn_document_changes_what_the_record_says(stay: Encounter) -> None:
    note = add(stay, "Pneumonia.")
    assert names(stay) == ["pneumonia"]
    other = add(stay, "Hyponatremia.")
    assert names(stay) == ["pneumonia", "hyponatremia"]
    with unit_of_work():
        note.text, note.content_hash = "Bronchitis.", "another"
    assert names(stay) == ["bronchitis", "hyponatremia"]
    with unit_of_work():
        other.status = "replaced"
    assert names(stay) == ["bronchitis"]
    with unit_of_work():
        note.status = "entered_in_error"
    assert names(stay) == []


def test_a_record_that_did_not_change_is_not_read_again(stay: Encounter) -> None:
    add(stay, "Pneumonia.")
    first = documented.statements_of([stay])[stay.id]
    asked: list[str] = []

    def note(conn: object, cursor: object, statement: str, *more: object) -> None:
        asked.append(statement)

    event.listen(Engine, "before_cursor_execute", note)
    try:
        assert documented.statements_of([stay])[stay.id] is first
    finally:
        event.remove(Engine, "before_cursor_execute", note)
    assert len(asked) == 2 and not any("document.text" in one for one in asked)


def test_a_sentence_that_was_copied_forward_counts_once_and_by_its_first_time(stay: Encounter) -> None:
    add(stay, "The film was read with radiology and there is no pneumonia on either side.", source_key="1")
    add(
        stay,
        "Pneumonia on the new film, ceftriaxone begun.",
        source_key="2",
        authored_at=_NOON + timedelta(days=1),
    )
    add(
        stay, "The film was read with radiology and there is no pneumonia on either side.", source_key="3",
        authored_at=_NOON + timedelta(days=2),
    )  # fmt: skip
    assert [one.state for one in told(stay)] == ["negated", "affirmed"]


@pytest.mark.parametrize(
    ("role", "kind", "stay_kind", "may"),
    [
        ("attending", "progress_note", "inpatient", True), ("advanced_practice", "consult_note", "inpatient", True),
        ("nurse", "nursing_note", "inpatient", False), ("dietitian", "nutrition_note", "ambulatory", False),
        ("radiologist", "imaging_report", "inpatient", False), ("radiologist", "imaging_report", "ambulatory", True),
        ("attending", "imaging_report", "inpatient", False), ("other", "discharge_summary", "inpatient", True),
        ("other", "nursing_note", "inpatient", False),
    ],
)  # fmt: skip
def test_only_a_provider_may_document_a_diagnosis(role: str, kind: str, stay_kind: str, may: bool) -> None:
    assert documented.by_provider(stay_kind, role, kind) is may


def test_the_problem_list_of_the_stay_is_part_of_the_record(stay: Encounter) -> None:
    row = {"patient_id": stay.patient_id, "content_hash": "0", "kind": "problem", "observed_at": _NOON}
    with unit_of_work():
        db.session.add(Fact(source_key="1", encounter_id=stay.id, name="Hypertension", **row))
        db.session.add(Fact(source_key="2", name="old", code_system="icd10cm", code="J44.9", **row))
        over = {**row, "observed_at": _NOON - timedelta(days=90)}
        db.session.add(Fact(source_key="3", name="Pneumonia", ended_at=_NOON - timedelta(days=80), **over))
    assert [(one.concept, one.label, one.document) for one in told(stay)] == [
        ("hypertension", "Problem list", ""),
        ("copd", "Problem list", ""),
    ]
