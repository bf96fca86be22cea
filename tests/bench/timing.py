"""Two ways to do a thing, timed in turn."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

#: for what is measured to be known, and nobody asked a figure of
NO_TARGET = float("inf")


@dataclass(frozen=True)
class Row:
    """One line of the table. Times are in milliseconds; target: the ratio to stay under."""

    id: str
    what: str
    size: int
    ours: list[float]
    floor: list[float]
    target: float

    @property
    def ratio(self) -> float:
        """How many times as long as the floor ours takes, by the medians."""
        return statistics.median(self.ours) / statistics.median(self.floor)


def in_turn(
    ours: Callable[[int], object], floor: Callable[[int], object], rounds: int
) -> tuple[list[float], list[float]]:
    """Time both `rounds` times, one after the other so that a busy moment hits both. Milliseconds."""
    ours(0), floor(0)
    times: tuple[list[float], list[float]] = ([], [])
    for number in range(1, rounds + 1):
        for taken, run in zip(times, (ours, floor), strict=True):
            start = time.perf_counter()
            run(number)
            taken.append((time.perf_counter() - start) * 1000)
    return times


def spread(times: list[float]) -> str:
    """Return median and interquartile range."""
    first, middle, third = statistics.quantiles(times, n=4)
    return f"{middle:.3f} ({first:.3f}-{third:.3f})"
