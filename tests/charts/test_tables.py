"""Stays from a spreadsheet and folders of notes: all of a table, or none of it with every wrong cell named."""

from __future__ import annotations

import contextlib
import csv
import gzip
import json
from pathlib import Path

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from query_mgr.charts.actions import import_file
from query_mgr.charts.models import Document, Encounter, Patient, SentCode
from query_mgr.charts.narrative import clean_text
from query_mgr.charts.problems import Rejection
from query_mgr.charts.tables import Hospital, looks_like, read
from query_mgr.platform.db import db
from tests.charts.bundles import a_chart_with, encoded

HEAD = (
    "mrn,family_name,given_names,birth_on,encounter,class,admitted_at,discharged_at,attending_npi,attending_name"
)
ADA = "000417,Testperson,Ada,1948-03-02,CSN1,inpatient,2026-03-01 22:00,2026-03-06T14:30:00-05:00,1234567893,Rosa Medina"
MANY = "000418,Otherperson,Bo,03/04/1950,CSN2,ambulatory,03/02/2026 8:15 AM,,,"


def table(*rows: str, head: str = HEAD) -> bytes:
    return "\r\n".join((head, *rows)).encode()


def stays() -> list[Encounter]:
    db.session.rollback()
    return list(db.session.scalars(select(Encounter).order_by(Encounter.number)))


def test_a_table_of_stays_is_taken_once(app: Flask) -> None:
    report = import_file(table(ADA, MANY), "stays.csv", by="tester")
    assert (report.status, report.patients, report.encounters, report.providers) == ("imported", 2, 2, 1)
    first, second = stays()
    assert (first.patient.mrn, first.attending and first.attending.npi) == ("000417", "1234567893")
    assert (
        first.admitted_at.isoformat() == "2026-03-02T03:00:00+00:00"
    )  # Eastern time, as the hospital's clocks show it
    assert (second.discharged_at, second.status) == (None, "in-progress")
    assert import_file(table(ADA, MANY), "stays.csv", by="tester").status == "unchanged"


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_the_marks_of_spreadsheets_are_accepted(app: Flask, delimiter: str, encoding: str) -> None:
    content = table(ADA).decode().replace(",", delimiter).encode(encoding)
    assert import_file(content, "stays.csv", by="tester").status == "imported"


@pytest.mark.parametrize(
    ("row", "where", "what"),
    [
        (ADA.replace("000417", ""), "row 2, mrn", "is empty"),
        (ADA.replace("000417", "4.17E+05"), "row 2, mrn", "turned into a number"),
        (ADA.replace("inpatient", "in-house"), "row 2, class", "none of"),
        (ADA.replace("2026-03-01 22:00", "2026-02-30"), "row 2, admitted_at", "is no time"),
        (ADA.replace("2026-03-01 22:00", "2026-03-09 22:00"), "row 2, discharged_at", "before the admission"),
        (ADA.replace("1948-03-02", "1948-13-02"), "row 2, birth_on", "is no day"),
        (ADA.replace("1234567893", "1234567890"), "row 2, attending_npi", "no NPI"),
    ],
)
def test_a_wrong_cell_is_named_and_nothing_is_taken(app: Flask, row: str, where: str, what: str) -> None:
    report = import_file(table(row, MANY), "stays.csv", by="tester")
    assert report.status == "rejected"
    assert where in report.errors[0]
    assert what in report.errors[0]
    assert stays() == []


def test_every_wrong_cell_is_named_at_once(app: Flask) -> None:
    report = import_file(table(ADA.replace("000417", ""), MANY.replace("CSN2", "")), "stays.csv", by="tester")
    assert [error.split(":")[1].strip() for error in report.errors] == ["row 2, mrn", "row 3, encounter"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (table(ADA, head=HEAD.replace("family_name", "surname")), "'family_name' is missing"),
        (table(ADA + ",x", head=HEAD + ",shoe_size"), "'shoe_size' is not known"),
        (table(ADA + ",x", head=HEAD + ",mrn"), "'mrn' comes twice"),
        (table(), "no row"),
        (table(ADA + ",one too many"), "row 2: has 11 cells"),
        (table(ADA, '"an open quote'), "row 3: is not valid CSV"),
        (table(ADA, ADA), "row 3, encounter: comes twice"),
        (table(ADA, MANY.replace("000418", "000417")), "another patient"),
        (table(ADA.replace("Ada", "A\x00da")), "row 2, given_names: contains a NUL"),
        (table(ADA).replace(b"Ada", b"\x81"), "not UTF-8"),
        (table(ADA).replace(b"Ada", b"Jos\xc3\xa9 \xff"), "is mostly UTF-8 but broken here"),
    ],
)
def test_a_broken_table_says_where(app: Flask, content: bytes, words: str) -> None:
    report = import_file(content, "stays.csv", by="tester")
    assert report.status == "rejected"
    assert words in " ".join(report.errors)
    assert stays() == []


