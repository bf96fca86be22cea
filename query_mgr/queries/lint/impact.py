"""No talk of money, grouping, quality scores, denials or audits anywhere the provider can see it (Q04)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from query_mgr.queries.lint.impact_words import IMPACT
from query_mgr.queries.lint.reading import Hit, Reading
from query_mgr.queries.lint.wording import Senses

_IMPACT = Senses(IMPACT)
#: digits and signs that stand for letters inside a word ("re1mbur5ement"), read as those letters, place for place
_DISGUISED = re.compile(r"(?<![a-z])[a-z]+(?:[013457@$!|][a-z]+)+")
_LETTERS = str.maketrans("013457@$!|", "oieastasii")
_LONG = 8


def names_impact(reading: Reading) -> Iterator[Hit]:
    """Yield talk of money, grouping, quality scores, denials or audits."""
    everything = "\n".join(shown.low for shown in reading.seen)
    for shown in reading.seen:
        for start, end in _IMPACT.found(undisguised(shown.low), everything):
            word = shown.text[start:end]
            yield shown.hit(start, end, f"Says “{word}”, which is no clinical matter.")


def undisguised(low: str) -> str:
    """Return text with the letters that digits and signs stand for in its long words; its length stays."""
    return _DISGUISED.sub(lambda word: word[0].translate(_LETTERS) if len(word[0]) >= _LONG else word[0], low)
