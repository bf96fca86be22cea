"""The resources of a file, by type: their identities, their references and what of them cannot be read at all."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from query_mgr.charts.authority import without_urn
from query_mgr.charts.fhir.elements import Json, dicts, first, words
from query_mgr.charts.fhir.scan import Scanned, resource_bytes
from query_mgr.charts.problems import EntryError, Rejection, Warnings

ACCEPTED_TYPES = ("transaction", "batch", "collection", "searchset")
#: what a file without a bundle around it counts as: each line, or the one resource, for itself
UNBUNDLED = "batch"
_ID = re.compile(r"[A-Za-z0-9\-.]{1,64}")
RELATIVE = re.compile(r"(?:.*/)?([A-Z][A-Za-z]+)/([A-Za-z0-9\-.]{1,64})(?:/_history/.*)?")
_CONDITIONAL = re.compile(r"([A-Z][A-Za-z]+)\?(?:.*&)?identifier=([^&]+)")
_URN = re.compile(r'"reference"\s*:\s*"(urn:uuid:[^"]*)"')
_ONLY_DATA = {"DELETE", "GET", "HEAD", "PATCH"}


@dataclass(slots=True)
class Entry:
    """One resource and its place in the file."""

    index: int
    kind: str
    resource: Json
    full_url: str = ""
    file: str = ""  # where each line is a resource: the file's name
    start: int = 0  # bytes of the file
    end: int = 0
    is_odd: bool = False  # something in it may turn its meaning round
    urns: tuple[str, ...] = ()  # what it refers to inside its bundle

    @property
    def place(self) -> str:
        """Its place as a reader would look for it: "entry[3]", "Observation.ndjson line 4"."""
        return f"{self.file} line {self.index + 1}" if self.file else f"entry[{self.index}]"

    def where(self, path: str = "") -> str:
        """Return its place, its type and the path of an element of it."""
        return f"{self.place} {self.kind}{'.' + path if path else ''}".strip()

    @property
    def identity(self) -> str:
        """ "Observation/123", whether or not that is a well-formed id; "" without one."""
        given = self.resource.get("id")
        return f"{self.kind}/{given}" if isinstance(given, str) else ""


@dataclass
class Fault:
    """Why an entry cannot be read."""

    entry: Entry
    error: EntryError
    payload: bytes | None = None


@dataclass
class Envelope:
    """The entries of an accepted file, and how to find one from a reference."""

    type: str = UNBUNDLED
    content: bytes = b""
    _by_kind: dict[str, list[Entry]] = field(default_factory=dict)
    _by_url: dict[str, Entry] = field(default_factory=dict)
    _by_id: dict[str, Entry] = field(default_factory=dict)

    @property
    def is_entrywise(self) -> bool:
        """True where a bad entry waits by itself; a transaction is kept whole or not at all."""
        return self.type != "transaction"

    @property
    def kinds(self) -> dict[str, int]:
        """How many resources of each type there are."""
        return {kind: len(entries) for kind, entries in self._by_kind.items()}

    def of_kind(self, *kinds: str) -> Iterator[Entry]:
        """Yield the entries of the given resource types, type by type, each in the order of the file."""
        return (entry for kind in kinds for entry in self._by_kind.get(kind, ()))

    def find(self, reference: object) -> Entry | None:
        """Return the entry that a Reference (or its string) points to, if the file holds it."""
        url = words(reference.get("reference")) if isinstance(reference, dict) else words(reference)
        if url in self._by_url:
            return self._by_url[url]
        match = RELATIVE.fullmatch(url)
        return self._by_id.get(f"{match[1]}/{match[2]}") if match else None

    def payload(self, entry: Entry) -> bytes:
        """Return the resource's own bytes, as they came."""
        return resource_bytes(self.content[entry.start : entry.end])

    def take(self, entries: Iterable[Entry], warnings: Warnings) -> Iterator[Fault]:
        """Take in the entries. Yields those that claim to be one resource and are not; none of them is kept.

        Raises Rejection for them in a transaction.
        """
        twins: dict[int, Entry] = {}
        for entry in entries:
            other, name = self._known(entry)
            if other is entry:
                self._by_kind.setdefault(entry.kind, []).append(entry)
                continue
            text = f"are both {name[:100]}"
            if not self.is_entrywise:
                raise Rejection("duplicate", f"{other.place} and {entry.place}", text)
            if other.resource == entry.resource:
                warnings.add("duplicate", entry.place, f"repeats {other.place} ({name[:100]})")
                continue
            yield Fault(entry, EntryError("duplicate", "", f"{other.place} and {entry.place} {text}"))
            twins[other.index] = other
        for other in twins.values():
            self._by_kind[other.kind].remove(other)
            text = "another entry says that it is the same resource, with other content"
            yield Fault(other, EntryError("duplicate", "", text))

    def _known(self, entry: Entry) -> tuple[Entry, str]:
        other, name = entry, ""
        for name, known in ((entry.full_url, self._by_url), (entry.identity, self._by_id)):
            other = known.setdefault(name, entry) if name else entry
            if other is not entry:
                break
        return other, name


