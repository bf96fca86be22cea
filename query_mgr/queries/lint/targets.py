"""Where a text names an answer: a diagnosis, the label of a clinical option or what sets one apart, or quoted words to write."""

from __future__ import annotations

import functools
import re
from collections import defaultdict
from collections.abc import Iterator

from query_mgr.clinical.terms.names import expanded, names, same_words
from query_mgr.clinical.terms.vocabulary import same_word, words
from query_mgr.queries.lint.reading import Reading, Shown, plain

_QUOTED = re.compile(r'"[^"\n]{3,200}"')
_SHORTEST = 3
#: words of labels that tell no answer from another: links, and what an option says of being so or not
_LINKS = frozenset({
    "a", "an", "the", "of", "and", "or", "in", "on", "at", "to", "by", "for", "from", "with", "without", "due",
    "not", "no", "yes", "only", "other", "both", "as", "is", "was", "be", "than", "more", "one", "none", "that",
    "this", "confirmed", "present", "absent", "related", "unrelated", "supported", "documented", "possible",
    "evidence", "diagnosis", "disease", "disorder", "condition", "type", "stage", "grade", "class", "degree",
    "site", "cause", "procedure", "treatment", "admission", "unable", "determined", "initial", "subsequent",
})  # fmt: skip
#: "the vessel", "which wall": asked for, not answered
_ASKED = re.compile(r"\b(?:the|which|what|whose|any|each|his|her|its|your|this|that)\s+(?=[a-z]{2,}\Z)")


def targets(reading: Reading, shown: Shown) -> tuple[tuple[int, int], ...]:
    """Return where a text names what might be answered, in order."""
    return tuple(sorted({*_conditions(shown), *_labels(reading, shown), *singled_out(reading, shown)}))


def quotes(shown: Shown) -> tuple[tuple[int, int], ...]:
    """Return where a text quotes words."""
    return tuple(found.span() for found in _QUOTED.finditer(shown.low))


def singled_out(reading: Reading, shown: Shown) -> Iterator[tuple[int, int]]:
    """Yield the words that only one of the answers offered has, in sentences that hold such words of no other answer.

    Words that the chart or the title uses are no answer: they describe the case.
    """
    apart = told_apart(reading)
    if len(apart) < 2:
        return
    found = [
        (word, shown.span_of(word.start), option)
        for word in expanded(shown.text)
        for option, telling in enumerate(apart)
        if same_word(word.text) in telling
    ]
    if not found:
        return
    named: dict[tuple[int, int], set[int]] = defaultdict(set)
    for _, sentence, option in found:
        named[sentence].add(option)
    for word, sentence, _ in found:
        if (
            len(named[sentence]) == 1
            and same_word(word.text) not in reading.told
            and not _ASKED.search(shown.low, max(0, word.start - 8), word.end)
        ):
            yield word.start, word.end


def told_apart(reading: Reading) -> tuple[frozenset[str], ...]:
    """Return the words of each clinical option that no other has."""
    return _apart_from_each_other(tuple(option.shown.text for option in reading.clinical_options))


@functools.lru_cache(maxsize=64)
def telling_words(labels: tuple[str, ...]) -> tuple[frozenset[str], ...]:
    """Return the words of each label that not every label has and that say something."""
    said = [frozenset(same_words(label)) for label in labels]
    plain_words = _LINKS | words().places | frozenset.intersection(*said) if said else frozenset()
    return tuple(frozenset(word for word in one if len(word) > 1 and word not in plain_words) for one in said)


@functools.lru_cache(maxsize=64)
def _apart_from_each_other(labels: tuple[str, ...]) -> tuple[frozenset[str], ...]:
    """Return the words of each label that no other label has."""
    said = [frozenset(same_words(label)) for label in labels]
    plain_words = _LINKS | words().places
    return tuple(
        frozenset(
            word
            for word in one
            if len(word) > 1
            and word not in plain_words
            and not any(word in other for other in said if other is not one)
        )
        for one in said
    )


def _conditions(shown: Shown) -> Iterator[tuple[int, int]]:
    for mention in shown.mentions:
        yield mention.start, mention.end
    for name in names(shown.text):
        if not name.is_finding:
            yield name.start, name.end


def _labels(reading: Reading, shown: Shown) -> Iterator[tuple[int, int]]:
    for option in reading.clinical_options:
        label = plain(option.shown.text).strip(" .")
        if len(label) >= _SHORTEST and label not in ("yes", "no"):
            yield from _whole(label, shown.low)


def _whole(label: str, low: str) -> Iterator[tuple[int, int]]:
    """Yield where a label stands as whole words."""
    start = low.find(label)
    while start >= 0:
        end = start + len(label)
        if not low[max(start - 1, 0) : start].isalnum() and not low[end : end + 1].isalnum():
            yield start, end
        start = low.find(label, end)
