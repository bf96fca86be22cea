"""A made-up chart as a FHIR R4 bundle."""

from __future__ import annotations

import json
from html import escape
from typing import Any

from tests.charts.rendered.made import ADMITTED, AUTHORITY, NPI, MadeChart, Measured, Note

_PATIENT, _STAY, _AUTHOR = ({"reference": ref} for ref in ("Patient/p", "Encounter/e", "Practitioner/d"))


def as_fhir(chart: MadeChart) -> bytes:
    """Return the chart as one collection."""
    resources = [
        {
            "resourceType": "Practitioner", "id": "d",
            "identifier": [{"system": "http://hl7.org/fhir/sid/us-npi", "value": NPI}],
            "name": [{"family": "Medina", "given": ["Rosa"]}],
            "qualification": [{"code": {"coding": [{"code": "MD"}]}}],
        },
        {
            "resourceType": "Patient", "id": "p", "gender": chart.sex, "birthDate": chart.born.isoformat(),
            "identifier": [{"type": {"coding": [{"code": "MR"}]}, "system": f"urn:oid:{AUTHORITY}", "value": chart.mrn}],
            "name": [{"family": chart.family, "given": chart.given.split()}],
        },
        _stay(chart),
        *(_result(number, one) for number, one in enumerate(chart.results)),
        *(_note(one) for one in chart.notes),
    ]  # fmt: skip
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": one} for one in resources]}
    return json.dumps(bundle).encode()


def _stay(chart: MadeChart) -> dict[str, Any]:
    period = {"start": ADMITTED.isoformat()}
    if chart.discharged:
        period["end"] = chart.discharged.isoformat()
    return {
        "resourceType": "Encounter", "id": "e", "status": "finished" if chart.discharged else "in-progress",
        "identifier": [{"system": f"urn:oid:{AUTHORITY}", "value": chart.number}],
        "class": {"code": "IMP"}, "subject": _PATIENT, "period": period,
        "participant": [{"type": [{"coding": [{"code": "ATND"}]}], "individual": _AUTHOR}],
    }  # fmt: skip


def _result(number: int, one: Measured) -> dict[str, Any]:
    found: dict[str, Any] = {
        "resourceType": "Observation", "id": f"o{number}", "status": "final", "subject": _PATIENT, "encounter": _STAY,
        "category": [{"coding": [{"code": "laboratory"}]}], "effectiveDateTime": one.at.isoformat(),
        "code": {"coding": [{"system": "http://loinc.org", "code": one.code}], "text": one.name},
        "valueQuantity": {"value": json.loads(one.value), "unit": one.unit},
        "referenceRange": [{"low": {"value": json.loads(one.low)}, "high": {"value": json.loads(one.high)}}],
    }  # fmt: skip
    return found | ({"interpretation": [{"coding": [{"code": one.flag}]}]} if one.flag else {})


def _note(one: Note) -> dict[str, Any]:
    sections = [
        {"title": title, "text": {"div": f"<div>{'<br/>'.join(escape(line) for line in body.splitlines())}</div>"}}
        for title, body in one.sections
    ]
    return {
        "resourceType": "Composition", "id": f"n{one.ref}", "status": "final", "subject": _PATIENT, "encounter": _STAY,
        "type": {"coding": [{"system": "http://loinc.org", "code": "11506-3"}]}, "title": "Progress note",
        "date": one.at.isoformat(), "author": [_AUTHOR], "section": sections,
    }  # fmt: skip
