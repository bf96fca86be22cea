"""Made-up inpatient stays with natural gaps: the templates for those gaps are suggested."""

from __future__ import annotations

import base64
import gzip
import json
import re
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from query_mgr.clinical.requirements.chart import ChartContext, ChartDocument, ChartFact
from query_mgr.queries.library.files import shipped
from query_mgr.queries.library.fitting import suggest
from query_mgr.queries.library.render import render

_KINDS = {"laboratory": "lab", "vital-signs": "vital", "survey": "finding", "exam": "finding"}
_ADMITTED = "2026-01-01T00:00:00+00:00"


def _name(concept: dict[str, Any]) -> str:
    return concept.get("text") or (concept.get("coding") or [{}])[0].get("display") or ""


def _at(resource: dict[str, Any]) -> datetime:
    keys = ("effectiveDateTime", "date", "authoredOn", "performedDateTime")
    return datetime.fromisoformat(next((resource[key] for key in keys if key in resource), _ADMITTED))


def _document(resource: dict[str, Any], ref: str) -> ChartDocument:
    title = _name(resource["type"])
    role = "nurse" if "Nurse" in title else "radiologist" if "imaging" in title else "attending"
    kind = {"nurse": "nursing_note", "radiologist": "imaging_report"}.get(role, "progress_note")
    if resource["resourceType"] == "DocumentReference":
        text = base64.b64decode(resource["content"][0]["attachment"].get("data", "")).decode()
    else:
        parts = [
            f"{part.get('title', '')}: {re.sub('<[^>]+>', ' ', part.get('text', {}).get('div', ''))}"
            for part in resource.get("section", [])
        ]
        text = "\n\n".join(parts)
    return ChartDocument(ref, text, role, kind, _at(resource))


def _fact(resource: dict[str, Any], ref: str) -> ChartFact | None:
    kind = resource["resourceType"]
    if kind == "Observation":
        quantity = resource.get("valueQuantity", {})
        category = resource["category"][0]["coding"][0]["code"]
        text = resource.get("valueString") or _name(resource.get("valueCodeableConcept", {}))
        return ChartFact(
            ref,
            _KINDS.get(category, "finding"),
            _name(resource["code"]),
            "",
            quantity.get("value"),
            str(quantity.get("value", text)),
            quantity.get("unit", ""),
            "",
            _at(resource),
        )
    if kind == "MedicationRequest":
        name = _name(resource["medicationCodeableConcept"])
        return ChartFact(ref, "medication", name, "", None, "", "", "", _at(resource))
    if kind == "Procedure":
        return ChartFact(ref, "procedure", _name(resource["code"]), "", None, "", "", "", _at(resource))
    return None


@cache
def stay(path: Path) -> ChartContext:
    """Convert one bundle, no more than these tests need."""
    with gzip.open(path) as packed:
        resources = [entry["resource"] for entry in json.load(packed)["entry"]]
    documents, facts, codes = [], [], []
    for number, resource in enumerate(resources):
        if resource["resourceType"] in ("DocumentReference", "Composition"):
            documents.append(_document(resource, f"r{number}"))
        elif resource["resourceType"] == "Condition":
            codes += [coding["code"] for coding in resource["code"].get("coding", [])]
        elif fact := _fact(resource, f"r{number}"):
            facts.append(fact)
    encounter = next(resource for resource in resources if resource["resourceType"] == "Encounter")
    admitted = datetime.fromisoformat(encounter["period"]["start"])
    return ChartContext(tuple(documents), tuple(facts), tuple(codes), "inpatient", admitted)


def stays(shared: Path) -> list[ChartContext]:
    return [stay(path) for path in sorted((shared / "data/charts-inpatient").glob("enc-*.json.gz"))]


def suggested(chart: ChartContext) -> set[str]:
    return {match.template.id for match in suggest(chart, shipped().values())}


@pytest.mark.parametrize(
    ("stay_name", "template"),
    [
        ("enc-b7eef72e7e0f", "heart_failure_type_acuity"),
        ("enc-b7eef72e7e0f", "myocardial_infarction_type"),
        ("enc-b7eef72e7e0f", "chronic_kidney_disease_stage"),
        ("enc-12dea99346fa", "acute_kidney_injury_cause"),
        ("enc-12dea99346fa", "chronic_kidney_disease_stage"),
        ("enc-46a2720bd66e", "delirium_cause"),
        ("enc-3e5395d1195b", "delirium_cause"),
    ],
)
def test_the_gap_in_a_stay_brings_its_template(shared: Path, stay_name: str, template: str) -> None:
    assert template in suggested(stay(shared / f"data/charts-inpatient/{stay_name}.json.gz"))


def test_unspecified_obesity_brings_its_template_wherever_the_index_supports_it(shared: Path) -> None:
    fitting = [
        chart
        for chart in stays(shared)
        if "E66.9" in chart.codes
        and any("BMI" in fact.name and (fact.value_number or 0) >= 30 for fact in chart.facts)
    ]
    assert fitting
    assert all("obesity_class" in suggested(chart) for chart in fitting)


def test_every_suggestion_renders_on_its_stay(shared: Path) -> None:
    for chart in stays(shared):
        for match in suggest(chart, shipped().values()):
            assert render(match.template, chart).question
            assert match.met


def test_no_stay_is_flooded_with_suggestions(shared: Path) -> None:
    assert max(len(suggested(chart)) for chart in stays(shared)) <= 10
