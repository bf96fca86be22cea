"""The documents of a chart as a list: which there are, who wrote them, what belongs together. No text is read."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, case, exists, func, select
from sqlalchemy.orm import aliased

from query_mgr.charts.models import Attachment, Document, DocumentVersion, Encounter, Look
from query_mgr.platform.db import db, rows

PER_PAGE = 50
TAKEN_BACK = ("entered_in_error", "cancelled")
#: most that are listed below one entry, and of those taken back
_MOST = 100
_COLUMNS = (
    Document.id, Document.ref, Document.source_key, Document.kind, Document.title, Document.author_name,
    Document.author_role, Document.authored_at, Document.status, Document.related_key, Document.relation,
    Document.arrived_at, Document.changed_at, Look.seen_at,
)  # fmt: skip


@dataclass(frozen=True)
class Line:
    """A document in the list. mark: "" | new | changed (since the last look) ; is_unread: by this person."""

    ref: str
    kind: str
    title: str
    author_name: str
    author_role: str
    authored_at: datetime
    status: str
    relation: str
    mark: str
    is_unread: bool
    below: list[Line] = field(default_factory=list)


@dataclass(frozen=True)
class Wanted:
    """Which documents, in which order. kind, role: "" for all; by_stay: oldest first."""

    kind: str = ""
    role: str = ""
    by_stay: bool = False
    page: int = 1


@dataclass(frozen=True)
class Contents:
    """One page of the list. kinds: documents a type; total: those that count and stand for themselves."""

    lines: tuple[Line, ...]
    kinds: tuple[tuple[str, int], ...]
    roles: tuple[str, ...]
    total: int
    pages: int
    taken_back: tuple[Line, ...]


def contents_of(encounter: Encounter, wanted: Wanted, user_id: int, since: datetime | None) -> Contents:
    """Return a page of the encounter's documents, addenda and replaced ones below those that they belong to.

    user_id: who reads; since: when they last looked, None at the first time.
    """
    here = Document.encounter_id == encounter.id
    counts = db.session.execute(
        select(Document.kind, Document.author_role, Document.status.in_(TAKEN_BACK).label("is_back"), func.count())
        .where(here, _stands_alone()).group_by(Document.kind, Document.author_role, "is_back")
    ).all()  # fmt: skip
    kinds: dict[str, int] = {}
    total = 0
    for kind, role, is_back, count in counts:
        if not is_back:
            kinds[kind] = kinds.get(kind, 0) + count
            if wanted.kind in ("", kind) and wanted.role in ("", role):
                total += count
    page = _page(encounter, wanted, user_id)
    below = _below(page, user_id)
    back = any(is_back for _, _, is_back, _ in counts)
    return Contents(
        lines=tuple(_line(row, since, below) for row in page),
        kinds=tuple(sorted(kinds.items())),
        roles=tuple(sorted({role for _, role, is_back, _ in counts if not is_back})),
        total=total,
        pages=-(-total // PER_PAGE),
        taken_back=tuple(_line(row, since, {}) for row in (_taken_back(encounter, user_id) if back else ())),
    )


@functools.cache  # says the same each time, and takes longer to put together than to run
def _stands_alone() -> ColumnElement[bool]:
    """Say whether a document has a line of its own: no replaced one, no addendum to one that is here and counts."""
    parent = aliased(Document)
    has_parent = exists().where(
        parent.source_key == Document.related_key,
        parent.encounter_id == Document.encounter_id,
        parent.status.not_in((*TAKEN_BACK, "replaced")),
    )
    is_below = and_(Document.relation == "addendum", Document.status.not_in(TAKEN_BACK), has_parent)
    return and_(Document.status != "replaced", ~is_below)


def _rows(user_id: int, *conditions: ColumnElement[bool]) -> Any:
    seen = and_(Look.user_id == user_id, Look.kind == "document", Look.subject_id == Document.id)
    return select(*_COLUMNS).outerjoin(Look, seen).where(*conditions)


def _page(encounter: Encounter, wanted: Wanted, user_id: int) -> Sequence[Row[*tuple[Any, ...]]]:
    chosen = [Document.encounter_id == encounter.id, Document.status.not_in(TAKEN_BACK), _stands_alone()]
    if wanted.kind:
        chosen.append(Document.kind == wanted.kind)
    if wanted.role:
        chosen.append(Document.author_role == wanted.role)
    order = (Document.authored_at, Document.id)
    query = _rows(user_id, *chosen).order_by(*(order if wanted.by_stay else (one.desc() for one in order)))
    return rows(query.limit(PER_PAGE).offset((wanted.page - 1) * PER_PAGE))


def _below(page: Sequence[Row[*tuple[Any, ...]]], user_id: int) -> dict[str, list[Row[*tuple[Any, ...]]]]:
    """Return, per source key, the addenda to that document and the one that it replaces."""
    found: dict[str, list[Row[*tuple[Any, ...]]]] = {}
    keys = [row.source_key for row in page]
    addenda = _rows(
        user_id,
        Document.related_key.in_(keys),
        Document.relation == "addendum",
        Document.status.not_in(TAKEN_BACK),
    ).order_by(Document.authored_at)
    for row in db.session.execute(addenda.limit(_MOST)):
        found.setdefault(row.related_key, []).append(row)
    newer = {row.related_key: row.source_key for row in page if row.relation == "replaces" and row.related_key}
    if newer:
        older = _rows(user_id, Document.source_key.in_(newer), Document.status == "replaced")
        for row in db.session.execute(older.limit(_MOST)):
            found.setdefault(newer[row.source_key], []).append(row)
    return found


def _taken_back(encounter: Encounter, user_id: int) -> Sequence[Row[*tuple[Any, ...]]]:
    back = _rows(user_id, Document.encounter_id == encounter.id, Document.status.in_(TAKEN_BACK))
    return db.session.execute(back.order_by(Document.authored_at.desc()).limit(_MOST)).all()


def _line(
    row: Row[*tuple[Any, ...]], since: datetime | None, below: dict[str, list[Row[*tuple[Any, ...]]]]
) -> Line:
    last = max(filter(None, (row.arrived_at, row.changed_at)), default=None)
    mark = ""
    if since and last and last > since:
        mark = "new" if row.arrived_at and row.arrived_at > since else "changed"
    return Line(
        row.ref, row.kind, row.title, row.author_name, row.author_role, row.authored_at, row.status, row.relation, mark,
        row.seen_at is None or bool(row.changed_at and row.changed_at > row.seen_at),
        [_line(one, since, {}) for one in below.get(row.source_key, ())],
    )  # fmt: skip


def opened(encounter: Encounter, ref: str) -> Document | None:
    """Return the encounter's document with `ref`; for "" the newest discharge summary, else the newest that counts."""
    query = select(Document).where(Document.encounter_id == encounter.id)
    if ref:
        return db.session.scalar(query.where(Document.ref == ref))
    first = case((Document.kind == "discharge_summary", 0), else_=1)
    chosen = (
        select(Document.id)
        .where(Document.encounter_id == encounter.id, Document.status.not_in((*TAKEN_BACK, "replaced")))
        .order_by(first, Document.authored_at.desc(), Document.id.desc())
        .limit(1)
    )
    return db.session.scalar(query.where(Document.id == chosen.scalar_subquery()))


