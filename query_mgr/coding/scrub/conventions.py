"""Edits from the conventions of ICD-10-CM: what the tabular's notes, its sides and seventh characters demand. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from functools import lru_cache

from query_mgr.coding.scrub.case import Case, Diagnosis
from query_mgr.coding.scrub.claim import Claim, Rows, claim_of, codes, table
from query_mgr.coding.scrub.code_lists import is_manifestation
from query_mgr.coding.scrub.notes import Named, read
from query_mgr.coding.scrub.registry import GUIDELINES, Edit, Hit, hit

#: code first notes without "underlying" that hold without a condition, so that the first code can be missing
_ALWAYS_FIRST = codes("C80.2", "D47.Z1", "D63.0", "I25.82", "I25.83", "I25.84", "I70.92", "J12.82", "K82.A", "M10.1",
                      "M1A.1", "R05.4", "Z91.12", "Z91.13", "Z91.A2", "Z91.A3")  # fmt: skip
#: what a claim can hold without an underlying disease: symptoms, external causes, circumstances
_NO_DISEASE = ("R", "V", "W", "X", "Y", "Z")
_PLAIN = re.compile(r"code to (?:identify|specify|indicate) |code for ", re.IGNORECASE)
#: organisms, resistance, receptors and external causes depend on what is known; weeks and outcome are edits of their own
_NOT_ASKED = re.compile(r"\(?(?:B9[5-7]|[VWXY]\d|T\d\d|Z3A|Z1[678]|Z37)")
_INITIAL, _SEQUELA = frozenset("ABC"), "S"
_EXTERNAL = ("V", "W", "X", "Y")


@lru_cache(maxsize=10_000)
def _manifests(code: str, title: str, on: date) -> bool:
    return "diseases classified elsewhere" in title.lower() or is_manifestation(code, on)


def _excludes1(case: Case) -> Iterator[Hit]:
    claim, told = claim_of(case), set[frozenset[str]]()
    for one in case.diagnoses:
        lines = one.notes.get("excludes1")
        if not lines:
            continue
        for other, line in read(lines).on(claim):
            both = frozenset({one.code, other.code})
            if len(both) == 2 and both not in told and not _has_own_edit(one.code, other.code):
                told.add(both)
                yield hit(one, f"{one.code} has an Excludes1 note against {other.code}: “{line}”. The two are not "
                          "coded together unless they are unrelated to each other.", "", other.code)  # fmt: skip


_OWN_PAIRS = {("I20", "I25"), ("K80", "K81"), ("R65", "T81")}


def _has_own_edit(one: str, other: str) -> bool:
    """Return whether another edit says of two codes what is right, which helps more than the note."""
    first, second = sorted((one, other))
    if first[:3] == second[:3]:
        return first[:3] == "N18" or first[:2] == "F1"
    return (first[:3], second[:3]) in _OWN_PAIRS


def _late(claim: Claim, one: Diagnosis) -> tuple[Diagnosis, str] | None:
    """Return a code that should stand before `one` and stands behind it, with the note's line."""
    named = [
        found
        for found in read(one.notes["code_first"]).on(claim)
        if found[0].code != one.code and not found[0].code.startswith(_TOXIC)
    ]
    if not named or any(claim.is_before(other, one) for other, _ in named):
        return None
    return min(named, key=lambda found: claim.at[id(found[0])])


#: order of drugs and substances, severe sepsis and weeks of gestation: edits of their own
_TOXIC = tuple(codes("T36-T65"))
_OWN_ORDER = (*codes("T36-T50"), "R65", "Z3A")
_IF = re.compile(r"\b(?:if|when)\b", re.IGNORECASE)


def _order(case: Case, kind: str) -> Iterator[Hit]:
    """Find what stands before a code that its note wants first. kind: manifestation, firm or conditional."""
    claim = claim_of(case)
    for one in case.diagnoses:
        lines = one.notes.get("code_first")
        if not lines or one.code.startswith(_OWN_ORDER):
            continue
        found = _late(claim, one)
        if found is None or _weight(one, lines, case) != kind:
            continue
        other, line = found
        what = "is a manifestation and stands" if kind == "manifestation" else "stands"
        yield hit(one, f"{one.code} {what} before {other.code}, but its note says: code first “{line}”.", "sequence",
                  other.code)  # fmt: skip


def _weight(one: Diagnosis, lines: tuple[str, ...], case: Case) -> str:
    """Return the kind of a note on this claim: where it gives examples only, what stands before may be the cause."""
    if read(lines).is_open:
        before = case.diagnoses[: case.diagnoses.index(one)]
        if any(not other.code.startswith(_NO_DISEASE) for other in before):
            return "conditional"
    return _kind(one.code, one.title, lines, case.coded_on)


@lru_cache(maxsize=10_000)
def _kind(code: str, title: str, lines: tuple[str, ...], on: date) -> str:
    if _manifests(code, title, on):
        return "manifestation"
    return "conditional" if any(_IF.search(line) for line in lines) else "firm"


