"""What documents said before their source changed them, and the files that come with documents."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import case, delete, exists, insert, select, update
from sqlalchemy.orm import aliased

from query_mgr.charts.models import Attachment, Document, DocumentVersion
from query_mgr.charts.records import AttachmentRecord, DocumentRecord, content_hash
from query_mgr.platform import clock
from query_mgr.platform.db import chunks, db
from query_mgr.platform.ids import new_ref

#: what a newer version takes the place of; what was taken back stays taken back
_REPLACEABLE = ("final", "amended", "preliminary")


def keep_versions(changes: Sequence[tuple[int, dict[str, Any]]]) -> None:
    """Keep what documents said, where the new row says something else; in the running transaction.

    changes: (document id, new row) pairs, before the rows are written.
    """
    new_texts = {document_id: row["text"] for document_id, row in changes}
    columns = (
        Document.id,
        Document.content_hash,
        Document.title,
        Document.own_status,
        Document.authored_at,
        Document.text,
    )
    for chunk in chunks(new_texts):
        rows = db.session.execute(select(*columns).where(Document.id.in_(chunk))).all()
        versions = [_version(*row) for row in rows if row.text and row.text != new_texts[row.id]]
        if versions:
            db.session.execute(insert(DocumentVersion), versions)


def _version(document_id: int, *was: Any) -> dict[str, Any]:
    names = ("content_hash", "title", "status", "authored_at", "text")
    return {"document_id": document_id, "changed_at": clock.now(), **dict(zip(names, was, strict=True))}


def keep_earlier(states: Sequence[DocumentRecord]) -> None:
    """Keep what documents said before, where that is not kept yet because it came late; in the running transaction."""
    by_key: dict[str, list[DocumentRecord]] = {}
    for one in states:
        by_key.setdefault(one.source_key, []).append(one)
    for chunk in chunks(by_key):
        rows = db.session.execute(select(Document.id, Document.source_key).where(Document.source_key.in_(chunk)))
        ids = {row.source_key: row.id for row in rows}
        texts = select(DocumentVersion.document_id, DocumentVersion.text)
        about = texts.where(DocumentVersion.document_id.in_(ids.values()))
        kept = {(row.document_id, row.text) for row in db.session.execute(about)}
        late = [
            _version(ids[key], content_hash(one), one.title, one.status, one.authored_at, one.text)
            for key in chunk
            if key in ids
            for one in by_key[key]
            if (ids[key], one.text) not in kept
        ]
        if late:
            db.session.execute(insert(DocumentVersion), late)


def settle_replaced(documents: Iterable[DocumentRecord]) -> frozenset[str]:
    """Say of these documents, and of those that they replace, whether they are replaced now, whichever came first.

    Returns the refs of those whose status moved. In the running transaction.
    """
    keys = {one.source_key for one in documents} | {one.related_key for one in documents if one.related_key}
    newer = aliased(Document)
    is_replaced = exists().where(
        newer.related_key == Document.source_key, newer.relation == "replaces", newer.own_status.in_(_REPLACEABLE)
    )
    status = case((Document.own_status.in_(_REPLACEABLE) & is_replaced, "replaced"), else_=Document.own_status)
    moved: set[str] = set()
    for chunk in chunks(keys):
        wrong = select(Document.id, Document.ref).where(Document.source_key.in_(chunk), Document.status != status)
        rows = db.session.execute(wrong).all()
        if rows:
            settled = (
                update(Document)
                .where(Document.id.in_([row.id for row in rows]))
                .values(status=status, changed_at=clock.now())
            )
            db.session.execute(settled.execution_options(synchronize_session=False))
            moved |= {row.ref for row in rows}
    return frozenset(moved)


def keep_attachments(documents: Sequence[DocumentRecord]) -> None:
    """Keep the files of documents in place of those they had; in the running transaction."""
    by_key = {one.source_key: one for one in documents}
    for chunk in chunks(by_key):
        rows = db.session.execute(
            select(Document.id, Document.source_key).where(Document.source_key.in_(chunk))
        ).all()
        held = select(Attachment.document_id).where(Attachment.document_id.in_([row.id for row in rows]))
        if db.session.scalar(held.limit(1)) is not None:
            db.session.execute(delete(Attachment).where(Attachment.document_id.in_([row.id for row in rows])))
        found = [_attachment(row.id, one) for row in rows for one in by_key[row.source_key].attachments]
        if found:
            db.session.execute(insert(Attachment), found)


def _attachment(document_id: int, one: AttachmentRecord) -> dict[str, Any]:
    return {
        "ref": new_ref(),
        "document_id": document_id,
        "content_type": one.content_type[:100],
        "name": one.name[:200],
        "size": len(one.content),
        "digest": hashlib.sha256(one.content).hexdigest(),
        "content": one.content,
    }
