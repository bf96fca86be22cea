"""A document's text for the screen: passages, changes, copies, plots, files, the story. All of it pure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from query_mgr.charts.attachments import disposition, safe_name, served_type
from query_mgr.charts.curves import Point, bar, curve
from query_mgr.charts.diffs import word_changes
from query_mgr.charts.looks import SITTING, compared_with
from query_mgr.charts.panels import place_of
from query_mgr.charts.passages import Span, passages
from query_mgr.charts.story import Happening, Stay, story
from query_mgr.platform.text import signs

AT = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def test_a_text_is_cut_where_something_begins_or_ends() -> None:
    found = passages(
        "One two three", copied=[Span(0, 7, "1")], marks=[Span(4, 7, "hit")], anchors=[Span(8, 13, "section-1")]
    )
    assert [(one.text, one.copied, one.mark, one.anchors) for one in found] == [
        ("One ", "1", None, ()),
        ("two", "1", "hit", ()),
        (" ", "", None, ()),
        ("three", "", None, ("section-1",)),
    ]


@given(st.text(max_size=40), st.lists(st.tuples(st.integers(-5, 50), st.integers(-5, 50)), max_size=4))
def test_passages_joined_are_the_text_again(text: str, places: list[tuple[int, int]]) -> None:
    spans = [Span(start, end, "1") for start, end in places]
    assert "".join(one.text for one in passages(text, copied=spans, marks=spans, anchors=spans)) == text


def test_changes_are_told_word_by_word() -> None:
    changes = word_changes("Acute heart failure.\nPlan: diuresis.\n", "Chronic heart failure.\nPlan: diuresis.\n")
    assert [(one.kind, one.text) for one in changes] == [
        ("removed", "Acute"), ("added", "Chronic"), ("same", " heart failure.\nPlan: diuresis.\n"),
    ]  # fmt: skip


@given(st.text("ab \n.", max_size=60), st.text("ab \n.", max_size=60))
def test_changes_hold_both_texts_whole(old: str, new: str) -> None:
    changes = word_changes(old, new)
    assert "".join(one.text for one in changes if one.kind != "removed") == new
    assert "".join(one.text for one in changes if one.kind != "added") == old


def test_long_texts_that_have_nothing_in_common_are_replaced_as_a_whole() -> None:
    assert [one.kind for one in word_changes("a b " * 20_000, "c d " * 20_000)] == ["removed", "added"]


@pytest.mark.parametrize(
    ("declared", "content", "served"),
    [
        ("application/pdf", b"%PDF-1.7 ...", "application/pdf"),
        ("application/pdf; charset=x", b"%PDF-1.7 ...", "application/pdf"),
        ("application/pdf", b"<html><script>alert(1)</script>", "application/octet-stream"),
        ("image/png", b"\x89PNG\r\n\x1a\n...", "image/png"),
        ("image/png", b"GIF89a/*", "application/octet-stream"),
        ("image/svg+xml", b"<svg onload='x'/>", "application/octet-stream"),
        ("text/html", b"<p>Hello", "application/octet-stream"),
        ("text/plain", b"Hello", "text/plain; charset=utf-8"),
        ("text/plain", b"<!DOCTYPE html><script>", "application/octet-stream"),
        ("text/plain", b"MZ\x00\x90", "application/octet-stream"),
        ("application/pdf", b"", "application/octet-stream"),
        ("application/x-msdownload", b"MZ", "application/octet-stream"),
        ("", b"%PDF-", "application/octet-stream"),
    ],
)
def test_a_file_keeps_its_type_only_where_its_content_says_the_same(
    declared: str, content: bytes, served: str
) -> None:
    assert served_type(declared, content) == served


@pytest.mark.parametrize(
    ("name", "served", "safe"),
    [
        ("report.pdf", "application/pdf", "report.pdf"),
        ("report.PDF", "application/pdf", "report.pdf"),
        ("photo.jpeg", "image/jpeg", "photo.jpg"),
        ("a.pdf\r\nX-Evil: 1", "application/pdf", "a.pdfX-Evil_ 1.pdf"),
        ("..\\..\\x", "application/pdf", "x.pdf"),
        ("../../etc/passwd", "application/octet-stream", "passwd.bin"),
        ("page.html", "application/octet-stream", "page.html.bin"),
        ("CON", "application/pdf", "_CON.pdf"),
        ("name. . ", "application/pdf", "name.pdf"),
        ("x" * 300, "application/pdf", "x" * 100 + ".pdf"),
        ("invoice\u202efdp.exe", "application/octet-stream", "invoicefdp.exe.bin"),
        ("\x00", "application/pdf", "attachment.pdf"),
        ("", "application/octet-stream", "attachment.bin"),
    ],
)
def test_a_file_is_named_safely(name: str, served: str, safe: str) -> None:
    assert safe_name(name, served) == safe


def test_a_name_that_is_not_ascii_is_sent_exactly_beside_a_plain_one() -> None:
    assert disposition('Übersicht "1".pdf') == (
        "attachment; filename=\"_bersicht _1_.pdf\"; filename*=UTF-8''%C3%9Cbersicht%20%221%22.pdf"
    )


def points(*values: float) -> list[Point]:
    return [Point(AT + timedelta(hours=n), value) for n, value in enumerate(values)]


def test_values_lie_over_time_between_the_lowest_and_the_highest() -> None:
    found = curve(points(1.0, 2.0, 3.0), 1.0, 1.5, width=106, height=26)
    assert found is not None
    assert [(dot.x, dot.y) for dot in found.dots] == [(3, 23), (53, 13), (103, 3)]
    assert found.band == (18, 5)


@pytest.mark.parametrize("values", [(0.0,), (5.0, 5.0), (1e300, -1e300), (-3.0, 0.0)])
def test_any_values_can_be_drawn(values: tuple[float, ...]) -> None:
    found = curve(points(*values), None, 4.0, tick_count=4)
    assert found is not None
    assert all(0 <= dot.y <= found.height for dot in found.dots)


def test_no_values_draw_nothing() -> None:
    assert curve([], 1, 2) is None


def test_a_course_lies_within_the_stay_and_is_never_too_short_to_see() -> None:
    day = timedelta(days=1)
    assert bar(AT + day, AT + 3 * day, AT, AT + 4 * day).start == 25.0
    short = bar(AT + 4 * day, AT + 9 * day, AT, AT + 4 * day)
    assert (short.start + short.width, short.width) == (100.0, 1.5)


@pytest.mark.parametrize(
    ("kind", "name", "panel"),
    [
        ("lab", "Sodium", "Chemistry"),
        ("lab", "Creatinine, urine", "Urine"),
        ("lab", "Hemoglobin", "Hematology"),
        ("lab", "Hemoglobin A1c/Hemoglobin.total in Blood", "Hormones"),
        ("lab", "INR", "Coagulation"),
        ("lab", "Carbon dioxide, arterial blood", "Blood gas"),
        ("lab", "Blood culture", "Microbiology"),
        ("lab", "Something nobody knows", "Other"),
        ("vital", "Heart rate", "Vital signs"),
        ("finding", "Braden scale total score", "Findings and scores"),
    ],
)
def test_a_test_stands_in_its_panel(kind: str, name: str, panel: str) -> None:
    assert place_of(kind, name)[1] == panel


def test_sodium_comes_before_potassium() -> None:
    assert place_of("lab", "Sodium") < place_of("lab", "Potassium") < place_of("lab", "Hemoglobin")


def a_stay(**more: object) -> Stay:
    values: dict[str, object] = {
        "encounter_class": "inpatient", "admitted_at": AT, "discharged_at": AT + timedelta(days=4), "now": AT,
    }  # fmt: skip
    return Stay(**(values | more))  # type: ignore[arg-type]


def test_the_story_tells_a_stay_in_one_sentence() -> None:
    told = a_stay(
        reason="chest pain.",
        service_line="Cardiology",
        places=[
            Happening("4 West", AT, AT + timedelta(days=1)),
            Happening("MICU 3", AT + timedelta(days=1), AT + timedelta(days=2)),
        ],
        procedures=[Happening("Coronary bypass", AT + timedelta(days=1)), Happening("coronary bypass", AT)],
    )
    assert story(told, UTC) == (
        "Admitted as an inpatient on Mar 2 under Cardiology for chest pain; MICU 3 Mar 3 to Mar 4; also in 4 West; "
        "coronary bypass (Mar 2); discharged on Mar 6, after 4 days."
    )


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({}, "Admitted as an inpatient on Mar 2; discharged on Mar 6, after 4 days."),
        ({"encounter_class": "other"}, "Here on Mar 2; discharged on Mar 6, after 4 days."),
        ({"discharged_at": AT}, "Admitted as an inpatient on Mar 2; discharged on Mar 2, the same day."),
        ({"discharged_at": None, "now": AT + timedelta(days=2)}, "Admitted as an inpatient on Mar 2; still here on day 3."),
        ({"deceased_at": AT + timedelta(days=4)}, "Admitted as an inpatient on Mar 2; died on Mar 6."),
        ({"deceased_at": AT + timedelta(days=40)}, "Admitted as an inpatient on Mar 2; discharged on Mar 6, after 4 days."),
    ],
)  # fmt: skip
def test_the_story_says_nothing_that_it_does_not_know(more: dict[str, object], told: str) -> None:
    assert story(a_stay(**more), UTC) == told


def test_more_procedures_than_fit_are_counted() -> None:
    many = [Happening(f"Procedure {n}", AT + timedelta(hours=n)) for n in range(5)]
    assert "Procedure 2 (Mar 2) and 2 more procedures;" in story(a_stay(procedures=many), UTC)


def test_what_is_new_stays_new_for_the_whole_sitting() -> None:
    yesterday = AT - timedelta(days=1)
    assert compared_with(AT, yesterday, AT + timedelta(minutes=5)) == yesterday
    assert compared_with(AT, yesterday, AT + SITTING) == AT
    assert compared_with(AT, None, AT + timedelta(minutes=5)) is None


def test_signs_that_nobody_sees_are_shown_and_stay_in_the_text() -> None:
    shown = signs("a\u202eb<\x07")
    assert shown == (
        'a<bdi class="unseen" data-sign="U+202E" title="U+202E">\u202e</bdi>b&lt;'
        '<bdi class="unseen" data-sign="U+0007" title="U+0007">\x07</bdi>'
    )


def test_tabs_line_ends_and_families_stay_as_they_are() -> None:
    text = "a\tb\n👩\u200d👧 e\u0301\u0301"
    assert signs(text) == text