def _first_missing(case: Case) -> Iterator[Hit]:
    claim = claim_of(case)
    for one in case.diagnoses:
        lines = one.notes.get("code_first")
        if not lines:
            continue
        named = read(lines[:1])  # the note on the code itself stands first
        if named.is_conditional or named.is_open or not named.names_codes or any(named.on(claim)):
            continue
        if named.text.startswith(("underlying", "the underlying")) or one in claim.under(_ALWAYS_FIRST):
            yield hit(one, f"{one.code} is coded, but not what its note wants first: “{named.text}”.", "add")


def _etiology(case: Case) -> Iterator[Hit]:
    for place, one in enumerate(case.diagnoses):
        if not one.notes.get("code_first") or not _manifests(one.code, one.title, case.coded_on):
            continue
        before, after = case.diagnoses[:place], case.diagnoses[place + 1 :]
        if all(other.code.startswith(_NO_DISEASE) for other in (*before, *after)):
            yield hit(one, f"{one.code} is a manifestation, and no underlying disease is coded.", "add")


def _additional(case: Case) -> Iterator[Hit]:
    claim = claim_of(case)
    for one in case.diagnoses:
        lines = one.notes.get("use_additional")
        for line, named in _asked(lines) if lines else ():
            if not _in_category(named, claim):
                yield hit(one, f"{one.code} asks for another code: use additional {line}.", "add")


@lru_cache(maxsize=10_000)
def _asked(lines: tuple[str, ...]) -> tuple[tuple[str, Named], ...]:
    """Return the lines that ask for a code without a condition, with what each names."""
    plain = [(line, read((line,))) for line in lines if _PLAIN.match(line) and not _NOT_ASKED.search(line)]
    return tuple((line, named) for line, named in plain if named.names_codes and not named.is_conditional)


def _in_category(named: Named, claim: Claim) -> bool:
    """Return whether any code of a category that the note names is there; which of them is not this edit's question."""
    if any(prefix[:3] in claim.index for prefix in named.prefixes):
        return True
    spans = [(span.low[:3], span.high[:3]) for span in named.spans]
    return any(low <= one.code[:3] <= high for low, high in spans for one in claim.diagnoses)


def _also(case: Case) -> Iterator[Hit]:
    claim = claim_of(case)
    for one in claim.under(_ALSO):
        for line in one.notes.get("code_also", ()):
            named = read((line,))
            if named.names_codes and not _in_category(named, claim):
                yield hit(one, f"{one.code} asks for a second code: code also {line}.", "add")


#: code also notes whose second code is always there to be coded
_ALSO = codes("E26.01", "G43.6", "Z49.0", "Z49.3")


def _twice(case: Case) -> Iterator[Hit]:
    """Find a code that stands twice; the principal's of a stay is the MCE's edit."""
    seen: dict[str, Diagnosis] = {}
    for one in case.diagnoses:
        if seen.setdefault(one.code, one) is not one and not (
            case.is_inpatient and one.code == case.diagnoses[0].code
        ):
            yield hit(one, f"{one.code} stands on this encounter more than once; a code is reported once.")


def said_elsewhere(claim: Claim) -> Iterator[tuple[Diagnosis, Diagnosis, str]]:
    """Yield each open code with the first code that says what it leaves open, and what that is."""
    for row, (general, specific) in _UNSPECIFIED.on(claim):
        if claim.has(specific):
            exact = claim.under(specific)[0]
            for one in claim.under(general):
                if one is not exact:
                    yield one, exact, row["meant"]


def _beside(case: Case) -> Iterator[Hit]:
    for one, exact, meant in said_elsewhere(claim_of(case)):
        yield hit(one, f"{one.code} leaves open what {exact.code} says ({meant}).", "", exact.code)


_UNSPECIFIED = Rows(table("unspecified_beside"), "general", "specific")
_PAIRED = frozenset(stem for stems in table("bilateral").values() for stem in stems.split())


def _sides(case: Case) -> Iterator[Hit]:
    seen: dict[tuple[str, str], dict[str, Diagnosis]] = {}
    for one in case.diagnoses:
        bare = one.bare
        for at in range(3, len(bare)):
            if bare[at] in "123" and bare[:at] in _PAIRED:
                seen.setdefault((bare[:at], bare[at + 1 :]), {})[bare[at]] = one
    for found in seen.values():
        if len(found) > 1:
            yield from _sided(found)


def _sided(found: dict[str, Diagnosis]) -> Iterator[Hit]:
    first, *rest = found.values()
    if "3" in found:
        said = " and ".join(one.code for side, one in found.items() if side != "3")
        text = f"{found['3'].code} says both sides, so {said} says the same again."
    else:
        text = f"{first.code} and {rest[0].code} are the two sides of one condition that has a bilateral code."
    yield hit(first, text, "", *(one.code for one in rest))


