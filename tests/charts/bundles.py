"""Small FHIR bundles for tests."""

from __future__ import annotations

import base64
import copy
import json
from typing import Any

PATIENT: dict[str, Any] = {
    "resourceType": "Patient",
    "id": "p1",
    "identifier": [
        {"system": "http://hl7.org/fhir/sid/us-ssn", "value": "999-00-0000"},
        {"type": {"coding": [{"code": "MR"}]}, "system": "http://h.example/mrn", "value": "0001234"},
    ],
    "name": [{"use": "maiden", "family": "Old"}, {"use": "official", "family": "Rivera", "given": ["Ana", "M"]}],
    "gender": "female",
    "birthDate": "1950-02-03",
}
PRACTITIONER: dict[str, Any] = {
    "resourceType": "Practitioner",
    "id": "d1",
    "identifier": [{"system": "http://hl7.org/fhir/sid/us-npi", "value": "1234567893"}],
    "name": [{"family": "Reyes", "given": ["Alma"]}],
    "qualification": [{"code": {"coding": [{"code": "MD"}]}}],
}
ENCOUNTER: dict[str, Any] = {
    "resourceType": "Encounter",
    "id": "e1",
    "status": "finished",
    "class": {"code": "IMP"},
    "subject": {"reference": "Patient/p1"},
    "period": {"start": "2026-03-01T08:00:00-05:00", "end": "2026-03-05T12:00:00-05:00"},
    "participant": [{"type": [{"coding": [{"code": "ATND"}]}], "individual": {"reference": "Practitioner/d1"}}],
}
CREATININE: dict[str, Any] = {
    "resourceType": "Observation",
    "id": "o1",
    "status": "final",
    "category": [{"coding": [{"code": "laboratory"}]}],
    "code": {"coding": [{"system": "http://loinc.org", "code": "2160-0"}], "text": "Creatinine"},
    "subject": {"reference": "Patient/p1"},
    "encounter": {"reference": "Encounter/e1"},
    "effectiveDateTime": "2026-03-02T06:00:00Z",
    "valueQuantity": {"value": 2.40, "unit": "mg/dL"},
    "referenceRange": [{"low": {"value": 0.6}, "high": {"value": 1.3}}],
}
NOTE: dict[str, Any] = {
    "resourceType": "DocumentReference",
    "id": "n1",
    "status": "current",
    "type": {"coding": [{"system": "http://loinc.org", "code": "11506-3"}], "text": "Progress note"},
    "subject": {"reference": "Patient/p1"},
    "date": "2026-03-02T09:00:00Z",
    "author": [{"reference": "Practitioner/d1", "display": "A. Reyes"}],
    "context": {"encounter": [{"reference": "Encounter/e1"}]},
    "content": [
        {
            "attachment": {
                "contentType": "text/plain",
                "data": base64.b64encode("S: Feels weak.\nA: Renal function worse – watch.".encode()).decode(),
            }
        }
    ],
}


def changed(resource: dict[str, Any], **values: Any) -> dict[str, Any]:
    """Return a copy with top-level elements replaced; None removes one."""
    copied = copy.deepcopy(resource) | values
    return {name: value for name, value in copied.items() if value is not None}


def a_bundle(*resources: dict[str, Any], kind: str | None = "collection") -> dict[str, Any]:
    """Return a bundle of `resources`, or the small chart where none are given."""
    chosen = resources or (PRACTITIONER, PATIENT, ENCOUNTER, CREATININE, NOTE)
    bundle: dict[str, Any] = {"resourceType": "Bundle", "entry": [{"resource": each} for each in chosen]}
    return bundle if kind is None else bundle | {"type": kind}


def a_chart_with(*more: dict[str, Any], kind: str = "collection") -> dict[str, Any]:
    """Return the small chart with more resources."""
    return a_bundle(PRACTITIONER, PATIENT, ENCOUNTER, CREATININE, NOTE, *more, kind=kind)


def encoded(bundle: Any) -> bytes:
    """Return a bundle as it lies in a file."""
    return json.dumps(bundle, ensure_ascii=False).encode()
