"""The look-ups of tests/data/codes/lookups.tsv: what is typed, and a code that must be among the first five."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from fnmatch import fnmatchcase
from pathlib import Path
from typing import NamedTuple

from query_mgr.codes.loader import Loaded, load_file
from query_mgr.codes.search import search_all

FILE = Path(__file__).parents[1] / "data/codes/lookups.tsv"
#: a day on which every list of ../shared holds
DAY = date(2026, 5, 1)
FIRST = 5


class LookUp(NamedTuple):
    """One look-up. half: 1 was looked at while the ranking was tuned, 2 was kept back."""

    half: int
    kind: str
    typed: str
    expected: tuple[str, ...]

    def finds(self) -> bool:
        """Return whether an expected code is among the first five over all systems."""
        found = (
            ("" if hit.system == "icd10cm" else f"{hit.system}:") + hit.code
            for hit in search_all(self.typed, DAY)[:FIRST]
        )
        return any(fnmatchcase(code, one) for code in found for one in self.expected)


def look_ups() -> Iterator[LookUp]:
    """Yield the look-ups of the file."""
    for line in FILE.read_text(encoding="utf-8").splitlines():
        if line[0] in "12":
            half, kind, typed, expected = line.split("\t")
            yield LookUp(int(half), kind, typed, tuple(expected.split()))


def load_shared(shared: Path) -> list[Loaded]:
    """Load ICD-10-PCS, HCPCS and its modifiers from ../shared beside what is loaded."""
    data = shared / "data"
    return [
        load_file("icd10pcs", data / "icd10pcs/icd10pcs.csv.gz", effective=date(2023, 10, 1)),
        load_file("hcpcs", data / "hcpcs-2025q4/hcpcs_level2_2025-10.csv.gz"),
        load_file("hcpcs", data / "hcpcs/hcpcs_level2_2026-04.csv.gz"),
        load_file("modifier", data / "hcpcs-2025q4/hcpcs_modifiers_2025-10.csv.gz", effective=date(2025, 10, 1)),
    ]
