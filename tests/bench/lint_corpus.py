"""The lint over its labelled corpus: how often it is right (printed per rule for both halves), and its time a query."""

from __future__ import annotations

import json

from tests.bench.timing import NO_TARGET, Row, in_turn
from tests.queries.lint_scores import cases, judged, table


def run(rounds: int, every: int = 1) -> list[Row]:
    """Print the scores of both halves; time the lint of every query beside reading and writing it as JSON.

    every: take one of so many.
    """
    corpus = list(cases())[::every]
    print(table([judged(case) for case in corpus]))

    def ours(number: int) -> None:
        for case in corpus:
            judged(case)

    def floor(number: int) -> None:
        for case in corpus:
            assert json.loads(json.dumps(case))["id"] == case["id"]

    return [Row("B9", "lint of the labelled corpus / JSON", len(corpus), *in_turn(ours, floor, rounds), NO_TARGET)]
