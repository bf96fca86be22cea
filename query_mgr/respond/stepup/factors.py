"""Factors of a provider: set up, confirmed, used, taken away."""

from __future__ import annotations

from sqlalchemy import select

from query_mgr.accounts.models import Provider
from query_mgr.audit import actions as audit
from query_mgr.platform import clock
from query_mgr.platform.db import db, unit_of_work
from query_mgr.platform.web import current_settings
from query_mgr.respond.stepup import totp
from query_mgr.respond.stepup.models import ProviderFactor, StepUp

#: kind -> what pages call it
NAMES = {"totp": "Authenticator app", "passkey": "Passkey", "sso": "Single sign-on"}


def of(provider: Provider) -> list[ProviderFactor]:
    """Return what the provider has set up beside the PIN, the oldest first."""
    found = select(ProviderFactor).where(
        ProviderFactor.provider_id == provider.id,
        ProviderFactor.confirmed_at.is_not(None),
        ProviderFactor.revoked_at.is_(None),
    )
    return list(db.session.scalars(found.order_by(ProviderFactor.id)))


def add(provider: Provider, factor: ProviderFactor) -> None:
    """Keep a factor that was just proven to work."""
    with unit_of_work():
        factor.provider_id, factor.made_at = provider.id, clock.now()
        factor.confirmed_at = factor.made_at
        db.session.add(factor)
        db.session.flush()
        _told(provider, factor, "factor.added")


def _told(provider: Provider, factor: ProviderFactor, action: str, by: str = "") -> None:
    audit.record(
        by or f"provider:{provider.ref}", action, "provider", provider.ref, factor=factor.ref, kind=factor.kind
    )


def revoke(provider: Provider, ref: str, by: str) -> None:
    """Take a factor of `provider` away; an unknown or foreign one changes nothing."""
    with unit_of_work():
        found = select(ProviderFactor).where(ProviderFactor.ref == ref, ProviderFactor.provider_id == provider.id)
        factor = db.session.scalar(found)
        if factor is None or factor.revoked_at is not None:
            return
        factor.revoked_at = clock.now()
        # Who is somebody at the identity provider may come back later; the pair must be free for that.
        factor.issuer = factor.subject = None
        _told(provider, factor, "factor.revoked", by)


def new_totp(provider: Provider) -> ProviderFactor:
    """Return the app that is being set up: the one begun before, or a new one that counts for nothing yet."""
    begun = select(ProviderFactor).where(
        ProviderFactor.provider_id == provider.id, ProviderFactor.kind == "totp",
        ProviderFactor.confirmed_at.is_(None), ProviderFactor.revoked_at.is_(None),
    )  # fmt: skip
    with unit_of_work():
        factor = db.session.scalar(begun)
        if factor is None:
            factor = ProviderFactor(
                provider_id=provider.id, kind="totp", label=NAMES["totp"], made_at=clock.now(), last_used=0
            )
            db.session.add(factor)
    return factor


def confirm_totp(provider: Provider, code: str) -> bool:
    """Return whether the code shows that the app works; then it counts from now on."""
    factor = new_totp(provider)
    with unit_of_work():
        factor = db.session.get_one(ProviderFactor, factor.id, with_for_update=True)
        step = _step(factor, code)
        if step is None:
            return False
        factor.last_used, factor.confirmed_at = step, clock.now()
        _told(provider, factor, "factor.added")
    return True


def _step(factor: ProviderFactor, code: str) -> int | None:
    secret = totp.secret_for(current_settings().secret_key, factor.ref)
    return totp.accepted_step(secret, code, clock.now().timestamp(), factor.last_used)


def check_totp(visit: StepUp, code: str) -> bool:
    """Return whether `code` is the next one of an app of the visit's provider; it never is again."""
    with unit_of_work():
        for known in of(visit.provider):
            if known.kind != "totp":
                continue
            factor = db.session.get_one(ProviderFactor, known.id, with_for_update=True, populate_existing=True)
            step = _step(factor, code)
            if step is not None:
                factor.last_used = step
                return True
    return False
