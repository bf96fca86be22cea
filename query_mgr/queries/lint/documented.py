"""What the documentation of an encounter says the patient has, and whether it says as much as a name in a query."""

from __future__ import annotations

import bisect
import functools
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from query_mgr.clinical.assertions import AFFIRMED, HISTORICAL, UNCERTAIN, assertion, kinds
from query_mgr.clinical.library import load
from query_mgr.clinical.mentions import Word
from query_mgr.clinical.terms.names import Name, expanded, names, qualities_in
from query_mgr.clinical.terms.signs import system_of
from query_mgr.clinical.terms.vocabulary import not_initials, same_word, words

#: "history of" documents what does not pass: none of these systems of diagnoses outside the library
_PASSING = frozenset({"infection", "injury and poisoning", "birth and newborn", "tumors"})
#: acute by nature, so that "acute" says nothing more
_ACUTE = frozenset(
    {"stroke", "tia", "myocardial_infarction", "acute_kidney_injury", "acute_respiratory_failure", "sepsis", "cardiac_arrest"}
)  # fmt: skip
#: events: "history of" tells of an earlier one
_EVENTS = frozenset({"stroke", "tia", "myocardial_infarction", "dvt", "pulmonary_embolism"})
_SENTENCE = re.compile(r"[^.;!?\n]+(?:\.(?=\S)[^.;!?\n]*)*")
#: letters that the start of a word needs to stand for it, and that two forms of a word have in common
_CLIPPED, _ALIKE = 4, 6
#: starts of words that name who writes, not what is
_SERVICES = frozenset({"neuro", "cardio", "nephro", "gastro", "pulm", "endo", "ortho", "hemat", "derm", "psych", "rheum", "onco", "card", "nephr", "heme",
                       "acute", "hyper", "hypo", "post", "cardi", "hepat", "gastr", "enter", "infect", "inter", "intra"})  # fmt: skip
#: "polyneuropathy" is a neuropathy and "bronchopneumonia" a pneumonia, while cholecystitis is no cystitis
_COMPOUND = re.compile(
    r"(?:poly|mono|oligo|pan|peri|broncho|rhino|gastro|entero|meningo|steato|thrombo|osteo|spondylo|pyelo|leuko|pleuro|tracheo|laryngo|naso|dermato|"
    r"auto|auriculo|recto|procto|ileo|jejuno|duodeno|pyo|hydro|hemo|micro|macro|neuro|hemi)\+\w{7,}"
)
_PLACELESS = frozenset(
    {"cancer", "fracture", "hernia", "ulcer", "injury", "pressure", "burn", "metastasis", "skin", "wound"}
)


_CAPITALS = re.compile(r"(?<![A-Za-z\d])[A-Z][A-Z\d]{1,5}(?![A-Za-z\d])")


@dataclass(frozen=True)
class Statement:
    """One diagnosis that a text documents: its concepts, wider ones included, and the words of its sentence."""

    concepts: frozenset[str]
    core: frozenset[str]
    said: frozenset[str]
    qualities: frozenset[str]


class Record:
    """What providers documented in the encounter."""

    def __init__(self, texts: Iterable[str]) -> None:
        self.texts = tuple(texts)
        self.statements = tuple(dict.fromkeys(one for text in self.texts for one in statements(text)))
        self._found: dict[tuple[str, frozenset[str]], frozenset[frozenset[str]]] = {}

    @functools.cached_property
    def concepts(self) -> frozenset[str]:
        """The concepts documented, wider ones included."""
        return frozenset().union(*(one.concepts for one in self.statements))

    def names(self, name: Name) -> bool:
        """Say whether the diagnosis itself is documented, however narrowly."""
        return bool(self._about(name))

    def denies(self, name: Name) -> bool:
        """Say whether the documentation names the diagnosis without affirming it ("ruled out", a relative's)."""
        return not self.names(name) and any(
            one.concept == name.concept for text in self.texts for one in names(text, either=True)
        )

    def says(self, name: Name) -> bool:
        """Say whether the documentation says as much as the name: the diagnosis with its acuity, type and stage."""
        return any(_narrow_enough(name, said) for said in self._about(name))

    def narrower(self, name: Name) -> frozenset[str]:
        """Return what the name says of a documented diagnosis and the documentation does not."""
        missing = [name.qualities - said for said in self._about(name)]
        return min(missing, key=len, default=frozenset())

    def _about(self, name: Name) -> frozenset[frozenset[str]]:
        """Return the qualities of each statement and sentence that documents the name."""
        key = (name.concept, name.core)
        if key not in self._found:
            self._found[key] = frozenset(self._looked_up(name))
        return self._found[key]

    def _looked_up(self, name: Name) -> Iterator[frozenset[str]]:
        stated = tuple(self._stated(name))
        yield from stated
        if stated:
            return
        for text in self.texts:
            if name.core:
                yield from _spelled_out(text, name.core)
            yield from _shortened(text, name.concept)

    def _stated(self, name: Name) -> Iterator[frozenset[str]]:
        for one in self.statements:
            if name.concept in one.concepts or one.concepts & set(words().wider.get(name.concept, ())):
                if name.concept not in words().wide or _same_place(name, one):
                    yield one.qualities
            elif name.core and name.core <= one.core:
                yield one.qualities


