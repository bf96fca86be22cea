"""The metrics, against numbers computed by hand."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from query_mgr.insight import breakdown
from query_mgr.insight.filters import FilterError, Filters, page_number, parse
from query_mgr.insight.metrics import BY_ID, METRICS, OUTCOMES, QueryRow, figure, hours_of, part
from query_mgr.insight.plots import Value, plot
from query_mgr.insight.report import behind, report
from query_mgr.platform.sheets import cell
from tests.insight.builders import NOW, a_row

NEW_YORK = ZoneInfo("America/New_York")
RANGE = Filters("2026-06", "2026-11")

#: six sent: five responses after 2, 10, 26, 80 and 100 h; four answers; one still open - and one cancelled
SIX = [
    a_row(30, 2, outcome="agreed", close=6),
    a_row(29, 10, outcome="agreed", close=20),
    a_row(28, 26, outcome="ruled_out"),
    a_row(27, 80, outcome="undetermined"),
    a_row(26, 100, status="needs_information"),
    a_row(2.5),
    a_row(20, 1, status="cancelled"),
]


def said(metric: str, rows: list[QueryRow]) -> tuple[str, int, int]:
    found = figure(BY_ID[metric], rows, NOW)
    return found.text, found.numerator, found.denominator


@pytest.mark.parametrize(
    ("metric", "expected"),
    [
        ("response_rate", ("83.3%", 5, 6)),  # "need more information" is a response; the cancelled one is out
        ("response_within_24h", ("33.3%", 2, 6)),
        ("response_within_48h", ("50.0%", 3, 6)),
        ("response_within_72h", ("60.0%", 3, 5)),  # the query sent 60 h ago still has time
        ("response_within_96h", ("80.0%", 4, 5)),
        ("response_time_median", ("26.0 h", 5, 5)),
        ("response_time_p90", ("100.0 h", 5, 5)),
        ("closing_time_median", ("7.0 h", 2, 2)),  # 4 h and 10 h
        ("agreed_rate", ("50.0%", 2, 4)),
        ("other_rate", ("0.0%", 0, 4)),
        ("undetermined_rate", ("25.0%", 1, 4)),
        ("ruled_out_rate", ("25.0%", 1, 4)),
        ("open_rate", ("33.3%", 2, 6)),
        ("overdue_rate", ("0.0%", 0, 2)),
    ],
)
def test_each_figure_is_what_a_hand_computes(metric: str, expected: tuple[str, int, int]) -> None:
    assert said(metric, SIX) == expected


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.id)
def test_nothing_to_count_reads_as_not_available(metric: object) -> None:
    assert said(metric.id, []) == ("n/a", 0, 0)
    assert said(metric.id, [a_row(status="cancelled"), a_row(status="draft")]) == ("n/a", 0, 0)


def test_an_even_number_of_times_has_the_mean_of_the_middle_two_as_median() -> None:
    assert said("response_time_median", [a_row(respond=h) for h in (1, 2, 4, 100)])[0] == "3.0 h"


def test_the_90th_percentile_is_the_nearest_rank() -> None:
    assert said("response_time_p90", [a_row(respond=h) for h in range(1, 11)])[0] == "9.0 h"


def test_a_response_before_sending_shows_as_0_hours_and_is_counted_out() -> None:
    wrong = a_row(10, -5, outcome="agreed")
    assert hours_of(BY_ID["response_time_median"], wrong) == (0.0, True)
    found = figure(BY_ID["response_time_median"], [wrong, a_row(10, 8)], NOW)
    assert (found.text, found.numerator, found.denominator, found.anomalies) == ("8.0 h", 1, 2, 1)
    assert part(BY_ID["response_time_median"], "missing", [wrong], NOW) == [wrong]
    assert said("response_within_24h", [wrong]) == ("n/a", 0, 0)
    assert said("response_rate", [wrong]) == ("100.0%", 1, 1)


def test_a_query_at_its_limit_to_the_second_is_in_time() -> None:
    assert said("response_within_72h", [a_row(10, 72)]) == ("100.0%", 1, 1)
    assert said("response_within_72h", [a_row(10, 72.001)]) == ("0.0%", 0, 1)


def test_the_ages_of_open_queries_meet_without_gap_or_overlap() -> None:
    rows = [a_row(days) for days in (-1, 0, 0.99, 1, 2, 2.99, 3, 6.99, 7, 400)]
    assert breakdown.open_by_age([*rows, *SIX[:4]], NOW) == {"0-1": 3, "1-2": 1, "2-3": 2, "3-7": 2, "7+": 2}


def test_overdue_is_past_the_due_time() -> None:
    late, early = a_row(due_at=NOW - timedelta(seconds=1)), a_row(due_at=NOW)
    assert said("overdue_rate", [late, early, a_row()]) == ("33.3%", 1, 3)


def test_groups_come_with_the_largest_first_and_say_when_they_are_small() -> None:
    rows = [
        *SIX,
        a_row(9, 3, service_line="Surgery", provider="Okafor", provider_ref="p2"),
        a_row(8, service_line=""),
    ]
    lines = breakdown.by_service_line(rows, NOW)
    assert [(group.name, group.sent, group.response.text, group.is_few) for group in lines] == [
        ("Medicine", 6, "83.3%", False),
        ("(not named)", 1, "0.0%", True),
        ("Surgery", 1, "100.0%", True),
    ]
    assert [(group.key, group.sent) for group in breakdown.by_provider(rows, NOW)] == [("p1", 7), ("p2", 1)]


def test_a_month_is_the_hospitals_own_and_an_empty_one_stays_in_the_row() -> None:
    new_years_eve = a_row(sent_at=datetime(2027, 1, 1, 3, tzinfo=UTC))
    months = breakdown.by_month([new_years_eve], NOW, NEW_YORK, ["2026-12", "2027-01"])
    assert [(group.key, group.sent, group.response.text) for group in months] == [
        ("2026-12", 1, "0.0%"),
        ("2027-01", 0, "n/a"),
    ]


QUERY_ROWS = st.lists(
    st.builds(
        lambda ago, respond, outcome, status: a_row(
            ago, respond, outcome=outcome, **({"status": status} if status else {})
        ),
        st.floats(0, 150),
        st.none() | st.floats(-10, 500),
        st.sampled_from(["", *OUTCOMES]),
        st.sampled_from(["", "sent", "needs_information", "cancelled", "undelivered", "closed"]),
    ),
    max_size=12,
)


@given(QUERY_ROWS)
def test_the_parts_add_up_to_the_whole_and_every_number_leads_to_as_many_rows(rows: list[QueryRow]) -> None:
    found = report(rows, Filters("2026-01", "2026-11"), NOW, NEW_YORK)
    for groups in (found.providers, found.service_lines, found.months):
        assert sum(group.sent for group in groups) == found.sent
    assert sum(found.ages.values()) == found.figures["open_rate"].numerator
    assert sum(found.outcomes.values()) == found.figures["agreed_rate"].denominator
    assert found.sent + found.cancelled == len(rows)
    for name, number in found.figures.items():
        assert len(behind(rows, name, "numerator", NOW)[1]) == number.numerator
        assert len(behind(rows, name, "denominator", NOW)[1]) == number.denominator
        assert number.value is None or number.value >= 0
    for age, count in found.ages.items():
        assert len(behind(rows, "open", age, NOW)[1]) == count
    for outcome, count in found.outcomes.items():
        assert len(behind(rows, "outcome", outcome, NOW)[1]) == count


def test_every_metric_is_defined_on_the_page_of_definitions() -> None:
    text = (Path(__file__).parents[2] / "docs" / "metrics.md").read_text()
    for metric in METRICS:
        assert all((metric.name, metric.numerator, metric.denominator, metric.exclusions, metric.source))
        assert re.search(rf"^\| `{metric.id}` \|", text, re.MULTILINE), metric.id
        assert metric.numerator in text and metric.denominator in text and metric.exclusions in text, metric.id


def test_without_a_range_the_last_six_months_are_shown() -> None:
    filters = parse({}, date(2026, 3, 31))
    assert filters.months == ["2025-10", "2025-11", "2025-12", "2026-01", "2026-02", "2026-03"]
    assert filters.bounds(NEW_YORK) == (datetime(2025, 10, 1, 4, tzinfo=UTC), datetime(2026, 4, 1, 4, tzinfo=UTC))


@pytest.mark.parametrize(
    "args",
    [{"from": "2026-13"}, {"to": "yesterday"}, {"from": "2026-05", "to": "2026-04"}, {"from": "2000-01", "to": "2026-01"},
     {"to": "99999-01"}, {"from": "٢٠٢٦-01"}, {"service_line": "x" * 81}, {"provider": "a\x00b"}],
)  # fmt: skip
def test_a_filter_that_cannot_be_read_is_refused(args: dict[str, str]) -> None:
    with pytest.raises(FilterError):
        parse(args, date(2026, 11, 2))


@pytest.mark.parametrize(("text", "page"), [("1", 1), ("-1", 1), ("0", 1), ("3", 3), ("1000000000000", 3)])
def test_a_page_beyond_the_ends_is_the_first_or_the_last(text: str, page: int) -> None:
    assert page_number(text, 100, 201) == page


@pytest.mark.parametrize("text", ["", "x", "1.5", "9" * 40, "²"])
def test_a_page_that_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(FilterError):
        page_number(text, 100, 201)


@pytest.mark.parametrize("text", ["=cmd|'/C calc'!A0", "+1", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "  =1", "＝1"])
def test_what_a_spreadsheet_would_run_gets_a_quote_before_it(text: str) -> None:
    assert cell(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "A. Reyes", "2026-11-02T14:00:00+00:00", "a=b"])
def test_ordinary_text_leaves_as_it_is(text: str) -> None:
    assert cell(text) == text


def test_a_plot_leaves_a_gap_where_there_is_no_value_and_never_a_nan() -> None:
    values = [Value("a", 50.0, "50"), Value("b", 100.0, "100"), Value("c", None, "n/a"), Value("d", 0.0, "0")]
    drawn = plot("p", "t", "d", ("x", "y"), values, top=100)
    assert [mark.y for mark in drawn.marks] == [110.0, 12.0, 208.0, 208.0]
    assert drawn.segments == ("121.0,110.0 267.0,12.0",)
    assert [text for _, text in drawn.ticks] == ["0", "25", "50", "75", "100"]
    assert plot("p", "t", "d", ("x", "y"), []).is_empty
