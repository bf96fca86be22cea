"""The scrubber ward: one encounter for each thing that an edit finds, read from `edit_cases/*.yaml`.

The tests read the same files: every edit has a case that it finds and one that it lets pass.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from query_mgr.charts.models import Document, Encounter, Patient
from query_mgr.codes import lookup
from query_mgr.codes.loader import load_rows
from query_mgr.codes.rows import CodeRow
from query_mgr.coding.line_details import checked
from query_mgr.coding.models import CodeAssignment, EncounterCoding
from query_mgr.coding.ncci import loader as ncci
from query_mgr.coding.payers import files as policies
from query_mgr.coding.work import kind_of
from query_mgr.platform import clock, yamls
from query_mgr.platform.db import db, unit_of_work
from query_mgr.platform.ids import new_ref

FOLDER = Path(__file__).parent / "edit_cases"
LISTS = Path(__file__).parent / "code_lists"
_KEYS = {"class", "age", "sex", "admitted", "discharged", "disposition", "admitting", "payer", "dx", "px", "services",
         "evidence", "notes", "query", "site"}  # fmt: skip
_AGE = re.compile(r"(\d+)(?: (days?|months?|years?))?")
_DAYS = {"d": 1, "m": 30.5, "y": 365.25, "": 365.25}


class EditCaseError(ValueError):
    """A file of edit cases that cannot be read; the message names file, edit and field."""


@dataclass(frozen=True)
class EditCase:
    """One encounter and whether `edit` finds something on it."""

    edit: str
    name: str
    finds: bool
    spec: Mapping[str, Any]


@cache
def edit_cases() -> tuple[EditCase, ...]:
    """Return every case of every file. Raises EditCaseError."""
    return tuple(one for path in sorted(FOLDER.glob("*.yaml")) for one in _read(path))


def _read(path: Path) -> Iterator[EditCase]:
    for entry in yamls.load(path) or []:
        edit = entry["edit"]
        for word, finds in (("fail", True), ("pass", False)):
            specs = entry.get(word)
            if not specs:
                raise EditCaseError(f"{path.name}: {edit} has no case under {word!r}")
            for number, spec in enumerate(specs if isinstance(specs, list) else [specs], start=1):
                unknown = spec.keys() - _KEYS
                if unknown:
                    raise EditCaseError(f"{path.name}: {edit}: no key {', '.join(sorted(unknown))} in a case")
                yield EditCase(edit, f"{edit}-{word}-{number}", finds, spec)


def codes_in(spec: Mapping[str, Any]) -> set[tuple[str, str]]:
    """Return the codes of a case with their systems."""
    found = {("icd10cm", str(one).split()[0]) for one in spec.get("dx", ())}
    found |= {("icd10pcs", str(one).split()[0]) for one in spec.get("px", ())}
    return found | {(one.get("system", "hcpcs"), str(one["code"])) for one in spec.get("services", ())}


def load_lists() -> None:
    """Load the demo's own short lists: ICD-10-PCS procedures, made-up CPT rows, NCCI tables and payer policies."""
    for system in ("icd10pcs", "cpt"):
        if lookup.edition_on(None, system) is None:
            lines = (LISTS / f"{system}.csv").read_text(encoding="utf-8").splitlines()[1:]
            rows = [CodeRow(line[: line.index(",")], line[line.index(",") + 1 :].strip('"'), True, None, {})
                    for line in lines]  # fmt: skip
            load_rows(rows, "demo", effective_from=date(2015, 10, 1), system=system, is_sample=True)
    ncci.load_shipped("demo")
    policies.load_shipped("demo")


def open_ward() -> None:
    """Store a stay for everything that an edit finds. Queries are asked on the other wards."""
    with unit_of_work():
        shown = [one for one in edit_cases() if one.finds and "query" not in one.spec]
        for number, one in enumerate(shown, start=1):
            store(one, f"SW-{number:03}")


