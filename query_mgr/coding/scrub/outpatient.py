"""Edits for outpatient encounters and professional claims. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from query_mgr.coding.scrub.case import Case
from query_mgr.coding.scrub.claim import Rows, claim_of, codes, table
from query_mgr.coding.scrub.registry import GUIDELINES, OUTPATIENT, Edit, Hit, hit

#: a screening and what it is made to find
_SCREENINGS = Rows(table("screenings"), "for", "finds")
_WITH_FINDINGS = codes("Z00.01", "Z00.121", "Z01.01", "Z01.110", "Z01.118", "Z01.411")


def _screening(case: Case) -> Iterator[Hit]:
    claim, first = claim_of(case), case.principal
    for _, (screening, finds) in _SCREENINGS.on(claim):
        for one in claim.under(screening):
            if first is not None and first in claim.under(finds):
                yield hit(one, f"{one.code} stands after {first.code}; where the visit was for the screening, it comes first "
                          "and what was found after it.", "sequence", first.code)  # fmt: skip


def _findings(case: Case) -> Iterator[Hit]:
    if len(case.diagnoses) == 1:
        for one in claim_of(case).under(_WITH_FINDINGS):
            yield hit(one, f"{one.code} says that something abnormal was found, and no code says what.", "add")


def _pointer(case: Case) -> Iterator[Hit]:
    for line in case.services:
        if line.claim == "professional" and not line.pointers:
            yield hit(line, f"{line.code} is linked to no diagnosis; a professional line points to at least one.")


EDITS = (
    Edit("screening-first", "Finding before the screening", "advice", f"{GUIDELINES}, section I.C.21.c.5", _screening,
         "Sequence the screening first if the patient came for it.", OUTPATIENT),
    Edit("examination-finding", "Examination with abnormal findings, and no finding", "warning",
         f"{GUIDELINES}, section IV.P", _findings, "Add the code of the abnormal finding.", OUTPATIENT),
    Edit("service-without-diagnosis", "Professional line without a diagnosis", "error",
         "NUCC, 1500 Claim Form Reference Instruction Manual, item 24E; ASC X12N 837P, SV107", _pointer,
         "Link the line to the diagnosis it was done for."),
)  # fmt: skip
