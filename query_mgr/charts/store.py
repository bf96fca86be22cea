"""Keep a chart bundle: all of it or nothing, and nothing twice."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

from sqlalchemy import Table, bindparam, insert, null, select, text, update

from query_mgr.accounts.models import Provider
from query_mgr.audit import actions as audit
from query_mgr.charts import events, history, likenesses
from query_mgr.charts.arrivals import publish_arrived
from query_mgr.charts.directory import store_providers
from query_mgr.charts.identity import link_awaiting, with_survivors
from query_mgr.charts.models import Document, Encounter, Fact, Patient, SentCode
from query_mgr.charts.names import meanings, with_names
from query_mgr.charts.records import (
    ChartBundle,
    ChartError,
    ChartRecord,
    Counts,
    DocumentRecord,
    EncounterRecord,
    FactRecord,
    HeldPart,
    PatientRecord,
    Refuse,
    SentCodeRecord,
    StoreCounts,
    content_hash,
)
from query_mgr.charts.remembered import facts_changed
from query_mgr.charts.rows import row_of
from query_mgr.charts.sensitivity import joined
from query_mgr.platform import clock
from query_mgr.platform.db import Model, chunks, db, is_postgresql, unit_of_work
from query_mgr.platform.ids import new_ref

_IMPORT_LOCK = 0x63_68_61_72  # any fixed number: two imports of the same chart must not race
_Owned = EncounterRecord | DocumentRecord | FactRecord | SentCodeRecord
_OWN_ROWS: tuple[tuple[str, type[Model]], ...] = (
    ("patients", Patient),
    ("encounters", Encounter),
    ("documents", Document),
    ("facts", Fact),
    ("codes", SentCode),
)


class _Kept(NamedTuple):
    id: int
    ref: str
    content_hash: str
    patient_id: int
    encounter_id: int | None


class UnknownPatientError(ChartError):
    """A row of a patient who is neither in the bundle nor in this database."""


class ContestedError(ChartError):
    """A row that is on file under another patient; a merge of the two may settle it."""


def lock_imports() -> None:
    """Let one import after the other write, until the transaction ends."""
    if is_postgresql():
        db.session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _IMPORT_LOCK})


@dataclass
class Refusals:
    """What becomes of rows that cannot be kept: without `make` the first is raised and nothing is kept."""

    make: Refuse | None = None
    parts: dict[str, HeldPart] = field(default_factory=dict)  # by the place in the file
    keys: set[str] = field(default_factory=set)
    has_strangers: bool = False  # rows of patients who are not on file

    def add(self, key: str, error: ChartError) -> None:
        """Let one row wait, or raise."""
        if self.make is None:
            raise error
        is_stranger = isinstance(error, UnknownPatientError)
        self.has_strangers |= is_stranger
        self.keys.add(key)
        part = self.make(key, "reference" if is_stranger else "conflict", str(error))
        self.parts.setdefault(part.where, part)


def store(bundle: ChartBundle, by: str, refusals: Refusals | None = None) -> StoreCounts:
    """Keep `bundle` in one transaction, joining a running one, and return what was new, changed and known.

    A row is refused that refers to a patient who does not exist, or is on file under another patient. Without
    `refusals` that, and an encounter of another patient, is a ChartError and nothing is kept; else the rest is kept.
    """
    counts, refusals = StoreCounts(), refusals or Refusals()
    with unit_of_work():
        lock_imports()
        bundle = with_survivors(with_names(bundle))
        ids = {"providers": store_providers(bundle.providers, counts.providers), "patients": {}, "encounters": {}}
        _find_providers(_provider_keys(bundle) - ids["providers"].keys(), ids["providers"])
        for kind, model in _OWN_ROWS:
            records: Sequence[ChartRecord] = getattr(bundle, kind)
            if records:
                known = _resolved(records, ids, counts, refusals)
                own_keys = {key: own for of, key, own in bundle.own_keys if of == kind}
                ids[kind] = _store_rows(model, kind, known, ids, getattr(counts, kind), by, refusals, own_keys)
        if not counts.is_unchanged:
            _record_import(bundle, counts, ids, by)
    return counts


def _record_import(
    bundle: ChartBundle, counts: StoreCounts, ids: Mapping[str, Mapping[str, int]], by: str
) -> None:
    subject = ("chart", "directory")
    if bundle.patients:
        patient_id = ids["patients"][bundle.patients[0].source_key]
        subject = ("patient", str(db.session.scalar(select(Patient.ref).where(Patient.id == patient_id))))
    numbers = {
        kind: [each.created, each.updated, each.unchanged] for kind, each in counts.by_kind().items() if each.total
    }
    audit.record(by, "chart.imported", *subject, created_updated_unchanged=numbers)


def _provider_keys(bundle: ChartBundle) -> set[str]:
    keys = {each.attending_key for each in bundle.encounters} | {each.author_key for each in bundle.documents}
    return {key for key in keys if key}


def _find_providers(keys: set[str], ids: dict[str, int]) -> None:
    """Note the ids of providers who are on file, by their key or by the name that an earlier file gave them."""
    ids |= _ids_of(Provider, keys)
    names = meanings({key for key in keys - ids.keys() if key.startswith("Practitioner/")})
    found = _ids_of(Provider, names.values())
    ids |= {name: found[key] for name, key in names.items() if key in found}


def _resolved(
    records: Sequence[ChartRecord], ids: dict[str, dict[str, int]], counts: StoreCounts, refusals: Refusals
) -> Sequence[ChartRecord]:
    """Find the patients and encounters that records refer to but the bundle did not bring; return what can be kept.

    A row whose encounter never came, or is another patient's where rows stand or fall one by one, stays with its
    patient; it is linked when it is sent again after the encounter.
    """
    if isinstance(records[0], PatientRecord):
        return records
    owned = [one for one in records if not isinstance(one, PatientRecord)]  # all, of one type
    ids["patients"] |= _ids_of(Patient, {one.patient_key for one in owned} - ids["patients"].keys())
    owners = _owners_of(set(filter(None, map(_encounter_key, owned))), ids["encounters"])
    kept = []
    for one in owned:
        error = _why_not(one, ids, refusals.keys)
        if error:
            refusals.add(one.source_key, error)
            continue
        key = _encounter_key(one)
        if key and owners.get(key) != ids["patients"][one.patient_key]:
            if key in owners and refusals.make is None:
                raise ContestedError(f"{one.source_key} names {key}, which is on file for another patient")
            counts.unlinked += 1
            one = _without_encounter(one) if key in owners else one
        kept.append(one)
    return kept


def _encounter_key(record: ChartRecord) -> str | None:
    return None if isinstance(record, (PatientRecord, EncounterRecord)) else record.encounter_key


def _without_encounter(record: _Owned) -> _Owned:
    return record if isinstance(record, EncounterRecord) else replace(record, encounter_key=None)


def _why_not(record: _Owned, ids: Mapping[str, Mapping[str, int]], refused: Container[str]) -> ChartError | None:
    """Return why a row cannot be kept, or None where it can."""
    key, patient_key, encounter_key = record.source_key, record.patient_key, _encounter_key(record)
    if patient_key not in ids["patients"]:
        return UnknownPatientError(
            f"{key} belongs to {patient_key}, who is neither in this file nor on file here; "
            "send the patient in the same file or before it"
        )
    if encounter_key is not None and encounter_key in refused:
        return ChartError(f"{key} belongs to {encounter_key}, which waits; mend that one first")
    return None


def _owners_of(keys: Iterable[str], ids: dict[str, int]) -> dict[str, int]:
    """Return whose each of these encounters is, and note their ids."""
    owners = {}
    for chunk in chunks(keys):
        wanted = select(Encounter.source_key, Encounter.id, Encounter.patient_id)
        for key, encounter_id, patient_id in db.session.execute(wanted.where(Encounter.source_key.in_(chunk))):
            ids[key], owners[key] = encounter_id, patient_id
    return owners


def _ids_of(model: Any, keys: Iterable[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for chunk in chunks(keys):
        for row in db.session.execute(select(model.source_key, model.id).where(model.source_key.in_(chunk))):
            found[row.source_key] = row.id
    return found


def _kept(model: Any, keys: Iterable[str]) -> dict[str, _Kept]:
    patient = model.patient_id if hasattr(model, "patient_id") else model.id
    encounter = model.encounter_id if hasattr(model, "encounter_id") else null()
    columns = (model.source_key, model.id, model.ref, model.content_hash, patient, encounter)
    found: dict[str, _Kept] = {}
    for chunk in chunks(keys):
        for key, *rest in db.session.execute(select(*columns).where(model.source_key.in_(chunk))):
            found[key] = _Kept(*rest)
    return found


def _store_rows(
    model: type[Model],
    kind: str,
    records: Sequence[ChartRecord],
    ids: Mapping[str, Mapping[str, int]],
    counts: Counts,
    by: str,
    refusals: Refusals,
    own_keys: Mapping[str, str],
) -> dict[str, int]:
    """Insert the new rows, update the changed ones; return the id of every key (for parents only)."""
    by_key: dict[str, ChartRecord] = {}
    for record in records:
        other = by_key.setdefault(record.source_key, record)
        if other is not record and other != record:
            text = f"{record.source_key} comes twice with different content; send each row once"
            refusals.add(record.source_key, ChartError(text))
    kept = _kept(model, by_key)
    new: list[dict[str, Any]] = []
    changed: list[tuple[_Kept, dict[str, Any]]] = []
    for key, record in by_key.items():
        own, old = own_keys.get(key), kept.get(key)
        # What a source sends stays the same row when patients are merged in between.
        hashed = content_hash(replace(record, patient_key=own) if own else record)  # type: ignore[arg-type]
        if old and old.content_hash == hashed and not _is_linkable(old, record, ids):
            counts.unchanged += 1
            continue
        try:
            row = row_of(model, record, ids)
            if old and kind != "patients" and old.patient_id != row["patient_id"]:
                raise ContestedError(
                    f"{key} is already on file for another patient; correct the id where it comes from"
                )
        except ChartError as error:
            refusals.add(key, error)
            continue
        row["content_hash"] = hashed
        if kind != "patients":
            row["own_patient_key"] = own
        if old is None:
            row["ref"] = new_ref()
            new.append(row)
            continue
        if model is Document:
            row["changed_at"] = clock.now()
        changed.append((old, row))
    moved: frozenset[str] = frozenset()
    if kind == "encounters":
        _keep_labels([row for _, row in changed])
    if kind == "documents":
        history.keep_versions([(old.id, row) for old, row in changed])
    _write(model, new, changed)
    if kind == "documents":
        moved = _settle_documents(by_key, new, changed)
    if kind == "facts":
        written = (*new, *(row for _, row in changed))
        facts_changed([row["encounter_id"] for row in written] + [old.encounter_id for old, _ in changed])
    if kind == "patients":
        likenesses.note({row["source_key"] for row in (*new, *(row for _, row in changed))})
    if kind == "encounters":
        link_awaiting({row["source_key"] for row in new})
    counts.created, counts.updated = len(new), len(changed)
    _record_changes(kind, changed, by)
    _tell_arrived(kind, new, changed, moved)
    if moved or (changed and kind in {"documents", "facts"}):
        events.publish_changed(moved | {old.ref for old, _ in changed})
    return _ids_of(model, by_key) if kind in {"patients", "encounters"} else {}


def _keep_labels(changed: list[dict[str, Any]]) -> None:
    """Leave every sensitivity label on a stay: a source that does not know one says nothing against it."""
    for keys in chunks(row["source_key"] for row in changed):
        held = select(Encounter.source_key, Encounter.sensitivity)
        labels = dict(db.session.execute(held.where(Encounter.source_key.in_(keys))).tuples().all())
        for row in changed:
            if row["source_key"] in labels:
                row["sensitivity"] = joined(f"{row['sensitivity']} {labels[row['source_key']]}".split())


def _tell_arrived(
    kind: str, new: list[dict[str, Any]], changed: list[tuple[_Kept, dict[str, Any]]], moved: frozenset[str]
) -> None:
    """Say which stays got or changed what. A changed document, or stay, may no longer say what it said."""
    if kind == "encounters":
        publish_arrived([(old.id, None) for old, _ in changed])
    if kind in {"documents", "facts"}:
        came = [(row["encounter_id"], row["ref"]) for row in new]
        now = [(row["encounter_id"], old.ref if kind == "facts" else None) for old, row in changed]
        left = [(old.encounter_id, None) for old, row in changed if old.encounter_id != row["encounter_id"]]
        publish_arrived([*came, *now, *left, *((one, None) for one in _stays_of(moved))])


def _stays_of(document_refs: frozenset[str]) -> Iterator[int | None]:
    for refs in chunks(document_refs):
        yield from db.session.scalars(select(Document.encounter_id).where(Document.ref.in_(refs)).distinct())


def _settle_documents(
    by_key: Mapping[str, ChartRecord], new: list[dict[str, Any]], changed: list[tuple[_Kept, dict[str, Any]]]
) -> frozenset[str]:
    """Keep what comes with documents that were written; return the refs of those that others replace now or no more."""
    written = [by_key[row["source_key"]] for row in (*new, *(row for _, row in changed))]
    documents = [one for one in written if isinstance(one, DocumentRecord)]
    had_files = {row["source_key"] for _, row in changed}
    history.keep_attachments([one for one in documents if one.attachments or one.source_key in had_files])
    moved = history.settle_replaced(documents)
    if moved:
        db.session.expire_all()
    return moved


def _is_linkable(old: _Kept, record: ChartRecord, ids: Mapping[str, Mapping[str, int]]) -> bool:
    """Return whether a row that was kept before its encounter came can be put under it now."""
    key = getattr(record, "encounter_key", None)
    return key is not None and old.encounter_id is None and key in ids["encounters"]


def _write(model: type[Model], new: list[dict[str, Any]], changed: list[tuple[_Kept, dict[str, Any]]]) -> None:
    table = model.__table__
    assert isinstance(table, Table)
    if new:
        db.session.execute(insert(table), new)
    if changed:
        names = [name for name in changed[0][1] if name != "source_key"]
        statement = update(table).where(table.c.id == bindparam("_id"))
        statement = statement.values({name: bindparam(f"_{name}") for name in names})
        rows = [{"_id": old.id} | {f"_{name}": row[name] for name in names} for old, row in changed]
        db.session.connection().execute(statement, rows)
        db.session.expire_all()  # what this session read before is old now


def _record_changes(kind: str, changed: list[tuple[_Kept, dict[str, Any]]], by: str) -> None:
    """Say in the audit trail which rows changed; facts, which come by the hundred, in one event per patient."""
    if kind != "facts":
        for old, row in changed:
            detail = {"was": old.content_hash[:16], "now": row["content_hash"][:16]}
            audit.record(by, "chart.changed", kind[:-1], old.ref, **detail)
        return
    patients: dict[int, list[list[str]]] = {}
    for old, row in changed:
        patients.setdefault(row["patient_id"], []).append(
            [old.ref, old.content_hash[:16], row["content_hash"][:16]]
        )
    for patient_id, facts in patients.items():
        ref = db.session.scalar(select(Patient.ref).where(Patient.id == patient_id))
        audit.record(by, "chart.changed", "patient", str(ref), facts=facts)