@functools.lru_cache(maxsize=2048)
def statements(text: str) -> tuple[Statement, ...]:
    """Return the diagnoses that a provider's text documents: affirmed or still uncertain (Official Guidelines II.H)."""
    found = []
    for name in names(text, either=True):
        said = assertion(text, (name.start, name.end))
        if said in (AFFIRMED, UNCERTAIN) or (said == HISTORICAL and _lasts(name.concept)):
            sentence = _sentence_at(text, name.start)
            library_id = name.concept if name.concept in load() else name.kind_of
            concepts = (name.concept, *(kinds(library_id) if library_id else ()))
            qualities = name.qualities | sentence.qualities
            found.append(Statement(frozenset(concepts), name.core, sentence.said, qualities))
    return tuple(dict.fromkeys(found))


def _lasts(concept: str) -> bool:
    condition = load().get(concept)
    if concept in _EVENTS:
        return False
    return condition.chronic if condition else system_of(concept) not in _PASSING


def _narrow_enough(name: Name, documented: frozenset[str]) -> bool:
    missing = name.qualities - documented
    return not missing or (missing <= {"acute"} and name.concept in _ACUTE)


def _same_place(name: Name, one: Statement) -> bool:
    place = name.core - _PLACELESS
    return place <= one.said or not one.core - _PLACELESS or not place


@dataclass(frozen=True)
class _Sentence:
    start: int
    end: int
    words: tuple[Word, ...]
    said: frozenset[str]
    qualities: frozenset[str]


@functools.lru_cache(maxsize=2048)
def _sentences(text: str) -> tuple[_Sentence, ...]:
    words_ = [Word(same_word(word.text), word.start, word.end) for word in expanded(text, either=True)]
    found, at = [], 0
    for sentence in _SENTENCE.finditer(text):
        first = at
        while at < len(words_) and words_[at].start < sentence.end():
            at += 1
        inside = tuple(words_[first:at])
        said = [word.text for word in inside]
        found.append(_Sentence(*sentence.span(), inside, frozenset(said), qualities_in(said)))
    return tuple(found)


@functools.lru_cache(maxsize=2048)
def _vocabulary(text: str) -> frozenset[str]:
    return frozenset().union(*(one.said for one in _sentences(text)))


def _sentence_at(text: str, at: int) -> _Sentence:
    sentences = _sentences(text)
    return sentences[max(0, bisect.bisect_right(sentences, at, key=lambda one: one.start) - 1)]


def _spelled_out(text: str, core: frozenset[str]) -> Iterator[frozenset[str]]:
    """Yield the qualities of sentences that hold all words of a name, in whatever order or form, and affirm them."""
    if not _all_in(core, _vocabulary(text)):
        return
    for one in _sentences(text):
        if _all_in(core, one.said):
            last = [word for word in one.words if any(is_form_of(word.text, name) for name in core)][-1]
            if assertion(text, (last.start, last.end)) in (AFFIRMED, UNCERTAIN):
                yield one.qualities


def _shortened(text: str, concept: str) -> Iterator[frozenset[str]]:
    """Yield the qualities of sentences that affirm a diagnosis by the initials of its name ("CF", "MCC of scalp")."""
    for found in _CAPITALS.finditer(text):
        if found[0] in initials(concept) and assertion(text, found.span()) in (AFFIRMED, UNCERTAIN):
            yield _sentence_at(text, found.start()).qualities


@functools.lru_cache(maxsize=2048)
def initials(concept: str) -> frozenset[str]:
    """Return the initials in capitals of the names of a diagnosis, less those that mean something else in every chart."""
    condition = load().get(concept)
    spelled = (condition.name, *condition.mentions) if condition else (concept,)
    found = (
        "".join(word[0] for word in re.findall(r"[a-z\d]+", name.lower()) if word not in words().fillers)
        for name in spelled
    )
    return frozenset(one.upper() for one in found if len(one) > 1) - not_initials()


def _all_in(core: frozenset[str], said: frozenset[str]) -> bool:
    return all(one in said or any(is_form_of(word, one) for word in said) for one in core)


@functools.lru_cache(maxsize=8192)
def is_form_of(word: str, name: str) -> bool:
    """Say whether a word is another form of a name ("coagulopathic") or the start of it ("divertic")."""
    if word == name or (word.endswith(name) and _COMPOUND.fullmatch(word.removesuffix(name) + "+" + name)):
        return True
    if len(word) < _CLIPPED or word in _SERVICES:
        return False
    if name.startswith(word):
        return True
    alike = 0
    for one, other in zip(word, name, strict=False):
        if one != other:
            break
        alike += 1
    return alike >= _ALIKE and alike >= 0.75 * len(word) and alike >= 0.6 * len(name)
