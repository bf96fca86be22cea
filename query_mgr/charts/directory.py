"""Providers of a chart in the provider directory."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import select

from query_mgr.accounts.models import Provider
from query_mgr.charts.records import Counts, ProviderRecord
from query_mgr.charts.rows import fitting
from query_mgr.platform import clock
from query_mgr.platform.db import chunks, db


def store_providers(records: Iterable[ProviderRecord], counts: Counts) -> dict[str, int]:
    """Add providers the directory lacks and fill fields it has empty; what people typed there stays."""
    wanted = {record.source_key: record for record in reversed(list(records))}
    known: dict[str, Provider] = {}
    npis = {record.npi for record in wanted.values() if record.npi}
    for chunk in chunks(npis):
        for provider in db.session.scalars(select(Provider).where(Provider.npi.in_(chunk))):
            known[f"npi {provider.npi}"] = provider
    for chunk in chunks(wanted):
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
    return {name: fitting(Provider, name, getattr(record, name), record.source_key) for name in names}


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
