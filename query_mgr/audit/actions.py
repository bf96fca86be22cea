"""Write an audit event, and verify the whole chain."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import insert, select, text

from query_mgr.audit.chain import GENESIS, Break, Link, canonical, digest, first_break
from query_mgr.audit.models import AuditEvent
from query_mgr.platform import clock
from query_mgr.platform.db import db, is_postgresql

_CHAIN_LOCK = 0x71_6D_67_72  # any fixed number: the PostgreSQL advisory lock that orders the chain


def record(actor: str, action: str, subject_kind: str, subject_ref: str, **detail: Any) -> AuditEvent:
    """Append one event to the chain in the running transaction and return it.

    The caller commits: state and its audit row stand or fall together. `detail` holds no PHI beyond references.
    """
    link = _links([(actor, action, subject_kind, subject_ref, detail)])[0]
    event = AuditEvent(**link)
    db.session.add(event)
    db.session.flush()
    return event


def record_all(entries: Sequence[tuple[str, str, str, str, dict[str, Any]]]) -> None:
    """Append several events at once, each (actor, action, subject_kind, subject_ref, detail) as for `record`."""
    if entries:
        db.session.execute(insert(AuditEvent), _links(entries))


def _links(entries: Sequence[tuple[str, str, str, str, dict[str, Any]]]) -> list[dict[str, Any]]:
    """Return the chain's next rows, each with its hash; the chain is held until the transaction ends."""
    if is_postgresql():
        db.session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _CHAIN_LOCK})
    db.session.flush()
    last = db.session.execute(
        select(AuditEvent.seq, AuditEvent.hash).order_by(AuditEvent.seq.desc()).limit(1)
    ).first()
    seq, previous = (last.seq, last.hash) if last else (0, GENESIS)
    found = []
    for actor, action, kind, ref, detail in entries:
        seq += 1
        link = Link(seq, clock.now(), actor, action, kind, ref, canonical(detail), previous)
        previous = digest(link)
        found.append(link.__dict__ | {"hash": previous})
    return found


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
