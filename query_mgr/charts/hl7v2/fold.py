"""From what several messages say to one chart, whatever the order in which they came. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from query_mgr.charts.hl7v2.people import Visit
from query_mgr.charts.hl7v2.reader import Told
from query_mgr.charts.problems import Warnings
from query_mgr.charts.records import (
    ChartBundle,
    DocumentRecord,
    EncounterRecord,
    FactRecord,
    PatientRecord,
    ProviderRecord,
)


def fold(messages: Iterable[Told], warnings: Warnings) -> ChartBundle:
    """Return the chart that messages about the same things make together, in the order in which things happened."""
    told = sorted(messages, key=lambda one: (one.header.event_at, one.header.control_id))
    patients: dict[str, PatientRecord] = {}
    providers: dict[str, ProviderRecord] = {}
    facts: dict[str, FactRecord] = {}
    documents: dict[str, DocumentRecord] = {}
    for one in told:
        patients[one.patient.source_key] = one.patient
        providers |= {provider.source_key: provider for provider in one.providers}
        facts |= {fact.source_key: fact for fact in one.facts}
        documents |= {document.source_key: document for document in one.documents}
        _take_note(one, documents)
    for one in told:  # a document that was replaced stays so, even where its own first message came later
        if one.note and one.note.replaces in documents:
            documents[one.note.replaces] = replace(documents[one.note.replaces], status="replaced")
    stays = _stays(told, warnings)
    return ChartBundle(
        tuple(providers.values()), tuple(patients.values()), stays,
        tuple(one for one in documents.values() if one.text), tuple(facts.values()),
    )  # fmt: skip


def _take_note(one: Told, documents: dict[str, DocumentRecord]) -> None:
    """Let a later message change status or text of a document; one that only announces keeps the text."""
    if one.note is None:
        return
    new, old = one.note.record, documents.get(one.note.record.source_key)
    if old is not None and not new.text:
        new = replace(old, status=new.status)
    documents[new.source_key] = new


def _stays(told: list[Told], warnings: Warnings) -> tuple[EncounterRecord, ...]:
    by_key: dict[str, list[tuple[Told, Visit]]] = {}
    for one in told:
        if one.visit is not None and one.event and one.event != "person":
            by_key.setdefault(one.visit.key, []).append((one, one.visit))
    return tuple(_stay(key, found, warnings) for key, found in by_key.items())


def _stay(key: str, found: list[tuple[Told, Visit]], warnings: Warnings) -> EncounterRecord:
    said: dict[str, str] = {}
    discharged: datetime | None = None
    status = "in-progress"
    for one, visit in found:
        for name in ("encounter_class", "attending_key", "service_line", "payer", "facility", "reason"):
            value = getattr(visit, name)
            if value is not None:
                said[name] = value
        match one.event:
            case "discharge":
                discharged, status = visit.discharged_at or one.header.event_at, "finished"
            case "undischarge":
                discharged, status = None, "in-progress"
            case "cancel":
                status = "cancelled"
            case "admit":
                discharged, status = None, "in-progress"
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
        source_key=key[:200],
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
    )


def _admitted(found: list[tuple[Told, Visit]], warnings: Warnings) -> datetime:
    """Return the admission: what PV1-44 said last, else when somebody was admitted, else the first we heard of it."""
    said = [visit.admitted_at for _, visit in found if visit.admitted_at]
    if said:
        return said[-1]
    admitted = [one.header.event_at for one, _ in found if one.event in ("admit", "plan")]
    if not admitted:
        warnings.add("date", "PV1-44", "no message said when the stay began; the first one's time stands for it")
    return min(admitted or [one.header.event_at for one, _ in found])
