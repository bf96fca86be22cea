"""What proving leaves behind: sessions, devices, factors, invitations, and who fetched a link."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from query_mgr.accounts.models import Provider
from query_mgr.platform.db import Model, UtcDateTime
from query_mgr.platform.ids import new_ref
from query_mgr.respond.models import QueryLink


class LinkFetch(Model):
    """That a link was fetched, by what kind of program. Never the same as opened (assurance §1.2 item 5)."""

    __tablename__ = "link_fetch"
    __table_args__ = (UniqueConstraint("link_id", "agent"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    link_id: Mapped[int] = mapped_column(ForeignKey("query_link.id"))
    agent: Mapped[str] = mapped_column(String(10))  # human | scanner | unknown: see fetches.agent_class
    first_at: Mapped[datetime] = mapped_column(UtcDateTime)
    last_at: Mapped[datetime] = mapped_column(UtcDateTime)


class StepUp(Model):
    """One visit of a browser that came by a link, from Continue on. Its cookie's secret is kept as a hash only."""

    __tablename__ = "step_up"

    id: Mapped[int] = mapped_column(primary_key=True)
    secret_hash: Mapped[str] = mapped_column(String(64), unique=True)
    link_id: Mapped[int] = mapped_column(ForeignKey("query_link.id"))
    provider_id: Mapped[int] = mapped_column(ForeignKey("provider.id"))
    epoch: Mapped[int]  # the provider's at that time
    factor: Mapped[str] = mapped_column(
        String(10), default=""
    )  # the one given last: see levels.FACTORS, or "device"
    challenge: Mapped[str] = mapped_column(String(128), default="")  # what a passkey or sign-on must answer to
    kept: Mapped[dict[str, Any] | None] = mapped_column(JSON)  # what was typed before going to sign on elsewhere
    begun_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    proven_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    #: when a factor was given by hand that no signature has used yet
    fresh_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    link: Mapped[QueryLink] = relationship()
    provider: Mapped[Provider] = relationship()


class ProviderDevice(Model):
    """A browser that its provider asked us to remember: it may show queries, it never signs."""

    __tablename__ = "provider_device"

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(16), unique=True, default=new_ref)
    provider_id: Mapped[int] = mapped_column(ForeignKey("provider.id"), index=True)
    epoch: Mapped[int]
    secret_hash: Mapped[str] = mapped_column(String(64), unique=True)
    label: Mapped[str] = mapped_column(String(60))  # "Safari on iPhone"
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    provider: Mapped[Provider] = relationship()


class ProviderFactor(Model):
    """A way of proving who one is beside the PIN: an authenticator app, a passkey, a single sign-on account."""

    __tablename__ = "provider_factor"
    __table_args__ = (UniqueConstraint("issuer", "subject"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(16), unique=True, default=new_ref)
    provider_id: Mapped[int] = mapped_column(ForeignKey("provider.id"), index=True)
    kind: Mapped[str] = mapped_column(String(10))  # totp | passkey | sso
    label: Mapped[str] = mapped_column(String(60))
    #: sso: who vouches; passkey: "passkey". A subject is somebody only together with its issuer (ASVS 6.8.1)
    issuer: Mapped[str | None] = mapped_column(String(200))
    subject: Mapped[str | None] = mapped_column(String(1400))  # sso: sub; passkey: credential id, base64url
    public_key: Mapped[bytes | None] = mapped_column(LargeBinary)
    #: totp: the last step that was accepted; passkey: its signature counter
    last_used: Mapped[int] = mapped_column(BigInteger, default=0)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    provider: Mapped[Provider] = relationship()


class ProviderInvite(Model):
    """A way to choose a PIN: an invitation by staff, or a reset that staff approve after calling back."""

    __tablename__ = "provider_invite"

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(16), unique=True, default=new_ref)
    provider_id: Mapped[int] = mapped_column(ForeignKey("provider.id"), index=True)
    purpose: Mapped[str] = mapped_column(String(10))  # enrol | reset
    address: Mapped[str] = mapped_column(String(255))
    token_hash: Mapped[str | None] = mapped_column(String(64), unique=True)  # none before it is approved
    call_code_hash: Mapped[str] = mapped_column(String(64), default="")  # of the code that is told on the phone
    approved_by: Mapped[str] = mapped_column(String(255), default="")
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    approved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    provider: Mapped[Provider] = relationship()
