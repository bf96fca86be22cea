"""The load of an order file of 150,000 codes, beside reading the lines raw and inserting the same rows with executemany."""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path

from sqlalchemy import delete

from query_mgr.codes.loader import load_file
from query_mgr.codes.models import Code, CodeSet
from query_mgr.platform.db import db, unit_of_work
from tests.bench.house import an_app
from tests.bench.timing import Row

_SIGNS = "0123456789BCDFGHX"
_WORDS = ("Bypass", "Release", "Excision", "Inspection", "Dilation", "Repair", "Transfer", "Fusion")
_SITES = ("Artery", "Vein", "Muscle", "Nerve", "Joint", "Bone", "Gland", "Duct", "Bladder", "Kidney", "Liver")
_WAYS = ("Open Approach", "Percutaneous Approach", "Endoscopic Approach", "External Approach")
_INSERT = """
INSERT INTO code (code_set_id, code, title, short_title, is_billable, notes, own) VALUES (1, ?, ?, ?, ?, '{}', '{}')
"""
_ENTRY = """
INSERT INTO code_entry (place, code_set_id, code, title, term, is_billable, words) VALUES (?, 1, ?, ?, '', ?, ?)
"""
_INDEX = "INSERT INTO code_search (rowid, words) SELECT place, words FROM code_entry ORDER BY place"


def run(folder: Path, rounds: int, size: int) -> list[Row]:
    """Load the file `rounds` times in turn with the floor, each into the tables as a hospital has them."""
    app = an_app(folder)
    path = _a_file(folder / "icd10pcs_order_2027.txt", size)
    raw = sqlite3.connect(folder / "bench.sqlite", isolation_level=None)
    raw.execute("PRAGMA synchronous=FULL")
    times: tuple[list[float], list[float]] = ([], [])
    with app.app_context():
        for _ in range(rounds):
            start = time.perf_counter()
            assert load_file("icd10pcs", path).codes == size
            times[0].append((time.perf_counter() - start) * 1000)
            _empty()
            start = time.perf_counter()
            assert _floor(raw, path) == size
            times[1].append((time.perf_counter() - start) * 1000)
            _empty()
        db.session.remove()
        db.engine.dispose()
    raw.close()
    return [Row("C1", "load of a code file / raw read and executemany", size, *times, 2.0)]


def _floor(raw: sqlite3.Connection, path: Path) -> int:
    raw.execute("BEGIN IMMEDIATE")
    raw.execute(
        "INSERT INTO code_set (id, system, edition, effective_from, row_count, loaded_at) "
        "VALUES (1, 'icd10pcs', 'raw', '2026-10-01', 0, '2026-10-01 00:00:00')"
    )
    with path.open(encoding="utf-8") as lines:
        cut = [(line[6:13].strip(), line[77:].rstrip(), line[16:76].strip(), line[14] == "1") for line in lines]
    found = raw.executemany(_INSERT, cut).rowcount
    raw.executemany(_ENTRY, ((n, *one[:2], one[3], one[1].lower()) for n, one in enumerate(cut, start=1)))
    raw.execute(_INDEX)
    raw.execute("COMMIT")
    return found


def _empty() -> None:
    with unit_of_work():
        db.session.execute(delete(Code))
        db.session.execute(delete(CodeSet))


def _a_file(path: Path, size: int) -> Path:
    """Write an order file of so many made-up codes, spread over every section."""
    each = -(-size // len(_SIGNS))
    codes = [f"{sign}{n:06}" for sign in _SIGNS for n in range(each)]
    surplus = len(codes) - size
    codes = codes[: each - surplus] + codes[each:] if surplus else codes
    with path.open("w", encoding="utf-8", newline="") as file:
        for number, code in enumerate(codes, start=1):
            title = " ".join(
                (_WORDS[number % 8], _SITES[number % 11], f"Region {number % 400},", _WAYS[number % 4])
            )
            file.write(f"{number % 100_000:05} {code:7} 1 {title[:60]:60} {title}\r\n")
    return path
