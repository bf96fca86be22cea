"""The benchmarks run, and compare what they time. No time is judged here: `make bench` prints those."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from tests.bench.table import BENCHES
from tests.bench.timing import Row


@pytest.mark.parametrize("run", [pytest.param(small, id=name) for name, _, small in BENCHES])
def test_every_benchmark_runs_and_its_results_are_equal(
    tmp_path: Path, run: Callable[[Path], Iterable[Row]]
) -> None:
    rows = list(run(tmp_path))
    assert rows
    assert all(row.ratio > 0 for row in rows)
