"""ZIPs: judged before anything is unpacked, read in memory, their names never paths."""

from __future__ import annotations

import csv
import gzip
import io
import json
import stat
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from query_mgr.charts import archive
from query_mgr.charts.actions import import_all, import_file
from query_mgr.charts.models import Document
from query_mgr.charts.problems import Rejection
from query_mgr.platform.db import db
from tests.charts.test_tables import ADA, table

INDEX = "file,mrn,authored_at\none.txt,000417,2026-03-02\n"


def a_zip(*members: tuple[str | zipfile.ZipInfo, str | bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", method) as file:
        for name, content in members:
            file.writestr(name, content)
    return packed.getvalue()


def a_link() -> zipfile.ZipInfo:
    info = zipfile.ZipInfo("one.txt")
    info.create_system, info.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    return info


def encrypted(content: bytes) -> bytes:
    """Set the flag of a password in both headers of the only member."""
    local, directory = content.index(b"PK\x03\x04") + 6, content.index(b"PK\x01\x02") + 8
    return content[:local] + b"\x01" + content[local + 1 : directory] + b"\x01" + content[directory + 1 :]


HOSTILE: dict[str, tuple[Callable[[], bytes], str]] = {
    "bomb": (lambda: a_zip(("index.csv", b"0" * 60_000_000)), "more than 200 times its size"),
    "too large": (
        lambda: a_zip(*((f"{number}.txt", b"0" * 53_000_000) for number in range(4))),
        "unpacks to more than 200 MB",
    ),
    "too many": (
        lambda: a_zip(*((f"{number}.txt", b"") for number in range(10_001)), method=zipfile.ZIP_STORED),
        "more than 10,000 files",
    ),
    "absolute": (lambda: a_zip(("/etc/passwd", "x")), "has an absolute path"),
    "drive": (lambda: a_zip(("C:\\x.txt", "x")), "has an absolute path"),
    "dots": (lambda: a_zip(("notes/../../x.txt", "x")), "leads out of the folder"),
    "backslash dots": (lambda: a_zip(("..\\..\\x.txt", "x")), "leads out of the folder"),
    "link": (lambda: a_zip((a_link(), "/etc/passwd")), "is a link or a device"),
    "nested": (lambda: a_zip(("inner.zip", a_zip(("one.txt", "x")))), "an archive inside the ZIP"),
    "case twins": (lambda: a_zip(("a.txt", "x"), ("A.TXT", "y")), "comes twice"),
    "slash twins": (lambda: a_zip(("a/b.txt", "x"), ("a\\b.txt", "y")), "comes twice"),
    "encrypted": (lambda: encrypted(a_zip(("one.txt", "x"))), "is encrypted"),
    "lzma": (lambda: a_zip(("one.txt", "x"), method=zipfile.ZIP_LZMA), "packed in a way that is not read"),
    "direction sign": (lambda: a_zip(("a\u202etxt.exe", "x")), "control or direction sign"),
    "line break": (lambda: a_zip(("a.pdf\r\nX:1", "x")), "control or direction sign"),
    "empty": (lambda: a_zip(), "holds no file"),
    "cut": (lambda: a_zip(("index.csv", INDEX))[:-10], "is no readable ZIP"),
    "workbook": (lambda: a_zip(("[Content_Types].xml", "x"), ("xl/workbook.xml", "x")), "is an Excel workbook"),
    "macro workbook": (
        lambda: a_zip(("[Content_Types].xml", "x"), ("xl/vbaProject.bin", "x"), ("xl/externalLinks/1.xml", "x")),
        "CSV UTF-8",
    ),
    "opendocument": (lambda: a_zip(("mimetype", "x"), ("content.xml", "x")), "is an OpenDocument file"),
    "old workbook": (
        lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600,
        "an old or encrypted Office document",
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_item_81_and_62_a_hostile_zip_is_refused_before_it_is_unpacked(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Items 81 and 62: by its directory alone; nothing is ever unpacked."""
    made, words = HOSTILE[name]
    content = made()
    monkeypatch.setattr(zipfile.ZipFile, "open", lambda *_: pytest.fail("was unpacked"))
    with pytest.raises(Rejection) as refused:
        archive.open_archive(content)
    assert words in str(refused.value.problems[0])


def test_item_62_a_huge_workbook_costs_nothing() -> None:
    """Item 62: a workbook whose shared strings would fill the memory."""
    content = a_zip(("[Content_Types].xml", "x"), ("xl/sharedStrings.xml", b"0" * 100_000_000))
    tracemalloc.start()
    with pytest.raises(Rejection, match="Excel workbook"):
        archive.open_archive(content)
    assert tracemalloc.get_traced_memory()[1] < 2_000_000
    tracemalloc.stop()


@pytest.mark.parametrize(
    "content", [a_zip(("[Content_Types].xml", "x"), ("xl/a.xml", "x")), HOSTILE["old workbook"][0]()]
)
def test_item_62_a_workbook_says_what_to_do(app: Flask, content: bytes) -> None:
    """Item 62, whatever the file is called."""
    report = import_file(content, "stays.csv", by="tester")
    assert report.status == "rejected"
    assert "choose File, Save as, CSV UTF-8" in report.errors[0]


def test_a_member_that_hides_an_archive_is_refused_when_it_is_read() -> None:
    packed = archive.open_archive(a_zip(("one.txt", a_zip(("two.txt", "x"))), method=zipfile.ZIP_STORED))
    with pytest.raises(Rejection, match="an archive inside"):
        packed.read("one.txt")


def test_a_broken_member_is_named() -> None:
    content = bytearray(a_zip(("one.txt", "some words of a note"), method=zipfile.ZIP_STORED))
    content[45] ^= 1
    with pytest.raises(Rejection, match=r"one\.txt: cannot be unpacked"):
        archive.open_archive(bytes(content)).read("one.txt")


@pytest.mark.parametrize("folder", ["", "notes/", "a/b/"])
def test_a_zip_of_notes_stands_for_their_folder(app: Flask, folder: str) -> None:
    content = a_zip(
        (f"{folder}index.csv", INDEX), (f"{folder}one.txt", "PLAN:\nRest."), (f"{folder}two.txt", "left over"),
        ("__MACOSX/._one.txt", "clutter"),
    )  # fmt: skip
    report = import_file(content, "notes.zip", by="tester")
    assert (report.status, report.documents) == ("imported", 1)
    assert report.warnings == (f"file: 1 file(s) stand in no row of the index: {folder}two.txt",)
    assert db.session.scalars(select(Document.text)).one() == "PLAN:\nRest."


@pytest.mark.parametrize("name", ["../one.txt", "/one.txt", "two.txt", "..\\one.txt", "x" * 300, "one.txt\u202e"])
def test_item_80_an_index_in_a_zip_reaches_nothing_but_its_members(app: Flask, name: str) -> None:
    """Item 80: a name in the index is looked up, and is never a path."""
    content = a_zip(("notes/index.csv", INDEX.replace("one.txt", name)), ("notes/one.txt", "x"), ("one.txt", "x"))
    report = import_file(content, "notes.zip", by="tester")
    assert report.errors == ("cell: row 2, file: is not in the ZIP",)


def test_two_indexes_are_not_guessed_between(app: Flask) -> None:
    report = import_file(a_zip(("a/index.csv", INDEX), ("b/index.csv", INDEX)), "notes.zip", by="tester")
    assert report.errors == ("zip: holds 2 files index.csv; pack each folder of notes by itself",)


def test_a_zip_of_charts_is_imported_file_by_file(app: Flask, tmp_path: Path) -> None:
    codes = "encounter,code_system,code\nCSN1,hcpcs,J1940\n"
    content = a_zip(("a/stays.csv", table(ADA)), ("b/codes.csv", codes), ("c/picture.csv", b"GIF89a"))
    (tmp_path / "all.zip").write_bytes(content)
    for source in (content, tmp_path / "all.zip"):
        reports = list(import_all(source, "all.zip", by="tester"))
        assert [(one.file, one.status != "rejected") for one in reports] == [
            ("all.zip/a/stays.csv", True), ("all.zip/b/codes.csv", True), ("all.zip/c/picture.csv", False)
        ]  # fmt: skip
    assert [one.status for one in reports] == ["unchanged", "unchanged", "rejected"]


def test_the_command_line_takes_a_zip_and_the_good_rows(app: Flask, tmp_path: Path) -> None:
    (tmp_path / "all.zip").write_bytes(a_zip(("stays.csv", table(ADA, ADA.replace("CSN1", "")))))
    runner = app.test_cli_runner()
    refused = runner.invoke(args=["charts", "import", str(tmp_path)])
    assert (refused.exit_code, json.loads(refused.output)["status"]) == (1, "rejected")
    taken = runner.invoke(args=["charts", "import", "--good-rows", str(tmp_path / "all.zip")])
    report = json.loads(taken.output)
    assert (taken.exit_code, report["status"], report["encounters"]) == (0, "imported", 1)
    assert report["held"] == ["row 3: encounter is empty; fill it in"]


@given(st.binary(max_size=400), st.integers(0, 400), st.booleans())
def test_any_bytes_are_a_zip_or_refused(noise: bytes, at: int, is_damaged: bool) -> None:
    """Only Rejection leaves, whatever stands where a ZIP should."""
    content = a_zip(("index.csv", INDEX), ("one.txt", "words"))
    content = content[:at] + noise + content[at + len(noise) :] if is_damaged else b"PK\x03\x04" + noise
    try:
        packed = archive.open_archive(content)
        for name in packed:
            packed.read(name)
    except Rejection as refused:
        assert refused.problems[0].text


def test_the_shared_notes_are_imported_from_a_zip(app: Flask, shared: Path) -> None:
    with gzip.open(shared / "data/notes/clinical_notes.jsonl.gz", "rt", encoding="utf-8") as lines:
        notes = [json.loads(line)["note"] for line in lines]
    index = io.StringIO()
    rows = csv.writer(index)
    rows.writerow(["file", "mrn", "authored_at", "title"])
    rows.writerows([f"{at}.txt", f"Z{at:04}", "2026-03-02 09:00", "Office visit"] for at in range(len(notes)))
    content = a_zip(("index.csv", index.getvalue()), *((f"{at}.txt", note) for at, note in enumerate(notes)))
    report = import_file(content, "notes.zip", by="tester")
    assert (report.status, report.documents, report.warnings) == ("imported", 207, ())
    assert import_file(content, "notes.zip", by="tester").status == "unchanged"
