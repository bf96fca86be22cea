"""What billing is told of an encounter: one version of its codes, the stay and the patient. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any


@dataclass(frozen=True)
class Person:
    """A provider. number: the NPI, else our own reference."""

    number: str
    family: str
    given: str = ""
    credentials: str = ""
    is_npi: bool = False


@dataclass(frozen=True)
class Diagnosis:
    """One diagnosis as it was made final; sequence 1 is the principal or first-listed one, 0 the admitting one."""

    ref: str
    sequence: int
    code: str
    title: str
    poa: str = ""

    @property
    def key(self) -> str:
        """Tells this diagnosis from others of the encounter; another code in its place is another diagnosis."""
        return f"{self.ref}-{self.code.replace('.', '')}"

    @property
    def is_admitting(self) -> bool:
        """Whether it is the reason for the admission rather than a final diagnosis."""
        return self.sequence == 0


@dataclass(frozen=True)
class Procedure:
    """One ICD-10-PCS procedure; sequence 1 is the principal one."""

    ref: str
    sequence: int
    code: str
    title: str
    performed_on: date | None = None
    provider: Person | None = None

    @property
    def key(self) -> str:
        """Tells this procedure from others of the encounter."""
        return f"{self.ref}-{self.code}"


@dataclass(frozen=True)
class Service:
    """One service line. pointers: the diagnoses it was for, the main one first."""

    ref: str
    sequence: int
    system: str  # hcpcs | cpt
    code: str
    title: str
    modifiers: tuple[str, ...] = ()
    units: float = 1
    served_on: date | None = None
    provider: Person | None = None
    claim: str = "facility"  # facility | professional
    place: str = ""
    revenue: str = ""
    pointers: tuple[Diagnosis, ...] = ()

    @property
    def charged(self) -> tuple[object, ...]:
        """What a charge says; a line that says something else is another charge."""
        reasons = tuple(one.code for one in self.pointers)
        return (
            self.system, self.code, self.modifiers, self.units, self.served_on, self.provider, self.claim, self.place,
            self.revenue, reasons,
        )  # fmt: skip


@dataclass(frozen=True)
class Group:
    """The MS-DRG of an inpatient stay."""

    code: str
    title: str = ""
    version: str = ""


@dataclass(frozen=True)
class Codes:
    """The codes of one version. disposition: patient discharge status of the UB-04."""

    number: int
    diagnoses: tuple[Diagnosis, ...]
    procedures: tuple[Procedure, ...] = ()
    services: tuple[Service, ...] = ()
    admitting: Diagnosis | None = None
    group: Group | None = None
    disposition: str = ""
    payer: str = ""

    @property
    def all_diagnoses(self) -> tuple[Diagnosis, ...]:
        """The final diagnoses in their order, then the admitting one."""
        return (*self.diagnoses, *((self.admitting,) if self.admitting else ()))


@dataclass(frozen=True)
class Patient:
    """Whose codes they are. authority: who assigned the number, "" where the chart does not say."""

    mrn: str
    authority: str
    family: str
    given: str = ""
    birth_on: date | None = None
    sex: str = "unknown"


@dataclass(frozen=True)
class Stay:
    """The stay or visit. kind: `Encounter.encounter_class`."""

    ref: str
    number: str
    authority: str
    kind: str
    admitted_at: datetime
    discharged_at: datetime | None
    facility: str = ""
    service_line: str = ""
    attending: Person | None = None


@dataclass(frozen=True)
class Sheet:
    """One version, and what billing took before. earlier: per format the versions that billing has, oldest first."""

    patient: Patient
    stay: Stay
    codes: Codes
    version_ref: str
    made_at: datetime
    reason: str = ""
    earlier: Mapping[str, tuple[Codes, ...]] = field(default_factory=dict)
    #: reference of the accepted hand-off that a new one of the same format follows
    prior: Mapping[str, str] = field(default_factory=dict)

    def before(self, format: str) -> Codes | None:
        """Return what billing has of a format, or None."""
        found = self.earlier.get(format, ())
        return found[-1] if found else None


def codes_of(
    number: int,
    content: Mapping[str, Any],
    people: Mapping[int, Person],
    encounter_ref: str,
    titles: Mapping[str, str],
) -> Codes:
    """Return the content of a version as messages take it. titles: of codes whose title the version does not hold."""
    diagnoses = tuple(
        Diagnosis(one["ref"], one["sequence"], one["code"], one["title"], one.get("poa", ""))
        for one in content["diagnoses"]
    )
    by_ref = {one.ref: one for one in diagnoses}
    admitting = content.get("admitting_code") or ""
    return Codes(
        number,
        diagnoses,
        tuple(
            Procedure(
                one["ref"], one["sequence"], one["code"], one["title"], _day(one), people.get(one["provider"])
            )
            for one in content["procedures"]
        ),
        tuple(_service(one, people, by_ref) for one in content["services"]),
        Diagnosis(encounter_ref, 0, admitting, titles.get(admitting, "")) if admitting else None,
        _group(content.get("drg")),
        content.get("disposition") or "",
        content.get("payer") or "",
    )


def _service(one: Mapping[str, Any], people: Mapping[int, Person], by_ref: Mapping[str, Diagnosis]) -> Service:
    return Service(
        one["ref"], one["sequence"], one["system"], one["code"], one["title"], tuple(one["modifiers"].split()),
        1 if one["units"] is None else one["units"], _day(one), people.get(one["provider"]),
        one["claim"] or "facility", one["place"], one["revenue"],
        tuple(by_ref[ref] for ref in one["pointers"] if ref in by_ref),
    )  # fmt: skip


def _day(one: Mapping[str, Any]) -> date | None:
    return date.fromisoformat(one["served_on"]) if one.get("served_on") else None


def _group(found: Any) -> Group | None:
    """Return the group that a version holds, {"code", "title", "version"}; one that was not grouped has none."""
    if not isinstance(found, Mapping) or not found.get("code"):
        return None
    return Group(str(found["code"]), str(found.get("title") or ""), str(found.get("version") or ""))


@dataclass(frozen=True)
class Charge:
    """A charge that stands at billing, under the identity of its transaction."""

    transaction: str
    service: Service


def with_actions(
    now: Iterable[Diagnosis | Procedure], before: Iterable[Diagnosis | Procedure]
) -> list[tuple[str, Any]]:
    """Return what to do with each code, in HL7 table 0206: A add, U update, then D for what billing shall delete."""
    known, kept = {one.key: one for one in before}, [*now]
    keys = {one.key for one in kept}
    done = [("U" if one.key in known else "A", one) for one in kept]
    return done + [("D", one) for key, one in known.items() if key not in keys]
