"""Edits on the present on admission indicator. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import lru_cache

from query_mgr.coding.scrub.case import Case
from query_mgr.coding.scrub.claim import claim_of, codes
from query_mgr.coding.scrub.code_lists import poa_exempt
from query_mgr.coding.scrub.registry import GUIDELINES, INPATIENT, OUTPATIENT, Edit, Hit, hit

_APPENDIX = f"{GUIDELINES}, appendix I"
_VALUES = ("Y", "N", "U", "W")
#: conditions that are chronic by their name; a combination code with an acute part is none of them
_CHRONIC = codes("C00-C26", "C30-C75", "C81-C86", "C88", "C90-C94", "E08.9", "E09.9", "E10.9", "E11.9", "E13.9", "F20",
                 "G20", "G30", "G35", "I10", "I12", "I25.10", "I25.2", "I48.11", "I48.2", "I50.22", "I50.32",
                 "I50.42", "J43", "J44.9", "J96.1", "K70.3", "K74", "M05", "M06", "M15-M17", "M81", "N18", "N40",
                 "Q00-Q99")  # fmt: skip
#: chapters where the condition that the stay is coded under may begin after admission: childbirth, newborn
_DURING = ("O", "P", "Z")


@lru_cache(maxsize=20_000)
def _exempt(code: str, on: date) -> bool:
    return poa_exempt(code, on)


def _missing(case: Case) -> Iterator[Hit]:
    for one in case.diagnoses:
        if one.poa not in (*_VALUES, "1") and not _exempt(one.code, case.coded_on):
            words = "has no POA indicator" if not one.poa else f"has the POA indicator “{one.poa}”, which is none"
            yield hit(one, f"{one.code} {words}; set Y, N, U or W.", "poa")


def _on_exempt(case: Case) -> Iterator[Hit]:
    for one in case.diagnoses:
        if one.poa in _VALUES and _exempt(one.code, case.coded_on):
            yield hit(one, f"{one.code} is exempt from POA reporting, but has the indicator {one.poa}.", "poa")


def _exempt_on_other(case: Case) -> Iterator[Hit]:
    for one in case.diagnoses:
        if one.poa == "1" and not _exempt(one.code, case.coded_on):
            yield hit(one, f"{one.code} is marked as exempt from POA reporting, but is not on the list of exempt "
                      "codes; set Y, N, U or W.", "poa")  # fmt: skip


def _outpatient(case: Case) -> Iterator[Hit]:
    marked = [one for one in case.diagnoses if one.poa]
    if marked:
        said = f"{marked[0].code} has" if len(marked) == 1 else f"{len(marked)} codes have"
        yield Hit(tuple(one.code for one in marked), f"{said} a POA indicator; outpatient encounters carry none.", "poa",
                  marked[0].ref)  # fmt: skip


def _unknown(case: Case) -> Iterator[Hit]:
    for one in case.diagnoses:
        if one.poa == "U" and case.discharged_on is not None and not _exempt(one.code, case.coded_on):
            yield hit(one, f"{one.code} has the POA indicator U: the documentation does not say whether it was there "
                      "on admission. Ask the provider before it is billed.", "poa")  # fmt: skip


def _principal(case: Case) -> Iterator[Hit]:
    principal = case.principal
    if principal is not None and principal.poa == "N" and not principal.code.startswith(_DURING):
        yield hit(principal, f"{principal.code} is the principal diagnosis, the reason for the admission, and is marked "
                  "as not present on admission.", "poa")  # fmt: skip


def _chronic(case: Case) -> Iterator[Hit]:
    for one in claim_of(case).under(_CHRONIC):
        if one.poa == "N":
            what = "congenital" if one.code.startswith("Q") else "chronic"
            yield hit(one, f"{one.code} is {what}, so it was present on admission even where it was found later, but "
                      "is marked N.", "poa")  # fmt: skip


EDITS = (
    Edit("poa-missing", "POA indicator missing", "error", f"{_APPENDIX}, “General Reporting Requirements”", _missing,
         "Set the indicator that the record supports.", INPATIENT),
    Edit("poa-on-exempt", "POA indicator on an exempt code", "warning",
         f"{_APPENDIX}, “Categories and Codes Exempt from Diagnosis Present on Admission Requirement”", _on_exempt,
         "Clear the indicator, or mark the code as exempt.", INPATIENT),
    Edit("poa-not-exempt", "Marked as exempt, but not exempt", "error",
         f"{_APPENDIX}, “Categories and Codes Exempt from Diagnosis Present on Admission Requirement”",
         _exempt_on_other, "Set Y, N, U or W.", INPATIENT),
    Edit("poa-outpatient", "POA indicator on an outpatient encounter", "advice",
         f"{_APPENDIX}, “General Reporting Requirements”: inpatient admissions only", _outpatient,
         "Clear the indicator.", OUTPATIENT),
    Edit("poa-unknown", "POA indicator U on a stay that is over", "advice",
         f"{_APPENDIX}, “Assigning the POA Indicator”: U is not for routine use; query the provider", _unknown,
         "Query the provider, then set Y, N or W.", INPATIENT),
    Edit("poa-principal", "Principal diagnosis not present on admission", "warning",
         f"{GUIDELINES}, section II (definition of the principal diagnosis), and appendix I", _principal,
         "Check the sequence and the indicator: one of them is wrong.", INPATIENT),
    Edit("poa-chronic", "Chronic or congenital condition marked as not present on admission", "warning",
         f"{_APPENDIX}, “Assign Y for …”: chronic and congenital conditions", _chronic, "Set the indicator to Y.",
         INPATIENT),
)  # fmt: skip
