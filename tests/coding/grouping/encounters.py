"""Inpatient stays made from the tables, seeded: every category, plausible mixes, all versions the check follows."""

from __future__ import annotations

import csv
import gzip
import random
from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache
from pathlib import Path

from query_mgr.coding.grouping.drg import Stay
from query_mgr.coding.grouping.engine import Engine, engine_for
from query_mgr.coding.grouping.versions import version_on

SEED, COUNT = 20260401, 500
FIRST, LAST = date(2022, 10, 1), date(2026, 9, 30)
# What stands on many inpatient stays, whatever brought the patient in.
_COMMON = (
    "I10 E119 E1165 E1122 E785 I2510 I4891 I480 I5022 I5032 I5033 I509 N179 N184 N189 J449 J9601 J9611 J189 K219 "
    "D62 D649 D509 E871 E876 E860 E8720 E43 E440 E46 N390 F329 F17210 G4733 E6601 E669 Z6841 Z7901 Z794 Z87891 "
    "Z8673 Z66 R6520 A419 G9341 L89153 L89154 L89152 I2699 K5900 E039 M810 Z951 Z955 I252 R4182 R339 I951 "
    "D696 D6959 T83511A Y92239 W19XXXA B20 Z21 N186 Z992 I214 I21A1 J690 J9811 R55 F0390 G40909 I69351"
)
COMMON = _COMMON.split()
NON_OPERATING = ("30233N1", "02HV33Z", "B2111ZZ", "5A1945Z", "5A1955Z", "0BH17EZ", "3E0436Z", "4A023N7", "5A1D70Z")
POA = ("Y",) * 17 + ("N", "N", "U", "W", "")
DISPOSITIONS = ("01",) * 12 + ("06", "06", "03", "03", "62", "02", "07", "20", "20", "50")


def generated(shared: Path) -> Iterator[Stay]:
    """Return the stays, by discharge date, so that a grouper loads each version once."""
    chance = random.Random(SEED)
    days = (LAST - FIRST).days
    dates = sorted(FIRST + timedelta(days=chance.randint(0, days)) for _ in range(COUNT))
    for number, day in enumerate(dates):
        yield _stay(chance, day, number, shared)


def _stay(chance: random.Random, day: date, number: int, shared: Path) -> Stay:
    engine = engine_for(version_on(day))
    tables = _tables(engine)
    category = f"{number % 25 + 1:02}"
    principal = chance.choice(tables["principal", category])
    secondary = [
        _secondary(chance, tables, category) for _ in range(chance.choice((0, 1, 2, 4, 6, 8, 11, 15, 19)))
    ]
    codes = [code for code in dict.fromkeys([principal, *secondary]) if engine.knows(code)]
    return Stay(
        diagnoses=tuple((dotted(code), chance.choice(POA)) for code in codes),
        discharged_on=day,
        procedures=tuple(_procedures(chance, tables, category, shared)),
        sex={"12": "M", "13": "F", "14": "F"}.get(category, chance.choice("FM")),
        disposition=chance.choice(DISPOSITIONS),
    )


def _secondary(chance: random.Random, tables: dict[tuple[str, str], list[str]], category: str) -> str:
    draw = chance.random()
    if draw < 0.6:
        return chance.choice(COMMON)
    if draw < 0.75:
        return chance.choice(tables["severe", ""])
    return chance.choice(tables["principal", category])


def _procedures(
    chance: random.Random, tables: dict[tuple[str, str], list[str]], category: str, shared: Path
) -> list[str]:
    found = []
    while chance.random() < 0.45 and len(found) < 6:
        draw = chance.random()
        if draw < 0.6 and tables.get(("operation", category)):
            found.append(chance.choice(tables["operation", category]))
        elif draw < 0.8:
            found.append(chance.choice(NON_OPERATING))
        else:
            found.append(chance.choice(procedures(shared)))
    return found


_kept: dict[str, dict[tuple[str, str], list[str]]] = {}


def _tables(engine: Engine) -> dict[tuple[str, str], list[str]]:
    """Return the version's principal diagnoses and operations by category, and its CCs and MCCs."""
    if engine.version.name not in _kept:
        raw = engine._raw
        found: dict[tuple[str, str], list[str]] = {("severe", ""): list(raw.ccmap)}
        for code, labels in raw.dxmap.items():
            for category in {label[4:6] for label in labels if label.startswith("_MDC")}:
                found.setdefault(("principal", category), []).append(code)
        for code, drgs in raw.orpcsmap.items():
            found.setdefault(("operation", raw.drgmap[drgs[0]]["mdc"]), []).append(code)
        _kept[engine.version.name] = found
    return _kept[engine.version.name]


@cache
def procedures(shared: Path) -> tuple[str, ...]:
    with gzip.open(shared / "icd10pcs" / "icd10pcs.csv.gz", "rt") as file:
        return tuple(row["code"] for row in csv.DictReader(file))


def dotted(code: str) -> str:
    return f"{code[:3]}.{code[3:]}" if len(code) > 3 else code
