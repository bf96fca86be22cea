"""The tables behind a grouping, beside tables taken out of them independently."""

from __future__ import annotations

import csv
import gzip
import inspect
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from drgpy import _mdcs0007, _mdcs0811, _mdcs1221, _mdcs2225

from query_mgr.coding.grouping.engine import Engine, engine_for
from query_mgr.coding.grouping.versions import VERSIONS

MODULES = (_mdcs0007, _mdcs0811, _mdcs1221, _mdcs2225)


@pytest.fixture(scope="module")
def newest() -> Engine:
    return engine_for(VERSIONS[-1])


def rows(path: Path) -> Iterator[dict[str, str]]:
    with gzip.open(path, "rt") as file:
        yield from csv.DictReader(file)


def test_every_cc_and_mcc_has_its_level_its_exclusions_and_its_conditions(shared: Path, newest: Engine) -> None:
    found = {}
    for row in rows(shared / "data" / "msdrg" / "cc_mcc_v43.1.csv.gz"):
        severity = newest.severity(row["dx"])
        assert severity is not None, row
        assert (severity.level, severity.exclusion) == (row["level"], row["pdx_exclusion_group"]), row
        assert (severity.is_alive_only, severity.hac) == (row["alive_only"] == "1", row["hac"]), row
        found[row["dx"]] = severity
    assert len(found) == 18_391
    assert {code for code in newest._raw.ccmap if code not in found} == {
        code for code in newest._raw.ccmap if newest.is_added(code)
    }


def test_a_principal_diagnosis_excludes_what_its_collections_say_and_nothing_else(
    shared: Path, newest: Engine
) -> None:
    listed = {
        (row["pdx_exclusion_group"], row["dx"])
        for row in rows(shared / "data/msdrg/cc_exclusion_groups_v43.1.csv.gz")
    }
    assert len(listed) == 180_403
    assert all(newest.is_excluded(group, code) for group, code in listed)
    assert sum(map(len, newest._raw.exmap.values())) == len(listed)


def test_every_drg_has_its_title_its_category_and_its_kind(shared: Path, newest: Engine) -> None:
    known = list(rows(shared / "data" / "msdrg" / "msdrg_v43.1.csv.gz"))
    assert len(known) == 772
    for row in known:
        assert newest.title(row["drg"]) == row["title"]
        assert newest.kind(row["drg"]) == (row["type"] if row["type"] in {"medical", "surgical"} else "")
        if row["mdc"].isdigit():
            assert newest.mdc(row["drg"], "") == row["mdc"]
        if row["mdc"] == "PRE" and row["drg"] < "020":
            assert newest.mdc(row["drg"], "") == "PRE"


def test_a_category_asks_only_for_the_lists_of_its_own_drgs() -> None:
    """What lets a grouping pass over the traits of other categories; 998 is of none and asked by category 14."""
    newest, oldest = (engine_for(version) for version in (VERSIONS[-1], VERSIONS[0]))
    functions = [one for module in MODULES for name, one in vars(module).items() if re.fullmatch(r"mdc\d\d", name)]
    assert len(functions) == 26
    for function in functions:
        source, category = inspect.getsource(function), function.__name__[3:]
        asked = {drg for label in re.findall(r'"((?:\d{3}&?)+)\|', source) for drg in label.split("&")}
        homes = {engine.mdc_of(drg) for engine in (newest, oldest) for drg in asked} - {""}
        assert homes <= {category}, function.__name__
        assert category == "00" or f'if x["_MDC{category}"]' in source


def test_asking_for_a_code_that_is_not_there_does_not_grow_the_tables(newest: Engine) -> None:
    before = len(newest._raw.dxmap), len(newest._raw.prmap)
    assert not newest.knows("ZZZ") and newest.traits("ZZZ", ("05",)) == []
    assert newest._raw.prmap["ZZZ"] == ()
    assert (len(newest._raw.dxmap), len(newest._raw.prmap)) == before
