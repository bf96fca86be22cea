"""Indicators against the chart that they say they stand in."""

from __future__ import annotations

from typing import Any

import pytest

from query_mgr.queries.lint import Charted, Draft, DraftIndicator, Finding, lint
from query_mgr.queries.lint.draft import SOURCE_STATES
from query_mgr.queries.lint.exchange import draft_from
from query_mgr.queries.lint.fixes import applied, changes

RULES = ("evidence_withdrawn", "indicator_not_in_chart")


def a_draft(*indicators: DraftIndicator) -> Draft:
    """An open question about the kidney that shows these indicators."""
    return Draft(
        title="Documentation clarification: kidney function",
        body="",
        question="Please clarify the condition that the creatinine represents, if any.",
        query_type="open_ended",
        purpose="new_condition",
        indicators=indicators,
    )


def an_indicator(text: str = "Creatinine 2.4 mg/dL", **more: Any) -> DraftIndicator:
    return DraftIndicator(text, None, "Laboratory result", **more)


def picked(text: str, charted: str) -> DraftIndicator:
    """An indicator that was picked where the chart says `charted`."""
    return an_indicator(text, charted=Charted((charted,), is_picked=True))


def typed(text: str, *charted: str) -> DraftIndicator:
    """An indicator that was typed by hand; the chart says `charted` at its time."""
    return an_indicator(text, charted=Charted(charted, is_picked=False))


def found(*indicators: DraftIndicator) -> list[Finding]:
    return [one for one in lint(a_draft(*indicators)) if one.rule in RULES]


@pytest.mark.parametrize(
    ("text", "charted"),
    [
        ("Creatinine 2.4 mg/dL (ref 0.6-1.3)", "Creatinine 2.4 mg/dL (ref 0.6-1.3)"),
        ("Creatinine 2.40 mg/dL", "Creatinine 2.4 mg/dL"),
        ("BNP 1850 pg/mL", "BNP 1,850 pg/mL"),
        ("SpO2 84% on room air", "SpO₂ 84 % on room air"),
        ("renal function worse", "Renal function is worsening."),
        ("Creatinine ２.4", "Creatinine 2.4"),
        ("WBC 0.9,1.6", "WBC 0.9, 1.6"),
    ],
)
def test_a_picked_value_in_other_words_stands_in_the_chart(text: str, charted: str) -> None:
    assert found(picked(text, charted)) == []


@pytest.mark.parametrize(
    ("text", "charted", "number"),
    [
        ("Creatinine 4.2 mg/dL", "Creatinine 2.4 mg/dL", "4.2"),
        ("Creatinine 24 mg/dL", "Creatinine 2.4 mg/dL", "24"),
        ("BNP 18,500 pg/mL", "BNP 1,850 pg/mL", "18,500"),
        ("SpO2 84%", "SpO2 94 %", "84"),
        ("Creatinine 0.9, 2.6 mg/dL (03/01 05:10)", "Creatinine 0.9, 1.6 mg/dL (03/01 05:10)", "2.6"),
        ("Creatinine 2.4 mg/dL (03/02 05:10)", "Creatinine 2.4 mg/dL (03/01 05:10)", "02"),
    ],
)
def test_a_number_changed_after_picking_blocks_and_is_pointed_at(text: str, charted: str, number: str) -> None:
    (finding,) = found(picked(text, charted))
    assert (finding.rule, finding.severity, finding.field) == ("indicator_not_in_chart", "error", "indicators[0]")
    assert text[slice(*finding.span)] == number
    assert finding.message == f"“{number}” does not stand where this was picked: “{charted}”."


def test_each_changed_number_is_told_once_and_a_long_quote_is_cut() -> None:
    first, second = found(picked("7 and 8 and 9", "9 " + "x" * 130))
    assert (first.excerpt, second.excerpt) == ("7 and 8 and 9", "7 and 8 and 9")
    assert (first.span, second.span) == ((0, 1), (6, 7))
    assert first.message.endswith(f"“9 {'x' * 118}…”.")


def test_a_quote_that_just_fits_is_not_cut() -> None:
    (finding,) = found(picked("7", "x" * 120))
    assert finding.message.endswith(f"“{'x' * 120}”.")


@pytest.mark.parametrize(
    "charted", [("Creatinine 2.4 mg/dL",), ("Potassium 4.1 mmol/L", "Note: Cr 2.4 today, K 4.1."), ("2.40",)]
)
def test_a_typed_value_that_the_chart_holds_at_its_time_passes(charted: tuple[str, ...]) -> None:
    assert found(typed("Creatinine 2.4 on 3/2 at 05:10, hospital day 3", *charted)) == []


@pytest.mark.parametrize("charted", [(), ("Creatinine 2.6 mg/dL", "Potassium 4.1 mmol/L")])
def test_a_typed_value_that_the_chart_does_not_hold_warns(charted: tuple[str, ...]) -> None:
    (finding,) = found(typed("3/2 05:10: creatinine 2.4", *charted))
    assert (finding.rule, finding.severity) == ("indicator_not_in_chart", "warning")
    assert finding.span == (22, 25)
    assert finding.message == "The chart holds no “2.4” at the time that this indicator states."


def test_words_without_a_number_claim_no_value() -> None:
    assert found(typed("confused and agitated overnight, SpO2 low")) == []


def test_without_a_chart_nothing_is_said_of_it() -> None:
    assert found(an_indicator()) == []
    line = {
        "query_type": "open_ended",
        "question": "Please clarify.",
        "indicators": [{"text": "BNP 5", "charted": []}],
    }
    assert draft_from(line).indicators[0].charted is None
    assert not {one.rule for one in lint(draft_from(line))} & set(RULES)


@pytest.mark.parametrize("state", SOURCE_STATES)
def test_evidence_that_the_chart_took_back_blocks(state: str) -> None:
    fine, gone = picked("Urea 9", "Urea 9"), an_indicator("Creatinine 2.4" + "!" * 200, source_state=state)
    (finding,) = found(fine, gone)
    assert (finding.rule, finding.severity, finding.field) == ("evidence_withdrawn", "error", "indicators[1]")
    assert finding.message == f"This was {SOURCE_STATES[state]}."
    assert len(finding.excerpt) == 120


def test_a_corrected_value_is_told_once() -> None:
    changed = an_indicator(charted=Charted(("Creatinine 1.1 mg/dL",), is_picked=True), source_state="changed")
    assert [one.rule for one in found(picked("Urea 9", "Urea 9"), changed)] == ["evidence_withdrawn"]


def test_an_indicator_behind_one_that_was_taken_back_is_still_read() -> None:
    gone, wrong = an_indicator(source_state="withdrawn"), picked("Urea 8", "Urea 9")
    assert [(one.rule, one.field) for one in found(an_indicator(), gone, wrong)] == [
        ("evidence_withdrawn", "indicators[1]"),
        ("indicator_not_in_chart", "indicators[2]"),
    ]


@pytest.mark.parametrize(
    "wrong", [an_indicator("Creatinine 4", source_state="changed"), picked("Urea 8", "Urea 9")]
)
def test_one_click_takes_it_off_where_other_evidence_stays(wrong: DraftIndicator) -> None:
    draft = a_draft(wrong, an_indicator("Urine output 200 mL"))
    (change,) = changes(draft, lint(draft))
    assert change is not None and (change.field, change.what) == ("indicators[0]", "Take this indicator off")
    assert [one.text for one in applied(draft, change).indicators] == ["Urine output 200 mL"]
    alone = a_draft(wrong)
    assert changes(alone, lint(alone)) == (None,)
