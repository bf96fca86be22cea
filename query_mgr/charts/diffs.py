"""What changed between two texts, word by word. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

_WORD = re.compile(r"\s+|\w+|[^\w\s]")
#: a block of more words than this, on both sides multiplied, is shown as replaced as a whole
_MOST_PAIRS = 1_000_000
_MOST_LINES = 5_000


@dataclass(frozen=True)
class Change:
    """A stretch of text. kind: same | removed | added."""

    kind: str
    text: str


def word_changes(old: str, new: str) -> tuple[Change, ...]:
    """Return how `old` became `new`: what is the same or added makes `new`, what is the same or removed makes `old`."""
    found: list[Change] = []
    for kind, text in _by_line(old.splitlines(keepends=True), new.splitlines(keepends=True)):
        if text:
            if found and found[-1].kind == kind:
                found[-1] = Change(kind, found[-1].text + text)
            else:
                found.append(Change(kind, text))
    return tuple(found)


def _by_line(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[str, str]]:
    if max(len(old), len(new)) > _MOST_LINES:
        yield from (("removed", "".join(old)), ("added", "".join(new)))
        return
    for tag, at, until, start, end in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            yield "same", "".join(new[start:end])
        else:
            yield from _by_word("".join(old[at:until]), "".join(new[start:end]))


def _by_word(old: str, new: str) -> Iterator[tuple[str, str]]:
    before, after = _WORD.findall(old), _WORD.findall(new)
    if not before or not after or len(before) * len(after) > _MOST_PAIRS:
        yield from (("removed", old), ("added", new))
        return
    for tag, at, until, start, end in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            yield "same", "".join(after[start:end])
        else:
            yield from (("removed", "".join(before[at:until])), ("added", "".join(after[start:end])))
