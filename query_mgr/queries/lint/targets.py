"""Where a text names an answer: a condition, the label of a clinical option, or quoted words to write."""

from __future__ import annotations

import re
from collections.abc import Iterator

from query_mgr.queries.lint.reading import Reading, Shown, plain

#: words before and after the diagnosis in a label; "acute", "with", "due to" are no answer of their own
_QUOTED = re.compile(r'"[^"\n]{3,200}"')
_SHORTEST = 3


def targets(reading: Reading, shown: Shown) -> tuple[tuple[int, int], ...]:
    """Return where a text names what might be answered, in order."""
    return tuple(sorted({*_conditions(shown), *_labels(reading, shown)}))


def quotes(shown: Shown) -> tuple[tuple[int, int], ...]:
    """Return where a text quotes words."""
    return tuple(found.span() for found in _QUOTED.finditer(shown.low))


def _conditions(shown: Shown) -> Iterator[tuple[int, int]]:
    for mention in shown.mentions:
        yield mention.start, mention.end


def _labels(reading: Reading, shown: Shown) -> Iterator[tuple[int, int]]:
    for option in reading.clinical_options:
        label = plain(option.shown.text).strip(" .")
        if len(label) >= _SHORTEST and label not in ("yes", "no"):
            for found in re.finditer(rf"(?<!\w){re.escape(label)}(?!\w)", shown.low):
                yield found.span()
