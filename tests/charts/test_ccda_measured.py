"""Results, vital signs and findings, and when they were true."""

from __future__ import annotations

from datetime import UTC, datetime
from html import escape

import pytest

from query_mgr.charts.records import FactRecord
from tests.charts.ccda_documents import (
    LOINC,
    SNOMED,
    STAY,
    T,
    a_document,
    a_section,
    an_observation,
    facts,
    read,
    results,
)

NORMAL = '<interpretationCode code="N" codeSystem="2.16.840.1.113883.5.83"/>'


def a_range(low: str, high: str, more: str = NORMAL, *, unit: str = "mg/dL", text: str = "") -> str:
    ends = "".join(
        f'<{name} value="{value}" unit="{unit}"/>' for name, value in (("low", low), ("high", high)) if value
    )
    shown = f"<text>{escape(text)}</text>" if text else f'<value xsi:type="IVL_PQ">{ends}</value>'
    return f"<referenceRange><observationRange>{shown}{more}</observationRange></referenceRange>"


def only(content: bytes) -> FactRecord:
    (fact,) = facts(content)
    return fact


def test_a_result_comes_with_code_value_unit_range_and_flag() -> None:
    flag = '<interpretationCode code="HH" codeSystem="2.16.840.1.113883.5.83"/>'
    fact = only(results(an_observation(more=flag + a_range("0.6", "1.3"))))
    assert (fact.kind, fact.name, fact.code_system, fact.code) == ("lab", "Creatinine", "loinc", "2160-0")
    assert (fact.value_text, fact.value_number, fact.unit) == ("2.40", 2.4, "mg/dL")
    assert (fact.range_low, fact.range_high, fact.flag, fact.status) == (0.6, 1.3, "HH", "final")
    assert fact.observed_at == datetime(2026, 3, 2, 11, tzinfo=UTC)


def test_a_flag_that_nobody_sent_follows_from_the_range() -> None:
    assert only(results(an_observation(more=a_range("0.6", "1.3")))).flag == "H"
    assert only(results(an_observation(more=NORMAL + a_range("0.6", "1.3")))).flag == ""


@pytest.mark.parametrize(
    ("value", "text", "number", "unit"),
    [
        ('<value xsi:type="IVL_PQ"><high value="0.01" unit="ng/mL" inclusive="false"/></value>', "<0.01", None, "ng/mL"),
        ('<value xsi:type="IVL_PQ"><low value="500" unit="mg/dL" inclusive="false"/></value>', ">500", None, "mg/dL"),
        ('<value xsi:type="IVL_PQ"><low value="500" unit="mg/dL"/><high nullFlavor="PINF"/></value>', ">=500", None, "mg/dL"),
        ('<value xsi:type="IVL_PQ"><low value="0" unit="pg/mL" inclusive="true"/>'
         '<high value="5" unit="pg/mL" inclusive="true"/></value>', "<=5", None, "pg/mL"),
        ('<value xsi:type="IVL_PQ"><low value="0" unit="/[HPF]"/><high value="2" unit="/[HPF]"/></value>', "0-2", None, "/[HPF]"),
        ('<value xsi:type="ST">Unable to calculate</value><entryRelationship typeCode="COMP"><observation classCode="OBS"'
         f' moodCode="EVN"><code code="246514001" {SNOMED}/><value xsi:type="CD" code="mg/dL"/></observation>'
         "</entryRelationship>", "Unable to calculate", None, "mg/dL"),
        ('<value xsi:type="PQ" nullFlavor="OTH"><translation value="152" nullFlavor="OTH"><originalText>THOUS/MCL'
         "</originalText></translation></value>", "152", 152.0, "THOUS/MCL"),
        ('<value xsi:type="PQ" nullFlavor="NAV"/>', "not available (temporarily unavailable)", None, ""),
        ('<value xsi:type="INT" value="7"/>', "7", 7.0, ""),
        ('<value xsi:type="ST">7.4</value>', "7.4", 7.4, ""),
        (f'<value xsi:type="CD" code="260385009" {SNOMED} displayName="Negative"/>', "Negative", None, ""),
        ('<value xsi:type="CD" nullFlavor="OTH"><originalText>Amber</originalText></value>', "Amber", None, ""),
        ('<value xsi:type="RTO_PQ_PQ"><numerator value="1"/><denominator value="80"/></value>', "1:80", None, ""),
        ('<value xsi:type="BL" value="true"/>', "yes", None, ""),
        ('<value xsi:type="PQ" value="1e999" unit="mg/dL"/>', "1e999", None, "mg/dL"),
        ('<value xsi:type="PQ" value="NaN" unit="mg/dL"/>', "NaN", None, "mg/dL"),
        ('<value xsi:type="PQ" value="38.400000001" unit="Cel"/>', "38.4", 38.400000001, "Cel"),
        ('<value xsi:type="cda:PQ" xmlns:cda="urn:hl7-org:v3" value="5" unit="1"/>', "5", 5.0, ""),
    ],
)  # fmt: skip
def test_a_value_is_shown_as_sent_and_computed_with_only_where_it_is_one_number(
    value: str, text: str, number: float | None, unit: str
) -> None:
    fact = only(results(an_observation(value=value)))
    assert (fact.value_text, fact.value_number, fact.unit) == (text, number, unit)


