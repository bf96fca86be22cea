"""Which version of a resource is on file: a hash over the rows that it became, whoever sent them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from sqlalchemy import select

from query_mgr.charts.models import Document, Encounter, Fact, Patient, SentCode
from query_mgr.platform.db import chunks, db

_MODELS = (Patient, Encounter, Document, Fact, SentCode)
_IN_PARTS = {"Observation", "Claim", "ExplanationOfBenefit"}  # resources that may become several rows


def versions(keys: Iterable[str], patient_keys: Iterable[str]) -> dict[str, str]:
    """Return the version of each resource ("Observation/o1") that has rows.

    keys: the rows' source keys; a resource of several rows, such as a panel, has them under "Observation/o1#code".
    patient_keys: of the patients they belong to.
    """
    wanted = {key.partition("#")[0] for key in keys}
    rows = [*_exact(wanted), *_parts(wanted, set(patient_keys))]
    found: dict[str, list[str]] = {}
    for key, hashed in sorted(set(rows)):
        found.setdefault(key.partition("#")[0], []).append(f"{key} {hashed}")
    return {key: hashlib.sha256("\n".join(each).encode()).hexdigest()[:16] for key, each in found.items()}


def on_file(keys: Iterable[str]) -> dict[str, int]:
    """Return the patient's id of each row that exists under one of the keys."""
    keys = set(keys)
    found = patient_ids(keys)
    for chunk in chunks(keys):
        for model in (Encounter, Document, Fact, SentCode):
            rows = select(model.source_key, model.patient_id).where(model.source_key.in_(chunk))
            found |= {row.source_key: row.patient_id for row in db.session.execute(rows)}
    return found


def patient_ids(keys: Iterable[str]) -> dict[str, int]:
    """Return the ids of the patients on file among those."""
    found: dict[str, int] = {}
    for chunk in chunks(keys):
        rows = select(Patient.source_key, Patient.id).where(Patient.source_key.in_(chunk))
        found |= {row.source_key: row.id for row in db.session.execute(rows)}
    return found


def _exact(keys: Iterable[str]) -> Iterable[tuple[str, str]]:
    for chunk in chunks(keys):
        for model in _MODELS:
            rows = select(model.source_key, model.content_hash).where(model.source_key.in_(chunk))
            yield from ((key, hashed) for key, hashed in db.session.execute(rows))


def _parts(wanted: set[str], patient_keys: Iterable[str]) -> Iterable[tuple[str, str]]:
    """Yield the rows that are part of a wanted resource, found over the patient's index."""
    if not any(key.partition("/")[0] in _IN_PARTS for key in wanted):
        return
    for chunk in chunks(patient_keys):
        for model in (Fact, SentCode):
            rows = select(model.source_key, model.content_hash).join(Patient, Patient.id == model.patient_id)
            rows = rows.where(Patient.source_key.in_(chunk), model.source_key.contains("#"))
            yield from (
                (key, hashed) for key, hashed in db.session.execute(rows) if key.partition("#")[0] in wanted
            )
