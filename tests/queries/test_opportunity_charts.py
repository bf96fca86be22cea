"""The labelled charts of the opportunity finder: each is a legal chart, and says which gaps are worth a query.

They were written and labelled by hand, without the finder; `why` and `none_because` are the labeller's reasons.
"""

from __future__ import annotations

import functools
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from query_mgr.charts.tables.encounters import CLASSES
from query_mgr.charts.tables.notes import KINDS, ROLES
from query_mgr.clinical.library import load
from query_mgr.platform import yamls

FOLDER = Path(__file__).parents[1] / "data" / "opportunities"
PATHS = sorted(FOLDER.glob("*.yaml"))
GAP_KINDS = {
    "undocumented_diagnosis", "validation", "unspecified", "treatment_without_diagnosis", "conflict", "poa_unclear",
    "procedure_detail",
}  # fmt: skip
FACT_KINDS = {"lab", "vital", "medication", "procedure", "finding", "problem", "allergy"}
FIELDS = {
    "id", "sex", "age_years", "class", "admitted_at", "discharged_at", "documents", "facts", "codes", "gaps",
    "none_because",
}  # fmt: skip
FACT_FIELDS = {"ref", "kind", "name", "code", "code_system", "value", "unit", "flag", "at"}
#: what the ambulance or the practice measured comes with the stay
BEFORE = timedelta(hours=24)


@functools.cache
def _read(path: Path) -> dict[str, Any]:
    chart = yamls.load(path)
    assert isinstance(chart, dict)
    return chart


def _at(text: str) -> datetime:
    at = datetime.fromisoformat(text)
    assert at.tzinfo is not None, f"{text} has no time zone"
    return at


@pytest.fixture(params=PATHS, ids=lambda path: path.stem)
def chart(request: pytest.FixtureRequest) -> dict[str, Any]:
    return _read(request.param)


def test_a_chart_holds_the_known_fields_and_legal_values(chart: dict[str, Any]) -> None:
    assert set(chart) <= FIELDS
    assert chart["class"] in CLASSES
    assert chart["sex"] in {"female", "male"}
    assert 0 <= chart["age_years"] < 110
    for document in chart["documents"]:
        assert set(document) == {"ref", "kind", "author_role", "at", "text"}
        assert document["kind"] in KINDS
        assert document["author_role"] in ROLES
        assert document["text"].strip()
    for fact in chart["facts"]:
        assert set(fact) <= FACT_FIELDS
        assert fact["kind"] in FACT_KINDS
        assert fact["name"].strip()
        assert ("code" in fact) == ("code_system" in fact)
        assert fact.get("flag", "") in {"", "L", "H", "LL", "HH", "A"}


def test_its_refs_are_unique(chart: dict[str, Any]) -> None:
    refs = [one["ref"] for one in (*chart["documents"], *chart["facts"])]
    assert len(set(refs)) == len(refs)


def test_its_times_are_in_order_and_of_this_stay(chart: dict[str, Any]) -> None:
    admitted = _at(chart["admitted_at"])
    ended = chart["discharged_at"] and _at(chart["discharged_at"])
    assert ended is None or admitted < ended
    for rows in (chart["documents"], chart["facts"]):
        times = [_at(row["at"]) for row in rows]
        assert times == sorted(times)
        assert times[0] >= admitted - BEFORE
        assert ended is None or times[-1] <= ended


def test_every_label_names_a_kind_a_condition_and_a_reason_once(chart: dict[str, Any]) -> None:
    labels = [(gap["kind"], gap["condition"]) for gap in chart["gaps"]]
    assert len(set(labels)) == len(labels)
    for gap in chart["gaps"]:
        assert set(gap) == {"kind", "condition", "why"}
        assert gap["kind"] in GAP_KINDS
        assert gap["condition"] in load()
        assert gap["why"].strip()
    assert bool(chart["gaps"]) != bool(chart.get("none_because")), "gaps, or why there are none"


def test_the_charts_are_enough_and_a_quarter_have_no_gap() -> None:
    charts = [_read(path) for path in PATHS]
    assert len({chart["id"] for chart in charts}) == len(charts) >= 60
    assert sum(not chart["gaps"] for chart in charts) >= len(charts) / 4


def test_every_kind_of_gap_occurs() -> None:
    assert {gap["kind"] for path in PATHS for gap in _read(path)["gaps"]} == GAP_KINDS
