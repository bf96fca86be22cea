"""Edits on what the desk itself knows: whether codes can be reported, are documented, and wait for an answer."""

from __future__ import annotations

from collections.abc import Iterator

from query_mgr.coding.scrub.case import Case
from query_mgr.coding.scrub.registry import GUIDELINES, INPATIENT, Edit, Hit, hit


def _invalid(case: Case) -> Iterator[Hit]:
    for line in case.lines:
        if line.why_invalid:
            yield hit(line, f"{line.why_invalid}.")


def _no_principal(case: Case) -> Iterator[Hit]:
    if not case.diagnoses:
        yield Hit((), "No diagnosis is coded; every claim needs a principal or first-listed one.", "add")


def _undocumented(case: Case) -> Iterator[Hit]:
    if not case.site.get("evidence_required"):
        return
    for line in case.lines:
        if not line.has_evidence:
            yield hit(line, f"{line.code} is linked to no documentation, and this site asks for it.", "evidence")


def _open_query(case: Case) -> Iterator[Hit]:
    for one in case.questions:
        words = "has an answer that is not reconciled" if one.is_answered else "is not answered"
        yield Hit((), f"The query “{one.title}” {words}.", "query", one.ref, one.ref)


def _stay_unsaid(case: Case) -> Iterator[Hit]:
    if case.is_inpatient and case.discharged_on is not None and not case.is_disposition_said:
        yield Hit(
            (), "Nobody has said where the patient went; the claim would say home (discharge status 01).", "stay"
        )


def _birth_date(case: Case) -> Iterator[Hit]:
    if case.birth_on is None:
        yield Hit((), "The record has no birth date; edits on age stay silent.", "stay", mark="birth")


EDITS = (
    Edit("code-not-reportable", "Code valid and billable on the date", "error",
         f"{GUIDELINES}, section I.B.2; 45 CFR 162.1000 (the code set in force on the date)", _invalid,
         "Replace it with a code that can be reported on this date."),
    Edit("no-diagnosis", "A principal or first-listed diagnosis", "error", f"{GUIDELINES}, sections II and IV.G",
         _no_principal, "Assign the diagnosis that the stay or visit was for."),
    Edit("no-documentation", "Code without linked documentation", "warning",
         f"{GUIDELINES}, section I.A.19: the code rests on the provider's statement", _undocumented,
         "Open the document that says it, select the words and link them."),
    Edit("open-query", "Query still open", "error",
         "ACDIS/AHIMA, Guidelines for Achieving a Compliant Query Practice (2022): the answer belongs in the record "
         "before the code", _open_query, "Wait for the answer and reconcile it, or withdraw the query."),
    Edit("discharge-status-unsaid", "Discharge status", "advice",
         "UB-04 form locator 17, patient discharge status; 42 CFR 412.4 (transfers)", _stay_unsaid,
         "Set the discharge status by the discharge order and the nurse's last note.", INPATIENT),
    Edit("birth-date-missing", "Birth date", "advice", "UB-04 form locator 10, birth date", _birth_date,
         "Ask registration for the birth date."),
)  # fmt: skip
