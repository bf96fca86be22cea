"""Keep a chart bundle: all of it or nothing, and nothing twice."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import String, Table, bindparam, insert, null, select, text, update

from query_mgr.accounts.models import Provider
from query_mgr.audit import actions as audit
from query_mgr.charts import events, history
from query_mgr.charts.identity import with_survivors
from query_mgr.charts.models import Document, Encounter, Fact, Patient, SentCode
from query_mgr.charts.records import (
    ChartBundle,
    ChartError,
    ChartRecord,
    Counts,
    DocumentRecord,
    ProviderRecord,
    StoreCounts,
    content_hash,
)
from query_mgr.platform import clock
from query_mgr.platform.db import Model, db, is_postgresql, unit_of_work
from query_mgr.platform.ids import new_ref

_IMPORT_LOCK = 0x63_68_61_72  # any fixed number: two imports of the same chart must not race
_KEYS_PER_SELECT = 500  # below every database's limit of parameters
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


def store(bundle: ChartBundle, by: str) -> StoreCounts:
    """Keep `bundle` in one transaction, joining a running one, and return what was new, changed and known.

    Raises ChartError (nothing is kept) where a row refers to a patient who does not exist, or is already on file
    under another patient.
    """
    counts = StoreCounts()
    with unit_of_work():
        lock_imports()
        bundle = with_survivors(bundle)
        ids = {"providers": _store_providers(bundle.providers, counts.providers)}
        ids["providers"] |= _ids_of(Provider, _provider_keys(bundle) - ids["providers"].keys())
        for kind, model in _OWN_ROWS:
            records: Sequence[ChartRecord] = getattr(bundle, kind)
            _resolve(records, ids, counts)
            ids[kind] = _store_rows(model, kind, records, ids, getattr(counts, kind), by)
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


def _resolve(records: Sequence[ChartRecord], ids: dict[str, dict[str, int]], counts: StoreCounts) -> None:
    """Find the patients and encounters that records refer to but the bundle did not bring.

    A row without its patient is refused. One whose encounter never came stays with its patient and is linked when
    it is sent again after the encounter.
    """
    for target, model, name in (("patients", Patient, "patient_key"), ("encounters", Encounter, "encounter_key")):
        users: dict[str, list[str]] = {}
        for record in records:
            key = getattr(record, name, None)
            if key and key not in ids.get(target, {key: 0}):
                users.setdefault(key, []).append(record.source_key)
        found = _ids_of(model, users)
        ids.setdefault(target, {}).update(found)
        for key in users.keys() - found.keys():
            if target == "encounters":
                counts.unlinked += len(users[key])
                continue
            raise UnknownPatientError(
                f"{users[key][0]} belongs to {key}, who is neither in this file nor on file here; "
                "send the patient in the same file or before it"
            )


def _chunks(keys: Iterable[str]) -> Iterable[list[str]]:
    ordered = sorted(keys)
    return (ordered[at : at + _KEYS_PER_SELECT] for at in range(0, len(ordered), _KEYS_PER_SELECT))


def _ids_of(model: Any, keys: Iterable[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for chunk in _chunks(keys):
        for row in db.session.execute(select(model.source_key, model.id).where(model.source_key.in_(chunk))):
            found[row.source_key] = row.id
    return found


def _kept(model: Any, keys: Iterable[str]) -> dict[str, _Kept]:
    patient = model.patient_id if hasattr(model, "patient_id") else model.id
    encounter = model.encounter_id if hasattr(model, "encounter_id") else null()
    columns = (model.source_key, model.id, model.ref, model.content_hash, patient, encounter)
    found: dict[str, _Kept] = {}
    for chunk in _chunks(keys):
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
) -> dict[str, int]:
    """Insert the new rows, update the changed ones; return the id of every key (for parents only)."""
    by_key: dict[str, ChartRecord] = {}
    for record in records:
        if by_key.setdefault(record.source_key, record) != record:
            raise ChartError(f"{record.source_key} comes twice with different content; send each row once")
    kept = _kept(model, by_key)
    new: list[dict[str, Any]] = []
    changed: list[tuple[_Kept, dict[str, Any]]] = []
    for key, record in by_key.items():
        hashed, old = content_hash(record), kept.get(key)
        if old and old.content_hash == hashed and not _is_linkable(old, record, ids):
            counts.unchanged += 1
            continue
        row = _row(model, record, ids) | {"content_hash": hashed}
        if old is None:
            new.append(row | {"ref": new_ref()})
            continue
        if kind != "patients" and old.patient_id != row["patient_id"]:
            raise ContestedError(
                f"{key} is already on file for another patient; correct the id where it comes from"
            )
        if model is Document:
            row["changed_at"] = clock.now()
        changed.append((old, row))
    moved: frozenset[str] = frozenset()
    if kind == "documents":
        history.keep_versions([(old.id, row) for old, row in changed])
    _write(model, new, changed)
    if kind == "documents":
        moved = _settle_documents(by_key, new, changed)
    counts.created, counts.updated = len(new), len(changed)
    _record_changes(kind, changed, by)
    if moved or (changed and kind in {"documents", "facts"}):
        events.publish_changed(moved | {old.ref for old, _ in changed})
    return _ids_of(model, by_key) if kind in {"patients", "encounters"} else {}


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


_RELATIONS = {
    "patient_key": ("patient_id", "patients"),
    "encounter_key": ("encounter_id", "encounters"),
    "attending_key": ("attending_id", "providers"),
    "author_key": ("author_id", "providers"),
}


def _row(model: type[Model], record: ChartRecord, ids: Mapping[str, Mapping[str, int]]) -> dict[str, Any]:
    row: dict[str, Any] = {}
    for name in record.__slots__:
        value = getattr(record, name)
        if name in _RELATIONS:
            column, target = _RELATIONS[name]
            # A provider who is not in the directory leaves the row without one; its name stays in author_name.
            row[column] = ids[target].get(value) if value else None
        elif name == "attachments":
            continue  # rows of their own
        elif name == "status" and model is Document:
            row["status"] = row["own_status"] = value
        elif name == "sections":
            row[name] = [{"title": each.title, "start": each.start, "end": each.end} for each in value]
        else:
            row[name] = _fitting(model, name, value, record.source_key)
    return row


def _fitting(model: type[Model], name: str, value: Any, key: str) -> Any:
    """Shorten display text that a column cannot hold; refuse identities that are too long."""
    kind = model.__table__.c[name].type
    if not isinstance(value, str) or not isinstance(kind, String) or not kind.length or len(value) <= kind.length:
        return value
    if name in {"source_key", "mrn", "number", "code"}:
        raise ChartError(f"{key[:80]}: {name} is longer than {kind.length} characters")
    return value[: kind.length - 1] + "…"


def _store_providers(records: Iterable[ProviderRecord], counts: Counts) -> dict[str, int]:
    """Add providers the directory lacks and fill fields it has empty; what people typed there stays."""
    wanted = {record.source_key: record for record in reversed(list(records))}
    known: dict[str, Provider] = {}
    npis = {record.npi for record in wanted.values() if record.npi}
    for chunk in _chunks(npis):
        for provider in db.session.scalars(select(Provider).where(Provider.npi.in_(chunk))):
            known[f"npi {provider.npi}"] = provider
    for chunk in _chunks(wanted):
        for provider in db.session.scalars(select(Provider).where(Provider.source_key.in_(chunk))):
            known[provider.source_key or ""] = provider
    found: dict[str, Provider] = {}
    for key, record in wanted.items():
        existing = known.get(key) or known.get(f"npi {record.npi}")
        if existing is None:
            existing = found[key] = Provider(source_key=key, created_at=clock.now(), **_directory_entry(record))
            known[f"npi {record.npi}" if record.npi else key] = existing
            db.session.add(existing)
            counts.created += 1
            continue
        found[key] = existing
        _fill(existing, record, known, counts)
    db.session.flush()
    return {key: provider.id for key, provider in found.items()}


def _directory_entry(record: ProviderRecord) -> dict[str, Any]:
    names = ("name", "credentials", "npi", "specialty", "service_line")
    return {name: _fitting(Provider, name, getattr(record, name), record.source_key) for name in names}


def _fill(provider: Provider, record: ProviderRecord, known: Mapping[str, Provider], counts: Counts) -> None:
    missing = {
        name: value for name, value in _directory_entry(record).items() if value and not getattr(provider, name)
    }
    if known.get(f"npi {record.npi}", provider) is not provider:
        missing.pop("npi", None)  # two entries claim one NPI: the first keeps it
    if provider.source_key is None:
        missing["source_key"] = record.source_key
    for name, value in missing.items():
        setattr(provider, name, value)
    counts.updated += bool(missing)
    counts.unchanged += not missing
