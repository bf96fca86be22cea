"""One message into what it says of patient, stay, results and documents."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, tzinfo

from query_mgr.charts.hl7v2.events import ADT, MessageHeader, check_kind, header_of
from query_mgr.charts.hl7v2.message import Message, Segment
from query_mgr.charts.hl7v2.notes import Note, note_of
from query_mgr.charts.hl7v2.people import Visit, merged_key, patient_of, providers_of, visit_of
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
    subjects: frozenset[str] = field(default_factory=frozenset)
    merged_key: str = ""  # the identity that this patient's takes the place of


def read_message(message: Message, zone: tzinfo, now: datetime, warnings: Warnings, *, accepts: str = "P") -> Told:
    """Return what a message says.

    accepts: the processing ids (MSH-11) that this installation takes; "P" on production.
    Raises Rejection, Held or Ignored.
    """
    times = Times(zone, now, warnings)
    header = header_of(message, times)
    if header.processing[:1] not in accepts:
        raise Rejection(
            "processing", "MSH-11", f"{header.processing[:3]!r} marks a test message; this takes only {accepts}"
        )
    check_kind(header)
    sender = message.header.text(4) or message.header.text(3) or "HL7"
    patient = patient_of(message, sender, times)
    visit = visit_of(message, patient.source_key, sender, times)
    told = Told(header, patient, providers_of(message, sender), visit, ADT.get(header.trigger, ""))
    at = visit.key if visit else None
    if header.kind == "ORU^R01":
        facts, documents = results_of(message, patient.source_key, at, sender, header.event_at, times)
        if not facts and not documents:
            raise Ignored("results", "no result in it has a value yet")
        return _with(told, facts=tuple(facts), documents=tuple(documents))
    if header.kind.startswith("MDM"):
        note = note_of(message, header.trigger, patient.source_key, at, sender, header.event_at, times, warnings)
        return _with(told, note=note)
    if told.event == "merge":
        return replace(told, visit=None, merged_key=merged_key(message, sender))
    allergies = _allergies(message, patient.source_key, sender, header.event_at, times)
    return _with(told, facts=tuple(allergies))


def _with(
    told: Told,
    *,
    facts: tuple[FactRecord, ...] = (),
    documents: tuple[DocumentRecord, ...] = (),
    note: Note | None = None,
) -> Told:
    """Complete what is told, with the names under which later messages about the same things will be found."""
    subjects = {one.source_key for one in documents} | {"|".join(one.source_key.split("|")[:2]) for one in facts}
    subjects |= {told.visit.key} if told.event and told.visit else set()
    subjects |= {note.record.source_key, note.replaces} if note else set()
    return Told(
        told.header,
        told.patient,
        told.providers,
        told.visit,
        told.event,
        facts,
        documents,
        note,
        frozenset(subjects - {""}),
    )


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
