"""Edits on codes that leave open what the record may say; the record itself is read by other edits. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from query_mgr.coding.scrub.case import Case
from query_mgr.coding.scrub.claim import Rows, claim_of, codes, table
from query_mgr.coding.scrub.code_lists import is_unspecified_side
from query_mgr.coding.scrub.conventions import said_elsewhere
from query_mgr.coding.scrub.registry import GUIDELINES, OUTPATIENT, Edit, Hit, hit

_ROWS = Rows(table("specificity"), "of")
_ULCERS = codes("L89")
_TRIMESTER = "unspecified trimester"
_CHAPTER_15, _WEEKS = codes("O"), codes("Z3A")


def _acuity(case: Case) -> Iterator[Hit]:
    claim = claim_of(case)
    said = {one.code for one, _, _ in said_elsewhere(claim)}
    for row, (of,) in _ROWS.on(claim):
        for one in claim.under(of):
            if one.code not in said:
                yield hit(one, f"{one.code} leaves open {row['asks']}; the chart may say more.")


def _side(case: Case) -> Iterator[Hit]:
    for one in case.diagnoses:
        if is_unspecified_side(one.code, one.title):
            yield hit(one, f"{one.code} leaves the side open; the chart may name it.")


def _stage(case: Case) -> Iterator[Hit]:
    for one in claim_of(case).under(_ULCERS):
        if one.code.endswith("9") and not one.code.startswith("L89.9"):
            yield hit(one, f"{one.code} leaves the stage of the pressure ulcer open; a nurse's note may give it.")


def _trimester(case: Case) -> Iterator[Hit]:
    claim = claim_of(case)
    for one in () if claim.has(_WEEKS) else claim.under(_CHAPTER_15):
        if _TRIMESTER in one.title.lower():
            yield hit(one, f"{one.code} leaves the trimester open, which should rarely be needed.")


EDITS = (
    Edit("unspecified-acuity", "Type, acuity or cause left open", "advice", f"{GUIDELINES}, sections I.A.9.b and I.B.18",
         _acuity, "Read the chart for it; query the provider where the record only hints at it."),
    Edit("unspecified-side", "Side left open", "advice", f"{GUIDELINES}, section I.B.13", _side,
         "Code the side that the record gives; other clinicians may document it.", OUTPATIENT),
    Edit("unspecified-stage", "Stage of a pressure ulcer left open", "advice",
         f"{GUIDELINES}, sections I.B.14 and I.C.12.a", _stage,
         "Code the stage that a clinician documents; the provider documents the ulcer itself."),
    Edit("unspecified-trimester", "Trimester left open", "advice", f"{GUIDELINES}, section I.C.15.a.5", _trimester,
         "Code the trimester and the weeks of gestation."),
)  # fmt: skip
