"""Each decision of the manual that drgpy leaves out, on a stay, beside a second grouper."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from datetime import date
from importlib.metadata import version

import pytest
from drgpy import msdrg

from query_mgr.coding.grouping import completed
from query_mgr.coding.grouping.completed import NO_EXCLUSION, RULES
from query_mgr.coding.grouping.drg import Stay, group
from query_mgr.coding.grouping.engine import engine_for
from query_mgr.coding.grouping.versions import VERSIONS
from tests.coding.grouping.encounters import dotted
from tests.coding.grouping.oracle import Oracle, opened
from tests.coding.grouping.test_tables import MODULES

IN_FORCE = date(2026, 5, 4)


@pytest.fixture(scope="module")
def oracle() -> Iterator[Oracle]:
    with opened() as second:
        yield second


# Rule, diagnoses, procedures, sex, disposition, what drgpy says, what the manual says.
CASES = [
    ("before-categories", "C83.30", "XW033C7", "M01", "842", "018"),
    ("before-categories", "E10.22 N18.6", "0FYG0Z0 0TY00Z0 5A1D70Z", "F01", "008", "019"),
    ("hiv", "A41.9 B20", "", "F01", "872", "976"),
    ("hiv", "E52 B20", "", "F01", "641", "977"),
    ("hiv", "R50.2 B20 A41.9", "", "M01", "864", "977"),
    ("hiv", "J18.9", "0DTA0ZZ", "M01", "970", "983"),
    ("head-and-neck", "C02.1", "0CT70ZZ 07T10ZZ", "M01", "983", "142"),
    ("head-and-neck", "K11.23 J98.11", "0CWS7DZ", "F01", "982", "144"),
    ("head-and-neck", "H65.411 J96.01", "09PD8SZ", "F01", "981", "143"),
    ("valve", "I34.0", "025G3ZZ", "F01", "983", "320"),
    ("valve", "I34.0 J96.01", "027G34Z", "F01", "981", "319"),
    ("pregnancy", "O24.419", "0DTJ4ZZ", "F01", "983", "819"),
    ("pregnancy", "O86.89", "0DTA0ZZ", "F01", "983", "769"),
    ("pregnancy", "O02.1", "0DTA0ZZ", "F01", "983", "779"),
    ("pregnancy", "O80 Z37.0", "10A07ZZ", "F01", "989", "998"),
    ("newborn", "Z38.00", "", "M02", "795", "789"),
    ("newborn", "P07.31", "05V50DZ", "M01", "983", "792"),
    ("mental-illness", "F32.2", "0DTA0ZZ", "F01", "983", "876"),
    ("burns", "T31.75", "", "F01", "999", "933"),
    ("burns", "T24.331A T31.33", "0HRHX73", "M01", "928", "927"),
    ("burns", "T21.32XA T31.20", "0DTA0ZZ", "M01", "982", "934"),
    ("other-contact", "Z48.01 E43", "0DTA0ZZ", "F01", "981", "939"),
    ("aftercare", "S71.159D I48.20", "", "M01", "950", "949"),
]


def a_stay(diagnoses: str, procedures: str = "", who: str = "F01") -> Stay:
    """Build a stay; `who` is the sex and the disposition."""
    pairs = tuple((code, "Y") for code in diagnoses.split())
    return Stay(pairs, IN_FORCE, tuple(procedures.split()), who[0], who[1:])


@pytest.mark.parametrize(("rule", "diagnoses", "procedures", "who", "alone", "drg"), CASES)
def test_a_decision_that_drgpy_leaves_out_is_taken_and_said(
    rule: str, diagnoses: str, procedures: str, who: str, alone: str, drg: str, oracle: Oracle
) -> None:
    stay = a_stay(diagnoses, procedures, who)
    found = group(stay)
    assert (found.engine_drg, found.drg) == (alone, drg)
    title = next(one.title for one in RULES if one.id == rule)
    assert any(text.startswith(title) and f"alone says DRG {alone}" in text for text in found.messages)
    assert oracle.drg(stay, age=0 if rule == "newborn" else 40) == drg


def test_every_rule_has_a_case_a_source_and_a_name_of_its_own() -> None:
    assert {rule.id for rule in RULES} == {case[0] for case in CASES}
    assert len({rule.id for rule in RULES}) == len(RULES) == 10
    assert all(rule.source.startswith("MS-DRG Definitions Manual, ") for rule in RULES)


@pytest.mark.parametrize(
    ("diagnoses", "procedures", "drg"),
    [
        ("C32.0 E43", "0CTS0ZZ", "011"),  # a laryngectomy goes before head and neck operations
        ("I35.0 J96.01", "027F34Z 02RF38Z", "266"),  # a new valve goes before its dilation
        ("J18.9 B20 J96.01", "0DTA0ZZ", "969"),
        ("T24.331A T31.20", "5A1955Z", "933"),
        ("J18.9", "", "195"),
        ("F10.239", "0DTA0ZZ", "983"),  # category 20 has unrelated operations, 19 has not
    ],
)
def test_where_drgpy_has_the_decision_no_rule_changes_it(
    diagnoses: str, procedures: str, drg: str, oracle: Oracle
) -> None:
    stay = a_stay(diagnoses, procedures)
    found = group(stay)
    assert found.drg == found.engine_drg == drg == oracle.drg(stay)


@pytest.mark.parametrize("index", [4, 5, 7, 10])
def test_the_ccs_and_mccs_without_exclusions_complete_the_list_exactly(index: int, oracle: Oracle) -> None:
    """In versions 40, 41, 42 and 43.1: with them, no code's level differs from the second grouper's."""
    release = VERSIONS[index]
    engine = engine_for(release)
    codes = [code for code in engine._raw.dxmap if code not in engine._own.ccmap]
    differing = set()
    for at in range(0, len(codes), 60):
        # A principal diagnosis of no category of its own excludes nothing.
        stay = Stay(
            tuple((dotted(code), "Y") for code in ("R6889", *codes[at : at + 60])), release.first_day, sex="F"
        )
        for row in oracle.group(stay)["sdx_output"]:
            ours = engine.severity(row["code"])
            if row["severity"] != (ours.level if ours else "NONE"):
                differing.add(row["code"])
    assert differing == set()
    added = {code for code in engine._raw.ccmap if engine.is_added(code)}
    expected = {
        code for first, _, codes in NO_EXCLUSION for code in codes if int(release.name.split(".")[0]) >= first
    }
    assert added == expected


def test_a_covid_pneumonia_is_the_mcc_that_drgpy_misses() -> None:
    found = group(a_stay("U07.1 J12.82"))
    assert (found.engine_drg, found.drg) == ("179", "177")
    assert found.severity("J12.82").counts
    assert found.messages[0].startswith("J12.82 is an MCC (appendix C, no exclusions)")


def test_drgpy_alone_never_returns_the_drgs_that_its_own_tables_name() -> None:
    newest = engine_for(VERSIONS[-1])
    sources = [inspect.getsource(module) for module in (*MODULES, msdrg)]
    returned = {drg for source in sources for drg in re.findall(r'"(\d{3})"', source)}
    missing = {drg for drg in newest._raw.drgmap if drg not in returned} - {"999"}
    ours = inspect.getsource(completed)
    assert missing == {"018", "019", "140", "141", "142", "143", "144", "145", "319", "320", "769", "789"}
    assert all(f'"{drg}"' in ours for drg in missing)


def test_what_is_completed_is_of_this_release_of_drgpy() -> None:
    """With another release: run the cases, and take out each rule that drgpy has by then."""
    assert version("drgpy") == "0.2.1"
