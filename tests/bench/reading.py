"""R1: what the record of a stay says, read for the first time and again, and the edits that look at it.

The stay holds the longest notes of the demo hospital. The figure beside each is what it may take.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from query_mgr.charts.models import Document, Encounter
from query_mgr.coding import documented
from query_mgr.coding.gather import case_of
from query_mgr.coding.scrub import record
from query_mgr.coding.scrub.registry import run as judge
from query_mgr.demo.load import SEED
from query_mgr.demo.stays import build
from query_mgr.platform.db import db, unit_of_work
from tests.bench.house import an_app
from tests.bench.scrub import DIAGNOSES, store
from tests.bench.timing import Row
from tests.coding.edition import load_editions

_AT = datetime(2026, 6, 2, 8, tzinfo=UTC)
_COLD, _COLD_LONG, _AGAIN, _AGAIN_LONG, _EDITS = 100.0, 2_000.0, 5.0, 15.0, 5.0  # ms


def run(folder: Path, rounds: int, long: int = 500) -> list[Row]:
    """Time a stay of 20 notes and one of `long`."""
    app = an_app(folder)
    with app.app_context():
        load_editions(DIAGNOSES)
        store(2)
        short_stay, long_stay = db.session.query(Encounter).order_by(Encounter.id).all()
        texts = _longest_notes(long)
        for stay, count in ((short_stay, 20), (long_stay, long)):
            _write(stay, texts, count)
        rows = [
            *_rows(short_stay, 20, rounds, _COLD, _AGAIN),
            *_rows(long_stay, long, max(rounds // 10, 2), _COLD_LONG, _AGAIN_LONG),
        ]
        db.session.remove()
        db.engine.dispose()
    return rows


def _longest_notes(count: int) -> list[str]:
    stays = build(SEED, _AT).stays
    return sorted((one.text for stay in stays for one in stay.bundle.documents), key=len, reverse=True)[:count]


def _write(stay: Encounter, texts: list[str], count: int) -> None:
    with unit_of_work():
        for at in range(count):
            db.session.add(
                Document(
                    source_key=f"{stay.source_key}/{at}", content_hash=str(at), patient_id=stay.patient_id,
                    encounter_id=stay.id, kind="progress_note", title="Progress note", author_name="A. Adams",
                    author_role="attending", text=texts[at % len(texts)], authored_at=_AT + timedelta(minutes=at),
                )
            )  # fmt: skip


def _rows(stay: Encounter, count: int, rounds: int, cold: float, again: float) -> list[Row]:
    def first() -> None:
        documented.forget()
        documented.statements_of([stay])

    case = case_of(stay)
    assert case.is_read and case.statements
    done: tuple[tuple[str, Callable[[], object], float], ...] = (
        ("record read for the first time", first, cold),
        ("record that did not change", lambda: documented.statements_of([stay]), again),
        ("the edits that read it", lambda: judge(case, record.EDITS), _EDITS),
    )
    return [
        Row("R1", f"{what}, ms / {most:.0f} ms", count, times, [most] * len(times), 1.0)
        for what, ours, most in done
        for times in [_times(ours, rounds)]
    ]


def _times(ours: Callable[[], object], rounds: int) -> list[float]:
    ours()
    found = []
    for _ in range(max(rounds, 2)):
        start = time.perf_counter()
        ours()
        found.append((time.perf_counter() - start) * 1000)
    return found
