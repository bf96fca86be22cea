"""Which diagnoses a text names: those of the library, those listed beside it, and words built like one."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from query_mgr.clinical.library import load
from query_mgr.clinical.mentions import Word, is_broken, longest_name, words_of
from query_mgr.clinical.terms.vocabulary import Node, abbreviations, ambiguous, outside, plant, same_word, words

#: "CKD3b" is two words
_GLUED = re.compile(r"([a-z]{2,})(\d+[a-z]?)\Z")
#: "HCC 40" and "HCC gap" are risk categories, no tumor
_CATEGORY = re.compile(r"hcc[ -]?(?:v?\d|gap|captur|recaptur|scor|code|risk|raf|categ|model|suspect)", re.I)
_STAGED = frozenset({"stage", "type", "class", "grade", "degree", "category"})
_ROMAN = {"i": "1", "ii": "2", "iii": "3", "iv": "4", "v": "5"}
_NUMBER = re.compile(r"\d[a-z]?|(?:i{1,3}|iv|v)[ab]?")
#: conditions whose stage is written without the word ("CKD 3b")
_NUMBERED = frozenset({"ckd"})
_GENERIC = frozenset({"disease", "disorder", "syndrome", "condition", "episode"})
#: what follows is another thing
_CAUSES = frozenset({"due", "from", "by", "for", "to", "in", "on", "and"})
_ADJECTIVE = re.compile(r"\w{4,}(?:ic|al|ary|ous|eal|ian|oid)\Z")
_OPENERS = 3  # words before a head that say what it is a head of
_FOLLOWING = 4  # words after a name in which a quality still belongs to it ("heart failure, acute")


@dataclass(frozen=True)
class Name:
    """A diagnosis named at `text[start:end]`.

    concept: the id of a library condition, a name listed beside the library, or the words themselves.
    kind_of: the library condition that holds it beside others, as that of urinary tract infections holds pyelonephritis.
    core: the words that say which diagnosis it is. qualities: what narrows it ("acute", "stage 3").
    """

    concept: str
    start: int
    end: int
    core: frozenset[str]
    qualities: frozenset[str]
    kind_of: str = ""

    @property
    def is_finding(self) -> bool:
        """Whether it describes rather than diagnoses ("hypoxia")."""
        return self.concept in words().findings


@functools.lru_cache(maxsize=2048)
def names(text: str, *, either: bool = False) -> tuple[Name, ...]:
    """Return the diagnoses that a text names, in order. either: short forms of several meanings are read as well."""
    return tuple(_names(text, expanded(text, either=either)))


def distinct(named: Iterable[Name]) -> tuple[Name, ...]:
    """Return the first of each diagnosis as it is narrowed: a text that repeats a name says it once."""
    return tuple({(one.concept, one.core, one.qualities): one for one in reversed(tuple(named))}.values())[::-1]


@functools.lru_cache(maxsize=256)  # the texts of a query, not the notes of a chart
def expanded(text: str, *, either: bool = False) -> tuple[Word, ...]:
    """Return the words of a text, short forms written out; each keeps the place of its short form."""
    found = _split(text)
    written: list[Word] = []
    at = 0
    while at < len(found):
        long, length = _abbreviation(text, found, at, either)
        if long:
            start, end = found[at].start, found[at + length - 1].end
            written += [Word(word, start, end) for word in long.split()]
        else:
            written.append(found[at])
        at += length
    return tuple(written)


def same_words(text: str, *, either: bool = False) -> tuple[str, ...]:
    """Return the words of a text, short forms written out and each as the word that stands for its like."""
    return tuple(same_word(word.text) for word in expanded(text, either=either))


def qualities_in(said: Sequence[str]) -> frozenset[str]:
    """Return what narrows a diagnosis among words as `same_words` gives them, "stage 3" as one."""
    table = words()
    found = {word for word in said if word in table.axis_of}
    for position, word in enumerate(said[:-1]):
        if word in _STAGED and _NUMBER.fullmatch(said[position + 1]):
            found.add(f"{word} {_arabic(said[position + 1])}")
    return frozenset(found)


def _arabic(number: str) -> str:
    roman = number.rstrip("ab")
    return _ROMAN[roman] + number[len(roman) :] if roman in _ROMAN else number


def _split(text: str) -> list[Word]:
    found = []
    for word in words_of(text):
        if word.text == "s" and text[word.start - 1 : word.start] in ("'", "\u2019"):
            continue
        glued = _GLUED.match(word.text)
        if glued and word.text not in abbreviations().following:
            middle = word.start + len(glued[1])
            found += [Word(glued[1], word.start, middle), Word(glued[2], middle, word.end)]
        else:
            found.append(word)
    return found


def _abbreviation(text: str, found: Sequence[Word], at: int, either: bool) -> tuple[str, int]:
    """Return what the longest short form from `at` is short for ("" for none) and how many words it has."""
    long, length = _phrase(text, found, at, abbreviations())
    if not long and found[at].text.endswith("s"):
        node = abbreviations().following.get(found[at].text[:-1])
        long, length = (node.value, 1) if node else ("", 1)
    if not long and either:
        long = ambiguous().get(text[found[at].start : found[at].end].removesuffix("s"), "")
    if long == "hepatocellular carcinoma" and _CATEGORY.match(text, found[at].start):
        return "", 1
    return long, length or 1


def _phrase(text: str, found: Sequence[Word], at: int, root: Node) -> tuple[str, int]:
    node, value, length = root, "", 1
    for position in range(at, len(found)):
        if position > at and is_broken(text, found[position - 1].end, found[position].start):
            break
        following = node.following.get(found[position].text)
        if following is None:
            break
        node = following
        if node.value:
            value, length = node.value, position - at + 1
    return value, length


@functools.cache
def _listed() -> Node:
    root = Node()
    for name, (_, signs) in outside().items():
        written = expanded(name)
        if not signs and longest_name(name, written, 0)[0] == len(written):
            continue  # the library's own
        for said in (
            [same_word(word.text) for word in words_of(name)],
            [same_word(word.text) for word in written],
        ):
            core = said if signs else _without_qualities(said)
            if signs or _says_which(core, said):
                plant(root, core, name)
    return root


def _without_qualities(said: list[str]) -> list[str]:
    """Return words without those in front that only narrow a diagnosis ("acute")."""
    while said and words().axis_of.get(said[0]) in ("acuity", "severity"):
        said = said[1:]
    return said


def _says_which(core: list[str], said: list[str]) -> bool:
    """Say whether the words left of a name diagnose something of themselves, unlike "kidney disease" or "pneumonia" of "acute pneumonia"."""
    table = words()
    general = table.heads | table.places | table.findings | table.openers | table.fillers | set(table.axis_of)
    return not set(core) <= general and not (core != said and len(core) == 1)


def _names(text: str, said: tuple[Word, ...]) -> Iterator[Name]:
    same = [Word(same_word(word.text), word.start, word.end) for word in said]
    at = 0
    while at < len(said):
        concept, first, length = _concept(text, said, same, at)
        if concept and not _is_part(text, same, at + length) and concept not in words().procedures:
            held_in = longest_name(text, said, at)[1]
            name = _name(concept, text, same, first, at + length)
            yield replace(name, kind_of=held_in) if held_in and held_in != concept else name
        at += length


def _concept(text: str, said: Sequence[Word], same: Sequence[Word], at: int) -> tuple[str, int, int]:
    """Return the concept of the longest name from `at`, where it starts, and how many words from `at` it takes."""
    length, concept = longest_name(text, said, at)
    listed, its_length = _phrase(text, same, at, _listed())
    if listed and (
        its_length > length or not concept or (its_length == length and _is_one_of_many(concept, listed))
    ):
        return listed, at, its_length
    if length:
        return (concept, at, length) if not _is_category(text, said[at]) else ("", at, 1)
    built, first = _built(text, same, at)
    return built, first, 1


def _is_one_of_many(concept: str, listed: str) -> bool:
    """Say whether a library condition holds the listed diagnosis beside others: its own name says something else."""
    said = {same_word(word.text) for word in words_of(load()[concept].name)}
    return not {same_word(word.text) for word in words_of(listed)} & said


def _is_category(text: str, word: Word) -> bool:
    return bool(_CATEGORY.match(text, word.start))


def _built(text: str, same: Sequence[Word], at: int) -> tuple[str, int]:
    """Return a name that the tables do not hold: a head with what it is the failure, cancer ... of, or by its ending."""
    table, word = words(), same[at].text
    if (
        len(word) > 6
        and word.endswith(table.endings)
        and word not in table.no_endings
        and word not in table.findings
    ):
        return word, at
    if word not in table.heads:
        return "", at
    first = at
    while first and at - first < _OPENERS and _belongs(text, same, first - 1, word):
        first -= 1
    said = [one.text for one in same[first:at]]
    before = [one for one in said if one not in table.fillers and one not in table.axis_of]
    if not before or (word in table.vague_heads and set(before) <= table.places):
        return "", at
    return " ".join([*before, word]), first


def _belongs(text: str, same: Sequence[Word], at: int, head: str) -> bool:
    """Say whether the word at `at` stands directly before a head and says what it is a head of."""
    between = text[same[at].end : same[at + 1].start]
    if between.strip("- "):
        return False
    table, word = words(), same[at].text
    if word in table.places or word in table.openers:
        return True
    return (
        head not in table.vague_heads
        and _ADJECTIVE.search(word) is not None
        and word not in table.plain_adjectives
    )


def _is_part(text: str, same: Sequence[Word], end: int) -> bool:
    """Say whether the word after a name makes it part of something else ("sepsis screen")."""
    if end + 1 < len(same) and len(same[end].text) == 1:  # "influenza A PCR"
        end += 1
    if end < len(same) and same[end].text == "like":  # "seizure-like activity"
        return True
    if end >= len(same) or same[end].text not in words().part_of:
        return False
    between = text[same[end - 1].end : same[end].start]
    return between.isspace() or between == "-"


def _name(concept: str, text: str, same: Sequence[Word], first: int, end: int) -> Name:
    start = first
    while start and first - start < 4 and _narrows(text, same, start - 1):
        start -= 1
    # A name never starts with a filler.
    while start < first and same[start].text in words().fillers - _STAGED:
        start += 1
    stop = end
    for position in range(end, min(end + _FOLLOWING, len(same))):
        if is_broken(text, same[position - 1].end, same[position].start):
            break
        word = same[position].text
        if word in words().axis_of or _is_number_of(same, position):
            stop = position + 1
        elif word not in words().fillers or word in _CAUSES:
            break
    said = [word.text for word in same[start:stop]]
    if concept in _NUMBERED and end < len(same) and _NUMBER.fullmatch(same[end].text):
        said += ["stage", same[end].text]
    inherent = _inherent(concept)
    core = frozenset(one for one in (word.text for word in same[first:end]) if _tells(one) or one in inherent)
    if (
        not core - _GENERIC <= words().places
    ):  # "Crohn" says as much as "Crohn disease", "kidney" not as "kidney disease"
        core -= _GENERIC
    return Name(concept, same[start].start, same[stop - 1].end, core, qualities_in(said) - inherent)


@functools.cache
def _inherent(concept: str) -> frozenset[str]:
    """Return what the name of a library condition says anyhow, as "chronic" of chronic kidney disease."""
    condition = load().get(concept)
    return qualities_in([same_word(word.text) for word in words_of(condition.name)]) if condition else frozenset()


def _tells(word: str) -> bool:
    return word not in words().fillers and word not in words().axis_of and not word.isdigit()


def _narrows(text: str, same: Sequence[Word], at: int) -> bool:
    """Say whether the word at `at` narrows the name after it."""
    between = text[same[at].end : same[at + 1].start]
    joined = not between or between.isspace() or between in "-,/" or same[at].start == same[at + 1].start
    word = same[at].text
    return joined and (word in words().axis_of or word in _STAGED or word == "on" or _is_number_of(same, at))


def _is_number_of(same: Sequence[Word], at: int) -> bool:
    return bool(at and same[at - 1].text in _STAGED and _NUMBER.fullmatch(same[at].text))
