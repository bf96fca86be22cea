"""Print the table: `python -m tests.bench [NAME ...]`."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.bench.table import BENCHES
from tests.bench.timing import NO_TARGET, Row, spread


def rows(wanted: list[str]) -> Iterator[Row]:
    """Run the benchmarks with these names, or every one, at full size."""
    with tempfile.TemporaryDirectory() as name:
        for bench, full, _ in BENCHES:
            if not wanted or bench in wanted:
                folder = Path(name) / bench
                folder.mkdir()
                yield from full(folder)


def main() -> int:
    """Return 0; a wrong result ends the run with its assertion."""
    print(
        "Medians in ms (first to third quartile), ours and the floor in turn, results compared in every round.\n"
    )
    print(f"{'':3} {'what':44} {'n':>8} {'ours':>24} {'floor':>24} {'ratio':>7} {'target':>7}")
    for row in rows(sys.argv[1:]):
        target = "-" if row.target == NO_TARGET else f"{row.target:.2f}x"
        verdict = "" if row.ratio <= row.target else "  missed"
        print(
            f"{row.id:3} {row.what:44} {row.size:>8,} {spread(row.ours):>24} {spread(row.floor):>24} "
            f"{row.ratio:>6.2f}x {target:>7}{verdict}",
            flush=True,
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
