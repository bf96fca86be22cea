"""Policies and calendars in versions, the clock of each query, what was done, and who is away, covers or stands in."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from query_mgr.accounts.models import Provider
from query_mgr.platform.db import Model, UtcDateTime
from query_mgr.platform.ids import new_ref
from query_mgr.queries.models import Query


class FollowUpPolicy(Model):
    """One version of a row of the policy table. Rows are only ever added: a change is a new version."""

    __tablename__ = "follow_up_policy"
    __table_args__ = (UniqueConstraint("site", "service_line", "priority", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(16), unique=True, default=new_ref)
    site: Mapped[str] = mapped_column(String(160))  # "" any, as Encounter.facility names it
    service_line: Mapped[str] = mapped_column(String(80))
    priority: Mapped[str] = mapped_column(String(10))
    version: Mapped[int]
    #: the fields of policy.Policy; None: from this version on the row is withdrawn
    terms: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    note: Mapped[str] = mapped_column(String(300))
    made_by: Mapped[str] = mapped_column(String(255))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)


class SiteCalendar(Model):
    """One version of a site's calendar; site "" is every site without one of its own. Rows are only ever added."""

    __tablename__ = "site_calendar"
    __table_args__ = (UniqueConstraint("site", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(16), unique=True, default=new_ref)
    site: Mapped[str] = mapped_column(String(160))
    version: Mapped[int]
    terms: Mapped[dict[str, Any]] = mapped_column(JSON)  # see store.calendar_of
    note: Mapped[str] = mapped_column(String(300))
    made_by: Mapped[str] = mapped_column(String(255))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)


class DepartmentLead(Model):
    """Who hears of queries of a service line that stay without an answer; site "" is any."""

    __tablename__ = "department_lead"
    __table_args__ = (UniqueConstraint("site", "service_line"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    site: Mapped[str] = mapped_column(String(160))
    service_line: Mapped[str] = mapped_column(String(80))
    provider_id: Mapped[int] = mapped_column(ForeignKey("provider.id"))

    provider: Mapped[Provider] = relationship(lazy="joined")


class QueryFollowUp(Model):
    """The policy that applies to a query, as it was when the query was sent, and when to look at it next."""

    __tablename__ = "query_follow_up"
    __table_args__ = (Index("ix_query_follow_up_next", "next_at"),)

    query_id: Mapped[int] = mapped_column(ForeignKey("query.id", ondelete="CASCADE"), primary_key=True)
    #: which version of which row it came from; "" where it is the one that ships
    policy_ref: Mapped[str] = mapped_column(String(16))
    terms: Mapped[dict[str, Any]] = mapped_column(JSON)
    #: None: nothing follows until something happens to the query
    next_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    #: why nobody is reminded at all, such as a talk that nobody wants confirmed
    unfollowed_because: Mapped[str] = mapped_column(String(80), default="")

    query: Mapped[Query] = relationship()


class QueryClockEvent(Model):
    """Something that started, stopped or ended a query's clock: see plan.CLOCK. Rows are only ever added."""

    __tablename__ = "query_clock_event"

    id: Mapped[int] = mapped_column(primary_key=True)
    query_id: Mapped[int] = mapped_column(ForeignKey("query.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(String(12))
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class FollowUpStep(Model):
    """A step that was taken or left out, once: the key is unique within a round of a query's clock."""

    __tablename__ = "follow_up_step"
    __table_args__ = (
        UniqueConstraint("query_id", "round", "key"),
        Index("ix_follow_up_step_waiting", "outcome", "to_kind", "to_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    query_id: Mapped[int] = mapped_column(ForeignKey("query.id", ondelete="CASCADE"))
    round: Mapped[int]
    key: Mapped[str] = mapped_column(String(30))
    recipient: Mapped[str] = mapped_column(String(10))  # a key of policy.RECIPIENTS
    to_kind: Mapped[str] = mapped_column(String(10), default="")  # provider | user | "" (nobody)
    to_id: Mapped[int | None]
    planned_at: Mapped[datetime] = mapped_column(UtcDateTime)
    taken_at: Mapped[datetime] = mapped_column(UtcDateTime)
    #: taken (its mail is to be written) | mailed | left_out (a later reminder took its place) | nobody (to tell) | over
    outcome: Mapped[str] = mapped_column(String(10))

    query: Mapped[Query] = relationship()


class ProviderAbsence(Model):
    """A time in which a provider is away, and who covers."""

    __tablename__ = "provider_absence"

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(16), unique=True, default=new_ref)
    provider_id: Mapped[int] = mapped_column(ForeignKey("provider.id"), index=True)
    since_at: Mapped[datetime] = mapped_column(UtcDateTime)
    until_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    cover_id: Mapped[int | None] = mapped_column(ForeignKey("provider.id"))
    source: Mapped[str] = mapped_column(String(12))  # staff | own | auto_reply
    noted_by: Mapped[str] = mapped_column(String(255))
    noted_at: Mapped[datetime] = mapped_column(UtcDateTime)
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    provider: Mapped[Provider] = relationship(foreign_keys=[provider_id])
    cover: Mapped[Provider | None] = relationship(foreign_keys=[cover_id])


class DutyRoster(Model):
    """A provider's days on and off in turn."""

    __tablename__ = "duty_roster"

    provider_id: Mapped[int] = mapped_column(ForeignKey("provider.id"), primary_key=True)
    anchor_on: Mapped[date]
    on_days: Mapped[int]
    off_days: Mapped[int]
    works_weekends: Mapped[bool]

    provider: Mapped[Provider] = relationship()


class AnswerGrant(Model):
    """Leave for one provider (resident, NP, PA) to answer what another was asked, from day to day."""

    __tablename__ = "answer_grant"

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(16), unique=True, default=new_ref)
    grantor_id: Mapped[int] = mapped_column(ForeignKey("provider.id"), index=True)
    delegate_id: Mapped[int] = mapped_column(ForeignKey("provider.id"), index=True)
    since_on: Mapped[date]
    until_on: Mapped[date | None]  # the last day
    granted_by: Mapped[str] = mapped_column(String(255))
    granted_at: Mapped[datetime] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    grantor: Mapped[Provider] = relationship(foreign_keys=[grantor_id])
    delegate: Mapped[Provider] = relationship(foreign_keys=[delegate_id])


class ProviderPool(Model):
    """Providers who share queries: what one of them is asked any of them may answer, and the first answer counts."""

    __tablename__ = "provider_pool"

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(16), unique=True, default=new_ref)
    name: Mapped[str] = mapped_column(String(80), unique=True)

    members: Mapped[list[ProviderPoolMember]] = relationship(cascade="all, delete-orphan")


class ProviderPoolMember(Model):
    """Somebody of a pool."""

    __tablename__ = "provider_pool_member"

    pool_id: Mapped[int] = mapped_column(ForeignKey("provider_pool.id", ondelete="CASCADE"), primary_key=True)
    provider_id: Mapped[int] = mapped_column(ForeignKey("provider.id"), primary_key=True)

    provider: Mapped[Provider] = relationship()
