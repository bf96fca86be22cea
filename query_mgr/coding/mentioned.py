"""What one text says of the diagnoses that it names: stated, denied, doubted, past, a relative's; and how closely. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from query_mgr.clinical.assertions import AFFIRMED, HYPOTHETICAL, NEGATED, UNCERTAIN, assertion
from query_mgr.coding.concept import Node, is_narrower_name, name_tree
from query_mgr.coding.phrase import around

#: what `Mention.says` holds where only a part of a condition is denied ("no further seizures", "no acute DVT"), or
#: where what is doubted may be something else about it ("possible sources of her anemia"), or where it is only looked for ("evaluation of retinopathy")
EXTENT = "extent"
_WORD = re.compile(r"[^\W_]+")
#: what may stand between two words of one name
_JOINT = re.compile(r"[ \t]*(?:[-/'’,&+]|(?<=\b\w)\.)?[ \t]*\n?[ \t]*")
_SENTENCE_END = re.compile(r"[.;!?](?=\s|\Z)(?<!\b[A-Z].)(?<![A-Z]\..)|\n")
_MORE = re.compile(
    r"\b(?:further|more|recent(?:ly)?|recurren\w+|repeat(?:ed)?|additional|new|residual|ongoing|active|overt|gross|significant|"
    r"worsening|progressi\w+|longer|other|current|evident|clear|obvious|true|hospital|overlying|superimposed|"
    r"definite|major|large|history|known|signs?|symptoms?|complain\w*|sequelae|complications?)\b[\w\s-]{0,20}\Z",
    re.I,
)
#: a denial that a comma parts from the name may not reach it ("no polyps, internal hemorrhoids"), but for a list with
#: "or", which "without" has too seldom ("coronary disease without angina, overweight")
_PARTED = re.compile(
    r"\b(?:no|not|without|w/o|denies|denied|negative for)\b(?!.*\b(?:no|not|denies|denied)\b)[^;:\n]*,[^;:\n]*\Z",
    re.I,
)
#: a denial of today, or one that speaks of what follows it
_TODAY = re.compile(
    r"\W*(?:\w+\W+){0,3}(?:currently|today|now|present|overnight|this (?:time|morning|visit)|on (?:exam\w*|palpation|"
    r"admission|arrival|discharge)|since|yet|with)\b|,? and den(?:ies|ied)\b",
    re.I,
)
#: what is known and only has something to do with what is doubted
_KNOWN = re.compile(
    r"\b(?:his|her|their|the|known|(?:etiolog\w+|sources?|causes?|factors?|effects?|benefits?) (?:of|for|in)|about)\b"
    r"[\w\s-]{0,30}\Z",
    re.I,
)
#: what is looked for or kept away is not there for that
_SOUGHT = re.compile(
    r"\b(?:evaluat\w+|screen\w*|assess\w*|work-?up|test(?:ing|ed)?|check\w*|exam\w*|look\w*|monitor\w*|counsel\w*|"
    r"educat\w*|discuss\w*|prevent\w*|avoid\w*|risks?)\b(?: (?:of|for|about|on|with))?[\w\s-]{0,15}\Z",
    re.I,
)
_LISTED = re.compile(r"\b(?:or|nor)\b", re.I)
_LONGEST_QUOTE = 160


class Mention(NamedTuple):
    """One name of one concept in a text, with what its phrase `text[start:end]` says.

    state: affirmed | negated | uncertain | historical | family. sentence: what it stands in, to be quoted.
    """

    concept: str
    state: str
    start: int
    end: int
    sentence: str
    says: dict[str, str]


def mentions_in(text: str) -> tuple[Mention, ...]:
    """Return the diagnoses that a text names, in order; talk of what might come is left out."""
    return tuple(_mentions(text))


def _mentions(text: str) -> Iterator[Mention]:
    for concepts, start, end in _named(text):
        state = assertion(text, (start, end))
        if state == HYPOTHETICAL:
            continue
        first, last = _sentence(text, start, end)
        for concept in concepts:
            read = around(text, start, end, concept)
            says = dict(read.says)
            is_less = state == NEGATED and _denies_less(text[first:start], text[end:last])
            is_less |= state == NEGATED and (read.is_narrowed or is_narrower_name(concept, text[start:end]))
            is_less |= state == UNCERTAIN and _KNOWN.search(text[first:start]) is not None
            if is_less or (state == AFFIRMED and _SOUGHT.search(text[first:start])):
                says[EXTENT] = "part"
            yield Mention(concept, state, read.start, read.end, _quoted(text, first, last, start), says)


def _denies_less(before: str, after: str) -> bool:
    """Say whether a denial, by the words around the name in its sentence, may be of something else or of a part of it."""
    if _MORE.search(before) or _TODAY.match(after):
        return True
    parted = _PARTED.search(before)
    if parted is None:
        return False
    is_list = _LISTED.search(parted[0]) or _LISTED.search(after.partition(".")[0])
    return parted[0][:2].lower() in ("wi", "w/") or not is_list


def _named(text: str) -> Iterator[tuple[tuple[str, ...], int, int]]:
    """Yield the names of concepts in a text, the longest at each place, with where they stand."""
    found = list(_WORD.finditer(text))
    words = [one.group().lower() for one in found]
    root = name_tree()
    first = root.following
    at = 0
    while at < len(words):
        word = words[at]
        if word in first or (word[-1] == "s" and word[:-1] in first):
            length, concepts = _longest(text, found, words, at, root)
            if concepts:
                yield concepts, found[at].start(), found[at + length - 1].end()
            at += length or 1
        else:
            at += 1


def _longest(
    text: str, found: Sequence[re.Match[str]], words: Sequence[str], at: int, root: Node
) -> tuple[int, tuple[str, ...]]:
    """Return how many words the longest name from `at` has, and its concepts; a look-alike has none."""
    node, length = root, 0
    concepts: tuple[str, ...] = ()
    for position in range(at, len(words)):
        if position > at and not _JOINT.fullmatch(text, found[position - 1].end(), found[position].start()):
            break
        following = _step(node, words[position])
        if following is None:
            break
        node = following
        if node.concepts is not None and not (node.spelled and node.spelled not in found[position].group()):
            length, concepts = position - at + 1, node.concepts
    return length, concepts


def _step(node: Node, word: str) -> Node | None:
    """Return where a word, or the singular of a plural in -s, leads."""
    following = node.following.get(word)
    if following is None and len(word) > 3 and word[-1] == "s":
        return node.following.get(word[:-1])
    return following


def _sentence(text: str, start: int, end: int) -> tuple[int, int]:
    """Return where the sentence begins and ends that holds `text[start:end]`."""
    first = 0
    begin = max(0, start - 2 * _LONGEST_QUOTE)
    for one in _SENTENCE_END.finditer(text, begin, start):
        first = one.end()
    first = first or begin
    stop = _SENTENCE_END.search(text, end, min(len(text), end + 2 * _LONGEST_QUOTE))
    return first, stop.start() if stop else min(len(text), end + 2 * _LONGEST_QUOTE)


def _quoted(text: str, first: int, last: int, start: int) -> str:
    """Return a sentence on one line; of a long one what stands around `start`."""
    if last - first > _LONGEST_QUOTE:
        begin = max(first, start - _LONGEST_QUOTE // 2)
        head, tail = "…" if begin > first else "", "…" if begin + _LONGEST_QUOTE < last else ""
        return head + " ".join(text[begin : begin + _LONGEST_QUOTE].split()) + tail
    return " ".join(text[first:last].split())
