"""Import in the browser: what a file would become, the choice, and what became of it."""

from __future__ import annotations

import io

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, func, select
from werkzeug.test import TestResponse

from query_mgr.accounts.models import User
from query_mgr.accounts.permissions import PERMISSIONS
from query_mgr.charts import preview, uploads
from query_mgr.charts.models import Encounter, Patient, SentCode, Upload
from query_mgr.delivery.schedule import Schedule
from query_mgr.platform.db import db
from tests.accounts.builders import a_user, actor, signed_in
from tests.assurance.killed import at_every_statement
from tests.charts.test_archive import a_zip
from tests.charts.test_tables import ADA, HEAD, MANY, table
from tests.conftest import Clock

WRONG = MANY.replace("CSN2", "").replace("ambulatory", "walk-in")


@pytest.fixture
def client(app: Flask, time: Clock) -> FlaskClient:
    app.config["WTF_CSRF_ENABLED"] = False
    return signed_in(app.test_client(), a_user("cdi_manager"))


def upload(client: FlaskClient, content: bytes, name: str = "stays.csv") -> TestResponse:
    return client.post("/import", data={"file": (io.BytesIO(content), name)}, follow_redirects=True)


def place_of(page: TestResponse) -> str:
    """Return the address of the preview."""
    return page.request.path


def count(model: type[object]) -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def test_nothing_is_kept_before_the_decision_and_all_of_it_after(client: FlaskClient) -> None:
    page = upload(client, table(ADA, MANY))
    for words in ("2 good", "UTF-8, comma between cells", "Testperson", "Mar 01, 2026 22:00", "Import all of it"):
        assert words in page.text
    assert "wrong" not in page.text.split("<form")[1].split("<caption>")[0]
    assert count(Patient) == 0
    done = client.post(place_of(page), data={"do": "all"})
    assert "2 patients, 2 stays, 1 provider<" in done.text
    ref = db.session.scalar(select(Encounter.ref).where(Encounter.number == "CSN1"))
    assert f'href="/encounters/{ref}"' in done.text
    assert count(Upload) == 0
    again = client.post(place_of(page), data={"do": "all"}, follow_redirects=True)
    assert "no longer here" in again.text


def test_each_error_stands_beside_its_row_and_the_good_rows_can_be_taken(client: FlaskClient) -> None:
    page = upload(client, table(ADA, WRONG))
    assert "encounter is empty; fill it in; class &#39;walk-in&#39; is none of: inpatient" in page.text
    assert page.text.count('class="table-danger"') == 2
    assert "1 good" in page.text
    assert "1 wrong" in page.text
    assert "Import all of it" not in page.text
    done = client.post(place_of(page), data={"do": "good"})
    assert "Left out (1)" in done.text
    assert "row 3: encounter is empty" in done.text
    assert count(Encounter) == 1


def test_all_or_nothing_takes_nothing_of_a_table_with_a_wrong_row(client: FlaskClient) -> None:
    page = upload(client, table(ADA, WRONG))
    done = client.post(place_of(page), data={"do": "all"})
    assert "row 3, encounter: is empty" in done.text
    assert count(Encounter) == 0


def test_columns_are_shown_as_found_missing_and_unknown(client: FlaskClient) -> None:
    page = upload(client, table(ADA + ",x", head=HEAD.replace("family_name", "surname") + ",shoe_size"))
    assert "cannot be imported" in page.text
    assert '<dt class="col-sm-3 col-lg-2">Missing</dt>' in page.text
    assert "the column &#39;family_name&#39; is missing" in page.text
    assert "shoe_size" in page.text
    assert 'value="all"' not in page.text
    assert 'value="good"' not in page.text


def test_a_column_that_is_not_known_is_left_out_with_the_good_rows(client: FlaskClient) -> None:
    page = upload(client, table(ADA + ",43", head=HEAD + ",shoe_size"))
    assert 'value="all"' not in page.text
    done = client.post(place_of(page), data={"do": "good"})
    assert "the column &#39;shoe_size&#39; is not known and was left out" in done.text
    assert count(Encounter) == 1


def test_item_58_the_preview_declares_how_a_file_was_read(client: FlaskClient) -> None:
    """Item 58: the encoding and delimiter, with a warning where the encoding was guessed."""
    wide = upload(client, table(ADA).replace(b",", b"\t").decode().encode("utf-16"))
    assert "UTF-16, tab between cells" in wide.text
    western = upload(client, table(ADA.replace("Ada", "José")).decode().encode("cp1252").replace(b",", b";"))
    assert "Windows-1252, semicolon between cells" in western.text
    assert "check names with accents" in western.text
    assert "José" in western.text


