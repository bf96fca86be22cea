"""What a text says of a condition it names: that the patient has it, may have it, had it, or has it not.

The phrases of `triggers.TRIGGERS` before or after the name, within its sentence, up to a word that ends their reach; and
the heading that the sentence stands under.
"""

from __future__ import annotations

import bisect
import functools
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from query_mgr.clinical import triggers
from query_mgr.clinical.library import Condition, load
from query_mgr.clinical.mentions import mentions
from query_mgr.clinical.phrases import END, longest, parts, sections, tokens, tree
from query_mgr.clinical.triggers import AFTER, BEFORE, CLAIM, COMMA, DOUBTED, STATE, TURN, Trigger

AFFIRMED, NEGATED, UNCERTAIN = "affirmed", triggers.NEGATED, triggers.UNCERTAIN
HISTORICAL, FAMILY = triggers.HISTORICAL, triggers.FAMILY
#: talk of what might come (risk, prevention, screening); it documents nothing
HYPOTHETICAL = triggers.HYPOTHETICAL
PATIENT, OTHER = "patient", triggers.OTHER

_REACH = 300  # characters to either side; a sentence of a note is rarely longer
_SENTENCE_END = re.compile(
    r"(?<!\b[a-z])(?<!\bvs)(?<!\bdr)(?<!\bmr)(?<!\bmrs)(?<!\bms)(?<!\bpt)(?<!\bneg)(?<!\bpos)[.!](?=\s)"
    r"|(?<!\.[a-z])(?:(?<=\b[a-z])|(?<=\bneg)|(?<=\bpos))\.(?=\s+(?-i:[A-Z]))"
    r"|(?<=[^\s:])\?(?=\s)(?!\s*(?:yes|no|none|denies|negative)\b)|;(?=\s)"
    r"|\n\s*\n|\n\s*[-*•\d#]|\n(?=[A-Z][\w /&-]{1,40}:)",
    re.I,
)
_END_SIGN = re.compile(r"[.!?;\n]")
#: a heading, or a blank line
_MARK = re.compile(
    r"(?:^|[.;][ \t]+)[ \t]{0,20}([a-z][a-z /&().-]{0,48}?)[ \t]{0,4}(:|\r?$)|\n[ \t\r]*(?=\n)", re.I | re.M
)
_PREFIX = re.compile(r"\b(?:non|an?|un|im)\Z", re.I)
_NO_END: frozenset[str] = frozenset()
_COMMA, _TURN, _CLAIM = frozenset({COMMA}), frozenset({TURN}), frozenset({CLAIM})
#: past these nothing reaches back
_STOPS = frozenset({TURN, STATE})


@dataclass(frozen=True)
class Said:
    """What a text says of one name in it. The flags are independent: "no family history of gout" is two of them."""

    negated: bool = False
    uncertain: bool = False
    historical: bool = False
    experiencer: str = PATIENT  # patient | family | other
    hypothetical: bool = False


def said_of(text: str, span: tuple[int, int]) -> Said:
    """Return what `text` says of the name at `text[start:end]`."""
    start, end = span
    after = _kinds_after(tokens(_after(text, end)))
    said = _kinds_before(tokens(_before(text, start))) | after | {_section(text, start)}
    is_plain = triggers.ASSERTED in after
    doubted = DOUBTED in said
    negated = doubted or (NEGATED in said and triggers.ASSERTED not in said) or NEGATED in after
    negated = negated and not is_plain
    experiencer = FAMILY if FAMILY in said else OTHER if OTHER in said else PATIENT
    return Said(
        negated=negated,
        uncertain=(doubted or (UNCERTAIN in said and not negated)) and not is_plain,
        historical=HISTORICAL in said and experiencer == PATIENT,
        experiencer=experiencer,
        hypothetical=HYPOTHETICAL in said,
    )


def assertion(text: str, span: tuple[int, int]) -> str:
    """Return in one word what `text` says of the condition named at `text[start:end]`.

    affirmed | negated | uncertain | historical | family | hypothetical. Somebody else's illness counts as family; what
    is unlikely counts as negated, because the provider does not document it (Official Guidelines, section II.H).
    """
    said = said_of(text, span)
    if said.experiencer != PATIENT:
        return FAMILY
    if said.hypothetical:
        return HYPOTHETICAL
    if said.negated:
        return NEGATED
    if said.uncertain:
        return UNCERTAIN
    return HISTORICAL if said.historical else AFFIRMED


def _kinds_before(words: list[str]) -> set[str]:
    """Return the kinds of the phrases that still reach the end of `words`."""
    phrases = tree(BEFORE)
    held: list[tuple[Trigger, int]] = []
    at = 0
    while at < len(words):
        node, length = longest(words, at, phrases)
        ends = node.ends | _sign_ends(words, at, held)
        if node.triggers and at and (words[at - 1] == "," or words[max(0, at - 2) : at] == [",", "and"]):
            ends |= {CLAIM}
        if ends:
            held = [(row, since) for row, since in held if not row.ended_by & ends]
        at += length
        held += [(row, at) for row in node.triggers]
    return {row.kind for row, since in held if at - since <= row.reach}


