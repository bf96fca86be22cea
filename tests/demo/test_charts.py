"""The demo hospital's charts: repeatable, in order, coded with valid codes, and silent where they must be."""

from __future__ import annotations

import gzip
import json
import re
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest

from query_mgr.accounts.npi import is_valid_npi
from query_mgr.accounts.permissions import PERMISSIONS
from query_mgr.charts.records import DocumentRecord
from query_mgr.clinical.requirements.chart import ChartContext, ChartDocument, ChartFact, Source
from query_mgr.demo.notes import NoteTemplateError, fill, write
from query_mgr.demo.scenarios import GAP_SCENARIOS, SCENARIO_TEMPLATE, ScenarioError, _scenario, scenarios
from query_mgr.demo.stays import DemoHospital, DemoStay, build
from query_mgr.queries.library.definition import Template
from query_mgr.queries.library.files import shipped
from query_mgr.queries.library.fitting import fits, suggest
from query_mgr.queries.library.render import render
from query_mgr.queries.lint import Draft, DraftIndicator, DraftOption, is_compliant, lint

NOW = datetime(2026, 11, 24, 14, 0, tzinfo=UTC)
PROVIDER_ROLES = {"attending", "consultant", "resident", "advanced_practice", "radiologist"}
POA = {"inpatient": {"Y", "N", "U", "W", "1"}}


@pytest.fixture(scope="module")
def hospital() -> DemoHospital:
    return build(7, NOW)


@pytest.fixture(scope="module")
def charts(hospital: DemoHospital) -> list[DemoStay]:
    """The stays of several builds: a rule must not hold by the luck of one seed or day."""
    return [*hospital.stays, *build(8, NOW).stays, *build(9, datetime(2026, 3, 1, 0, 20, tzinfo=UTC)).stays]


def by_id(stay: DemoStay) -> dict[str, DocumentRecord]:
    return {each.source_key: each for each in stay.bundle.documents}


def test_two_builds_of_one_seed_and_time_are_equal(hospital: DemoHospital) -> None:
    assert build(7, NOW) == hospital


def test_another_seed_makes_other_charts(hospital: DemoHospital) -> None:
    assert build(8, NOW).stays != hospital.stays


def test_there_are_360_encounters_a_dozen_of_them_in_house(hospital: DemoHospital) -> None:
    encounters = [stay.bundle.encounters[0] for stay in hospital.stays]
    assert len({each.source_key for each in encounters}) == len({each.number for each in encounters}) == 360
    assert sum(each.discharged_at is None for each in encounters) == 12
    assert {each.encounter_class for each in encounters} == {"inpatient", "observation", "emergency", "ambulatory"}


def test_in_house_stays_are_mostly_open_questions_that_can_already_be_asked(charts: list[DemoStay]) -> None:
    open_ones = [stay for stay in charts if stay.bundle.encounters[0].discharged_at is None]
    gaps = [stay for stay in open_ones if stay.scenario in GAP_SCENARIOS]
    assert len(gaps) > len(open_ones) / 2
    assert all(each.kind != "discharge_summary" for stay in open_ones for each in stay.bundle.documents)


def test_at_least_26_scenarios_leave_something_open_and_each_is_in_the_hospital(hospital: DemoHospital) -> None:
    assert len(GAP_SCENARIOS) >= 26
    assert {stay.scenario for stay in hospital.stays} >= GAP_SCENARIOS


def test_every_gap_has_evidence_and_a_typical_answer_and_a_clean_chart_has_neither(charts: list[DemoStay]) -> None:
    for stay in charts:
        is_gap = stay.scenario in GAP_SCENARIOS
        assert (len(stay.evidence) >= 3) == is_gap, stay.scenario
        assert bool(stay.final_option) == is_gap, stay.scenario


def test_quoted_evidence_stands_in_the_document_at_its_offsets(charts: list[DemoStay]) -> None:
    for stay in charts:
        for each in stay.evidence:
            if each.kind == "document":
                assert by_id(stay)[each.source_key].text[each.start : each.end] == each.text
            else:
                assert each.source_key in {fact.source_key for fact in stay.bundle.facts}


def test_sections_cover_their_text_and_no_template_mark_is_left(charts: list[DemoStay]) -> None:
    for stay in charts:
        for document in stay.bundle.documents:
            assert not re.search(r"\[\[|\]\]|[{}|<>]", document.text), document.text
            for section in document.sections:
                assert document.text[: section.start].endswith(f"{section.title}:\n")
                assert document.text[section.start : section.end].strip()


