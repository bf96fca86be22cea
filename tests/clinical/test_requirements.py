"""Criteria as data: measurements in any unit, changes in a window, lasting values, counts and patients."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from query_mgr.clinical import library
from query_mgr.clinical.criteria import criteria_met
from query_mgr.clinical.requirements import measures
from query_mgr.clinical.requirements.chart import ChartContext, ChartDocument, ChartFact
from query_mgr.clinical.requirements.definition import CHANGES
from query_mgr.clinical.requirements.matching import holds, look
from query_mgr.clinical.requirements.nodes import PlacedError, as_node
from query_mgr.clinical.requirements.schema import requirement

ADMITTED = datetime(2026, 3, 2, 8, tzinfo=UTC)


def _fact(name: str, value: float, unit: str, hours: float, kind: str = "lab") -> ChartFact:
    at = ADMITTED + timedelta(hours=hours)
    return ChartFact(f"{name}{hours}", kind, name, "", value, str(value), unit, "", at)


def _chart(*facts: ChartFact, **more: object) -> ChartContext:
    return ChartContext(facts=facts, admitted_at=ADMITTED, **more)  # type: ignore[arg-type]


def _holds(text: object, chart: ChartContext) -> bool:
    return holds(requirement(as_node(text, "test.yaml", "when")), chart)


KDIGO = {"any": ["creatinine rises 0.3 mg/dL in 48 h", "creatinine reaches 1.5 x in 168 h",
                 "urine_output < 0.5 mL/kg/h for 6 h"]}  # fmt: skip


@pytest.mark.parametrize(
    ("readings", "meets"),
    [
        ([(1.0, 0), (1.3, 47)], True),
        ([(1.0, 0), (1.3, 49)], False),
        ([(1.0, 0), (1.29, 24)], False),
        ([(0.8, 0), (1.2, 160)], True),
        ([(0.8, 0), (1.2, 169)], False),
        ([(1.6, 0), (0.8, 24)], False),
    ],
)
def test_kdigo_looks_at_how_far_and_how_fast_creatinine_rises(
    readings: list[tuple[float, float]], meets: bool
) -> None:
    assert _holds(KDIGO, _chart(*(_fact("Creatinine", value, "mg/dL", at) for value, at in readings))) is meets


def test_a_value_in_another_unit_counts_in_ours_and_one_in_an_unknown_unit_not_at_all() -> None:
    assert _holds("creatinine >= 1.5 mg/dL", _chart(_fact("Creatinine", 140, "umol/L", 0)))
    assert not _holds("creatinine >= 1.5 mg/dL", _chart(_fact("Creatinine", 120, "µmol/L", 0)))
    assert not _holds("creatinine >= 1.5 mg/dL", _chart(_fact("Creatinine", 9, "g/24h", 0)))
    assert _holds("temperature > 38 degC", _chart(_fact("Temperature", 101.2, "degF", 0, "vital")))
    assert _holds("wbc > 12 10*3/uL", _chart(_fact("WBC", 14, "K/uL", 0)))


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("Creatinine [Mass/volume] in Serum or Plasma", "creatinine"),
        ("Creatinine, urine", ""),
        ("Creatinine clearance", ""),
        ("Hemoglobin A1c", "hba1c"),
        ("Hemoglobin", "hemoglobin"),
        ("NT-proBNP", "nt_probnp"),
        ("BNP", "bnp"),
        ("Glucose, CSF", ""),
        ("Sodium", "sodium"),
        ("Nagging pain score", ""),
    ],
)
def test_a_measurement_is_known_by_its_name_and_not_by_part_of_another(name: str, key: str) -> None:
    assert measures.lab_of(name) == key


def test_a_low_value_must_last_without_a_break() -> None:
    low = [_fact("Urine output", value, "mL/kg/h", at, "vital") for value, at in ((0.4, 0), (0.3, 3), (0.4, 6))]
    assert _holds("urine_output < 0.5 mL/kg/h for 6 h", _chart(*low))
    broken = [low[0], _fact("Urine output", 0.9, "mL/kg/h", 3, "vital"), low[2]]
    assert not _holds("urine_output < 0.5 mL/kg/h for 6 h", _chart(*broken))


def test_some_of_several_must_hold() -> None:
    sirs = {"some": ["temperature > 38 degC", "heart_rate > 90 /min", "wbc > 12 10*3/uL"], "at_least": 2}
    assert _holds(sirs, _chart(_fact("Temp", 38.5, "degC", 0, "vital"), _fact("HR", 112, "/min", 0, "vital")))
    assert not _holds(sirs, _chart(_fact("Temp", 38.5, "degC", 0, "vital")))


def test_sex_and_age_decide_only_where_they_are_known() -> None:
    low = {"any": [["patient female", "hemoglobin < 12 g/dL"], ["patient male", "hemoglobin < 13 g/dL"]]}
    fact = _fact("Hemoglobin", 12.5, "g/dL", 0)
    assert _holds(low, _chart(fact, sex="male"))
    assert not _holds(low, _chart(fact, sex="female"))
    assert not _holds(low, _chart(fact))
    assert _holds("patient age 18 to 65", _chart(age_years=64.9))
    assert not _holds("patient age 18 to 65", _chart(age_years=65))
    assert not _holds("patient age 18 to 65", _chart())


def test_words_count_by_who_said_them() -> None:
    note = ChartDocument(
        "d1", "Patchy infiltrate in the right lower lobe. No effusion.", "radiologist", "imaging_report", ADMITTED
    )
    chart = ChartContext((note,), admitted_at=ADMITTED)
    assert _holds({"imaging": ["infiltrate", "consolidation"]}, chart)
    assert _holds({"noted": ["infiltrate"]}, chart)
    assert not _holds({"said": ["infiltrate"]}, chart)
    assert not _holds({"imaging": ["effusion"]}, chart)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("kreatinin > 2 mg/dL", "no measurement"),
        ("creatinine > 2 mmol", "write it in 'mg/dL'"),
        ("creatinine is high", "is no requirement"),
        ("patient age", "is no requirement"),
        ({"some": ["patient female"], "at_least": 2}, "'some' needs 'at_least'"),
        ({"any": ["patient female"], "at_least": 1}, "'some' needs 'at_least'"),
    ],
)
def test_a_requirement_that_cannot_be_read_says_how_to_write_it(text: object, says: str) -> None:
    with pytest.raises(PlacedError, match=says):
        requirement(as_node(text, "test.yaml", "when"))


@given(
    st.lists(st.tuples(st.integers(0, 400), st.integers(1, 90)), min_size=2, max_size=25),
    st.sampled_from(CHANGES),
    st.integers(1, 200),
)
def test_the_largest_change_in_a_window_is_the_one_that_comparing_every_pair_finds(
    points: list[tuple[int, int]], op: str, hours: int
) -> None:
    facts = [_fact("Creatinine", value / 10, "mg/dL", hour) for hour, value in dict(points).items()]
    rows = measures.readings(facts)["creatinine"]
    pairs = [
        measures.moved(op, rows[at].value, later.value)
        for n, later in enumerate(rows)
        for at in range(n)
        if later.fact.observed_at - rows[at].fact.observed_at <= timedelta(hours=hours)
    ]
    found = measures.change(op, rows, 0.1, hours)
    best = max(pairs, default=0.0)
    assert (measures.moved(op, found[1].value, found[0].value) if found else None) == (
        best if best >= 0.1 else None
    )


def test_the_evidence_is_the_readings_that_met_it() -> None:
    chart = _chart(_fact("Creatinine", 0.9, "mg/dL", 0), _fact("Creatinine", 2.8, "mg/dL", 40))
    evidence, missing = look(requirement(as_node(KDIGO, "t", "when")), chart)
    assert not missing
    assert [source.text for source in evidence[0].sources] == ["Creatinine 2.8 mg/dL", "Creatinine 0.9 mg/dL"]


def test_the_library_holds_a_chart_to_kdigo_by_its_own_file() -> None:
    condition = library.load()["acute_kidney_injury"]
    tripled = _chart(_fact("Creatinine", 0.9, "mg/dL", 0), _fact("Creatinine", 2.8, "mg/dL", 40))
    assert [one.criterion.source for one in criteria_met(condition, tripled)] == [
        "KDIGO 2012 AKI guideline, section 2.1.1",
        "KDIGO 2012 AKI guideline, table 2 (stage 3)",
    ]
    assert criteria_met(condition, _chart(_fact("Creatinine", 2.8, "mg/dL", 0))) == ()


def test_a_recovery_is_an_earlier_value_by_a_later_one() -> None:
    chart = _chart(_fact("Creatinine", 2.1, "mg/dL", 0), _fact("Creatinine", 1.4, "mg/dL", 20))
    assert _holds("creatinine recovers 1.5 x in 48 h", chart)
    assert not _holds("creatinine recovers 1.6 x in 48 h", chart)
    assert not _holds("creatinine recovers 1.5 x in 12 h", chart)
    assert not _holds("creatinine reaches 1.1 x in 48 h", chart)
