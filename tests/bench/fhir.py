"""B4: a FHIR bundle of 20,000 resources, from its bytes to the chart, beside parsing it and inserting the same rows."""

from __future__ import annotations

import base64
import json
import sqlite3
import time
from pathlib import Path
from typing import Any

from app import create_app
from query_mgr.charts.actions import import_bundle
from query_mgr.platform.db import db
from tests.bench.timing import Row
from tests.conftest import settings_for

_TABLES = ("patient", "encounter", "document", "fact")
_SUMS = {"patient": "id", "encounter": "patient_id", "document": "length(text)", "fact": "value_number"}
_LOINC, _ICD, _RXNORM = "http://loinc.org", "http://hl7.org/fhir/sid/icd-10-cm", "http://www.nlm.nih.gov/research/umls/rxnorm"  # fmt: skip
_NOTE = base64.b64encode(
    ("S: Feels weak.\nO: Crackles at both bases.\nA: Renal function worse.\n" * 8).encode()
).decode()
PER_PATIENT = 100


def coded(system: str, code: str, text: str) -> dict[str, Any]:
    return {"coding": [{"system": system, "code": code, "display": text}], "text": text}


def a_patient(number: int) -> list[dict[str, Any]]:
    """Return the 100 resources of one patient in the shares of a stay: mostly results."""
    key = f"{number:05}"
    ours = {"subject": {"reference": f"Patient/p{key}"}, "encounter": {"reference": f"Encounter/e{key}"}}
    at = f"2026-03-0{number % 8 + 1}T"
    people = [
        {"resourceType": "Patient", "id": f"p{key}", "gender": "female", "birthDate": "1950-02-03",
         "identifier": [{"system": "http://h.example/mrn", "value": key}], "name": [{"family": f"Testperson{number}", "given": ["Ana"]}]},
        {"resourceType": "Encounter", "id": f"e{key}", "status": "finished", "class": {"code": "IMP"}, "subject": ours["subject"],
         "period": {"start": f"{at}01:00:00Z", "end": "2026-03-12T12:00:00Z"}},
    ]  # fmt: skip
    results = [
        {"resourceType": "Observation", "id": f"o{key}-{n}", "status": "final", **ours, "category": [coded("c", "laboratory", "Laboratory")],
         "code": coded(_LOINC, "2160-0", "Creatinine"), "effectiveDateTime": f"{at}06:{n % 60:02}:00Z",
         "valueQuantity": {"value": 1 + n / 100, "unit": "mg/dL", "system": "http://unitsofmeasure.org", "code": "mg/dL"},
         "referenceRange": [{"low": {"value": 0.6}, "high": {"value": 1.3}}]}
        for n in range(70)
    ]  # fmt: skip
    problems = [
        {"resourceType": "Condition", "id": f"c{key}-{n}", **ours, "recordedDate": f"{at}07:00:00Z", "code": coded(_ICD, "N17.9", "Acute kidney failure"),
         "clinicalStatus": coded("s", "active", ""), "verificationStatus": coded("v", "confirmed", "")}
        for n in range(6)
    ]  # fmt: skip
    drugs = [
        {"resourceType": "MedicationRequest", "id": f"m{key}-{n}", "status": "active", **ours, "authoredOn": f"{at}08:00:00Z",
         "medicationCodeableConcept": coded(_RXNORM, "4603", "Furosemide"), "dosageInstruction": [{"text": "40 mg IV BID"}]}
        for n in range(14)
    ]  # fmt: skip
    reports = [
        {"resourceType": "DiagnosticReport", "id": f"r{key}-{n}", "status": "final", **ours, "code": coded(_LOINC, "24323-8", "Panel"),
         "effectiveDateTime": f"{at}06:00:00Z", "result": [{"reference": f"Observation/o{key}-{m}"} for m in range(8)]}
        for n in range(4)
    ]  # fmt: skip
    notes = [
        {"resourceType": "DocumentReference", "id": f"n{key}-{n}", "status": "current", **ours, "type": coded(_LOINC, "11506-3", "Progress note"),
         "date": f"{at}09:0{n}:00Z", "content": [{"attachment": {"contentType": "text/plain", "data": _NOTE}}]}
        for n in range(4)
    ]  # fmt: skip
    return [*people, *results, *problems, *drugs, *reports, *notes]


def a_bundle(resources: int) -> bytes:
    """Return a transaction of about that many resources."""
    entries = [
        {"fullUrl": f"http://h.example/fhir/{one['resourceType']}/{one['id']}", "resource": one,
         "request": {"method": "PUT", "url": f"{one['resourceType']}/{one['id']}"}}
        for number in range(resources // PER_PATIENT) for one in a_patient(number)
    ]  # fmt: skip
    return json.dumps({"resourceType": "Bundle", "type": "transaction", "entry": entries}).encode()


def _sums(connection: sqlite3.Connection) -> list[tuple[int, float]]:
    return [
        connection.execute(f"SELECT count(*), round(coalesce(sum({_SUMS[one]}), 0), 3) FROM {one}").fetchone()
        for one in _TABLES
    ]


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None)
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")
    return connection


def _emptied(connection: sqlite3.Connection, *more: str) -> None:
    for table in (*reversed(_TABLES), *more):
        connection.execute(f"DELETE FROM {table}")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def run(folder: Path, rounds: int, resources: int = 20_000) -> Row:
    """Time the import and the floor in turn, each into an empty database; the rows are compared in every round."""
    content = a_bundle(resources)
    paths = [folder / name for name in ("ours.sqlite", "floor.sqlite")]
    applications = [create_app(settings_for(folder, f"sqlite:///{path}")) for path in paths]
    for application in applications:
        with application.app_context():
            db.create_all()
            db.engine.dispose()
    ours, floor = (_connect(path) for path in paths)
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(rounds + 1):
        _emptied(ours, "resource_name", "audit_event", "intake")
        _emptied(floor)
        with applications[0].app_context():
            start = time.perf_counter()
            report = import_bundle(content, "bench.json", by="bench")
            times[0].append((time.perf_counter() - start) * 1000)
            db.session.remove()
        assert report.status == "imported", report
        rows = {one: ours.execute(f"SELECT * FROM {one}").fetchall() for one in _TABLES}
        start = time.perf_counter()
        json.loads(content)
        floor.execute("BEGIN IMMEDIATE")
        for one, found in rows.items():
            floor.executemany(f"INSERT INTO {one} VALUES ({', '.join('?' * len(found[0]))})", found)
        floor.execute("COMMIT")
        times[1].append((time.perf_counter() - start) * 1000)
        assert _sums(ours) == _sums(floor)
    return Row("B4", "FHIR bundle into the chart / parse and insert", resources, times[0][1:], times[1][1:], 2.5)
