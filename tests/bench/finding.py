"""R2: search within a chart of 500 documents and 20,000 facts, beside the raw full-text index alone."""

from __future__ import annotations

import random
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import insert, select

from query_mgr.charts.finding import search_chart
from query_mgr.charts.models import Document, Encounter, Fact
from query_mgr.charts.records import ChartBundle, EncounterRecord, PatientRecord
from query_mgr.charts.store import store
from query_mgr.platform.db import db, unit_of_work
from query_mgr.platform.ids import new_ref
from tests.bench.house import an_app
from tests.bench.timing import Row, in_turn

_AT = datetime(2026, 3, 1, tzinfo=UTC)
_SENTENCES = (
    "Lungs clear to auscultation bilaterally, no wheezes.", "Denies chest pain, fever or chills.",
    "Continue furosemide 40 mg IV twice daily, strict intake and output.", "Father had a stroke at 70.",
    "Creatinine trended down after fluids.", "No evidence of pneumonia on the film.", "Ambulating with walker.",
    "Heart failure improving, weight down two kilograms.", "Abdomen soft, non-tender, bowel sounds present.",
    "Plan of care discussed with the patient and the family.", "Sodium 134, potassium 4.1, chloride 101.",
)  # fmt: skip
_RAW = """
SELECT document.ref, document.title, snippet(document_search, 1, '[', ']', '…', 24) FROM document_search
JOIN document ON document.id = document_search.rowid WHERE document_search MATCH ?
ORDER BY document.authored_at DESC LIMIT 100
"""
#: what is typed, and how the raw index is asked for the same
_SEARCHES = (("furosemide", "furosemide*"), ("pneumonia", "pneumonia*"), ("walker", "walker*"))


def a_long_chart(documents: int = 500, facts: int = 20_000) -> Encounter:
    """Keep a stay of so many notes, of about 3 kB each, and facts, among another stay's like ones."""
    patient = PatientRecord("bench|1", "1", "Testperson")
    stays = tuple(EncounterRecord(f"bench/{n}", patient.source_key, str(n), "inpatient", _AT) for n in range(2))
    store(ChartBundle(patients=(patient,), encounters=stays), "bench")
    kept = db.session.scalars(select(Encounter).order_by(Encounter.id)).all()
    draw = random.Random(4)
    for number, encounter in enumerate(kept):
        with unit_of_work():
            base = {"patient_id": encounter.patient_id, "encounter_id": encounter.id, "content_hash": "-"}
            db.session.execute(
                insert(Document), [_document(base, f"{number}-{n}", n, draw) for n in range(documents)]
            )
            db.session.execute(insert(Fact), [_fact(base, f"{number}-{n}", n, draw) for n in range(facts)])
    return kept[0]


def _document(base: dict[str, object], key: str, n: int, draw: random.Random) -> dict[str, object]:
    sentences = [draw.choice(_SENTENCES) for _ in range(60)]
    return base | {
        "ref": new_ref(), "source_key": f"bench/{key}", "kind": "progress_note", "title": f"Progress note {n}",
        "author_name": "Ada Author", "author_role": "attending", "authored_at": _AT + timedelta(hours=n),
        "text": f"Day {n}.\nASSESSMENT:\n" + "\n".join(sentences), "sections": [],
    }  # fmt: skip


def _fact(base: dict[str, object], key: str, n: int, draw: random.Random) -> dict[str, object]:
    test = n % 120
    value = round(draw.uniform(1, 200), 1)
    return base | {
        "ref": new_ref(), "source_key": f"bench fact/{key}", "kind": ("lab", "vital", "medication")[test % 3],
        "name": f"Test {test} of something", "code": str(test), "code_system": "loinc", "value_text": f"{value}",
        "value_number": value, "unit": "mg/dL", "range_low": 20.0, "range_high": 150.0,
        "flag": "H" if value > 150 else "", "observed_at": _AT + timedelta(minutes=n),
    }  # fmt: skip


def run(folder: Path, rounds: int) -> list[Row]:
    """Time the searches of `_SEARCHES` one after the other."""
    app = an_app(folder)
    with app.app_context():
        stay = a_long_chart()
        raw = sqlite3.connect(folder / "bench.sqlite")

        def ours(number: int) -> list[set[str]]:
            return [{hit.document.title for hit in search_chart(stay, typed).hits} for typed, _ in _SEARCHES]

        def floor(number: int) -> list[list[str]]:
            matches = (f"scope:e{stay.id} AND text:{match}" for _, match in _SEARCHES)
            return [[row[1] for row in raw.execute(_RAW, (match,))] for match in matches]

        for mine, theirs in zip(ours(0), floor(0), strict=True):
            assert mine
            assert mine <= set(theirs)
        times = in_turn(ours, floor, rounds)
        raw.close()
        db.session.remove()
        db.engine.dispose()
    return [Row("R2", "search in a chart of 500 notes / raw index", 500, *times, 3.0)]
