"""Print the table."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from tests.bench import answer, compliance, request, worklist
from tests.bench.timing import Row, spread


def rows() -> list[Row]:
    """Run every benchmark at full size."""
    with tempfile.TemporaryDirectory() as name:
        folders = [Path(name) / one for one in ("request", "worklist", "answer")]
        for folder in folders:
            folder.mkdir()
        return [
            request.run(folders[0], 400),
            *worklist.run(folders[1], 60, 200_000),
            answer.run(folders[2], 60),
            *compliance.run(60),
        ]


def main() -> int:
    """Return 0; a wrong result ends the run with its assertion."""
    print(
        "Medians in ms (first to third quartile), ours and the floor in turn, results compared in every round.\n"
    )
    print(f"{'':3} {'what':44} {'n':>8} {'ours':>24} {'floor':>24} {'ratio':>7} {'target':>7}")
    for row in rows():
        verdict = "" if row.ratio <= row.target else "  missed"
        print(
            f"{row.id:3} {row.what:44} {row.size:>8,} {spread(row.ours):>24} {spread(row.floor):>24} "
            f"{row.ratio:>6.2f}x {row.target:>6.1f}x{verdict}"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
