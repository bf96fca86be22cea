"""Queries, their clinical indicators, the talk about them, and templates made in the browser."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from query_mgr.accounts.models import Provider, User
from query_mgr.charts.models import Encounter
from query_mgr.platform.db import Model, UtcDateTime
from query_mgr.platform.ids import new_ref


class Query(Model):
    """A question to a provider about what an encounter's record leaves open."""

    __tablename__ = "query"
    __table_args__ = (
        Index("ix_query_status_due", "status", "due_at"),
        Index("ix_query_sent_at", "sent_at"),
        Index("ix_query_updated", "updated_at", "id"),
        Index("ix_query_status_updated", "status", "updated_at", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(16), unique=True, default=new_ref)
    #: what a mail may say of it; random, never derived from the patient
    mail_ref: Mapped[str] = mapped_column(String(8), default=lambda: f"{new_ref(3)}-{new_ref(3)}".upper())
    encounter_id: Mapped[int] = mapped_column(ForeignKey("encounter.id"), index=True)
    provider_id: Mapped[int] = mapped_column(ForeignKey("provider.id"), index=True)
    author_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    #: the query that this one asks again, with what was asked and answered then: see threads.Earlier
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("query.id"), index=True)
    earlier: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    #: what it was sent together with
    bundle_id: Mapped[int | None] = mapped_column(ForeignKey("query_bundle.id"), index=True)
    channel: Mapped[str] = mapped_column(String(10), default="written")  # written | spoken
    #: any member may answer it, where it went to a pool
    pool_id: Mapped[int | None] = mapped_column(ForeignKey("provider_pool.id"))
    priority: Mapped[str] = mapped_column(String(10), default="routine", server_default="routine")
    template_key: Mapped[str] = mapped_column(String(80), default="")
    template_version: Mapped[str] = mapped_column(String(20), default="")
    condition: Mapped[str] = mapped_column(String(80), default="")
    #: specificity | acuity | clinical_validation | poa | cause_effect | conflict | new_condition | procedure
    purpose: Mapped[str] = mapped_column(String(30))
    query_type: Mapped[str] = mapped_column(String(20))  # multiple_choice | yes_no | open_ended
    timing: Mapped[str] = mapped_column(String(15))  # concurrent | retrospective | pre_bill
    title: Mapped[str] = mapped_column(String(200))
    body: Mapped[str] = mapped_column(Text, default="")
    question: Mapped[str] = mapped_column(Text)
    #: [{"key", "label", "kind": "clinical"|"other"|"undetermined"|"not_significant"|"ruled_out",
    #:   "changes": [{"op": "add"|"replace"|"remove"|"poa", "code", "replaces": [...], "poa"}]}]
    options: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    status: Mapped[str] = mapped_column(String(20), default="draft")
    revision: Mapped[int] = mapped_column(default=1)
    version: Mapped[int] = mapped_column(default=1)
    #: findings at the moment of sending, and the author's reason where warnings stayed
    lint: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    #: the edition of the brief that it was checked under when it was sent, "" before editions were kept
    lint_edition: Mapped[str] = mapped_column(String(30), default="")
    override_reason: Mapped[str] = mapped_column(Text, default="")
    #: why it was asked although the guard found it asked before: see guard.notices
    repeat_reason: Mapped[str] = mapped_column(Text, default="")
    #: what the provider saw: the frozen content (`snapshot`), its rendering, and the hash of the content
    snapshot: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    snapshot_html: Mapped[str] = mapped_column(Text, default="")
    snapshot_hash: Mapped[str] = mapped_column(String(64), default="")
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    delivered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    opened_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    responded_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # first qualifying response
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    #: how the answer counts: agreed | other | undetermined | not_significant | ruled_out | "" (none yet)
    outcome: Mapped[str] = mapped_column(String(20), default="")

    __mapper_args__ = {"version_id_col": version}

    encounter: Mapped[Encounter] = relationship(lazy="joined")
    provider: Mapped[Provider] = relationship(lazy="joined")
    author: Mapped[User] = relationship()
    indicators: Mapped[list[QueryIndicator]] = relationship(
        order_by="QueryIndicator.position", cascade="all, delete-orphan"
    )
    comments: Mapped[list[QueryComment]] = relationship(order_by="QueryComment.id", cascade="all, delete-orphan")
    cosignings: Mapped[list[QueryCosigning]] = relationship(
        order_by="QueryCosigning.id", cascade="all, delete-orphan"
    )
    talk: Mapped[QueryTalk | None] = relationship(cascade="all, delete-orphan")
    handed_back: Mapped[list[QueryHandedBack]] = relationship(
        order_by="QueryHandedBack.id", cascade="all, delete-orphan"
    )

    @property
    def cosigner(self) -> User | None:
        """The lead who sent a trainee's query."""
        return next((one.decided_by for one in self.cosignings if one.decision == "cosigned"), None)


