"""Claims and explanations of benefit: the codes that were billed.

A claim and the explanation that answers it speak of the same codes. Their rows carry the claim's identity, so that
they are the same rows, and the explanation's word is the later one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime

from query_mgr.charts.fhir.context import Context
from query_mgr.charts.fhir.elements import Json, code_of, codes, concept_text, dicts, first, number, words
from query_mgr.charts.fhir.envelope import Entry, source_key
from query_mgr.charts.problems import EntryError
from query_mgr.charts.records import SentCodeRecord

_DIAGNOSES = ("icd10cm", "snomed")
_PROCEDURES = ("icd10pcs", "cpt", "hcpcs", "snomed")
_CHARGES = ("cpt", "hcpcs", "icd10pcs", "revenue", "snomed")
_STATUSES = {"active": "final", "cancelled": "cancelled", "entered-in-error": "entered_in_error"}
#: codes of ex-diagnosistype and its US kin -> role; all others are secondary
_ROLES = {"principal": "principal", "admitting": "admitting"}
_POA = {"y": "Y", "n": "N", "u": "U", "w": "W", "1": "1"}


def read_claim(entry: Entry, context: Context) -> Iterator[SentCodeRecord]:
    """Yield the codes of a Claim, unless its explanation of benefit is in the file and stands for it."""
    if source_key(entry) not in context.billed:
        yield from _codes(entry, source_key(entry), context)


def read_explanation(entry: Entry, context: Context) -> Iterator[SentCodeRecord]:
    """Yield the codes of an ExplanationOfBenefit, under the identity of the claim that it names."""
    reference = entry.resource.get("claim")
    claim = context.envelope.find(reference)
    url = words(first(reference).get("reference"))
    named = claim.identity if claim else url if url.startswith("Claim/") else ""
    if named:
        context.billed.add(named)
    yield from _codes(entry, named or source_key(entry), context)


def _codes(entry: Entry, key: str, context: Context) -> Iterator[SentCodeRecord]:
    """Yield diagnoses, procedures and charges. One that was only drafted, or asked for a price, was not billed."""
    resource = entry.resource
    status = words(resource.get("status"))
    if status == "draft" or words(resource.get("use")) in {"preauthorization", "predetermination"}:
        return
    if status not in _STATUSES:
        raise EntryError("value", "status", f"{status[:40]!r} is no {entry.kind} status of FHIR R4")
    base = SentCodeRecord(
        source_key=key,
        patient_key=context.patient(resource, "patient"),
        encounter_key=_encounter(resource, context),
        origin="claim",
        kind="",
        code_system="",
        code="",
        status=_STATUSES[status],
    )
    yield from _diagnoses(resource, base, context)
    yield from _procedures(resource, base, context)
    yield from _charges(resource, base, context)


def _encounter(resource: Json, context: Context) -> str | None:
    """Return the encounter of a claim: the one that its items name, where all name the same."""
    named = {
        context.encounter({"encounter": first(item.get("encounter"))}) for item in dicts(resource.get("item"))
    }
    found = named - {None}
    return found.pop() if len(found) == 1 else None


def _diagnoses(resource: Json, base: SentCodeRecord, context: Context) -> Iterator[SentCodeRecord]:
    for place, one in enumerate(dicts(resource.get("diagnosis")), 1):
        concept = _concept(one, "diagnosisCodeableConcept", "diagnosisReference", context)
        sequence = _sequence(one, place)
        types = {code.lower() for _, code in codes(one.get("type"))}
        role = next((role for code, role in _ROLES.items() if code in types), "secondary")
        if role == "secondary" and sequence == 1 and not types:
            role = "principal"
        poa = next((_POA.get(code.lower(), "") for _, code in codes(one.get("onAdmission"))), "")
        found = _coded(base, "diagnosis", sequence, concept, _DIAGNOSES)
        if found:
            yield replace(found, role=role, poa=poa)


def _procedures(resource: Json, base: SentCodeRecord, context: Context) -> Iterator[SentCodeRecord]:
    for place, one in enumerate(dicts(resource.get("procedure")), 1):
        concept = _concept(one, "procedureCodeableConcept", "procedureReference", context)
        found = _coded(base, "procedure", _sequence(one, place), concept, _PROCEDURES)
        if found:
            is_main = {code.lower() for _, code in codes(one.get("type"))} & {"primary", "principal"}
            served_at = context.times.moment(one, "date", where="procedure")
            yield replace(found, served_at=served_at, role="principal" if is_main else "")


def _charges(resource: Json, base: SentCodeRecord, context: Context) -> Iterator[SentCodeRecord]:
    for place, one in enumerate(dicts(resource.get("item")), 1):
        sequence = _sequence(one, place)
        for kind, name in (("charge", "productOrService"), ("revenue", "revenue")):
            found = _coded(base, kind, sequence, first(one.get(name)), _CHARGES)
            if not found:
                continue
            modifiers = " ".join(dict.fromkeys(code for _, code in codes(one.get("modifier"))))
            units = number(first(one.get("quantity")).get("value"), "item.quantity.value")
            key = context.encounter({"encounter": first(one.get("encounter"))}) or found.encounter_key
            yield replace(
                found, kind="charge", modifiers=modifiers if kind == "charge" else "", units=units,
                served_at=_served(one, context), encounter_key=key,
            )  # fmt: skip


def _served(item: Json, context: Context) -> datetime | None:
    period = first(item.get("servicedPeriod"))
    return context.times.moment(item, "servicedDate", where="item") or context.times.moment(
        period, "start", where="item.servicedPeriod"
    )


def _sequence(one: Json, place: int) -> int:
    given = one.get("sequence")
    return given if isinstance(given, int) and not isinstance(given, bool) and 0 < given < 10_000 else place


def _concept(one: Json, concept: str, reference: str, context: Context) -> Json:
    """Return the CodeableConcept itself, or the code of the Condition or Procedure that is named instead."""
    named = context.envelope.find(one.get(reference)) if one.get(reference) else None
    return first(one.get(concept)) or first(named.resource.get("code") if named else None)


def _coded(
    base: SentCodeRecord, kind: str, sequence: int, concept: Json, preferred: tuple[str, ...]
) -> SentCodeRecord | None:
    """Return the row of one code, or None where the concept has none that anybody could look up."""
    system, code = code_of(concept, preferred)
    if not code:
        code = next((code for _, code in codes(concept)), "")
    if not code:
        return None
    key, name = f"{base.source_key}#{kind}.{sequence}", concept_text(concept)
    return replace(
        base, source_key=key, kind=kind, code_system=system, code=code, name="" if name == code else name,
        sequence=sequence,
    )  # fmt: skip


#: resource type -> its reader; the explanation first, as it stands for its claim
READERS: dict[str, Callable[[Entry, Context], Iterator[SentCodeRecord]]] = {
    "ExplanationOfBenefit": read_explanation,
    "Claim": read_claim,
}
