"""From the bytes of one file to one ChartBundle, or to parts of one."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from typing import Any

from query_mgr.charts.fhir import billing, documents, facts, people, stays
from query_mgr.charts.fhir.context import Context
from query_mgr.charts.fhir.elements import Times
from query_mgr.charts.fhir.envelope import (
    Entry,
    Envelope,
    Fault,
    check_head,
    check_modifiers,
    check_references,
    check_version,
    entry_of,
    resource_of,
)
from query_mgr.charts.fhir.held import Waiting
from query_mgr.charts.fhir.intake import inflate
from query_mgr.charts.fhir.scan import Scan, Scanned, Window, read_json
from query_mgr.charts.problems import EntryError, Rejection, Warnings
from query_mgr.charts.records import (
    ChartBundle,
    ChartRecord,
    DocumentRecord,
    EncounterRecord,
    FactRecord,
    HeldPart,
    PatientRecord,
    ProviderRecord,
    Reading,
    Refuse,
    SentCodeRecord,
)

Record = ChartRecord | ProviderRecord
Reader = Callable[[Entry, Context], Iterable[Record]]
#: resource type -> its reader, in the order in which they need each other
READERS: Mapping[str, Reader] = {
    "PractitionerRole": people.read_role,
    "Practitioner": people.read_practitioner,
    "Patient": people.read_patient,
    "Coverage": people.read_coverage,
    "Encounter": stays.read_encounter,
    **documents.READERS,
    **facts.READERS,
    **billing.READERS,
}
#: Read for what they say of others, or known to hold nothing a query needs; no warning for them.
_SILENT = {
    "Organization", "Location", "Binary", "Medication", "CareTeam", "Goal", "ImagingStudy", "Immunization", "Device",
    "Provenance", "SupplyDelivery", "ServiceRequest", "Specimen", "FamilyMemberHistory", "ClinicalImpression",
    "OperationOutcome",
}  # fmt: skip
#: An attachment that cannot be read, or a meaning that cannot be trusted, costs its own resource, never the chart.
_COSTS_ITSELF = {"attachment", "modifier"}
#: of a bundle that is read in memory
MAX_ENTRIES = 100_000
_PARENTS = {"Patient", "Encounter"}
_PLACE_OF: Mapping[type, str] = {
    ProviderRecord: "providers",
    PatientRecord: "patients",
    EncounterRecord: "encounters",
    DocumentRecord: "documents",
    FactRecord: "facts",
    SentCodeRecord: "codes",
}


def read_bundle(content: bytes, zone: tzinfo, now: datetime) -> Reading:
    """Return the chart in `content`: a FHIR R4 Bundle, or one resource, as JSON, plain or gzip.

    zone: the facility's, for times without offset. Raises Rejection; then nothing of the file may be kept.
    """
    warnings = Warnings()
    content = inflate(content)
    envelope, faults = open_envelope(content, warnings)
    walk = Walk(Context(envelope, Times(zone, now, warnings), warnings))
    for fault in faults:
        walk.hold(fault.entry, fault.error)
    part = next(walk.parts(), Part())
    refuse = walk.refusing(part) if envelope.is_entrywise else None
    return Reading(part.bundle(), warnings.lines(), walk.waiting.parts(), refuse)


def open_envelope(content: bytes, warnings: Warnings) -> tuple[Envelope, list[Fault]]:
    """Return the entries of a file that fits in memory, and those that are none. Raises Rejection."""
    scan = Scan(Window(io.BytesIO(content), len(content), step=len(content) + 1), warnings)
    found = [entry_of(index, one, warnings) for index, one in enumerate(_bounded(scan.entries()))]
    if "resourceType" in scan.members and scan.members["resourceType"] in READERS:
        # A resource by itself, such as a part that waited and was mended.
        value = read_json(content, warnings)
        envelope = Envelope(content=content)
        found = [resource_of(0, Scanned(value, 0, len(content), content.decode("utf-8-sig")))]
    else:
        envelope = Envelope(check_head(scan.members), content)
    faults = [one for one in found if isinstance(one, Fault)]
    return envelope, faults + list(envelope.take((one for one in found if isinstance(one, Entry)), warnings))


def _bounded(entries: Iterable[Scanned]) -> Iterator[Scanned]:
    for count, entry in enumerate(entries):
        if count >= MAX_ENTRIES:
            text = f"more than {MAX_ENTRIES} entries; split it, one patient a file"
            raise Rejection("too-large", "Bundle.entry", text)
        yield entry


@dataclass
class Part:
    """Rows that are kept together, and the entries that they come from."""

    rows: dict[str, list[Any]] = field(default_factory=dict)
    origins: dict[str, Entry] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)  # "Patient/77" -> source_key
    size: int = 0
    file: str = ""

    def add(self, record: Record, entry: Entry) -> None:
        """Take in one row."""
        self.rows.setdefault(_PLACE_OF[type(record)], []).append(record)
        self.origins[record.source_key] = entry
        if isinstance(record, (PatientRecord, ProviderRecord)) and entry.identity not in ("", record.source_key):
            self.names[entry.identity] = record.source_key
        self.size += 1
        self.file = entry.file

    def bundle(self) -> ChartBundle:
        """Return the rows as a chart."""
        rows = {name: tuple(rows) for name, rows in self.rows.items()}
        return ChartBundle(**rows, names=tuple(self.names.items()))


class Walk:
    """Reads the entries in the order in which they need each other."""

    def __init__(self, context: Context) -> None:
        self.context, self.waiting = context, Waiting()

    def parts(self, size: int | None = None) -> Iterator[Part]:
        """Yield all rows: together, or about `size` at a time and file by file, parents before what belongs to them.

        Raises Rejection where one entry sinks the file.
        """
        part = Part()
        for kind, reader in READERS.items():
            for entry in self.context.envelope.of_kind(kind):
                if size and part.size and (part.size >= size or part.file != entry.file):
                    yield part
                    part = Part()
                for record in self._read(entry, reader):
                    part.add(record, entry)
        if not self.context.envelope.is_entrywise:
            self._check_the_rest()
        self._count_ignored()
        if part.size or not size:
            yield part

    def _read(self, entry: Entry, reader: Reader) -> list[Record]:
        """Return what one entry yields; its error makes the entry wait or, in a transaction, sinks the file."""
        try:
            check_version(entry)
            check_references(entry, self.context.envelope, self.context.warnings)
            if entry.is_odd:
                check_modifiers(entry)
            return list(reader(entry, self.context))
        except EntryError as error:
            self.hold(entry, error)
        except Rejection as refused:  # of a file whose lines stand by themselves only the line
            if not entry.file:
                raise
            self.hold(entry, EntryError(refused.problems[0].code, "", refused.problems[0].text))
        return []

    def hold(self, entry: Entry, error: EntryError, payload: bytes | None = None) -> None:
        """Let an entry wait, and by name what hangs on it. Raises Rejection in a transaction."""
        where = entry.where(error.path)
        is_own = error.code in _COSTS_ITSELF and entry.kind not in _PARENTS
        if not is_own and not self.context.envelope.is_entrywise:
            raise Rejection(error.code, where, error.text)
        if entry.kind in _PARENTS:
            self.context.failed[entry.identity] = entry.place
        if payload is None:
            payload = self.context.envelope.payload(entry)
        self.waiting.add(where, f"{error.code}: {error.text}", payload)

    def refusing(self, part: Part) -> Refuse:
        """Return what tells of a row that cannot be kept what waits: where it stood, why, and its bytes."""

        def refuse(source_key: str, code: str, text: str) -> HeldPart:
            entry = part.origins[source_key]
            return HeldPart(entry.where(), f"{code}: {text}", self.context.envelope.payload(entry))

        return refuse

    def _check_the_rest(self) -> None:
        envelope = self.context.envelope
        for entry in envelope.of_kind(*(kind for kind in envelope.kinds if kind not in READERS)):
            check_references(entry, envelope, self.context.warnings)

    def _count_ignored(self) -> None:
        for kind, count in sorted(self.context.envelope.kinds.items()):
            if kind not in READERS and kind not in _SILENT:
                self.context.warnings.add("ignored", kind, f"{count} resource(s) of a type that is not read")
