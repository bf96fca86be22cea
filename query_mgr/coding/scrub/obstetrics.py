"""Edits on pregnancy, childbirth and the newborn: chapters 15 and 16, weeks and outcome. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from query_mgr.coding.scrub.case import Case, Diagnosis
from query_mgr.coding.scrub.claim import Rows, claim_of, codes, prefixes_of, table
from query_mgr.coding.scrub.registry import GUIDELINES, INPATIENT, Edit, Hit, hit

_O, _WEEKS, _OUTCOME, _BORN = codes("O"), codes("Z3A"), codes("Z37"), codes("Z38")
_NORMAL, _ABORTIVE = codes("O80"), codes("O00-O08")
_DELIVERED = codes("O80", "O82", "O60.1", "O60.2")
#: obstetric codes, and weeks and outcome, whose place as principal is an edit of its own
_NEVER_BEFORE = ("O", "Z37", "Z3A")
_PREGNANT = codes("O", "Z33", "Z34", "Z36", "Z03.7", "Z32", "Z64.0")
_MOTHER, _CHILD = codes("O", "Z37", "Z3A"), codes("P00-P96", "Z38")
#: abortive outcomes, after-effects and the puerperium: weeks of gestation do not apply
_NO_WEEKS = tuple(codes("O00-O08", "O72", "O73", "O85-O87", "O89-O94"))
_TRIMESTER = re.compile(r"\b(first|second|third|unspecified) trimester\b")
_FIRST_WEEK = {"first": 0, "second": 14, "third": 28}
_LAST_WEEK = {"first": 13, "second": 27, "third": 60}
_DELIVERIES = re.compile(r"10E0XZZ|10D00Z[0-2]|10D07Z[3-8]")
_WEEK_LIMITS = tuple((prefixes_of(row, "of"), int(row["from"]), int(row["to"]), str(row["meant"]))
                     for row in table("weeks"))  # fmt: skip


@lru_cache(maxsize=4000)
def _trimester(title: str) -> str:
    found = _TRIMESTER.search(title.lower())
    return found[1] if found else ""


def _week(one: Diagnosis) -> int | None:
    """Return completed weeks of Z3A; 7 for less than 8, 43 for more than 42, None where it does not say."""
    digits = one.code[4:]
    return {"00": None, "01": 7, "49": 43}.get(digits, int(digits) if digits.isdigit() else None)


def _not_first(case: Case) -> Iterator[Hit]:
    claim, principal = claim_of(case), case.principal
    if principal is not None and claim.has(_O) and not principal.code.startswith(_NEVER_BEFORE):
        one = claim.under(_O)[0]
        yield hit(one, f"{one.code} stands after {principal.code}; codes of chapter 15 come before those of other "
                  "chapters.", "sequence", principal.code)  # fmt: skip


def _weeks_missing(case: Case) -> Iterator[Hit]:
    claim = claim_of(case)
    if not claim.has(_O) or claim.has(_WEEKS):
        return
    one = next((one for one in claim.under(_O) if _needs_weeks(one)), None)
    if one is not None and not claim.has(_ABORTIVE):
        yield hit(one, f"{one.code} is coded without the weeks of gestation; add the code of Z3A.", "add")


_AFTER = re.compile(r"puerperium|postpartum|following delivery|sequelae|lactation")


def _needs_weeks(one: Diagnosis) -> bool:
    if one.code.startswith(_NO_WEEKS):
        return False
    title = one.title.lower()
    return bool(_trimester(title)) or not _AFTER.search(title)


def _weeks_alone(case: Case) -> Iterator[Hit]:
    claim = claim_of(case)
    weeks = claim.under(_WEEKS)
    if not weeks:
        return
    if not claim.has(_PREGNANT):
        yield hit(
            weeks[0], f"{weeks[0].code} gives weeks of gestation, but nothing of the pregnancy is coded.", "add"
        )
    elif claim.has(_ABORTIVE):
        one = claim.under(_ABORTIVE)[0]
        yield hit(weeks[0], f"{weeks[0].code} is coded with {one.code}; weeks of gestation are not coded with an abortive "
                  "outcome.", "", one.code)  # fmt: skip
    if len(weeks) > 1:
        yield hit(weeks[1], f"{weeks[0].code} and {weeks[1].code}: one code for the weeks, those of the admission.", "",
                  weeks[0].code)  # fmt: skip


def _last_week(case: Case, week: int) -> int:
    """Return the week at discharge: a condition may begin in the course of a long stay."""
    return week if case.discharged_on is None else week + ((case.discharged_on - case.admitted_on).days + 6) // 7


def _trimesters(case: Case) -> Iterator[Hit]:
    claim = claim_of(case)
    weeks = claim.first(_WEEKS)
    week = _week(weeks) if weeks else None
    if weeks is None or week is None:
        return
    later = _last_week(case, week)
    for one in claim.under(_O):
        named = _trimester(one.title)
        if named in _FIRST_WEEK and not (_FIRST_WEEK[named] <= later and week <= _LAST_WEEK[named]):
            yield hit(one, f"{one.code} says {named} trimester, {weeks.code} says {weeks.title.lower()}.", "",
                      weeks.code)  # fmt: skip
        elif named == "unspecified":
            yield hit(one, f"{one.code} leaves the trimester open, but {weeks.code} gives it.", "", weeks.code)


def _week_limits(case: Case) -> Iterator[Hit]:
    claim = claim_of(case)
    weeks = claim.first(_WEEKS)
    week = _week(weeks) if weeks else None
    if weeks is None or week is None:
        return
    for of, low, high, meant in _WEEK_LIMITS:
        for one in claim.under(of):
            if not (low <= _last_week(case, week) and week <= high):
                yield hit(
                    one, f"{one.code} is for {meant}; {weeks.code} says {weeks.title.lower()}.", "", weeks.code
                )


def _normal(case: Case) -> Iterator[Hit]:
    claim = claim_of(case)
    for one in claim.under(_NORMAL):
        other = next((two for two in claim.under(_O) if two.code != one.code), None)
        if other is not None:
            yield hit(
                one, f"{one.code} is a normal delivery without complication; {other.code} is one.", "", other.code
            )
        if case.principal is not None and not case.principal.code.startswith(_NEVER_BEFORE):
            yield hit(one, f"{one.code} is always the principal diagnosis.", "sequence")
        outcome = next((two for two in claim.under(_OUTCOME) if two.code != "Z37.0"), None)
        if outcome is not None:
            yield hit(
                one, f"{one.code} is for a single liveborn (Z37.0); {outcome.code} is coded.", "", outcome.code
            )


def _outcome_missing(case: Case) -> Iterator[Hit]:
    """Find a code that is a delivery by itself; a claim with the delivery as a procedure has the MCE's edit."""
    claim = claim_of(case)
    if claim.has(_OUTCOME) or any(_DELIVERIES.fullmatch(one.code) for one in case.procedures):
        return
    for one in claim.under(_DELIVERED):
        yield hit(one, f"{one.code} is a delivery; the outcome, a code of Z37, is missing.", "add")


