"""Gather the sheet of a version from the database."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from sqlalchemy import select

from query_mgr.accounts.models import Provider
from query_mgr.charts.models import Encounter
from query_mgr.codes import lookup
from query_mgr.coding.handoff.models import HandOff
from query_mgr.coding.handoff.sheet import Codes, Patient, Person, Sheet, Stay, codes_of
from query_mgr.coding.models import CodingVersion
from query_mgr.platform.db import db


def sheet_of(encounter: Encounter, version: CodingVersion) -> Sheet:
    """Return what billing is told of `version`, given what it accepted of the encounter before."""
    taken = [one for one in _taken(encounter) if one.version_id != version.id]
    versions = {one.version_id: one.version for one in taken} | {version.id: version}
    people = _people(one.content for one in versions.values())
    codes = {key: _codes(one, people, encounter) for key, one in versions.items()}
    earlier: dict[str, tuple[Codes, ...]] = {}
    prior: dict[str, str] = {}
    for one in taken:
        earlier[one.format] = (*earlier.get(one.format, ()), codes[one.version_id])
        prior[one.format] = one.ref
    return Sheet(
        _patient(encounter), _stay(encounter), codes[version.id], version.ref, version.made_at,
        version.reason, earlier, prior,
    )  # fmt: skip


def _taken(encounter: Encounter) -> list[HandOff]:
    wanted = select(HandOff).join(CodingVersion, CodingVersion.id == HandOff.version_id)
    wanted = wanted.where(HandOff.encounter_id == encounter.id, HandOff.state == "accepted")
    return list(db.session.scalars(wanted.order_by(CodingVersion.number, HandOff.id)))


def _codes(version: CodingVersion, people: dict[int, Person], encounter: Encounter) -> Codes:
    content, titles = version.content, {}
    if admitting := content.get("admitting_code"):
        found = lookup.find(admitting, date.fromisoformat(content["coded_on"]), "icd10cm")
        titles[admitting] = found.title if found else ""
    return codes_of(version.number, content, people, encounter.ref, titles)


def _people(contents: Iterable[dict[str, Any]]) -> dict[int, Person]:
    ids = {one["provider"] for content in contents for kind in ("procedures", "services") for one in content[kind]}
    wanted = select(Provider).where(Provider.id.in_(ids - {None}))
    return {one.id: _person(one) for one in db.session.scalars(wanted)}


def _person(one: Provider) -> Person:
    given, _, family = one.name.strip().rpartition(" ")
    if one.npi:
        return Person(one.npi, family, given, one.credentials, is_npi=True)
    return Person(one.ref, family, given, one.credentials)


def _patient(encounter: Encounter) -> Patient:
    one = encounter.patient
    authority = _authority(one.source_key, one.mrn)
    return Patient(one.mrn, authority, one.family_name, one.given_names, one.birth_on, one.sex)


def _stay(encounter: Encounter) -> Stay:
    authority = _authority(encounter.source_key.removeprefix("visit "), encounter.number)
    return Stay(
        encounter.ref, encounter.number, authority, encounter.encounter_class, encounter.admitted_at,
        encounter.discharged_at, encounter.facility, encounter.service_line,
        _person(encounter.attending) if encounter.attending else None,
    )  # fmt: skip


def _authority(source_key: str, value: str) -> str:
    """Return who assigned a number, as the key of a row that came from HL7 v2 says: "RIVERBEND|000123"."""
    name, bar, said = source_key.partition("|")
    return name if bar and said == value and "/" not in name else ""
