"""Edits on service lines: code pairs, units, add-on codes, modifiers, drug units, and what the payer covers.

Most can be overridden with a reason: NCCI binds Medicare and Medicaid, and other payers may pay.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from query_mgr.coding import drug_units
from query_mgr.coding.drug_units import UnitError
from query_mgr.coding.ncci import modifiers as modifier_rules
from query_mgr.coding.ncci.rules import (
    MANUAL,
    Alone,
    Conflict,
    ServiceLine,
    Tables,
    TooManyUnits,
    addon_without_primary,
    mue_exceeded,
    ptp_conflicts,
)
from query_mgr.coding.payers.necessity import Linked, Verdict, necessity
from query_mgr.coding.scrub.case import Case, Service
from query_mgr.coding.scrub.registry import GUIDELINES, Edit, Hit, hit

Found = TypeVar("Found")
_SAMPLE = " (made-up demonstration table)"
_MUE_WORDS = {
    1: "the limit is per claim line; what is more may stand on a line of its own, with the modifier that tells why",
    2: "the limit is per day and absolute: no modifier and no appeal changes it",
    3: "the limit is per day; what is more is denied, and may be appealed with documentation",
}


def _once(read: Callable[[Case], Found]) -> Callable[[Case], Found]:
    """Let several edits read one thing of a case, and work it out once for all of them.

    The last case is known by what it is, not by what it says; the pair is put down in one step, whatever other threads do.
    """
    last: list[tuple[Case, Found]] = []

    def remembered(case: Case) -> Found:
        for known, found in last:
            if known is case:
                return found
        found = read(case)
        last[:] = [(case, found)]
        return found

    return remembered


def _lines(case: Case) -> list[ServiceLine]:
    """Return the lines that these edits judge: an inpatient stay's own claim is paid by DRG, not by line."""
    return [
        ServiceLine(one.ref, one.code, one.modifiers, one.units, _day(case, one), one.provider, one.claim)
        for one in _judged(case)
    ]


def _judged(case: Case) -> list[Service]:
    return [one for one in case.services if not (case.is_inpatient and one.claim == "facility")]


def _day(case: Case, one: Service) -> date:
    return one.served_on or case.coded_on


def _tables(case: Case) -> Tables:
    return case.tables if isinstance(case.tables, Tables) else Tables()


def _on(line: ServiceLine, message: str, *others: str) -> Hit:
    return Hit((line.code, *others), message, "line", line.ref, line.ref)


@_once
def _conflicts(case: Case) -> list[Conflict]:
    return ptp_conflicts(_lines(case), _tables(case).pairs)


def _pairs(case: Case) -> Iterator[Hit]:
    for one in _conflicts(case):
        if one.is_denied:
            yield _pair_hit(one, _denied(one))


def _denied(one: Conflict) -> str:
    if one.pair.modifier == 0:
        return "no modifier sets this aside"
    used = [*one.column1.modifiers, *one.column2.modifiers]
    also = f"; {', '.join(dict.fromkeys(used))} does not do it" if used else ""
    return f"a modifier sets it aside only where the record shows that the two are separate{also}"


def _bypassed(case: Case) -> Iterator[Hit]:
    for one in _conflicts(case):
        if not one.is_denied:
            yield _pair_hit(one, f"{', '.join(one.bypassed_by)} sets this aside; the record must show why")


def _pair_hit(one: Conflict, words: str) -> Hit:
    first, second = one.column1.code, one.column2.code
    reason = f" ({one.pair.rationale})" if one.pair.rationale else ""
    sample = _SAMPLE if one.pair.is_sample else ""
    text = f"{second} is part of {first} on {one.column1.service_on:%b %d, %Y}{reason}: {words}{sample}."
    return Hit((second, first), text, "line", one.column2.ref, f"{one.column1.ref} {one.column2.ref}")


def _units(case: Case) -> Iterator[Hit]:
    for one in mue_exceeded(_lines(case), _tables(case).limits):
        yield _on(one.lines[-1], _too_many(one))


def _too_many(one: TooManyUnits) -> str:
    limit, where = one.limit, "on the line" if one.limit.indicator == 1 else "on the day"
    sample = _SAMPLE if limit.is_sample else ""
    return (
        f"{one.units:g} units of {limit.code} {where}, at most {limit.units} are likely: "
        f"{_MUE_WORDS[limit.indicator]}{sample}."
    )


def _add_ons(case: Case) -> Iterator[Hit]:
    yield from (_alone(one) for one in _all_alone(case) if one.is_certain)


def _add_ons_to_check(case: Case) -> Iterator[Hit]:
    yield from (_alone(one) for one in _all_alone(case) if not one.is_certain)


@_once
def _all_alone(case: Case) -> list[Alone]:
    return addon_without_primary(_lines(case), _tables(case).addons)


