"""What the database knows that a table is read against."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import date, tzinfo
from typing import Any

from sqlalchemy import select

from query_mgr.accounts.models import Provider
from query_mgr.charts.identity import survivors
from query_mgr.charts.models import Encounter, Patient, PatientAlias
from query_mgr.charts.records import PatientRecord
from query_mgr.charts.tables.hospital import Hospital, Stay, no_folder
from query_mgr.charts.tables.mangled import zero_width
from query_mgr.codes import lookup
from query_mgr.platform import clock
from query_mgr.platform.db import chunks, db


def the_hospital(zone: tzinfo, read_file: Any = no_folder) -> Hospital:
    """Return the surroundings of a table that is imported here and now."""
    return Hospital(
        zone=zone,
        read_file=read_file,
        patients=_patients,
        zero_widths=_zero_widths,
        stays=lambda numbers: _stays(numbers, zone),
        unreportable=_unreportable,
        without_edition=lambda days: {day for day in days if not lookup.has_edition(day)},
        inactive_npis=_inactive,
    )


def _patients(keys: Collection[str]) -> Mapping[str, PatientRecord]:
    merged: dict[str, str] = {}
    for chunk in chunks(keys):
        merged |= survivors(chunk)
    names = ("source_key", *(name for name in PatientRecord.__slots__ if name != "source_key"))
    columns = [getattr(Patient, name) for name in names]
    found: dict[str, PatientRecord] = {}
    for chunk in chunks({merged.get(key, key) for key in keys}):
        for row in db.session.execute(select(*columns).where(Patient.source_key.in_(chunk))):
            found[row.source_key] = PatientRecord(**dict(zip(names, row, strict=True)))
    now = {key: merged.get(key, key) for key in keys}
    return {key: found[at] for key, at in now.items() if at in found}


def _zero_widths(authorities: Collection[str]) -> Mapping[str, int]:
    """Return the width of each authority's numbers with leading zeros, judged by the latest thousand."""
    found: dict[str, int] = {}
    for one in sorted(authorities):
        zeros = select(Patient.mrn).where(Patient.source_key.startswith(f"{one}|0", autoescape=True))
        if width := zero_width(db.session.scalars(zeros.order_by(Patient.id.desc()).limit(1000))):
            found[one] = width
    return found


def _stays(numbers: Collection[str], zone: tzinfo) -> Mapping[str, Collection[Stay]]:
    rows: list[Any] = []
    query = select(
        Encounter.source_key,
        Encounter.number,
        Encounter.discharged_at,
        Patient.source_key.label("patient"),
        Patient.mrn,
    ).join(Patient, Patient.id == Encounter.patient_id)
    for chunk in chunks(numbers):
        rows += db.session.execute(query.where(Encounter.number.in_(chunk)).order_by(Encounter.id)).all()
    former = _former_mrns({row.patient for row in rows})
    found: dict[str, list[Stay]] = defaultdict(list)
    for row in rows:
        coded_on = (row.discharged_at or clock.now()).astimezone(zone).date()
        mrns = frozenset({row.mrn, *former.get(row.patient, ())})
        found[row.number].append(Stay(row.source_key, row.patient, row.number, mrns, coded_on))
    return found


def _former_mrns(patients: Collection[str]) -> Mapping[str, Collection[str]]:
    """Return the numbers that were merged into each patient, over any number of merges."""
    found: dict[str, set[str]] = defaultdict(set)
    wanted = {key: key for key in patients}  # key asked for -> the patient it stands for now
    while wanted:
        older: dict[str, str] = {}
        for chunk in chunks(wanted):
            aliases = select(PatientAlias.source_key, PatientAlias.survivor_key)
            for row in db.session.execute(aliases.where(PatientAlias.survivor_key.in_(chunk))):
                older[row.source_key] = wanted[row.survivor_key]
                found[wanted[row.survivor_key]].add(row.source_key.rpartition("|")[2])
        wanted = {key: patient for key, patient in older.items() if key not in patients}
    return found


def _unreportable(pairs: Collection[tuple[str, date]]) -> Mapping[tuple[str, date], str]:
    codes: dict[date, set[str]] = defaultdict(set)
    for code, on in pairs:
        codes[on].add(code)
    return {
        (code, on): why for on, wanted in codes.items() for code, why in lookup.unreportable(wanted, on).items()
    }


def _inactive(npis: Collection[str]) -> Collection[str]:
    found: set[str] = set()
    for chunk in chunks(npis):
        query = select(Provider.npi).where(Provider.npi.in_(chunk), Provider.is_active.is_(False))
        found |= {npi for npi in db.session.scalars(query) if npi}
    return found
