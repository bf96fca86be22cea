"""The benchmarks run, and compare what they time. No time is judged here: `make bench` prints those."""

from __future__ import annotations

from pathlib import Path

from tests.bench import answer, compliance, request, worklist


def test_every_benchmark_runs_and_its_results_are_equal(tmp_path: Path) -> None:
    folders = [tmp_path / name for name in ("request", "worklist", "answer")]
    for folder in folders:
        folder.mkdir()
    rows = [
        request.run(folders[0], 2),
        *worklist.run(folders[1], 2, 6_000),
        answer.run(folders[2], 3),
        *compliance.run(2),
    ]
    assert [row.id for row in rows] == ["B1", "B2", "B2", "B2", "B3", "B9", "B9"]
    assert all(row.ratio > 0 for row in rows)
