"""Edits on signs and symptoms that are coded beside, or before, the diagnosis they belong to. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from query_mgr.coding.scrub.case import Case, Diagnosis
from query_mgr.coding.scrub.claim import Rows, alone, claim_of, codes, table
from query_mgr.coding.scrub.notes import excluded
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
            if one.code not in told and one is not cause and not excluded(one, cause):
                told.add(one.code)
                yield one, cause, row["name"]


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


_SCALE = tuple(codes(one) for one in ("R40.21", "R40.22", "R40.23"))


def _coma_scale(case: Case) -> Iterator[Hit]:
    claim = claim_of(case)
    there = [one for one in (claim.first(part) for part in _SCALE) if one is not None]
    if 0 < len(there) < len(_SCALE):
        said = ", ".join(one.code for one in there)
        yield hit(there[0], f"{said}: the coma scale needs one code each for eyes (R40.21-), speech (R40.22-) and movement "
                  "(R40.23-).", "add")  # fmt: skip


EDITS = (
    Edit("symptom-integral", "Symptom coded with the diagnosis it belongs to", "warning",
         f"{GUIDELINES}, section I.B.5", _integral,
         "Remove the symptom, or say why it does not come from this diagnosis."),
    Edit("symptom-first", "Symptom before the diagnosis that explains it", "warning",
         f"{GUIDELINES}, sections II.A and IV.D", _first,
         "Sequence the diagnosis first and remove the symptom if it belongs to it."),
    Edit("coma-scale-part", "Coma scale in part", "warning",
         f"{GUIDELINES}, section I.C.18.e, and the note at R40.2 in the tabular", _coma_scale,
         "Add the other parts, or R40.24- where only the total is documented."),
    Edit("stroke-scale-alone", "Stroke scale without a stroke", "warning", f"{GUIDELINES}, section I.C.18.i",
         alone(codes("R29.7"), codes("I60-I63"), "{0} is a score of the stroke scale, and no acute stroke is coded."),
         "Add the stroke in front of the score, or remove the score."),
)  # fmt: skip