@pytest.mark.parametrize("cell", ["=cmd|'/C calc'!A0", "+1", "-2+3", "@SUM(A1)"])
def test_a_formula_is_a_name_like_any_other(app: Flask, cell: str) -> None:
    assert import_file(table(ADA.replace("Testperson", cell)), "stays.csv", by="tester").status == "imported"
    assert stays()[0].patient.family_name == cell


@given(st.binary(max_size=300))
def test_any_bytes_below_the_header_are_rows_or_refused(content: bytes) -> None:
    with contextlib.suppress(Rejection):
        read(HEAD.encode() + b"\n" + content, Hospital())


def test_item_60_a_number_whose_zeros_were_taken_makes_no_second_patient(app: Flask) -> None:
    """Item 60: every MRN of the column lost its zeros, and the patient is on file with them."""
    import_file(table(ADA), "stays.csv", by="tester")
    report = import_file(table(ADA.replace("000417", "417"), MANY.replace("000", "")), "stays.csv", by="tester")
    assert report.errors == (
        "cell: row 2, mrn: is on file with zeros before it: a spreadsheet took them off; export the column as text",
    )
    assert import_file(table(MANY.replace("000", "")), "stays.csv", by="tester").status == "imported"


def test_codes_find_the_stay_of_another_format(app: Flask) -> None:
    import_file(encoded(a_chart_with()), "bundle.json", by="tester")
    stay = stays()[0]
    content = f"encounter,mrn,code_system,code\n{stay.number},{stay.patient.mrn},hcpcs,J1940\n".encode()
    assert import_file(content, "codes.csv", by="tester").codes == 1
    assert db.session.scalars(select(SentCode.encounter_id)).one() == stay.id


def a_folder(folder: Path, index: str, **notes: str) -> Path:
    (folder / "index.csv").write_text(index)
    for name, text in notes.items():
        (folder / f"{name}.txt").write_text(text)
    return folder / "index.csv"


def test_a_folder_of_notes_is_taken_and_put_into_its_stay(app: Flask, tmp_path: Path) -> None:
    import_file(table(ADA), "stays.csv", by="tester")
    index = a_folder(
        tmp_path,
        "file,mrn,family_name,given_names,birth_on,encounter,authored_at,kind,author_name,author_role\n"
        "one.txt,000417,Testperson,Ada,1948-03-02,CSN1,2026-03-02 09:00,progress_note,Rosa Medina MD,attending\n",
        one="SUBJECTIVE:\nShort of breath.\n\nASSESSMENT:\nHeart failure.",
    )
    assert import_file(index, "index.csv", by="tester").status == "imported"
    assert import_file(index, "index.csv", by="tester").status == "unchanged"
    note = db.session.scalars(select(Document)).one()
    assert (note.kind, note.author_role, note.encounter_id) == ("progress_note", "attending", stays()[0].id)
    assert [one["title"] for one in note.sections] == ["SUBJECTIVE", "ASSESSMENT"]


@pytest.mark.parametrize("name", ["../secret.txt", "/etc/passwd", "missing.txt", "link.txt"])
def test_an_index_reaches_nothing_outside_its_folder(app: Flask, tmp_path: Path, name: str) -> None:
    (tmp_path / "secret.txt").write_text("not for you")
    folder = tmp_path / "notes"
    folder.mkdir()
    (folder / "link.txt").symlink_to(tmp_path / "secret.txt")
    index = a_folder(folder, f"file,mrn,authored_at\n{name},1,2026-03-02\n")
    report = import_file(index, "index.csv", by="tester")
    assert report.errors == ("cell: row 2, file: is not in the folder of the index",)


def test_the_shared_notes_are_imported_as_text(app: Flask, shared: Path, tmp_path: Path) -> None:
    with gzip.open(shared / "data/notes/clinical_notes.jsonl.gz", "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    with (tmp_path / "index.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["file", "mrn", "authored_at", "title"])
        for number, row in enumerate(rows):
            (tmp_path / f"{number}.txt").write_text(row["note"], encoding="utf-8")
            writer.writerow([f"{number}.txt", f"N{number:04}", "2026-03-02", "Progress note"])
    report = import_file(tmp_path / "index.csv", "index.csv", by="tester")
    assert (report.status, report.documents, report.warnings) == ("imported", 207, ())
    assert db.session.scalar(select(func.count(Patient.id))) == 207
    notes = db.session.execute(select(Document.text, Document.sections)).all()
    with_sections = [sections for _, sections in notes if sections]
    assert len(with_sections) >= 200
    assert "HISTORY OF PRESENT ILLNESS" in {one["title"] for sections in with_sections for one in sections}
    assert all(text[one["start"] : one["end"]].strip() for text, sections in notes for one in sections)
    assert sorted(text for text, _ in notes) == sorted(clean_text(row["note"]) for row in rows)


def test_what_is_no_table_is_not_taken_for_one() -> None:
    assert not looks_like(b'{"resourceType": "Bundle"}')
    assert not looks_like(b"MSH|^~\\&|")
    assert not looks_like(b"Short of breath.\nHeart failure, acute.")
