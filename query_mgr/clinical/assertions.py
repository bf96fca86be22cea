"""What a text says of a condition it names: that the patient has it, may have it, had it, or has it not.

After ConText (Harkema et al., J Biomed Inform 2009;42:839-51): trigger phrases before or after the name,
within its sentence, up to a word that ends their reach. Which words count as uncertain follows ICD-10-CM
Official Guidelines, section II.H.
"""

from __future__ import annotations

import bisect
import functools
import re
from collections.abc import Iterable
from dataclasses import dataclass

from query_mgr.clinical.library import Condition, load
from query_mgr.clinical.mentions import mentions

AFFIRMED, NEGATED, UNCERTAIN, HISTORICAL, FAMILY = "affirmed", "negated", "uncertain", "historical", "family"
#: talk of what might come (risk, prevention, screening); it documents nothing
HYPOTHETICAL = "hypothetical"
PATIENT, OTHER = "patient", "other"

_REACH = 160  # characters to either side; a sentence of a note is rarely longer
_SENTENCE_END = re.compile(r"[.!?;]\s|\n\s*\n|\n\s*[-*•\d#]|\n(?=[A-Z][\w /&-]{1,40}:)")
_SCOPE_END = re.compile(
    r"\b(?:but|however|nevertheless|although|though|except|apart from|aside from|other than|due to|"
    r"secondary to|because of|in the setting of|caused by|which|now with|present(?:s|ed|ing)? (?:with|for)|found to have|"
    r"admitted (?:for|with)|treated for)\b"
)
_NOT_REALLY = re.compile(
    r"\b(?:no (?:significant |acute |interval |further )?(?:change|improvement|increase|worsening|worse)|not only|"
    r"no longer requir\w+|without (?:difficulty|improvement|resolution)|no (?:doubt|question))\b"
)
_NOT_YET_OUT = re.compile(
    r"\b(?:not (?:been )?(?:yet )?(?:ruled out|excluded)|(?:cannot|can ?not|can't|unable to|could not) "
    r"(?:be )?(?:ruled? out|excluded?)|(?:still )?(?:to be|needs to be) ruled out)\b"
)
_NEGATED_BEFORE = re.compile(
    r"\b(?:no|denie[sd]|denying|without|negative for|absence of|free of|ruled out(?: for)?|rules out|"
    r"never had|no (?:evidence|signs?) of|does(?:n't| not) have|"
    r"neither|nor|excluded)\b|\bnot(?: \w+){0,3} ?\Z"
)
_NEGATED_AFTER = re.compile(
    r"\A[\s,:(-]*(?:(?:is|was|has been|were|are|have been) )?(?:now )?"
    r"(?:ruled out|excluded|not (?:present|seen|identified|suspected|found)|absent|negative|r/o'd)"
)
_DOUBTED_BEFORE = re.compile(
    r"\b(?:unlikely|doubt(?:ful)?|low (?:suspicion|concern|probability|likelihood) (?:for|of))\b"
)
_DOUBTED_AFTER = re.compile(
    r"\A[\s,:(-]*(?:(?:is|was|has been|were|are|seems?|appears?) )?(?:thought )?(?:to be )?(?:felt )?(?:very |highly )?"
    r"(?:unlikely|not likely|less likely|doubtful)"
)
_UNCERTAIN_BEFORE = re.compile(
    r"\b(?:probabl[ey]|possibl[ey]|possibility of|suspect(?:ed|s)?|likely|questionable|concern(?:ing|ed)? for|"
    r"rule[ -]out|r/o|versus|vs|appears to (?:be|have)|consistent with|compatible with|suggest(?:s|ive|ing)(?: of)?|"
    r"may (?:have|be)|might (?:have|be)|could (?:be|represent)|indicative of|suspici(?:on|ous) (?:for|of)|presumed|"
    r"presumptive|working diagnosis|differential|evaluate for|worrisome for|c/w)\b|\?\s*\Z"
)
_UNCERTAIN_AFTER = re.compile(
    r"\A[\s,:(-]*(?:(?:is|was|remains) )?(?:suspected|possible|probable|likely|questionable|versus|vs\b|"
    r"cannot be (?:ruled out|excluded)|not (?:been )?ruled out|in the differential|presumed)|\A\s?\?"
)
_HYPOTHETICAL_BEFORE = re.compile(
    r"\b(?:risks? (?:of|for)|at (?:high |increased |low )?risk|prevent(?:ion of|ing|s)?|prophyla\w+(?: for| against)?|"
    r"monitor(?:ing)?(?: closely)? for|screen(?:ed|ing|s)? for|watch for|return if|in case of|to avoid|if)\b"
)
_HYPOTHETICAL_AFTER = re.compile(
    r"\A[\s-]*(?:prophyla\w+|prevention|precautions?|screen(?:ing)?|protocol|bundle|pathway|risk|alert|workup|"
    r"work-up|order ?set|education)\b"
)
_HISTORY_BEFORE = re.compile(
    r"\b(?:history of|hx of|h/o|past (?:medical )?history|pmhx?|previous|previously (?:had|diagnosed|known|treated)|"
    r"prior(?! to)|remote|recovered from|years? ago|in (?:19|20)\d\d)\b|"
    r"\b(?:s/p|status[- ]post)\W+(?:\w+\W+){0,2}\Z|(?<!year )(?<!year-)(?<!yo )\bold\s*\Z"
)
_HISTORY_AFTER = re.compile(r"\A[\s,(-]*(?:in (?:19|20)\d\d|\d+ (?:years?|months?) ago|years? ago)\b")
_FAMILY_BEFORE = re.compile(
    r"\b(?:mother|father|brother|sister|parents?|sibling|aunt|uncle|grand(?:mother|father|parent)|family history|"
    r"family hx|fhx?|maternal|paternal)\b"
)
_TURNS_TO_PATIENT = re.compile(
    r"\b(?:patient|pt|he|she|they|himself|herself)\b(?! (?:was|is) (?:exposed|living))|[;]|\bbut\b|\bwhile\b"
)
_FAMILY_AFTER = re.compile(
    r"\A[^.;]{0,30}?\b(?:in (?:his|her|their|the patient's|a|the) (?:\w+ ){0,2}(?:mother|father|brother|sister|parents?|siblings?|"
    r"aunt|uncle|cousins?|son|daughter|grand\w+)|runs in the family|in (?:multiple|several|two|both) (?:\w+ )?(?:relatives|siblings|"
    r"parents|family members))\b"
)
_OTHER_BEFORE = re.compile(
    r"\b(?:husband|wife|spouse|partner|roommate|room-mate|co-?worker|neighbor|boyfriend|girlfriend|friend|donor|classmates?|"
    r"caregiver|caretaker|landlord|contacts?|newborn's twin|dog|cat)\b(?:'s)?(?: \w+){0,6}? ?\Z"
)
_HEADING = re.compile(r"(?:\A|\n)[ \t]*([A-Za-z][A-Za-z /&()-]{1,48}?)[ \t]*:", re.ASCII)
_FAMILY_HEADING = re.compile(r"family (?:medical )?(?:history|hx)|fhx?|fam hx")
_HISTORY_HEADING = re.compile(r"(?:past |prior )?(?:medical|surgical) (?:history|hx)|past history|pmhx?|psh")


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
    before, after = _before(text, start), _after(text, end)
    heading = _heading(text, start)
    not_yet_out = bool(_NOT_YET_OUT.search(before) or _NOT_YET_OUT.search(after[:60]))
    negated = bool(_NEGATED_BEFORE.search(_NOT_REALLY.sub(" ", before)) or _NEGATED_AFTER.search(after))
    doubted = bool(_DOUBTED_BEFORE.search(before) or _DOUBTED_AFTER.search(after))
    uncertain = bool(_UNCERTAIN_BEFORE.search(before) or _UNCERTAIN_AFTER.search(after))
    return Said(
        negated=not not_yet_out and (negated or doubted),
        uncertain=not_yet_out or doubted or uncertain,
        historical=_had_before(before)
        or bool(_HISTORY_AFTER.search(after) or _HISTORY_HEADING.fullmatch(heading)),
        experiencer=_experiencer(_sentence_before(text, start), after, heading),
        hypothetical=bool(_HYPOTHETICAL_AFTER.search(after) or _HYPOTHETICAL_BEFORE.search(before)),
    )


