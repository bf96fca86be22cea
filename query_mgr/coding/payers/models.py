"""Payers, and their policies by version."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, Text, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from query_mgr.platform.db import Model, UtcDateTime
from query_mgr.platform.ids import new_ref


class Payer(Model):
    """Who pays, and under which names charts know it."""

    __tablename__ = "payer"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(60), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    also_called: Mapped[list[str]] = mapped_column(JSON)
    #: made up for demonstration
    is_example: Mapped[bool] = mapped_column(default=False, server_default=false())


class PayerPolicy(Model):
    """One version of a policy. Rows are only ever added: a change is a new version."""

    __tablename__ = "payer_policy"
    __table_args__ = (UniqueConstraint("payer_id", "number", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(16), unique=True, default=new_ref)
    payer_id: Mapped[int] = mapped_column(ForeignKey("payer.id"))
    number: Mapped[str] = mapped_column(String(40))  # as the payer numbers it
    version: Mapped[int]
    title: Mapped[str] = mapped_column(String(200))
    effective_from: Mapped[date]
    effective_to: Mapped[date | None]  # the last day
    #: `terms.as_stored`: codes, diagnoses, frequency, ages, sex, places, modifiers
    terms: Mapped[dict[str, Any]] = mapped_column(JSON)
    citation: Mapped[str] = mapped_column(String(300))
    text: Mapped[str] = mapped_column(Text)  # in our own words
    source_url: Mapped[str] = mapped_column(String(300))
    change_note: Mapped[str] = mapped_column(String(300))
    made_by: Mapped[str] = mapped_column(String(255))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)

    payer: Mapped[Payer] = relationship(lazy="joined")