def check_head(members: Json) -> str:
    """Return the type of a bundle, by its members other than entries. Raises Rejection where it is none."""
    if members.get("resourceType") != "Bundle":
        what = members.get("resourceType", "an object")
        raise Rejection("structure", "", f"must be a FHIR R4 Bundle, not {str(what)[:40]}")
    kind = members.get("type")
    if kind not in ACCEPTED_TYPES:
        shown = "missing" if kind is None else f"{str(kind)[:40]!r}"
        raise Rejection("structure", "Bundle.type", f"is {shown}; must be one of {', '.join(ACCEPTED_TYPES)}")
    if not isinstance(members.get("entry", []), list):
        raise Rejection("structure", "Bundle.entry", "must be a list")
    return str(kind)


def entry_of(index: int, one: Scanned, warnings: Warnings) -> Entry | Fault | None:
    """Return what an entry of a bundle holds, or why that cannot be told; None where it holds nothing to read."""
    outer = one.value if isinstance(one.value, dict) else {}
    resource = outer.get("resource")
    if not isinstance(resource, dict):
        if "request" in outer or "response" in outer:
            warnings.add("ignored", f"entry[{index}]", "has no resource")
            return None
        return fault_of(index, one, "", "has no resource")
    method = words(first(outer.get("request")).get("method"))
    if method in _ONLY_DATA:
        warnings.add("ignored", f"entry[{index}]", f"request {method}: only data is read here")
        return None
    found = resource_of(index, one._replace(value=resource))
    if isinstance(found, Entry):
        found.full_url = words(outer.get("fullUrl"))
    return found


def resource_of(index: int, one: Scanned, file: str = "") -> Entry | Fault:
    """Return a resource as an entry, or why it is none."""
    kind = one.value.get("resourceType") if isinstance(one.value, dict) else None
    if not isinstance(kind, str) or not kind:
        return fault_of(index, one, "" if file else "resource", "has no resourceType", file)
    is_odd = "modifierExtension" in one.text or "implicitRules" in one.text
    urns = tuple(_URN.findall(one.text)) if "urn:uuid:" in one.text else ()
    return Entry(index, kind[:60], one.value, "", file, one.start, one.end, is_odd, urns)


def fault_of(index: int, one: Scanned, path: str, text: str, file: str = "", code: str = "structure") -> Fault:
    """Return why what stands at a place of a file is no resource."""
    return Fault(Entry(index, "", {}, "", file, one.start, one.end), EntryError(code, path, text))


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


def check_references(entry: Entry, envelope: Envelope, warnings: Warnings) -> None:
    """Say which urn:uuid references of an entry its bundle does not hold.

    A transaction is refused for it. In a batch the entry waits (EntryError); elsewhere it is a warning.
    """
    for url in entry.urns:
        if envelope.find(url):
            continue
        text = f"points to {url[:60]}, which the bundle does not hold"
        path = next((path for path, found in _references(entry.resource) if found == url), "")
        if envelope.type == "transaction":
            raise Rejection("reference", entry.where(path), text)
        if envelope.type == "batch":
            raise EntryError("reference", path, text)
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


_TELLS: dict[str, list[tuple[str, str, type, str]]] = {}
for _kind, *_tell in _OTHER_VERSIONS:
    _TELLS.setdefault(_kind, []).append(tuple(_tell))  # type: ignore[arg-type]


def check_version(entry: Entry) -> None:
    """Refuse another FHIR release by its tell-tale elements, instead of half reading it. Raises Rejection."""
    for name, how, kind_of_value, release in _TELLS.get(entry.kind, ()):
        if name in entry.resource and isinstance(entry.resource[name], kind_of_value):
            text = f"{how}, as in FHIR {release}; export the chart as FHIR R4 (4.0.1)"
            raise Rejection("version", entry.where(name), text)