def test_only_the_first_rows_are_shown_and_every_error(client: FlaskClient) -> None:
    rows = [ADA.replace("CSN1", f"CSN{number}") for number in range(30)]
    page = upload(client, table(*rows, WRONG))
    assert "The first 20 of 31 rows" in page.text
    assert "CSN19" in page.text
    assert "CSN20" not in page.text
    assert "row 32, encounter: is empty" in page.text


def test_codes_and_a_zip_of_notes_are_looked_at(client: FlaskClient) -> None:
    client.post(place_of(upload(client, table(ADA))), data={"do": "all"})
    codes = upload(client, b"encounter,code_system,code\nCSN1,hcpcs,j1940\n", "codes.csv")
    assert "Code assignments" in codes.text
    assert "J1940" in codes.text
    assert "Testperson, Ada" in client.post(place_of(codes), data={"do": "all"}).text
    assert count(SentCode) == 1
    index = "file,mrn,encounter,authored_at,title\none.txt,000417,CSN1,2026-03-02,Progress note\n"
    notes = upload(client, a_zip(("n/index.csv", index), ("n/one.txt", "PLAN:\nRest.\n\nEXAM:\nWell.")), "n.zip")
    for words in ("Index of notes", "progress note", "<bdi>2</bdi>"):
        assert words in notes.text
    assert "Testperson, Ada" in client.post(place_of(notes), data={"do": "all"}).text


def test_a_zip_of_several_files_is_imported_one_by_one(client: FlaskClient) -> None:
    page = upload(client, a_zip(("stays.csv", table(ADA)), ("bundle.json", b"{}")), "all.zip")
    assert "bundle.json" in page.text
    done = client.post(place_of(page), data={"do": "all"})
    assert done.text.count('<span class="badge text-bg-') == 2
    assert count(Encounter) == 1


def test_tables_beyond_what_the_memory_bears_are_listed_and_not_shown(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preview, "_SHOWN_BYTES", 300)
    content = a_zip(("a.csv", table(ADA)), ("b.csv", table(MANY)))
    page = upload(client, content, "all.zip")
    assert "Testperson" in page.text
    assert "Otherperson" not in page.text
    assert "<bdi>b.csv</bdi>" in page.text
    client.post(place_of(page), data={"do": "all"})
    assert count(Encounter) == 2


def test_an_upload_is_its_owners_alone(client: FlaskClient, app: Flask) -> None:
    place = place_of(upload(client, table(ADA)))
    other = signed_in(app.test_client(), a_user("cdi_manager", email="bo@h.test"))
    assert "no longer here" in other.get(place, follow_redirects=True).text
    assert "no longer here" in other.post(place, data={"do": "all"}, follow_redirects=True).text
    other.post(place, data={"do": "discard"})
    assert "Testperson" in client.get(place).text
    assert "stays.csv" not in other.get("/import").text


def test_an_upload_is_gone_after_an_hour_and_its_bytes_too(client: FlaskClient, time: Clock) -> None:
    place = place_of(upload(client, table(ADA)))
    time.advance(minutes=59)
    assert "Testperson" in client.get(place).text
    Schedule().run_due()
    assert count(Upload) == 1
    time.advance(minutes=2)
    assert "no longer here" in client.get(place, follow_redirects=True).text
    Schedule().run_due()
    assert count(Upload) == 0


def test_a_decision_that_is_killed_anywhere_can_be_taken_again(client: FlaskClient) -> None:
    """F10: the upload waits until its import is done, and a second import of it changes nothing."""
    manager = actor(db.session.scalars(select(User)).one())

    def decide() -> None:
        found = uploads.find(manager, ref)
        assert found
        uploads.take(manager, found, good_rows=False)

    def check(nth: int) -> None:
        nonlocal ref
        is_whole = count(Encounter) == 2
        assert is_whole or count(Encounter) == 0
        if uploads.find(manager, ref):
            decide()
        assert count(Encounter) == 2
        assert count(Upload) == 0
        for model in (Encounter, Patient):
            db.session.execute(delete(model))
        db.session.commit()
        ref = uploads.keep(manager, "stays.csv", table(ADA, MANY)).ref

    ref = uploads.keep(manager, "stays.csv", table(ADA, MANY)).ref
    assert at_every_statement(decide, check) > 5


