"""The tables of this folder, read once: what charts shorten, which words say the same, names outside the library."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from query_mgr.platform import yamls

_FOLDER = Path(__file__).parent
_WORD = re.compile(r"[^\W_]+")


@dataclass
class Node:
    """The words that may follow; `value` where a phrase ends here."""

    following: dict[str, Node] = field(default_factory=dict)
    value: str = ""


@dataclass(frozen=True)
class Words:
    """words.yaml, turned to what is asked of it."""

    same: Mapping[str, str]
    axis_of: Mapping[str, str]
    quality: Mapping[str, str]
    fillers: frozenset[str]
    heads: frozenset[str]
    places: frozenset[str]
    openers: frozenset[str]
    vague_heads: frozenset[str]
    findings: frozenset[str]
    procedures: frozenset[str]
    wide: frozenset[str]
    wider: Mapping[str, tuple[str, ...]]
    part_of: frozenset[str]
    plain_adjectives: frozenset[str]
    endings: tuple[str, ...]
    no_endings: frozenset[str]


@functools.cache
def table(name: str) -> Any:
    """Return a file of this folder, decoded."""
    return yamls.load(_FOLDER / f"{name}.yaml")


@functools.cache
def words() -> Words:
    """Return the table of words."""
    raw = table("words")
    qualities: Mapping[str, Mapping[str, list[str]]] = raw["qualities"]
    lists = (
        "fillers",
        "heads",
        "places",
        "openers",
        "vague_heads",
        "findings",
        "procedures",
        "wide",
        "part_of",
        "plain_adjectives",
        "no_endings",
    )
    return Words(
        same={form: word for word, forms in raw["same"].items() for form in (word, *forms)},
        axis_of={word: axis for axis, names in qualities.items() for word in names},
        quality={form: word for names in qualities.values() for word, forms in names.items() for form in (word, *forms)},
        wider={name: tuple(narrower) for name, narrower in raw["wider"].items()},
        endings=tuple(raw["endings"]),
        **{name: frozenset(raw[name]) for name in lists},
    )  # fmt: skip


@functools.cache
def abbreviations() -> Node:
    """Return the short forms that mean one thing as a tree of words; the value is what they are short for."""
    root = Node()
    for long, forms in table("abbreviations")["plain"].items():
        for form in forms:
            plant(root, _WORD.findall(str(form).lower()), str(long).lower())
    return root


@functools.cache
def ambiguous() -> Mapping[str, str]:
    """Return the short forms that mean other things as well, in capitals, with what they may be short for."""
    return {
        str(form).upper(): str(long).lower()
        for long, forms in table("abbreviations")["either"].items()
        for form in forms
    }


@functools.cache
def not_initials() -> frozenset[str]:
    """Return the capitals that stand for no diagnosis, whatever its initials are."""
    return frozenset(table("abbreviations")["no_initials"])


@functools.cache
def outside() -> Mapping[str, tuple[str, str]]:
    """Return system and signs of every diagnosis outside the library: those listed with signs, and those of ICD-10-CM."""
    listed = {
        name: (system, signs or "")
        for system, names in table("diagnoses").items()
        for name, signs in names.items()
    }
    return {name: (system, "") for name, system in _in_icd10cm()} | listed


def _in_icd10cm() -> Iterator[tuple[str, str]]:
    for line in (_FOLDER / "icd10cm.txt").read_text(encoding="utf-8").splitlines():
        system, _, names = line.partition(": ")
        for name in names.split(", "):
            yield name, system


def plant(root: Node, phrase: list[str], value: str) -> None:
    """Add a phrase to a tree of words."""
    node = root
    for word in phrase:
        node = node.following.setdefault(word, Node())
    node.value = value


def same_word(word: str) -> str:
    """Return the word that stands for all that say the same, in the singular."""
    table_ = words()
    for form in (word, word[:-1] if word.endswith("s") and len(word) > 3 else word):
        if form in table_.same:
            return table_.same[form]
        if form in table_.quality:
            return table_.quality[form]
    if word.endswith(("ies", "ses")) and len(word) > 5:
        return word[:-3] + ("y" if word.endswith("ies") else "sis")
    return word[:-1] if word.endswith("s") and len(word) > 3 and not word.endswith(("ss", "us", "is")) else word
