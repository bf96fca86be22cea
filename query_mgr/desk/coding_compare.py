"""The code sets of one encounter, gathered to stand side by side: working, final, and what was billed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import select

from query_mgr.charts.models import Encounter, SentCode
from query_mgr.coding.codeset import CodingError
from query_mgr.coding.compare import CodeSet, Line
from query_mgr.coding.finishing import versions_of
from query_mgr.coding.handoff.actions import handoffs_of
from query_mgr.coding.models import CodeAssignment, CodingVersion
from query_mgr.coding.work import kind_of
from query_mgr.desk.coding_lines import lines_of
from query_mgr.platform.db import db
from query_mgr.platform.web import local

#: where a code that another system sent comes from -> what it is called
ORIGINS = {"claim": "Billed elsewhere: the claim", "account": "The account", "charge": "Charged"}


def sets_of(encounter: Encounter) -> list[CodeSet]:
    """Return the sets of an encounter, the newest first: working, final, accepted by billing, sent by others."""
    found = [CodeSet("working", "Working", tuple(map(_assigned, lines_of(encounter).every)))]
    versions = versions_of(encounter)
    if versions:
        found.append(_version("final", "Final", versions[-1]))
    return [*found, *_accepted(encounter), *_sent(encounter)]


def _accepted(encounter: Encounter) -> Iterable[CodeSet]:
    """Yield what billing has: the newest version of which it accepted every message that was sent."""
    rows = handoffs_of(encounter)
    states: dict[int, set[str]] = {}
    for row in rows:
        states.setdefault(row.version_id, set()).add(row.state)
    taken = [row.version for row in rows if states[row.version_id] == {"accepted"}]
    if taken:
        yield _version("billed", "Billed", taken[0])


def _version(name: str, heading: str, one: CodingVersion) -> CodeSet:
    at = local(one.made_at, "%b %d, %Y")
    return CodeSet(name, f"{heading}, version {one.number} of {at}", tuple(_frozen(one.content)))


def _assigned(row: CodeAssignment) -> Line:
    return Line(
        kind_of(row.system), row.code, row.title, row.sequence, row.poa, row.modifiers,
        row.units if kind_of(row.system) == "service" else None,
    )  # fmt: skip


def _frozen(content: dict[str, Any]) -> Iterable[Line]:
    for kind in ("diagnosis", "procedure", "service"):
        key = "diagnoses" if kind == "diagnosis" else f"{kind}s"
        for one in content.get(key, ()):
            yield Line(
                kind, one["code"], one["title"], one["sequence"], one.get("poa", ""), one.get("modifiers", ""),
                one.get("units") if kind == "service" else None,
            )  # fmt: skip


def _sent(encounter: Encounter) -> Iterable[CodeSet]:
    query = select(SentCode).where(SentCode.encounter_id == encounter.id, SentCode.status == "final")
    rows = db.session.scalars(query.order_by(SentCode.sequence.is_(None), SentCode.sequence, SentCode.id)).all()
    for origin, heading in ORIGINS.items():
        lines = tuple(line for row in rows if row.origin == origin and (line := _sent_line(row)))
        if lines:
            yield CodeSet(origin, heading, lines)


def _sent_line(row: SentCode) -> Line | None:
    try:
        kind = kind_of(row.code_system)
    except CodingError:
        return None  # SNOMED, ICD-9, revenue codes: no code of ours to stand beside
    sequence = 1 if row.role == "principal" else row.sequence
    if row.role == "admitting":
        return None
    units = row.units if kind == "service" else None
    return Line(kind, row.code, row.name, sequence, row.poa, row.modifiers, units)
