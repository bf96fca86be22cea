"""Which of the codes whose words fit comes first. Pure, so that both databases rank alike."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from query_mgr.codes.main_terms import DEFAULTS

_WORD = re.compile(r"[a-z0-9]+")
#: words that say nothing about what is meant; an index of English has none of them
STOP = frozenset(
    [
        "a",
        "an",
        "and",
        "are",
        "as",
        "at",
        "be",
        "by",
        "due",
        "for",
        "from",
        "if",
        "in",
        "into",
        "is",
        "it",
        "no",
        "nos",
        "not",
        "of",
        "on",
        "or",
        "other",
        "s",
        "secondary",
        "such",
        "that",
        "the",
        "their",
        "then",
        "these",
        "they",
        "this",
        "to",
        "was",
        "will",
        "with",
        "w",
    ]
)
#: title words that cost nothing when nobody typed them: they are what a plain term defaults to
_PLAIN = frozenset({"unspecified", "without", "complication", "complications", "mention", "disease", "diseases"})
#: what a title is *about* when it holds one of these: something that somebody would have typed
_TURNS = frozenset(
    [
        "history",
        "sequela",
        "subsequent",
        "pregnancy",
        "childbirth",
        "puerperium",
        "newborn",
        "neonatal",
        "maternal",
        "fetus",
        "fetal",
        "trimester",
        "screening",
        "encounter",
        "family",
        "exposure",
        "poisoning",
        "underdosing",
        "adverse",
        "congenital",
        "personal",
        "carrier",
        "drug",
        "induced",
        "postprocedural",
        "postoperative",
        "intraoperative",
        "accident",
        "collision",
        "vaccination",
        "contact",
    ]
)
_CHAPTERS = {
    "O": 6,
    "P": 6,
    "V": 8,
    "W": 8,
    "X": 8,
    "Y": 8,
    "Z": 5,
}  # pregnancy, newborn, external causes, factors


def fold(text: str) -> str:
    """Return `text` in lower case without accents: "Ménière" reads as "meniere"."""
    if text.isascii():
        return text.lower()
    return "".join(sign for sign in unicodedata.normalize("NFKD", text.lower()) if not unicodedata.combining(sign))


def words_of(text: str) -> list[str]:
    """Return the words of `text`, folded."""
    return _WORD.findall(fold(text))


def default_code(words: Sequence[str]) -> str:
    """Return the code that the Alphabetic Index gives for these words alone, or ""."""
    return DEFAULTS.get(frozenset(words), "")


def cost(
    words: Sequence[str], code: str, title: str, is_billable: bool, *, has_chapters: bool = True
) -> tuple[int, int, str]:
    """Return how far a code lies from what was typed; the lowest comes first.

    has_chapters: the first sign is the chapter, as in ICD-10-CM.
    """
    inside = words_of(title)
    asked = [one for one in inside if any(_same(word, one) for word in words)]
    missing = [word for word in words if not any(_same(word, one) for one in inside)]
    extra = [one for one in inside if one not in STOP and one not in asked]
    # The first word is mostly the condition, the others say where and how.
    total = 2 * len(missing) + (2 if words[0] in missing else 0)
    total += sum(10 if one in _TURNS else 0 if one in _PLAIN else 1 for one in extra)
    total += 0 if is_billable else 4
    if has_chapters and not any(one in _TURNS for one in asked):
        total += _CHAPTERS.get(code[0], 0)
    return total, len(title), code


def _same(word: str, other: str) -> bool:
    """Return whether two words share a stem, near enough: hypertensive and hypertension, ulcer and ulcers."""
    if other.startswith(word):
        return True
    shared = next(
        (n for n, (a, b) in enumerate(zip(word, other, strict=False)) if a != b), min(len(word), len(other))
    )
    return shared >= max(5, len(word) - 3)
