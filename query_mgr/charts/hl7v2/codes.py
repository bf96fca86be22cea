"""BAR and DFT: codes and charges that another system of the hospital put on an account."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from query_mgr.charts.hl7v2.events import BAR, MessageHeader
from query_mgr.charts.hl7v2.message import Field, Message, Segment
from query_mgr.charts.hl7v2.people import authority, visit_of
from query_mgr.charts.hl7v2.times import Times
from query_mgr.charts.problems import Warnings
from query_mgr.charts.records import SentCodeRecord

#: what senders call a coding method (HL7 table 0396 and common habits) -> code system
METHODS = {
    "I9": "icd9cm", "I9C": "icd9cm", "I9CDX": "icd9cm", "ICD9CM": "icd9cm", "ICD-9-CM": "icd9cm", "I10": "icd10cm",
    "I10C": "icd10cm", "ICD10": "icd10cm", "ICD-10": "icd10cm", "ICD10CM": "icd10cm", "ICD-10-CM": "icd10cm",
    "I10P": "icd10pcs", "ICD10PCS": "icd10pcs", "ICD-10-PCS": "icd10pcs", "C4": "cpt", "C5": "cpt", "CPT": "cpt",
    "CPT4": "cpt", "CPT-4": "cpt", "HCPCS": "hcpcs", "HCPT": "hcpcs", "HPC": "hcpcs", "SCT": "snomed", "SNM": "snomed",
    "NUBC": "revenue", "REV": "revenue",
}  # fmt: skip
#: A procedure that says "I10" means the procedure codes; the table of methods has one name for both.
_OF_PROCEDURES = {"icd10cm": "icd10pcs"}
_POA = {"Y": "Y", "N": "N", "U": "U", "W": "W", "E": "1", "1": "1"}
#: FT1-6 (table 0017) -> what it does to the quantity; adjustments and payments move money, not codes
_SIGNS = {"CG": 1.0, "CD": -1.0, "": 1.0}


@dataclass(frozen=True)
class Charge:
    """One FT1: `identity` tells it from others, `sign` is -1 for a credit, `diagnoses` are what it was for."""

    identity: str
    sign: float
    line: SentCodeRecord
    diagnoses: tuple[SentCodeRecord, ...] = ()


@dataclass(frozen=True)
class CodeSet:
    """What one message says of the codes of an account.

    accounts: every name of the account, the first one being that of its codes; effect: of events.BAR or "charge";
    kinds: what a snapshot speaks for (the others stay as they are).
    """

    accounts: tuple[str, ...]
    effect: str
    kinds: frozenset[str] = frozenset()
    codes: tuple[SentCodeRecord, ...] = ()
    charges: tuple[Charge, ...] = ()

    @property
    def subjects(self) -> frozenset[str]:
        """The names under which other messages about this account are found."""
        return frozenset(f"codes {one}"[:200] for one in self.accounts)


@dataclass(frozen=True)
class _Reader:
    header: MessageHeader
    patient_key: str
    visit_key: str | None
    account: str
    origin: str
    times: Times
    warnings: Warnings

    def diagnosis(self, one: Segment) -> SentCodeRecord | None:
        coded, is_admitting = one.first(3), one.text(6).upper() == "A"
        system = _system(coded, one.text(2))
        if not coded.text(1):
            self.warnings.add("code", "DG1-3", "a diagnosis without a code was left out")
            return None
        priority = one.text(15)
        role = "admitting" if is_admitting else "principal" if priority == "1" else "secondary" if priority else ""
        return SentCodeRecord(
            source_key=self._key("DG1", "A" if is_admitting else "", system, coded.text(1)),
            patient_key=self.patient_key,
            encounter_key=self.visit_key,
            origin=self.origin,
            kind="diagnosis",
            code_system=system,
            code=coded.text(1),
            name=coded.text(2) or one.text(4),
            sequence=_number(priority) or _number(one.text(1)),
            role=role,
            poa=_POA.get(one.text(26).upper(), ""),
            served_at=self.times.read(one.text(5), "DG1-5"),
            status="cancelled" if one.text(21).upper() == "D" else "final",
        )

    def procedure(self, one: Segment) -> SentCodeRecord | None:
        coded = one.first(3)
        found = _system(coded, one.text(2))
        system = _OF_PROCEDURES.get(found, found)
        if not coded.text(1):
            self.warnings.add("code", "PR1-3", "a procedure without a code was left out")
            return None
        return SentCodeRecord(
            source_key=self._key("PR1", one.text(5)[:8], system, coded.text(1)),
            patient_key=self.patient_key,
            encounter_key=self.visit_key,
            origin=self.origin,
            kind="procedure",
            code_system=system,
            code=coded.text(1),
            name=coded.text(2) or one.text(4),
            sequence=_number(one.text(14)) or _number(one.text(1)),
            modifiers=_modifiers(one, 16),
            served_at=self.times.read(one.text(5), "PR1-5"),
            status="cancelled" if one.text(20).upper() == "D" else "final",
        )

    def charge(self, one: Segment, number: int) -> Charge | None:
        sign = _SIGNS.get(one.text(6).upper())
        coded = one.first(25) if one.text(25) else one.first(7)
        if sign is None or not coded.text(1):
            why = f"type {one.text(6)[:4]!r} moves no code" if sign is None else "without a code"
            self.warnings.add("charge", f"FT1[{number}]", f"a transaction {why}; left out")
            return None
        system, modifiers = _system(coded, ""), _modifiers(one, 26)
        found = _OF_PROCEDURES.get(system, system)
        name = ", ".join(filter(None, (coded.text(2) or one.text(8), one.text(13, 2) or one.text(13, 1))))
        quantity = _quantity(one.text(10))
        line = SentCodeRecord(
            source_key=self._key("FT1", one.text(4)[:8], f"{found}|{modifiers}|{one.text(13, 1)}", coded.text(1)),
            patient_key=self.patient_key,
            encounter_key=self.visit_key,
            origin=self.origin,
            kind="charge",
            code_system=found,
            code=coded.text(1),
            name=name,
            modifiers=modifiers,
            units=quantity,
            served_at=self.times.read(one.text(4), "FT1-4"),
        )
        said = one.text(2) or f"{self.header.control_id} {self.header.event_at.isoformat()} {number}"
        identity = f"{said}|{one.text(6).upper() or 'CG'}|{line.source_key}"
        return Charge(identity, sign, line, tuple(self._reasons(one)))

    def _reasons(self, one: Segment) -> Iterator[SentCodeRecord]:
        for number, coded in enumerate((field for field in one.all(19) if field.text(1)), 1):
            system = _system(coded, "")
            yield SentCodeRecord(
                source_key=self._key("DG1", "", system, coded.text(1)),
                patient_key=self.patient_key,
                encounter_key=self.visit_key,
                origin=self.origin,
                kind="diagnosis",
                code_system=system,
                code=coded.text(1),
                name=coded.text(2),
                sequence=number,
            )

    def _key(self, *parts: str) -> str:
        return "|".join((self.origin, self.account, *parts))[:200]


def codes_of(
    message: Message, header: MessageHeader, patient_key: str, sender: str, times: Times, warnings: Warnings
) -> tuple[CodeSet, ...]:
    """Return the codes and charges of a BAR or DFT message, one set a visit."""
    effect = BAR.get(header.trigger, "") if header.kind.startswith("BAR") else "charge"
    if effect == "purge":
        return (CodeSet(_accounts(message, patient_key, sender), effect),)
    if drg := message.first("DRG"):
        text = f"the sender grouped the account to {drg.text(1)[:10]}; a group is computed here, never taken over"
        warnings.add("drg", "DRG-1", text)
    sets = [_set(one, effect, header, patient_key, sender, times, warnings) for one in _by_visit(message)]
    return tuple(one for one in sets if one.codes or one.charges)


def _set(
    message: Message, effect: str, header: MessageHeader, patient_key: str, sender: str, times: Times,
    warnings: Warnings,
) -> CodeSet:  # fmt: skip
    accounts = _accounts(message, patient_key, sender)
    visit = visit_of(message, patient_key, sender, times)
    origin = "charge" if effect == "charge" else "account"
    read = _Reader(header, patient_key, visit.key if visit else None, accounts[0], origin, times, warnings)
    diagnoses = [one for segment in message.of("DG1") if (one := read.diagnosis(segment))]
    procedures = [one for segment in message.of("PR1") if (one := read.procedure(segment))]
    charges = [line for n, segment in enumerate(message.of("FT1"), 1) if (line := read.charge(segment, n))]
    if effect == "update":
        effect = "change" if _names_actions(message) else "snapshot"
    kinds = frozenset(one.kind for one in (*diagnoses, *procedures))
    return CodeSet(accounts, effect, kinds, (*_distinct(diagnoses), *_distinct(procedures)), tuple(charges))


def _by_visit(message: Message) -> Iterator[Message]:
    """Yield the message once for each of its visits: what stands before the first PV1, and one PV1 with its own."""
    starts = [n for n, one in enumerate(message.segments) if one.name == "PV1"]
    if not starts:
        yield message
    for start, end in zip(starts, [*starts[1:], len(message.segments)], strict=False):
        yield Message(message.segments[: starts[0]] + message.segments[start:end])


def _distinct(found: list[SentCodeRecord]) -> tuple[SentCodeRecord, ...]:
    """Return one row a code: of two with the same code on the same day the first, which has the better sequence."""
    return tuple({one.source_key: one for one in reversed(found)}.values())[::-1]


def _names_actions(message: Message) -> bool:
    """Return whether a P12 says what to add, update and delete (HL7 v2.5.1, 6.4.12) rather than what there is."""
    return any(one.text(21) for one in message.of("DG1")) or any(one.text(20) for one in message.of("PR1"))


def _accounts(message: Message, patient_key: str, sender: str) -> tuple[str, ...]:
    """Return the names of the accounts: every PV1-19, then every PID-18 (a purge may name several)."""
    found = [
        f"{word} {authority(number, 4, sender)}|{number.text(1)}"
        for name, word, place in (("PV1", "visit", 19), ("PID", "account", 18))
        for number in (one.first(place) for one in message.of(name))
        if number.text(1)
    ]
    return tuple(dict.fromkeys(found)) or (f"patient {patient_key}",)


def _system(coded: Field, method: str) -> str:
    said = coded.text(3) or method
    return METHODS.get(said.upper(), "")


def _modifiers(one: Segment, number: int) -> str:
    return " ".join(field.text(1) for field in one.all(number) if field.text(1))


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else None


def _quantity(text: str) -> float:
    try:
        return float(text) if text and len(text) < 12 else 1.0
    except ValueError:
        return 1.0
