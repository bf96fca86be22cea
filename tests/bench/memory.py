"""Memory: what importing a 200 MB bundle adds to a process that has imported a small one."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.bench.timing import Row

MEGABYTES = 200
MAY_ADD = 150  # MB


def _chart(number: int) -> list[dict[str, Any]]:
    """Return the resources of one patient with about 300 results."""
    subject, stay = {"reference": f"Patient/p{number}"}, {"reference": f"Encounter/e{number}"}
    patient = {
        "resourceType": "Patient", "id": f"p{number}", "gender": "female", "birthDate": "1950-02-03",
        "identifier": [{"system": "http://h.example/mrn", "value": f"{number:07}"}], "name": [{"family": "Testperson"}],
    }  # fmt: skip
    encounter = {
        "resourceType": "Encounter", "id": f"e{number}", "status": "finished", "class": {"code": "IMP"},
        "subject": subject, "period": {"start": "2026-03-01T08:00:00Z", "end": "2026-03-05T12:00:00Z"},
    }  # fmt: skip
    results = [
        {
            "resourceType": "Observation", "id": f"o{number}-{n}", "status": "final", "subject": subject,
            "category": [{"coding": [{"system": "http://terminology.hl7.org/CodeSystem/observation-category", "code": "laboratory"}]}],
            "code": {"coding": [{"system": "http://loinc.org", "code": "2160-0"}], "text": "Creatinine"},
            "encounter": stay, "effectiveDateTime": f"2026-03-02T06:{n % 60:02}:00Z",
            "valueQuantity": {"value": 1.1 + n / 100, "unit": "mg/dL", "system": "http://unitsofmeasure.org"},
            "referenceRange": [{"low": {"value": 0.6}, "high": {"value": 1.3}}],
        }
        for n in range(300)
    ]  # fmt: skip
    return [patient, encounter, *results]


def write_bundle(path: Path, megabytes: int) -> int:
    """Write a transaction of about that size; return how many resources it holds."""
    count = number = 0
    with path.open("w", encoding="utf-8") as file:
        file.write('{"resourceType":"Bundle","type":"transaction","entry":[')
        while file.tell() < megabytes * 1_000_000:
            for one in _chart(number):
                entry = {"fullUrl": f"http://h.example/fhir/{one['resourceType']}/{one['id']}", "resource": one}
                file.write(("," if count else "") + json.dumps(entry))
                count += 1
            number += 1
        file.write("]}")
    return count


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def measure(folder: Path) -> None:
    """Import the small bundle and then the large one, both in `folder`; print what the second added, and the peak."""
    from app import create_app
    from query_mgr.charts.actions import import_file
    from query_mgr.platform.db import db
    from tests.conftest import settings_for

    application = create_app(settings_for(folder, f"sqlite:///{folder / 'charts.sqlite'}"))
    with application.app_context():
        db.create_all()
        import_file(folder / "small.json", "small.json", by="bench")
        before = _peak()
        report = import_file(folder / "large.json", "large.json", by="bench")
        print(json.dumps({"status": report.status, "facts": report.facts, "before": before, "peak": _peak()}))


def run(folder: Path, megabytes: int = MEGABYTES) -> Row:
    """Return the row: MB added, beside the MB that may be added."""
    write_bundle(folder / "small.json", 1)
    count = write_bundle(folder / "large.json", megabytes)
    found = subprocess.run(
        [sys.executable, "-m", "tests.bench.memory", str(folder)], capture_output=True, text=True, check=True
    )
    (folder / "large.json").unlink()
    said = json.loads(found.stdout.splitlines()[-1])
    assert said["status"] == "imported", said
    assert said["facts"] == count * 300 // 302, said
    added, allowed = [max(said["peak"] - said["before"], 1.0)] * 3, [float(MAY_ADD)] * 3
    return Row("G2", f"{megabytes} MB bundle, MB added / {MAY_ADD} MB", count, added, allowed, 1.0)


if __name__ == "__main__":
    measure(Path(sys.argv[1]))