def store(case: EditCase, number: str, payer_key: str = "") -> Encounter:
    """Put a case into the database, in the running transaction, as an interface and a coder would have left it."""
    spec = case.spec
    admitted, discharged = _day(spec.get("admitted", "2026-06-01")), _day(spec.get("discharged", "2026-06-05"))
    patient = Patient(
        source_key=f"ward/{number}", content_hash="0", mrn=number, family_name="Scrubber",
        given_names=case.edit.replace("-", " ").title()[:160], sex=spec.get("sex", "female"),
        birth_on=_born(str(spec.get("age", 60)), admitted) if spec.get("age", 60) else None,
    )  # fmt: skip
    encounter = Encounter(
        source_key=f"ward/{number}", content_hash="0", patient=patient, number=number,
        encounter_class=spec.get("class", "inpatient"), admitted_at=_noon(admitted),
        discharged_at=_noon(discharged), payer=spec.get("payer", ""), reason="Example for the scrubber",
        service_line="Scrubber ward",
    )  # fmt: skip
    db.session.add_all([patient, encounter])
    db.session.flush()
    _notes(spec, encounter)
    lines = list(_lines(spec, encounter, discharged))
    db.session.add_all(lines)
    db.session.add(
        EncounterCoding(
            encounter_id=encounter.id, status="in_progress" if lines else "not_started", revision=len(lines),
            disposition=str(spec.get("disposition", "")), admitting_code=spec.get("admitting", ""),
            payer_key=payer_key or spec.get("payer", ""), started_at=_noon(discharged), changed_at=_noon(discharged),
        )
    )  # fmt: skip
    db.session.flush()
    return encounter


def _lines(spec: Mapping[str, Any], encounter: Encounter, on: date) -> Iterator[CodeAssignment]:
    made: dict[str, CodeAssignment] = {}
    for sequence, one in enumerate(spec.get("dx", ()), start=1):
        code, *poa = str(one).split()
        made[code] = _line(spec, encounter, "icd10cm", code, sequence, on, poa="".join(poa))
        yield made[code]
    for sequence, one in enumerate(spec.get("px", ()), start=1):
        code, *day = str(one).split()
        yield _line(spec, encounter, "icd10pcs", code, sequence, on, served_on=_day(day[0]) if day else None)
    for sequence, one in enumerate(spec.get("services", ()), start=1):
        fields = {key: value for key, value in one.items() if key not in {"code", "system", "on", "pointers"}}
        fields |= {"served_on": one.get("on", on), "units": one.get("units", 1)}
        fields |= {"claim": one.get("claim", "facility"), "provider_id": None}
        values = checked(fields) | {"pointers": [made[code].ref for code in one.get("pointers", ())]}
        day = values["served_on"]
        yield _line(spec, encounter, one.get("system", "hcpcs"), str(one["code"]), sequence, day, **values)


def _line(
    spec: Mapping[str, Any], encounter: Encounter, system: str, code: str, sequence: int, on: date, **values: Any
) -> CodeAssignment:
    kind_of(system)
    known = lookup.find(code, on, system)
    linked = {"kind": "document", "ref": "example", "label": "Example"} if spec.get("evidence", True) else None
    return CodeAssignment(
        ref=new_ref(), encounter_id=encounter.id, system=system, code=code, sequence=sequence, evidence=linked,
        title=known.title if known else "Not in the edition that is loaded", assigned_by="demo",
        assigned_at=clock.now(), **values,
    )  # fmt: skip


def _notes(spec: Mapping[str, Any], encounter: Encounter) -> None:
    for hour, note in enumerate(spec.get("notes", ()), start=1):
        db.session.add(
            Document(
                source_key=f"{encounter.source_key}/{hour}", content_hash="0", patient_id=encounter.patient_id,
                encounter_id=encounter.id, kind=note.get("kind", "progress_note"),
                title=note.get("title", "Progress note"), author_name="E. Example",
                author_role=note.get("by", "attending"), text=note["text"],
                authored_at=encounter.admitted_at + timedelta(hours=hour),
            )
        )  # fmt: skip


def _day(value: Any) -> date:
    return value if isinstance(value, date) else date.fromisoformat(str(value))


def _noon(day: date) -> datetime:
    return datetime.combine(day, time(16), UTC)


def _born(age: str, on: date) -> date:
    found = _AGE.fullmatch(age)
    if not found:
        raise EditCaseError(f"age {age!r}: write 60, 3 days or 14 months")
    count, unit = int(found[1]), (found[2] or "")[:1]
    if unit in ("", "y"):
        return date(on.year - count, on.month, min(on.day, 28))
    return on - timedelta(days=round(count * _DAYS[unit]))