def _outcome_alone(case: Case) -> Iterator[Hit]:
    claim = claim_of(case)
    for one in claim.under(_OUTCOME):
        if not claim.has(_O):
            yield hit(
                one, f"{one.code} is the outcome of a delivery, but no code of chapter 15 is on the claim.", "add"
            )


def _mother_and_child(case: Case) -> Iterator[Hit]:
    claim = claim_of(case)
    mother, child = claim.first(_MOTHER), claim.first(_CHILD)
    if mother and child:
        yield hit(child, f"{child.code} belongs to the newborn's record and {mother.code} to the mother's; one claim has "
                  "one of them.", "", mother.code)  # fmt: skip


def _birth_record(case: Case) -> Iterator[Hit]:
    if case.age_days is None:
        return
    for one in claim_of(case).under(_BORN):
        if case.age_days > 1:
            yield hit(one, f"{one.code} is for the record of the birth alone; the child was {case.age_days} days old on "
                      "admission.")  # fmt: skip


def _birth_missing(case: Case) -> Iterator[Hit]:
    principal = case.principal
    if principal is not None and case.age_days == 0 and not claim_of(case).has(_BORN):
        yield hit(principal, "The patient was born on the day of admission, and no code of Z38 says so.", "add")


_IN_PREGNANCY = Rows(table("in_pregnancy"), "of", "with")


