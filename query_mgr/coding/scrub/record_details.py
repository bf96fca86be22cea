"""Edits that read the record for more than the code says: side, acuity, type, stage, organism, cause. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from query_mgr.coding.concept import Refinement, concepts, narrower, refinements_of
from query_mgr.coding.mentioned import EXTENT
from query_mgr.coding.phrase import SHARED, settled
from query_mgr.coding.scrub.case import Case, Diagnosis, Statement
from query_mgr.coding.scrub.registry import GUIDELINES, Edit, Hit
from query_mgr.coding.scrub.told import is_stated, record_of, told_of

#: part that a title names -> parts that notes name for it
_SAME_PLACE: Mapping[str, frozenset[str]] = {
    "lower limb": frozenset({"lower limb", "leg"}),
    "leg": frozenset({"lower limb", "leg"}),
    "upper limb": frozenset({"upper limb", "arm", "wrist"}),
    "arm": frozenset({"upper limb", "arm"}),
    "femur": frozenset({"femur", "hip"}),
    "hip": frozenset({"hip"}),
    "radius": frozenset({"radius", "wrist"}),
    "ankle": frozenset({"ankle"}),
}
#: codes of whose detail other clinicians may be the source (I.B.14): stages of pressure ulcers
_DETAILED_BY_OTHERS = ("L89",)


def _sides(case: Case) -> Iterator[Hit]:
    for diagnosis in case.diagnoses:
        choices = case.sides.get(diagnosis.code, {})
        told = told_of(case, diagnosis) if choices else None
        if told is None:
            continue
        wanted = _places(diagnosis.title)
        telling = [one for one in told.statements if _tells_side(one, wanted)]
        sides = {one.specifics["laterality"] for one in telling}
        side = next(iter(sides)) if len(sides) == 1 else ""
        code = choices.get(side, "")
        if code in case.titles and not case.has(code):
            yield _hit(case, diagnosis, code, telling[-1], "side")


def _tells_side(one: Statement, wanted: frozenset[str]) -> bool:
    part = one.specifics.get("part", "") or concepts()[one.concept].place
    return bool(one.document) and is_stated(one) and "laterality" in one.specifics and part in wanted


def _places(title: str) -> frozenset[str]:
    """Return the parts, as statements name them, that a title of an unspecified side is about."""
    words = f" {title.lower().replace(',', ' ')} "
    named = {
        part for part, phrases in SHARED["part"].items() for phrase in (part, *phrases) if f" {phrase} " in words
    }
    return (
        frozenset().union(*(_SAME_PLACE.get(part, frozenset({part})) for part in named)) if named else frozenset()
    )


def _details(case: Case) -> Iterator[Hit]:
    if not case.is_read:
        return
    for diagnosis in case.diagnoses:
        done: set[str] = set()
        for concept, row in refinements_of(diagnosis.code):
            if concept in done or row.to not in case.titles or case.has(row.to):
                continue
            one = _met(case, diagnosis, concept, row)
            if one is not None:
                done.add(concept)
                yield _hit(case, diagnosis, row.to, one, "detail")


def _met(case: Case, diagnosis: Diagnosis, concept: str, row: Refinement) -> Statement | None:
    """Return the passage that says most of what a refinement asks for, if the record says all of it without dispute."""
    said = [one for one in record_of(case).of(narrower(concept)) if one.document and one.state != "family"]
    by_providers = [one for one in said if one.by_provider]
    stated = [one for one in by_providers if is_stated(one) and EXTENT not in one.specifics]
    if not stated or by_providers[-1].state in ("negated", "uncertain"):
        return None
    among = stated
    if diagnosis.code.startswith(_DETAILED_BY_OTHERS):
        among = [one for one in said if is_stated(one)]
    if not row.when:
        return stated[-1]
    known = _combined(among, row.when)
    if any(known.get(axis) != value for axis, value in row.when.items()):
        return None
    return max(
        reversed(among), key=lambda one: sum(one.specifics.get(axis) == row.when[axis] for axis in row.when)
    )


def _combined(statements: Sequence[Statement], axes: Iterable[str]) -> dict[str, str]:
    """Return what statements add up to on each axis; nothing where they contradict each other."""
    return {
        axis: settled(axis, {one.specifics[axis] for one in statements if axis in one.specifics}) for axis in axes
    }


def _hit(case: Case, diagnosis: Diagnosis, code: str, one: Statement, what: str) -> Hit:
    words = "the side" if what == "side" else "more than the code does"
    message = (
        f"The record says {words}: “{one.quote}” ({one.label}). {diagnosis.code} ({diagnosis.title}) is coded; {code} "
        f"({case.titles[code]}) would say it."
    )
    return Hit((diagnosis.code, code), message, "chart", one.document, start=one.start, end=one.end)


EDITS: tuple[Edit, ...] = (
    Edit("side-documented", "Side documented, code without it", "warning",
         f"{GUIDELINES}, section I.B.13: the side is coded where it is documented, by the provider or another clinician",
         _sides, "Read the passage and choose the code of the side that is documented."),
    Edit("detail-documented", "More specific than the code", "warning",
         f"{GUIDELINES}, sections I.B.2 and I.B.18: the highest specificity that the documentation supports", _details,
         "Read the passage; choose the specific code if it describes this condition."),
)  # fmt: skip
