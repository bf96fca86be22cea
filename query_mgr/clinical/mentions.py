"""Where a text names conditions of the library: one walk over its words, whatever the number of conditions."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from query_mgr.clinical.library import Condition, load

_WORD = re.compile(r"[^\W_]+")
#: a mention does not run over the end of a sentence, list item or paragraph
_BREAK = re.compile(r"(?<!\b[a-zA-Z])\.\s|[;:!?•]\s|\n\s*\n|\n\s*[-*•\d]")


@dataclass(frozen=True)
class Mention:
    """A condition's name in a text, `text[start:end]`."""

    condition: str
    start: int
    end: int


@dataclass(frozen=True)
class Word:
    """A word in lower case and where it, or the abbreviation it is part of, stands."""

    text: str
    start: int
    end: int


@dataclass
class _Node:
    """The words that may follow; `condition` where a name ends here, "" where a look-alike does."""

    following: dict[str, _Node] = field(default_factory=dict)
    condition: str | None = None


@functools.lru_cache(maxsize=2048)
def mentions(text: str) -> tuple[Mention, ...]:
    """Return the conditions that a text names, each by its longest name, in order; case does not matter."""
    return tuple(_scan(text, _tree()))


def words_of(text: str) -> tuple[Word, ...]:
    """Return the words of a text in lower case, with where they stand."""
    return tuple(Word(one.group().lower(), one.start(), one.end()) for one in _WORD.finditer(text))


def longest_name(text: str, words: Sequence[Word], at: int) -> tuple[int, str]:
    """Return how many words the longest name from `at` has, and its condition ("" for none)."""
    return _longest(text, words, at, _tree())


def is_broken(text: str, start: int, end: int) -> bool:
    """Say whether a sentence, list item or paragraph ends in `text[start:end]`, so that no name runs over it."""
    return bool(_BREAK.search(text, start, end))


def _scan(text: str, root: _Node) -> Iterator[Mention]:
    words = words_of(text)
    first = root.following
    at = 0
    while at < len(words):
        word = words[at].text
        length = 0
        if word in first or (word[-1] == "s" and word[:-1] in first):
            length, condition = _longest(text, words, at, root)
            if condition:
                yield Mention(condition, words[at].start, words[at + length - 1].end)
        at += length or 1


def _longest(text: str, words: Sequence[Word], at: int, root: _Node) -> tuple[int, str]:
    node, length, condition = root, 0, ""
    for position in range(at, len(words)):
        if position > at and is_broken(text, words[position - 1].end, words[position].start):
            break
        following = _step(node, words[position].text)
        if following is None:
            break
        node = following
        if node.condition is not None:
            length, condition = position - at + 1, node.condition
    return length, condition


def _step(node: _Node, word: str) -> _Node | None:
    """Return where a word, or the singular of a plural in -s, leads."""
    following = node.following.get(word)
    if following is None and word[-1] == "s" and len(word) > 3:
        return node.following.get(word[:-1])
    return following


@functools.cache
def _tree() -> _Node:
    return tree_of(load())


def tree_of(library: Mapping[str, Condition]) -> _Node:
    """Return the names of a library as a tree of words."""
    root = _Node()
    for condition in library.values():
        for phrase in condition.not_mentions:
            _plant(root, phrase, "")
    for condition in library.values():
        for phrase in condition.mentions:
            _plant(root, phrase, condition.id)
    return root


def _plant(root: _Node, phrase: str, condition: str) -> None:
    node = root
    for word in _WORD.findall(phrase.lower()):
        node = node.following.setdefault(word, _Node())
    if node.condition is None or (condition and not node.condition):
        node.condition = condition
