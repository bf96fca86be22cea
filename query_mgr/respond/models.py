"""Links and signed answers."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from query_mgr.accounts.models import Provider
from query_mgr.platform.db import Model, UtcDateTime
from query_mgr.platform.ids import new_ref
from query_mgr.queries.models import Query


class QueryLink(Model):
    """A way from a mail to one query for one provider at one address. Only the token's keyed hash is kept."""

    __tablename__ = "query_link"

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(16), unique=True, default=new_ref)
    query_id: Mapped[int] = mapped_column(ForeignKey("query.id"), index=True)
    provider_id: Mapped[int] = mapped_column(ForeignKey("provider.id"))
    address: Mapped[str] = mapped_column(String(255))
    revision: Mapped[int]
    #: answer, or record: to read what was signed and to add to it
    purpose: Mapped[str] = mapped_column(String(10), default="answer")
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    query: Mapped[Query] = relationship(lazy="joined")
    provider: Mapped[Provider] = relationship(lazy="joined")


class AnswerLater(Model):
    """That a provider will answer later, and when they want to be reminded. The last one counts."""

    __tablename__ = "answer_later"

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(16), unique=True, default=new_ref)
    query_id: Mapped[int] = mapped_column(ForeignKey("query.id"), index=True)
    provider_id: Mapped[int] = mapped_column(ForeignKey("provider.id"))
    said_at: Mapped[datetime] = mapped_column(UtcDateTime)
    remind_at: Mapped[datetime] = mapped_column(UtcDateTime)

    query: Mapped[Query] = relationship(lazy="joined")
    provider: Mapped[Provider] = relationship(lazy="joined")


class Answer(Model):
    """A signed answer. One per query revision; the database itself refuses to change or delete it (migration 0035)."""

    __tablename__ = "answer"
    __table_args__ = (UniqueConstraint("query_id", "revision"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(16), unique=True, default=new_ref)
    query_id: Mapped[int] = mapped_column(ForeignKey("query.id"))
    revision: Mapped[int]
    option_key: Mapped[str] = mapped_column(String(40))  # "" for an open-ended query
    option_label: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text, default="")
    signer_id: Mapped[int] = mapped_column(ForeignKey("provider.id"))
    signed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    #: name, credentials, NPI, times, meaning, method, and the hashes of query and answer (assurance §1.3)
    manifest: Mapped[dict[str, Any]] = mapped_column(JSON)
    manifest_hash: Mapped[str] = mapped_column(String(64))
    op_id: Mapped[str] = mapped_column(String(64), unique=True)

    query: Mapped[Query] = relationship(lazy="joined")
    signer: Mapped[Provider] = relationship(lazy="joined")
    amendments: Mapped[list[Amendment]] = relationship(order_by="Amendment.number", viewonly=True)

    @property
    def corrected_by(self) -> Amendment | None:
        """The correction that stands now, if any."""
        return next((one for one in reversed(self.amendments) if one.kind == "correction"), None)


class Amendment(Model):
    """A signed addition to a signed answer, which stays as it is (42 CFR 482.24(c)(1); CMS PIM ch. 3 §3.3.2.5).

    Each holds the hash of what came before it, so that none can be taken out. The database refuses to change it.
    """

    __tablename__ = "answer_amendment"
    __table_args__ = (UniqueConstraint("answer_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(16), unique=True, default=new_ref)
    answer_id: Mapped[int] = mapped_column(ForeignKey("answer.id"))
    number: Mapped[int]  # from 1
    kind: Mapped[str] = mapped_column(String(12))  # a key of amendments.KINDS
    option_key: Mapped[str] = mapped_column(String(40), default="")  # of a correction: the answer that is right
    option_label: Mapped[str] = mapped_column(Text, default="")
    text: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    signer_id: Mapped[int] = mapped_column(ForeignKey("provider.id"))
    signed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    #: as an answer's, with the kind, what came before it, and what was out of the ordinary: amendments.FLAGS
    manifest: Mapped[dict[str, Any]] = mapped_column(JSON)
    manifest_hash: Mapped[str] = mapped_column(String(64))
    op_id: Mapped[str] = mapped_column(String(64), unique=True)

    answer: Mapped[Answer] = relationship(lazy="joined")
    signer: Mapped[Provider] = relationship(lazy="joined")

    @property
    def flags(self) -> tuple[str, ...]:
        """What was out of the ordinary when it was signed."""
        return tuple(self.manifest.get("flags", ()))
