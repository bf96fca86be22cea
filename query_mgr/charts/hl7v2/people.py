"""PID, PV1 and names of providers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from query_mgr.accounts.npi import is_valid_npi
from query_mgr.charts.authority import authority_of
from query_mgr.charts.hl7v2.message import Field, Message, Segment
from query_mgr.charts.hl7v2.times import Times
from query_mgr.charts.problems import Held, Rejection
from query_mgr.charts.records import PatientRecord, ProviderRecord
from query_mgr.platform.text import one_line

NPI_SYSTEM = "http://hl7.org/fhir/sid/us-npi"
NO_NAME = "(no name)"
_NOT_OURS = {"SS", "DL", "PPN", "MA", "MC", "BCT"}
_SEX = {"F": "female", "M": "male", "O": "other", "A": "other"}
#: PV1-2 -> encounter class (HL7 table 0004)
CLASSES = {"I": "inpatient", "E": "emergency", "O": "ambulatory", "R": "ambulatory", "B": "inpatient",
           "P": "other", "C": "other", "N": "other", "OBS": "observation", "OBV": "observation", "V": "observation"}  # fmt: skip


@dataclass(frozen=True)
class Visit:
    """What one message says of a stay; None where it says nothing, "" where it takes something back."""

    key: str
    patient_key: str
    number: str
    encounter_class: str | None
    admitted_at: datetime | None
    discharged_at: datetime | None
    attending_key: str | None
    service_line: str | None
    payer: str | None
    facility: str | None
    reason: str | None
    disposition: str | None
    unit: str = ""  # where the patient is: the point of care


def authority(field: Field, component: int, sender: str) -> str:
    """Return who assigned an identifier: namespace, else universal id, else the sending facility."""
    return authority_of(field.text(component, 1), field.text(component, 2)) or sender


def merged_key(message: Message, sender: str) -> str:
    """Return the identity that MRG-1 says is no longer used. Raises Rejection where it names none."""
    merge = message.first("MRG")
    field = merge.first(1) if merge else None
    if field is None or not field.text(1):
        raise Rejection("structure", "MRG-1", "does not say which number was merged")
    return f"{authority(field, 4, sender)}|{field.text(1)}"


def patient_of(message: Message, sender: str, times: Times, ours: frozenset[str] = frozenset()) -> PatientRecord:
    """Return the patient of PID. The MRN is the identifier typed MR, else the first that is the hospital's.

    ours: the authorities that assign this hospital's numbers, by name or object identifier; none means any.
    Raises Held where PID names nobody, or nobody of this hospital.
    """
    pid = message.first("PID")
    if pid is None:
        raise Held("patient", "PID", "names no patient; it waits until somebody says who it is about")
    found = [one for one in (*pid.all(3), *pid.all(2)) if one.text(1) and one.text(5) not in _NOT_OURS]
    if not found:
        raise Held(
            "patient", "PID-3", "holds no medical record number; it waits until somebody says who it is about"
        )
    if ours and not (found := [one for one in found if _is_ours(one, sender, ours)]):
        raise Held(
            "patient", "PID-3", "holds no number of this hospital's; it waits until somebody says who it is about"
        )
    chosen = min(found, key=lambda one: one.text(5) != "MR")
    name = pid.first(5)
    family = one_line(name.text(1)) or NO_NAME
    return PatientRecord(
        source_key=f"{authority(chosen, 4, sender)}|{chosen.text(1)}",
        mrn=chosen.text(1),
        family_name=family,
        given_names=one_line(f"{name.text(2)} {name.text(3)}"),
        birth_on=times.day(pid.text(7), "PID-7"),
        sex=_SEX.get(pid.text(8).upper(), "unknown"),
        deceased_at=times.read(pid.text(29), "PID-29"),
    )


def _is_ours(number: Field, sender: str, ours: frozenset[str]) -> bool:
    named = {authority(number, 4, sender), number.text(4, 1), number.text(4, 2)}
    return not ours.isdisjoint(named)


#: what a later PID may leave empty without taking it back -> where it stands
_PID_FIELDS = {"given_names": 5, "birth_on": 7, "sex": 8, "deceased_at": 29}


def taken_back(message: Message) -> frozenset[str]:
    """Return the fields of the patient of which PID says `""`: that there is no value, where empty says nothing."""
    pid = message.first("PID")
    return frozenset(name for name, place in _PID_FIELDS.items() if pid and pid.first(place).is_null)


def completed(new: PatientRecord, old: PatientRecord, nulls: frozenset[str]) -> PatientRecord:
    """Return who a patient is after a later message: what it leaves empty stays as it was."""
    kept = {
        name: getattr(old, name)
        for name in _PID_FIELDS
        if name not in nulls and getattr(new, name) in (None, "", "unknown")
    }
    if new.family_name == NO_NAME:
        kept |= {"family_name": old.family_name, "given_names": old.given_names}
    return replace(new, **kept)


def visit_of(message: Message, patient_key: str, sender: str, times: Times) -> Visit | None:
    """Return the stay of PV1, or None where no visit or account number is given."""
    pv1, pid = message.first("PV1"), message.first("PID")
    number = pv1.first(19) if pv1 and pv1.text(19) else pid.first(18) if pid else None
    if pv1 is None or number is None or not number.text(1):
        return None
    insurance, more = message.first("IN1"), message.first("PV2")
    attending = provider_of(pv1.first(7), sender)
    return Visit(
        key=f"visit {authority(number, 4, sender)}|{number.text(1)}",
        patient_key=patient_key,
        number=number.text(1),
        encounter_class=CLASSES.get(pv1.text(2).upper(), "other") if pv1.text(2) else None,
        admitted_at=times.read(pv1.text(44), "PV1-44"),
        discharged_at=times.read(pv1.text(45), "PV1-45"),
        attending_key=attending.source_key if attending else None,
        service_line=_said(pv1, 10),
        payer=_said(insurance, 4) if insurance else None,
        facility=pv1.text(3, 4) or message.header.text(4) or None,
        reason=(more.text(3, 2) or more.text(3, 1)) or None if more else None,
        disposition=_disposition(pv1),
        unit=one_line(pv1.text(3, 1)),
    )


def _said(segment: Segment, number: int) -> str | None:
    field = segment.first(number)
    return "" if field.is_null else field.text(1) or None


def _disposition(pv1: Segment) -> str | None:
    """Return the discharge status of PV1-36 where it is the UB-04's own; a hospital's own words tell nothing."""
    said = _said(pv1, 36)
    return said.zfill(2) if said and said.isascii() and said.isdigit() and len(said) <= 2 else said and None


def provider_of(field: Field, sender: str) -> ProviderRecord | None:
    """Return the provider that an XCN names, or None. Its NPI counts only with a right check digit."""
    number, family = field.text(1), one_line(field.text(2))
    name = " ".join(filter(None, (one_line(field.text(3)), family)))
    if not family or not number:
        return None
    is_npi = field.text(13) == "NPI" or "2.16.840.1.113883.4.6" in (field.text(9, 1), field.text(9, 2))
    npi = number if is_npi and is_valid_npi(number) else None
    key = f"{NPI_SYSTEM}|{npi}" if npi else f"{authority(field, 9, sender)}|{number}"
    return ProviderRecord(
        key[:200], name[:120], credentials=one_line(field.text(21) or field.text(7))[:40], npi=npi
    )


def providers_of(message: Message, sender: str) -> tuple[ProviderRecord, ...]:
    """Return the attending, admitting and consulting providers of PV1."""
    pv1 = message.first("PV1")
    found = [provider_of(one, sender) for number in (7, 17, 9) for one in (pv1.all(number) if pv1 else ())]
    return tuple({one.source_key: one for one in reversed(found) if one}.values())
