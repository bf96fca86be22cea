"""Code assignments and their history."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from query_mgr.charts.models import Encounter
from query_mgr.platform.db import Model, UtcDateTime
from query_mgr.platform.ids import new_ref


class CodeAssignment(Model):
    """A diagnosis code on an encounter's working set; sequence 1 is the principal diagnosis."""

    __tablename__ = "code_assignment"

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(16), unique=True, default=new_ref)
    encounter_id: Mapped[int] = mapped_column(ForeignKey("encounter.id"), index=True)
    system: Mapped[str] = mapped_column(String(20), default="icd10cm")
    code: Mapped[str] = mapped_column(String(12))
    title: Mapped[str] = mapped_column(String(400))
    sequence: Mapped[int]
    poa: Mapped[str] = mapped_column(String(1), default="")  # Y | N | U | W | 1 (exempt) | "" (not set)
    #: where it is documented: {"kind": "document"|"fact"|"answer", "ref", "start", "end", "text", "label"}
    evidence: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    assigned_by: Mapped[str] = mapped_column(String(255))
    assigned_at: Mapped[datetime] = mapped_column(UtcDateTime)

    encounter: Mapped[Encounter] = relationship()


class CodeChange(Model):
    """One change of a code set: who, when, why, and both sides. Rows are only ever added."""

    __tablename__ = "code_change"

    id: Mapped[int] = mapped_column(primary_key=True)
    encounter_id: Mapped[int] = mapped_column(ForeignKey("encounter.id"), index=True)
    assignment_ref: Mapped[str] = mapped_column(String(16), index=True)
    action: Mapped[str] = mapped_column(String(12))  # add | remove | replace | poa | sequence | evidence
    before: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    after: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    reason: Mapped[str] = mapped_column(Text)
    #: the answer that supports the change, where one does
    answer_ref: Mapped[str | None] = mapped_column(String(16), index=True)
    changed_by: Mapped[str] = mapped_column(String(255))
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
