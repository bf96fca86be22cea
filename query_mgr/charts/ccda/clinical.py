"""Problems, allergies, medications and procedures."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree

from query_mgr.charts.ccda.elements import Code, code_of, find, find_all, said, templates, words
from query_mgr.charts.ccda.facts import STATUSES, Context, Statement, filed, when
from query_mgr.charts.ccda.times import Span
from query_mgr.charts.records import FactRecord

_T = "2.16.840.1.113883.10.20.22.4."
_STATUS_OBSERVATIONS = {f"{_T}6", f"{_T}28"}  # problem status, allergy status
_CLINICAL_STATUS = {
    "55561003": "active", "73425007": "inactive", "413322009": "resolved", "246455001": "active",
    "277022003": "inactive", "7087005": "active",
}  # fmt: skip
#: what a diagnosis act says of the diagnosis in it
_DIAGNOSIS_ACTS = {
    f"{_T}33": "discharge diagnosis", f"{_T}34": "admission diagnosis", f"{_T}65": "preoperative diagnosis",
    f"{_T}51": "postprocedure diagnosis", f"{_T}80": "encounter diagnosis",
}  # fmt: skip
#: "problem", "disease", "allergic to substance": negated, they say that nothing of the kind is known
_ANY_PROBLEM = {"55607006", "64572001", "404684003", "160245001", "409586006", "75326-9", "29308-4"}
_ANY_SUBSTANCE = {"105590001", "410942007", "762766007", "416098002", "419199007", "716186003", "409137002"}
_SEVERITY = f"{_T}8"
_REACTION = f"{_T}9"


def read_problem(statement: Statement, context: Context) -> Iterator[FactRecord]:
    """Yield a problem or diagnosis. One that the patient does not have is kept as refuted, never as had."""
    element = statement.element
    value = find(element, "value")
    code = code_of(value, ("icd10cm", "snomed"))
    name = context.narrative.name_of(value, code) or context.narrative.referred(find(element, "text"))
    if code.code in _ANY_PROBLEM or not name:
        if not statement.is_negated:
            context.warnings.add("code", statement.where, "is a problem without a code or name; it was left out")
        return  # "no known problems" is no problem; the section's text says it
    span, at = when(statement, context)
    state = _clinical_status(statement, span)
    notes = [
        _DIAGNOSIS_ACTS[one]
        for outer in statement.around
        for one in sorted(templates(outer))
        if one in _DIAGNOSIS_ACTS
    ]
    status = _problem_status(statement, state, notes)
    since = f"since {at.known}" if at.known else ""
    shown = "refuted" if statement.is_negated else ", ".join(filter(None, (state, *dict.fromkeys(notes), since)))
    fact = FactRecord(
        source_key="",
        patient_key=context.patient_key,
        encounter_key=None,
        kind="problem",
        name=name,
        observed_at=at.at,
        code_system=code.system,
        code=code.code,
        value_text=shown,
        ended_at=span.high.at if span.high else None,
        status=status,
    )
    yield filed(fact, statement, context)


def _clinical_status(statement: Statement, span: Span) -> str:
    """Return active, inactive or resolved: as a status observation says, else by the end, else by the concern."""
    for one in find_all(statement.element, "entryRelationship/observation"):
        if templates(one) & _STATUS_OBSERVATIONS:
            told = code_of(find(one, "value"), ("snomed",)).code
            if told in _CLINICAL_STATUS:
                return _CLINICAL_STATUS[told]
    if span.high is not None:
        return "resolved"
    concern = next((said(find(one, "statusCode"), "code") for one in statement.around), "")
    return "inactive" if concern in {"completed", "aborted", "suspended"} and _is_concern(statement) else "active"


def _is_concern(statement: Statement) -> bool:
    return any(templates(one) & {f"{_T}3", f"{_T}30"} for one in statement.around)


def _problem_status(statement: Statement, state: str, notes: list[str]) -> str:
    if statement.status == "nullified":
        return "entered_in_error"
    if statement.is_negated or statement.status in {"cancelled", "aborted"}:
        return "cancelled"
    if "preoperative diagnosis" in notes:
        return "preliminary"
    return "active" if state == "active" else "completed"


def read_allergy(statement: Statement, context: Context) -> Iterator[FactRecord]:
    """Yield an allergy: the substance, with its reactions and how severe they were."""
    element = statement.element
    substance = find(element, "participant/participantRole/playingEntity/code")
    code = code_of(substance, ("rxnorm", "snomed"))
    name = context.narrative.name_of(substance, code)
    if statement.is_negated and (not name or code.code in _ANY_SUBSTANCE):
        return  # "no known allergies" is no allergy; the section's text says it
    name = name or words(find(element, "participant/participantRole/playingEntity/name"))
    if not name:
        context.warnings.add("code", statement.where, "is an allergy without a substance; it was left out")
        return
    span, at = when(statement, context)
    state = _clinical_status(statement, span)
    since = f"since {at.known}" if at.known else ""
    fact = FactRecord(
        source_key="",
        patient_key=context.patient_key,
        encounter_key=None,
        kind="allergy",
        name=name,
        observed_at=at.at,
        code_system=code.system,
        code=code.code,
        value_text="refuted"
        if statement.is_negated
        else ", ".join(filter(None, (*_reactions(element, context), since))),
        ended_at=span.high.at if span.high else None,
        status=_problem_status(statement, state, []),
    )
    yield filed(fact, statement, context)


def _reactions(allergy: etree._Element, context: Context) -> list[str]:
    """Return the reactions, each with its own severity; else the severity of the allergy as such."""
    found = []
    for one in find_all(allergy, "entryRelationship/observation"):
        if _REACTION not in templates(one) or one.get("negationInd") == "true":
            continue
        name = _coded(one, context)
        severity = _severity(one, context)
        found.append(f"{name} ({severity})" if name and severity else name)
    # Older documents say how severe the allergy is, newer ones how severe each reaction was.
    severity = _severity(allergy, context)
    return [one for one in (*found, severity) if one]


def _severity(element: etree._Element, context: Context) -> str:
    levels = (one for one in find_all(element, "entryRelationship/observation") if _SEVERITY in templates(one))
    return next((_coded(one, context).lower() for one in levels), "")


def _coded(observation: etree._Element, context: Context) -> str:
    value = find(observation, "value")
    return context.narrative.name_of(value, code_of(value, ("snomed",)))


def read_medication(statement: Statement, context: Context) -> Iterator[FactRecord]:
    """Yield a medication: ordered, taken or given; one that was refused is kept as not given."""
    element = statement.element
    material = find(element, "consumable/manufacturedProduct/manufacturedMaterial")
    concept = find(material, "code")
    code = code_of(concept, ("rxnorm",))
    name = context.narrative.name_of(concept, code) or words(find(material, "name"))
    name = name or context.narrative.referred(find(element, "text"))
    if concept is not None and concept.get("nullFlavor") and statement.is_negated:
        return  # "no medications" is no medication; the section's text says it
    if not name:
        context.warnings.add("code", statement.where, "is a medication without a code or name; it was left out")
        return
    span, at = when(statement, context)
    status = "cancelled" if statement.is_negated else STATUSES.get(statement.status, "active")
    if status == "active" and span.high and span.high.at < context.made_at:
        status = "completed"
    fact = FactRecord(
        source_key="",
        patient_key=context.patient_key,
        encounter_key=None,
        kind="medication",
        name=name,
        observed_at=at.at,
        code_system=code.system,
        code=code.code,
        value_text=_dose(statement, span, context),
        ended_at=span.high.at if span.high else None,
        status=status,
    )
    yield filed(fact, statement, context)


def _dose(statement: Statement, span: Span, context: Context) -> str:
    element = statement.element
    amount = find(element, "doseQuantity")
    dose = " ".join(filter(None, (_amount(amount), said(amount, "unit"))))
    route = find(element, "routeCode")
    route_name = context.narrative.name_of(route, code_of(route, ()))
    route_name = re.sub(r" route of administration$", "", route_name, flags=re.I)
    parts = [
        dose or _instructions(element, context),
        route_name,
        _how_often(element),
    ]
    is_single = span.low is not None and find(_first_time(element), "low") is None
    manner = "not given" if statement.is_negated else "ordered" if element.get("moodCode") != "EVN" else ""
    manner = manner or ("given" if is_single and statement.status == "completed" else "taken")
    return f"{' '.join(filter(None, parts))} ({manner})".strip()


def _instructions(element: etree._Element, context: Context) -> str:
    """Return a free text SIG."""
    for one in find_all(element, "entryRelationship/substanceAdministration"):
        if f"{_T}147" in templates(one):
            return context.narrative.referred(find(one, "text"))
    return ""


def _first_time(element: etree._Element) -> etree._Element | None:
    return find(element, "effectiveTime")


def _amount(amount: etree._Element | None) -> str:
    low, high = said(find(amount, "low"), "value"), said(find(amount, "high"), "value")
    return said(amount, "value") or "-".join(filter(None, (low, high)))


def _how_often(element: etree._Element) -> str:
    parts = []
    for one in find_all(element, "effectiveTime"):
        period = find(one, "period")
        if period is not None and _amount(period):
            unit = said(period, "unit") or said(find(period, "low"), "unit")
            parts.append(f"every {_amount(period)} {unit}".strip())
        event = said(find(one, "event"), "code")
        if event:
            parts.append({"HS": "at bedtime", "AC": "before meals", "PC": "after meals"}.get(event, event))
    if find(element, "precondition") is not None:
        parts.append("as needed")
    return " ".join(parts)


def read_procedure(statement: Statement, context: Context) -> Iterator[FactRecord]:
    """Yield a procedure; one that was refused or not done is kept as cancelled."""
    element = statement.element
    concept = find(element, "code")
    code: Code = code_of(concept, ("icd10pcs", "snomed", "cpt"))
    name = context.narrative.name_of(concept, code)
    if not name:
        context.warnings.add("code", statement.where, "is a procedure without a code or name; it was left out")
        return
    span, at = when(statement, context)
    status = "cancelled" if statement.is_negated else STATUSES.get(statement.status, "completed")
    notes = [_site(element, context), "not done" if statement.is_negated else "", at.known and f"in {at.known}"]
    fact = FactRecord(
        source_key="",
        patient_key=context.patient_key,
        encounter_key=None,
        kind="procedure",
        name=name,
        observed_at=at.at,
        code_system=code.system,
        code=code.code,
        value_text=", ".join(filter(None, notes)),
        ended_at=span.high.at if span.high else None,
        status=status,
    )
    yield filed(fact, statement, context)


def _site(element: etree._Element, context: Context) -> str:
    sites = [context.narrative.name_of(one, code_of(one, ())) for one in find_all(element, "targetSiteCode")]
    return ", ".join(filter(None, sites))
