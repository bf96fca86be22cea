"""Edits that read the record: a code that it denies, does not state, states of somebody else or only as past. Pure.

They stay silent where the text leaves a doubt: about what a note means, whether it concerns this code, or whether the
notes are there at all.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from query_mgr.coding.mentioned import EXTENT
from query_mgr.coding.scrub import record_details
from query_mgr.coding.scrub.case import Case, Diagnosis, Statement
from query_mgr.coding.scrub.registry import GUIDELINES, OUTPATIENT, Edit, Hit
from query_mgr.coding.scrub.told import Told, denials, is_stated, record_of, told_of

#: what others who care for the patient may document (I.B.14): BMI, coma scale, NIH stroke scale, social determinants,
#: blood alcohol, underimmunization
_BY_OTHERS = ("Z68", "R40.2", "R29.7", *(f"Z{number}" for number in range(55, 66)), "Y90", "Z28.3")


def quoted(one: Statement) -> str:
    """Return words of the record with where they stand."""
    return f"“{one.quote}” ({one.label})"


def opens(codes: tuple[str, ...], message: str, one: Statement) -> Hit:
    """Return a hit whose link opens the passage that it quotes."""
    if not one.document:
        return Hit(codes, message, "code")
    return Hit(codes, message, "chart", one.document, start=one.start, end=one.end)


def _told(case: Case) -> Iterator[tuple[Diagnosis, Told]]:
    for diagnosis in case.diagnoses:
        told = told_of(case, diagnosis)
        if told is not None:
            yield diagnosis, told


def _contradicted(case: Case) -> Iterator[Hit]:
    for diagnosis, told in _told(case):
        denied = denials(told)
        spoken = [one for one in told.by_providers if one.state != "family" and one.document]
        if denied and not told.is_stated and spoken[-1].state == "negated":
            last = denied[-1]
            yield opens(
                (diagnosis.code,),
                f"{diagnosis.code} ({diagnosis.title}) is coded, and the record denies it and nowhere states it: "
                f"{quoted(last)}.", last,
            )  # fmt: skip


def _uncertain(case: Case) -> Iterator[Hit]:
    for diagnosis, told in _told(case):
        doubted = [one for one in told.by_providers if one.state == "uncertain" and EXTENT not in one.specifics]
        latest = [one for one in told.by_providers if one.state in ("uncertain", "negated")]
        if doubted and not told.is_stated and latest[-1].state == "uncertain":
            yield opens(
                (diagnosis.code,),
                f"{diagnosis.code} ({diagnosis.title}) is coded, and the record calls it no more than possible: "
                f"{quoted(doubted[-1])}.", doubted[-1],
            )  # fmt: skip


def _unsupported(case: Case) -> Iterator[Hit]:
    if case.discharged_on is None or not record_of(case).is_full:
        return
    for diagnosis, told in _told(case):
        if not told.statements and told.is_telling:
            yield Hit(
                (diagnosis.code,),
                f"{diagnosis.code} ({diagnosis.title}) is coded, and no note and no entry of the problem list was "
                f"found that names it.", "evidence", diagnosis.ref,
            )  # fmt: skip


def _by_others_only(case: Case) -> Iterator[Hit]:
    for diagnosis, told in _told(case):
        stated = [one for one in told.statements if is_stated(one)]
        if stated and told.is_telling and not told.by_providers and not diagnosis.code.startswith(_BY_OTHERS):
            yield opens(
                (diagnosis.code,),
                f"{diagnosis.code} ({diagnosis.title}) is coded, and nobody who may diagnose it has documented it; it "
                f"stands only in {quoted(stated[-1])}.", stated[-1],
            )  # fmt: skip


def _past_only(case: Case) -> Iterator[Hit]:
    for diagnosis, told in _told(case):
        said = told.by_providers
        over = {one.past for one in told.nearest}
        if not _all(said, "historical") or told.is_stated or "" in over or diagnosis.code in over:
            continue
        yield opens(
            (diagnosis.code,),
            f"{diagnosis.code} ({diagnosis.title}) is coded as present, and providers speak of it only as past: "
            f"{quoted(said[-1])}. A history of it is coded {' or '.join(sorted(over))}.", said[-1],
        )  # fmt: skip


def _family_only(case: Case) -> Iterator[Hit]:
    for diagnosis, told in _told(case):
        said = told.by_providers
        if _all(said, "family") and not told.is_stated:
            yield opens(
                (diagnosis.code,),
                f"{diagnosis.code} ({diagnosis.title}) is coded, and providers speak of it only in somebody else: "
                f"{quoted(said[-1])}.", said[-1],
            )  # fmt: skip


def _all(said: Sequence[Statement], state: str) -> bool:
    """Say whether there are statements in documents, and all are of one state."""
    return bool(said) and all(one.state == state and one.document for one in said)


EDITS: tuple[Edit, ...] = (
    Edit("code-contradicted", "Record says the contrary", "warning",
         f"{GUIDELINES}, section I.A.19: the code rests on the provider's statement that the condition exists",
         _contradicted, "Read the passage; remove the code, or ask the provider where the record is in conflict."),
    Edit("uncertain-outpatient", "Uncertain diagnosis of an outpatient", "warning",
         f"{GUIDELINES}, section IV.H: outpatient diagnoses documented as probable, suspected or rule out are not coded",
         _uncertain, "Code the sign, symptom or reason for the visit instead, to the certainty that is documented.",
         OUTPATIENT),
    Edit("code-unsupported", "No mention of the condition", "advice",
         f"{GUIDELINES}, section I.A.19: the code rests on the provider's statement that the condition exists",
         _unsupported, "Link the passage that states the condition, or remove the code."),
    Edit("only-by-others", "Documented only by others than the provider", "warning",
         f"{GUIDELINES}, section I.B.14: the diagnosis itself must be documented by the patient's provider",
         _by_others_only, "Ask the provider whether the condition was present; until then it cannot be coded."),
    Edit("only-history", "Past condition coded as present", "warning",
         f"{GUIDELINES}, section I.C.21.c.4: a condition that no longer exists is coded as personal history",
         _past_only, "Replace it by the code of the personal history, or link where it is stated as present."),
    Edit("only-family", "Another person's condition", "warning",
         f"{GUIDELINES}, section I.C.21.c.4: family history codes say that a relative has or had the disease",
         _family_only, "Replace it by a code of the family history, if that matters for the stay, or remove it."),
    *record_details.EDITS,
)  # fmt: skip