def _alone(one: Alone) -> Hit:
    listed = ", ".join(one.primaries[:8]) + (" and others" if len(one.primaries) > 8 else "")
    wanted = {
        1: f"it goes only with {listed}",
        2: "it goes with another service, which the contractor defines",
        3: f"it goes with {listed}, and the contractor may accept others",
    }[one.type]
    elsewhere = ", ".join(f"{other.code} on {other.service_on:%b %d, %Y}" for other in one.on_another_day)
    also = f". There is {elsewhere}; a service that goes on past midnight may span two days" if elsewhere else ""
    sample = _SAMPLE if one.is_sample else ""
    day = f"{one.line.service_on:%b %d, %Y}"
    return _on(
        one.line, f"{one.line.code} on {day} is an add-on code without its primary: {wanted}{also}{sample}."
    )


def _unknown_modifiers(case: Case) -> Iterator[Hit]:
    wrong = _tables(case).wrong_modifiers
    for one in case.services:
        for word in dict.fromkeys(one.modifiers):
            if why := modifier_rules.never_one(word) or wrong.get((word, _day(case, one)), ""):
                yield Hit((one.code, word), f"Modifier {word} on {one.code}: {why}.", "line", one.ref, one.ref)


def _repeated(case: Case) -> Iterator[Hit]:
    for one in case.services:
        for word in modifier_rules.repeated(one.modifiers):
            yield hit(one, f"Modifier {word} stands on {one.code} more than once.", "", word)


def _contradictions(case: Case) -> Iterator[Hit]:
    for one in case.services:
        for found in modifier_rules.contradictions(one.modifiers):
            yield hit(one, f"{one.code}: {found.text} ({found.source}).", "", *found.modifiers)


def _misplaced(case: Case) -> Iterator[Hit]:
    for one in case.services:
        for found in modifier_rules.misplaced(one.code, one.modifiers, one.claim, one.place):
            yield hit(one, f"{one.code}: {found.text} ({found.source}).", "", *found.modifiers)


def _sides(case: Case) -> Iterator[Hit]:
    titles = {one.code: one.title for one in case.diagnoses}
    for one in case.services:
        linked = [(code, titles[code]) for code in one.pointers if code in titles]
        if found := modifier_rules.wrong_side(one.modifiers, linked):
            side, code = found
            yield hit(
                one, f"{one.code} is reported for the {side} side, and {code} is “{titles[code]}”.", "", code
            )


@dataclass(frozen=True)
class _Drug:
    """A drug line whose dose is documented, its unit, and what should be billed."""

    service: Service
    unit: drug_units.Amount
    billing: drug_units.Billing


@_once
def _drugs(case: Case) -> list[_Drug | tuple[Service, str]]:
    return list(_read_drugs(case))


def _read_drugs(case: Case) -> Iterator[_Drug | tuple[Service, str]]:
    """Yield the drug lines with a dose, or the line and why its dose cannot be turned into units."""
    for one in _judged(case):
        if not one.dose or "JW" in one.modifiers:
            continue
        unit = drug_units.billing_unit(one.descriptor)
        if unit is None:
            continue
        try:
            wasted = drug_units.amount(one.wasted) if one.wasted else None
            yield _Drug(one, unit, drug_units.units_of(drug_units.amount(one.dose), wasted, unit, _day(case, one)))
        except UnitError as error:
            yield one, str(error)


def _drug_doses(case: Case) -> Iterator[Hit]:
    for found in _drugs(case):
        if isinstance(found, tuple):
            yield hit(found[0], f"{found[0].code}: {found[1]}.")


def _drug_units(case: Case) -> Iterator[Hit]:
    for found in _drugs(case):
        if isinstance(found, _Drug) and found.billing.given != found.service.units:
            one = found.service
            text = (
                f"{one.dose} of {one.code} are {found.billing.given} units of {_unit(found)}; "
                f"{one.units:g} are on the line."
            )
            yield hit(one, text)


def _unit(found: _Drug) -> str:
    return str(found.unit).removeprefix("per ").removeprefix("each ")


def _drug_waste(case: Case) -> Iterator[Hit]:
    for found in _drugs(case):
        if not isinstance(found, _Drug) or not found.service.wasted:
            continue
        one, wanted = found.service, found.billing.discarded
        discarded = sum(
            other.units for other in case.services
            if other.code == one.code and "JW" in other.modifiers and _day(case, other) == _day(case, one)
            and (other.claim, other.provider) == (one.claim, one.provider)
        )  # fmt: skip
        if discarded != wanted:
            yield hit(one, _waste_words(one, wanted, discarded))
        elif found.billing.modifier == "JZ" and "JZ" not in one.modifiers:
            why = "nothing" if not any(sign in "123456789" for sign in one.wasted) else "no whole unit"
            yield hit(
                one, f"{one.code}: {why} was discarded beyond the units billed, and the line lacks JZ.", "", "JZ"
            )
        elif wanted and "JZ" in one.modifiers:
            yield hit(one, f"{one.code} says JZ, nothing discarded, and {one.wasted} were.", "", "JZ")


