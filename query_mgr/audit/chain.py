"""How the chain is computed and checked. Pure: no database."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

GENESIS = "0" * 64


@dataclass(frozen=True)
class Link:
    """The content of one audit row, in the order in which it is hashed."""

    seq: int
    at: datetime
    actor: str
    action: str
    subject_kind: str
    subject_ref: str
    detail: str
    prev_hash: str


@dataclass(frozen=True)
class Break:
    """The first row that does not fit, and why."""

    seq: int
    reason: str


def canonical(value: Any) -> str:
    """Return `value` as JSON that is the same text for the same content."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=str)


def digest(link: Link) -> str:
    """Return the SHA-256 over the row and its predecessor's hash, as hex."""
    at = link.at.astimezone(UTC).isoformat(timespec="microseconds")
    row = [link.seq, at, link.actor, link.action, link.subject_kind, link.subject_ref, link.detail]
    return hashlib.sha256((link.prev_hash + canonical(row)).encode("utf-8", "surrogatepass")).hexdigest()


def first_break(rows: Iterable[tuple[Link, str]]) -> Break | None:
    """Return where the chain of (row, its stored hash) first breaks, or None if it holds."""
    previous, expected_seq = GENESIS, 1
    for link, stored in rows:
        if link.seq != expected_seq:
            return Break(expected_seq, f"row {expected_seq} is missing (the next one is row {link.seq})")
        if link.prev_hash != previous:
            return Break(link.seq, f"row {link.seq} does not follow row {link.seq - 1}")
        if digest(link) != stored:
            return Break(link.seq, f"row {link.seq} was changed after it was written")
        previous, expected_seq = stored, expected_seq + 1
    return None
