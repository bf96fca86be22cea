"""What diagnoses are called in notes, which codes say them, and which words make them more specific. Pure."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from query_mgr.clinical.library import Condition, expand, load
from query_mgr.platform import yamls

FOLDER = Path(__file__).parent / "concepts"
_FIELDS = {"from", "without", "codes", "names", "not", "kind_of", "chronic", "past", "says", "refine", "silent",
           "place"}  # fmt: skip
_REFINEMENT = re.compile(r"(\S+)((?: \w+=[^=]+?)*) -> (\S+)")
_WHEN = re.compile(r"(\w+)=([^=]+?)(?= \w+=|$)")
_WORD = re.compile(r"[^\W_]+")
#: abbreviations that are words as well: they count only in capitals
_CAPITALS_WORDS = """
    HIT CAP AS PAD MS AI MR PE AMI IDA AF BPH DI DOE HA MAT MASH GIST HONK PEA TACO PRES HAP ALF ICM LOC CLI HL CP AIS
    AMS ICH UC OA ACS ARF VT SOB GAD IDC CDI PCM HOH"""
_CAPITALS = frozenset(_CAPITALS_WORDS.split())


class ConceptError(ValueError):
    """A concept that does not fit; the message names file, concept and field."""


@dataclass(frozen=True)
class Refinement:
    """Where a statement of this concept says `when`, the code `of` is less specific than the code `to`."""

    of: str
    when: Mapping[str, str]
    to: str


@dataclass(frozen=True)
class Concept:
    """One diagnosis as notes name it.

    codes: prefixes of the ICD-10-CM codes that report it. kind_of: the wider concept that it also states.
    chronic: "history of" still states it. past: the code that reports it once it is over, "" where there is none.
    says: axis -> value -> phrases, beyond the ones that all concepts share. is_telling: its names are complete enough
    that silence of the record means something. place: the body part that its names imply.
    """

    id: str
    codes: tuple[str, ...]
    names: tuple[str, ...]
    look_alikes: tuple[str, ...] = ()
    kind_of: str = ""
    chronic: bool = False
    past: str = ""
    says: Mapping[str, Mapping[str, tuple[str, ...]]] = field(default_factory=dict)
    refinements: tuple[Refinement, ...] = ()
    is_telling: bool = True
    place: str = ""


@functools.cache
def concepts() -> Mapping[str, Concept]:
    """Return every concept by id, read once. Raises ConceptError."""
    found: dict[str, Concept] = {}
    for path in sorted(FOLDER.glob("*.yaml")):
        for key, raw in yamls.load(path).items():
            if key in found:
                raise ConceptError(f"{path.name}: {key}: the id is taken; choose another")
            found[key] = _concept(f"{path.name}: {key}", key, raw)
    for one in found.values():
        if one.kind_of and one.kind_of not in found:
            raise ConceptError(f"{one.id}: field 'kind_of' names {one.kind_of!r}, which is no concept")
    return found


def _concept(place: str, key: str, raw: Mapping[str, Any]) -> Concept:
    unknown = raw.keys() - _FIELDS
    if unknown:
        raise ConceptError(f"{place}: field {', '.join(sorted(unknown))} is not known")
    base = _base(place, raw)
    left_out = set(raw.get("without", ()))
    names = [one for one in (base.mentions if base else ()) if one not in left_out]
    names += [name for pattern in raw.get("names", ()) for name in expand(pattern)]
    if not names or not raw.get("codes"):
        raise ConceptError(f"{place}: needs 'names' (or 'from') and 'codes'")
    look_alikes = [*(base.not_mentions if base else ()), *(e for p in raw.get("not", ()) for e in expand(p))]
    return Concept(
        id=key,
        codes=tuple(raw["codes"]),
        names=tuple(dict.fromkeys(names)),
        look_alikes=tuple(look_alikes),
        kind_of=raw.get("kind_of", ""),
        chronic=raw.get("chronic", base.chronic if base else False),
        past=raw.get("past", ""),
        says={axis: _values(values) for axis, values in raw.get("says", {}).items()},
        refinements=tuple(_refinement(place, line) for line in raw.get("refine", ())),
        is_telling=not raw.get("silent", False),
        place=raw.get("place", ""),
    )


def _base(place: str, raw: Mapping[str, Any]) -> Condition | None:
    if "from" not in raw:
        return None
    if raw["from"] not in load():
        raise ConceptError(f"{place}: field 'from' names {raw['from']!r}, which is no condition of the library")
    return load()[raw["from"]]


def _values(values: Mapping[Any, Iterable[str]]) -> dict[str, tuple[str, ...]]:
    return {str(value): tuple(one for text in texts for one in expand(text)) for value, texts in values.items()}


def _refinement(place: str, line: str) -> Refinement:
    found = _REFINEMENT.fullmatch(line)
    if not found:
        raise ConceptError(f"{place}: field 'refine' holds {line!r}; write 'D64.9 axis=value -> D62'")
    when = {axis: value.strip() for axis, value in _WHEN.findall(found[2].strip())}
    return Refinement(found[1], when, found[3])


def wider(concept: str) -> Iterator[str]:
    """Yield a concept and the ones that it is a kind of."""
    at = concept
    while at:
        yield at
        at = concepts()[at].kind_of


@functools.cache
def _narrower() -> Mapping[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for one in concepts():
        for above in wider(one):
            found.setdefault(above, set()).add(one)
    return {one: frozenset(below) for one, below in found.items()}


def narrower(concept: str) -> frozenset[str]:
    """Return a concept and all kinds of it."""
    return _narrower()[concept]


@functools.lru_cache(maxsize=20_000)
def covering(code: str) -> tuple[str, ...]:
    """Return every concept with a prefix of a code."""
    return tuple(one.id for one in concepts().values() if code.startswith(one.codes))


@functools.lru_cache(maxsize=20_000)
def nearest(code: str) -> tuple[str, ...]:
    """Return the concepts that a code reports: with the longest prefix of it, and no narrower one among them."""
    lengths = {
        one: max(len(prefix) for prefix in concepts()[one].codes if code.startswith(prefix))
        for one in covering(code)
    }
    best = [one for one, length in lengths.items() if length == max(lengths.values())]
    return tuple(one for one in best if not any(one in wider(other) for other in best if other != one))


@functools.cache
def refinements_of(code: str) -> tuple[tuple[str, Refinement], ...]:
    """Return what may be more specific than a code, with the concept whose statement says it; most specific first."""
    found = [(one.id, row) for one in concepts().values() for row in one.refinements if row.of == code]
    return tuple(sorted(found, key=lambda pair: -len(pair[1].when)))


@dataclass
class Node:
    """The words that may follow. concepts: whose name ends here; none for a look-alike, None where no name ends.

    spelled: as the name must be written where that matters.
    """

    following: dict[str, Node] = field(default_factory=dict)
    concepts: tuple[str, ...] | None = None
    spelled: str = ""


@functools.cache
def name_tree() -> Node:
    """Return all names as a tree of lower-case words; "VTE" is a name of two concepts."""
    root = Node()
    for one in concepts().values():
        for phrase in one.look_alikes:
            _plant(root, phrase, "")
    for one in concepts().values():
        for phrase in one.names:
            _plant(root, phrase, one.id)
    return root


def _plant(root: Node, phrase: str, concept: str) -> None:
    node = root
    for word in _WORD.findall(phrase.lower()):
        node = node.following.setdefault(word, Node())
    known = node.concepts or ()
    node.concepts = known if not concept or concept in known else (*known, concept)
    if phrase in _CAPITALS:
        node.spelled = phrase


_NARROWING_WORDS = "acute chronic subacute left right bilateral mild moderate severe massive"
_NARROWING = frozenset(_NARROWING_WORDS.split())


@functools.lru_cache(maxsize=4096)
def is_narrower_name(concept: str, name: str) -> bool:
    """Say whether a name is another name of the concept behind an adjective: "acute DVT", not "acute kidney injury"."""
    words = _WORD.findall(name.lower())
    rest = words[next((at for at, word in enumerate(words) if word not in _NARROWING), len(words)) :]
    return rest != words and " ".join(rest) in _written(concept)


@functools.cache
def _written(concept: str) -> frozenset[str]:
    return frozenset(" ".join(_WORD.findall(name.lower())) for name in concepts()[concept].names)
