"""Link tokens: 256 bits, recomputed from the link's reference when a mail is written, kept only as a hash.

A mail that must be sent again after a crash carries the same link, and neither the database nor the outbox ever
holds what opens it (assurance §1.2 item 2).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re

_TOKEN = re.compile(r"[a-z2-7]{52}")


def token_for(secret: str, link_ref: str) -> str:
    """Return the token of a link: 52 lowercase base32 signs, unpredictable without `secret`."""
    digest = hmac.new(secret.encode(), f"link:{link_ref}".encode(), hashlib.sha256).digest()
    return base64.b32encode(digest).decode().rstrip("=").lower()


def token_hash(secret: str, token: str) -> str:
    """Return the keyed hash under which a token is found again, as hex."""
    return keyed_hash(secret, "token", token)


def keyed_hash(secret: str, purpose: str, text: str) -> str:
    """Return the hash, as hex, under which a secret of one purpose is found again; none fits another purpose."""
    return hmac.new(secret.encode(), f"{purpose}:{text}".encode(), hashlib.sha256).hexdigest()


def cleaned(text: str) -> str | None:
    """Return the token in `text`, forgiving what mail programs do to links (assurance item 82), or None."""
    text = text.strip().rstrip(".,;>)\"'").lower()
    return text if _TOKEN.fullmatch(text) else None
