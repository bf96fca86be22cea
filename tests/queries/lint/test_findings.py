"""Whether a text tells a finding or only where one might stand."""

from __future__ import annotations

import pytest

from query_mgr.queries.lint.findings import tells, tells_with_source, without_times


@pytest.mark.parametrize(
    "text", ["Na 121", "boggy uterus", "Troponin rising", "SpO2 84% (3/2 06:10)", "I-131 2011", "flatus POD1"]
)
def test_an_indicator_that_says_something(text: str) -> None:
    assert tells(text)


@pytest.mark.parametrize(
    "text",
    [
        "labs abnormal",
        "see flowsheet 3/3",
        "Vitals unstable",
        "per chart",
        "N/A",
        "See RT notes of 03:00",
        "abnormal imaging 2026-03-03",
        "",
    ],
)
def test_an_indicator_that_says_nothing(text: str) -> None:
    assert not tells(text)


@pytest.mark.parametrize(
    "sentence",
    [
        "tele 3/3 02:00: 22-beat wide complex run, amiodarone 150 mg", "bmi 41.3 (nursing, 3/3)",
        'operative note 3/3: "wound washed, closed"', "lactate was 1.1 in the lab",
        "3/3 crackles, edema, orthopnea",
    ],
)  # fmt: skip
def test_a_sentence_of_the_body_that_stands_for_an_indicator(sentence: str) -> None:
    assert tells_with_source(sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "see flowsheets and rt notes for details",
        "imaging and labs are abnormal",
        "please refer to the mar of 3/3",
        "a 2021 ent note lists 3 findings",
        "lactate was 1.1",
        "3/3 crackles, edema",
        "exam: crackles, edema, orthopnea",
    ],
)
def test_a_sentence_of_the_body_that_does_not(sentence: str) -> None:
    assert not tells_with_source(sentence)


def test_times_leave_blanks_and_move_nothing() -> None:
    assert without_times("na 121 on 3/2 at 05:10, day 3") == "na 121 on     at      ,      "
