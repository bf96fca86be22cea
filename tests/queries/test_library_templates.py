"""The shipped templates: each fits its chart and refuses the other, codes are right, and the text is compliant."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from pathlib import Path

import pytest

from query_mgr.clinical.library import load
from query_mgr.clinical.requirements.chart import ChartContext, ChartDocument
from query_mgr.clinical.requirements.definition import Requirement
from query_mgr.clinical.requirements.matching import look, may_ask, reads_documents
from query_mgr.queries.library.definition import TOPICS, Template
from query_mgr.queries.library.files import shipped
from query_mgr.queries.library.fitting import fits, suggest
from query_mgr.queries.library.render import render
from query_mgr.queries.lint import lint
from tests.queries.template_charts import ADMITTED, CHARTS, chart, draft_on_its_chart

TEMPLATES = sorted(shipped())


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_fits_the_chart_it_is_made_for(name: str) -> None:
    assert fits(shipped()[name], chart(name, "fits")).missing == ()


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_refuses_a_chart_that_needs_no_such_query(name: str) -> None:
    match = fits(shipped()[name], chart(name, "refuses"))
    assert not match.fits
    assert match.missing


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_is_suggested_for_the_chart_it_is_made_for(name: str) -> None:
    assert name in [match.template.id for match in suggest(chart(name, "fits"), shipped().values())]


def test_a_template_is_about_a_condition_of_the_library_or_a_documented_topic() -> None:
    about = {one.condition for one in shipped().values()}
    assert about - load().keys() == TOPICS.keys()


def test_every_chart_belongs_to_a_template() -> None:
    assert sorted(path.stem for path in CHARTS.glob("*.yaml")) == TEMPLATES


@pytest.fixture(scope="module")
def pooled() -> ChartContext:
    """A chart with the facts of all charts, so that each requirement has much to leave out."""
    facts = (fact for name in TEMPLATES for side in ("fits", "refuses") for fact in chart(name, side).facts)
    return ChartContext(
        facts=tuple(one._replace(ref=f"fact{n}") for n, one in enumerate(facts)), admitted_at=ADMITTED
    )


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_chart_of_what_a_requirement_may_look_at_meets_it_as_the_whole_chart_does(
    name: str, pooled: ChartContext
) -> None:
    documents = chart(name, "fits").documents
    for asked in (
        shipped()[name].requires,
        *(one.shown_when for one in shipped()[name].options if one.shown_when),
    ):
        facts = tuple(one for one in pooled.facts if may_ask(asked, one.kind, one.name, one.code))
        assert len(facts) < len(pooled.facts)
        part = ChartContext(documents if reads_documents(asked) else (), facts, admitted_at=ADMITTED)
        assert look(asked, part) == look(asked, replace(pooled, documents=documents))


@pytest.mark.parametrize("name", TEMPLATES)
def test_every_piece_of_evidence_points_into_the_chart(name: str) -> None:
    one = chart(name, "fits")
    texts = {document.ref: document.text for document in one.documents}
    sources = [source for evidence in fits(shipped()[name], one).met for source in evidence.sources]
    assert sources
    for source in sources:
        if source.kind == "document":
            assert texts[source.ref][source.start : source.end] == source.text
        elif source.kind == "fact":
            assert source.ref in {fact.ref for fact in one.facts}
        else:
            assert source.text in one.codes


@pytest.mark.parametrize("name", TEMPLATES)
def test_the_text_of_a_template_lints_without_errors_on_the_chart_it_fits(name: str) -> None:
    errors = [
        (finding.rule, finding.field, finding.message)
        for finding in lint(draft_on_its_chart(name))
        if finding.severity == "error"
    ]
    assert errors == []


@pytest.mark.parametrize("name", TEMPLATES)
def test_options_end_with_other_and_unable_to_determine(name: str) -> None:
    template = shipped()[name]
    if template.query_type != "open_ended":
        kinds = [option.kind for option in render(template, chart(name, "fits")).options]
        assert kinds[-2:] == ["other", "undetermined"]
        assert "clinical" in kinds


def test_every_code_exists_and_every_proposed_code_is_billable(shared: Path) -> None:
    known: dict[str, bool] = {}
    with gzip.open(shared / "data/icd10cm/icd10cm_2026-04.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            known[row["code"]] = row["billable"]
    proposed, named = set(), set()
    for template in shipped().values():
        for option in template.options:
            for change in option.changes:
                proposed |= {(template.id, change.code)} if change.code else set()
                named |= {(template.id, prefix) for prefix in change.replaces}
        for requirement in _requirements(template):
            named |= {(template.id, prefix) for prefix in requirement.codes if requirement.kind == "code"}
    starts = {code[:length] for code in known for length in range(1, len(code) + 1)}
    assert [pair for pair in sorted(proposed) if not known.get(pair[1])] == []
    assert [pair for pair in sorted(named) if pair[1] not in starts] == []


def _requirements(template: Template) -> list[Requirement]:
    shown = [option.shown_when for option in template.options if option.shown_when]
    waiting, found = [template.requires, *template.unless, *shown], []
    while waiting:
        requirement = waiting.pop()
        found.append(requirement)
        waiting.extend(requirement.parts)
    return found


def shown(name: str, one: ChartContext) -> set[str]:
    """Return the keys of the options offered on a chart."""
    return {option.key for option in render(shipped()[name], one).options}


def test_obesity_classes_that_the_body_mass_index_excludes_are_not_offered() -> None:
    offered = shown("obesity_class", chart("obesity_class", "fits"))  # 36.4 kg/m2
    assert "class_2" in offered
    assert not {"class_1", "class_3"} & offered


def test_pneumonia_offers_the_organism_that_grew_and_no_other() -> None:
    offered = shown("pneumonia_organism", chart("pneumonia_organism", "fits"))
    assert "pseudomonas" in offered
    assert not {"mrsa", "klebsiella", "aspiration"} & offered


def test_kidney_disease_stages_follow_the_filtration_rate() -> None:
    offered = shown("chronic_kidney_disease_stage", chart("chronic_kidney_disease_stage", "fits"))  # 26
    assert "stage_4" in offered
    assert not {"stage_2", "stage_3a", "stage_5", "end_stage"} & offered


def test_severe_malnutrition_is_offered_only_with_severe_findings() -> None:
    text = "Malnutrition. Weight loss of 6 % in 3 months."
    mild = ChartContext((ChartDocument("d", text, "attending", "progress_note", ADMITTED),), admitted_at=ADMITTED)
    assert "severe" in shown("malnutrition_severity", chart("malnutrition_severity", "fits"))
    assert "severe" not in shown("malnutrition_severity", mild)


def test_answers_of_a_present_on_admission_query_set_the_indicator_only() -> None:
    changes = {o.key: [c.poa for c in o.changes] for o in shipped()["pressure_injury_poa"].options}
    assert changes == {"present": ["Y"], "not_present": ["N"], "other": [], "undetermined": ["W"]}


def test_evidence_for_an_offered_option_is_part_of_the_match() -> None:
    match = fits(shipped()["malnutrition_severity"], chart("malnutrition_severity", "fits"))
    assert "severe findings" in [evidence.requirement.label for evidence in match.met]
