"""A chart on its way in: what every importer produces and `store.store` keeps.

Records name each other by `source_key`, the sending system's own identity of a row ("Encounter/enc-1",
"http://hospital.example|0012345"), so that the same row sent twice is the same row here.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from functools import cache
from operator import attrgetter
from typing import Any


class ChartError(ValueError):
    """A chart that cannot be taken in; the message names the row and what to do. Nothing was stored."""


@dataclass(frozen=True, slots=True)
class ProviderRecord:
    """Somebody who may document diagnoses. `npi` is None unless its check digit is right."""

    source_key: str
    name: str
    credentials: str = ""
    npi: str | None = None
    specialty: str = ""
    service_line: str = ""


@dataclass(frozen=True, slots=True)
class PatientRecord:
    """A patient; sex: female | male | other | unknown."""

    source_key: str
    mrn: str
    family_name: str
    given_names: str = ""
    birth_on: date | None = None
    sex: str = "unknown"
    deceased_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class EncounterRecord:
    """A stay or visit; encounter_class: inpatient | emergency | observation | ambulatory | other.

    disposition: patient discharge status as the UB-04 has it, two digits; "" where nobody says.
    sensitivity: labels of what is held apart, as charts.sensitivity joins them.
    """

    source_key: str
    patient_key: str
    number: str
    encounter_class: str
    admitted_at: datetime
    discharged_at: datetime | None = None
    status: str = "finished"
    attending_key: str | None = None
    service_line: str = ""
    payer: str = ""
    facility: str = ""
    reason: str = ""
    disposition: str = ""
    sensitivity: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """The body of a section, without its heading: `text[start:end]`, in characters."""

    title: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class AttachmentRecord:
    """A file that came with a document and is no text of ours, such as a PDF: kept as it came, never opened here."""

    content_type: str
    name: str
    content: bytes


@dataclass(frozen=True, slots=True)
class DocumentRecord:
    """A document; kinds, roles, statuses and relations are those of `models.Document`."""

    source_key: str
    patient_key: str
    encounter_key: str | None
    kind: str
    title: str
    text: str
    authored_at: datetime
    sections: tuple[Section, ...] = ()
    author_name: str = ""
    author_role: str = "other"
    author_key: str | None = None
    status: str = "final"
    related_key: str | None = None
    relation: str = ""
    attachments: tuple[AttachmentRecord, ...] = ()


@dataclass(frozen=True, slots=True)
class FactRecord:
    """A measured or recorded thing; kinds, code systems, flags and statuses are those of `models.Fact`."""

    source_key: str
    patient_key: str
    encounter_key: str | None
    kind: str
    name: str
    observed_at: datetime
    code_system: str = ""
    code: str = ""
    value_text: str = ""
    value_number: float | None = None
    unit: str = ""
    range_low: float | None = None
    range_high: float | None = None
    flag: str = ""
    ended_at: datetime | None = None
    status: str = "final"
    told_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class SentCodeRecord:
    """A code that another system of the hospital already assigned; its fields are those of `models.SentCode`."""

    source_key: str
    patient_key: str
    encounter_key: str | None
    origin: str
    kind: str
    code_system: str
    code: str
    name: str = ""
    sequence: int | None = None
    role: str = ""
    poa: str = ""
    modifiers: str = ""
    units: float | None = None
    served_at: datetime | None = None
    status: str = "final"


@dataclass(frozen=True, slots=True)
class ChartBundle:
    """Everything of one file or one generated stay, kept together or not at all."""

    providers: tuple[ProviderRecord, ...] = ()
    patients: tuple[PatientRecord, ...] = ()
    encounters: tuple[EncounterRecord, ...] = ()
    documents: tuple[DocumentRecord, ...] = ()
    facts: tuple[FactRecord, ...] = ()
    codes: tuple[SentCodeRecord, ...] = ()
    #: ("Patient/77", source_key): by what name other files of the sender will refer to a patient or provider
    names: tuple[tuple[str, str], ...] = ()
    #: (kind, source_key, key) of a row: the identity it was sent under, where that was merged into its patient's
    own_keys: tuple[tuple[str, str, str], ...] = ()


@dataclass(frozen=True)
class HeldPart:
    """A part of a file that could not be taken in while the rest was: where it stood, why, and its own bytes."""

    where: str
    reason: str
    payload: bytes
    status: str = ""  # held | rejected; "" for what its file is called


#: what becomes of a row that cannot be kept, by its source_key, a stable code and what to do
Refuse = Callable[[str, str, str], HeldPart]


@dataclass(frozen=True)
class Reading:
    """What a file held, what about it deserves a look, and what of it waits.

    refuse: where rows stand or fall one by one, what makes a HeldPart of one; None where all are kept or none.
    """

    bundle: ChartBundle
    warnings: tuple[str, ...]
    held: tuple[HeldPart, ...] = ()
    refuse: Refuse | None = None


@dataclass(slots=True)
class Counts:
    """What `store` did with the rows of one kind."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0

    @property
    def total(self) -> int:
        """All rows of the kind that the bundle held."""
        return self.created + self.updated + self.unchanged


@dataclass(slots=True)
class StoreCounts:
    """What `store` did, per kind."""

    providers: Counts = field(default_factory=Counts)
    patients: Counts = field(default_factory=Counts)
    encounters: Counts = field(default_factory=Counts)
    documents: Counts = field(default_factory=Counts)
    facts: Counts = field(default_factory=Counts)
    codes: Counts = field(default_factory=Counts)
    unlinked: int = 0  # rows that name an encounter nobody sent; they stay with their patient

    def by_kind(self) -> dict[str, Counts]:
        """Return the counts under the name of their kind."""
        return {each.name: getattr(self, each.name) for each in fields(self) if each.name != "unlinked"}

    @property
    def is_unchanged(self) -> bool:
        """True where the database already held all of it, so nothing was written."""
        return not any(counts.created or counts.updated for counts in self.by_kind().values())


#: Fields that came to be after the first charts were kept: empty ones leave the hash of those as it was.
_LATER_FIELDS = ("related_key", "relation", "attachments", "sensitivity")
#: Fields that say how we know a thing, and change nothing about it.
_UNHASHED_FIELDS = ("told_at",)
ChartRecord = PatientRecord | EncounterRecord | DocumentRecord | FactRecord | SentCodeRecord


def content_hash(record: ChartRecord) -> str:
    """Return the SHA-256 over all fields of `record`, in their declared order; equal content, equal hash."""
    always, later = _hashed_fields(type(record).__slots__)
    values: list[Any] = list(always(record))
    values += [[name, value] for name in later if (value := getattr(record, name))]
    return hashlib.sha256(_ENCODER.encode(values).encode()).hexdigest()


@cache
def _hashed_fields(slots: tuple[str, ...]) -> tuple[attrgetter[tuple[Any, ...]], tuple[str, ...]]:
    always = (name for name in slots if name not in _LATER_FIELDS + _UNHASHED_FIELDS)
    return attrgetter(*always), tuple(name for name in slots if name in _LATER_FIELDS)


def _plain(value: Any) -> Any:
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    if isinstance(value, Section):
        return [value.title, value.start, value.end]
    if isinstance(value, AttachmentRecord):
        return [value.content_type, value.name, hashlib.sha256(value.content).hexdigest()]
    raise TypeError(f"no canonical form for {type(value).__name__}")


_ENCODER = json.JSONEncoder(default=_plain, ensure_ascii=False)
