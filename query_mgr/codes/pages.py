"""What the pages of the codes show: the rows of a search, and all that a coder needs to know of one code."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import select

from query_mgr.codes import laterality, lookup, seventh
from query_mgr.codes.divisions import Division, above
from query_mgr.codes.life import Span
from query_mgr.codes.models import Code, CodeSet
from query_mgr.codes.search import Hit
from query_mgr.codes.seventh import Built, Choice
from query_mgr.codes.uses import Key
from query_mgr.platform.db import chunks, db, rows

#: a note's key -> how the tabular heads it
NOTES = {
    "includes": "Includes",
    "inclusion_terms": "Inclusion terms",
    "excludes1": "Excludes1: not coded here",
    "excludes2": "Excludes2: not included here",
    "code_first": "Code first",
    "use_additional": "Use additional code",
    "code_also": "Code also",
}
#: notes that hold for what is below, too
_INHERITED = tuple(key for key in NOTES if key != "inclusion_terms")
#: what a system has of its own -> how it is headed
OWN = {
    "long": "Full text",
    "coverage": "Medicare coverage code",
    "betos": "BETOS category",
    "status": "OPPS status indicator",
    "action": "Action code",
    "order": "Order number",
}
#: every category with seventh characters has one of these: the first encounter, or "not applicable"
_A_SEVENTH = ("A", "0")


@dataclass(frozen=True)
class Listed:
    """A code in a list. sides: side -> code, where it has a side; mark: favourite, recent or ""."""

    system: str
    code: str
    title: str
    is_billable: bool
    found_as: str = ""
    mark: str = ""
    needs_seventh: bool = False
    sides: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Note:
    """Notes of one heading from one level: a code, a block or a chapter."""

    heading: str
    level: str
    lines: list[str]


@dataclass(frozen=True)
class CodePage:
    """All that the page of a code shows."""

    found: Code
    above: Sequence[Code]
    divisions: Sequence[Division]
    notes: Sequence[Note]
    division_notes: Sequence[Note]
    sides: Mapping[str, str]
    #: the category that offers seventh characters, and these; "" and none where there are none
    category: str
    sevenths: Sequence[Choice]
    built: Built | None
    below: Sequence[Listed]
    life: Sequence[Span]
    own: Sequence[tuple[str, str]]
    why_not: str


def listed(hits: Iterable[Hit], on: date | None, marks: Mapping[Key, str]) -> list[Listed]:
    """Return the rows of a search, each with its other sides and whether it needs a seventh character."""
    hits = list(hits)
    own = [hit for hit in hits if hit.system == "icd10cm"]
    sides = _sides([hit.code for hit in own], on)
    needing = _needing_seventh([hit.code for hit in own if not hit.is_billable], on)
    return [
        Listed(
            hit.system, hit.code, hit.title, hit.is_billable, hit.found_as, marks.get((hit.system, hit.code), ""),
            hit.system == "icd10cm" and hit.code in needing,
            sides.get(hit.code, {}) if hit.system == "icd10cm" else {},
        )
        for hit in hits
    ]  # fmt: skip


def code_page(system: str, code: str, on: date | None) -> CodePage | None:
    """Return what is to be shown of a code, as it is on a day or else as it was last; None where it never was."""
    asked, life = on, lookup.life_of(code, system)
    levels = lookup.lineages([code], on, system).get(code)
    if levels is None and life:  # deleted, or not yet in force: shown as it was or will be
        on = life[-1].until or life[-1].since
        levels = lookup.lineages([code], on, system).get(code)
    if levels is None:
        return None
    found, is_cm = levels[0], system == "icd10cm"
    below = lookup.children(found)
    category, sevenths = _sevenths(found, levels, below) if is_cm else ("", [])
    divisions = above(code, _divisions(found.code_set_id)) if is_cm else []
    shown = [one for one in below if one.code not in {choice.code for choice in sevenths}]
    return CodePage(
        found=found, above=levels[:0:-1], divisions=divisions, sevenths=sevenths, category=category,
        notes=[note for level in levels for note in _notes(level.code, level.notes, own=level is found)],
        division_notes=[
            note for one in divisions[::-1] for note in _notes(f"{one.kind} {one.name}", one.notes, own=True)
        ],
        sides=_sides([code], on).get(code, {}) if is_cm else {},
        built=seventh.built(code, category) if category else None,
        below=listed((Hit(one.code, one.title, one.is_billable, system) for one in shown), on, {}),
        life=life, own=[(heading, str(found.own[key])) for key, heading in OWN.items() if found.own.get(key)],
        why_not=lookup.why_not_on(code, asked, system) if found.is_billable else "",
    )  # fmt: skip


def _notes(level: str, notes: Mapping[str, Any], *, own: bool) -> list[Note]:
    """Return the notes of a level under their headings; of a level above only those that hold below it."""
    keys = NOTES if own else _INHERITED
    return [
        Note(NOTES[key], level, note.splitlines() if isinstance(note, str) else list(note))
        for key in keys
        if (note := notes.get(key))
    ]


def _sevenths(found: Code, levels: Sequence[Code], below: Iterable[Code]) -> tuple[str, list[Choice]]:
    """Return the category that offers seventh characters, this one or the one above it, with its choices."""
    choices = seventh.choices(found.code, found.title, _plain(below))
    if choices:
        return found.code, choices
    if len(levels) > 1 and len(found.code) == len("T45.0X1A"):
        parent = levels[1]
        choices = seventh.choices(parent.code, parent.title, _plain(lookup.children(parent)))
        return (parent.code, choices) if choices else ("", [])
    return "", []


def _plain(codes: Iterable[Code]) -> list[tuple[str, str, bool]]:
    return [(one.code, one.title, one.is_billable) for one in codes]


def _divisions(edition: int) -> list[dict[str, Any]]:
    return db.session.scalar(select(CodeSet.divisions).where(CodeSet.id == edition)) or []


def _titles(codes: Iterable[str], on: date | None) -> dict[str, str]:
    edition, found = lookup.edition_on(on), dict[str, str]()
    for some in chunks(codes):
        known = select(Code.code, Code.title).where(Code.code_set_id == edition, Code.code.in_(some))
        found |= {row[0]: row[1] for row in rows(known)}
    return found


def _sides(codes: Sequence[str], on: date | None) -> dict[str, dict[str, str]]:
    like = {code: list(laterality.alike(code)) for code in codes}
    known = _titles([*codes, *(other for others in like.values() for other in others)], on)
    found = {}
    for code, others in like.items():
        titles = {one: known[one] for one in (code, *others) if one in known}
        if len(titles) > 1 and code in titles:
            found[code] = laterality.sides(code, titles)
    return found


def _needing_seventh(codes: Iterable[str], on: date | None) -> set[str]:
    """Return those of the categories that are whole but for their seventh character."""
    wanted = {f"{seventh.stem_of(code)}{sign}": code for code in codes for sign in _A_SEVENTH}
    return {wanted[found] for found in _titles(wanted, on)}
