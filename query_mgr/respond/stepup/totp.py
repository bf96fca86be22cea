"""Time-based one-time codes (RFC 6238): six digits, 30 seconds, SHA-1, as authenticator apps make them. Pure."""

from __future__ import annotations

import base64
import hashlib
import hmac
from urllib.parse import quote, urlencode

STEP_SECONDS, DIGITS = 30, 6


def secret_for(secret_key: str, factor_ref: str) -> bytes:
    """Return the 160-bit secret of a factor: recomputed like a link's token, so that no database holds it."""
    return hmac.new(secret_key.encode(), f"totp:{factor_ref}".encode(), hashlib.sha256).digest()[:20]


def code_at(secret: bytes, step: int) -> str:
    """Return the code of one step. Source: RFC 4226 section 5.3, RFC 6238 section 4."""
    digest = hmac.new(secret, step.to_bytes(8, "big"), hashlib.sha1).digest()
    offset = digest[-1] & 15
    number = int.from_bytes(digest[offset : offset + 4], "big") & 0x7FFFFFFF
    return f"{number % 10**DIGITS:0{DIGITS}d}"


def accepted_step(secret: bytes, code: str, unix_seconds: float, last_step: int) -> int | None:
    """Return the step whose code was typed, or None.

    The step before and after are taken too, since clocks differ; none twice, and none before one that was taken
    (RFC 6238 section 5.2; assurance item 98).
    """
    typed = "".join(code.split())
    if len(typed) != DIGITS or not (typed.isascii() and typed.isdigit()):
        return None
    now = int(unix_seconds) // STEP_SECONDS
    right = [step for step in (now - 1, now, now + 1) if hmac.compare_digest(code_at(secret, step), typed)]
    return next((step for step in right if step > last_step), None)


def written(secret: bytes) -> str:
    """Return the secret as a person types it into an app, in groups of four."""
    text = base64.b32encode(secret).decode()
    return " ".join(text[place : place + 4] for place in range(0, len(text), 4))


def uri(secret: bytes, organization: str, account: str) -> str:
    """Return the address that an authenticator app reads from a link or a picture."""
    label = quote(f"{organization}:{account}", safe="")
    fields = {"secret": base64.b32encode(secret).decode(), "issuer": organization}
    return f"otpauth://totp/{label}?{urlencode(fields, quote_via=quote)}"
