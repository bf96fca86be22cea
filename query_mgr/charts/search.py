"""Search within a chart, by word and by concept; every hit says whether the text affirms it. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from query_mgr.charts.models import Document
from query_mgr.clinical.assertions import AFFIRMED, assertion, kinds
from query_mgr.clinical.mentions import mentions

MOST_HITS = 100
_AROUND = 70  # characters of context to either side


@dataclass(frozen=True)
class Hit:
    """One place in one document: `document.text[start:end]`, with what stands around it."""

    document: Document
    start: int
    end: int
    before: str
    text: str
    after: str
    said: str  # affirmed | negated | uncertain | historical | family | hypothetical

    @property
    def is_plain(self) -> bool:
        """True where the text says it of this patient, now."""
        return self.said == AFFIRMED


def find(documents: Iterable[Document], words: str) -> list[Hit]:
    """Return where documents hold `words`, or another name of the condition that they name, in the order given."""
    wanted = words.strip()[:80]
    if not wanted:
        return []
    concepts = {one.condition for one in mentions(wanted)}
    hits: list[Hit] = []
    for document in documents:
        for start, end in sorted(set(_spans(document.text, wanted, concepts))):
            hits.append(_hit(document, start, end))
            if len(hits) == MOST_HITS:
                return hits
    return hits


def _spans(text: str, wanted: str, concepts: set[str]) -> Iterator[tuple[int, int]]:
    named = [
        (one.start, one.end) for one in mentions(text) if concepts & set(kinds(one.condition))
    ] if concepts else []  # fmt: skip
    yield from named
    pattern = r"\s+".join(re.escape(word) for word in wanted.split())
    for found in re.finditer(rf"(?<!\w){pattern}", text, re.IGNORECASE):
        if not any(start < found.end() and found.start() < end for start, end in named):
            yield found.span()


def _hit(document: Document, start: int, end: int) -> Hit:
    text = document.text
    return Hit(
        document,
        start,
        end,
        _line(text[max(0, start - _AROUND) : start]).lstrip(),
        text[start:end],
        _line(text[end : end + _AROUND]).rstrip(),
        assertion(text, (start, end)),
    )


def _line(text: str) -> str:
    return re.sub(r"\s+", " ", text)
