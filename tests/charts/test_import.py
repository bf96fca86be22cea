"""Importing a file: whole or not at all, and nothing twice."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from query_mgr.accounts.models import Provider
from query_mgr.audit import actions as audit
from query_mgr.audit.models import AuditEvent
from query_mgr.charts.actions import Report, import_bundle
from query_mgr.charts.cli import charts_cli
from query_mgr.charts.models import Document, Encounter, Fact, Patient
from query_mgr.platform import clock
from query_mgr.platform.db import db, unit_of_work
from tests.charts.bundles import (
    CREATININE,
    ENCOUNTER,
    NOTE,
    PATIENT,
    PRACTITIONER,
    a_bundle,
    a_chart_with,
    changed,
    encoded,
)

TABLES = (Patient, Encounter, Document, Fact, Provider)


def send(bundle: Any) -> Report:
    return import_bundle(bundle if isinstance(bundle, bytes) else encoded(bundle), "chart.json", by="tester")


def rows() -> list[int | None]:
    return [db.session.scalar(select(func.count()).select_from(table)) for table in TABLES]


def actions() -> list[str]:
    return list(db.session.scalars(select(AuditEvent.action).order_by(AuditEvent.seq)))


def test_a_chart_is_imported_and_the_second_time_unchanged(app: Flask) -> None:
    first, second = send(a_bundle()), send(a_bundle())
    assert (first.status, first.patients, first.encounters, first.documents, first.facts) == (
        "imported",
        1,
        1,
        1,
        1,
    )
    assert second.status == "unchanged"
    assert rows() == [1, 1, 1, 1, 1]
    assert actions() == ["chart.imported"]


def test_the_attending_and_the_author_are_the_provider_of_the_directory(app: Flask) -> None:
    send(a_bundle())
    provider = db.session.scalars(select(Provider)).one()
    assert (provider.name, provider.credentials, provider.npi, provider.email) == (
        "Alma Reyes",
        "MD",
        "1234567893",
        None,
    )
    assert db.session.scalars(select(Encounter)).one().attending == provider
    assert db.session.scalars(select(Document)).one().author_id == provider.id


def test_a_provider_of_the_same_npi_is_completed_not_doubled_or_overwritten(app: Flask) -> None:
    with unit_of_work():
        db.session.add(Provider(name="Dr. A. Reyes", npi="1234567893", email="a@h.test", created_at=clock.now()))
    assert send(a_bundle()).status == "imported"
    provider = db.session.scalars(select(Provider)).one()
    assert (provider.name, provider.email, provider.credentials) == ("Dr. A. Reyes", "a@h.test", "MD")
    assert send(a_bundle()).status == "unchanged"


def test_changed_content_updates_its_row_keeps_its_reference_and_leaves_a_trace(app: Flask) -> None:
    send(a_bundle())
    before = db.session.scalars(select(Document)).one().ref
    report = send(a_bundle(PRACTITIONER, PATIENT, ENCOUNTER, CREATININE, changed(NOTE, status="entered-in-error")))
    document = db.session.scalars(select(Document)).one()
    assert (report.status, document.status, document.ref) == ("imported", "entered_in_error", before)
    assert actions() == ["chart.imported", "chart.changed", "chart.imported"]
    assert audit.verify()[1] is None


def test_two_files_of_one_patient_merge(app: Flask) -> None:
    send(a_bundle())
    elsewhere = changed(PATIENT, id="other-id")
    stay = changed(ENCOUNTER, id="e2", subject={"reference": "Patient/other-id"})
    send(a_bundle(PRACTITIONER, elsewhere, stay))
    assert rows()[:2] == [1, 2]


def test_one_id_for_two_patients_is_refused(app: Flask) -> None:
    send(a_bundle())
    stranger = changed(PATIENT, identifier=[{"system": "http://h.example/mrn", "value": "9"}])
    report = send(a_bundle(PRACTITIONER, stranger, ENCOUNTER))
    assert report.status == "imported"
    assert "already on file for another patient" in report.held[0]
    assert rows() == [2, 1, 1, 1, 1]
    assert send(a_bundle(PRACTITIONER, stranger, ENCOUNTER, kind="transaction")).status == "rejected"


def test_a_patient_who_is_not_on_file_is_refused_and_that_is_recorded(app: Flask) -> None:
    stray = changed(CREATININE, subject={"reference": "Patient/elsewhere"}, encounter=None)
    report = send(a_bundle(stray))
    assert (report.status, rows(), actions()) == ("held", [0, 0, 0, 0, 0], ["chart.refused"])
    assert "Patient/elsewhere" in report.held[0]
    assert send(a_bundle(stray, kind="transaction")).status == "rejected"
    assert actions() == ["chart.refused"] * 2


def test_an_encounter_of_another_patient_is_never_taken_for_ones_own(app: Flask) -> None:
    send(a_bundle())
    stranger = changed(PATIENT, id="p2", identifier=[{"system": "http://h.example/mrn", "value": "9"}])
    fact = changed(CREATININE, id="o9", subject={"reference": "Patient/p2"})
    report = send(a_bundle(stranger, fact))
    assert any("another patient's" in line for line in report.warnings)
    kept = db.session.scalars(select(Fact).where(Fact.source_key == "Observation/o9")).one()
    assert kept.encounter_id is None
    assert send(a_bundle(stranger, fact)).status == "unchanged"


@pytest.mark.parametrize("kind", ["batch", "collection", "searchset", "transaction"])
def test_f26_a_bundle_that_fails_at_any_entry_keeps_the_rest_or_nothing(app: Flask, kind: str) -> None:
    whole = [PRACTITIONER, PATIENT, ENCOUNTER, CREATININE, NOTE]
    hanging = {1: 3, 2: 2}  # on the patient: stay, result and note; on the stay: result and note
    for place, one in enumerate(whole):
        fault = {"period": None} if one is ENCOUNTER else {"id": "../x", "identifier": None}
        broken = [*whole[:place], changed(one, **fault), *whole[place + 1 :]]
        reports = [send(a_bundle(*broken, kind=kind)) for _ in range(2)]
        found = sum(count or 0 for count in rows())
        if kind == "transaction":
            assert ([each.status for each in reports], found) == (["rejected"] * 2, 0)
            continue
        waiting = 1 + hanging.get(place, 0)
        assert (found, [len(each.held) for each in reports]) == (5 - waiting, [waiting] * 2), place
        assert [each.status for each in reports] == ["imported", "unchanged"]
        for table in reversed(db.metadata.sorted_tables):
            with unit_of_work():
                db.session.execute(table.delete())


def test_a_row_whose_encounter_comes_later_is_linked_when_sent_again(app: Flask) -> None:
    alone = a_bundle(PATIENT, CREATININE)
    assert any("never sent" in line for line in send(alone).warnings)
    send(a_bundle())
    assert db.session.scalars(select(Fact)).one().encounter_id is not None


def test_a_truncated_file_leaves_no_row(app: Flask) -> None:
    content = encoded(a_bundle())
    report = send(content[: len(content) // 2])
    assert report.status == "rejected"
    assert "byte" in report.errors[0]
    assert rows() == [0, 0, 0, 0, 0]


def test_overlong_display_text_is_shortened_to_its_column(app: Flask) -> None:
    send(a_chart_with(changed(CREATININE, id="o2", code={"text": "x" * 5000})))
    assert max(len(name) for name in db.session.scalars(select(Fact.name))) == 250


def test_a_file_with_only_practitioners_fills_the_directory(app: Flask) -> None:
    first, second = send(a_bundle(PRACTITIONER)), send(a_bundle(PRACTITIONER))
    assert (first.status, first.patients, first.providers, second.status) == ("imported", 0, 1, "unchanged")


def test_a_file_with_nothing_to_keep_is_imported_once(app: Flask) -> None:
    hospital = a_bundle({"resourceType": "Organization", "id": "h1", "name": "Riverbend"})
    assert [send(hospital).status, send(hospital).status] == ["imported", "unchanged"]


def test_the_command_prints_a_line_a_file_and_fails_if_one_was_rejected(app: Flask, tmp_path: Path) -> None:
    folder = tmp_path / "charts"
    folder.mkdir()
    (folder / "b.json").write_bytes(encoded(a_bundle()))
    (folder / "a.json").write_bytes(encoded(a_bundle()))
    (folder / "notes.txt").write_text("no chart")
    missing = tmp_path / "missing.json"
    result = app.test_cli_runner().invoke(charts_cli, ["import", str(folder), str(missing)])
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    assert [(Path(line["file"]).name, line["status"]) for line in lines] == [
        ("a.json", "imported"),
        ("b.json", "unchanged"),
        ("missing.json", "rejected"),
    ]
    assert {"patients", "encounters", "documents", "facts", "warnings", "errors"} <= lines[0].keys()
    assert result.exit_code == 1
    assert app.test_cli_runner().invoke(charts_cli, ["import", str(folder)]).exit_code == 0


@pytest.mark.parametrize("step", ["encounters", "documents", "facts"])
def test_a_fault_at_any_table_leaves_nothing(app: Flask, step: str) -> None:
    table = {"encounters": Encounter, "documents": Document, "facts": Fact}[step].__table__
    name = table.name
    with db.engine.begin() as connection:
        connection.execute(db.text(f"ALTER TABLE {name} RENAME TO broken_{name}"))
    try:
        with pytest.raises(Exception, match=name):
            send(a_bundle())
        db.session.rollback()
    finally:
        with db.engine.begin() as connection:
            connection.execute(db.text(f"ALTER TABLE broken_{name} RENAME TO {name}"))
    assert rows() == [0, 0, 0, 0, 0]
    assert actions() == []


def test_item_25_the_same_bundle_sent_at_the_same_moment_is_taken_once(app: Flask) -> None:
    def once(_: int) -> str:
        with app.app_context():
            try:
                return send(a_bundle()).status
            finally:
                db.session.remove()

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(once, range(2))) == ["imported", "unchanged"]
    assert rows() == [1, 1, 1, 1, 1]