def test_of_several_ranges_the_one_marked_normal_is_taken() -> None:
    abnormal = '<interpretationCode code="A"/>'
    fact = only(results(an_observation(more=a_range("5", "9", abnormal) + a_range("0.6", "1.3"))))
    assert (fact.range_low, fact.range_high) == (0.6, 1.3)


def test_of_several_unmarked_ranges_none_is_taken() -> None:
    reading = read(results(an_observation(more=a_range("0.6", "1.3", "") + a_range("0.5", "1.1", ""))))
    assert reading.bundle.facts[0].range_high is None
    assert any(line.startswith("reference-range") for line in reading.warnings)


def test_a_range_under_a_condition_or_in_another_unit_is_not_taken() -> None:
    condition = "<precondition><criterion/></precondition>"
    assert only(results(an_observation(more=a_range("0.6", "1.3", condition)))).range_high is None
    assert only(results(an_observation(more=a_range("60", "130", unit="umol/L")))).range_high is None


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [("0.6-1.3 mg/dL", 0.6, 1.3), ("0.6 - 1.3", 0.6, 1.3), ("<1.3 mg/dL", None, 1.3), (">=40 mg/dL (calc)", 40.0, None),
     ("M 13-18 mg/dL; F 12-16 mg/dL", None, None), ("60-130 umol/L", None, None), ("Negative", None, None)],
)  # fmt: skip
def test_a_range_in_words_is_read_where_it_says_nothing_more(
    text: str, low: float | None, high: float | None
) -> None:
    fact = only(results(an_observation(more=a_range("", "", "", text=text))))
    assert (fact.range_low, fact.range_high) == (low, high)


@pytest.mark.parametrize(
    ("status", "attributes", "kept"),
    [("completed", "", "final"), ("active", "", "preliminary"), ("aborted", "", "cancelled"),
     ("cancelled", "", "cancelled"), ("nullified", "", "entered_in_error"), ("completed", 'negationInd="true"', "cancelled")],
)  # fmt: skip
def test_the_status_says_whether_a_result_counts(status: str, attributes: str, kept: str) -> None:
    assert only(results(an_observation(status=status, attributes=attributes))).status == kept


def test_a_pending_result_is_shown_as_pending() -> None:
    fact = only(results(an_observation(status="active", value='<value xsi:type="PQ" nullFlavor="NA"/>')))
    assert (fact.value_text, fact.status) == ("pending", "preliminary")


def test_a_nullified_panel_takes_its_results_with_it() -> None:
    panel = (
        f'<organizer classCode="BATTERY" moodCode="EVN"><templateId root="{T}1"/><statusCode code="nullified"/>'
        f"<component>{an_observation()}</component></organizer>"
    )
    assert only(results(panel)).status == "entered_in_error"


def test_a_result_without_a_time_has_that_of_its_panel() -> None:
    panel = (
        f'<organizer classCode="BATTERY" moodCode="EVN"><templateId root="{T}1"/>'
        '<effectiveTime><low value="202603020700-0500"/></effectiveTime>'
        f"<component>{an_observation(when='')}</component></organizer>"
    )
    assert only(results(panel)).observed_at == datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "moment", "warning"),
    [
        ('value="20260302"', datetime(2026, 3, 2, 5, tzinfo=UTC), "partial-date"),
        ('value="2026030206"', datetime(2026, 3, 2, 11, tzinfo=UTC), "partial-date"),
        ('value="202603020600"', datetime(2026, 3, 2, 11, tzinfo=UTC), "no-offset"),
        ('value="20260302060015.123-0500"', datetime(2026, 3, 2, 11, 0, 15, tzinfo=UTC), ""),
        ('nullFlavor="UNK"', datetime(2026, 3, 2, 14, tzinfo=UTC), "no-time"),
        ('value="20260230"', datetime(2026, 3, 2, 14, tzinfo=UTC), "date"),
        ('value="20260302060000-9900"', datetime(2026, 3, 2, 14, tzinfo=UTC), "date"),
        ('value="421927004"', datetime(2026, 3, 2, 14, tzinfo=UTC), "date"),
        ('value="00010101"', datetime(2026, 3, 2, 14, tzinfo=UTC), "date"),
    ],
)
def test_a_partial_time_is_kept_as_far_as_it_is_known_and_said(
    written: str, moment: datetime, warning: str
) -> None:
    reading = read(results(an_observation(when=f"<effectiveTime {written}/>")))
    assert reading.bundle.facts[0].observed_at == moment
    assert any(line.startswith(f"{warning}:") for line in reading.warnings) == bool(warning)