def _waste_words(one: Service, wanted: int, discarded: float) -> str:
    said = f"a line of {discarded:g} with JW is there" if discarded else "there is no line with JW"
    if wanted:
        return f"{one.wasted} of {one.code} were discarded: {wanted} units with JW on a line of their own; {said}."
    return f"{one.wasted} of {one.code} discarded are no whole unit beyond those billed for the dose; {said}."


@_once
def _verdicts(case: Case) -> list[Verdict]:
    if not case.policies:
        return []
    of = {one.ref: one for one in case.services}
    linked = [Linked(line, of[line.ref].pointers, of[line.ref].place) for line in _lines(case)]
    return necessity(linked, case.birth_on, case.sex, case.earlier, case.policies)


def _not_covered(*kinds: str) -> Callable[[Case], Iterator[Hit]]:
    def check(case: Case) -> Iterator[Hit]:
        for verdict in _verdicts(case):
            for reason in verdict.reasons:
                if reason.kind in kinds:
                    place, at = (
                        ("line", verdict.line.ref) if reason.kind == "unlinked" else ("policy", verdict.policy.ref)
                    )
                    yield Hit((verdict.line.code,), reason.text, place, at, f"{verdict.line.ref} {reason.kind}")

    return check


_NECESSITY = "Social Security Act, section 1862(a)(1)(A), and the policy that the finding names"

EDITS = (
    Edit("ptp-pair", "Code pair not paid together", "warning",
         f"{MANUAL}, section E; the NCCI table of code pairs in force on the day", _pairs,
         "Take the column 2 code off, or add the modifier that the record supports."),
    Edit("mue-units", "More units than are likely", "warning",
         f"{MANUAL}, section V; the NCCI table of medically unlikely edits", _units,
         "Correct the units, or document why so many were needed."),
    Edit("add-on-alone", "Add-on code without its primary", "warning",
         f"{MANUAL}, sections R and W; the NCCI table of add-on codes", _add_ons,
         "Add the primary service, or take the add-on code off."),
    Edit("modifier-unknown", "Modifier that cannot be reported on the day", "error",
         "45 CFR 162.1000 and 162.1002 (code sets in force on the date)", _unknown_modifiers,
         "Replace the modifier with one that can be reported on the day."),
    Edit("modifier-repeated", "Modifier twice on a line", "warning",
         "ASC X12N 837, loop 2400, SV101-3 to SV101-6: four different modifiers", _repeated, "Leave it on the line once."),
    Edit("modifier-contradiction", "Modifiers that contradict each other", "warning",
         "Medicare Claims Processing Manual, chapters 4, 13, 17 and 30, as the finding says", _contradictions,
         "Keep the one that the record supports."),
    Edit("modifier-side", "Side of the modifier against the diagnosis", "warning",
         f"{GUIDELINES}, section I.B.13", _sides, "Correct the modifier, the diagnosis or the link."),
    Edit("drug-units", "Units against the documented dose", "warning",
         drug_units.SOURCE, _drug_units, "Set the units that the dose gives, rounded up."),
    Edit("drug-waste", "Discarded drug: JW or JZ", "warning",
         "Medicare Claims Processing Manual, chapter 17, section 40 (JZ since July 1, 2023)", _drug_waste,
         "Bill what was discarded with JW on a line of its own; with nothing discarded, add JZ."),
    Edit("necessity-unlinked", "No diagnosis linked where the payer asks for one", "warning", _NECESSITY,
         _not_covered("unlinked"), "Link the diagnosis that the service was for."),
    Edit("necessity-diagnosis", "Diagnosis not covered by the payer", "warning", _NECESSITY,
         _not_covered("diagnosis"), "Link the documented diagnosis that the policy covers, if there is one; never for payment."),
    Edit("necessity-frequency", "More often than the payer covers", "warning", _NECESSITY,
         _not_covered("frequency"), "Check the day and the earlier services."),
    Edit("necessity-patient", "Age or sex that the payer does not cover", "warning", _NECESSITY,
         _not_covered("age", "sex"), "Check the patient's details and the code."),
    Edit("necessity-terms", "Place or modifier that the payer asks for", "warning", _NECESSITY,
         _not_covered("place", "modifier"), "Add what the record supports, or correct the place of service."),
    Edit("ptp-bypassed", "Code pair set aside by a modifier", "advice",
         f"{MANUAL}, section E", _bypassed, "See that the record shows why the two are separate."),
    Edit("add-on-check", "Add-on code whose primary is uncertain", "advice",
         f"{MANUAL}, sections R and W", _add_ons_to_check, "See whether the contractor accepts what is there."),
    Edit("modifier-misplaced", "Modifier that does not belong on such a line", "advice",
         f"{MANUAL}, sections D and E; Medicare Claims Processing Manual, chapter 4, section 20.6", _misplaced,
         "Move it to the line that it belongs to, or take it off."),
    Edit("drug-dose", "Dose that cannot be turned into units", "advice",
         drug_units.SOURCE, _drug_doses, "Write the dose in what the code's unit is measured in."),
)  # fmt: skip
