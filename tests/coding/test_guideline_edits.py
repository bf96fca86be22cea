"""Edits from the Official Guidelines: what they find, what they let pass, what they name, and what they cost."""

from __future__ import annotations

import random
import re
import time
from bisect import bisect_left
from datetime import date
from functools import cache
from pathlib import Path

import pytest

from query_mgr.coding.scrub import (
    claim,
    combinations,
    conventions,
    history,
    injuries,
    notes,
    obstetrics,
    outpatient,
    poa,
    sequencing,
    specificity,
    symptoms,
)
from query_mgr.coding.scrub.registry import PLACES, run
from tests.coding.claims import a_claim, found
from tests.coding.edition import _all

MODULES = (
    conventions,
    poa,
    sequencing,
    obstetrics,
    injuries,
    combinations,
    symptoms,
    history,
    outpatient,
    specificity,
)
TABLES = ("acute_chronic", "combinations", "diabetes_with", "history", "in_pregnancy", "screenings", "specificity", "symptoms", "unspecified_beside",
          "weeks")  # fmt: skip
_CODE = re.compile(r"\b[A-Z][0-9][0-9AB](?:\.[0-9A-Z]{1,4})?\b")
SICK = (
    "A41.9/Y J96.01/Y J18.9/Y I13.0/Y I50.23/Y N18.4/Y E11.22/Y E11.42/Y N17.9/N D63.1/Y I25.10/Y I48.91/Y J44.0/Y "
    "E66.813/Y Z68.41/1 Z79.4/1 Z79.01/1 Z87.891/1 L89.153/Y F32.A/Y"
)


def _written() -> list[Path]:
    folder = Path(claim.__file__).parent
    return [Path(module.__file__) for module in (*MODULES, notes)] + [
        folder / "tables" / f"{name}.yaml" for name in TABLES
    ]


@cache
def _beginnings() -> frozenset[str]:
    return frozenset(code[:length] for code in _all() for length in range(3, len(code) + 1))


@pytest.mark.parametrize("path", _written(), ids=lambda path: path.name)
def test_every_code_that_an_edit_names_exists(path: Path) -> None:
    assert set(_CODE.findall(path.read_text(encoding="utf-8"))) - _beginnings() == set()


def test_the_beginnings_after_which_sides_stand_have_a_right_and_a_left_code() -> None:
    titles = {code.replace(".", ""): row.title.lower() for code, row in _all().items()}
    ordered = sorted(titles)
    for stem in " ".join(claim.table("bilateral").values()).split():
        sides = [ordered[bisect_left(ordered, stem + side)] for side in "12"]
        assert "right" in titles[sides[0]] and "left" in titles[sides[1]], stem


@pytest.mark.parametrize(
    "text",
    [
        "I11.0/Y I50.33/Y Z79.899/1",
        "J13/Y",
        "N17.0/Y E86.0/Y I10/Y",
        "E10.10/Y T38.3X6A/Y Z91.128/1",
        "I63.411/Y G81.94/Y R29.810/Y I48.0/Y Z79.01/1",
        "I12.0/Y N18.6/Y Z99.2/1",
        "E11.621/Y L97.522/Y Z79.4/1",
        "T81.44XA/Y A41.51/Y R65.20/Y N17.0/Y",
        "I25.110/Y I10/Y E78.5/Y",
        "J44.0/Y J18.1/Y J44.1/Y J96.21/Y",
        "C34.11/Y C79.31/Y D63.0/Y Z87.891/1",
        "K70.31/Y I85.11/Y F10.20/Y",
        "S72.141A/Y W01.0XXA/Y Y92.010/1 D62/N",
        "O70.1/N Z3A.39/1 Z37.0/1",
    ],
)
def test_a_claim_that_is_in_order_meets_no_error_and_no_warning(text: str) -> None:
    edits = [one for module in MODULES for one in module.EDITS if one.severity != "advice"]
    assert [one.message for one in run(a_claim(text), edits)] == []