def test_times_are_in_order_and_within_the_stay(charts: list[DemoStay]) -> None:
    for stay in charts:
        encounter = stay.bundle.encounters[0]
        end = encounter.discharged_at
        assert end is None or encounter.admitted_at < end
        documents = [each.authored_at for each in stay.bundle.documents]
        facts = [each.observed_at for each in stay.bundle.facts]
        assert documents == sorted(documents)
        assert facts == sorted(facts)
        for at in documents + facts + [each.ended_at for each in stay.bundle.facts if each.ended_at]:
            assert encounter.admitted_at <= at, (stay.scenario, at)
            assert end is None or at <= end, (stay.scenario, at, end)


@pytest.mark.parametrize(
    "now", [NOW, datetime(2026, 3, 1, 0, 20, tzinfo=UTC), datetime(2026, 7, 4, 23, 50, tzinfo=UTC)]
)
def test_nothing_lies_after_the_reference_time_or_six_months_before_it(now: datetime) -> None:
    for stay in build(3, now).stays:
        encounter = stay.bundle.encounters[0]
        assert 0 < (now - encounter.admitted_at).total_seconds() < 200 * 86400
        assert encounter.discharged_at is None or encounter.discharged_at <= now
        assert all(each.authored_at <= now for each in stay.bundle.documents)
        assert all(max(each.observed_at, each.ended_at or each.observed_at) <= now for each in stay.bundle.facts)


def test_no_provider_names_what_the_scenario_leaves_undocumented(charts: list[DemoStay]) -> None:
    silent = {each.id: each.undocumented for each in scenarios() if each.undocumented}
    for stay in charts:
        said = [each.text for each in stay.bundle.documents if each.author_role in PROVIDER_ROLES]
        said += [each.name for each in stay.bundle.facts if each.kind == "problem"]
        for term in silent.get(stay.scenario, ()):
            assert not re.search(rf"\b{re.escape(term)}\b", "\n".join(said), re.IGNORECASE), (stay.scenario, term)


def test_initial_codes_and_problems_are_billable_codes(charts: list[DemoStay], shared: Path) -> None:
    with gzip.open(shared / "data/icd10cm/icd10cm_2026-04.jsonl.gz", "rt", encoding="utf-8") as lines:
        billable = {row["code"] for row in map(json.loads, lines) if row["billable"]}
    for scenario in scenarios():
        assert {code for code, _poa in scenario.initial_codes} <= billable, scenario.id
        assert {code for code, _name in scenario.problems} <= billable, scenario.id


def test_only_inpatient_stays_carry_present_on_admission_indicators(charts: list[DemoStay]) -> None:
    for stay in charts:
        allowed = POA.get(stay.bundle.encounters[0].encounter_class, {""})
        assert {poa for _code, poa in stay.initial_codes} <= allowed, stay.scenario


def test_no_patient_is_in_two_places_at_once(charts: list[DemoStay], hospital: DemoHospital) -> None:
    seen: dict[str, list[tuple[datetime, datetime]]] = {}
    for stay in hospital.stays:
        encounter = stay.bundle.encounters[0]
        seen.setdefault(encounter.patient_key, []).append((encounter.admitted_at, encounter.discharged_at or NOW))
    assert sum(len(each) > 1 for each in seen.values()) >= 5
    for stays in seen.values():
        stays.sort()
        assert all(before[1] < after[0] for before, after in pairwise(stays))


def test_every_reference_in_a_bundle_resolves_within_it(charts: list[DemoStay]) -> None:
    for stay in charts:
        bundle = stay.bundle
        patients, encounters = {bundle.patients[0].source_key}, {bundle.encounters[0].source_key}
        authors = {each.source_key for each in bundle.providers}
        rows = [*bundle.documents, *bundle.facts]
        assert len({each.source_key for each in rows}) == len(rows)
        assert {each.patient_key for each in rows} <= patients
        assert {each.encounter_key for each in rows} <= encounters
        assert {each.author_key for each in bundle.documents if each.author_key} | {stay.attending_key} <= authors