class QueryIndicator(Model):
    """A clinical indicator with its provenance, copied at the time it was picked and frozen at send."""

    __tablename__ = "query_indicator"

    id: Mapped[int] = mapped_column(primary_key=True)
    query_id: Mapped[int] = mapped_column(ForeignKey("query.id", ondelete="CASCADE"), index=True)
    position: Mapped[int]
    source_kind: Mapped[str] = mapped_column(String(10))  # document | fact | trend
    source_ref: Mapped[str] = mapped_column(String(16), index=True)
    source_label: Mapped[str] = mapped_column(String(250))  # "Progress note, Dr. A. Reyes (attending)"
    author_role: Mapped[str] = mapped_column(String(20), default="")
    text: Mapped[str] = mapped_column(Text)  # "Creatinine 2.4 mg/dL (ref 0.6-1.3)" or the excerpt
    observed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    start: Mapped[int | None]  # offsets into the document's text, in characters
    end: Mapped[int | None]
    source_hash: Mapped[str] = mapped_column(String(64))
    encounter_scope: Mapped[str] = mapped_column(String(10), default="current")  # current | prior
    source_state: Mapped[str] = mapped_column(
        String(10), default=""
    )  # "" | withdrawn | changed: see lint.draft.SOURCE_STATES

    readings: Mapped[list[QueryIndicatorReading]] = relationship(cascade="all, delete-orphan")

    @property
    def fact_refs(self) -> tuple[str, ...]:
        """The values that make a trend."""
        return tuple(one.fact_ref for one in self.readings)


class QueryIndicatorReading(Model):
    """One of the values that make a trend."""

    __tablename__ = "query_indicator_reading"

    id: Mapped[int] = mapped_column(primary_key=True)
    indicator_id: Mapped[int] = mapped_column(ForeignKey("query_indicator.id", ondelete="CASCADE"), index=True)
    fact_ref: Mapped[str] = mapped_column(String(16), index=True)


class QueryComment(Model):
    """A message between provider and coder about one query."""

    __tablename__ = "query_comment"

    id: Mapped[int] = mapped_column(primary_key=True)
    query_id: Mapped[int] = mapped_column(ForeignKey("query.id", ondelete="CASCADE"), index=True)
    author_kind: Mapped[str] = mapped_column(String(10))  # provider | staff
    author_name: Mapped[str] = mapped_column(String(160))
    text: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class QueryBundle(Model):
    """Queries about one encounter that went to one provider in one mail. Each is answered alone."""

    __tablename__ = "query_bundle"

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(16), unique=True, default=new_ref)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)

    queries: Mapped[list[Query]] = relationship(order_by="Query.id")


class QueryCosigning(Model):
    """One time that a query waited for a lead, and what the lead decided."""

    __tablename__ = "query_cosigning"

    id: Mapped[int] = mapped_column(primary_key=True)
    query_id: Mapped[int] = mapped_column(ForeignKey("query.id", ondelete="CASCADE"), index=True)
    asked_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    decision: Mapped[str] = mapped_column(String(10), default="")  # "" | cosigned | returned | taken_back
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    note: Mapped[str] = mapped_column(Text, default="")  # staff only: the lead's words to the author

    asked_by: Mapped[User] = relationship(foreign_keys=[asked_by_id])
    decided_by: Mapped[User | None] = relationship(foreign_keys=[decided_by_id])


