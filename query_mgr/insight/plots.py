"""Where the marks of a plot lie, so that a template only has to draw them. Pure. Units: SVG user units."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 640, 240
LEFT, RIGHT, TOP, BOTTOM = 48, 8, 12, 32


@dataclass(frozen=True)
class Value:
    """One value to draw; None leaves a gap. `text` is how the table and the mark's tooltip say it."""

    label: str
    value: float | None
    text: str
    href: str = ""


@dataclass(frozen=True)
class Mark:
    """One value with its place: a dot at (x, y), or a bar from y down to the axis."""

    label: str
    text: str
    href: str
    x: float
    y: float
    width: float
    height: float
    is_gap: bool


@dataclass(frozen=True)
class Plot:
    """A plot ready to draw."""

    id: str
    title: str
    desc: str
    columns: tuple[str, str]
    marks: tuple[Mark, ...]
    segments: tuple[str, ...]
    ticks: tuple[tuple[float, str], ...]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT
    base: int = HEIGHT - BOTTOM

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to draw."""
        return all(mark.is_gap for mark in self.marks)

    @property
    def label_every(self) -> int:
        """Which labels fit under the axis: every one, every second ..."""
        return max(1, -(-len(self.marks) // 12))


def plot(
    id_: str,
    title: str,
    desc: str,
    columns: tuple[str, str],
    values: Sequence[Value],
    *,
    top: float | None = None,
    unit: str = "",
) -> Plot:
    """Place `values` between 0 and `top` (by default a round number above the largest)."""
    top = top or _round_up(max((value.value or 0.0 for value in values), default=0.0))
    slot = (WIDTH - LEFT - RIGHT) / max(len(values), 1)
    marks = tuple(_mark(value, LEFT + slot * n, slot, top) for n, value in enumerate(values))
    ticks = tuple((_y(top * n / 4, top), f"{top * n / 4:g}{unit}") for n in range(5))
    return Plot(id_, title, desc, columns, marks, _segments(marks), ticks)


def _mark(value: Value, x: float, slot: float, top: float) -> Mark:
    y = _y(min(value.value or 0.0, top), top)
    height = HEIGHT - BOTTOM - y
    centre = round(x + slot / 2, 2)
    return Mark(
        value.label, value.text, value.href, centre, y, round(slot * 0.6, 2), round(height, 2), value.value is None
    )


def _y(value: float, top: float) -> float:
    return round(HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP) * value / top, 2)


def _segments(marks: Sequence[Mark]) -> tuple[str, ...]:
    """Return the polylines between neighbours; a gap breaks the line rather than pretending a 0."""
    runs: list[list[str]] = [[]]
    for mark in marks:
        if mark.is_gap:
            runs.append([])
        else:
            runs[-1].append(f"{mark.x},{mark.y}")
    return tuple(" ".join(run) for run in runs if len(run) > 1)


def _round_up(value: float) -> float:
    """Return the next of 4, 8, 20, 40, 80, 200 ...: quarters of it are whole numbers."""
    step = 4.0
    while True:
        for factor in (1, 2, 5):
            if value <= step * factor:
                return step * factor
        step *= 10
