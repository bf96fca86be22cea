"""Write an audit event, and verify the whole chain."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import select, text

from query_mgr.audit.chain import GENESIS, Break, Link, canonical, digest, first_break
from query_mgr.audit.models import AuditEvent
from query_mgr.platform import clock
from query_mgr.platform.db import db, is_postgresql

_CHAIN_LOCK = 0x71_6D_67_72  # any fixed number: the PostgreSQL advisory lock that orders the chain


def record(actor: str, action: str, subject_kind: str, subject_ref: str, **detail: Any) -> AuditEvent:
    """Append one event to the chain in the running transaction and return it.

    The caller commits: state and its audit row stand or fall together. `detail` holds no PHI beyond references.
    """
    if is_postgresql():
        db.session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _CHAIN_LOCK})
    db.session.flush()
    last = db.session.execute(
        select(AuditEvent.seq, AuditEvent.hash).order_by(AuditEvent.seq.desc()).limit(1)
    ).first()
    seq, previous = (last.seq + 1, last.hash) if last else (1, GENESIS)
    link = Link(seq, clock.now(), actor, action, subject_kind, subject_ref, canonical(detail), previous)
    event = AuditEvent(**link.__dict__, hash=digest(link))
    db.session.add(event)
    db.session.flush()
    return event


def verify() -> tuple[int, Break | None]:
    """Return how many rows the chain has and its first break, if any."""
    count = 0

    def rows() -> Iterator[tuple[Link, str]]:
        nonlocal count
        columns = [getattr(AuditEvent, name) for name in Link.__dataclass_fields__]
        query = select(*columns, AuditEvent.hash).order_by(AuditEvent.seq).execution_options(yield_per=2000)
        for row in db.session.execute(query):
            count += 1
            yield Link(*row[:-1]), row[-1]

    found = first_break(rows())
    return count, found
