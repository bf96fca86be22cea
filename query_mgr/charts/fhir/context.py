"""What the resource readers share: the bundle, its times, and who and where things are."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from query_mgr.accounts.npi import is_valid_npi
from query_mgr.charts.authority import without_urn
from query_mgr.charts.fhir.elements import Json, Times, dicts, given, human_name, words
from query_mgr.charts.fhir.envelope import Entry, Envelope, conditional_identifier, source_key
from query_mgr.charts.problems import EntryError, Warnings

NPI_SYSTEMS = ("http://hl7.org/fhir/sid/us-npi", "urn:oid:2.16.840.1.113883.4.6")


class Stay(NamedTuple):
    """What other resources need to know of an encounter."""

    attending_key: str | None
    admitted_at: datetime


class Cover(NamedTuple):
    """A payer and the days that it pays for, as they were written."""

    order: int
    payer: str
    start: str
    end: str


@dataclass
class Context:
    """One file while it is read, in an order in which what others refer to comes first."""

    envelope: Envelope
    times: Times
    warnings: Warnings
    patient_keys: dict[str, str] = field(default_factory=dict)  # "Patient/id" -> source_key
    patients: dict[str, int] = field(default_factory=dict)  # source_key -> hash of the record
    deceased: dict[str, datetime] = field(default_factory=dict)  # patient's source_key -> when
    covers: dict[str, list[Cover]] = field(default_factory=dict)  # patient's source_key -> coverages
    stays: dict[str, Stay] = field(default_factory=dict)  # encounter's source_key
    role_words: dict[str, list[tuple[str, str]]] = field(
        default_factory=dict
    )  # "Practitioner/id" -> role, specialty
    roles: dict[str, str] = field(default_factory=dict)  # practitioner's source_key -> author role, where known
    names: dict[str, str] = field(default_factory=dict)  # practitioner's source_key -> name
    failed: dict[str, str] = field(default_factory=dict)  # "Patient/id" or "Encounter/id" that waits -> its place
    told: set[int] = field(default_factory=set)  # what Compositions say, so that no report says it twice
    billed: set[str] = field(default_factory=set)  # "Claim/id" that an ExplanationOfBenefit stands for

    def patient(self, resource: Json, name: str = "subject") -> str:
        """Return the source_key of the patient a resource is about. Raises EntryError."""
        reference = words(_mapping(resource.get(name)).get("reference"))
        entry = self.envelope.find(reference)
        if entry and entry.kind == "Patient":
            key = self.patient_keys.get(entry.identity or entry.full_url)
            if key:
                return key
            raise EntryError("reference", name, f"its patient, {entry.place}, waits; mend that one first")
        if not reference:
            raise EntryError("reference", name, "names no patient")
        if reference.startswith("urn:uuid:") or (entry and entry.kind != "Patient"):
            raise EntryError("reference", name, f"{reference[:60]} is no patient of this bundle")
        # Perhaps on file from an earlier file: the store finds it by this key, or refuses the bundle.
        return conditional_identifier(reference) or "/".join(reference.split("/")[-2:])

    def encounter(self, resource: Json, name: str = "encounter") -> str | None:
        """Return the source_key of a resource's encounter, or None where it names none that can be found."""
        reference = words(_mapping(resource.get(name)).get("reference"))
        if not reference:
            return None
        entry = self.envelope.find(reference)
        if entry is None:
            if not reference.startswith("urn:uuid:") and "Encounter/" in reference:
                return "/".join(reference.split("/")[-2:])
            return None
        if entry.kind != "Encounter":
            return None
        if entry.identity in self.failed:
            text = f"its encounter, {self.failed[entry.identity]}, waits; mend that one first"
            raise EntryError("reference", name, text)
        key = source_key(entry)
        return key if key in self.stays else None

    def provider(self, reference: object) -> str | None:
        """Return the source_key of the practitioner that a Reference names, directly or by a role."""
        entry = self.envelope.find(reference)
        if entry and entry.kind == "PractitionerRole":
            return self.provider(entry.resource.get("practitioner"))
        if entry:
            return provider_key(entry) if entry.kind == "Practitioner" else None
        url = words(_mapping(reference).get("reference"))
        if not url.startswith("Practitioner"):
            return None
        return conditional_identifier(url) or url[:200]

    def organization(self, reference: object) -> str:
        """Return the name of the organization or location that a Reference names."""
        entry = self.envelope.find(reference)
        name = words(entry.resource.get("name")) if entry else ""
        return name or words(_mapping(reference).get("display"))


def _mapping(value: object) -> Json:
    return value if isinstance(value, dict) else {}


def identifier_key(entry: Entry, identifier: Json) -> str:
    """Return "system|value", or the resource's own identity where there is no such pair."""
    system, value = without_urn(words(identifier.get("system"))), words(identifier.get("value"))
    key = f"{system}|{value}"
    return key if system and value and len(key) <= 200 else source_key(entry)


def provider_key(entry: Entry) -> str:
    """Return a practitioner's identity: the NPI where there is one, else the first identifier, else the id."""
    identifiers = list(dicts(entry.resource.get("identifier")))
    npi = [each for each in identifiers if each.get("system") in NPI_SYSTEMS]
    return identifier_key(entry, (npi or identifiers or [{}])[0])


def provider_npi(entry: Entry) -> tuple[str | None, str]:
    """Return (valid NPI or None, what stood there)."""
    for each in dicts(entry.resource.get("identifier")):
        if each.get("system") in NPI_SYSTEMS:
            value = words(each.get("value"))
            return (value if is_valid_npi(value) else None), value
    return None, ""


def full_name(resource: Json) -> str:
    """Return "Given Family" of a practitioner, without the title that the credentials repeat."""
    name = human_name(resource.get("name"))
    parts: Iterable[str] = (given(name), words(name.get("family")))
    return " ".join(filter(None, parts)) or words(name.get("text"))
