"""The migrations and the models say the same."""

from __future__ import annotations

from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import flask_migrate
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from flask import Flask
from sqlalchemy import select

from query_mgr.charts.models import Patient, PatientAlias
from query_mgr.platform import clock
from query_mgr.platform.db import db
from query_mgr.queries.models import Query
from query_mgr.respond.models import QueryLink
from tests.conftest import Clock
from tests.queries.builders import a_sent_query


def test_the_migrations_make_exactly_what_the_models_name(app: Flask) -> None:
    flask_migrate.check()  # exits where an upgrade would still find something to do


def test_authorities_lose_their_prefix_and_no_two_patients_become_one(app: Flask) -> None:
    for key in ("urn:oid:1.2.3|7", "urn:oid:1.2.3|8", "1.2.3|8", "http://h.example/mrn|9"):
        patient = Patient(source_key=key, content_hash="", mrn=key[-1], family_name="Test", sex="unknown")
        db.session.add(patient)
    db.session.add(
        PatientAlias(source_key="urn:oid:1.2.3|5", survivor_key="urn:oid:1.2.3|7", merged_at=clock.now())
    )
    db.session.commit()
    path = Path(__file__).parents[2] / "migrations" / "versions" / "0014_authority_keys.py"
    found = spec_from_file_location("authority_keys", path)
    assert found and found.loader
    migration = module_from_spec(found)
    found.loader.exec_module(migration)
    for _ in range(2):  # a second time changes nothing
        with Operations.context(MigrationContext.configure(db.session.connection())):
            migration.upgrade()
    db.session.expire_all()
    keys = db.session.scalars(select(Patient.source_key).order_by(Patient.id)).all()
    assert keys == ["1.2.3|7", "urn:oid:1.2.3|8", "1.2.3|8", "http://h.example/mrn|9"]
    alias = db.session.scalars(select(PatientAlias)).one()
    assert (alias.source_key, alias.survivor_key) == ("1.2.3|5", "1.2.3|7")


def test_going_back_and_forth_keeps_queries_with_their_evidence_and_links(app: Flask, time: Clock) -> None:
    query = a_sent_query()
    ref, hashed = query.ref, query.snapshot_hash
    db.session.remove()
    flask_migrate.downgrade(revision="0030")
    flask_migrate.upgrade()
    query = db.session.scalars(select(Query)).one()
    assert (query.ref, query.snapshot_hash, query.channel, query.parent_id) == (ref, hashed, "written", None)
    assert len(query.indicators) == 1
    assert db.session.scalars(select(QueryLink.query_id)).one() == query.id
