"""The envelope sender of a mail names the mail, so that a bounce finds back without its text being read (VERP)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re

from query_mgr.platform.web import current_settings

_TOKEN = re.compile(r"([a-z2-9]{16})([a-z2-7]{16})")


def _seal(ref: str) -> str:
    """Return 80 bits that only we can make: nobody invents a bounce of a message (item 103)."""
    key = current_settings().secret_key.encode()
    digest = hmac.new(key, f"bounce:{ref}".encode(), hashlib.sha256).digest()
    return base64.b32encode(digest[:10]).decode().lower()


def token_for(ref: str) -> str:
    """Return what stands for an outbox message in an address: 32 lowercase letters and digits."""
    return ref + _seal(ref)


def envelope_sender(ref: str) -> str:
    """Return the address that bounces of an outbox message go to."""
    settings = current_settings()
    if not settings.mail_bounces:
        return settings.mail_sender
    local, _, domain = settings.mail_bounces.rpartition("@")
    return f"{local}+{token_for(ref)}@{domain}"


def ref_in(address: str) -> str | None:
    """Return the reference of the outbox message that `address` was made for, or None where it is not one of ours."""
    local, _, domain = current_settings().mail_bounces.lower().rpartition("@")
    before, plus, rest = address.strip().lower().rpartition("+")
    token, _, at = rest.partition("@")
    found = _TOKEN.fullmatch(token)
    if not (local and plus and before == local and at == domain and found):
        return None
    return found[1] if hmac.compare_digest(found[2], _seal(found[1])) else None
