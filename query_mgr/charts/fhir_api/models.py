"""Who may post charts, and what they posted."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from query_mgr.platform.db import Model, UtcDateTime
from query_mgr.platform.ids import new_ref


class InterfaceClient(Model):
    """A system that may post charts, known by a key of which only the hash is kept."""

    __tablename__ = "interface_client"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80), unique=True)
    key_hash: Mapped[str] = mapped_column(String(64), unique=True)  # HMAC/SHA-256
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_by: Mapped[str] = mapped_column(String(200))
    last_used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # to the minute
    disabled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class FhirSubmission(Model):
    """A bundle that was taken in, so that the same one again gets the same answer. No content is kept here."""

    __tablename__ = "fhir_submission"
    __table_args__ = (UniqueConstraint("client_id", "digest"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(16), unique=True, default=new_ref)
    client_id: Mapped[int] = mapped_column(ForeignKey("interface_client.id"))
    digest: Mapped[str] = mapped_column(String(64))  # SHA-256 of the body
    received_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    created: Mapped[str] = mapped_column(Text)  # a sign per entry: 1 where it was new here, else 0