def assertion(text: str, span: tuple[int, int]) -> str:
    """Return in one word what `text` says of the condition named at `text[start:end]`.

    affirmed | negated | uncertain | historical | family | hypothetical. Somebody else's illness counts as family; what
    is unlikely counts as negated, because the provider does not document it (Official Guidelines, section II.H).
    """
    said = said_of(text, span)
    if said.experiencer != PATIENT:
        return FAMILY
    if said.uncertain and not said.negated:
        after = _after(text, span[1])
        if _NOT_YET_OUT.search(_before(text, span[0])) or _UNCERTAIN_AFTER.search(after) or not said.hypothetical:
            return UNCERTAIN
    if said.hypothetical:
        return HYPOTHETICAL
    if said.negated:
        return NEGATED
    return HISTORICAL if said.historical else AFFIRMED


def _experiencer(before: str, after: str, heading: str) -> str:
    if _FAMILY_BEFORE.search(before) or _FAMILY_AFTER.search(after) or _FAMILY_HEADING.fullmatch(heading):
        return FAMILY
    return OTHER if _OTHER_BEFORE.search(before) else PATIENT


def _had_before(before: str) -> bool:
    """Say whether "history of" reaches the name; "history of asthma, with pneumonia" has pneumonia now."""
    return not before.rstrip().endswith(" with") and bool(_HISTORY_BEFORE.search(before))


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


def _before(text: str, start: int) -> str:
    """Return the part of the sentence before `start` that still bears on it, in lower case."""
    piece = text[max(0, start - _REACH) : start]
    at = 0
    for found in _SENTENCE_END.finditer(piece):
        at = found.end()
    piece = piece[at:].lower()
    at = 0
    for found in _SCOPE_END.finditer(piece):
        at = found.end()
    return piece[at:]


def _sentence_before(text: str, start: int) -> str:
    """Return the whole sentence before `start`, for who it is about, up to where it turns to the patient."""
    piece = text[max(0, start - _REACH) : start]
    at = max((found.end() for found in _SENTENCE_END.finditer(piece)), default=0)
    piece = piece[at:].lower()
    at = max((found.end() for found in _TURNS_TO_PATIENT.finditer(piece)), default=0)
    return piece[at:]


def _after(text: str, end: int) -> str:
    piece = text[end : end + _REACH]
    stop = _SENTENCE_END.search(piece)
    return (piece[: stop.start()] if stop else piece).lower()


@functools.lru_cache(maxsize=256)
def _headings(text: str) -> tuple[tuple[int, str], ...]:
    return tuple((found.end(), " ".join(found.group(1).lower().split())) for found in _HEADING.finditer(text))


def _heading(text: str, start: int) -> str:
    """Return the heading under which `start` lies: the last "Words:" at the start of a line of its paragraph."""
    headings = _headings(text)
    nth = bisect.bisect_right(headings, start, key=lambda one: one[0]) - 1
    if nth < 0:
        return ""
    at, name = headings[nth]
    while at < start and text[at].isspace():
        at += 1
    return "" if text.find("\n\n", at, start) >= 0 else name