class QueryTalk(Model):
    """A spoken query: who asked whom, when and how, and what was answered then."""

    __tablename__ = "query_talk"

    id: Mapped[int] = mapped_column(primary_key=True)
    query_id: Mapped[int] = mapped_column(ForeignKey("query.id", ondelete="CASCADE"), unique=True)
    asked_by: Mapped[str] = mapped_column(String(160))
    talked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    how: Mapped[str] = mapped_column(String(20))  # see spoken.WAYS
    told: Mapped[str] = mapped_column(Text, default="")  # the answer as it was understood
    recorded_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)

    recorded_by: Mapped[User] = relationship()


class QueryHandedBack(Model):
    """One time that somebody said that a query is not theirs, and who was asked then."""

    __tablename__ = "query_handed_back"

    id: Mapped[int] = mapped_column(primary_key=True)
    query_id: Mapped[int] = mapped_column(ForeignKey("query.id", ondelete="CASCADE"), index=True)
    provider_id: Mapped[int] = mapped_column(ForeignKey("provider.id"))
    said_at: Mapped[datetime] = mapped_column(UtcDateTime)
    #: whether whoever said it had proved who they are; else they had only the link
    is_proven: Mapped[bool]
    note: Mapped[str] = mapped_column(Text, default="")
    named_id: Mapped[int | None] = mapped_column(ForeignKey("provider.id"))  # whom they would ask
    to_id: Mapped[int | None] = mapped_column(ForeignKey("provider.id"))
    decided_by: Mapped[str] = mapped_column(String(255), default="")
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    provider: Mapped[Provider] = relationship(foreign_keys=[provider_id])
    named: Mapped[Provider | None] = relationship(foreign_keys=[named_id])
    to: Mapped[Provider | None] = relationship(foreign_keys=[to_id])


class QueryRevision(Model):
    """What an earlier provider was shown, as it was frozen then: `Query.snapshot` holds what the present one is shown."""

    __tablename__ = "query_revision"
    __table_args__ = (UniqueConstraint("query_id", "revision"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    query_id: Mapped[int] = mapped_column(ForeignKey("query.id", ondelete="CASCADE"))
    revision: Mapped[int]
    provider_id: Mapped[int] = mapped_column(ForeignKey("provider.id"))
    snapshot: Mapped[dict[str, Any]] = mapped_column(JSON)
    snapshot_html: Mapped[str] = mapped_column(Text)
    snapshot_hash: Mapped[str] = mapped_column(String(64))
    replaced_at: Mapped[datetime] = mapped_column(UtcDateTime)

    provider: Mapped[Provider] = relationship()


class SiteTemplate(Model):
    """One version of a query template that this site wrote or changed in the browser."""

    __tablename__ = "site_template"
    __table_args__ = (UniqueConstraint("key", "version_number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(16), unique=True, default=new_ref)
    key: Mapped[str] = mapped_column(String(80))
    version_number: Mapped[int]
    status: Mapped[str] = mapped_column(String(12), default="draft")  # see site_templates.STEPS
    source: Mapped[str] = mapped_column(Text)  # the file: YAML front matter and Jinja2 body
    author_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    approver_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    approved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    #: what the second person wants changed, where the version was returned
    note: Mapped[str] = mapped_column(String(500), default="")

    author: Mapped[User] = relationship(foreign_keys=[author_id])
    approver: Mapped[User | None] = relationship(foreign_keys=[approver_id])


class RetiredTemplate(Model):
    """A template, shipped or the site's own, that is offered to nobody any more."""

    __tablename__ = "retired_template"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(80), unique=True)
    reason: Mapped[str] = mapped_column(Text)
    retired_by_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"))
    retired_at: Mapped[datetime] = mapped_column(UtcDateTime)

    retired_by: Mapped[User] = relationship()