def test_a_discarded_upload_leaves_nothing(client: FlaskClient) -> None:
    page = client.post(place_of(upload(client, table(ADA))), data={"do": "discard"}, follow_redirects=True)
    assert "Discarded" in page.text
    assert (count(Upload), count(Patient)) == (0, 0)


def test_nobody_fills_the_database_with_uploads(client: FlaskClient) -> None:
    for number in range(8):
        upload(client, table(ADA), f"{number}.csv")
    assert count(Upload) == uploads.MOST_WAITING
    assert "7.csv" in client.get("/import").text


@pytest.mark.parametrize(
    "role", sorted({role for roles in PERMISSIONS.values() for role in roles} - {"cdi_manager"})
)
def test_who_may_not_import_sees_neither_the_page_nor_the_link(app: Flask, role: str) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    client = signed_in(app.test_client(), a_user(role))
    assert client.get("/import").status_code == 403
    assert upload(client, table(ADA)).status_code == 403
    assert 'href="/import"' not in client.get("/", follow_redirects=True).text


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        (b"%PDF-1.7\n", "stays.csv", "is a PDF"),
        (b"<!DOCTYPE html><script>alert(1)</script>", "a.pdf", "is a web page or XML"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "a.csv", "is a web page or XML"),
        (b"GIF89a/*\x00*/=1;", "a.csv", "is a picture"),
        (b"MZ\x90\x00\x03", "a.csv", "is a program"),
        (b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR", "a.csv", "is no table"),
        (b'{"resourceType": "Bundle"}', "a.csv", "is JSON"),
        (b"\x00\x01\x02\x03\x04", "a.csv", "holds NUL bytes"),
        (b" \n", "a.csv", "is empty"),
        (a_zip(("[Content_Types].xml", "x"), ("xl/workbook.xml", "x")), "stays.csv", "is an Excel workbook"),
        (a_zip(("../x.csv", "x")), "a.zip", "leads out of the folder"),
    ],
)
def test_item_80_the_content_of_an_upload_decides(
    client: FlaskClient, content: bytes, name: str, words: str
) -> None:
    """Item 80: an allow-list by content, whatever the name says."""
    page = upload(client, content, name)
    assert page.status_code == 200
    assert "This cannot be imported" in page.text
    assert words in page.text
    assert 'value="all"' not in page.text


def test_item_80_an_empty_upload_is_asked_for_again(client: FlaskClient) -> None:
    """Item 80: 0 bytes, and no file at all."""
    assert "The file is empty" in upload(client, b"").text
    assert "Choose a CSV or ZIP file first" in client.post("/import", follow_redirects=True).text


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("a.pdf\r\nX:1", "a.pdf X:1"),
        ("..\\..\\x", "x"),
        ("../../etc/passwd", "passwd"),
        ("x" * 300, "x" * 120),
        ("a\x00b.csv", "ab.csv"),
        ("a\u202evsc.exe", "avsc.exe"),
        ("stays.csv. ", "stays.csv"),
        ("<img src=x>", "<img src=x>"),
        ("..", "upload"),
        ("", "upload"),
    ],
)
def test_item_80_the_name_of_an_upload_is_shown_and_never_a_path(name: str, shown: str) -> None:
    """Item 80: names with breaks, paths, NUL, direction signs, dots at the end."""
    assert uploads.shown_name(name) == shown


def test_item_80_a_name_from_the_wire_breaks_no_page_and_no_header(client: FlaskClient) -> None:
    """Item 80, through the whole request."""
    for name in ("a.pdf\r\nX:1", "..\\..\\<b>x", "x" * 300, "a\u202ecsv.exe", "a\x00.csv"):
        page = upload(client, table(ADA), name)
        assert page.status_code == 200
        assert "X" not in page.headers
        assert "<b>x" not in page.text
        assert "\u202e" not in page.text


def test_item_80_more_than_the_limit_is_refused_before_it_is_read(client: FlaskClient, app: Flask) -> None:
    """Item 80: 32 MB is the site's limit for any request."""
    app.config["MAX_CONTENT_LENGTH"] = 2000
    assert upload(client, b"x" * 4000).status_code == 413
    assert count(Upload) == 0
