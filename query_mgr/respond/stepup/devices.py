"""Remembered devices: 30 days from the last visit, 90 at most, over with any change of PIN or address (§1.2 item 14)."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from sqlalchemy import select

from query_mgr.accounts.models import Provider
from query_mgr.audit import actions as audit
from query_mgr.platform import clock
from query_mgr.platform.db import db, unit_of_work
from query_mgr.platform.ids import new_token
from query_mgr.respond.stepup.models import ProviderDevice
from query_mgr.respond.stepup.sessions import secret_hash

SLIDING, HARD = timedelta(days=30), timedelta(days=90)
_BROWSERS = (("Edg", "Edge"), ("Firefox", "Firefox"), ("FxiOS", "Firefox"), ("CriOS", "Chrome"), ("Chrome", "Chrome"),
             ("Safari", "Safari"))  # fmt: skip
_MACHINES = (("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"),
             ("Macintosh", "Mac"), ("Linux", "Linux"))  # fmt: skip


def label(agent: str) -> str:
    """Return a User-Agent in words that a person recognises their device by, such as "Safari on iPhone"."""
    browser = next((name for mark, name in _BROWSERS if re.search(rf"\b{mark}", agent)), "A browser")
    machine = next((name for mark, name in _MACHINES if mark in agent), "")
    return f"{browser} on {machine}" if machine else browser


def ends_at(device: ProviderDevice) -> datetime:
    """Return until when a device is remembered, if it is not used again."""
    return min(device.seen_at + SLIDING, device.made_at + HARD)


def _is_live(device: ProviderDevice) -> bool:
    return (
        device.revoked_at is None
        and device.provider.is_active
        and device.provider.epoch == device.epoch
        and clock.now() < ends_at(device)
    )


def find(secret: str, provider: Provider) -> ProviderDevice | None:
    """Return the device of a cookie if it is remembered for `provider`. Reads only."""
    if not secret:
        return None
    found = db.session.scalar(select(ProviderDevice).where(ProviderDevice.secret_hash == secret_hash(secret)))
    return found if found is not None and found.provider_id == provider.id and _is_live(found) else None


def remember(provider: Provider, agent: str) -> str:
    """Remember the browser for `provider`; return what its cookie holds."""
    now, secret = clock.now(), new_token()
    with unit_of_work():
        device = ProviderDevice(
            provider_id=provider.id, epoch=provider.epoch, secret_hash=secret_hash(secret), label=label(agent),
            made_at=now, seen_at=now,
        )  # fmt: skip
        db.session.add(device)
        db.session.flush()
        audit.record(f"provider:{provider.ref}", "device.remembered", "provider", provider.ref, device=device.ref)
    return secret


def seen(device: ProviderDevice) -> None:
    """Note, in the running transaction, that a device was used: its 30 days begin again."""
    db.session.get_one(ProviderDevice, device.id).seen_at = clock.now()


def of(provider: Provider) -> list[ProviderDevice]:
    """Return the devices that are remembered for `provider`, the last used first."""
    found = select(ProviderDevice).where(
        ProviderDevice.provider_id == provider.id, ProviderDevice.revoked_at.is_(None)
    )
    return [one for one in db.session.scalars(found.order_by(ProviderDevice.seen_at.desc())) if _is_live(one)]


def revoke(provider: Provider, ref: str, by: str) -> None:
    """Forget a device of `provider`; an unknown or foreign one changes nothing."""
    with unit_of_work():
        found = select(ProviderDevice).where(ProviderDevice.ref == ref, ProviderDevice.provider_id == provider.id)
        device = db.session.scalar(found)
        if device is None or device.revoked_at is not None:
            return
        device.revoked_at = clock.now()
        audit.record(by, "device.revoked", "provider", provider.ref, device=device.ref)
