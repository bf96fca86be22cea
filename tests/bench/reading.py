"""R1: what the record of a stay says, read for the first time and again, and the edits that look at it.

The notes are made of the labelled sentences of `tests/data/assertions`, no two alike. The figure beside each is what it
may take.
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
from query_mgr.platform.db import db, unit_of_work
from tests.bench.house import an_app
from tests.bench.scrub import DIAGNOSES, store
from tests.bench.timing import NO_TARGET, Row
from tests.clinical.labelled import rows
from tests.coding.edition import load_editions

_AT = datetime(2026, 6, 2, 8, tzinfo=UTC)
_SENTENCES = 25
_COLD, _COLD_LONG, _AGAIN, _AGAIN_LONG, _EDITS = (
    100.0,
    2_000.0,
    5.0,
    15.0,
    5.0,
)  # ms; the first of a long stay is no promise


def run(folder: Path, rounds: int, long: int = 500) -> list[Row]:
    """Time a stay of 20 notes and one of `long`."""
    app = an_app(folder)
    with app.app_context():
        load_editions(DIAGNOSES)
        store(2)
        short_stay, long_stay = db.session.query(Encounter).order_by(Encounter.id).all()
        for stay, count in ((short_stay, 20), (long_stay, long)):
            _write(stay, count)
        found = [
            *_rows(short_stay, 20, rounds, _COLD, _AGAIN),
            *_rows(long_stay, long, max(rounds // 10, 2), _COLD_LONG, _AGAIN_LONG),
        ]
        db.session.remove()
        db.engine.dispose()
    return found


def _note(number: int) -> str:
    """Return a note of its own: sentences from another place of the list, and its number."""
    sentences = [one.sentence for one in rows()]
    chosen = [sentences[(number * 37 + at) % len(sentences)] for at in range(_SENTENCES)]
    paragraphs = ["\n".join(chosen[at : at + 5]) for at in range(0, _SENTENCES, 5)]
    return f"PROGRESS NOTE {number}\n" + "\n\n".join(paragraphs)


def _write(stay: Encounter, count: int) -> None:
    with unit_of_work():
        for at in range(count):
            db.session.add(
                Document(
                    source_key=f"{stay.source_key}/{at}", content_hash=str(at), patient_id=stay.patient_id,
                    encounter_id=stay.id, kind="progress_note", title="Progress note", author_name="A. Adams",
                    author_role="attending", text=_note(at), authored_at=_AT + timedelta(minutes=at),
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
        Row(
            "D1",
            f"{what}, ms / {most:.0f} ms",
            count,
            times,
            [most] * len(times),
            NO_TARGET if most == _COLD_LONG else 1.0,
        )
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
