"""An answer that somebody gave for another, and the signature of the one who was asked, where the policy wants it too."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from query_mgr.accounts.models import Provider
from query_mgr.platform.db import Model, UtcDateTime
from query_mgr.respond.models import Answer


class AnswerCosignature(Model):
    """One answer that is to be signed by the one who was asked; the answer itself is never changed."""

    __tablename__ = "answer_cosignature"

    id: Mapped[int] = mapped_column(primary_key=True)
    answer_id: Mapped[int] = mapped_column(ForeignKey("answer.id"), unique=True)
    asked_id: Mapped[int] = mapped_column(ForeignKey("provider.id"))
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    signed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    #: as of an answer: who, when, how, what it means, and the hash of the answer's own manifest
    manifest: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    manifest_hash: Mapped[str] = mapped_column(String(64), default="")

    answer: Mapped[Answer] = relationship()
    asked: Mapped[Provider] = relationship()
