"""Versions, replacements and attachments of documents."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import select

from query_mgr.charts import events
from query_mgr.charts.models import Attachment, Document, DocumentVersion
from query_mgr.charts.records import AttachmentRecord, ChartBundle, DocumentRecord, PatientRecord
from query_mgr.charts.store import store
from query_mgr.platform.db import db

PATIENT = PatientRecord("made-up|1", "1", "Testperson")
FIRST = DocumentRecord(
    "d/1",
    "made-up|1",
    None,
    "progress_note",
    "Progress note",
    "Creatinine is up.",
    datetime(2026, 3, 2, tzinfo=UTC),
)
NEWER = replace(FIRST, source_key="d/2", text="Creatinine is stable.", related_key="d/1", relation="replaces")


def _store(*documents: DocumentRecord) -> None:
    store(ChartBundle(patients=(PATIENT,), documents=documents), "test")


def _statuses() -> dict[str, str]:
    db.session.expire_all()
    return {one.source_key: one.status for one in db.session.scalars(select(Document))}


@pytest.mark.parametrize("order", [(FIRST, NEWER), (NEWER, FIRST)])
def test_a_replaced_document_is_replaced_whichever_came_first(
    app: Flask, order: tuple[DocumentRecord, ...]
) -> None:
    for one in order:
        _store(one)
    assert _statuses() == {"d/1": "replaced", "d/2": "final"}
    for one in order:
        _store(one)
    assert _statuses() == {"d/1": "replaced", "d/2": "final"}


def test_a_replacement_that_is_taken_back_gives_the_first_one_its_own_status_again(app: Flask) -> None:
    _store(replace(FIRST, status="amended"), NEWER)
    _store(replace(NEWER, status="entered_in_error"))
    assert _statuses() == {"d/1": "amended", "d/2": "entered_in_error"}


def test_who_uses_a_document_hears_that_it_was_replaced(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[frozenset[str]] = []
    monkeypatch.setattr(events, "_listeners", [heard.append])
    _store(FIRST)
    ref = db.session.scalars(select(Document.ref)).one()
    _store(NEWER)
    assert ref in heard[-1]


def test_a_document_changed_in_place_keeps_what_it_said(app: Flask) -> None:
    _store(FIRST)
    _store(replace(FIRST, text="Creatinine was up, now down."))
    _store(replace(FIRST, text="Creatinine was up, now down.", title="Progress note, day 2"))
    kept = db.session.scalars(select(DocumentVersion)).all()
    assert [(one.text, one.status) for one in kept] == [("Creatinine is up.", "final")]


def test_files_stay_with_their_document_and_are_not_doubled(app: Flask) -> None:
    scan = AttachmentRecord("application/pdf", "scan.pdf", b"%PDF-1.4 made up")
    for _ in range(2):
        _store(replace(FIRST, attachments=(scan,)))
    assert [(one.name, one.size, one.content) for one in db.session.scalars(select(Attachment))] == [
        ("scan.pdf", 16, scan.content)
    ]
    _store(replace(FIRST, attachments=()))
    assert db.session.scalar(select(Attachment.id)) is None
