"""Take in charts."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import select

from query_mgr.audit import actions as audit
from query_mgr.audit.models import AuditEvent
from query_mgr.charts import archive, bulk, ccda, feeds, hl7v2, secondhand, tables
from query_mgr.charts.fhir import Rejection, read_bundle
from query_mgr.charts.fhir.intake import MAX_BYTES, inflate, uncollected
from query_mgr.charts.intake import Arrival
from query_mgr.charts.problems import Held, Ignored, Warnings
from query_mgr.charts.records import ChartBundle, ChartError, Reading, StoreCounts
from query_mgr.charts.report import Report
from query_mgr.charts.store import Refusals, UnknownPatientError, lock_imports, store
from query_mgr.charts.tables.hospital import no_folder
from query_mgr.charts.tables.on_file import the_hospital
from query_mgr.platform import clock
from query_mgr.platform.db import db, unit_of_work
from query_mgr.platform.web import current_settings


def import_file(
    source: Path | bytes,
    name: str,
    *,
    by: str,
    good_rows: bool = False,
    feed: str = "files",
    replay_of: str = "",
) -> Report:
    """Take in one file, whatever its content is: the first of FORMATS that knows it.

    good_rows: take the rows of a table that nothing is wrong with, and hold the others. feed: the interface it came
    over. replay_of: ref of the IntakePart that is sent once more. Never raises for what is wrong with the file.
    Whatever becomes of it is written down as an Intake, in the transaction that keeps the chart where there is one.
    """
    arrival = Arrival(feed, name, by, replay_of=replay_of)
    if isinstance(source, Path) and bulk.looks_large(source):
        return _noted(arrival, bulk.import_large(source, name, arrival))
    try:
        arrival.content = source if isinstance(source, bytes) else _content(source)
        content = inflate(arrival.content)
    except Rejection as refused:
        return _noted(arrival, _refused(name, refused))
    format = next(format for format in FORMATS if format.looks_like(content))
    arrival.format = format.name
    folder = source.parent if isinstance(source, Path) else None
    return _noted(arrival, format.take(Incoming(content, name, folder, arrival, good_rows)))


def _noted(arrival: Arrival, report: Report) -> Report:
    if not arrival.is_noted:
        with unit_of_work():
            arrival.note(report)
    return report


def _refused(name: str, refused: Rejection) -> Report:
    return Report(name, "rejected", errors=tuple(map(str, refused.problems)))


@dataclass(frozen=True)
class Incoming:
    """One file on its way in; `folder` is where it lies, None where it came over the network; `good_rows` as above."""

    content: bytes
    name: str
    folder: Path | None
    arrival: Arrival
    good_rows: bool = False


def _import_table(one: Incoming) -> Report:
    hospital = the_hospital(_zone(), _reader_of(one.folder))
    return _import(one, lambda: tables.read(one.content, hospital, good_rows=one.good_rows))


def _zone() -> ZoneInfo:
    return ZoneInfo(current_settings().time_zone)


def import_all(
    source: Path | bytes, name: str, *, by: str, good_rows: bool = False, feed: str = "files"
) -> Iterator[Report]:
    """Take in a file, the NDJSON files of a folder, or the files of a ZIP that is no folder of notes, one by one.

    Yields a report for each.
    """
    lines = bulk.ndjson_files(source) if isinstance(source, Path) else []
    if lines:
        yield from bulk.import_ndjson(lines, by=by, feed=feed)
        return
    packed = _set_of_files(source)
    if packed is None:
        yield import_file(source, name, by=by, good_rows=good_rows, feed=feed)
        return
    for member in packed:
        try:
            content = packed.read(member)
        except Rejection as broken:
            yield _noted(Arrival(feed, f"{name}/{member}", by), _refused(f"{name}/{member}", broken))
        else:
            yield import_file(content, f"{name}/{member}", by=by, good_rows=good_rows, feed=feed)


def _set_of_files(source: Path | bytes) -> archive.Archive | None:
    """Return a ZIP that has no index of notes; None for all else, and for a ZIP that is refused."""
    try:
        if isinstance(source, Path) and not _is_zip(source):
            return None
        content = _content(source) if isinstance(source, Path) else source
        packed = archive.open_archive(content) if archive.looks_like(content) else None
    except Rejection:
        return None
    return packed if packed and not packed.indexes else None


def _import_archive(one: Incoming) -> Report:
    """Take in a ZIP of notes with their index; one without an index goes through `import_all`."""

    def read() -> Reading:
        packed = archive.open_archive(one.content)
        reading = tables.read(packed.index(), the_hospital(_zone(), packed.note), good_rows=one.good_rows)
        if not packed.unread:
            return reading
        text = f"{len(packed.unread)} file(s) stand in no row of the index: {', '.join(packed.unread[:5])}"
        return replace(reading, warnings=(*reading.warnings, f"file: {text}"))

    return _import(one, read)


def _is_zip(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return archive.looks_like(file.read(8))
    except OSError:
        return False


def _import_document(one: Incoming) -> Report:
    """Take in one C-CDA document; what it tells second hand of patient, stay and facts only fills gaps."""
    noticed = Warnings()
    return _import(
        one,
        lambda: ccda.read_document(one.content, _zone(), clock.now()),
        lambda reading: secondhand.settle(reading.bundle, noticed),
        noticed,
    )


def _reader_of(folder: Path | None) -> Callable[[str], bytes]:
    """Return what reads a note beside its index, and nothing outside that folder."""

    def read(name: str) -> bytes:
        if folder is None:
            return no_folder(name)
        try:
            path = (folder / name).resolve()
            is_inside = path.is_relative_to(folder.resolve()) and path.is_file()
        except (OSError, ValueError):  # a NUL, or longer than a name can be
            is_inside = False
        if not is_inside:
            raise Rejection("file", name, "is not in the folder of the index")
        return _content(path)

    return read


#: sees what was read under the import lock before anything is written, and returns what to keep; may raise Rejection
Screen = Callable[[Reading], ChartBundle]


def import_bundle(
    source: Path | bytes, name: str, *, by: str, screen: Screen | None = None, arrival: Arrival | None = None
) -> Report:
    """Take in one FHIR R4 bundle, given as a path or as its bytes, whole or not at all.

    The same content again is "unchanged" and keeps nothing twice. Never raises for what is wrong with the file.
    arrival: of a caller who may try several times, and notes himself what was refused in the end.
    """
    own = arrival or Arrival("files", name, by, format="FHIR")
    try:
        content = source if isinstance(source, bytes) else _content(source)
    except Rejection as refused:
        return _noted(own, _refused(name, refused))
    own.content = own.content or content
    report = _import_fhir(Incoming(content, name, None, own), screen)
    return report if arrival else _noted(own, report)


def _import_fhir(one: Incoming, screen: Screen | None = None) -> Report:
    zone = _zone()
    with uncollected():
        return _import(one, lambda: read_bundle(one.content, zone, clock.now()), screen)


def _import(
    one: Incoming, read: Callable[[], Reading], screen: Screen | None = None, noticed: Warnings | None = None
) -> Report:
    """Store what `read` returns, whole or not at all, and report it, with what `screen` `noticed`."""
    try:
        reading = read()
        with unit_of_work():
            lock_imports()
            refusals = Refusals(reading.refuse)
            bundle = screen(reading) if screen else reading.bundle
            if noticed is not None:
                reading = replace(reading, warnings=(*reading.warnings, *noticed.lines()))
            report = _stored(one, reading, bundle, refusals)
            one.arrival.note(report, (*reading.held, *refusals.parts.values()))
        return report
    except Rejection as refused:
        return _refused(one.name, refused)
    except (Held, Ignored) as stopped:
        return Report(one.name, "held" if isinstance(stopped, Held) else "ignored", warnings=(str(stopped),))
    except UnknownPatientError as refused:
        report = Report(one.name, "rejected", errors=(f"reference: {refused}",))
        with unit_of_work():
            _note_strangers(one)
            one.arrival.note(report)
        return report
    except ChartError as refused:
        return Report(one.name, "rejected", errors=(f"conflict: {refused}",))


def _stored(one: Incoming, reading: Reading, bundle: ChartBundle, refusals: Refusals) -> Report:
    counts = store(bundle, one.arrival.by, refusals)
    if refusals.has_strangers:
        _note_strangers(one)
    warnings = reading.warnings
    if counts.unlinked:
        text = "row(s) name an encounter that was never sent or is another patient's; they stay with the patient"
        warnings = (*warnings, f"encounter: {counts.unlinked} {text}")
    held = tuple(f"{part.where}: {part.reason}" for part in (*reading.held, *refusals.parts.values()))
    return Report(
        one.name,
        _status_of(counts, one, is_waiting=bool(held)),
        patients=counts.patients.total,
        encounters=counts.encounters.total,
        documents=counts.documents.total,
        facts=counts.facts.total,
        providers=counts.providers.total,
        codes=counts.codes.total,
        held=held,
        warnings=warnings,
    )


def _status_of(counts: StoreCounts, one: Incoming, *, is_waiting: bool) -> str:
    if not counts.is_unchanged:
        return "imported"
    if any(each.total for each in counts.by_kind().values()):
        return "unchanged"
    if is_waiting:
        return "held"
    return "imported" if _is_first_sight(one.content, one.arrival.by) else "unchanged"


def _note_strangers(one: Incoming) -> None:
    """Record that somebody sent rows for a patient who is not ours, whoever it was (assurance §4.12)."""
    audit.record(one.arrival.by, "chart.refused", "file", _digest(one.content), why="unknown patient")


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:16]


def _is_first_sight(content: bytes, by: str) -> bool:
    """Note a file that holds nothing to keep (hospitals only); return False where it was noted before."""
    ref = _digest(content)
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


class Format(NamedTuple):
    """A kind of file: what it is told by, and what takes it in."""

    name: str
    looks_like: Callable[[bytes], bool]
    take: Callable[[Incoming], Report]


#: the first that knows a file has it
FORMATS = (
    Format(
        feeds.FORMAT,
        hl7v2.looks_like,
        lambda one: feeds.import_messages(one.content, one.name, by=one.arrival.by, arrival=one.arrival),
    ),
    Format("ZIP", archive.looks_like, _import_archive),
    Format("C-CDA", ccda.looks_like, _import_document),
    Format("table", tables.looks_like, _import_table),
    Format("FHIR", lambda content: True, _import_fhir),  # or no chart at all
)
