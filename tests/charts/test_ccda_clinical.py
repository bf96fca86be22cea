"""Problems, allergies, medications and procedures: what is negated never becomes a fact that counts."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from query_mgr.charts.evidence import NOT_EVIDENCE
from query_mgr.charts.records import FactRecord
from tests.charts.ccda_documents import (
    CPT,
    ICD10,
    RXNORM,
    SNOMED,
    T,
    a_document,
    a_problem,
    a_section,
    an_observation,
    facts,
    problems,
    read,
)

NEGATED = 'negationInd="true"'


def only(content: bytes) -> FactRecord:
    (fact,) = facts(content)
    return fact


def in_section(code: str, *entries: str, text: str = "<paragraph>See below.</paragraph>") -> bytes:
    return a_document(a_section("SECTION", text, *entries, code=code))


def test_a_problem_keeps_its_name_and_takes_the_icd10_code() -> None:
    value = (
        f'<value xsi:type="CD" code="44054006" {SNOMED} displayName="Diabetes mellitus type 2">'
        f'<translation code="E11.9" {ICD10} displayName="Type 2 diabetes mellitus without complications"/></value>'
    )
    fact = only(problems(a_problem(value)))
    assert (fact.kind, fact.name, fact.code_system, fact.code) == (
        "problem",
        "Diabetes mellitus type 2",
        "icd10cm",
        "E11.9",
    )
    assert (fact.value_text, fact.status) == ("active", "active")
    assert fact.observed_at == datetime(2026, 3, 1, 14, tzinfo=UTC)


def test_a_problem_without_a_code_is_called_by_the_words_of_the_narrative() -> None:
    value = '<value xsi:type="CD" nullFlavor="OTH"><originalText><reference value="#p1"/></originalText></value>'
    text = '<table><tbody><tr><td ID="p1">Leg   wound</td></tr></tbody></table>'
    assert only(problems(a_problem(value), text=text)).name == "Leg wound"


def test_a_problem_that_the_patient_does_not_have_is_kept_as_refuted() -> None:
    fact = only(problems(a_problem(attributes=NEGATED)))
    assert (fact.name, fact.value_text) == ("Diabetes mellitus type 2", "refuted")
    assert fact.status in NOT_EVIDENCE


def test_a_negated_concern_negates_its_problem() -> None:
    concern = a_problem().replace('<act classCode="ACT"', f'<act {NEGATED} classCode="ACT"')
    assert only(problems(concern)).status in NOT_EVIDENCE


def test_no_known_problems_is_no_problem() -> None:
    nothing = f'<value xsi:type="CD" code="55607006" {SNOMED} displayName="Problem"/>'
    reading = read(
        problems(a_problem(nothing, attributes=NEGATED), text="<paragraph>No known problems.</paragraph>")
    )
    assert reading.bundle.facts == ()
    assert "No known problems." in reading.bundle.documents[0].text


def test_a_problem_that_ended_is_resolved() -> None:
    when = '<effectiveTime><low value="20260110"/><high value="20260220"/></effectiveTime>'
    fact = only(problems(a_problem(when=when)))
    assert (fact.value_text, fact.status) == ("resolved", "completed")
    assert fact.ended_at == datetime(2026, 2, 20, 5, tzinfo=UTC)
    assert fact.encounter_key is None


@pytest.mark.parametrize(
    ("told", "concern", "shown", "status"),
    [("413322009", "active", "resolved", "completed"), ("73425007", "active", "inactive", "completed"),
     ("55561003", "completed", "active", "active"), ("", "completed", "inactive", "completed"),
     ("", "active", "active", "active")],
)  # fmt: skip
def test_the_problems_own_status_counts_before_the_concerns(
    told: str, concern: str, shown: str, status: str
) -> None:
    own = an_observation(
        f"{T}6", code='code="33999-4"', value=f'<value xsi:type="CD" code="{told}" {SNOMED}/>', when=""
    )
    more = f'<entryRelationship typeCode="REFR">{own}</entryRelationship>' if told else ""
    fact = only(problems(a_problem(concern=concern, more=more)))
    assert (fact.value_text, fact.status) == (shown, status)


def test_an_onset_known_to_the_year_says_so() -> None:
    reading = read(problems(a_problem(when='<effectiveTime><low value="1998"/></effectiveTime>')))
    assert reading.bundle.facts[0].value_text == "active, since 1998"
    assert any(line.startswith("partial-date") for line in reading.warnings)


def test_admission_and_discharge_diagnoses_say_which_they_are() -> None:
    for number, shown in (("33", "discharge diagnosis"), ("34", "admission diagnosis")):
        act = a_problem().replace(f'<templateId root="{T}3"/>', f'<templateId root="{T}{number}"/>')
        assert only(in_section("11535-2", act)).value_text == f"active, {shown}"


def test_a_preoperative_diagnosis_is_provisional() -> None:
    act = a_problem().replace(f'<templateId root="{T}3"/>', f'<templateId root="{T}65"/>')
    assert only(in_section("10219-4", act)).status == "preliminary"


def an_allergy(substance: str, *, attributes: str = "", more: str = "") -> str:
    participant = (
        '<participant typeCode="CSM"><participantRole classCode="MANU"><playingEntity classCode="MMAT">'
        f"{substance}</playingEntity></participantRole></participant>"
    )
    allergy = an_observation(
        f"{T}7", code='code="ASSERTION"', value=f'<value xsi:type="CD" code="416098002" {SNOMED}/>',
        when='<effectiveTime><low value="20200101"/></effectiveTime>', more=participant + more, attributes=attributes,
    )  # fmt: skip
    return (
        f'<act classCode="ACT" moodCode="EVN"><templateId root="{T}30"/><statusCode code="active"/>'
        f"<entryRelationship>{allergy}</entryRelationship></act>"
    )


def test_an_allergy_is_its_substance_with_reaction_and_severity() -> None:
    severity = an_observation(f"{T}8", code='code="SEV"', value=f'<value xsi:type="CD" code="24484000" {SNOMED} displayName="Severe"/>', when="")  # fmt: skip
    reaction = an_observation(
        f"{T}9", code='code="ASSERTION"', value=f'<value xsi:type="CD" code="247472004" {SNOMED} displayName="Hives"/>',
        when="", more=f"<entryRelationship>{severity}</entryRelationship>",
    )  # fmt: skip
    content = in_section(
        "48765-2",
        an_allergy(
            f'<code code="7980" {RXNORM} displayName="Penicillin G"/>',
            more=f"<entryRelationship>{reaction}</entryRelationship>",
        ),
    )
    fact = only(content)
    assert (fact.kind, fact.name, fact.code_system, fact.code) == ("allergy", "Penicillin G", "rxnorm", "7980")
    assert (fact.value_text, fact.status) == ("Hives (severe)", "active")


def test_no_known_allergies_is_no_allergy_and_a_refuted_one_does_not_count() -> None:
    nothing = an_allergy('<code nullFlavor="NA"/>', attributes=NEGATED)
    no_drug = an_allergy(f'<code code="410942007" {SNOMED} displayName="Drug or medicament"/>', attributes=NEGATED)
    refuted = an_allergy(f'<code code="7980" {RXNORM} displayName="Penicillin G"/>', attributes=NEGATED)
    assert only(in_section("48765-2", nothing, no_drug, refuted)).status in NOT_EVIDENCE


def a_drug(
    code: str = f'<code code="314076" {RXNORM} displayName="lisinopril 10 MG Oral Tablet"/>',
    *,
    mood: str = "EVN",
    status: str = "active",
    when: str = '<effectiveTime xsi:type="IVL_TS"><low value="20260301"/><high nullFlavor="NI"/></effectiveTime>',
    attributes: str = "",
    more: str = "",
) -> str:
    return (
        f'<substanceAdministration classCode="SBADM" moodCode="{mood}" {attributes}><templateId root="{T}16"/>'
        f'<id root="1.9" extension="m1"/><statusCode code="{status}"/>{when}'
        '<effectiveTime xsi:type="PIVL_TS" operator="A"><period value="12" unit="h"/></effectiveTime>'
        '<routeCode code="C38288" displayName="Oral"/><doseQuantity value="1"/>'
        f"<consumable><manufacturedProduct><manufacturedMaterial>{code}</manufacturedMaterial></manufacturedProduct>"
        f"</consumable>{more}</substanceAdministration>"
    )


@pytest.mark.parametrize(
    ("drug", "shown", "status"),
    [
        (a_drug(), "1 Oral every 12 h (taken)", "active"),
        (a_drug(mood="INT"), "1 Oral every 12 h (ordered)", "active"),
        (a_drug(when='<effectiveTime value="202603021000-0500"/>', status="completed"), "1 Oral every 12 h (given)", "completed"),
        (a_drug(attributes=NEGATED), "1 Oral every 12 h (not given)", "cancelled"),
        (a_drug(status="aborted"), "1 Oral every 12 h (taken)", "stopped"),
        (a_drug(more="<precondition/>"), "1 Oral every 12 h as needed (taken)", "active"),
    ],
)  # fmt: skip
def test_a_medication_says_how_much_how_often_and_whether_it_was_given(drug: str, shown: str, status: str) -> None:
    fact = only(in_section("10160-0", drug))
    assert (fact.kind, fact.name, fact.code) == ("medication", "lisinopril 10 MG Oral Tablet", "314076")
    assert (fact.value_text, fact.status) == (shown, status)


def test_a_medication_with_start_and_stop_keeps_both() -> None:
    when = '<effectiveTime xsi:type="IVL_TS"><low value="20260101"/><high value="20260110"/></effectiveTime>'
    fact = only(in_section("10160-0", a_drug(when=when)))
    assert (fact.observed_at.day, fact.ended_at and fact.ended_at.day, fact.status) == (1, 10, "completed")


def test_no_medications_is_no_medication_and_a_planned_one_is_none_yet() -> None:
    assert facts(in_section("10160-0", a_drug('<code nullFlavor="OTH"/>', attributes=NEGATED))) == ()
    assert facts(in_section("18776-5", a_drug(mood="INT"))) == ()


def a_procedure(
    *, attributes: str = "", status: str = "completed", when: str = '<effectiveTime value="202603020900-0500"/>'
) -> str:
    return (
        f'<procedure classCode="PROC" moodCode="EVN" {attributes}><templateId root="{T}14"/><id root="1.9" extension="x1"/>'
        f'<code code="6025007" {SNOMED} displayName="Laparoscopic appendectomy">'
        f'<translation code="44970" {CPT}/><translation code="0DTJ4ZZ" codeSystem="2.16.840.1.113883.6.4"/></code>'
        f'<statusCode code="{status}"/>{when}<targetSiteCode code="1" displayName="Entire appendix"/></procedure>'
    )


def test_a_procedure_keeps_its_name_and_takes_the_pcs_code() -> None:
    fact = only(in_section("47519-4", a_procedure()))
    assert (fact.kind, fact.name, fact.code_system, fact.code) == (
        "procedure",
        "Laparoscopic appendectomy",
        "icd10pcs",
        "0DTJ4ZZ",
    )
    assert (fact.value_text, fact.status) == ("Entire appendix", "completed")


def test_a_refused_procedure_was_not_done() -> None:
    fact = only(in_section("47519-4", a_procedure(attributes=NEGATED)))
    assert "not done" in fact.value_text
    assert fact.status in NOT_EVIDENCE


def test_an_aborted_procedure_was_stopped() -> None:
    assert only(in_section("47519-4", a_procedure(status="aborted"))).status == "stopped"


def test_the_reason_for_a_drug_is_no_diagnosis() -> None:
    indication = an_observation(
        f"{T}19", value=f'<value xsi:type="CD" code="233604007" {SNOMED} displayName="Pneumonia"/>'
    )
    drug = a_drug(more=f'<entryRelationship typeCode="RSON">{indication}</entryRelationship>')
    assert [one.kind for one in facts(in_section("10160-0", drug))] == ["medication"]
