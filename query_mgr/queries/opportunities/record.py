"""What a chart documents of the conditions of the library: by whom, how surely, and where. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache, cached_property, lru_cache
from typing import NamedTuple

from query_mgr.clinical.assertions import AFFIRMED, FAMILY, HISTORICAL, HYPOTHETICAL, NEGATED, UNCERTAIN, assertion
from query_mgr.clinical.library import load
from query_mgr.clinical.mentions import mentions
from query_mgr.clinical.requirements.chart import ChartContext, ChartDocument
from query_mgr.clinical.requirements.definition import bare
from query_mgr.clinical.requirements.wording import sentence
from query_mgr.queries.opportunities.judgement import judgement

_DOCUMENTS = (AFFIRMED, UNCERTAIN)
#: "not an HF exacerbation", "no new stroke": less is denied than the condition
_LESS_BEFORE = re.compile(
    r"\b(?:acute(?:ly)?|new|worsening|further|recurrent|decompensated|overt|active|current)\W+\Z", re.I
)
_LESS_AFTER = re.compile(r"exacerbat|decompensat|flare|recurren|progress", re.I)
#: what says what a condition comes of, right behind its name or before it ("HIT-induced")
_CAUSE_AFTER = re.compile(
    r"[\w\s,()-]{0,40}?\b(?:due to|d/t|2/2|secondary to|caused by|because of|in (?:the )?setting of|related to|attributed to|2\xb0)\s+\w"
    r"|\s+from (?!\d|home|standing|baseline|admission|prior|yesterday)\w"
    r"|\s+of (?:chronic|malignan|prematur|pregnan|critical|unknown|undetermined)\w*"
    r"|\W{1,3}(?:alcoholic|biliary|gallstone|iatrogenic|drug[- ]induced|hypertensive|ischemic|infectious|idiopathic)\b",
    re.I,
)
_CAUSE_BEFORE = re.compile(
    r"(?:\binduced|\brelated|\bassociated|[a-z]ogenic|\bischemic|\btoxic|\balcoholic|\bgallstone|\bbiliary)\W+(?:\w+\W+)?\Z",
    re.I,
)
_NOT_MET = re.compile(r"\W{0,3}(?:criteria )?(?:is |are |was |were )?not (?:met|present|seen)\b", re.I)
#: a denial of only a part of the condition
PARTLY = "partly"


class Said(NamedTuple):
    """One name of a condition in a text, `text[start:end]`, and what the text says of it."""

    condition: str
    state: str
    start: int
    end: int


class Statement(NamedTuple):
    """What a document says of a condition."""

    said: Said
    document: ChartDocument
    by_provider: bool

    @property
    def at(self) -> datetime:
        """When it was written."""
        return self.document.authored_at

    @property
    def quote(self) -> str:
        """The sentence."""
        start, end = sentence(self.document.text, (self.said.start, self.said.end))
        return " ".join(self.document.text[start:end].split())


@lru_cache(maxsize=4096)
def said_in(text: str) -> tuple[Said, ...]:
    """Return what a text says of every condition that it names; a relative's and what might come are left out."""
    named = [(one.condition, one.start, one.end) for one in mentions(text)]
    found = []
    for condition, start, end in (*named, *_short_forms_in(text)):
        state = assertion(text, (start, end))
        if _NOT_MET.match(text, end):
            state = NEGATED
        if state == NEGATED and _denies_less(text, start, end):
            state = PARTLY
        if state not in (FAMILY, HYPOTHETICAL):
            found.append(Said(condition, state, start, end))
    return tuple(found)


def _short_forms_in(text: str) -> Iterator[tuple[str, int, int]]:
    """Yield the conditions that a text names by a short form of judgement.yaml, and where."""
    for pattern, conditions in _short_forms():
        for one in pattern.finditer(text):
            yield conditions[" ".join(one[0].split()).lower()], one.start(), one.end()


@cache
def _short_forms() -> tuple[tuple[re.Pattern[str], Mapping[str, str]], ...]:
    """Return the forms that count as written, and those that count in any case, as patterns with whose each is."""
    owners = {form: condition for condition, forms in judgement().also_called.items() for form in forms}
    found = []
    for is_written, flags in ((True, re.NOFLAG), (False, re.I)):
        some = sorted((one for one in owners if (one != one.lower()) == is_written), key=len, reverse=True)
        words = "|".join(r"\s+".join(map(re.escape, one.split())) for one in some)
        # A heading such as "PE:" is the physical examination.
        found.append(
            (re.compile(rf"(?<![\w-])(?:{words})(?![\w:-])", flags), {one.lower(): owners[one] for one in some})
        )
    return tuple(found)


