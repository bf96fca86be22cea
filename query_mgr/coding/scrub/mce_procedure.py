"""The procedure edits of the Medicare Code Editor, on lists of our own (`tables/mce_*.csv`)."""

from __future__ import annotations

from collections.abc import Iterator

from query_mgr.coding.scrub.case import Case, Procedure
from query_mgr.coding.scrub.code_lists import principal
from query_mgr.coding.scrub.code_tables import CodeTable, tables
from query_mgr.coding.scrub.mce_diagnosis import reportable
from query_mgr.coding.scrub.registry import INPATIENT, MCE, Edit, Hit, hit

_SEX = tables("mce_sex.csv")["procedure"]
#: ventilation of more than 96 hours needs a stay of more days than this
_VENTILATED_DAYS = 4


_LISTS = tables("mce_procedures.csv")
_WRONG = principal("wrong-procedure")


def _list(name: str) -> CodeTable:
    return _LISTS[name]


def _reportable(case: Case) -> Iterator[Procedure]:
    return (one for one in case.procedures if not one.why_invalid)


def _sex_conflict(case: Case) -> Iterator[Hit]:
    if case.sex not in ("female", "male"):
        return
    for one in _reportable(case):
        sex = _SEX.value(one.code, case.coded_on)
        if sex and sex != case.sex:
            yield hit(one, f"{one.code} is a procedure on {sex} patients; this record says {case.sex}.")


def _noncovered(case: Case) -> Iterator[Hit]:
    for one in _reportable(case):
        why = _why_not_covered(one, case)
        if why:
            yield hit(one, f"Medicare does not cover {one.code} {why}.")


def _why_not_covered(one: Procedure, case: Case) -> str:
    code, on = one.code, case.coded_on
    if _list("noncovered").holds(code, on):
        return f"({_what('noncovered', one, case)})"
    if _list("pancreas").holds(code, on) and not _pancreas_is_covered(case):
        return "without type 1 diabetes, postprocedural hypoinsulinemia (E10.-, E89.1) or a kidney transplanted with it"
    if _list("sterilization").holds(code, on) and _codes(case, "sterilization-request"):
        return "when it is done for sterilization (Z30.2)"
    if _list("over-60").holds(code, on) and (case.age_years or 0) > 60:
        return "for patients over 60 years of age"
    return ""


def _pancreas_is_covered(case: Case) -> bool:
    with_kidney = any(_list("pancreas-with").holds(one.code, case.coded_on) for one in _reportable(case))
    return with_kidney or _codes(case, "pancreas-indication")


def _limited(case: Case) -> Iterator[Hit]:
    for one in _reportable(case):
        name = "limited"
        if _list("pancreas").holds(one.code, case.coded_on) and _pancreas_is_covered(case):
            name = "pancreas"
        if _list(name).holds(one.code, case.coded_on):
            yield hit(
                one, f"Coverage of {one.code} is limited ({_what(name, one, case)}); check that this case is."
            )


def _delivery(case: Case) -> Iterator[Hit]:
    found = [one for one in _reportable(case) if _list("delivery").holds(one.code, case.coded_on)]
    if found and not _codes(case, "delivery-outcome"):
        for one in found:
            yield hit(one, f"{one.code} is a delivery, and no code says its outcome (Z37.-).", "add")


def _ventilation(case: Case) -> Iterator[Hit]:
    days = (case.discharged_on - case.admitted_on).days if case.discharged_on else None
    if days is None or days > _VENTILATED_DAYS:
        return
    for one in _reportable(case):
        if _list("long-ventilation").holds(one.code, case.coded_on):
            yield hit(one, f"{one.code} is ventilation for more than 96 hours, and the stay lasted {days} days.")


def _wrong_procedure(case: Case) -> Iterator[Hit]:
    for one in reportable(case):
        if _WRONG.holds(one.bare, case.coded_on):
            yield hit(
                one, f"{one.code} reports a surgical error; Medicare pays nothing for it and what belongs to it."
            )


def _codes(case: Case, name: str) -> bool:
    return any(_list(name).holds(one.bare, case.coded_on) for one in reportable(case))


def _what(name: str, one: Procedure, case: Case) -> str:
    row = _list(name).row(one.code, case.coded_on)
    return row.what[:1].lower() + row.what[1:] if row else ""


def _source(name: str) -> str:
    return f"{MCE}, chapter 1, “{name}”"


EDITS = (
    Edit("mce-procedure-sex-conflict", "Procedure does not fit the sex", "warning",
         f"{_source('Sex conflict')} (version 41.1 and before; retired for discharges from 1 October 2024)",
         _sex_conflict, "Check the sex of the record and the code; keep the code with a reason where both are right.",
         INPATIENT),
    Edit("mce-noncovered-procedure", "Procedure not covered", "warning", _source("Noncovered procedure"), _noncovered,
         "Check code and approach; if they are right, bill it as non-covered, with a notice to the patient.", INPATIENT),
    Edit("mce-limited-coverage", "Procedure of limited coverage", "advice", _source("Limited coverage"), _limited,
         "Check that the conditions of its national coverage determination are met, such as an approved center.",
         INPATIENT),
    Edit("mce-delivery-without-outcome", "Delivery without its outcome", "error",
         _source("Questionable obstetric admission"), _delivery, "Add the outcome of delivery (Z37.-).", INPATIENT),
    Edit("mce-procedure-length-of-stay", "Procedure does not fit the length of stay", "warning",
         _source("Procedure inconsistent with length of stay"), _ventilation,
         "Count the hours of ventilation again; 5A1945Z is 24 to 96 hours.", INPATIENT),
    Edit("mce-wrong-procedure", "Wrong procedure performed", "warning",
         f"{_source('Wrong procedure performed')}; CMS, national coverage determinations 140.6, 140.7 and 140.8",
         _wrong_procedure, "Bill the error on a no-pay claim of its own (type of bill 110).", INPATIENT),
)  # fmt: skip
