"""Indicators against the chart: their source still stands (Q01), and their values are the chart's (Q01, Q02).

Only where a chart is at hand: a draft that came as JSON says nothing of what became of its evidence.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from query_mgr.queries.lint.draft import SOURCE_STATES, Charted
from query_mgr.queries.lint.findings import without_times
from query_mgr.queries.lint.normalise import normalised
from query_mgr.queries.lint.reading import Hit, Reading

#: a number of its own: not the 2 of "SpO2", nor the half of "1,840"
_NUMBER = re.compile(r"(?<![\w.])\d+(?:,\d{3})*(?:\.\d+)?(?!\d)")
_QUOTED = 120  # characters of the chart that a message shows


def withdrawn(reading: Reading) -> Iterator[Hit]:
    """Yield indicators whose source was withdrawn or corrected after they were picked."""
    for shown, indicator in zip(reading.indicators, reading.draft.indicators, strict=True):
        if indicator.source_state:
            became = SOURCE_STATES[indicator.source_state]
            yield Hit(shown.field, shown.text.strip()[:_QUOTED], f"This was {became}.")


def not_in_chart(reading: Reading) -> Iterator[Hit]:
    """Yield numbers of indicators that the chart does not hold: a warning where the indicator was typed by hand.

    What was withdrawn or corrected meanwhile is left to `withdrawn`.
    """
    for shown, indicator in zip(reading.indicators, reading.draft.indicators, strict=True):
        charted = indicator.charted
        if charted is None or indicator.source_state:
            continue
        text = shown.low if charted.is_picked else without_times(shown.low)
        held = _numbers(charted.texts)
        for found in _NUMBER.finditer(text):
            if _value(found[0]) not in held:
                severity = "" if charted.is_picked else "warning"
                yield shown.hit(found.start(), found.end(), _message(found[0], charted), severity)


def _message(number: str, charted: Charted) -> str:
    if not charted.is_picked:
        return f"The chart holds no “{number}” at the time that this indicator states."
    said = charted.texts[0]
    return (
        f"“{number}” does not stand where this was picked: “{said[:_QUOTED]}{'…' if len(said) > _QUOTED else ''}”."
    )


def _numbers(texts: Iterable[str]) -> frozenset[float]:
    return frozenset(_value(found[0]) for text in texts for found in _NUMBER.finditer(normalised(text)))


def _value(number: str) -> float:
    return float(number.replace(",", ""))