@cache
def _codes_of(condition: str) -> tuple[str, ...]:
    """Return the codes that state a condition or a kind of it."""
    codes = {code for kind in narrower()[condition] for code in load()[kind].icd10cm}
    return tuple(sorted(map(bare, codes - judgement().unspecific_codes)))


def _denies_less(text: str, start: int, end: int) -> bool:
    before, after = text[max(0, start - 20) : start], text[start : end + 20]
    return bool(_LESS_BEFORE.search(before) or _LESS_AFTER.search(after))


@cache
def narrower() -> Mapping[str, frozenset[str]]:
    """Return, for every condition, itself and the conditions that are kinds of it."""
    found: dict[str, set[str]] = {one: {one} for one in load()}
    for one in load():
        wider = load()[one].kind_of
        while wider:
            found[wider].add(one)
            wider = load()[wider].kind_of
    return {one: frozenset(kinds) for one, kinds in found.items()}


@dataclass(frozen=True)
class Record:
    """What one chart says of conditions."""

    chart: ChartContext

    @cached_property
    def _by_condition(self) -> Mapping[str, tuple[Statement, ...]]:
        found: dict[str, list[Statement]] = {}
        for document in sorted(self.chart.documents, key=lambda one: (one.authored_at, one.ref)):
            is_by = document.is_by(("provider",))
            for said in said_in(document.text):
                found.setdefault(said.condition, []).append(Statement(said, document, is_by))
        return {one: tuple(all_of) for one, all_of in found.items()}

    def statements(self, condition: str) -> Iterator[Statement]:
        """Yield what is said of a condition and of its narrower kinds, the oldest of each first."""
        for one in sorted(narrower()[condition]):
            yield from self._by_condition.get(one, ())

    @cached_property
    def _listed(self) -> Mapping[str, str]:
        """The conditions that the problem list names, with the entry."""
        found: dict[str, str] = {}
        for fact in self.chart.facts:
            for said in said_in(fact.name) if fact.kind == "problem" else ():
                if said.state in _DOCUMENTS:
                    found.setdefault(said.condition, fact.name)
        return found

    def documented(self, condition: str) -> str:
        """Return in words where a condition, or a kind of it, is documented; "" where it is not.

        By a provider, sure or not; as history where it does not go away; on the problem list, or as a code.
        """
        for one in self.statements(condition):
            chronic = load()[one.said.condition].chronic and one.said.state == HISTORICAL
            if one.by_provider and (one.said.state in _DOCUMENTS or chronic):
                return f"already documented: “{one.quote}”"
        for one_kind in sorted(narrower()[condition] & self._listed.keys()):
            return f"already documented: “{self._listed[one_kind]}” on the problem list"
        return self.coded(condition)

    def coded(self, condition: str) -> str:
        """Return in words which code states a condition or a kind of it, "" where none does."""
        wanted = _codes_of(condition)
        for code in self.chart.codes:
            if bare(code).startswith(wanted):
                return f"already documented: {code} is coded or on the problem list"
        return ""

    def first(self, condition: str) -> Statement | None:
        """Return where a provider first documents a condition, sure or not."""
        found = [one for one in self.statements(condition) if one.by_provider and one.said.state in _DOCUMENTS]
        return min(found, key=lambda one: one.at, default=None)

    def latest(self, condition: str, *states: str) -> Statement | None:
        """Return the newest statement by a provider in one of these states (all for none given)."""
        found = [
            one
            for one in self.statements(condition)
            if one.by_provider and (not states or one.said.state in states)
        ]
        return max(found, key=lambda one: one.at, default=None)

    def cause(self, condition: str) -> str:
        """Return the sentence in which a provider says what a condition comes of, "" where none does."""
        for one in self.statements(condition):
            text, start, end = one.document.text, one.said.start, one.said.end
            if one.by_provider and one.said.state in _DOCUMENTS:
                line = text[end : end + 70].partition("\n")[0].partition(";")[0].partition(". ")[0]
                if _CAUSE_AFTER.match(line) or _CAUSE_BEFORE.search(text[max(0, start - 30) : start]):
                    return one.quote
        return ""

    def denied(self, condition: str) -> Statement | None:
        """Return where a provider last said that the patient does not have a condition."""
        return self.latest(condition, NEGATED)
