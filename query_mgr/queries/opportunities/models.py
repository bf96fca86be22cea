"""Gaps that were found, what a person decided about them, and which charts wait to be read again."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from query_mgr.charts.models import Encounter
from query_mgr.platform.db import Model, UtcDateTime
from query_mgr.platform.ids import new_ref


class Opportunity(Model):
    """One documentation gap of an encounter, as it was found last."""

    __tablename__ = "opportunity"
    __table_args__ = (
        UniqueConstraint("encounter_id", "kind", "condition"),
        Index("ix_opportunity_open", "is_open", "weight", "evidence_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(16), unique=True, default=new_ref)
    encounter_id: Mapped[int] = mapped_column(ForeignKey("encounter.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(30))  # see gap.KINDS
    condition: Mapped[str] = mapped_column(String(80))
    probe: Mapped[str] = mapped_column(String(120))
    template: Mapped[str] = mapped_column(String(80), default="")
    criteria: Mapped[str] = mapped_column(Text, default="")
    criteria_source: Mapped[str] = mapped_column(Text, default="")
    evidence: Mapped[list[list[Any]]] = mapped_column(JSON, default=list)  # see Gap.as_row
    suppressed_because: Mapped[str] = mapped_column(Text, default="")
    weight: Mapped[int]  # clinical, from 1 to 4
    evidence_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # the newest piece
    found_at: Mapped[datetime] = mapped_column(UtcDateTime)
    #: worth asking now: neither suppressed nor dismissed. Whether it was asked meanwhile, the queries say
    is_open: Mapped[bool]
    dismissed_reason: Mapped[str] = mapped_column(Text, default="")
    dismissed_by: Mapped[str] = mapped_column(String(200), default="")
    dismissed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    #: the texts of the evidence that was looked at then: more than these opens the gap again
    dismissed_evidence: Mapped[list[str]] = mapped_column(JSON, default=list)

    encounter: Mapped[Encounter] = relationship()

    def undismiss(self) -> None:
        """Forget who dismissed it, why, and by what evidence."""
        self.dismissed_reason, self.dismissed_by, self.dismissed_at, self.dismissed_evidence = "", "", None, []


class OpportunityScan(Model):
    """What the probes found in an encounter, before it was settled: a change asks only those again that it touches."""

    __tablename__ = "opportunity_scan"

    encounter_id: Mapped[int] = mapped_column(ForeignKey("encounter.id", ondelete="CASCADE"), primary_key=True)
    stamp: Mapped[str] = mapped_column(String(16))  # Finder.stamp: what was found depends on it
    found: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    scanned_at: Mapped[datetime] = mapped_column(UtcDateTime)


class OpportunityDue(Model):
    """An encounter whose chart changed: by which facts and documents, or (None) in a way that asks for all of it."""

    __tablename__ = "opportunity_due"

    id: Mapped[int] = mapped_column(primary_key=True)
    encounter_id: Mapped[int] = mapped_column(ForeignKey("encounter.id", ondelete="CASCADE"), index=True)
    refs: Mapped[list[str] | None] = mapped_column(JSON)