def _context(stay: DemoStay) -> ChartContext:
    bundle, encounter = stay.bundle, stay.bundle.encounters[0]
    return ChartContext(
        documents=tuple(
            ChartDocument(each.source_key, each.text, each.author_role, each.kind, each.authored_at)
            for each in bundle.documents
        ),
        facts=tuple(
            ChartFact(
                each.source_key,
                each.kind,
                each.name,
                each.code,
                each.value_number,
                each.value_text,
                each.unit,
                each.flag,
                each.observed_at,
            )
            for each in bundle.facts
        ),
        codes=tuple(code for code, _poa in stay.initial_codes),
        encounter_class=encounter.encounter_class,
        admitted_at=encounter.admitted_at,
        discharged_at=encounter.discharged_at,
    )


def test_the_template_of_a_scenario_fits_every_finished_chart_of_it(hospital: DemoHospital) -> None:
    for stay in hospital.stays:
        if stay.scenario in SCENARIO_TEMPLATE and stay.bundle.encounters[0].discharged_at:
            match = fits(shipped()[SCENARIO_TEMPLATE[stay.scenario]], _context(stay))
            assert match.fits, (stay.scenario, match.missing)


def test_what_is_asked_of_a_scenario_is_compliant_and_one_lone_answer_wants_a_reason(
    hospital: DemoHospital,
) -> None:
    first = {stay.scenario: stay for stay in reversed(hospital.stays) if stay.bundle.encounters[0].discharged_at}
    for scenario, template in SCENARIO_TEMPLATE.items():
        found = lint(_asked(shipped()[template], _context(first[scenario])))
        assert {one.rule for one in found} <= {"too_few_options"}, (scenario, found)
        assert is_compliant(found)


def _asked(template: Template, chart: ChartContext) -> Draft:
    """Return the query that a template becomes, its evidence quoted as the composer does."""
    text = render(template, chart)
    sources = [one for met in fits(template, chart).met for one in met.sources[:3] if one.kind != "code"]
    return Draft(
        text.title, text.body, text.question, template.query_type, template.purpose, template.condition,
        tuple(DraftOption(one.key, one.label, one.kind) for one in text.options),
        tuple(_indicator(one, chart) for one in dict.fromkeys(sources)),
        tuple(one.text for one in chart.documents if one.is_by(("provider",))),
        admitted_at=chart.admitted_at, discharged_at=chart.discharged_at,
    )  # fmt: skip


def _indicator(source: Source, chart: ChartContext) -> DraftIndicator:
    if source.kind == "fact":
        return DraftIndicator(source.text, chart.facts_by_ref[source.ref].observed_at, "Results")
    document = chart.documents_by_ref[source.ref]
    return DraftIndicator(
        source.text, document.authored_at, document.kind, document.author_role, source_kind="document"
    )


def test_no_template_finds_anything_open_in_a_clean_chart(hospital: DemoHospital) -> None:
    for stay in hospital.stays:
        if stay.scenario not in GAP_SCENARIOS:
            assert not suggest(_context(stay), shipped().values()), stay.scenario


def test_providers_have_valid_distinct_identifiers_and_addresses(hospital: DemoHospital) -> None:
    assert len(hospital.providers) >= 14
    assert all(is_valid_npi(each.record.npi or "") for each in hospital.providers)
    assert len({each.record.npi for each in hospital.providers}) == len(hospital.providers)
    addresses = [each.email for each in hospital.providers] + [each.email for each in hospital.people]
    assert len(set(addresses)) == len(addresses)
    assert all(each.endswith("@riverbend.example") for each in addresses)


def test_the_staff_fill_every_role_of_the_permission_table(hospital: DemoHospital) -> None:
    roles = [each.role for each in hospital.people]
    assert set(roles) == set().union(*PERMISSIONS.values())
    assert roles.count("coder") == roles.count("cdi") == 2


def test_a_note_that_names_a_value_the_stay_lacks_is_refused() -> None:
    with pytest.raises(NoteTemplateError, match=r"<creatinine\.9>"):
        fill("Cr <creatinine.9>", {"creatinine.0": "0.9"})


def test_an_open_quote_mark_is_refused() -> None:
    import random

    with pytest.raises(NoteTemplateError, match="left open"):
        write([("PLAN", "[[start fluids")], {}, random.Random(1), "A. Nybody, MD")


def test_a_scenario_with_an_unknown_field_is_refused_by_name() -> None:
    with pytest.raises(ScenarioError, match=r"new\.yaml, document 1: unknown field 'titel'"):
        _scenario({"id": "x", "titel": "y"}, "new.yaml, document 1")
