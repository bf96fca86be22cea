"""Where the marks of a small plot over time lie, so that a template only has to draw them. Pure. SVG user units."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import NamedTuple


class Point(NamedTuple):
    """One value at a time."""

    at: datetime
    value: float
    is_flagged: bool = False


class Dot(NamedTuple):
    """A value with its place."""

    x: int
    y: int
    is_flagged: bool
    point: Point


@dataclass(frozen=True)
class Curve:
    """A line over time with its reference band. band: (y, height), None where no range is known."""

    width: int
    height: int
    dots: tuple[Dot, ...]
    band: tuple[int, int] | None
    ticks: tuple[tuple[int, str], ...] = ()
    moments: tuple[tuple[int, datetime], ...] = ()

    @cached_property
    def line(self) -> str:
        """The polyline's points."""
        return " ".join(f"{dot.x},{dot.y}" for dot in self.dots)


def curve(
    points: Sequence[Point], low: float | None, high: float | None, *, width: int = 96, height: int = 24,
    left: int = 3, right: int = 3, bottom: int = 3, tick_count: int = 0,
) -> Curve | None:  # fmt: skip
    """Place values over time between the lowest and highest of them; None for no points.

    low, high: the reference range, drawn as far as it reaches into the plot; an open end runs to the edge.
    """
    if not points:
        return None
    values = [one.value for one in points]
    floor, top = _range(values, low, high)
    begin, end = points[0].at, points[-1].at
    seconds = (end - begin).total_seconds() or 1.0
    upper, lower = 3, height - bottom

    def y(value: float) -> int:
        return round(lower - (lower - upper) * (min(max(value, floor), top) - floor) / (top - floor))

    def x(at: datetime) -> int:
        return round(left + (width - left - right) * (at - begin).total_seconds() / seconds)

    band = None
    if low is not None or high is not None:
        over, under = (upper if high is None else y(high)), (lower if low is None else y(low))
        band = (over, max(under - over, 1))
    steps = [floor + (top - floor) * n / tick_count for n in range(tick_count + 1)] if tick_count else []
    return Curve(
        width, height,
        tuple(Dot(x(one.at), y(one.value), one.is_flagged, one) for one in points),
        band,
        tuple((y(step), f"{step:.3g}") for step in steps),
        tuple((x(begin + (end - begin) * n / 4), begin + (end - begin) * n / 4) for n in range(5)) if tick_count else (),
    )  # fmt: skip


def _range(values: Sequence[float], low: float | None, high: float | None) -> tuple[float, float]:
    """Return the lowest and highest that the plot shows: all values, and the near end of the reference range."""
    floor, top = min(values), max(values)
    spread = (top - floor) or abs(top) * 0.1 or 1.0
    for end in (low, high):
        if end is not None and floor - spread <= end <= top + spread:
            floor, top = min(floor, end), max(top, end)
    return (floor, top) if top > floor else (floor - spread, top + spread)


@dataclass(frozen=True)
class Bar:
    """A stretch of the stay, in percent of its length from the beginning."""

    start: float
    width: float


def bar(start: datetime, end: datetime, first: datetime, last: datetime) -> Bar:
    """Place `start` to `end` within `first` to `last`; what reaches beyond is cut off, what is short stays visible."""
    whole = max((last - first).total_seconds(), 1.0)
    at = min(max((start - first).total_seconds() / whole, 0.0), 1.0)
    until = min(max((end - first).total_seconds() / whole, at), 1.0)
    width = max(until - at, 0.015)
    return Bar(round(min(at, 1 - width) * 100, 1), round(width * 100, 1))
