"""What an encounter's codes are judged on: one snapshot of everything that an edit may look at. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from query_mgr.coding.grouping.drg import Grouping

#: the kinds of instructional notes of the tabular that edits read
NOTES = ("includes", "excludes1", "excludes2", "code_first", "use_additional", "code_also")


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """One ICD-10-CM code; sequence 1 is the principal or first-listed diagnosis. `code` has its dot.

    notes: per kind of NOTES the lines on the code and on every level above it. why_invalid: why it cannot be
    reported on the date that decides, "" where it can. has_evidence: somebody linked it to its documentation.
    """

    ref: str
    code: str
    title: str
    sequence: int
    poa: str = ""  # Y | N | U | W | 1 (exempt) | "" (not set)
    notes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    why_invalid: str = ""
    has_evidence: bool = False

    @property
    def bare(self) -> str:
        """The code without its dot, as CMS files write it."""
        return self.code.replace(".", "")


@dataclass(frozen=True, slots=True)
class Procedure:
    """One ICD-10-PCS code; sequence 1 is the principal procedure."""

    ref: str
    code: str
    title: str
    sequence: int
    performed_on: date | None = None
    provider: str = ""
    why_invalid: str = ""
    has_evidence: bool = False


@dataclass(frozen=True, slots=True)
class Service:
    """One HCPCS or CPT line of the claim named by `claim`.

    pointers: the diagnosis codes it is linked to, first the main one. dose and wasted: as documented, "4 mg".
    long: the full descriptor where the loaded list has a longer one.
    """

    ref: str
    system: str  # hcpcs | cpt
    code: str
    title: str
    sequence: int
    modifiers: tuple[str, ...] = ()
    units: float = 1
    served_on: date | None = None
    provider: str = ""
    claim: str = "facility"  # facility | professional
    place: str = ""
    revenue: str = ""
    pointers: tuple[str, ...] = ()
    dose: str = ""
    wasted: str = ""
    why_invalid: str = ""
    has_evidence: bool = False
    long: str = ""

    @property
    def descriptor(self) -> str:
        """The full descriptor where the loaded list has one, else the title."""
        return self.long or self.title


@dataclass(frozen=True, slots=True)
class Statement:
    """One mention of a condition in the record, as the text engine read it.

    codes: the ICD-10-CM categories or codes that the condition would be coded with, as prefixes. state: affirmed,
    negated, uncertain, historical or family; linked where a coder chose the passage. specifics: what the same phrase says beyond the bare condition, such as
    {"laterality": "left", "acuity": "acute"}. by_provider: its author may document a diagnosis.
    """

    concept: str
    codes: tuple[str, ...]
    state: str
    quote: str
    document: str  # ref
    label: str  # "Progress note, A. Adams, Oct 28"
    start: int
    end: int
    specifics: Mapping[str, str] = field(default_factory=dict)
    by_provider: bool = True


@dataclass(frozen=True, slots=True)
class OpenQuestion:
    """A query that is sent and not answered, or answered and not reconciled."""

    ref: str
    title: str
    is_answered: bool = False


@dataclass(frozen=True)
class Case:
    """One encounter as its edits see it. Dates are the hospital's own; ages are at admission."""

    encounter: str  # ref
    kind: str  # inpatient | emergency | observation | ambulatory | other
    admitted_on: date
    discharged_on: date | None
    coded_on: date  # decides the editions: discharge, or today
    sex: str = "unknown"  # female | male | other | unknown
    birth_on: date | None = None
    disposition: str = "01"  # patient discharge status; 20: died
    is_disposition_said: bool = True  # False: nobody has, and it is taken as home
    payer: str = ""  # key of a payer, as `payers` knows it, or the name that the chart gives
    diagnoses: tuple[Diagnosis, ...] = ()
    procedures: tuple[Procedure, ...] = ()
    services: tuple[Service, ...] = ()
    statements: tuple[Statement, ...] = ()
    #: whether `statements` was read; False: edits on the record stay silent
    is_read: bool = False
    questions: tuple[OpenQuestion, ...] = ()
    #: the MS-DRG of an inpatient stay, where it was grouped
    grouping: Grouping | None = None
    #: the NCCI rows and the policies that concern these codes
    tables: Any = None
    policies: tuple[Any, ...] = ()
    #: per service code the days before this encounter on which the patient had it
    earlier: Mapping[str, tuple[date, ...]] = field(default_factory=dict)
    #: per code of an unspecified side the codes that say one: {"M25.569": {"left": "M25.562", ...}}
    sides: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    #: title of each code that an edit on the record may name in place of another, as far as it can be reported
    titles: Mapping[str, str] = field(default_factory=dict)
    #: settings of the site that edits obey
    site: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_inpatient(self) -> bool:
        """Whether it is an inpatient admission: sections II and III of the guidelines, POA, MS-DRG."""
        return self.kind == "inpatient"

    @property
    def principal(self) -> Diagnosis | None:
        """The principal (inpatient) or first-listed (outpatient) diagnosis."""
        return self.diagnoses[0] if self.diagnoses else None

    @property
    def age_days(self) -> int | None:
        """Age at admission in days, None where the birth date is unknown or later."""
        if self.birth_on is None or self.birth_on > self.admitted_on:
            return None
        return (self.admitted_on - self.birth_on).days

    @property
    def age_years(self) -> int | None:
        """Age at admission in completed years."""
        if self.age_days is None or self.birth_on is None:
            return None
        born, day = self.birth_on, self.admitted_on
        return day.year - born.year - ((day.month, day.day) < (born.month, born.day))

    @property
    def lines(self) -> tuple[Diagnosis | Procedure | Service, ...]:
        """All codes: diagnoses, procedures, service lines."""
        return (*self.diagnoses, *self.procedures, *self.services)

    def with_prefix(self, *prefixes: str) -> Iterator[Diagnosis]:
        """Yield the diagnoses whose code begins with one of the prefixes, such as "I50" or "E11.2"."""
        return (one for one in self.diagnoses if one.code.startswith(prefixes))

    def has(self, *prefixes: str) -> bool:
        """Return whether a diagnosis begins with one of the prefixes."""
        return any(True for _ in self.with_prefix(*prefixes))
