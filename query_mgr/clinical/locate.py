"""Where a sentence holds a concept, and what it says of it even where it does not hold its words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from query_mgr.clinical.assertions import PATIENT, Said, said_of

Span = tuple[int, int]


def find(concept: str, sentence: str) -> Span | None:
    """Return where a sentence holds a concept; None if nowhere.

    As whole words in any case, else with other spacing, hyphens or number ("e-coli", "ulcers"), else inside a word. A
    heading ("ALLERGIES: no known allergies") gives way to the sentence.
    """
    spans = list(_plain(concept.strip(), sentence)) or list(_lenient(concept, sentence))
    for span in spans:
        if not sentence[span[1] :].lstrip().startswith(":"):
            return span
    return spans[0] if spans else None


def said_in(sentence: str, concept: str) -> tuple[Said, bool]:
    """Return what a sentence says of a concept, and whether it holds it; if not, what the sentence says as a whole."""
    span = find(concept, sentence)
    if span:
        return said_of(sentence, span), True
    last = len(sentence.rstrip(" \t\r\n.!?;:,"))
    ahead, behind = said_of(sentence, (last, last)), said_of(sentence, (0, 0))
    return replace(
        ahead,
        negated=ahead.negated or behind.negated,
        uncertain=ahead.uncertain or behind.uncertain,
        historical=ahead.historical or behind.historical,
        experiencer=behind.experiencer if ahead.experiencer == PATIENT else ahead.experiencer,
        hypothetical=ahead.hypothetical or behind.hypothetical,
    ), False


def _plain(concept: str, sentence: str) -> Iterator[Span]:
    """Yield where the very words stand as whole words, in any case."""
    name, text = concept.lower(), sentence.lower()
    if not name or len(text) != len(sentence):  # a few letters grow when they become small ones
        return
    at = text.find(name)
    while at >= 0:
        end = at + len(name)
        if not text[max(0, at - 1) : at].isalnum() and not text[end : end + 1].isalnum():
            yield at, end
        at = text.find(name, end)


def _lenient(concept: str, sentence: str) -> Iterator[Span]:
    """Yield where the words stand with other spacing, hyphens or number; failing that, inside longer words."""
    words = [_any_number(word) for word in re.split(r"[\s\-]+", concept) if word]
    if not words:
        return
    pattern = r"[\s\-]{0,9}".join(words)
    whole = re.compile(rf"(?<!\w){pattern}(?!\w)", re.IGNORECASE)
    for one in (whole, re.compile(pattern, re.IGNORECASE)):
        spans = [found.span() for found in one.finditer(sentence)]
        if spans:
            yield from spans
            return


def _any_number(word: str) -> str:
    """Return a pattern for a word in singular and plural."""
    if len(word) <= 3 or not word.isalpha():
        return re.escape(word)
    stem = re.sub(r"(?:ies|y)$", "", word, flags=re.IGNORECASE)
    if stem != word:
        return f"{re.escape(stem)}(?:y|ies)"
    return f"{re.escape(re.sub(r'(?<=[^su])s$', '', word, flags=re.IGNORECASE))}(?:e?s)?"
