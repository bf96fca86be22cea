"""What stands under a signed text: who, when, in which meaning, by what proof, over which content. Pure.

Fields as 21 CFR 11.50(a) names them; the hashes bind the signature to the query as sent and to the words that were
signed (11.70). Part 11 does not govern clinical charts: it is the strictest yardstick at hand (assurance §1.3).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from query_mgr.queries.snapshot import digest

Manifest = dict[str, Any]
FORM = 2  # 1 hashed the words of an answer twice, had no local time and did not name what was shown


@dataclass(frozen=True)
class Signer:
    """Whose name stands under it, and how they proved who they are."""

    name: str
    credentials: str
    npi: str
    ref: str
    method: str


def answer_content(option: dict[str, Any] | None, text: str) -> dict[str, str]:
    """Return what an answer says, as it is hashed."""
    return {
        "option_key": option["key"] if option else "",
        "label": option["label"] if option else "",
        "text": text,
    }


def sealed(
    signer: Signer, content: dict[str, str], at: datetime, zone: ZoneInfo, meaning: str, **bound: Any
) -> Manifest:
    """Return the manifest of `content`. bound: what else the signature holds on to, such as the query's hash."""
    return {
        "form": FORM,
        "name": signer.name,
        "credentials": signer.credentials,
        "npi": signer.npi,
        "signer": signer.ref,
        "signed_at": at.isoformat(),
        "signed_at_local": at.astimezone(zone).isoformat(),
        "meaning": meaning,
        "method": signer.method,
        "answer_hash": digest(content),
        **bound,
    }


def text_hash(text: str) -> str:
    """Return the SHA-256 of a text as it stands, as hex."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def hash_of(content: dict[str, str], signed: Manifest) -> str:
    """Return the hash of `content` as the manifest's own form makes it."""
    is_plain = signed.get("form", 1) >= FORM or "document" in signed
    return digest(content) if is_plain else text_hash(digest(content))
