"""The labelled corpus of queries in tests/data/lint and how well the lint agrees with it."""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from query_mgr.queries.lint import RULES
from query_mgr.queries.lint.exchange import answered

CORPUS = Path(__file__).parents[1] / "data/lint"
#: rules that are errors unless a check softens a finding
_ERRORS = frozenset(rule.id for rule in RULES if rule.severity == "error")
HALVES = ("development", "held back")


@dataclass(frozen=True)
class Judged:
    """A case with its labels and what the lint said: rules by severity."""

    id: str
    half: str
    compliant: bool
    errors: frozenset[str]
    warnings: frozenset[str]
    said_compliant: bool
    said_errors: frozenset[str]
    said_warnings: frozenset[str]


@dataclass(frozen=True)
class Score:
    """Counts of one rule: found rightly, found wrongly, missed."""

    rule: str
    right: int
    wrong: int
    missed: int

    @property
    def precision(self) -> float:
        return self.right / (self.right + self.wrong) if self.right + self.wrong else 1.0

    @property
    def recall(self) -> float:
        return self.right / (self.right + self.missed) if self.right + self.missed else 1.0

    @property
    def f1(self) -> float:
        return 2 * self.right / (2 * self.right + self.wrong + self.missed)


def half_of(case_id: str) -> str:
    """Return the half a case belongs to, by a hash of its id."""
    return HALVES[hashlib.sha256(case_id.encode()).digest()[0] % 2]


def cases() -> Iterator[dict[str, Any]]:
    """Yield every case of the corpus."""
    for path in sorted(CORPUS.glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            yield json.loads(line)


def judged(case: dict[str, Any]) -> Judged:
    """Return what the lint says of a case, beside its labels."""
    labels = case["labels"]
    answer = answered({key: value for key, value in case.items() if key != "labels"})
    said = {level: frozenset(f["rule"] for f in answer["findings"] if f["severity"] == level)
            for level in ("error", "warning")}  # fmt: skip
    return Judged(
        case["id"], half_of(case["id"]), labels["compliant"], frozenset(labels["rules"]),
        frozenset(labels["warnings"]), answer["compliant"], said["error"], said["warning"],
    )  # fmt: skip


def accuracy(half: list[Judged]) -> float:
    """Return the share of cases whose verdict is right."""
    return sum(one.compliant == one.said_compliant for one in half) / len(half)


def false_alarms(half: list[Judged]) -> float:
    """Return the share of compliant queries that the lint would block."""
    compliant = [one for one in half if one.compliant]
    return sum(not one.said_compliant for one in compliant) / len(compliant)


def scores(half: Iterable[Judged]) -> list[Score]:
    """Return the counts per labelled rule. A rule labelled a warning somewhere is judged whatever its severity.

    A finding that a rule of errors softened to a warning ("one diagnosis only: give the reason") is never a false alarm.
    """
    half = list(half)
    soft = {rule for one in half for rule in one.warnings}
    rules = sorted(soft | {rule for one in half for rule in one.errors})
    return [_score(rule, half, is_soft=rule in soft) for rule in rules]


def _score(rule: str, half: list[Judged], *, is_soft: bool) -> Score:
    pairs = []
    for one in half:
        labelled = rule in one.errors | one.warnings
        warned = is_soft and rule in one.said_warnings and (labelled or rule not in _ERRORS)
        pairs.append((labelled, rule in one.said_errors or warned))
    return Score(rule, pairs.count((True, True)), pairs.count((False, True)), pairs.count((True, False)))


def macro_f1(half: Iterable[Judged]) -> float:
    """Return the mean F1 over the rules that the half labels."""
    found = scores(half)
    return sum(score.f1 for score in found) / len(found)


def table(all_judged: list[Judged]) -> str:
    """Return the measures of both halves as text."""
    lines = []
    for name in HALVES:
        half = [one for one in all_judged if one.half == name]
        lines.append(
            f"{name}: {len(half)} queries, verdicts right {accuracy(half):.3f}, false alarms {false_alarms(half):.3f}, "
            f"macro-F1 {macro_f1(half):.3f}"
        )
        lines += [
            f"  {s.rule:34} precision {s.precision:.2f}  recall {s.recall:.2f}  F1 {s.f1:.2f}"
            f"  ({s.right} right, {s.wrong} wrong, {s.missed} missed)"
            for s in scores(half)
        ]
    return "\n".join(lines)


def main() -> None:
    """Print the table and what is wrong in the development half; the held-back half is not looked into."""
    all_judged = [judged(case) for case in cases()]
    print(table(all_judged))
    for one in all_judged if "--errors" in sys.argv else []:
        if one.half == HALVES[0] and (one.errors != one.said_errors or one.warnings - one.said_warnings):
            print(one.id, "wrong:", *sorted(one.said_errors - one.errors), "| missed:",
                  *sorted((one.errors - one.said_errors) | (one.warnings - one.said_warnings)))  # fmt: skip


if __name__ == "__main__":
    main()