def _sign_ends(words: list[str], at: int, held: list[tuple[Trigger, int]]) -> frozenset[str]:
    """Return what a comma or colon ends; a colon right after a phrase ("Denies: fever") ends nothing."""
    if words[at] == ",":
        return _COMMA
    return _TURN if words[at] == ":" and not (held and held[-1][1] == at) else _NO_END


def _kinds_after(words: list[str]) -> set[str]:
    """Return the kinds of the phrases that reach back to the start of `words`."""
    words.append(END)
    phrases, others = tree(AFTER), tree(BEFORE)
    found: set[str] = set()
    passed: frozenset[str] = _NO_END
    at, claim = 0, len(words) + 1  # where a phrase that speaks of what follows it ends
    while at < len(words) and not passed & _STOPS:
        node, length = longest(words, at, phrases)
        found |= {row.kind for row in node.triggers if at <= row.reach and not row.ended_by & passed}
        passed |= _COMMA if words[at] == "," else node.ends
        if not node.is_phrase and claim > len(words):
            other, its_length = longest(words, at, others)
            claim = at + its_length if other.triggers else claim
        at += length
        if at >= claim:
            passed |= _CLAIM
    return found


def documented(condition: Condition, texts: Iterable[str]) -> bool:
    """Say whether providers' texts document a condition, or a narrower kind of it.

    "Probable" counts (ICD-10-CM Official Guidelines II.H); "no", "risk of" and a relative's illness do not.
    "History of" counts only for a condition that does not go away (`Condition.chronic`).
    """
    return any(condition.id in documented_in(text) for text in texts)


@functools.lru_cache(maxsize=1024)
def documented_in(text: str) -> frozenset[str]:
    """Return the ids of the conditions that a provider's text documents, wider kinds included."""
    library = load()
    found: set[str] = set()
    for mention in mentions(text):
        if mention.condition in found:
            continue
        said = assertion(text, (mention.start, mention.end))
        chronic = library[mention.condition].chronic
        if said in (AFFIRMED, UNCERTAIN) or (said == HISTORICAL and chronic):
            found.update(kinds(mention.condition))
    return frozenset(found)


def kinds(condition: str) -> tuple[str, ...]:
    """Return a condition's id and those of the wider conditions it is a kind of."""
    library, found = load(), [condition]
    while (wider := library[found[-1]].kind_of) and wider not in found:
        found.append(wider)
    return tuple(found)


def _ends(piece: str) -> Iterator[re.Match[str]]:
    """Yield the ends of sentences, looked for only at the signs that one can begin with: the pattern itself is slow."""
    at = 0
    for sign in _END_SIGN.finditer(piece):
        found = _SENTENCE_END.match(piece, sign.start()) if sign.start() >= at else None
        if found:
            at = found.end()
            yield found


def _before(text: str, start: int) -> str:
    """Return the part of the sentence before `start`; a prefix that negates ("nontender", "afebrile") reads as "non"."""
    piece = text[max(0, start - 2 * _REACH) : start].replace("\r\n", "\n")[-_REACH:]
    at = 0
    # The name's first letter says whether a full stop before it ends a sentence.
    for found in _ends(piece + text[start : start + 1]):
        at = found.end()
    piece = piece[at:]
    return _PREFIX.sub("non", piece) if text[start : start + 1].isalpha() else piece


def _after(text: str, end: int) -> str:
    """Return the rest of the sentence from `end`, with the question mark that ends it."""
    piece = text[end : end + 2 * _REACH].replace("\r\n", "\n")[:_REACH]
    stop = next(_ends(piece), None)
    return piece[: stop.start() + (stop.group() == "?")] if stop else piece


def _section(text: str, start: int) -> str:
    """Return what the heading above `start` makes of it; a heading reaches to the next one or a blank line."""
    if ":" not in text and "\n" not in text:
        return triggers.PSEUDO
    marks = _marks(text)
    nth = bisect.bisect_right(marks, start, key=lambda one: one[0]) - 1
    return marks[nth][1] if nth >= 0 else triggers.PSEUDO


@functools.lru_cache(maxsize=256)
def _marks(text: str) -> tuple[tuple[int, str], ...]:
    return tuple(_section_marks(text))


def _section_marks(text: str) -> Iterator[tuple[int, str]]:
    """Yield where sections start and what they say: at a known heading, an unknown one in capitals, a blank line."""
    last = 0
    for found in _MARK.finditer(text):
        name = " ".join((found[1] or "").split())
        kind = sections().get(name.lower())
        if kind is None and _ends_a_section(found, name):
            kind = triggers.PSEUDO
        if kind is not None and (name or text[last : found.start()].strip()):
            yield found.end(), kind
            last = found.end()


def _ends_a_section(found: re.Match[str], name: str) -> bool:
    """Say whether a blank line or a heading that we do not know ends the section above it."""
    starts_line = found[0].lstrip()[:1].isalpha()
    is_heading = found[2] == ":" and len(name) > 3 and name.isupper() and name.lower() not in parts()
    return not name or (starts_line and is_heading)
