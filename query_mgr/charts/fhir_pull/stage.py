"""What was fetched and waits to be imported: a file of its own, so that a run that was killed goes on."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import Any

from query_mgr.charts.fhir.intake import Decimal
from query_mgr.charts.fhir_api.entries import written

#: resources that several patients' charts point to
SHARED = ("Practitioner", "PractitionerRole", "Organization", "Location", "Medication", "Binary")
_FETCHED = {*SHARED, "Patient", "Encounter"}
_REFERENCE = re.compile(r"(?:(.*)/)?([A-Z][A-Za-z]+)/([A-Za-z0-9\-.]{1,64})(?:/_history/[^/]*)?")
_OF_PATIENT = ("subject", "patient", "beneficiary")
_MARKS = ",".join("?" * len(SHARED))
_SCHEMA = """
CREATE TABLE IF NOT EXISTS resource (
  kind TEXT, id TEXT, patient TEXT, updated TEXT, text TEXT, PRIMARY KEY (kind, id)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS resource_patient ON resource (patient);
CREATE TABLE IF NOT EXISTS reference (
  kind TEXT, id TEXT, to_kind TEXT, to_id TEXT, PRIMARY KEY (kind, id, to_kind, to_id)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS reference_to ON reference (to_kind, to_id);
CREATE TABLE IF NOT EXISTS missing (kind TEXT, id TEXT, PRIMARY KEY (kind, id)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS progress (name TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID;
"""


class Stage:
    """Resources by type and id, each as it was sent; what is added inside `with` is kept together or not at all."""

    def __init__(self, path: Path, base_url: str) -> None:
        self._base_url = base_url
        self._db = sqlite3.connect(path, isolation_level=None)
        self._db.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;" + _SCHEMA)

    def __enter__(self) -> Stage:
        self._db.execute("BEGIN IMMEDIATE")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._db.execute("ROLLBACK" if kind else "COMMIT")

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()

    def add(self, resource: dict[str, Any], text: str | None = None) -> bool:
        """Keep a resource, in place of an older version of it; return False where it has no type or id."""
        kind, given = resource.get("resourceType"), resource.get("id")
        if not isinstance(kind, str) or not isinstance(given, str) or not kind or not given:
            return False
        meta = resource.get("meta")
        updated = str(meta.get("lastUpdated", "")) if isinstance(meta, dict) else ""
        row = (kind, given, self._patient_of(resource), updated, text or written(resource).decode())
        self._db.execute(
            "INSERT INTO resource VALUES (?, ?, ?, ?, ?) ON CONFLICT (kind, id) DO UPDATE SET "
            "patient = excluded.patient, updated = excluded.updated, text = excluded.text "
            "WHERE excluded.updated >= updated",
            row,
        )
        targets = {target for target in map(self._target, _addresses(resource)) if target}
        rows = ((kind, given, *target) for target in targets if target[0] in _FETCHED)
        self._db.executemany("INSERT OR IGNORE INTO reference VALUES (?, ?, ?, ?)", rows)
        return True

    def miss(self, kind: str, given: str) -> None:
        """Note that the server does not give out a resource."""
        self._db.execute("INSERT OR IGNORE INTO missing VALUES (?, ?)", (kind, given))

    def wanted(self) -> list[tuple[str, str]]:
        """Return the resources that are pointed to and are neither here nor known to be missing."""
        return list(
            self._db.execute(
                "SELECT DISTINCT to_kind, to_id FROM reference "
                "WHERE NOT EXISTS (SELECT 1 FROM resource WHERE kind = to_kind AND resource.id = to_id) "
                "AND NOT EXISTS (SELECT 1 FROM missing WHERE kind = to_kind AND missing.id = to_id) ORDER BY 1, 2"
            )
        )

    def note(self, name: str, value: str) -> None:
        """Write down how far a step is."""
        self._db.execute("INSERT OR REPLACE INTO progress VALUES (?, ?)", (name, value))

    def noted(self, name: str) -> str | None:
        """Return how far a step is, or None where it was not begun."""
        row = self._db.execute("SELECT value FROM progress WHERE name = ?", (name,)).fetchone()
        return str(row[0]) if row else None

    def clear(self) -> None:
        """Forget everything: an export that the server dropped is asked for anew."""
        for table in ("resource", "reference", "missing", "progress"):
            self._db.execute(f"DELETE FROM {table}")

    def count(self) -> int:
        """Return how many resources are here."""
        return int(self._db.execute("SELECT count(*) FROM resource").fetchone()[0])

    def stray(self) -> int:
        """Return how many resources belong to no patient, and to no chart."""
        row = self._db.execute(
            f"SELECT count(*) FROM resource WHERE patient = '' AND kind NOT IN ({_MARKS})", SHARED
        ).fetchone()
        return int(row[0])

    def patients(self) -> list[str]:
        """Return the ids of all patients that something belongs to, in order."""
        rows = self._db.execute("SELECT DISTINCT patient FROM resource WHERE patient != '' ORDER BY 1")
        return [row[0] for row in rows]

    def directory(self) -> Iterator[str]:
        """Yield the practitioners and where they work, in order."""
        kinds = "('Practitioner', 'PractitionerRole', 'Organization', 'Location')"
        yield from (
            row[0]
            for row in self._db.execute(f"SELECT text FROM resource WHERE kind IN {kinds} ORDER BY kind, id")
        )

    def chart(self, patient: str) -> list[str]:
        """Return everything of one patient and what it points to."""
        rows = self._db.execute(
            "WITH RECURSIVE own(kind, id) AS (SELECT kind, id FROM resource WHERE patient = :patient "
            "UNION SELECT to_kind, to_id FROM reference JOIN own ON own.kind = reference.kind AND own.id = reference.id "
            "WHERE to_kind IN ('Practitioner', 'PractitionerRole', 'Organization', 'Location', 'Medication', 'Binary')), "
            "roles(kind, id) AS (SELECT reference.kind, reference.id FROM reference JOIN own "
            "ON own.kind = to_kind AND own.id = to_id "
            "WHERE reference.kind = 'PractitionerRole' AND to_kind = 'Practitioner') "
            "SELECT text FROM resource JOIN (SELECT * FROM own UNION SELECT * FROM roles) AS mine "
            "ON mine.kind = resource.kind AND mine.id = resource.id ORDER BY resource.kind, resource.id",
            {"patient": patient},
        )
        return [row[0] for row in rows]

    def _patient_of(self, resource: dict[str, Any]) -> str:
        if resource.get("resourceType") == "Patient":
            return str(resource["id"])
        for name in _OF_PATIENT:
            value = resource.get(name)
            target = self._target(value.get("reference")) if isinstance(value, dict) else None
            if target and target[0] == "Patient":
                return target[1]
        return ""

    def _target(self, address: object) -> tuple[str, str] | None:
        """Return type and id of a reference into this server, or None."""
        match = _REFERENCE.fullmatch(address) if isinstance(address, str) else None
        if match is None or (match[1] and match[1] != self._base_url):
            return None
        return match[2], match[3]


def _addresses(resource: dict[str, Any]) -> Iterator[object]:
    todo: list[Any] = [resource]
    while todo:
        value = todo.pop()
        if isinstance(value, dict):
            yield value.get("reference")
            if "contentType" in value or "url" in value:
                yield value.get("url")
            todo += value.values()
        elif isinstance(value, list):
            todo += value


def read_object(text: str | bytes) -> dict[str, Any]:
    """Return a JSON object whose numbers remember how they were written. Raises ValueError."""
    value = json.loads(text, parse_float=_as_written)
    if not isinstance(value, dict):
        raise ValueError("no object")
    return value


def _as_written(text: str) -> Decimal:
    number = Decimal(text)
    number.written = text
    return number


def bundle_of(resources: Iterable[str]) -> bytes:
    """Return resources as a searchset, whose entries stand or fall one by one."""
    entries = ",".join(f'{{"resource":{text}}}' for text in resources)
    return f'{{"resourceType":"Bundle","type":"searchset","entry":[{entries}]}}'.encode()
