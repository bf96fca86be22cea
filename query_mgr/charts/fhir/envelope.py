"""The bundle around the resources: its type, its version, identities and references."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from query_mgr.charts.authority import without_urn
from query_mgr.charts.fhir.elements import Json, dicts, first, words
from query_mgr.charts.problems import EntryError, Rejection, Warnings

ACCEPTED_TYPES = ("transaction", "batch", "collection", "searchset")
#: Types whose entries stand or fall one by one; the others are one chart and stand or fall together.
ENTRYWISE_TYPES = ("batch", "searchset")
MAX_ENTRIES = 100_000
_ID = re.compile(r"[A-Za-z0-9\-.]{1,64}")
_RELATIVE = re.compile(r"(?:.*/)?([A-Z][A-Za-z]+)/([A-Za-z0-9\-.]{1,64})(?:/_history/.*)?")
_CONDITIONAL = re.compile(r"([A-Z][A-Za-z]+)\?(?:.*&)?identifier=([^&]+)")


@dataclass
class Entry:
    """One resource and its place in the bundle."""

    index: int
    kind: str
    resource: Json
    full_url: str = ""

    def where(self, path: str = "") -> str:
        """Return its place as a reader would look for it."""
        return f"entry[{self.index}] {self.kind}{'.' + path if path else ''}"


@dataclass
class Envelope:
    """The entries of an accepted bundle, and how to find one from a reference."""

    type: str
    entries: list[Entry]
    _by_url: dict[str, Entry] = field(default_factory=dict)
    _by_id: dict[str, Entry] = field(default_factory=dict)

    @property
    def is_entrywise(self) -> bool:
        """True where a bad entry is left out instead of sinking the file."""
        return self.type in ENTRYWISE_TYPES

    def of_kind(self, *kinds: str) -> Iterator[Entry]:
        """Yield the entries of the given resource types, in order."""
        return (entry for entry in self.entries if entry.kind in kinds)

    def find(self, reference: object) -> Entry | None:
        """Return the entry that a Reference (or its string) points to, if the bundle holds it."""
        url = words(reference.get("reference")) if isinstance(reference, dict) else words(reference)
        if url in self._by_url:
            return self._by_url[url]
        match = _RELATIVE.fullmatch(url)
        return self._by_id.get(f"{match[1]}/{match[2]}") if match else None


def open_envelope(value: Any, warnings: Warnings) -> Envelope:
    """Return the bundle's entries. Raises Rejection where it is no bundle that can be taken in."""
    if not isinstance(value, dict) or value.get("resourceType") != "Bundle":
        what = value.get("resourceType", "an object") if isinstance(value, dict) else type(value).__name__
        raise Rejection("structure", "", f"must be a FHIR R4 Bundle, not {str(what)[:40]}")
    kind = value.get("type")
    if kind not in ACCEPTED_TYPES:
        shown = "missing" if kind is None else f"{str(kind)[:40]!r}"
        raise Rejection("structure", "Bundle.type", f"is {shown}; must be one of {', '.join(ACCEPTED_TYPES)}")
    entries = value.get("entry", [])
    if not isinstance(entries, list):
        raise Rejection("structure", "Bundle.entry", "must be a list")
    if len(entries) > MAX_ENTRIES:
        raise Rejection(
            "too-large", "Bundle.entry", f"more than {MAX_ENTRIES} entries; split it, one patient a file"
        )
    envelope = Envelope(kind, [])
    for index, entry in enumerate(entries):
        _take(envelope, index, entry, warnings)
    return envelope


def _take(envelope: Envelope, index: int, entry: Any, warnings: Warnings) -> None:
    resource = entry.get("resource") if isinstance(entry, dict) else None
    if not isinstance(resource, dict):
        if isinstance(entry, dict) and ("request" in entry or "response" in entry):
            warnings.add("ignored", f"entry[{index}]", "has no resource")
            return
        raise Rejection("structure", f"entry[{index}]", "has no resource")
    kind = resource.get("resourceType")
    if not isinstance(kind, str) or not kind:
        raise Rejection("structure", f"entry[{index}].resource", "has no resourceType")
    method = words(first(entry.get("request")).get("method"))
    if method in {"DELETE", "GET", "HEAD", "PATCH"}:
        warnings.add("ignored", f"entry[{index}]", f"request {method}: only data is read here")
        return
    taken = Entry(index, kind[:60], resource, words(entry.get("fullUrl")))
    for name, known in ((taken.full_url, envelope._by_url), (_identity(taken), envelope._by_id)):
        if not name:
            continue
        other = known.setdefault(name, taken)
        if other is taken:
            continue
        if envelope.is_entrywise and other.resource == resource:
            warnings.add("duplicate", f"entry[{index}]", f"repeats entry[{other.index}] ({name[:100]})")
            return
        raise Rejection("duplicate", f"entry[{other.index}] and entry[{index}]", f"are both {name[:100]}")
    envelope.entries.append(taken)


