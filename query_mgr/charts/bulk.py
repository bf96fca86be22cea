"""Take in FHIR files of any size: large bundles, and folders of Bulk Data NDJSON."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Iterable, Iterator
from contextlib import closing, nullcontext
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from query_mgr.charts.fhir.bundle import READERS, Part, Walk
from query_mgr.charts.fhir.context import Context
from query_mgr.charts.fhir.elements import Times
from query_mgr.charts.fhir.shelf import Shelf, Source, is_large, is_packed, open_source
from query_mgr.charts.intake import Arrival
from query_mgr.charts.problems import Rejection, Warnings
from query_mgr.charts.records import ChartError, Counts, HeldPart, StoreCounts
from query_mgr.charts.report import Report
from query_mgr.charts.store import Refusals, store
from query_mgr.platform import clock
from query_mgr.platform.db import unit_of_work
from query_mgr.platform.web import current_settings

#: above this a bundle is read entry by entry from the disk
LARGE_BYTES = 16 * 1024 * 1024
NDJSON = (".ndjson", ".ndjson.gz", ".jsonl", ".jsonl.gz")
#: rows of one transaction, where a file is not one transaction by itself
ROWS_AT_A_TIME = 2000
_BEGINNING = 4096


def looks_large(path: Path) -> bool:
    """Return whether a file is JSON that is too large to be read at once."""
    try:
        if not path.is_file() or not is_large(path, LARGE_BYTES):
            return False
        with gzip.open(path) if is_packed(path) else path.open("rb") as file:
            return file.read(_BEGINNING).lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{")
    except (OSError, EOFError):
        return False


def ndjson_files(path: Path) -> list[Path]:
    """Return the NDJSON files of a folder, or the file itself where it is one."""
    files = sorted(path.iterdir()) if path.is_dir() else [path]
    return [one for one in files if one.name.lower().endswith(NDJSON) and one.is_file()]


@dataclass
class _Taken:
    """What was kept of one file, and what of it waits."""

    counts: StoreCounts = field(default_factory=StoreCounts)
    held: dict[str, HeldPart] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()

    def add(self, counts: StoreCounts, refusals: Refusals) -> None:
        """Add what became of one part."""
        for one in fields(counts):
            total, more = getattr(self.counts, one.name), getattr(counts, one.name)
            if not isinstance(total, Counts):
                self.counts.unlinked += more
                continue
            for name in ("created", "updated", "unchanged"):
                setattr(total, name, getattr(total, name) + getattr(more, name))
        self.held |= refusals.parts

    def report(self, name: str, has_rows: bool) -> Report:
        """Return the report of the file."""
        numbers: dict[str, Any] = {kind: each.total for kind, each in self.counts.by_kind().items()}
        status = "imported" if not self.counts.is_unchanged else "unchanged" if any(numbers.values()) else "held"
        if status == "held" and not self.held:
            status = "unchanged" if has_rows else "ignored"
        warnings = self.warnings
        if self.counts.unlinked:
            text = (
                "row(s) name an encounter that was never sent or is another patient's; they stay with the patient"
            )
            warnings = (*warnings, f"encounter: {self.counts.unlinked} {text}")
        held = tuple(f"{part.where}: {part.reason}" for part in self.held.values())
        return Report(name, status, **numbers, held=held, warnings=warnings)


def import_large(path: Path, name: str, arrival: Arrival) -> Report:
    """Take in one large bundle: a transaction whole or not at all, others some thousand rows at a time.

    Never raises for what is wrong with the file.
    """
    warnings, arrival.format = Warnings(), "FHIR"
    shelf = Shelf()
    try:
        source = open_source(path)
        arrival.content = _mark(path)
        with closing(shelf):
            faults = list(shelf.add_bundle(source, warnings))
            walk = _walk(shelf, warnings)
            for fault in (*faults, *shelf.settle(warnings)):
                walk.hold(fault.entry, fault.error, fault.payload)
            with nullcontext() if shelf.is_entrywise else unit_of_work():
                taken = _Taken()
                for part in walk.parts(ROWS_AT_A_TIME):
                    taken.add(*_stored(part, walk, arrival.by))
                taken.held |= {part.where: part for part in walk.waiting.parts()}
                taken.warnings = warnings.lines()
                report = taken.report(name, has_rows=any(kind in READERS for kind in shelf.kinds))
                with unit_of_work():
                    arrival.note(report, tuple(taken.held.values()))
                return report
    except Rejection as refused:
        return Report(name, "rejected", errors=tuple(map(str, refused.problems)))
    except ChartError as refused:
        return Report(name, "rejected", errors=(f"conflict: {refused}",))


def _mark(path: Path) -> bytes:
    """Return what stands for the content of a file that is not kept whole: its digest."""
    with path.open("rb") as file:
        return f"sha256 {hashlib.file_digest(file, 'sha256').hexdigest()}".encode()


def _walk(shelf: Shelf, warnings: Warnings) -> Walk:
    zone = ZoneInfo(current_settings().time_zone)
    return Walk(Context(shelf, Times(zone, clock.now(), warnings), warnings))


def _stored(part: Part, walk: Walk, by: str) -> tuple[StoreCounts, Refusals]:
    refusals = Refusals(walk.refusing(part) if walk.context.envelope.is_entrywise else None)
    return store(part.bundle(), by, refusals), refusals


def import_ndjson(paths: Iterable[Path], *, by: str, feed: str = "files") -> Iterator[Report]:
    """Take in the files of one Bulk Data export, whatever their order; yield a report for each.

    Each line stands for itself. Some thousand rows are kept at a time: an import that is broken off goes on where it
    is run again, and ends in the same chart.
    """
    warnings, shelf, taken = Warnings(), Shelf(), {path.name: _Taken() for path in paths}
    refused: dict[str, Report] = {}
    with closing(shelf):
        walk = _walk(shelf, warnings)
        for path in paths:
            try:
                source = open_source(path, path.name)
                for fault in shelf.add_lines(Source(source.file, source.size, path.name), warnings):
                    walk.hold(fault.entry, fault.error, fault.payload)
            except Rejection as error:
                refused[path.name] = Report(str(path), "rejected", errors=tuple(map(str, error.problems)))
        for fault in shelf.settle(warnings):
            walk.hold(fault.entry, fault.error)
        for part in walk.parts(ROWS_AT_A_TIME):
            taken[part.file].add(*_stored(part, walk, by))
    for one in walk.waiting.parts():
        file = one.where.partition(" line ")[0]
        taken.get(file, next(iter(taken.values()))).held[one.where] = one
    _share_out(warnings.lines(), taken)
    for path in paths:
        report = refused.get(path.name) or taken[path.name].report(str(path), has_rows=False)
        arrival = Arrival(feed, path.name, by, _mark(path), "FHIR")
        with unit_of_work():
            arrival.note(report, () if path.name in refused else tuple(taken[path.name].held.values()))
        yield report


def _share_out(lines: Iterable[str], taken: dict[str, _Taken]) -> None:
    """Put each warning to the file that it names, and those of all files to the last."""
    names = list(taken)
    for line in lines:
        owner = next((name for name in names if f": {name} line " in line), names[-1])
        taken[owner].warnings = (*taken[owner].warnings, line)
