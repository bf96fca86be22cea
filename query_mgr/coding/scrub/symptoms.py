"""Edits on signs and symptoms that are coded beside, or before, the diagnosis they belong to. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from query_mgr.coding.scrub.case import Case, Diagnosis
from query_mgr.coding.scrub.claim import Claim, Rows, claim_of, table
from query_mgr.coding.scrub.notes import read
from query_mgr.coding.scrub.registry import GUIDELINES, Edit, Hit, hit

_ROWS = Rows(table("symptoms"), "signs", "of")


def _belonging(case: Case) -> Iterator[tuple[Diagnosis, Diagnosis, str]]:
    """Yield each sign with the first diagnosis on the claim that it belongs to, and what the diagnosis is called."""
    claim = claim_of(case)
    told = set[str]()
    for row, (signs, of) in _ROWS.on(claim):
        if not claim.has(of):
            continue
        cause = claim.under(of)[0]
        for one in claim.under(signs):
            if one.code not in told and one is not cause and not _excluded(one, cause):
                told.add(one.code)
                yield one, cause, row["name"]


def _excluded(one: Diagnosis, other: Diagnosis) -> bool:
    """Return whether an Excludes1 note keeps the two apart already, which is an edit of its own."""
    pairs = ((one, other), (other, one))
    return any(
        named.code == second.code
        for first, second in pairs
        for named, _ in read(first.notes.get("excludes1", ())).on(Claim((second,)))
    )


def _integral(case: Case) -> Iterator[Hit]:
    for one, cause, name in _belonging(case):
        if one is not case.principal:
            yield hit(one, f"{one.code} {one.title} belongs to {cause.code} ({name}) as a rule, and is not coded beside "
                      "it.", "", cause.code)  # fmt: skip


def _first(case: Case) -> Iterator[Hit]:
    for one, cause, name in _belonging(case):
        if one is case.principal:
            yield hit(one, f"{one.code} {one.title} stands first, but {cause.code} ({name}) explains it.", "sequence",
                      cause.code)  # fmt: skip


EDITS = (
    Edit("symptom-integral", "Symptom coded with the diagnosis it belongs to", "warning",
         f"{GUIDELINES}, section I.B.5", _integral,
         "Remove the symptom, or say why it does not come from this diagnosis."),
    Edit("symptom-first", "Symptom before the diagnosis that explains it", "warning",
         f"{GUIDELINES}, sections II.A and IV.D", _first,
         "Sequence the diagnosis first and remove the symptom if it belongs to it."),
)  # fmt: skip
