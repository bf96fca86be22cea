"""What was fetched from which server, up to when."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from query_mgr.platform.db import Model, UtcDateTime
from query_mgr.platform.ids import new_ref


class FhirPull(Model):
    """One run. The next one asks for what changed after `until_at` of the last that is done."""

    __tablename__ = "fhir_pull"
    __table_args__ = (Index("ix_fhir_pull_base_url_state", "base_url", "state"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(16), unique=True, default=new_ref)
    base_url: Mapped[str] = mapped_column(String(300))
    since_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # None: everything
    until_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # by the server's clock
    method: Mapped[str] = mapped_column(String(10), default="")  # export | search
    status_url: Mapped[str] = mapped_column(Text, default="")  # where an export tells how far it is
    state: Mapped[str] = mapped_column(String(10), default="running")  # running | done | dropped
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    resources: Mapped[int] = mapped_column(default=0)
    rejected: Mapped[int] = mapped_column(default=0)  # charts that wait in the interface console instead
