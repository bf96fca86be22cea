"""From what several messages say to one chart, whatever the order in which they came. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from query_mgr.charts.hl7v2.accounts import settle
from query_mgr.charts.hl7v2.moves import Step, locations_of
from query_mgr.charts.hl7v2.notes import Note
from query_mgr.charts.hl7v2.people import Visit, completed
from query_mgr.charts.hl7v2.reader import Told, subject_of
from query_mgr.charts.problems import Warnings
from query_mgr.charts.records import (
    ChartBundle,
    DocumentRecord,
    EncounterRecord,
    FactRecord,
    PatientRecord,
    ProviderRecord,
)

_Visits = list[tuple[Told, Visit]]


@dataclass(frozen=True)
class Folded:
    """The chart, and what its documents said before they were edited, oldest first."""

    bundle: ChartBundle
    earlier: tuple[DocumentRecord, ...] = ()


def rank(told: Told) -> tuple[datetime, str]:
    """Return what puts messages in the order in which things happened."""
    return told.header.event_at, told.header.control_id


def fold(messages: Iterable[Told], warnings: Warnings, *, about: frozenset[str] | None = None) -> Folded:
    """Return the chart that messages about the same things make together, in the order in which things happened.

    about: the subjects of which all messages are there; what the messages say of others is left as it is.
    """
    told = sorted(messages, key=rank)

    def counts(subject: str) -> bool:
        return about is None or subject in about

    providers: dict[str, ProviderRecord] = {}
    facts: dict[str, FactRecord] = {}
    documents: dict[str, list[DocumentRecord]] = {}
    for one in told:
        providers |= {provider.source_key: provider for provider in one.providers}
        for fact in one.facts:
            if counts(subject_of(fact)):
                facts[fact.source_key] = _linked(fact, facts.get(fact.source_key))
        for document in one.documents:
            if counts(document.source_key):
                _add(documents.setdefault(document.source_key, []), document)
        if one.note and counts(one.note.record.source_key):
            _take_note(one.note, documents.setdefault(one.note.record.source_key, []))
    visits = _by_stay(told, counts)
    stays = tuple(_stay(key, found, warnings) for key, found in visits.items())
    moves = [fact for stay in stays for fact in _moves(stay, visits[stay.source_key])]
    codes = settle([codes for one in told for codes in one.codes if about is None or codes.subjects <= about])
    kept = [one for one in documents.values() if one[-1].text or one[-1].attachments]
    bundle = ChartBundle(
        tuple(providers.values()), people_of(told), stays, tuple(one[-1] for one in kept),
        (*facts.values(), *moves), codes,
    )  # fmt: skip
    return Folded(bundle, tuple(old for one in kept for old in one[:-1] if old.text))


def people_of(told: Iterable[Told]) -> tuple[PatientRecord, ...]:
    """Return who the patients are by all that messages about persons and stays say; what one leaves empty stays."""
    found: dict[str, PatientRecord] = {}
    for one in sorted(told, key=rank):
        key = one.patient.source_key
        found[key] = completed(one.patient, found[key], one.nulls) if key in found else one.patient
    return tuple(found.values())


def _linked(new: FactRecord, old: FactRecord | None) -> FactRecord:
    """Keep a result with its stay where a later message about it names none."""
    return replace(new, encounter_key=old.encounter_key) if old and not new.encounter_key else new


def _add(states: list[DocumentRecord], new: DocumentRecord) -> None:
    """Put a document's newest state behind those before it; one with the same text takes the last one's place."""
    if states:
        new = replace(new, encounter_key=new.encounter_key or states[-1].encounter_key)
        if states[-1].text == new.text:
            states.pop()
    states.append(new)


def _take_note(note: Note, states: list[DocumentRecord]) -> None:
    """Let a later message change status or text of a document; one that only announces keeps the text."""
    new, old = note.record, states[-1] if states else None
    if old is not None and not new.text and not new.attachments:
        new = replace(
            old,
            status=new.status if note.has_status else old.status,
            related_key=new.related_key or old.related_key,
            relation=new.relation or old.relation,
        )
    elif old is not None and not new.related_key:
        new = replace(new, related_key=old.related_key, relation=old.relation)
    _add(states, new)


def _by_stay(told: Sequence[Told], counts: Callable[[str], bool]) -> dict[str, _Visits]:
    by_key: dict[str, _Visits] = {}
    for one in told:
        if one.visit is not None and one.tells_stay and counts(one.visit.key):
            by_key.setdefault(one.visit.key[:200], []).append((one, one.visit))
    return by_key


def _moves(stay: EncounterRecord, found: _Visits) -> tuple[FactRecord, ...]:
    steps = [Step(one.event, _moved_at(one, visit), visit.unit) for one, visit in found]
    return locations_of(steps, stay.source_key, stay.patient_key, is_cancelled=stay.status == "cancelled")


def _moved_at(one: Told, visit: Visit) -> datetime:
    said = {"admit": visit.admitted_at, "discharge": visit.discharged_at}.get(one.event)
    return said or one.header.event_at


def _stay(key: str, found: _Visits, warnings: Warnings) -> EncounterRecord:
    said: dict[str, str] = {}
    discharged: datetime | None = None
    status = "in-progress"
    for one, visit in found:
        for name in (
            "encounter_class",
            "attending_key",
            "service_line",
            "payer",
            "facility",
            "reason",
            "disposition",
        ):
            value = getattr(visit, name)
            if value is not None:
                said[name] = value
        match one.event:
            case "discharge":
                discharged, status = visit.discharged_at or one.header.event_at, "finished"
            case "undischarge" | "admit":
                discharged, status = None, "in-progress"
                said.pop("disposition", None)
            case "cancel":
                status = "cancelled"
            case "plan":
                status = "planned"
            case _ if visit.discharged_at:
                discharged, status = visit.discharged_at, "finished"
    admitted = _admitted(found, warnings)
    if discharged and discharged < admitted:
        warnings.add("date", "PV1-45", "the discharge lies before the admission; left out")
        discharged = None
    last = found[-1][1]
    return EncounterRecord(
        source_key=key,
        patient_key=last.patient_key,
        number=last.number,
        encounter_class=said.get("encounter_class", "other"),
        admitted_at=admitted,
        discharged_at=discharged,
        status=status,
        attending_key=said.get("attending_key") or None,
        service_line=said.get("service_line", ""),
        payer=said.get("payer", ""),
        facility=said.get("facility", ""),
        reason=said.get("reason", ""),
        disposition=said.get("disposition", ""),
    )


def _admitted(found: _Visits, warnings: Warnings) -> datetime:
    """Return the admission: what PV1-44 said last, else when somebody was admitted, else the first we heard of it."""
    said = [visit.admitted_at for _, visit in found if visit.admitted_at]
    if said:
        return said[-1]
    admitted = [one.header.event_at for one, _ in found if one.event in ("admit", "plan")]
    if not admitted:
        warnings.add("date", "PV1-44", "no message said when the stay began; the first one's time stands for it")
    return min(admitted or [one.header.event_at for one, _ in found])
