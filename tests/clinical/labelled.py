"""The labelled sentences of tests/data/assertions, in two halves: rules are written on one and judged on the other."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from query_mgr.clinical.assertions import FAMILY, OTHER, Said

FOLDER = Path(__file__).parent.parent / "data" / "assertions"

#: What is scored, as a yes or no of each sentence.
KINDS: dict[str, Callable[[Said], bool]] = {
    "negated": lambda said: said.negated,
    "uncertain": lambda said: said.uncertain,
    "historical": lambda said: said.historical,
    "family": lambda said: said.experiencer == FAMILY,
    "other": lambda said: said.experiencer == OTHER,
    "hypothetical": lambda said: said.hypothetical,
}


@dataclass(frozen=True)
class Labelled:
    """One row: a sentence, a concept in it, and what a coder says of it."""

    id: str
    concept: str
    sentence: str
    said: Said

    @property
    def is_held_back(self) -> bool:
        """True for the half that no rule was written on; all rows of one sentence share an id."""
        return hashlib.sha256(self.id.encode()).digest()[0] % 2 == 0


def rows() -> list[Labelled]:
    """Return every row of every file; `\\n` in a sentence stands for a line break."""
    found = []
    for path in sorted(FOLDER.glob("*.tsv")):
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE):
                said = Said(
                    *(row[name] == "1" for name in ("negated", "uncertain", "historical")),
                    experiencer=row["experiencer"],
                    hypothetical=row["hypothetical"] == "1",
                )
                found.append(Labelled(row["id"], row["concept"], row["sentence"].replace("\\n", "\n"), said))
    return found


def f1(pairs: Iterable[tuple[bool, bool]]) -> float:
    """Return the harmonic mean of precision and recall of (expected, found) pairs."""
    pairs = list(pairs)
    hit = sum(expected and found for expected, found in pairs)
    return 2 * hit / (sum(expected for expected, _ in pairs) + sum(found for _, found in pairs))


def scores(judged: Iterable[tuple[Labelled, Said]]) -> dict[str, float]:
    """Return the F1 of each kind."""
    judged = list(judged)
    return {name: f1((holds(row.said), holds(said)) for row, said in judged) for name, holds in KINDS.items()}
