"""Files too large for memory, and Bulk Data folders: the same chart as from small ones, and nothing half done."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from query_mgr.charts import bulk
from query_mgr.charts.actions import import_all, import_bundle
from query_mgr.charts.cli import charts_cli
from query_mgr.charts.fhir.shelf import MAX_FILE_BYTES, open_source
from query_mgr.charts.intake import Arrival
from query_mgr.charts.models import Document, Encounter, Fact, Patient
from query_mgr.charts.problems import Rejection
from query_mgr.charts.report import Report
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

MODELS = (Patient, Encounter, Document, Fact)


def rows() -> list[tuple[str, str]]:
    return sorted(
        tuple(row) for model in MODELS for row in db.session.execute(select(model.source_key, model.content_hash))
    )


def forget_all() -> None:
    for table in reversed(db.metadata.sorted_tables):
        with unit_of_work():
            db.session.execute(table.delete())


def take_large(path: Path) -> Report:
    return bulk.import_large(path, path.name, Arrival("files", path.name, "tester"))


def test_a_large_bundle_is_the_same_chart_as_a_small_one(app: Flask, tmp_path: Path) -> None:
    content = encoded(a_chart_with(*(changed(CREATININE, id=f"x{n}") for n in range(50)), kind="transaction"))
    small = import_bundle(content, "chart.json", by="tester")
    expected = rows()
    forget_all()
    path = tmp_path / "chart.json.gz"
    path.write_bytes(gzip.compress(b"\xef\xbb\xbf" + content))
    large = take_large(path)
    assert (large.status, large.facts, rows()) == ("imported", small.facts, expected)
    assert take_large(path).status == "unchanged"


def test_a_large_transaction_that_fails_at_its_end_leaves_nothing(
    app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "ROWS_AT_A_TIME", 3)
    bad = changed(CREATININE, id="last", status="sure")
    many = [changed(CREATININE, id=f"x{n}") for n in range(20)]
    path = tmp_path / "chart.json"
    path.write_bytes(encoded(a_chart_with(*many, bad, kind="transaction")))
    report = take_large(path)
    assert (report.status, rows()) == ("rejected", [])
    assert "entry[25] Observation.status" in report.errors[0]
    path.write_bytes(encoded(a_chart_with(*many, bad, kind="collection")))
    report = take_large(path)
    assert (report.status, report.facts, len(report.held)) == ("imported", 21, 1)


@pytest.mark.parametrize(
    "content", [b"{", b'{"resourceType":"Bundle","type":"batch","entry":[{},', b"[1]", b"\xff\xfe"]
)
def test_a_large_file_that_is_no_bundle_is_refused(app: Flask, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "chart.json"
    path.write_bytes(content)
    assert take_large(path).status == "rejected"


def test_twins_of_a_large_bundle_wait_and_sink_a_transaction(app: Flask, tmp_path: Path) -> None:
    path = tmp_path / "chart.json"
    twins = (changed(CREATININE, id="x"), changed(CREATININE, id="x", status="amended"))
    path.write_bytes(encoded(a_chart_with(*twins)))
    assert (take_large(path).facts, len(take_large(path).held)) == (1, 2)
    path.write_bytes(encoded(a_chart_with(*twins, kind="transaction")))
    assert take_large(path).errors[0].startswith("duplicate: entry[5] and entry[6]")


def an_export(folder: Path, **more: list[dict[str, Any]]) -> Path:
    """Write an export whose file names sort against the order in which the resources need each other."""
    folder.mkdir()
    files = {
        "Condition.ndjson": [],
        "AObservation.0.ndjson": [CREATININE, changed(CREATININE, id="o2")],
        "DocumentReference.ndjson": [NOTE],
        "Encounter.ndjson": [ENCOUNTER],
        "Patient.ndjson": [PATIENT],
        "Practitioner.ndjson": [PRACTITIONER],
    } | {f"{name}.ndjson": resources for name, resources in more.items()}
    for name, resources in files.items():
        (folder / name).write_text("".join(json.dumps(one) + "\n" for one in resources), "utf-8")
    return folder


def test_an_export_is_the_same_chart_as_a_bundle_and_reports_each_file(app: Flask, tmp_path: Path) -> None:
    import_bundle(encoded(a_chart_with(changed(CREATININE, id="o2"))), "chart.json", by="tester")
    expected = rows()
    forget_all()
    folder = an_export(tmp_path / "export")
    reports = {Path(one.file).name: one for one in import_all(folder, str(folder), by="tester")}
    assert rows() == expected
    assert {name: (one.status, one.facts + one.documents + one.patients) for name, one in reports.items()} == {
        "AObservation.0.ndjson": ("imported", 2),
        "Condition.ndjson": ("ignored", 0),
        "DocumentReference.ndjson": ("imported", 1),
        "Encounter.ndjson": ("imported", 0),
        "Patient.ndjson": ("imported", 1),
        "Practitioner.ndjson": ("imported", 0),
    }
    again = {one.status for one in import_all(folder, str(folder), by="tester")}
    assert again == {"unchanged", "ignored"}


def test_a_bad_line_waits_by_its_number_and_the_rest_is_taken(app: Flask, tmp_path: Path) -> None:
    folder = an_export(tmp_path / "export")
    path = folder / "AObservation.0.ndjson"
    path.write_bytes(path.read_bytes() + b'{"resourceType": "Observation", "id"\n\n{"a": 1}\n' + encoded(
        changed(CREATININE, id="o9", status="sure")))  # fmt: skip
    reports = {Path(one.file).name: one for one in import_all(folder, str(folder), by="tester")}
    report = reports["AObservation.0.ndjson"]
    assert (report.status, report.facts) == ("imported", 2)
    assert [line.split(":")[0].rstrip() for line in report.held] == [
        "AObservation.0.ndjson line 3",
        "AObservation.0.ndjson line 5",
        "AObservation.0.ndjson line 6 Observation.status",
    ]


def test_what_was_broken_off_goes_on_and_ends_in_the_same_chart(
    app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "ROWS_AT_A_TIME", 1)
    folder = an_export(tmp_path / "export")
    list(import_all(folder, str(folder), by="tester"))
    expected = rows()
    keep = bulk._stored
    for at in range(1, 6):
        forget_all()
        left = [at]

        def break_off(*args: Any, left: list[int] = left) -> Any:
            left[0] -= 1
            if not left[0]:
                raise KeyboardInterrupt
            return keep(*args)

        monkeypatch.setattr(bulk, "_stored", break_off)
        with pytest.raises(KeyboardInterrupt):
            list(import_all(folder, str(folder), by="tester"))
        monkeypatch.setattr(bulk, "_stored", keep)
        list(import_all(folder, str(folder), by="tester"))
        assert rows() == expected


def test_a_later_file_finds_the_patient_by_the_name_of_an_earlier_one(app: Flask, tmp_path: Path) -> None:
    import_bundle(encoded(a_bundle(PRACTITIONER, PATIENT, ENCOUNTER)), "chart.json", by="tester")
    report = import_bundle(encoded(a_bundle(CREATININE, NOTE, kind="searchset")), "page.json", by="tester")
    assert (report.status, report.held) == ("imported", ())
    assert [one.encounter_id is not None for one in db.session.scalars(select(Fact))] == [True]
    assert db.session.scalars(select(Document)).one().author_id is not None
    assert import_bundle(encoded(a_bundle(CREATININE)), "again.json", by="tester").status == "unchanged"


def test_a_name_of_two_patients_is_never_guessed(app: Flask) -> None:
    other = changed(PATIENT, identifier=[{"system": "http://other.example/mrn", "value": "7"}])
    for patient in (PATIENT, other):
        import_bundle(encoded(a_bundle(patient)), "chart.json", by="tester")
    report = import_bundle(encoded(a_bundle(changed(CREATININE, encounter=None))), "page.json", by="tester")
    assert (report.status, db.session.scalar(select(func.count(Fact.id)))) == ("held", 0)


def test_the_command_takes_a_folder_of_lines_as_one_export(app: Flask, tmp_path: Path) -> None:
    folder = an_export(tmp_path / "export")
    result = app.test_cli_runner().invoke(charts_cli, ["import", str(folder)])
    assert result.exit_code == 0, result.output
    assert len(result.stdout.splitlines()) == 6
    assert len(rows()) == 5


def test_a_file_above_the_limit_is_refused_before_it_is_read(tmp_path: Path) -> None:
    """Item 7."""
    path = tmp_path / "huge.json"
    with path.open("wb") as file:
        file.truncate(MAX_FILE_BYTES + 1)  # a hole: it takes no room
    with pytest.raises(Rejection, match="too-large: "):
        open_source(path)


def test_a_gzip_bomb_is_refused_while_it_is_unpacked(tmp_path: Path) -> None:
    """Item 8."""
    path = tmp_path / "bomb.json.gz"
    path.write_bytes(gzip.compress(b" " * 40_000_000))
    with pytest.raises(Rejection, match="too-large"):
        open_source(path)


@pytest.mark.parametrize("cut", [5, 40, -3])
def test_a_cut_gzip_is_refused(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "cut.json.gz"
    path.write_bytes(gzip.compress(encoded(a_bundle()))[:cut])
    with pytest.raises(Rejection, match="gzip"):
        open_source(path)


def test_a_hundred_thousand_entries_are_read_as_they_come(app: Flask, tmp_path: Path) -> None:
    """Item 9."""
    path = tmp_path / "many.json"
    entry = json.dumps({"resource": PATIENT})
    more = '{"resource":{"resourceType":"Goal"}}'
    path.write_text(f'{{"resourceType":"Bundle","entry":[{",".join([entry, *[more] * 100_000])}],"type":"batch"}}')
    assert (take_large(path).patients, len(rows())) == (1, 1)
