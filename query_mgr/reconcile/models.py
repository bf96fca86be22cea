"""What the coder decided about an answer."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from query_mgr.platform.db import Model, UtcDateTime
from query_mgr.respond.models import Amendment, Answer


class Reconciliation(Model):
    """One answer's effect on the code set; undecided until the coder accepts, edits or declines."""

    __tablename__ = "reconciliation"

    id: Mapped[int] = mapped_column(primary_key=True)
    answer_id: Mapped[int] = mapped_column(ForeignKey("answer.id"), unique=True)
    #: [{"op", "code", "title", "replaces": [...], "poa"}]; empty where a person must decide
    proposal: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    before: Mapped[list[dict[str, Any]] | None] = mapped_column(JSON)
    after: Mapped[list[dict[str, Any]] | None] = mapped_column(JSON)
    decision: Mapped[str] = mapped_column(String(12), default="")  # "" | accepted | edited | declined
    reason: Mapped[str] = mapped_column(Text, default="")
    decided_by: Mapped[str] = mapped_column(String(255), default="")
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    answer: Mapped[Answer] = relationship(lazy="joined")


class AmendmentReview(Model):
    """That a coder read an amendment, and what followed for the codes."""

    __tablename__ = "amendment_review"

    id: Mapped[int] = mapped_column(primary_key=True)
    amendment_id: Mapped[int] = mapped_column(ForeignKey("answer_amendment.id"), unique=True)
    followed: Mapped[str] = mapped_column(Text)
    seen_by: Mapped[str] = mapped_column(String(255))
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)

    amendment: Mapped[Amendment] = relationship(lazy="joined")
