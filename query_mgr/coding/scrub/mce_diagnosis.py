"""The diagnosis edits of the Medicare Code Editor, on lists of our own (`tables/mce_*.csv`)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from query_mgr.coding.scrub.case import Case, Diagnosis
from query_mgr.coding.scrub.code_lists import is_external_cause, is_manifestation, names_no_side, principal
from query_mgr.coding.scrub.code_tables import tables
from query_mgr.coding.scrub.registry import INPATIENT, MCE, Edit, Hit, hit

#: group of diagnoses -> ages in completed years, both included
AGES = {"newborn": (0, 0), "pediatric": (0, 17), "maternity": (9, 64), "adult": (15, 124)}
_AGE = tables("mce_age.csv")["age"]
_SEX = tables("mce_sex.csv")["diagnosis"]
_UNACCEPTABLE, _NEEDS, _QUESTIONABLE = (
    principal(one) for one in ("unacceptable", "needs-secondary", "questionable")
)
_UNSPECIFIED = tables("mce_unspecified.csv")["unspecified"]
#: discharges from this day on: fiscal year 2022 IPPS final rule, 86 FR 44774
UNSPECIFIED_FROM = date(2022, 4, 1)
#: the last discharges whose sex conflicts the editor reports
SEX_CONFLICT_UNTIL = date(2024, 9, 30)


def reportable(case: Case) -> Iterator[Diagnosis]:
    """Yield the diagnoses that can be reported; of the others `code-not-reportable` says all there is to say."""
    return (one for one in case.diagnoses if not one.why_invalid)


def _first(case: Case) -> Diagnosis | None:
    first = case.principal
    return first if first and not first.why_invalid else None


def _external(case: Case) -> Iterator[Hit]:
    first = _first(case)
    if first and is_external_cause(first.bare):
        yield hit(
            first, f"{first.code} says how an injury came about; it cannot be the principal diagnosis.", "sequence"
        )


def _manifestation(case: Case) -> Iterator[Hit]:
    first = _first(case)
    if first and is_manifestation(first.bare, case.coded_on):
        words = f"{first.code} is a manifestation code; the disease that it comes from is sequenced before it."
        yield hit(first, words, "sequence")


def _duplicate(case: Case) -> Iterator[Hit]:
    first = case.diagnoses[0].code if case.diagnoses else ""
    for one in case.diagnoses[1:]:
        if one.code == first:
            yield hit(one, f"{one.code} is the principal diagnosis and stands again as a secondary one.")


def _unacceptable(case: Case) -> Iterator[Hit]:
    first = _first(case)
    row = _UNACCEPTABLE.row(first.bare, case.coded_on) if first else None
    if first and row and row.value == "yes":
        words = f"{first.code} describes a circumstance, or a condition that comes of another one ({row.what})"
        yield hit(first, f"{words}; Medicare does not accept it as principal diagnosis.", "sequence")


def _needs_secondary(case: Case) -> Iterator[Hit]:
    first = _first(case)
    if first and len(case.diagnoses) == 1 and _NEEDS.holds(first.bare, case.coded_on):
        words = (
            f"{first.code} is accepted as principal diagnosis only with a secondary diagnosis, and there is none."
        )
        yield hit(first, words, "add")


def _questionable(case: Case) -> Iterator[Hit]:
    first = _first(case)
    if first and _QUESTIONABLE.holds(first.bare, case.coded_on):
        words = f"{first.code} is usually not enough to admit a patient to an acute care hospital."
        yield hit(first, words, "sequence")


def _age_conflict(case: Case) -> Iterator[Hit]:
    age = case.age_years
    if age is None or age > 124:  # mce-age says so
        return
    for one in reportable(case):
        group = _AGE.value(one.bare, case.coded_on)
        if group and not AGES[group][0] <= age <= AGES[group][1]:
            low, high = AGES[group]
            ages = "under 1 year" if group == "newborn" else f"{low} to {high} years"
            yield hit(
                one,
                f"{one.code} is {_article(group)} {group} diagnosis, for ages {ages}; the patient was {age} at admission.",
            )


def _sex_conflict(case: Case) -> Iterator[Hit]:
    if case.sex not in ("female", "male"):
        return
    for one in reportable(case):
        sex = _SEX.value(one.bare, case.coded_on)
        if sex and sex != case.sex:
            yield hit(
                one, f"{one.code} is a diagnosis of {sex} patients; this record says {case.sex}.{_retired(case)}"
            )


def _retired(case: Case) -> str:
    if case.coded_on <= SEX_CONFLICT_UNTIL:
        return ""
    return " Medicare's editor has not checked this since October 2024; the record or the code may still be wrong."


def _unspecified(case: Case) -> Iterator[Hit]:
    if case.coded_on < UNSPECIFIED_FROM:
        return
    for one in reportable(case):
        if is_unspecified_site(one, case.coded_on):
            yield hit(one, f"{one.code} leaves side or site open, and there are codes that name it.")


def is_unspecified_site(one: Diagnosis, on: date) -> bool:
    """Return whether a code is on Medicare's list of CC and MCC codes whose side or site is left open.

    The list holds categories; the title, which must say "unspecified" and name no side, picks the codes in them.
    """
    value = _UNSPECIFIED.value(one.bare, on)
    if not value or not (value == "yes" or (len(one.bare) == 7 and one.bare[6] in value)):
        return False
    return names_no_side(one.title)


def _source(name: str) -> str:
    return f"{MCE}, chapter 1, “{name}”"


def _article(word: str) -> str:
    return "an" if word[0] in "aeiou" else "a"


EDITS = (
    Edit("mce-external-cause-principal", "External cause as principal diagnosis", "error",
         _source("External causes of morbidity codes as principal diagnosis"), _external,
         "Sequence the injury or condition that occasioned the admission first.", INPATIENT),
    Edit("mce-manifestation-principal", "Manifestation as principal diagnosis", "error",
         _source("Manifestation code as principal diagnosis"), _manifestation,
         "Sequence the underlying disease first, or add it.", INPATIENT),
    Edit("mce-duplicate-of-principal", "Secondary diagnosis repeats the principal", "error",
         _source("Duplicate of PDX"), _duplicate, "Remove the second one.", INPATIENT),
    Edit("mce-unacceptable-principal", "Not accepted as principal diagnosis", "warning",
         _source("Unacceptable principal diagnosis"), _unacceptable,
         "Sequence the condition that occasioned the admission first.", INPATIENT),
    Edit("mce-principal-needs-secondary", "Principal diagnosis needs a secondary one", "error",
         _source("Unacceptable principal diagnosis (requires secondary diagnosis)"), _needs_secondary,
         "Add the condition that the aftercare is for.", INPATIENT),
    Edit("mce-questionable-admission", "Questionable admission", "warning", _source("Questionable admission"),
         _questionable, "Check which condition occasioned the admission, and whether inpatient care was ordered for it.",
         INPATIENT),
    Edit("mce-age-conflict", "Diagnosis does not fit the age", "warning", _source("Age conflict"), _age_conflict,
         "Check the birth date of the record and the code; one of them is wrong.", INPATIENT),
    Edit("mce-sex-conflict", "Diagnosis does not fit the sex", "warning",
         f"{_source('Sex conflict')} (version 41.1 and before; retired for discharges from 1 October 2024)",
         _sex_conflict, "Check the sex of the record and the code; keep the code with a reason where both are right.",
         INPATIENT),
    Edit("mce-unspecified-code", "Side or site left open", "warning",
         f"{_source('Unspecified code')}, for discharges from 1 April 2022", _unspecified,
         "Find the side in the record, also in nursing notes and imaging, or query; keep it with a reason if nobody can "
         "tell.", INPATIENT),
)  # fmt: skip
