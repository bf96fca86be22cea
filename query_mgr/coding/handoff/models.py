"""What was handed to billing, message by message, and what billing sent back."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from query_mgr.charts.models import Encounter
from query_mgr.coding.models import CodingVersion
from query_mgr.platform.db import Model, UtcDateTime
from query_mgr.platform.ids import new_ref


class HandOff(Model):
    """One version of an encounter's codes on one channel to billing: never twice."""

    __tablename__ = "hand_off"
    __table_args__ = (
        UniqueConstraint("version_id", "channel"),
        Index("ix_hand_off_state", "state", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    #: MSH-10 of its message, the same in every attempt
    ref: Mapped[str] = mapped_column(String(16), unique=True, default=new_ref)
    encounter_id: Mapped[int] = mapped_column(ForeignKey("encounter.id"), index=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("coding_version.id"))
    channel: Mapped[str] = mapped_column(String(30))  # "bar:mllp": what, and by which way
    state: Mapped[str] = mapped_column(String(10))  # a key of `words.STATES`
    #: the message, byte for byte the same in every attempt
    content: Mapped[str] = mapped_column(Text)
    is_correction: Mapped[bool] = mapped_column(default=False)
    #: the message that waits in the outbox, or waited there last
    outbox_ref: Mapped[str] = mapped_column(String(16), default="")
    #: how often billing answered that it could not take the message
    errors: Mapped[int] = mapped_column(default=0)
    #: it left here and no answer came, so billing may have it
    is_uncertain: Mapped[bool] = mapped_column(default=False)
    #: billing's last answer: MSA-1 or the HTTP status, when, and in its own words, which may quote the message
    answer: Mapped[str] = mapped_column(String(20), default="")
    answer_text: Mapped[str] = mapped_column(Text, default="")
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    #: why it waits or wants attention, in our words; or what a person said who settled it
    reason: Mapped[str] = mapped_column(String(500), default="")
    made_by: Mapped[str] = mapped_column(String(255))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    settled_by: Mapped[str] = mapped_column(String(255), default="")

    encounter: Mapped[Encounter] = relationship()
    version: Mapped[CodingVersion] = relationship(lazy="joined")

    @property
    def format(self) -> str:
        """What is sent: a key of `channels.FORMATS`."""
        return self.channel.partition(":")[0]

    @property
    def way(self) -> str:
        """How it travels: a key of `channels.WAYS`."""
        return self.channel.partition(":")[2]


class BillingReturn(Model):
    """An encounter that billing sent back. Rows are only ever added."""

    __tablename__ = "billing_return"

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(16), unique=True, default=new_ref)
    encounter_id: Mapped[int] = mapped_column(ForeignKey("encounter.id"), index=True)
    version_id: Mapped[int | None] = mapped_column(ForeignKey("coding_version.id"))
    reason: Mapped[str] = mapped_column(String(20))  # a key of `words.RETURN_REASONS`
    note: Mapped[str] = mapped_column(Text, default="")
    returned_by: Mapped[str] = mapped_column(String(255))
    returned_at: Mapped[datetime] = mapped_column(UtcDateTime)

    version: Mapped[CodingVersion | None] = relationship(lazy="joined")
