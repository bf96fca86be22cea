"""From the bytes of one file to one ChartBundle."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, tzinfo
from typing import Any, TypeVar

from query_mgr.charts.fhir import documents, facts
from query_mgr.charts.fhir.context import Context
from query_mgr.charts.fhir.elements import Times
from query_mgr.charts.fhir.envelope import (
    Entry,
    check_modifiers,
    check_references,
    check_version,
    open_envelope,
)
from query_mgr.charts.fhir.intake import inflate, read_json
from query_mgr.charts.fhir.people import read_patient, read_providers
from query_mgr.charts.fhir.stays import read_encounter
from query_mgr.charts.problems import EntryError, Rejection, Warnings
from query_mgr.charts.records import ChartBundle, DocumentRecord, PatientRecord, Reading

#: Read for what they say of others, or known to hold nothing a query needs; no warning for them.
_SILENT = {
    "Practitioner", "PractitionerRole", "Organization", "Location", "Coverage", "Binary", "Medication", "Claim",
    "ExplanationOfBenefit", "CarePlan", "CareTeam", "Goal", "ImagingStudy", "Immunization", "Device", "Provenance",
    "SupplyDelivery", "ServiceRequest", "Specimen", "FamilyMemberHistory", "ClinicalImpression",
}  # fmt: skip
#: An attachment that cannot be read, or a meaning that cannot be trusted, costs its own resource, never the chart.
_COSTS_ITSELF = {"attachment", "modifier"}
_Record = TypeVar("_Record")


def read_bundle(content: bytes, zone: tzinfo, now: datetime) -> Reading:
    """Return the chart in `content`: a FHIR R4 Bundle as JSON, plain or gzip.

    zone: the facility's, for times without offset. Raises Rejection; then nothing of the file may be kept.
    """
    warnings = Warnings()
    content = inflate(content)
    envelope = open_envelope(read_json(content, warnings), warnings)
    check_version(envelope)
    check_references(envelope, warnings)
    context = Context(envelope, Times(zone, now, warnings), warnings)
    may_modify = b"modifierExtension" in content or b"implicitRules" in content
    return Reading(_Walk(context, may_modify).chart(), warnings.lines())


class _Walk:
    """Reads the entries in the order in which they need each other."""

    def __init__(self, context: Context, may_modify: bool) -> None:
        self.context, self.may_modify = context, may_modify

    def chart(self) -> ChartBundle:
        context, envelope = self.context, self.context.envelope
        providers = read_providers(context)
        patients: dict[str, PatientRecord] = {}
        for entry in envelope.of_kind("Patient"):
            for patient in self._read(entry, lambda entry: [read_patient(entry, context)]):
                context.patient_keys[f"Patient/{entry.resource.get('id', entry.full_url)}"] = patient.source_key
                if patients.setdefault(patient.source_key, patient) != patient:
                    text = f"shares its identifier with another patient ({patient.source_key[:100]})"
                    raise Rejection("duplicate", entry.where("identifier"), text)
        for entry in envelope.of_kind("Encounter"):
            for stay in self._read(entry, lambda entry: [read_encounter(entry, context, patients)]):
                context.encounters[stay.source_key] = stay
        notes = self._documents()
        measured = self._all(facts.READERS)
        self._count_ignored()
        stays = tuple(context.encounters.values())
        return ChartBundle(tuple(providers), tuple(patients.values()), stays, tuple(notes), tuple(measured))

    def _all(self, readers: Mapping[str, Callable[[Entry, Context], Iterable[_Record]]]) -> list[_Record]:
        found: list[_Record] = []
        for entry in self.context.envelope.of_kind(*readers):
            reader = readers[entry.kind]
            found += self._read(entry, lambda entry, reader=reader: reader(entry, self.context))  # type: ignore[misc]
        return found

    def _documents(self) -> list[DocumentRecord]:
        """Return the documents; a report that a Composition of the same minute already tells is left out."""
        found = self._all(documents.READERS)
        told = {_told(each) for each in found if each.source_key.startswith("Composition/")}
        return [each for each in found if not (each.source_key.startswith("Diagnostic") and _told(each) in told)]

    def _read(self, entry: Entry, reader: Callable[[Entry], Iterable[_Record]]) -> list[_Record]:
        """Return what one entry yields; its error costs the entry or, where the bundle is one chart, the file."""
        try:
            if self.may_modify:
                check_modifiers(entry)
            return list(reader(entry))
        except EntryError as error:
            is_own = error.code in _COSTS_ITSELF and entry.kind not in {"Patient", "Encounter"}
            if not is_own and not self.context.envelope.is_entrywise:
                raise Rejection(error.code, entry.where(error.path), error.text) from None
            self.context.failed.add(f"{entry.kind}/{entry.resource.get('id')}")
            self.context.warnings.add(error.code, entry.where(error.path), f"{error.text}; not imported")
            return []

    def _count_ignored(self) -> None:
        read = {"Patient", "Encounter", *facts.READERS, *documents.READERS} | _SILENT
        ignored = Counter(entry.kind for entry in self.context.envelope.entries if entry.kind not in read)
        for kind, count in sorted(ignored.items()):
            self.context.warnings.add("ignored", kind, f"{count} resource(s) of a type that is not read")


def _told(document: DocumentRecord) -> tuple[Any, ...]:
    bodies = frozenset(document.text[each.start : each.end] for each in document.sections)
    return document.encounter_key, document.kind, document.authored_at, bodies
