"""What a stay groups to, and which codes carry it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from itertools import pairwise

import pytest

from query_mgr.coding.grouping.drg import Grouping, Stay, group
from query_mgr.coding.grouping.engine import KEPT, _engines
from query_mgr.coding.grouping.versions import VERSIONS, NoVersion, version_on

IN_FORCE = date(2026, 5, 4)


def grouped(*codes: str, procedures: tuple[str, ...] = (), on: date = IN_FORCE, **more: str) -> Grouping:
    """Group a stay of an adult woman discharged home; "I50.33/N" carries a POA indicator, Y where none is given."""
    pairs = (code.partition("/") for code in codes)
    diagnoses = tuple((code, poa or "Y") for code, _, poa in pairs)
    return group(Stay(diagnoses, on, procedures, **{"sex": "F", **more}))


def carriers(found: Grouping) -> list[tuple[str, str, str]]:
    return [(what.code, what.label, what.drg) for what in found.carriers]


def test_a_stay_has_its_drg_with_title_category_kind_and_version() -> None:
    found = grouped("I50.33", "J96.01", "E11.65")
    assert (found.drg, found.title) == ("291", "Heart Failure and Shock with MCC")
    assert (found.mdc, found.kind, found.version, found.first_day) == ("05", "medical", "43.1", date(2026, 4, 1))
    assert (found.is_stale, found.messages) == (False, ())


def test_a_lone_mcc_carries_the_drg_and_is_named_as_the_only_one() -> None:
    assert carriers(grouped("J18.9", "J96.01", "E11.65", "I10")) == [("J96.01", "only MCC", "195")]


def test_of_two_mccs_none_carries_alone() -> None:
    found = grouped("J18.9", "J96.01", "E43", "E87.1")
    assert found.drg == "193" and carriers(found) == []
    assert [what.label for what in found.without] == ["one of 2 MCCs", "one of 2 MCCs", "only CC"]


def test_a_lone_cc_carries_only_where_there_is_no_mcc_above_it() -> None:
    assert carriers(grouped("J18.9", "E87.1")) == [("E87.1", "only CC", "195")]


def test_the_operation_carries_a_surgical_drg() -> None:
    found = grouped("S72.001A", "D62", procedures=("0SRB04Z", "30233N1"), sex="F")
    assert (found.kind, found.mdc) == ("surgical", "08")
    assert ("0SRB04Z", "procedure") in [(what.code, what.kind) for what in found.carriers]
    assert "30233N1" not in [what.code for what in found.carriers]


def test_a_secondary_diagnosis_that_the_drg_asks_for_carries_without_being_cc() -> None:
    found = grouped("I63.9", "Z92.82")
    assert found.drg == "065" and carriers(found) == [("Z92.82", "diagnosis", "066")]


def test_a_cc_that_the_principal_diagnosis_excludes_says_so() -> None:
    found = grouped("I50.33", "I50.9", "I13.0", "J18.9")
    why = grouped("J18.9", "J15.9").severity("J15.9")
    assert why.level == "MCC" and not why.counts
    assert why.why_not.startswith("excluded by the principal diagnosis J18.9 (PDX collection ")
    assert found.severity("J18.9").counts


def test_a_cc_that_counts_only_alive_does_not_count_after_death() -> None:
    assert grouped("J18.9", "I46.9").drg == "193"
    found = grouped("J18.9", "I46.9", disposition="20")
    assert found.drg == "195" and "alive" in found.severity("I46.9").why_not


def test_a_hospital_acquired_condition_does_not_count_and_one_present_on_admission_does() -> None:
    assert grouped("J18.9", "L89.153/Y").drg == "193" == grouped("J18.9", "L89.153/W").drg
    for poa in "NU":
        found = grouped("J18.9", f"L89.153/{poa}")
        assert found.drg == "195"
        assert found.severity("L89.153").why_not == (
            f"hospital-acquired condition 04 (stage III and IV pressure ulcers) with POA {poa}"
        )


def test_a_severity_that_a_drg_does_not_take_names_the_drg() -> None:
    found = grouped("T20.39XA", "J96.01", procedures=("0HR1X74",))
    assert found.drg == "929"
    assert found.severity("J96.01").why_not == "does not count in DRG 929 (appendix C, part 3)"


@pytest.mark.parametrize(
    ("on", "version"),
    [
        (date(2018, 10, 1), "36"),
        (date(2024, 3, 31), "41"),
        (date(2024, 4, 1), "41.1"),
        (date(2025, 9, 30), "42.1"),
        (date(2025, 10, 1), "43"),
        (date(2026, 9, 30), "43.1"),
    ],
)
def test_the_version_is_that_of_the_discharge_date(on: date, version: str) -> None:
    found = version_on(on)
    assert found.name == version and found.first_day <= on <= found.last_day


def test_the_versions_follow_each_other_without_a_gap() -> None:
    for earlier, later in pairwise(VERSIONS):
        assert (later.first_day - earlier.last_day).days == 1


def test_a_discharge_after_the_newest_version_is_grouped_by_it_and_says_so() -> None:
    found = grouped("J18.9", on=date(2026, 11, 12))
    assert (found.drg, found.version, found.is_stale) == ("195", "43.1", True)
    assert "43.1 holds until 2026-09-30" in found.messages[0] and "2026-11-12" in found.messages[0]


def test_a_discharge_before_the_oldest_version_is_not_grouped_and_says_so() -> None:
    found = grouped("J18.9", on=date(2018, 9, 30))
    assert (found.drg, found.version) == ("", "") and "before MS-DRG version 36" in found.messages[0]
    with pytest.raises(NoVersion):
        version_on(date(2018, 9, 30))


def test_no_code_is_no_drg() -> None:
    assert group(Stay((), IN_FORCE)).drg == "" and "no principal" in group(Stay((), IN_FORCE)).messages[0]


@pytest.mark.parametrize("code", ["I50.99", "ZZZ", "V43.52XA", "I50"])
def test_a_principal_diagnosis_outside_the_tables_is_never_cut_to_a_known_one(code: str) -> None:
    found = grouped(code, "J96.01")
    assert (found.drg, found.title) == ("999", "Ungroupable")
    assert found.messages[0].startswith(f"{code} is not in the diagnosis tables of MS-DRG version 43.1")


def test_an_unknown_sex_is_grouped_both_ways_and_reported_where_it_decides() -> None:
    assert grouped("J18.9", sex="") == grouped("J18.9", sex="M") == grouped("J18.9", sex="unknown")
    found = grouped("N40.1", sex="X")
    assert found.drg == "999" and found.by_sex == {"F": "999", "M": "726"}
    assert "726 for a male one" in found.messages[0]


def test_codes_written_small_without_a_dot_or_twice_make_no_difference() -> None:
    plain = grouped("J18.9", "E87.1")
    other = grouped("j189", "e871", "E87.1", "J18.9")
    assert (other.drg, other.severities[0].counts, len(other.severities)) == (plain.drg, True, 1)


def test_at_most_two_versions_stay_in_memory() -> None:
    for year in (2024, 2025, 2026):
        grouped("J18.9", on=date(year, 1, 15))
    assert len(_engines) == KEPT and list(_engines) == ["42", "43"]


def test_many_threads_over_two_versions_get_what_one_gets() -> None:
    days = (date(2026, 1, 15), IN_FORCE)
    expected = [grouped("J18.9", "J96.01", "B20", "E87.1", on=day) for day in days]

    def work(n: int) -> bool:
        found = grouped("J18.9", "J96.01", "B20", "E87.1", on=days[n % 2])
        return found == expected[n % 2] and found.without == expected[n % 2].without

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(work, range(200)))


def test_the_oldest_version_groups_by_its_own_titles() -> None:
    found = grouped("J18.9", "J96.01", on=date(2018, 10, 1))
    assert (found.drg, found.version) == ("193", "36")
    assert found.title == "SIMPLE PNEUMONIA AND PLEURISY WITH MCC"
