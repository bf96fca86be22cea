"""Opaque identifiers: safe in a URL, an email and a file name, whatever happens to their case."""

from __future__ import annotations

import base64
import secrets

_ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"  # 32 signs without l, o, 0 and 1, which people misread


def new_ref(length: int = 16) -> str:
    """Return a random reference; 16 signs carry 80 bits."""
    return "".join(_ALPHABET[byte & 31] for byte in secrets.token_bytes(length))


def new_token() -> str:
    """Return a 256-bit secret as 52 lowercase base32 signs (assurance: survives case folding by mail systems)."""
    return base64.b32encode(secrets.token_bytes(32)).decode().rstrip("=").lower()
