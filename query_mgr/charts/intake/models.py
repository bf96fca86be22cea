"""The ledger of everything that came in."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from query_mgr.platform.db import Model, UtcDateTime
from query_mgr.platform.ids import new_ref


class Intake(Model):
    """One file, request, pulled page or message, and what became of it. The same content again counts on its row."""

    __tablename__ = "intake"
    __table_args__ = (
        UniqueConstraint("feed", "digest", name="uq_intake_feed_digest"),
        Index("ix_intake_feed_seen", "feed", "last_seen_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(16), unique=True, default=new_ref)
    feed: Mapped[str] = mapped_column(
        String(120)
    )  # files | MLLP 10.0.0.7 | POST /fhir CLIENT | pull HOST | replay
    name: Mapped[str] = mapped_column(String(200))  # of the file, without its folder
    format: Mapped[str] = mapped_column(String(20), default="")  # of actions.FORMATS
    digest: Mapped[str] = mapped_column(String(64), index=True)  # SHA-256 of what came
    size: Mapped[int]
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    times_seen: Mapped[int] = mapped_column(default=1)
    by: Mapped[str] = mapped_column(String(200))
    status: Mapped[str] = mapped_column(String(10))  # imported | unchanged | held | ignored | rejected
    counts: Mapped[dict[str, int]] = mapped_column(JSON)
    reason: Mapped[str] = mapped_column(Text, default="")
    duration_ms: Mapped[int] = mapped_column(default=0)
    replay_of: Mapped[str] = mapped_column(String(16), default="", index=True)  # ref of the part sent once more

    parts: Mapped[list[IntakePart]] = relationship(back_populates="intake", order_by="IntakePart.id")


class IntakePart(Model):
    """A part of what came (or the whole of it) that was refused or waits; open until `settled_at`.

    `payload` is gzip, and None once it was settled for good by time (`retention`) or was too large to keep.
    """

    __tablename__ = "intake_part"
    __table_args__ = (Index("ix_intake_part_open", "settled_at", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(16), unique=True, default=new_ref)
    intake_id: Mapped[int] = mapped_column(ForeignKey("intake.id"), index=True)
    where: Mapped[str] = mapped_column(String(200), default="")  # "message 4", "entry[3]"; "" for the whole
    status: Mapped[str] = mapped_column(String(10))  # held | rejected
    reason: Mapped[str] = mapped_column(Text)
    payload: Mapped[bytes | None] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    settled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    settlement: Mapped[str] = mapped_column(String(10), default="")  # replayed | dismissed | came_in | ""
    settled_by: Mapped[str] = mapped_column(String(200), default="")
    settled_reason: Mapped[str] = mapped_column(String(300), default="")

    intake: Mapped[Intake] = relationship(back_populates="parts", lazy="joined")


class ImportRun(Model):
    """An import of many files while it runs: how far it is."""

    __tablename__ = "import_run"

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(16), unique=True, default=new_ref)
    feed: Mapped[str] = mapped_column(String(120))
    by: Mapped[str] = mapped_column(String(200))
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    files_total: Mapped[int]
    files_done: Mapped[int] = mapped_column(default=0)
    statuses: Mapped[dict[str, int]] = mapped_column(JSON, default=dict)  # how many files had which status
