"""Why a template is offered on a chart, and why another is not."""

from __future__ import annotations

from dataclasses import replace

from query_mgr.queries.library.fitting import fits
from query_mgr.queries.library.reasons import ranked, search, suggestion
from query_mgr.queries.library.schema import parse
from tests.queries.test_library import SOURCE, a_chart, lab, note

TEMPLATE = parse(SOURCE, "lactate_elevated")
LACTATE = "  - {kind: lab, label: a lactate above 2, words: [lactate], op: '>', threshold: 2, unit: mmol/L}\n"
WITH_LACTATE = parse(SOURCE.replace("options:\n", f"{LACTATE}options:\n", 1), "lactate_elevated")


def test_a_reason_names_the_requirement_and_quotes_what_meets_it_with_source_and_time() -> None:
    chart = a_chart(note("Stable. Metabolic acidosis, on bicarbonate.", hours=7))
    (reason,) = suggestion(fits(TEMPLATE, chart), chart).reasons
    assert reason.label == "acidosis documented"
    (quote,) = reason.quotes
    assert (quote.before, quote.term, quote.after) == ("Metabolic ", "acidosis", ", on bicarbonate.")
    assert quote.source == "progress note (attending)"
    assert quote.at == chart.documents[0].authored_at
    assert chart.documents[0].text[quote.start : quote.end] == "Metabolic acidosis, on bicarbonate."


def test_of_several_places_the_newest_is_quoted_and_the_others_are_counted() -> None:
    chart = a_chart(note("Acidosis.", hours=3), note("Acidosis, better.", hours=9))
    (reason,) = suggestion(fits(TEMPLATE, chart), chart).reasons
    assert reason.quotes[0].after == ", better."
    assert reason.more == 1


def test_a_value_is_quoted_as_charts_write_it() -> None:
    chart = a_chart(note("Acidosis."), facts=(lab("Lactate [Moles/volume] in Blood", 4.1, "mmol/L"),))
    reasons = suggestion(fits(WITH_LACTATE, chart), chart).reasons
    assert [(one.label, one.quotes[0].term, one.quotes[0].source) for one in reasons[1:]] == [
        ("a lactate above 2", "Lactate 4.1 mmol/L", "Laboratory result")
    ]


def test_a_search_says_what_the_chart_holds_and_what_it_lacks() -> None:
    chart = a_chart(note("Acidosis."))
    (found,) = search("ACIDOSIS laboratory", chart, [WITH_LACTATE])
    assert found.missing == ("a lactate above 2",)
    assert [one.label for one in found.reasons] == ["acidosis documented"]
    assert search("sepsis", chart, [WITH_LACTATE]) == []
    assert search(" ", chart, [WITH_LACTATE]) == []


def test_more_kinds_of_evidence_come_first_then_newer_evidence() -> None:
    chart = a_chart(
        note("Acidosis.", hours=2), note("Alkalosis.", hours=8), facts=(lab("Lactate", 4.1, "mmol/L"),)
    )
    newer = replace(parse(SOURCE.replace("[acidosis]", "[alkalosis]"), "lactate_elevated"), id="newer")
    matches = [fits(one, chart) for one in (TEMPLATE, newer, WITH_LACTATE)]
    assert [one.template for one in ranked(matches, chart)] == [WITH_LACTATE, newer, TEMPLATE]
