"""All charts of the shared input: in, in again without a change, and refused where cut short."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from app import create_app
from query_mgr.charts import reader
from query_mgr.charts.actions import Report, import_bundle
from query_mgr.charts.models import Document, Encounter, Fact, Patient, SentCode
from query_mgr.platform.db import db
from tests.conftest import settings_for


def charts(shared: Path) -> list[Path]:
    inpatient = sorted((shared / "data" / "charts-inpatient").glob("enc-*.json.gz"))
    return inpatient + sorted((shared / "data" / "fhir-synthea").glob("*.json.gz"))


@pytest.fixture(scope="module")
def all_imported(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Report]]:
    """Every shared chart in one SQLite database, imported once for the module."""
    folder = tmp_path_factory.mktemp("charts")
    application = create_app(settings_for(folder, f"sqlite:///{folder / 'charts.sqlite'}"))
    with application.app_context():
        db.create_all()
        yield [import_bundle(path, path.name, by="tester") for path in charts(shared)]
        db.session.remove()
        db.engine.dispose()


def test_all_eighty_are_imported_with_every_class_of_encounter(all_imported: list[Report]) -> None:
    assert [report.file for report in all_imported if report.status != "imported"] == []
    assert len(all_imported) == 80
    by_class = dict(
        db.session.execute(
            select(Encounter.encounter_class, func.count()).group_by(Encounter.encounter_class)
        ).all()
    )
    assert by_class == {"inpatient": 133, "emergency": 56, "ambulatory": 848}
    assert db.session.scalar(select(func.count(Patient.id))) == 77


def test_what_was_billed_is_kept_once_a_claim(all_imported: list[Report]) -> None:
    assert sum(report.codes for report in all_imported) == 2450
    kept = db.session.execute(select(SentCode.kind, func.count()).group_by(SentCode.kind)).all()
    assert dict(kept) == {"charge": 2241, "diagnosis": 209}


def test_nothing_of_them_waits(all_imported: list[Report]) -> None:
    assert [report.file for report in all_imported if report.held] == []


def test_a_second_run_changes_nothing(all_imported: list[Report], shared: Path) -> None:
    again = [import_bundle(path, path.name, by="tester") for path in charts(shared)[::4]]
    assert {report.status for report in again} == {"unchanged"}


def test_icd10cm_problems_are_kept_under_their_code_system(all_imported: list[Report]) -> None:
    kept = select(func.count(Fact.id)).where(Fact.kind == "problem", Fact.code_system == "icd10cm")
    assert (db.session.scalar(kept) or 0) > 250


def test_every_section_lies_inside_its_document(all_imported: list[Report]) -> None:
    for text, sections in db.session.execute(select(Document.text, Document.sections)):
        assert all(0 <= each["start"] < each["end"] <= len(text) for each in sections)
        assert all(text[each["start"] : each["end"]].strip() for each in sections)


def test_a_stay_reads_as_a_chart(all_imported: list[Report]) -> None:
    stay = db.session.scalars(select(Encounter).where(Encounter.source_key == "Encounter/enc-0038c9e3562c")).one()
    assert stay.attending is not None
    assert stay.patient.display_name == "Flores, Irene"
    assert {"history_and_physical", "discharge_summary", "nursing_note"} <= {
        each.kind for each in reader.documents_of(stay)
    }
    assert reader.results_of(stay, "vital")
    assert "Obesity, unspecified" in [each.name for each in reader.problems_of(stay)]


def test_a_few_import_on_every_database_and_a_cut_one_leaves_nothing(app: Flask, shared: Path) -> None:
    chosen = [charts(shared)[index] for index in (0, 3, 57)]
    whole = gzip.decompress(chosen[0].read_bytes())
    cut = import_bundle(whole[: len(whole) // 3], "cut", by="tester")
    assert cut.status == "rejected"
    assert "byte" in cut.errors[0]
    assert db.session.scalar(select(func.count(Patient.id))) == 0
    for expected in ("imported", "unchanged"):
        assert {import_bundle(path, path.name, by="tester").status for path in chosen} == {expected}
