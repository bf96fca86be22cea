"""Write an audit event, and verify the whole chain."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
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
    return record_all([(actor, action, subject_kind, subject_ref, detail)])[0]


def record_all(entries: Sequence[tuple[str, str, str, str, dict[str, Any]]]) -> list[AuditEvent]:
    """Append several events, each (actor, action, subject_kind, subject_ref, detail) as for `record`, in order."""
    if not entries:
        return []
    if is_postgresql():
        db.session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _CHAIN_LOCK})
    db.session.flush()
    last = db.session.execute(
        select(AuditEvent.seq, AuditEvent.hash).order_by(AuditEvent.seq.desc()).limit(1)
    ).first()
    seq, previous = (last.seq, last.hash) if last else (0, GENESIS)
    events = []
    for actor, action, kind, ref, detail in entries:
        seq += 1
        link = Link(seq, clock.now(), actor, action, kind, ref, canonical(detail), previous)
        previous = digest(link)
        events.append(AuditEvent(**link.__dict__, hash=previous))
    db.session.add_all(events)
    db.session.flush()
    return events


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
