"""Texts and the phrases of `triggers.py` as tokens, and the longest phrase that starts at one."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from query_mgr.clinical.library import expand
from query_mgr.clinical.triggers import DENIAL, ENDS, NEGATED, TRIGGERS, Trigger
from query_mgr.clinical.vocabulary import FILLERS, LISTS, PARTS, SAME, SECTIONS, SPELLED

_TOKEN = re.compile(r"[^\W\d_]+(?:'[a-z]+)?|\d+|[^\w\s]")
_YEAR = re.compile(r"(?:19|20)\d\d")
_FILLERS = frozenset(FILLERS.split())
_READS_AS = {word: name for name, words in SAME.items() for word in words.split()}
_READS_AS |= {f"{word}'s": f"{name}S" for word, name in _READS_AS.items()}
_OTHERWISE_SPELLED = re.compile("|".join(re.escape(one) for one in SPELLED))
END = "END"


@dataclass
class Node:
    """Tokens that may follow; the rows and ends of the phrase that ends here."""

    following: dict[str, Node] = field(default_factory=dict)
    triggers: list[Trigger] = field(default_factory=list)
    ends: frozenset[str] = frozenset()
    is_phrase: bool = False


_NOTHING = Node()


def tokens(text: str) -> list[str]:
    """Return words and punctuation of a text in the spelling of the table."""
    text = _OTHERWISE_SPELLED.sub(lambda found: SPELLED[found[0]], text.lower())
    return [_number(one) if one.isdigit() else _READS_AS.get(one, one) for one in _TOKEN.findall(text)]


def longest(words: list[str], at: int, node: Node) -> tuple[Node, int]:
    """Return where the longest phrase from `at` ends in a tree, and its number of tokens; an empty node and 1 for none."""
    first = node.following.get(words[at])
    if first is None:
        return _NOTHING, 1
    node, best, length = first, first if first.is_phrase else _NOTHING, 1
    for position in range(at + 1, len(words)):
        following = node.following.get(words[position])
        if following is None:
            if words[position] in _FILLERS:
                continue
            break
        node = following
        if node.is_phrase:
            best, length = node, position - at + 1
    return best, length


@functools.cache
def tree(side: str) -> Node:
    """Return the phrases that matter on one side of a name as a tree of tokens."""
    root = Node()
    for row in TRIGGERS:
        if row.side == side:
            for phrase in phrases(row.phrases):
                leaf = _leaf(root, phrase)
                leaf.triggers.append(row)
                if row.kind == NEGATED:
                    leaf.ends |= {DENIAL}
    for name, text in ENDS.items():
        for phrase in phrases(text):
            _leaf(root, phrase).ends |= {name}
    return root


@functools.cache
def sections() -> dict[str, str]:
    """Return what each known heading makes of the names below it; PSEUDO for nothing."""
    return {name: kind for kind, text in SECTIONS.items() for name in phrases(text)}


@functools.cache
def parts() -> frozenset[str]:
    """Return the headings that stand inside a section."""
    return frozenset(phrases(PARTS))


def phrases(cell: str) -> Iterator[str]:
    """Yield the phrases of a cell of the table, lists and choices written out."""
    for name, words in LISTS.items():
        listed = "{" + name + "}"
        cell = cell.replace(f"[{listed}]", f"[{words}]").replace(listed, f"({words})")
    for one in cell.split(";"):
        if one.strip():
            yield from expand(" ".join(one.split()))


def _leaf(root: Node, phrase: str) -> Node:
    node = root
    for token in phrase.split():
        node = node.following.setdefault(token, Node())
    node.is_phrase = True
    return node


def _number(digits: str) -> str:
    return "YEAR" if _YEAR.fullmatch(digits) else "NUMBER"