def _conditions(case: Case) -> Iterator[Hit]:
    """Find a condition that has an obstetric code of its own, on an obstetric claim without it."""
    claim = claim_of(case)
    if not claim.has(_CARRIED):
        return
    for row, (of, obstetric) in _IN_PREGNANCY.on(claim):
        one = next((one for one in claim.under(of) if "in remission" not in one.title), None)
        if one is not None and not claim.has(obstetric):
            wanted = row["with"] + ("-" if "." in row["with"] else ".-")
            yield hit(one, f"{one.code}: for a pregnant patient, a code of {wanted} comes before it.", "add")


#: pregnancy that goes on, childbirth or the puerperium; after an abortive outcome O08 tells of complications
_CARRIED = codes("O09-O9A")


EDITS = (
    Edit("obstetric-first", "Chapter 15 code not first", "warning", f"{GUIDELINES}, section I.C.15.a.1", _not_first,
         "Sequence the obstetric code first, or use Z33.1 where the provider says the pregnancy is incidental."),
    Edit("weeks-missing", "Weeks of gestation missing", "warning",
         f"{GUIDELINES}, section I.C.21.c.11, and the note at chapter 15", _weeks_missing,
         "Add the code of Z3A for the week of the admission."),
    Edit("weeks-alone", "Weeks of gestation without a pregnancy, or twice", "warning",
         f"{GUIDELINES}, section I.C.21.c.11", _weeks_alone, "Add the obstetric condition, or remove the weeks."),
    Edit("weeks-trimester", "Trimester and weeks that do not fit", "warning",
         f"{GUIDELINES}, sections I.C.15.a.3 to I.C.15.a.5", _trimesters,
         "Choose the trimester of the code by the weeks on admission, or of the day the condition began."),
    Edit("weeks-limit", "Condition outside its weeks", "warning", "ICD-10-CM tabular, titles and notes of chapter 15",
         _week_limits, "Check the weeks and the condition against the record."),
    Edit("normal-delivery", "Normal delivery with what it excludes", "error", f"{GUIDELINES}, section I.C.15.n",
         _normal, "Code the complication instead of O80, with the outcome."),
    Edit("outcome-missing", "Outcome of delivery missing", "warning", f"{GUIDELINES}, section I.C.15.b.5",
         _outcome_missing, "Add the code of Z37."),
    Edit("outcome-alone", "Outcome without a delivery", "warning", f"{GUIDELINES}, section I.C.15.b.5", _outcome_alone,
         "Add the obstetric code, or remove the outcome."),
    Edit("pregnancy-condition", "Condition in pregnancy without its obstetric code", "warning",
         f"{GUIDELINES}, sections I.C.15.f, I.C.15.g and I.C.15.l", _conditions,
         "Add the code of chapter 15 in front of the condition."),
    Edit("mother-and-child", "Codes of mother and newborn on one claim", "error",
         f"{GUIDELINES}, sections I.C.15.a.2 and I.C.16.a.1", _mother_and_child,
         "Keep the codes of the patient whose record this is."),
    Edit("birth-record", "Birth status after the birth", "warning", f"{GUIDELINES}, section I.C.16.a.2", _birth_record,
         "Remove Z38.-; code the condition that the child is treated for."),
    Edit("birth-status-missing", "Born on the day of admission, without the birth status", "advice",
         f"{GUIDELINES}, section I.C.16.a.2", _birth_missing,
         "Sequence Z38.- first if the child was born in this stay; a child that was transferred in has none.",
         INPATIENT),
)  # fmt: skip