@dataclass(frozen=True)
class Kin:
    """What belongs to a document. has_changes: it, or what it replaces, said something else before."""

    parent: Row[*tuple[Any, ...]] | None
    addenda: Sequence[Row[*tuple[Any, ...]]]
    replaces: Row[*tuple[Any, ...]] | None
    replaced_by: Row[*tuple[Any, ...]] | None
    has_changes: bool
    attachments: Sequence[Row[*tuple[Any, ...]]]


def kin_of(document: Document) -> Kin:
    """Return the documents and files that belong to one."""
    columns = (Document.ref, Document.title, Document.authored_at, Document.relation, Document.status)
    related = (
        db.session.execute(select(*columns).where(Document.source_key == document.related_key)).first()
        if document.related_key else None
    )  # fmt: skip
    newer = db.session.execute(
        select(*columns)
        .where(Document.related_key == document.source_key, Document.status.not_in(TAKEN_BACK))
        .order_by(Document.authored_at)
    ).all()
    version = select(DocumentVersion.id).where(DocumentVersion.document_id == document.id).limit(1)
    files = select(Attachment.ref, Attachment.name, Attachment.content_type, Attachment.size)
    replaces = related if document.relation == "replaces" else None
    return Kin(
        parent=related if document.relation == "addendum" else None,
        addenda=[one for one in newer if one.relation == "addendum"],
        replaces=replaces,
        replaced_by=next((one for one in newer if one.relation == "replaces"), None),
        has_changes=replaces is not None or db.session.scalar(version) is not None,
        attachments=db.session.execute(
            files.where(Attachment.document_id == document.id).order_by(Attachment.id)
        ).all(),
    )
