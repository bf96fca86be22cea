"""Find one code in the edition that holds on a date."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from sqlalchemy import bindparam, or_, select

from query_mgr.codes.icd10cm import with_placeholders
from query_mgr.codes.life import Edition, Span, Stated, spans
from query_mgr.codes.models import Code, CodeSet
from query_mgr.codes.systems import SYSTEMS
from query_mgr.platform import clock
from query_mgr.platform.db import db

_AT_ONCE = 500  # below every database's limit of parameters
_EXPLAINED = 200  # codes of one list whose nearest neighbours are looked up
_SYSTEM = CodeSet.system == bindparam("system")
_OLDEST = select(CodeSet.id).where(_SYSTEM).order_by(CodeSet.effective_from, CodeSet.id).limit(1)
_IN_FORCE = (
    select(CodeSet.id)
    .where(_SYSTEM, CodeSet.effective_from <= bindparam("day"))
    .where(or_(CodeSet.effective_to.is_(None), CodeSet.effective_to >= bindparam("day")))
    .order_by(CodeSet.effective_from.desc(), CodeSet.id.desc())
    .limit(1)
)
_WHOLE_IN_FORCE = _IN_FORCE.where(CodeSet.is_sample.is_(False))


def edition_on(on: date | None = None, system: str = "icd10cm") -> int | None:
    """Return the id of the edition of a system in force on a date (today by default), or None.

    The date is the day of discharge for ICD-10 and the day of the service for the others. A stay from before the
    oldest edition that was loaded is read with that one.
    """
    found = db.session.scalar(_IN_FORCE, {"system": system, "day": on or clock.now().date()})
    return db.session.scalar(_OLDEST, {"system": system}) if found is None else found


def has_edition(on: date, system: str = "icd10cm") -> bool:
    """Return whether a whole edition of a system that holds on a date is loaded."""
    return _judging(on, system) is not None


def _judging(on: date, system: str) -> int | None:
    """Return the edition that may say that a code is wrong: of that date, and not a sample."""
    return db.session.scalar(_WHOLE_IN_FORCE, {"system": system, "day": on})


def find(code: str, on: date | None = None, system: str = "icd10cm") -> Code | None:
    """Return the code as of a date, or None where that edition has no such code. `code` as `written` writes it."""
    return db.session.scalar(select(Code).where(Code.code_set_id == edition_on(on, system), Code.code == code))


def unreportable(codes: Iterable[str], on: date, system: str = "icd10cm") -> dict[str, str]:
    """Return why codes cannot be reported on a date, for those of `codes` that cannot.

    Says nothing where no edition for that date is on hand.
    """
    edition, wanted = _judging(on, system), sorted(set(codes))
    if edition is None:
        return {}
    known: dict[str, Code] = {}
    for at in range(0, len(wanted), _AT_ONCE):
        chunk = select(Code).where(Code.code_set_id == edition, Code.code.in_(wanted[at : at + _AT_ONCE]))
        known |= {code.code: code for code in db.session.scalars(chunk)}
    missing = [code for code in wanted if code not in known]
    return (
        {code: why_missing(code, on, system) for code in missing[:_EXPLAINED]}
        | {code: f"{code} is not in {_edition_for(on, system)}" for code in missing[_EXPLAINED:]}
        | {code.code: why for code in known.values() if (why := _why_not(code, on))}
    )


def _why_not(code: Code, on: date) -> str:
    """Return why a code of the edition in force cannot be reported on a day, or ""."""
    if not code.is_billable:
        return f"{code.code} ({code.title}) is a category and cannot be reported; choose a code below it"
    if code.valid_to is not None and code.valid_to < on:
        return f"{code.code} ({code.title}) ended on {code.valid_to} and cannot be reported for {on}"
    if code.valid_from is not None and code.valid_from > on:
        return f"{code.code} ({code.title}) begins on {code.valid_from} and cannot be reported for {on}"
    return ""


def _edition_for(on: date, system: str) -> str:
    return f"the {SYSTEMS[system].name} edition for {on}"


def edition_names(system: str | None = None) -> Sequence[CodeSet]:
    """Return the editions that are loaded, by system and date; those of one system where it is named."""
    known = select(CodeSet).order_by(CodeSet.system, CodeSet.effective_from, CodeSet.id)
    return db.session.scalars(known if system is None else known.where(CodeSet.system == system)).all()


def life_of(code: str, system: str = "icd10cm") -> list[Span]:
    """Return when a code was valid and how it was called, oldest first."""
    held = {one.code_set_id: one for one in db.session.scalars(_HELD, {"system": system, "code": code})}
    editions = [one for one in edition_names(system) if not one.is_sample]
    return spans([Edition(one.effective_from, one.effective_to, _stated(held.get(one.id))) for one in editions])


_HELD = select(Code).join(CodeSet).where(_SYSTEM, Code.code == bindparam("code"))


def _stated(code: Code | None) -> Stated | None:
    return None if code is None else Stated(code.title, code.is_billable, code.valid_from, code.valid_to)


def lineages(codes: Iterable[str], on: date | None = None, system: str = "icd10cm") -> dict[str, tuple[Code, ...]]:
    """Return each code that exists on a date with the categories above it, the code itself first."""
    edition, wanted = edition_on(on, system), set(codes)
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
    # What is below begins as the code does: so the index of codes is read, and not the whole edition.
    near = Code.code.between(code.code, code.code + "~")
    below = select(Code).where(Code.code_set_id == code.code_set_id, near, Code.parent == code.code)
    return db.session.scalars(below.order_by(Code.code)).all()


def why_missing(code: str, on: date, system: str = "icd10cm") -> str:
    """Return in plain words why no code is written like this on a date, and what was probably meant."""
    filled = next((one for one in with_placeholders(code) if find(one, on)), "") if system == "icd10cm" else ""
    if filled:
        return (
            f"{code} is not a code: the seventh character keeps its place, and X fills the empty ones before it. "
            f"Did you mean {filled}?"
        )
    return f"{code} is not in {_edition_for(on, system)}{_elsewhen(code, on, system)}{_near(code, on, system)}"


def _elsewhen(code: str, on: date, system: str) -> str:
    """Say that the code ended before the date, or begins after it."""
    life = life_of(code, system)
    ended = [span.until for span in life if span.until is not None and span.until < on]
    begins = [span.since for span in life if span.since > on]
    if ended:
        return f": it was deleted, its last day was {max(ended)}"
    return f": it was added later and begins on {min(begins)}" if begins else ""


def _near(code: str, on: date, system: str) -> str:
    if system not in ("icd10cm", "icd10pcs"):
        return "; search for the code by its words"
    above = next(
        (found for end in range(len(code) - 1, 2, -1) if (found := find(code[:end].rstrip("."), on, system))), None
    )
    return (
        f"; the nearest above it is {above.code} ({above.title})"
        if above
        else "; search for the code by its words"
    )


class Listed(NamedTuple):
    """An edition as the codes page shows it: its days (both ends included) and its number of codes."""

    system: str
    edition: str
    since: date
    until: date | None
    codes: int
    is_sample: bool
    file_name: str


def inventory() -> list[Listed]:
    """Return every edition that is loaded, in the order of the systems, oldest first.

    An edition ends the day before the next begins; one whose place another took the same day is left out.
    """
    found = []
    for system in SYSTEMS:
        editions = edition_names(system)
        for one, following in zip(editions, [*editions[1:], None], strict=False):
            if following is None or following.effective_from != one.effective_from:
                until = following.effective_from - timedelta(days=1) if following else one.effective_to
                found.append(
                    Listed(
                        system, one.edition, one.effective_from, until, one.row_count, one.is_sample, one.file_name
                    )
                )
    return found


def not_loaded() -> list[str]:
    """Return the systems of which no edition is loaded."""
    loaded = set(db.session.scalars(select(CodeSet.system)))
    return [system for system in SYSTEMS if system not in loaded]


def why_not_on(code: str, on: date | None = None, system: str = "icd10cm") -> str:
    """Return why a code cannot be reported on a date (today by default), or ""."""
    return unreportable([code], on or clock.now().date(), system).get(code, "")
