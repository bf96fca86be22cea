"""Hospital-acquired conditions: only what may be one stops counting."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from query_mgr.coding.grouping.drg import Stay, group
from query_mgr.coding.grouping.engine import engine_for
from query_mgr.coding.grouping.hac import CONDITIONS, is_possible
from query_mgr.coding.grouping.versions import VERSIONS
from tests.coding.grouping.encounters import procedures
from tests.coding.grouping.oracle import opened

IN_FORCE = date(2026, 5, 4)
# One code of each condition that takes a procedure, as a secondary diagnosis with POA N.
SAMPLES = {"08": "J98.51", "10": "I26.99", "11": "K95.01", "12": "T84.63XA", "13": "T82.7XXA", "14": "J95.811"}


def a_stay(*codes: str, procedures: tuple[str, ...] = ()) -> Stay:
    pairs = (code.partition("/") for code in codes)
    return Stay(tuple((code, poa or "Y") for code, _, poa in pairs), IN_FORCE, procedures, "M")


@pytest.mark.parametrize(
    ("codes", "with_it", "without"),
    [
        (("J18.9", "I26.99/N"), "193", "195"),
        (("J18.9", "N39.0/N"), "194", "195"),
        (("J18.9", "J95.811/U"), "194", "195"),
    ],
)
def test_a_code_that_cannot_be_hospital_acquired_here_counts_and_the_engine_alone_is_named(
    codes: tuple[str, ...], with_it: str, without: str
) -> None:
    with opened() as oracle:
        stay = a_stay(*codes)
        found = group(stay)
        assert (found.drg, found.engine_drg) == (with_it, without)
        assert oracle.drg(stay) == with_it
    assert "is no hospital-acquired condition here" in found.messages[0]


def test_a_urinary_infection_with_its_catheter_code_does_not_count() -> None:
    found = group(a_stay("J18.9", "N39.0/N", "T83.511A/N"))
    assert found.drg == "195" and not found.severity("N39.0").counts
    assert {what.drg for what in found.without} == {"195", "194"}


def test_where_the_list_of_procedures_decides_both_outcomes_are_said() -> None:
    found = group(a_stay("M16.11", "I26.99/N", procedures=("0SR904Z",)))
    assert any("on CMS' list" in text and text.endswith("the DRG is 469") for text in found.messages)


def test_a_code_without_poa_counts_and_the_claim_that_would_fail_is_named() -> None:
    found = group(Stay((("J18.9", "Y"), ("L89.153", "")), IN_FORCE, sex="M"))
    assert found.drg == "193" and "L89.153 has no POA indicator" in found.messages[0]


@pytest.mark.parametrize("number", SAMPLES)
def test_no_procedure_meets_a_condition_from_outside_the_part_it_is_said_to_come_from(
    number: str, shared: Path
) -> None:
    """A tenth of all operations, by the second grouper: none outside `needs` makes the condition."""
    code = SAMPLES[number]
    outside = [one for one in procedures(shared / "data")[::10] if one[0] == "0"]
    outside = [one for one in outside if not one.startswith(CONDITIONS[number].needs)]
    assert len(outside) > 4000
    with opened() as oracle:
        for at in range(0, len(outside), 20):
            row = oracle.group(a_stay("E66.01", f"{code}/N", procedures=tuple(outside[at : at + 20])))
            statuses = {hac["hac_list"]: hac["hac_status"] for hac in row["sdx_output"][0]["hacs"]}
            assert statuses[f"HAC{number}"] != "HAC_CRITERIA_MET", outside[at : at + 20]


def test_every_condition_of_the_tables_is_known_by_name() -> None:
    raw = engine_for(VERSIONS[-1])._raw
    assert {row["hac"] for row in raw.ccmap.values() if row["hac"]} == set(CONDITIONS)
    assert not is_possible("", "N", (), ()) and not is_possible("05", "Y", (), ())
