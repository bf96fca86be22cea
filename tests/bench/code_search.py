"""B8: the type-ahead over some 154,000 codes, beside a raw full-text MATCH and a LIKE scan; and how good it is."""

from __future__ import annotations

import sqlite3
import statistics
import time
from datetime import date
from pathlib import Path

from query_mgr.codes.loader import CodeRow, load_default, load_rows
from query_mgr.codes.search import search_all
from query_mgr.platform.db import db
from tests import services
from tests.bench.house import an_app
from tests.bench.timing import NO_TARGET, Row, in_turn
from tests.codes.lookups import DAY, load_shared, look_ups

#: typed literally, so that a raw index finds them, too: beginnings, single words, broad pairs, long lines, codes
_TYPED = (
    "pneumonia", "acute", "heart failure", "frac", "fracture", "fracture femur", "diabetes", "unspec", "left",
    "acute kidney fail", "bypass coronary artery", "injection", "pressure ulcer stage 4", "type 2 diabetes kidney",
    "sepsis due to escherichia", "systolic heart", "hypertens", "replacement knee joint", "wheelchair", "infusion",
)  # fmt: skip
_RAW = "SELECT code, title FROM raw_search WHERE raw_search MATCH ? LIMIT 20"
_LIKE = "SELECT code, title FROM code WHERE {} ORDER BY length(title) LIMIT 20"
_SMALL = 400


def run(folder: Path, rounds: int, *, whole: bool) -> list[Row]:
    """Time each of `_TYPED` one after the other; `whole`: over every list there is, and judge the look-ups."""
    app = an_app(folder)
    with app.app_context():
        size = _load_all() if whole else _load_some()
        raw = _raw_index(folder / "bench.sqlite")

        def ours(number: int) -> list[int]:
            return [len(search_all(typed, DAY)) for typed in _TYPED]

        def floor(number: int) -> list[int]:
            return [len(raw.execute(_RAW, (_match(typed),)).fetchall()) for typed in _TYPED]

        def scan(number: int) -> list[int]:
            return [len(raw.execute(*_like(typed)).fetchall()) for typed in _TYPED]

        # What the raw index finds, ours finds, and mostly more: other forms of the words, and their meanings.
        assert all(mine >= min(theirs, 1) for mine, theirs in zip(ours(0), floor(0), strict=True))
        found = [
            Row("B8", f"type-ahead, {len(_TYPED)} searches / raw full-text MATCH", size, *in_turn(ours, floor, rounds), 3.0),
            Row("B8", "the same / LIKE scan", size, *in_turn(ours, scan, max(2, rounds // 10)), 0.02),
            _slowest(raw, size, rounds),
            _p99(size, rounds),
        ]  # fmt: skip
        if whole:
            found += _quality()
        raw.close()
        db.session.remove()
        db.engine.dispose()
    return found


def _load_all() -> int:
    load_default()
    load_shared(services.SHARED)
    return int(db.session.execute(db.text("SELECT count(*) FROM code")).scalar_one())


def _load_some() -> int:
    words = sorted({word for typed in _TYPED for word in typed.split()})
    rows = [CodeRow(f"A{n:03}", f"{typed} made up {n}", True, None, {}) for n, typed in enumerate(_TYPED)]
    rows += [CodeRow(f"B{n:03}", f"{words[n % len(words)]} made up {n}", True, None, {}) for n in range(_SMALL)]
    load_rows(rows, "bench", effective_from=date(2025, 10, 1))
    return len(rows)


def _raw_index(file: Path) -> sqlite3.Connection:
    """Return a connection with the titles in a plain full-text index, made as its manual says for a type-ahead."""
    raw = sqlite3.connect(file)
    raw.execute(
        "CREATE VIRTUAL TABLE temp.raw_search USING fts5(code UNINDEXED, title, tokenize='porter', prefix='2 3')"
    )
    raw.execute("INSERT INTO raw_search SELECT code, title FROM code")
    raw.commit()
    return raw


def _match(typed: str) -> str:
    return " ".join(f'"{word}"*' for word in typed.split())


def _like(typed: str) -> tuple[str, list[str]]:
    words = [f"%{word}%" for word in typed.split()]
    return _LIKE.format(" AND ".join(["title LIKE ?"] * len(words))), words


def _slowest(raw: sqlite3.Connection, size: int, rounds: int) -> Row:
    """Return the one of the searches that stands worst beside the raw index."""
    rows = []
    for typed in _TYPED:
        match = _match(typed)
        times = in_turn(
            lambda _, typed=typed: search_all(typed, DAY),
            lambda _, match=match: raw.execute(_RAW, (match,)).fetchall(),
            rounds,
        )
        rows.append(Row("B8", f"the worst of them, “{typed}” / MATCH", size, *times, NO_TARGET))
    return max(rows, key=lambda row: row.ratio)


def _p99(size: int, rounds: int) -> Row:
    """Return the 99th percentile of all look-ups, abbreviations and misspellings among them, beside 2 ms.

    Of each look-up the median counts: a busy machine that takes the processor away for 10 ms says nothing of ours.
    """
    times: dict[str, list[float]] = {one.typed: [] for one in look_ups()}
    for number in range(max(3, rounds // 5)):
        for typed, taken in times.items():
            start = time.perf_counter()
            search_all(typed, DAY)
            if number:  # the first of a process reads the words of each edition
                taken.append((time.perf_counter() - start) * 1000)
    percentile = statistics.quantiles(map(statistics.median, times.values()), n=100)[98]
    return Row("B8", "99th percentile of the look-ups / 2 ms", size, [percentile] * 2, [2.0] * 2, 1.0)


def _quality() -> list[Row]:
    """Return how many look-ups miss the first five, beside the 5 % that may."""
    found = []
    for half, what in ((1, "tuned on"), (2, "kept back")):
        tried = [one for one in look_ups() if one.half == half]
        missed = sum(not one.finds() for one in tried)
        what = f"look-ups {what}: missed / 5 %"
        found.append(Row("SQ", what, len(tried), [float(missed)] * 2, [0.05 * len(tried)] * 2, NO_TARGET))
    both = [sum(row.ours[0] for row in found)] * 2
    count = sum(row.size for row in found)
    return [*found, Row("SQ", "all look-ups: missed / 5 %", count, both, [0.05 * count] * 2, 1.0)]
