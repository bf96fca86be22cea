"""One message into what it says of patient, stay, results and documents."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, tzinfo

from query_mgr.charts.hl7v2.codes import CodeSet, codes_of
from query_mgr.charts.hl7v2.events import ADT, MessageHeader, check_kind, header_of
from query_mgr.charts.hl7v2.message import Message, Segment
from query_mgr.charts.hl7v2.notes import Note, document_number, note_of
from query_mgr.charts.hl7v2.people import Visit, merged_key, patient_of, providers_of, taken_back, visit_of
from query_mgr.charts.hl7v2.results import results_of
from query_mgr.charts.hl7v2.times import Times
from query_mgr.charts.problems import Ignored, Rejection, Warnings
from query_mgr.charts.records import DocumentRecord, FactRecord, PatientRecord, ProviderRecord


@dataclass(frozen=True)
class Told:
    """What one message says; `fold` makes a chart of several."""

    header: MessageHeader
    patient: PatientRecord
    providers: tuple[ProviderRecord, ...] = ()
    visit: Visit | None = None
    event: str = ""  # of events.ADT
    facts: tuple[FactRecord, ...] = ()
    documents: tuple[DocumentRecord, ...] = ()
    note: Note | None = None
    codes: tuple[CodeSet, ...] = ()
    nulls: frozenset[str] = frozenset()  # fields of the patient that it takes back
    merged_key: str = ""  # the identity that this patient's takes the place of

    @property
    def subjects(self) -> frozenset[str]:
        """The names under which other messages about the same things are found."""
        found = {one.source_key for one in self.documents} | {subject_of(one) for one in self.facts}
        found |= {self.visit.key} if self.tells_stay and self.visit else set()
        found |= {self.note.record.source_key} if self.note else set()
        return frozenset(found.union(*(one.subjects for one in self.codes)))

    @property
    def tells_stay(self) -> bool:
        """Whether the message says something of the stay itself rather than of what happened in it."""
        return self.event not in ("", "person", "merge") and self.visit is not None

    @property
    def stays(self) -> frozenset[str]:
        """The stays that its results, notes and codes belong to."""
        rows = (*self.facts, *self.documents, *((self.note.record,) if self.note else ()))
        codes = (code for one in self.codes for code in (*one.codes, *(charge.line for charge in one.charges)))
        return frozenset(one.encounter_key for one in (*rows, *codes) if one.encounter_key)


def subject_of(fact: FactRecord) -> str:
    """Return what a result or allergy is about: its order, or its patient."""
    return "|".join(fact.source_key.split("|")[:2])


def header_for(message: Message, times: Times, accepts: str) -> MessageHeader:
    """Return the header of a message that may be taken; what it says of charts is not looked at.

    accepts: the processing ids (MSH-11) that this installation takes; "P" on production.
    Raises Rejection or Ignored.
    """
    header = header_of(message, times)
    if header.processing[:1] not in accepts:
        raise Rejection(
            "processing", "MSH-11", f"{header.processing[:3]!r} marks a test message; this takes only {accepts}"
        )
    check_kind(header)
    if ADT.get(header.trigger) == "merge":
        merged_key(message, sender_of(message))
    if header.kind.startswith("MDM"):
        document_number(message)
    return header


def sender_of(message: Message) -> str:
    """Return the facility that sent a message, else its application."""
    return message.header.text(4) or message.header.text(3) or "HL7"


def read_message(
    message: Message,
    zone: tzinfo,
    now: datetime,
    warnings: Warnings,
    *,
    accepts: str = "P",
    ours: frozenset[str] = frozenset(),
) -> Told:
    """Return what a message says.

    accepts: see `header_for`; ours: see `patient_of`. Raises Rejection, Held or Ignored.
    """
    times = Times(zone, now, warnings)
    header = header_for(message, times, accepts)
    sender = sender_of(message)
    patient = patient_of(message, sender, times, ours)
    visit = visit_of(message, patient.source_key, sender, times)
    event = ADT.get(header.trigger, "") if header.kind.startswith("ADT") else ""
    told = Told(header, patient, providers_of(message, sender), visit, event, nulls=taken_back(message))
    at = visit.key if visit else None
    match header.kind.partition("^")[0]:
        case "ORU":
            facts, documents = results_of(
                message, patient.source_key, at, sender, header.event_at, times, warnings
            )
            if not facts and not documents:
                raise Ignored("results", "no result in it has a value yet")
            return replace(told, facts=tuple(facts), documents=tuple(documents))
        case "MDM":
            note = note_of(
                message, header.trigger, patient.source_key, at, sender, header.event_at, times, warnings
            )
            return replace(told, note=note)
        case "BAR" | "DFT":
            codes = codes_of(message, header, patient.source_key, sender, times, warnings)
            if not codes:
                raise Ignored("codes", "it holds no diagnosis, procedure or charge")
            return replace(told, codes=codes)
    if event == "merge":
        return replace(told, visit=None, merged_key=merged_key(message, sender))
    return replace(told, facts=tuple(_allergies(message, patient.source_key, sender, header.event_at, times)))


def _allergies(message: Message, patient_key: str, sender: str, at: datetime, times: Times) -> list[FactRecord]:
    found = []
    for one in message.of("AL1"):
        name = one.text(3, 2) or one.text(3, 1)
        if name:
            found.append(_allergy(one, name, patient_key, sender, at, times))
    return found


def _allergy(one: Segment, name: str, patient_key: str, sender: str, at: datetime, times: Times) -> FactRecord:
    return FactRecord(
        source_key=f"{patient_key}|AL1|{one.text(3, 1) or name}"[:200],
        patient_key=patient_key,
        encounter_key=None,
        kind="allergy",
        name=name,
        observed_at=times.read(one.text(6), "AL1-6") or at,
        code=one.text(3, 1),
        value_text=", ".join(
            filter(
                None, (one.first(5).text(1), {"SV": "severe", "MO": "moderate", "MI": "mild"}.get(one.text(4), ""))
            )
        ),
        status="active",
    )
