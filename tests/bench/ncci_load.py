"""The load of a quarter's code pairs, beside reading the lines raw and inserting the same rows with executemany."""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path

from sqlalchemy import delete

from query_mgr.coding.ncci.loader import load_files
from query_mgr.coding.ncci.models import NcciFile, NcciPair
from query_mgr.platform.db import db, unit_of_work
from tests.bench.house import an_app
from tests.bench.timing import Row
from tests.coding.ncci_files import pair_lines, written

_LETTERS = "ABCEGHJKLPQRSTV"
_EACH = 120  # codes of column 2 beside each of column 1
_FILE = """
INSERT INTO ncci_file (id, kind, setting, effective_from, part, row_count, loaded_at, file_name, file_hash, rationales)
VALUES (1, 'ptp', 'practitioner', '2026-01-01', 1, 0, '2026-01-01 00:00:00', '', '', '[]')
"""
_INSERT = """
INSERT INTO ncci_pair (file_id, line, column1, column2, effective_on, deleted_on, modifier, rationale)
VALUES (1, ?, ?, ?, ?, ?, ?, ?)
"""


def run(folder: Path, rounds: int, size: int) -> list[Row]:
    """Load the file `rounds` times in turn with the floor, each into the tables as a hospital has them."""
    app = an_app(folder)
    path = _a_file(folder / "ccipra-v320r0-f1.TXT", size)
    raw = sqlite3.connect(folder / "bench.sqlite", isolation_level=None)
    raw.execute("PRAGMA synchronous=FULL")
    times: tuple[list[float], list[float]] = ([], [])
    with app.app_context():
        for _ in range(rounds):
            start = time.perf_counter()
            assert load_files("ptp", [path])[0].rows == size
            times[0].append((time.perf_counter() - start) * 1000)
            _empty()
            start = time.perf_counter()
            assert _floor(raw, path) == size
            times[1].append((time.perf_counter() - start) * 1000)
            _empty()
        db.session.remove()
        db.engine.dispose()
    raw.close()
    return [Row("N1", "load of NCCI code pairs / raw read and executemany", size, *times, 2.0)]


def _floor(raw: sqlite3.Connection, path: Path) -> int:
    raw.execute("BEGIN IMMEDIATE")
    raw.execute(_FILE)
    with path.open(encoding="utf-8") as lines:
        cut = []
        for number, line in enumerate(lines, start=1):
            cells = line.rstrip("\n").split("\t")
            if number > 3:
                ends = "9999-12-31" if cells[4] == "*" else f"{cells[4][:4]}-{cells[4][4:6]}-{cells[4][6:]}"
                begins = f"{cells[3][:4]}-{cells[3][4:6]}-{cells[3][6:]}"
                cut.append((number, cells[0], cells[1], begins, ends, int(cells[5]), 0))
    found = raw.executemany(_INSERT, cut).rowcount
    raw.execute("COMMIT")
    return found


def _empty() -> None:
    with unit_of_work():
        db.session.execute(delete(NcciPair))
        db.session.execute(delete(NcciFile))


def _a_file(path: Path, size: int) -> Path:
    """Write so many made-up pairs of codes that look like HCPCS Level II."""
    codes = [f"{letter}{number:04}" for letter in _LETTERS for number in range(1_000)]
    rows = (
        (first, codes[(at * 7 + n * 101) % len(codes)], "", "20240101", "20251231" if n % 9 == 0 else "*", str(n % 2), "Made up")
        for at, first in enumerate(codes)
        for n in range(_EACH)
    )  # fmt: skip
    return written(path, pair_lines(row for row, _ in zip(rows, range(size), strict=False)))