def _identity(entry: Entry) -> str:
    given = entry.resource.get("id")
    return f"{entry.kind}/{given}" if isinstance(given, str) else ""


def checked_id(entry: Entry) -> str:
    """Return the id of a resource that is going to be kept. Raises EntryError where it is missing or malformed."""
    given = entry.resource.get("id")
    if given is None and entry.full_url.startswith("urn:uuid:"):
        given = entry.full_url.removeprefix("urn:uuid:")
    if not isinstance(given, str) or not _ID.fullmatch(given):
        raise EntryError("id", "id", f"{str(given)[:70]!r} is not a FHIR id (1 to 64 of A-Z a-z 0-9 - .)")
    return given


def source_key(entry: Entry) -> str:
    """Return the row's identity in its own system, "Observation/123"."""
    return f"{entry.kind}/{checked_id(entry)}"


def conditional_identifier(reference: str) -> str | None:
    """Return "system|value" of a conditional reference such as Practitioner?identifier=system|value."""
    match = _CONDITIONAL.fullmatch(reference)
    return without_urn(match[2].replace("%7C", "|").replace("%3A", ":").replace("%2F", "/")) if match else None


def check_references(envelope: Envelope, warnings: Warnings) -> None:
    """Refuse a transaction that points to a urn:uuid it does not hold; elsewhere warn."""
    for entry in envelope.entries:
        for path, url in _references(entry.resource):
            if not url.startswith("urn:uuid:") or envelope.find(url):
                continue
            text = f"points to {url[:60]}, which the bundle does not hold"
            if envelope.type == "transaction":
                raise Rejection("reference", entry.where(path), text)
            warnings.add("reference", entry.where(path), text)


def _references(resource: Json) -> Iterator[tuple[str, str]]:
    todo: list[tuple[str, Any]] = [("", resource)]
    while todo:
        path, value = todo.pop()
        if isinstance(value, dict):
            if isinstance(value.get("reference"), str):
                yield path, value["reference"]
            todo += [(f"{path}.{name}" if path else name, each) for name, each in value.items()]
        elif isinstance(value, list):
            todo += [(f"{path}[{place}]", each) for place, each in enumerate(value)]


def check_modifiers(entry: Entry) -> None:
    """Refuse a resource whose meaning an extension we do not know may turn round (FHIR R4, 2.4.0.1)."""
    if entry.resource.get("implicitRules"):
        raise EntryError("modifier", "implicitRules", "rules that are not known here may change its meaning")
    todo: list[Any] = [entry.resource]
    while todo:
        value = todo.pop()
        if isinstance(value, dict):
            found = value.get("modifierExtension")
            if found:
                url = next((words(each.get("url")) for each in dicts(found)), "")
                raise EntryError("modifier", "modifierExtension", f"{url[:100]!r} is not known and may negate it")
            todo += [each for name, each in value.items() if name != "contained"]
        elif isinstance(value, list):
            todo += value


_OTHER_VERSIONS: tuple[tuple[str, str, str, type, str], ...] = (
    # resource, element, type that gives it away, release
    ("Encounter", "class", "is a list", list, "R5"),
    ("Encounter", "actualPeriod", "exists", object, "R5"),
    ("MedicationRequest", "medication", "exists", object, "R5"),
    ("MedicationAdministration", "medication", "exists", object, "R5"),
    ("MedicationAdministration", "occurenceDateTime", "exists", object, "R5"),
    ("Procedure", "occurrenceDateTime", "exists", object, "R5"),
    ("Procedure", "occurrencePeriod", "exists", object, "R5"),
    ("Observation", "context", "exists", object, "STU3"),
    ("Condition", "context", "exists", object, "STU3"),
    ("Condition", "assertedDate", "exists", object, "STU3"),
    ("Condition", "clinicalStatus", "is a code", str, "STU3"),
    ("Procedure", "context", "exists", object, "STU3"),
    ("Procedure", "notDone", "exists", object, "STU3"),
    ("MedicationRequest", "context", "exists", object, "STU3"),
    ("DiagnosticReport", "context", "exists", object, "STU3"),
    ("AllergyIntolerance", "assertedDate", "exists", object, "STU3"),
    ("Composition", "class", "exists", object, "STU3"),
    ("DocumentReference", "indexed", "exists", object, "STU3"),
    ("DocumentReference", "class", "exists", object, "STU3"),
)


def check_version(envelope: Envelope) -> None:
    """Refuse another FHIR release by its tell-tale elements, instead of half reading it."""
    tells: dict[str, list[tuple[str, str, type, str]]] = {}
    for kind, *tell in _OTHER_VERSIONS:
        tells.setdefault(kind, []).append(tuple(tell))  # type: ignore[arg-type]
    for entry in envelope.entries:
        for name, how, kind_of_value, release in tells.get(entry.kind, ()):
            if isinstance(entry.resource.get(name, None), kind_of_value) and name in entry.resource:
                raise Rejection(
                    "version",
                    entry.where(name),
                    f"{how}, as in FHIR {release}; export the chart as FHIR R4 (4.0.1)",
                )
