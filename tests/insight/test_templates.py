"""How each template does, version by version."""

from __future__ import annotations

from query_mgr.insight.templates import TemplateFigures, by_version
from tests.insight.builders import NOW, a_row


def a_template_row(version: str = "1.0", **fields: object):  # type: ignore[no-untyped-def]
    return a_row(template_key="aki_acuity", template_version=version, **fields)  # type: ignore[arg-type]


def only(found: list[TemplateFigures]) -> TemplateFigures:
    assert len(found) == 1
    return found[0]


def test_versions_are_told_apart_and_blank_queries_left_out() -> None:
    rows = [a_template_row("1.0"), a_template_row("site-1"), a_template_row("site-1"), a_row()]
    assert [(one.version, one.sent) for one in by_version(rows, NOW)] == [("1.0", 1), ("site-1", 2)]


def test_the_rates_are_those_of_the_figures_page() -> None:
    rows = [
        a_template_row(respond=10, answer=10, status="closed", outcome="agreed"),
        a_template_row(respond=20, answer=20, status="answered", outcome="undetermined"),
        a_template_row(respond=30, status="needs_information"),
        a_template_row(status="sent"),
        a_template_row(status="cancelled"),
    ]
    found = only(by_version(rows, NOW))
    assert (found.sent, found.answered) == (4, 2)
    texts = [one.text for one in (found.response, found.agree, found.undetermined, found.median)]
    assert texts == ["75.0%", "50.0%", "50.0%", "20.0 h"]


def test_a_template_nobody_answered_has_no_rates_rather_than_zero() -> None:
    found = only(by_version([a_template_row(status="sent")], NOW))
    assert (found.agree.text, found.median.text, found.should_be_looked_at) == ("n/a", "n/a", False)


def test_a_template_that_is_too_often_undetermined_should_be_looked_at() -> None:
    def figures(undetermined: int, agreed: int) -> TemplateFigures:
        outcomes = ["undetermined"] * undetermined + ["agreed"] * agreed
        rows = [a_template_row(respond=1, answer=1, status="closed", outcome=one) for one in outcomes]
        return only(by_version(rows, NOW))

    assert figures(2, 3).should_be_looked_at
    assert not figures(1, 3).should_be_looked_at  # a quarter, and of few answers
    assert not figures(2, 6).should_be_looked_at  # a quarter is not more than a quarter
    assert not figures(2, 2).should_be_looked_at  # four answers say little
