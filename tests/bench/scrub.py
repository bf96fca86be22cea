"""The scrubber: a stay of twenty codes beside the bare grouper, and a night over very many encounters in flat memory."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from drgpy.msdrg import DRGEngine
from sqlalchemy import insert

from query_mgr.charts.models import Encounter, Patient
from query_mgr.coding.gather import case_of, grouping_of
from query_mgr.coding.models import CodeAssignment
from query_mgr.coding.scrub.catalogue import scrub
from query_mgr.demo.scrubber_ward import load_lists
from query_mgr.platform.db import db, unit_of_work
from query_mgr.platform.ids import new_ref
from tests.bench.house import an_app
from tests.bench.timing import NO_TARGET, Row, in_turn
from tests.coding.edition import load_editions

#: a septic patient with most of what comes along; eighteen diagnoses and two procedures
DIAGNOSES = ("A41.51", "R65.20", "N17.0", "N39.0", "I50.23", "I13.0", "N18.4", "E11.22", "E87.5", "E87.20", "J96.01",
             "G93.41", "D63.1", "E43", "Z68.1", "Z79.4", "I25.10", "Z87.891")  # fmt: skip
PROCEDURES = ("5A1945Z", "02HV33Z")
VERSION = "v43.1"
NIGHT = 100_000
MAY_GROW = 10  # MB, from the first tenth of the night to its end


def run(folder: Path, rounds: int, night: int = NIGHT) -> list[Row]:
    """Return the rows."""
    app = an_app(folder)
    with app.app_context():
        load_editions(DIAGNOSES)
        load_lists()
        store(1)
        encounter = db.session.query(Encounter).one()
        case = case_of(encounter, grouped=True)
        bare = DRGEngine(version=VERSION)
        codes = [one.replace(".", "") for one in DIAGNOSES]

        def floor(_: int) -> str:
            return str(bare.get_drg(list(codes), list(PROCEDURES), "F"))

        assert case.grouping is not None
        assert case.grouping.engine_drg == floor(0)
        judged = in_turn(lambda _: scrub(replace(case, grouping=grouping_of(case))), floor, rounds * 10)
        whole = in_turn(lambda _: scrub(case_of(encounter, grouped=True)), floor, rounds)
        store(night, first=2)
        db.session.remove()
        db.engine.dispose()
    return [
        Row(
            "S1",
            "scrub of a 20-code stay, what each code is to the MS-DRG included / drgpy alone",
            len(DIAGNOSES) + len(PROCEDURES),
            *judged,
            20.0,
        ),
        Row("S1", "the same out of the database", 20, *whole, NO_TARGET),
        _night(folder, night),
    ]


def store(count: int, first: int = 1) -> None:
    """Store so many stays with those codes."""
    at = datetime(2026, 6, 5, 16, tzinfo=UTC)
    with unit_of_work():
        for start in range(first, first + count, 1_000):
            numbers = range(start, min(start + 1_000, first + count))
            db.session.execute(insert(Patient), [_patient(n) for n in numbers])
            db.session.execute(insert(Encounter), [_encounter(n, at) for n in numbers])
            db.session.execute(insert(CodeAssignment), [row for n in numbers for row in _codes(n, at)])


def _patient(n: int) -> dict[str, Any]:
    return {"id": n, "ref": new_ref(), "source_key": f"Patient/{n}", "content_hash": "0", "mrn": f"{n:07}",
            "family_name": "Bench", "given_names": "", "sex": "female", "birth_on": datetime(1950, 1, 2).date()}  # fmt: skip


def _encounter(n: int, at: datetime) -> dict[str, Any]:
    return {"id": n, "ref": new_ref(), "source_key": f"Encounter/{n}", "content_hash": "0", "patient_id": n,
            "number": f"N{n}", "encounter_class": "inpatient", "status": "finished",
            "admitted_at": at.replace(day=1), "discharged_at": at, "facts_version": ""}  # fmt: skip


def _codes(n: int, at: datetime) -> Iterator[dict[str, Any]]:
    for system, codes in (("icd10cm", DIAGNOSES), ("icd10pcs", PROCEDURES)):
        for sequence, code in enumerate(codes, start=1):
            yield {"ref": new_ref(), "encounter_id": n, "system": system, "code": code, "title": "As in the tabular",
                   "sequence": sequence, "poa": "Y" if system == "icd10cm" else "", "assigned_by": "bench",
                   "assigned_at": at, "evidence": None, "pointers": []}  # fmt: skip


def _night(folder: Path, count: int) -> Row:
    """Scrub all of them in a process of their own; return the MB that it grew after the first tenth."""
    ran = subprocess.run(
        [sys.executable, "-m", "tests.bench.scrub", str(folder)], capture_output=True, text=True, check=True
    )
    said = json.loads(ran.stdout.splitlines()[-1])
    assert said["encounters"] == count + 1, said
    grown = max(said["end"] - said["tenth"], 0.1)
    return Row("S2", f"a night of {count:,} encounters, MB grown after its first tenth / {MAY_GROW} MB", count,
               [grown] * 3, [float(MAY_GROW)] * 3, 1.0)  # fmt: skip


def measure(folder: Path) -> None:
    """Scrub every encounter as the command does; print how much memory the process held after a tenth and at the end."""
    from app import create_app
    from query_mgr.coding.cli import scrubbed_lines
    from tests.conftest import settings_for

    app = create_app(settings_for(folder, f"sqlite:///{folder / 'bench.sqlite'}"))
    with app.app_context():
        total = db.session.query(Encounter).count()
        tenth = 0.0
        count = 0
        with open(os.devnull, "w", encoding="utf-8") as out:
            for count, line in enumerate(scrubbed_lines(None), start=1):
                out.write(line)
                if count == max(total // 10, 1):
                    tenth = _peak()
    print(json.dumps({"encounters": count, "tenth": tenth, "end": _peak()}))


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    measure(Path(sys.argv[1]))
