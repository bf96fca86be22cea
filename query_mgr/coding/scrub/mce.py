"""The Medicare Code Editor's edits as edits of our own, from the manual that CMS publishes with each version.

One of them stands elsewhere: an invalid code is `code-not-reportable`. What CMS has switched off for ICD-10 claims
(non-specific principal diagnosis, non-specific O.R. procedure, open biopsy, bilateral procedure) is not repeated here;
the sex conflict and the invalid sex, off since October 2024, stay as a warning and as advice.
"""

from __future__ import annotations

from collections.abc import Iterator

from query_mgr.coding.scrub import mce_diagnosis, mce_procedure
from query_mgr.coding.scrub.case import Case
from query_mgr.coding.scrub.registry import INPATIENT, MCE, Edit, Hit

#: patient discharge status codes that an inpatient claim may carry (NUBC form locator 17, as CMS uses them)
DISCHARGE_STATUS = frozenset(
    {f"{at:02}" for at in range(1, 8)}
    | {"20", "21", "30", "43", "50", "51", "69", "70"}
    | {str(at) for at in (*range(61, 67), *range(81, 96))}
)
OLDEST = 124


def _age(case: Case) -> Iterator[Hit]:
    """Yield a hit for an impossible age. A record without a birth date is the registration's to find."""
    if case.birth_on is not None and case.birth_on > case.admitted_on:
        yield Hit((), "The birth date lies after the admission.", "stay")
    elif (case.age_years or 0) > OLDEST:
        yield Hit((), f"The patient would have been {case.age_years} at admission; check the birth date.", "stay")


def _sex(case: Case) -> Iterator[Hit]:
    if case.sex not in ("female", "male"):
        yield Hit(
            (), f"The record gives the sex as “{case.sex}”; Medicare's editor knows female and male.", "stay"
        )


def _discharge_status(case: Case) -> Iterator[Hit]:
    if case.disposition not in DISCHARGE_STATUS:
        yield Hit((), f"“{case.disposition}” is no discharge status of an inpatient claim.", "stay")


def _source(name: str) -> str:
    return f"{MCE}, chapter 1, “{name}”"


EDITS = (
    *mce_diagnosis.EDITS,
    *mce_procedure.EDITS,
    Edit("mce-age", "Impossible age", "error", _source("Invalid age"), _age,
         "Correct the birth date in the registration.", INPATIENT),
    Edit("mce-sex", "Sex unknown to the claim", "advice",
         f"{_source('Invalid sex')} (version 41.1 and before; retired for discharges from 1 October 2024)", _sex,
         "Complete the registration where the claim needs it.", INPATIENT),
    Edit("mce-discharge-status", "Discharge status not valid", "error", _source("Invalid discharge status"),
         _discharge_status, "Set the patient discharge status (UB-04 form locator 17).", INPATIENT),
)  # fmt: skip