def _seventh(case: Case) -> Iterator[Hit]:
    seen: dict[str, Diagnosis] = {}
    for one in case.diagnoses:
        bare = one.bare
        if len(bare) != 7 or bare[0] not in "STM" or not bare[6].isalpha():
            continue
        known = seen.setdefault(bare[:6], one)
        if known.bare[6] != bare[6]:
            yield hit(one, f"{known.code} and {one.code} are one injury in two phases of care; the seventh character "
                      "is that of this encounter.", "", known.code)  # fmt: skip


def _sequela(case: Case) -> Iterator[Hit]:
    """Find a sequela in front of what it left behind, or without it."""
    claim = claim_of(case)
    late = [one for one in case.diagnoses if _is_sequela(one)]
    rest = [one for one in case.diagnoses if not _is_sequela(one) and not one.code.startswith((*_EXTERNAL, "Z"))]
    for one in late:
        if not rest:
            yield hit(one, f"{one.code} names the injury or illness that is past; the condition it left behind is "
                      "coded before it.", "add")  # fmt: skip
        elif not any(claim.is_before(other, one) for other in rest):
            yield hit(one, f"{one.code} is a sequela and stands before {rest[0].code}; the condition that is left "
                      "comes first.", "sequence", rest[0].code)  # fmt: skip


def _is_sequela(one: Diagnosis) -> bool:
    if one.code.startswith(_SEQUELAE):
        return True
    return one.code[0] in "ST" and len(one.code) == 8 and one.code[7] == _SEQUELA


#: "code first condition resulting from (sequela)"; I69 says the residual itself and is none of them
_SEQUELAE = ("B90", "B91", "B92", "B94", "E64", "E68", "G09", "G65", "O94")


def _external_phase(case: Case) -> Iterator[Hit]:
    """Find an external cause at its initial encounter where every injury is past it."""
    injuries = {one.code[7] for one in case.diagnoses if one.code[0] in "ST" and len(one.code) == 8}
    if not injuries or injuries & _INITIAL or not injuries & {"D", "S"}:
        return
    for one in case.diagnoses:
        if one.code[0] in _EXTERNAL and len(one.code) == 8 and one.code[7] == "A":
            yield hit(one, f"{one.code} is marked as the initial encounter, but no injury on this claim is.")


EDITS = (
    Edit("excludes1", "Excludes1 conflict", "warning", f"{GUIDELINES}, section I.A.12.a, and the tabular's note",
         _excludes1, "Keep the code that the record supports, or say why the two conditions are unrelated."),
    Edit("manifestation-order", "Manifestation before its etiology", "error", f"{GUIDELINES}, section I.A.13",
         lambda case: _order(case, "manifestation"), "Move the underlying condition in front of the manifestation."),
    Edit("etiology-missing", "Manifestation without an etiology", "warning", f"{GUIDELINES}, section I.A.13",
         _etiology, "Add the underlying disease and sequence it first."),
    Edit("code-first-order", "Code first, but sequenced after", "warning", f"{GUIDELINES}, sections I.A.13 and I.B.7",
         lambda case: _order(case, "firm"), "Move the code that the note names in front."),
    Edit("code-first-check", "Code first where it applies, but sequenced after", "advice",
         f"{GUIDELINES}, sections I.A.13 and I.B.7", lambda case: _order(case, "conditional"),
         "Move the code that the note names in front, if it is the cause."),
    Edit("code-first-missing", "Code first, but not on the claim", "warning",
         f"{GUIDELINES}, sections I.A.13 and I.B.7", _first_missing, "Add what the note names, or choose another code."),
    Edit("use-additional-missing", "Additional code not on the claim", "advice", f"{GUIDELINES}, section I.B.7",
         _additional, "Add the code that the note asks for, if the record supports it."),
    Edit("code-also-missing", "Code also, but not on the claim", "advice", f"{GUIDELINES}, section I.A.17", _also,
         "Add the second code, if the record supports it; the order follows the reason for the encounter."),
    Edit("duplicate-code", "The same code twice", "error", f"{GUIDELINES}, section I.B.12", _twice,
         "Remove one of the two."),
    Edit("unspecified-beside-specified", "Unspecified code beside a specified one", "warning",
         f"{GUIDELINES}, sections I.A.9.b and I.B.2", _beside, "Remove the code that says less."),
    Edit("two-sides-one-code", "Both sides coded where one code says both", "warning", f"{GUIDELINES}, section I.B.13",
         _sides, "Use the bilateral code alone, unless only one side is still treated."),
    Edit("seventh-character-mixed", "One injury in two phases of care", "warning", f"{GUIDELINES}, section I.C.19.a",
         _seventh, "Keep the seventh character that fits this encounter."),
    Edit("sequela-order", "Sequela without the residual condition before it", "warning",
         f"{GUIDELINES}, section I.B.10", _sequela, "Sequence the residual condition first, the sequela second."),
    Edit("external-cause-phase", "External cause and injury in different phases", "advice",
         f"{GUIDELINES}, section I.C.20.a.2", _external_phase,
         "Give the external cause the seventh character of the injury it belongs to."),
)  # fmt: skip