def test_vital_signs_are_told_by_their_template_or_their_section() -> None:
    pulse = an_observation(
        f"{T}27", code=f'code="8867-4" {LOINC}', value='<value xsi:type="PQ" value="80" unit="/min"/>'
    )
    rhythm = an_observation(code=f'code="8884-9" {LOINC} displayName="Heart rate rhythm"',
                            value='<value xsi:type="CD" nullFlavor="OTH"><originalText>irregular</originalText></value>')  # fmt: skip
    found = facts(a_document(a_section("VITALS", "x", pulse, rhythm, code="8716-3")))
    assert [(one.kind, one.name, one.value_text) for one in found] == [
        ("vital", "Heart rate", "80"),
        ("vital", "Heart rate rhythm", "irregular"),
    ]


def test_findings_are_read_from_social_functional_and_skin_sections() -> None:
    smoking = an_observation(f"{T}78", code=f'code="72166-2" {LOINC}',
                             value=f'<value xsi:type="CD" code="266919005" {SNOMED} displayName="Never smoked"/>')  # fmt: skip
    ulcer = an_observation(f"{T}114", code='code="ASSERTION" codeSystem="2.16.840.1.113883.5.4"',
                           value=f'<value xsi:type="CD" code="421927004" {SNOMED} displayName="Pressure ulcer stage 3"/>'
                           '<targetSiteCode code="1" displayName="Sacrum"/>')  # fmt: skip
    content = a_document(
        a_section("SOCIAL", "x", smoking, code="29762-2"), a_section("SKIN", "x", ulcer, code="8709-8")
    )
    assert [(one.kind, one.name, one.value_text) for one in facts(content)] == [
        ("finding", "Tobacco smoking status", "Never smoked"),
        ("finding", "Pressure ulcer stage 3", "Sacrum"),
    ]


def test_an_unknown_template_is_read_by_its_section_and_said() -> None:
    reading = read(results(an_observation("1.2.3.999")))
    assert [one.kind for one in reading.bundle.facts] == ["lab"]
    assert any(line.startswith("template:") for line in reading.warnings)


def test_family_history_plans_goals_and_immunizations_are_no_facts_of_the_patient() -> None:
    family = (
        f'<organizer classCode="CLUSTER" moodCode="EVN"><templateId root="{T}45"/>'
        f"<component>{an_observation(f'{T}46')}</component></organizer>"
    )
    planned = an_observation(f"{T}44").replace('moodCode="EVN"', 'moodCode="RQO"')
    goal = an_observation(f"{T}121").replace('moodCode="EVN"', 'moodCode="GOL"')
    shot = f'<substanceAdministration classCode="SBADM" moodCode="EVN"><templateId root="{T}52"/></substanceAdministration>'
    reading = read(
        a_document(
            a_section("FAMILY HISTORY", "Father: infarction", family, code="10157-6"),
            a_section("PLAN", "Repeat creatinine", planned, goal, code="18776-5"),
            a_section("IMMUNIZATIONS", "Influenza", shot, code="11369-6"),
        )
    )
    assert reading.bundle.facts == ()
    assert any(line.startswith("ignored:") for line in reading.warnings)


def test_only_what_overlaps_the_stay_belongs_to_it() -> None:
    old = an_observation(when='<effectiveTime value="201001010600-0500"/>', id_='<id root="1.9" extension="o0"/>')
    late = an_observation(when='<effectiveTime value="202603120600-0500"/>', id_='<id root="1.9" extension="o9"/>')
    found = facts(results(old, an_observation(), late))
    assert [one.encounter_key is not None for one in found] == [False, True, False]


def test_one_entry_id_for_two_results_keeps_both_apart_and_one_result_twice_once() -> None:
    other = an_observation(code=f'code="3094-0" {LOINC} displayName="Urea nitrogen"')
    found = facts(results(an_observation(), other, an_observation()))
    assert [one.name for one in found] == ["Creatinine", "Urea nitrogen"]
    changed = an_observation(value='<value xsi:type="PQ" value="3" unit="mg/dL"/>')
    both = facts(results(an_observation(), changed))
    assert [one.value_text for one in both] == ["2.40", "3"]
    assert len({one.source_key for one in both}) == 2


def test_a_document_of_a_stay_that_is_known_by_number_only_links_what_is_near_it() -> None:
    stay = STAY.replace('<low value="202603010800-0500"/><high value="202603051200-0500"/>', "")
    section = a_section(
        "RESULTS", "x", an_observation(), an_observation(when='<effectiveTime value="2010"/>'), code="30954-2"
    )
    assert [one.encounter_key is not None for one in facts(a_document(section, stay=stay))] == [True, False]
