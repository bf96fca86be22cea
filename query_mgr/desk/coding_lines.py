"""The codes of an encounter as the page lists them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from string import ascii_uppercase

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from query_mgr.charts.models import Encounter
from query_mgr.coding.models import CodeAssignment
from query_mgr.coding.work import DIAGNOSIS, PROCEDURE, SERVICE, kind_of
from query_mgr.platform.db import db

#: the letters by which a service line points at the first twelve diagnoses (CMS-1500 item 21, 837P)
LETTERS = ascii_uppercase[:12]


@dataclass(frozen=True)
class Lines:
    """The codes of an encounter by kind. letters: ref of a diagnosis -> the letter that points at it."""

    diagnoses: Sequence[CodeAssignment]
    procedures: Sequence[CodeAssignment]
    services: Sequence[CodeAssignment]

    @property
    def letters(self) -> dict[str, str]:
        """Refs of the first twelve diagnoses -> the letters that point at them."""
        return {row.ref: letter for row, letter in zip(self.diagnoses, LETTERS, strict=False)}

    @property
    def every(self) -> tuple[CodeAssignment, ...]:
        """All of them."""
        return (*self.diagnoses, *self.procedures, *self.services)


def lines_of(encounter: Encounter) -> Lines:
    """Return all codes of an encounter in one statement."""
    query = select(CodeAssignment).where(CodeAssignment.encounter_id == encounter.id)
    query = query.options(joinedload(CodeAssignment.provider))
    found: dict[str, list[CodeAssignment]] = {DIAGNOSIS: [], PROCEDURE: [], SERVICE: []}
    for row in db.session.scalars(query.order_by(CodeAssignment.sequence, CodeAssignment.id)):
        found[kind_of(row.system)].append(row)
    return Lines(found[DIAGNOSIS], found[PROCEDURE], found[SERVICE])