def test_sepsis_that_came_after_admission_or_of_a_device_may_follow_the_infection() -> None:
    assert found("J18.9/Y A41.9/Y", "sepsis-sequence")
    assert not found("J18.9/Y A41.9/N", "sepsis-sequence")
    assert not found("T83.511A/Y N39.0/Y A41.9/Y", "sepsis-sequence")


def test_two_antineoplastic_encounters_may_stand_in_either_order() -> None:
    assert not found("Z51.11/1 Z51.0/1 C50.911/Y", "z-code-only-first")
    assert [one.codes for one in found("C50.911/Y Z51.11/1", "z-code-only-first")] == [("Z51.11",)]


def test_weeks_and_trimester_agree_over_the_whole_stay() -> None:
    born = date(1998, 1, 1)
    (one,) = found("O23.11/Y Z3A.30/1", "weeks-trimester", birth_on=born)
    assert "first trimester" in one.message and "30 weeks" in one.message
    assert not found("O23.13/Y Z3A.27/1", "weeks-trimester", birth_on=born)  # reached in the stay
    assert not found("O23.12/Y Z3A.27/1", "weeks-trimester", birth_on=born)


def test_weeks_are_not_asked_for_after_an_abortive_outcome_or_in_the_puerperium() -> None:
    assert not found("O03.4/Y", "weeks-missing") and not found("O86.12/Y", "weeks-missing")
    assert found("O14.13/Y", "weeks-missing")


def test_a_pressure_ulcer_that_grew_worse_in_the_stay_has_two_stages() -> None:
    assert not found("E86.0/Y L89.152/Y L89.153/N", "pressure-ulcer-two-stages")
    assert found("E86.0/Y L89.152/Y L89.153/Y", "pressure-ulcer-two-stages")


def test_the_diabetes_code_that_includes_the_complication_is_named() -> None:
    (one,) = found("E11.65/Y N18.4/Y", "diabetes-with")
    assert "E11.22" in one.message and one.codes == ("E11.65", "N18.4")
    assert not found("E11.22/Y E11.65/Y N18.4/Y", "diabetes-with")


def test_a_symptom_names_the_diagnosis_it_belongs_to_and_a_deficit_of_stroke_none() -> None:
    (one,) = found("J18.9/Y R05.9/Y", "symptom-integral")
    assert one.codes == ("R05.9", "J18.9") and "pneumonia" in one.message
    assert not found("I63.411/Y R47.01/Y R29.810/Y", "symptom-integral")


def test_a_symptom_that_an_excludes1_note_keeps_out_is_told_once() -> None:
    assert [one.edit for one in found("A41.9/Y R78.81/Y", "symptom-integral", "excludes1")] == ["excludes1"]


def test_a_code_of_osteoarthritis_asks_only_for_pain_of_its_own_side() -> None:
    assert found("M17.11/Y M25.561/Y", "symptom-integral")
    assert not found("M17.11/Y M25.562/Y", "symptom-integral")


def test_no_mixture_of_codes_is_too_much_for_an_edit() -> None:
    edits, pick = [one for module in MODULES for one in module.EDITS], random.Random(5)
    every = [code for code, row in _all().items() if code[1:2].isdigit() and "-" not in code]
    for _ in range(150):
        text = " ".join(f"{pick.choice(every)}/{pick.choice('YNUW1')}" for _ in range(20))
        kind = pick.choice(("inpatient", "ambulatory"))
        born = pick.choice((None, date(2026, 6, 1), date(2015, 1, 1), date(1950, 1, 1)))
        for one in run(a_claim(text, kind=kind, birth_on=born), edits):
            assert one.message.endswith((".", "”")) and one.place in PLACES


def test_twenty_codes_are_judged_within_a_millisecond() -> None:
    edits = [one for module in MODULES for one in module.EDITS]
    case = a_claim(SICK)
    run(case, edits)
    took = []
    for _ in range(50):
        claim._latest = ((), claim.Claim(()))
        began = time.process_time()
        run(case, edits)
        took.append(time.process_time() - began)
    assert min(took) < 0.001
