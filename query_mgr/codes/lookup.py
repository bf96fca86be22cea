"""Find one code in the edition that holds on a date."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from sqlalchemy import bindparam, or_, select

from query_mgr.codes.icd10cm import with_placeholders
from query_mgr.codes.models import Code, CodeSet
from query_mgr.platform import clock
from query_mgr.platform.db import db

_AT_ONCE = 500  # below every database's limit of parameters
_EXPLAINED = 200  # codes of one list whose nearest neighbours are looked up
_OLDEST = (
    select(CodeSet.id).where(CodeSet.system == "icd10cm").order_by(CodeSet.effective_from, CodeSet.id).limit(1)
)
_IN_FORCE = (
    select(CodeSet.id)
    .where(CodeSet.system == "icd10cm", CodeSet.effective_from <= bindparam("day"))
    .where(or_(CodeSet.effective_to.is_(None), CodeSet.effective_to >= bindparam("day")))
    .order_by(CodeSet.effective_from.desc(), CodeSet.id.desc())
    .limit(1)
)


def edition_on(on: date | None = None) -> int | None:
    """Return the id of the ICD-10-CM edition in force on a date (today by default), or None.

    A stay from before the oldest edition that was loaded is read with that one.
    """
    found = db.session.scalar(_IN_FORCE, {"day": on or clock.now().date()})
    return db.session.scalar(_OLDEST) if found is None else found


def has_edition(on: date) -> bool:
    """Return whether an edition of ICD-10-CM that holds on a date is loaded."""
    return db.session.scalar(_IN_FORCE, {"day": on}) is not None


def find(code: str, on: date | None = None) -> Code | None:
    """Return the code as of a date, or None where that edition has no such code. `code` as `normalize` writes it."""
    return db.session.scalar(select(Code).where(Code.code_set_id == edition_on(on), Code.code == code))


def unreportable(codes: Iterable[str], on: date) -> dict[str, str]:
    """Return why codes cannot be reported on a date, for those of `codes` that cannot.

    Says nothing where no edition for that date is on hand.
    """
    edition, wanted = db.session.scalar(_IN_FORCE, {"day": on}), sorted(set(codes))
    if edition is None:
        return {}
    known: dict[str, Code] = {}
    for at in range(0, len(wanted), _AT_ONCE):
        chunk = select(Code).where(Code.code_set_id == edition, Code.code.in_(wanted[at : at + _AT_ONCE]))
        known |= {code.code: code for code in db.session.scalars(chunk)}
    missing = [code for code in wanted if code not in known]
    headers = [code for code in known.values() if not code.is_billable]
    return (
        {code: why_missing(code, on) for code in missing[:_EXPLAINED]}
        | {code: f"{code} is not in the ICD-10-CM edition for {on}" for code in missing[_EXPLAINED:]}
        | {
            code.code: f"{code.code} ({code.title}) is a category and cannot be reported; choose a code below it"
            for code in headers
        }
    )


def lineages(codes: Iterable[str], on: date | None = None) -> dict[str, tuple[Code, ...]]:
    """Return each code that exists on a date with the categories above it, the code itself first."""
    edition, wanted = edition_on(on), set(codes)
    starts, known = set(wanted), dict[str, Code]()
    while wanted:
        level = db.session.scalars(select(Code).where(Code.code_set_id == edition, Code.code.in_(wanted))).all()
        known |= {code.code: code for code in level}
        wanted = {code.parent for code in level if code.parent} - known.keys()
    return {code: tuple(_upwards(code, known)) for code in starts if code in known}


def _upwards(code: str | None, known: dict[str, Code]) -> Iterable[Code]:
    while code is not None and code in known:
        yield known[code]
        code = known[code].parent


def children(code: Code) -> Sequence[Code]:
    """Return the codes one level below, in the order of the tabular."""
    below = select(Code).where(Code.code_set_id == code.code_set_id, Code.parent == code.code)
    return db.session.scalars(below.order_by(Code.code)).all()


def why_missing(code: str, on: date) -> str:
    """Return in plain words why no code is written like this on a date, and what was probably meant."""
    filled = next((one for one in with_placeholders(code) if find(one, on)), "")
    if filled:
        return (
            f"{code} is not a code: the seventh character keeps its place, and X fills the empty ones before it. "
            f"Did you mean {filled}?"
        )
    above = next(
        (found for end in range(len(code) - 1, 2, -1) if (found := find(code[:end].rstrip("."), on))), None
    )
    near = (
        f"; the nearest above it is {above.code} ({above.title})"
        if above
        else "; search for the code by its words"
    )
    return f"{code} is not in the ICD-10-CM edition for {on}{near}"
