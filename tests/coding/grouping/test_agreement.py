"""Our DRG beside drgpy alone and beside a second grouper, on generated stays and on the inpatient charts."""

from __future__ import annotations

import csv
import gzip
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from heapq import merge
from pathlib import Path

import pytest

from query_mgr.coding.grouping.drg import Grouping, Stay, bare, group
from query_mgr.coding.grouping.engine import SEXES, engine_for
from query_mgr.coding.grouping.question import put
from query_mgr.coding.grouping.versions import VERSIONS, version_on
from tests.coding.grouping.encounters import COUNT, generated
from tests.coding.grouping.oracle import opened

DIFFERENCES = Path(__file__).parent / "differences.csv"
# Why we and the second grouper differ, and the words of the caution that the user then reads.
CAUSES = {
    "poa-missing": "has no POA indicator",
    "no-acquired-conditions": "do not say which codes are hospital-acquired conditions",
    "no-refusals": "do not say which, and all were counted",
}
AGES = {"14": 30, "15": 0}


@dataclass(frozen=True)
class Compared:
    name: str
    stay: Stay
    ours: Grouping
    drgpy: str
    other: str
    wrong_what_ifs: tuple[str, ...]


@pytest.fixture(scope="module")
def compared(shared: Path) -> list[Compared]:
    """Each stay once, by date, so that each version is loaded once."""
    made = ((str(n), stay) for n, stay in enumerate(generated(shared / "data")))
    charts = sorted(_charts(shared), key=_day)
    found = []
    with opened() as oracle:
        for name, stay in merge(charts, made, key=_day):
            ours = group(stay)
            engine = engine_for(version_on(stay.discharged_on))
            age = AGES.get(next(iter(engine.categories(bare(stay.diagnoses[0][0])) - {""}), ""), 60)
            wrong = _wrong_what_ifs(stay, ours)
            found.append(Compared(name, stay, ours, _drgpy(stay), oracle.drg(stay, age), wrong))
    return found


def _day(named: tuple[str, Stay]) -> date:
    return named[1].discharged_on


def _drgpy(stay: Stay) -> str:
    """Call drgpy itself, as its manual says to."""
    raw = engine_for(version_on(stay.discharged_on))._own
    poa = {bare(code): poa for code, poa in reversed(stay.diagnoses)}
    codes = [bare(code) for code, _ in stay.diagnoses]
    found = raw.get_drg(codes, list(stay.procedures), stay.sex, stay.disposition != "20", poa, stay.disposition)
    return "999" if found == "000" else str(found)


def _wrong_what_ifs(stay: Stay, ours: Grouping) -> tuple[str, ...]:
    """Return the codes whose DRG without them is another when the rest is grouped from scratch."""
    asked = put(engine_for(version_on(stay.discharged_on)), stay)
    return tuple(what.code for what in ours.without if asked.without(bare(what.code)).drg != what.drg)


def _charts(shared: Path) -> Iterator[tuple[str, Stay]]:
    """Read the inpatient charts: diagnoses by rank, no ICD-10-PCS and no POA indicator in them."""
    for path in sorted((shared / "data" / "charts-inpatient").glob("enc-*.json.gz")):
        with gzip.open(path, "rt") as file:
            rows = [entry["resource"] for entry in json.load(file)["entry"]]
        encounter = next(row for row in rows if row["resourceType"] == "Encounter")
        patient = next(row for row in rows if row["resourceType"] == "Patient")
        conditions = {f"Condition/{row['id']}": row for row in rows if row["resourceType"] == "Condition"}
        ranked = sorted(encounter["diagnosis"], key=lambda row: row["rank"])
        codes = [conditions[row["condition"]["reference"]]["code"]["coding"][0]["code"] for row in ranked]
        left = encounter["hospitalization"]["dischargeDisposition"]["coding"][0]["code"]
        yield (
            path.name.removesuffix(".json.gz"),
            Stay(
                tuple((code, "Y") for code in dict.fromkeys(codes)),
                date.fromisoformat(encounter["period"]["end"][:10]),
                sex=patient["gender"][0].upper(),
                disposition={"exp": "20"}.get(left, "01"),
            ),
        )


def test_the_generated_stays_cover_every_category_and_every_version_since_40(compared: list[Compared]) -> None:
    made = [row for row in compared if row.name.isdigit()]
    assert len(made) == COUNT == 500
    assert {row.ours.version for row in made} == {version.name for version in VERSIONS[4:]}
    assert {f"{n:02}" for n in range(1, 26)} <= {row.ours.mdc for row in made} | {"24", "25"}
    assert {row.ours.kind for row in made} >= {"surgical", "medical"}
    assert {row.stay.sex for row in made} == set(SEXES)


def test_the_engines_own_drg_is_drgpys_on_every_stay(compared: list[Compared]) -> None:
    assert [
        (row.name, row.ours.engine_drg, row.drgpy) for row in compared if row.ours.engine_drg != row.drgpy
    ] == []


def test_where_the_manual_completes_drgpy_the_user_is_told_and_the_second_grouper_agrees(
    compared: list[Compared],
) -> None:
    completed = [row for row in compared if row.ours.drg != row.drgpy and row.name not in _listed()]
    assert len(completed) > 20
    for row in completed:
        assert any(f"the engine alone says DRG {row.drgpy}" in text for text in row.ours.messages), row
        assert row.ours.drg == row.other, row


def test_every_difference_from_the_second_grouper_is_listed_with_its_cause(compared: list[Compared]) -> None:
    listed = _listed()
    differing = {row.name: (row.ours.drg, row.other) for row in compared if row.ours.drg != row.other}
    counts = Counter(cause for _, _, cause in listed.values())
    print(f"agreement: {_rate(compared)}; differences by cause: {dict(counts)}")
    expected = {name: (ours, other) for name, (ours, other, _) in listed.items()}
    assert differing == expected, _rate(compared)


def test_every_difference_comes_with_a_caution_of_its_cause(compared: list[Compared]) -> None:
    rows = {row.name: row for row in compared}
    for name, (_, _, cause) in _listed().items():
        assert any(CAUSES[cause] in text for text in rows[name].ours.messages), rows[name]


def test_the_drg_without_a_code_is_that_of_the_rest_grouped_from_scratch(compared: list[Compared]) -> None:
    assert sum(len(row.ours.without) for row in compared) > 3000
    assert [(row.name, row.wrong_what_ifs) for row in compared if row.wrong_what_ifs] == []


def _listed() -> dict[str, tuple[str, str, str]]:
    with DIFFERENCES.open(newline="") as file:
        return {row["stay"]: (row["ours"], row["second"], row["cause"]) for row in csv.DictReader(file)}


def _rate(compared: list[Compared]) -> str:
    made = [row for row in compared if row.name.isdigit()]
    charts = [row for row in compared if not row.name.isdigit()]
    parts = [("generated", made), ("charts", charts)]
    said = [f"{sum(row.ours.drg == row.other for row in rows)}/{len(rows)} {name}" for name, rows in parts]
    alone = sum(row.drgpy == row.other for row in made)
    return f"{', '.join(said)}; drgpy alone {alone}/{len(made)}"
