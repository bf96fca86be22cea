"""Take in charts."""

from __future__ import annotations

import hashlib
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import select

from query_mgr.audit import actions as audit
from query_mgr.audit.models import AuditEvent
from query_mgr.charts import feeds, hl7v2
from query_mgr.charts.fhir import Rejection, read_bundle
from query_mgr.charts.fhir.intake import MAX_BYTES, inflate
from query_mgr.charts.records import ChartBundle, ChartError
from query_mgr.charts.report import Report
from query_mgr.charts.store import UnknownPatientError, store
from query_mgr.platform import clock
from query_mgr.platform.db import db, unit_of_work
from query_mgr.platform.web import current_settings


def import_file(source: Path | bytes, name: str, *, by: str) -> Report:
    """Take in one file, whatever of FHIR R4 and HL7 v2 its content is. Never raises for what is wrong with it."""
    try:
        content = inflate(source if isinstance(source, bytes) else _content(source))
    except Rejection as refused:
        return Report(name, "rejected", errors=tuple(map(str, refused.problems)))
    if hl7v2.looks_like(content):
        return feeds.import_messages(content, name, by=by)
    return import_bundle(content, name, by=by)


def import_bundle(source: Path | bytes, name: str, *, by: str) -> Report:
    """Take in one FHIR R4 bundle, given as a path or as its bytes, whole or not at all.

    The same content again is "unchanged" and writes nothing. Never raises for what is wrong with the file.
    """
    try:
        content = source if isinstance(source, bytes) else _content(source)
        reading = read_bundle(content, ZoneInfo(current_settings().time_zone), clock.now())
        counts = store(reading.bundle, by)
    except Rejection as refused:
        return Report(name, "rejected", errors=tuple(map(str, refused.problems)))
    except UnknownPatientError as refused:
        # Somebody sent rows for a patient who is not ours: worth knowing, whoever it was (assurance §4.12).
        with unit_of_work():
            audit.record(
                by, "chart.refused", "file", hashlib.sha256(content).hexdigest()[:16], why="unknown patient"
            )
        return Report(name, "rejected", errors=(f"reference: {refused}",))
    except ChartError as refused:
        return Report(name, "rejected", errors=(f"conflict: {refused}",))
    warnings = reading.warnings
    if counts.unlinked:
        text = f"{counts.unlinked} row(s) name an encounter that was never sent; they stay with the patient"
        warnings = (*warnings, f"encounter: {text}")
    is_new = not counts.is_unchanged or (reading.bundle == ChartBundle() and _is_first_sight(content, by))
    return Report(
        name,
        "imported" if is_new else "unchanged",
        patients=counts.patients.total,
        encounters=counts.encounters.total,
        documents=counts.documents.total,
        facts=counts.facts.total,
        providers=counts.providers.total,
        warnings=warnings,
    )


def _is_first_sight(content: bytes, by: str) -> bool:
    """Note a file that holds nothing to keep (hospitals only); return False where it was noted before."""
    ref = hashlib.sha256(content).hexdigest()[:16]
    seen = select(AuditEvent.seq).where(AuditEvent.subject_kind == "file", AuditEvent.subject_ref == ref)
    with unit_of_work():
        if db.session.scalar(seen.where(AuditEvent.action == "chart.imported").limit(1)):
            return False
        audit.record(by, "chart.imported", "file", ref)
    return True


def _content(path: Path) -> bytes:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise Rejection("too-large", "", f"larger than {MAX_BYTES >> 20} MB; split it, one patient a file")
        return path.read_bytes()
    except OSError as error:
        raise Rejection("file", "", f"cannot be read: {error.strerror or type(error).__name__}") from None
