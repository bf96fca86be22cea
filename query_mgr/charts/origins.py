"""Where the text of a document came from: the earlier documents of its chart that it repeats."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, and_, or_, select

from query_mgr.charts.copied import Copy, Prints, copied_lines, copied_runs, likely_origins, prints_of
from query_mgr.charts.evidence import NOT_EVIDENCE
from query_mgr.charts.models import Document
from query_mgr.platform.db import db, rows

_MOST_KEPT = 10_000
_PER_SELECT = 500
#: (ref, content hash) -> fingerprints of a text, so that the next document of a chart reads no other text again
_known: dict[tuple[str, str], Prints] = {}
_MOST_FOUND = 500
#: a document, by what it and those before it said -> what it copied, for who turns a page of the list and comes back
_found: dict[tuple[str, str, int, int], list[Copy]] = {}


@dataclass(frozen=True)
class Origin:
    """An earlier document that text was copied from."""

    ref: str
    title: str
    authored_at: datetime


def copies_in(document: Document) -> tuple[list[Copy], list[Origin]]:
    """Return what a document copied, in order, and from where; what it replaces does not count as its origin."""
    keys = [(row.ref, row.content_hash) for row in _earlier(document)]
    if not keys:
        return [], []
    copies = _copies(document, keys)
    return copies, _origins({one.origin for one in copies})


def _copies(document: Document, keys: Sequence[tuple[str, str]]) -> list[Copy]:
    """Return the copies, which stay the same as long as this document and those before it do."""
    asked = (document.ref, document.content_hash, hash(document.text), hash(tuple(keys)))
    if asked not in _found:
        if len(_found) >= _MOST_FOUND:
            _found.clear()
        _found[asked] = _compared(document, _prints(keys))
    return _found[asked]


def _compared(document: Document, prints: Mapping[str, Prints]) -> list[Copy]:
    copies = copied_lines(document.text, prints)
    if likely := likely_origins(document.text, copies, prints):
        wanted = db.session.execute(select(Document.ref, Document.text).where(Document.ref.in_(likely)))
        texts = {row.ref: row.text for row in wanted}
        copies += copied_runs(document.text, copies, {ref: texts[ref] for ref in likely if ref in texts})
        copies.sort(key=lambda one: one.start)
    return copies


def _earlier(document: Document) -> Sequence[Row[*tuple[Any, ...]]]:
    before = or_(
        Document.authored_at < document.authored_at,
        and_(Document.authored_at == document.authored_at, Document.id < document.id),
    )
    query = select(Document.ref, Document.content_hash).where(
        Document.encounter_id == document.encounter_id, before, Document.status.not_in(NOT_EVIDENCE)
    )
    return rows(query.order_by(Document.authored_at, Document.id))


def _origins(refs: set[str]) -> list[Origin]:
    """Return the documents that something was copied from, oldest first."""
    if not refs:
        return []
    query = select(Document.ref, Document.title, Document.authored_at).where(Document.ref.in_(refs))
    return [Origin(*row) for row in rows(query.order_by(Document.authored_at, Document.id))]


def _prints(keys: Sequence[tuple[str, str]]) -> dict[str, Prints]:
    """Return the fingerprints by ref, in the order of `keys`; reads only the texts that are not known yet."""
    missing = [ref for ref, content in keys if (ref, content) not in _known]
    if len(_known) + len(missing) > _MOST_KEPT:
        _known.clear()
        missing = [ref for ref, _ in keys]
    fresh: dict[str, Prints] = {}
    for at in range(0, len(missing), _PER_SELECT):
        query = select(Document.ref, Document.text).where(Document.ref.in_(missing[at : at + _PER_SELECT]))
        fresh |= {ref: prints_of(text) for ref, text in db.session.execute(query)}
    found = {}
    for ref, content in keys:
        one = fresh.get(ref) or _known.get((ref, content))
        if one is not None:
            found[ref] = _known[ref, content] = one
    return found
