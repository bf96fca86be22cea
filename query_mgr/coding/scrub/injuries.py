"""Edits on injury, poisoning, burns and external causes: chapters 19 and 20. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from query_mgr.coding.scrub.case import Case, Diagnosis
from query_mgr.coding.scrub.claim import claim_of, codes
from query_mgr.coding.scrub.notes import intent
from query_mgr.coding.scrub.registry import GUIDELINES, Edit, Hit, hit

_DRUGS, _SUBSTANCES, _BURNS = codes("T36-T50"), codes("T36-T65"), codes("T20-T25")
_POISONING = "1234"
#: what is no manifestation of a poisoning: other injuries, childbirth, HIV, complications of care, external causes
_OWN_REASON = ("S", "T", "O", "P", "V", "W", "X", "Y", "Z", "B20")
#: fourth character of a burn or corrosion -> its degree
_DEGREE = {"1": 1, "5": 1, "2": 2, "6": 2, "3": 3, "7": 3}
_DEGREE_WORDS = {1: "first degree", 2: "second degree", 3: "third degree"}
_PLACE, _ACTIVITY, _STATUS = codes("Y92"), codes("Y93"), codes("Y99")
_CIRCUMSTANCES = codes("Y92", "Y93", "Y99")
_UNSTATED = codes("Y92.9", "Y93.9", "Y99.9")


def _poisoning(case: Case) -> Iterator[Hit]:
    principal = case.principal
    if principal is None or principal.code.startswith(_OWN_REASON):
        return
    for one in claim_of(case).under(_SUBSTANCES):
        if intent(one.code) in tuple(_POISONING) and one.code.endswith("A"):
            yield hit(one, f"{one.code} is a poisoning or toxic effect and stands after {principal.code}; it is sequenced "
                      "first, what it causes after it.", "sequence", principal.code)  # fmt: skip
            return


def _adverse(case: Case) -> Iterator[Hit]:
    principal = case.principal
    if principal is not None and principal in claim_of(case).under(_DRUGS) and intent(principal.code) == "5":
        yield hit(principal, f"{principal.code} says which drug had an adverse effect; the nature of the effect comes "
                  "first.", "sequence")  # fmt: skip


def _underdosing(case: Case) -> Iterator[Hit]:
    principal = case.principal
    if principal is not None and principal in claim_of(case).under(_DRUGS) and intent(principal.code) == "6":
        yield hit(principal, f"{principal.code} is an underdosing, which is never first; the condition that it led to is.",
                  "sequence")  # fmt: skip


def _one_drug(case: Case) -> Iterator[Hit]:
    """Find one drug as poisoning and as adverse effect."""
    seen: dict[str, Diagnosis] = {}
    for one in claim_of(case).under(_DRUGS):
        how = intent(one.code)
        if how == "6":
            continue
        at = 5 if one.bare[5:6] == how else 4
        drug = one.bare[:at]
        known = seen.setdefault(drug, one)
        if known is not one and (intent(known.code) in _POISONING) != (how in _POISONING):
            yield hit(one, f"{known.code} and {one.code}: one drug was taken wrongly (poisoning) or as prescribed (adverse "
                      "effect), not both.", "", known.code)  # fmt: skip


def _burn_order(case: Case) -> Iterator[Hit]:
    burns = [one for one in claim_of(case).under(_BURNS) if one.code[4:5] in _DEGREE and one.code[-1] != "S"]
    if len(burns) < 2:
        return
    gravest = max(burns, key=lambda one: _DEGREE[one.code[4]])
    if _DEGREE[burns[0].code[4]] < _DEGREE[gravest.code[4]]:
        yield hit(gravest, f"{gravest.code} ({_DEGREE_WORDS[_DEGREE[gravest.code[4]]]}) stands after {burns[0].code} "
                  f"({_DEGREE_WORDS[_DEGREE[burns[0].code[4]]]}); the highest degree comes first.", "sequence",
                  burns[0].code)  # fmt: skip


def _burn_site(case: Case) -> Iterator[Hit]:
    seen: dict[tuple[str, str, str], Diagnosis] = {}
    for one in claim_of(case).under(_BURNS):
        bare = one.bare
        if len(bare) < 7 or bare[3] not in _DEGREE or bare[6] == "S":
            continue
        kind = "corrosion" if bare[3] > "3" else "burn"
        known = seen.setdefault((bare[:3], bare[4:6], kind), one)
        if known.code[4] != one.code[4]:
            yield hit(one, f"{known.code} and {one.code} are burns of one site in two degrees; the highest degree alone "
                      "is coded.", "", known.code)  # fmt: skip


def _once(case: Case) -> Iterator[Hit]:
    claim = claim_of(case)
    for kind, words in ((_PLACE, "place"), (_ACTIVITY, "activity"), (_STATUS, "external cause status")):
        found = claim.under(kind)
        if len(found) > 1 and found[0].code != found[1].code:
            yield hit(found[1], f"{found[0].code} and {found[1].code}: one {words} is recorded per encounter.", "",
                      found[0].code)  # fmt: skip


def _later(case: Case) -> Iterator[Hit]:
    claim = claim_of(case)
    if not claim.has(_CIRCUMSTANCES):
        return
    phases = {one.code[7] for one in case.diagnoses if one.code[0] in "ST" and len(one.code) == 8}
    if phases and not phases & {"A", "B", "C"}:
        for one in claim.under(_CIRCUMSTANCES):
            yield hit(
                one, f"{one.code} belongs to the initial encounter for treatment; every injury here is past it."
            )


def _unstated(case: Case) -> Iterator[Hit]:
    for one in claim_of(case).under(_UNSTATED):
        yield hit(one, f"{one.code} says that place, activity or status is not stated; then no code is assigned.")


def _status_of_poisoning(case: Case) -> Iterator[Hit]:
    claim = claim_of(case)
    if not claim.has(_STATUS | _ACTIVITY) or not claim.has(_DRUGS):
        return
    if any(one.code[0] == "S" or one.code[:3] in _WOUNDS for one in case.diagnoses):
        return
    for one in claim.under(_STATUS | _ACTIVITY):
        yield hit(one, f"{one.code} does not go with poisonings, adverse effects and underdosing.")


_WOUNDS = codes("T07-T34", "T66-T79")


_AFTERCARE = codes("Z47.89", "Z48.89", "Z51.89")
_HEALING = frozenset("DEFGHJKMNPQR")


def _aftercare(case: Case) -> Iterator[Hit]:
    claim = claim_of(case)
    for one in claim.under(_AFTERCARE):
        injury = next((two for two in claim.under(_INJURY) if two.code[7:8] in _HEALING), None)
        if injury is not None:
            yield hit(one, f"{one.code} is aftercare, but {injury.code} says by its seventh character that the injury is in "
                      "its healing phase.", "", injury.code)  # fmt: skip


_INJURY = codes("S")


EDITS = (
    Edit("poisoning-first", "Manifestation before the poisoning", "warning",
         f"{GUIDELINES}, sections I.C.19.e.5.b and I.C.19.e.5.d", _poisoning,
         "Sequence the poisoning or toxic effect first, the manifestations after it."),
    Edit("adverse-effect-first", "Drug before the adverse effect", "error", f"{GUIDELINES}, section I.C.19.e.5.a",
         _adverse, "Sequence the nature of the adverse effect first."),
    Edit("underdosing-first", "Underdosing first", "error", f"{GUIDELINES}, section I.C.19.e.5.c", _underdosing,
         "Sequence the condition that the patient is treated for first."),
    Edit("drug-two-ways", "One drug as poisoning and as adverse effect", "warning",
         f"{GUIDELINES}, section I.C.19.e.5", _one_drug, "Keep the code that fits how the drug was taken."),
    Edit("burn-order", "Lower degree of burn before a higher", "warning", f"{GUIDELINES}, section I.C.19.d.1",
         _burn_order, "Sequence the burn of the highest degree first."),
    Edit("burn-one-site", "One burned site in two degrees", "warning", f"{GUIDELINES}, section I.C.19.d.2", _burn_site,
         "Keep the highest degree."),
    Edit("external-cause-once", "Two places, activities or statuses", "warning",
         f"{GUIDELINES}, sections I.C.20.b, I.C.20.c and I.C.20.k", _once,
         "Keep the one that fits the injury that is treated."),
    Edit("external-cause-later", "Place, activity or status after the initial encounter", "warning",
         f"{GUIDELINES}, sections I.C.20.b, I.C.20.c and I.C.20.k", _later,
         "Remove it; it was told at the initial encounter."),
    Edit("external-cause-unstated", "Place, activity or status not stated", "advice",
         f"{GUIDELINES}, sections I.C.20.b, I.C.20.c and I.C.20.k", _unstated,
         "Remove it, or code what the record states."),
    Edit("external-cause-poisoning", "Activity or status with a poisoning", "advice",
         f"{GUIDELINES}, sections I.C.20.c and I.C.20.k", _status_of_poisoning,
         "Remove it; the drug code says how it came about."),
    Edit("aftercare-of-injury", "Aftercare Z code for an injury", "advice", f"{GUIDELINES}, section I.C.21.c.7",
         _aftercare, "Code the injury with its seventh character for subsequent encounters, without the aftercare code."),
)  # fmt: skip
