"""Reading a chart over HTTP: what is listed, opened, compared, downloaded, printed, and what is new."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from query_mgr.audit.models import AuditEvent
from query_mgr.charts.models import Attachment, Document, DocumentVersion, Encounter, Fact, SentCode
from query_mgr.charts.remembered import facts_changed
from query_mgr.desk.keys import KEYS
from query_mgr.platform import clock
from query_mgr.platform.db import Model, db, unit_of_work
from query_mgr.queries.actions import save_draft
from query_mgr.queries.models import Query
from tests import services
from tests.accounts.builders import a_user, actor, signed_in
from tests.conftest import Clock
from tests.queries.builders import a_provider, an_encounter, content


@pytest.fixture
def client(app: Flask, time: Clock) -> FlaskClient:
    app.config["WTF_CSRF_ENABLED"] = False
    return signed_in(app.test_client(), a_user("coder"))


@pytest.fixture
def stay(client: FlaskClient) -> Encounter:
    return an_encounter()


def keep(row: Model) -> Any:
    with unit_of_work():
        db.session.add(row)
        if isinstance(row, Fact):
            facts_changed([row.encounter_id])
    return row


def a_note(stay: Encounter, key: str, text: str = "Stable.", **more: object) -> Any:
    values: dict[str, object] = {
        "source_key": key, "content_hash": key, "patient_id": stay.patient_id, "encounter_id": stay.id, "text": text,
        "kind": "progress_note", "title": f"Note {key}", "author_name": "Nell Nurse", "author_role": "nurse",
        "authored_at": clock.now() - timedelta(days=2),
    }  # fmt: skip
    return keep(Document(**(values | more)))


def a_value(stay: Encounter, key: str, value: float, hours: int = 0, **more: object) -> Any:
    values: dict[str, object] = {
        "source_key": key, "content_hash": key, "patient_id": stay.patient_id, "encounter_id": stay.id, "kind": "lab",
        "name": "Creatinine", "code_system": "loinc", "code": "2160-0", "unit": "mg/dL", "value_number": value,
        "value_text": f"{value:g}", "range_low": 0.6, "range_high": 1.3, "flag": "H" if value > 1.3 else "",
        "observed_at": clock.now() - timedelta(days=2) + timedelta(hours=hours),
    }  # fmt: skip
    return keep(Fact(**(values | more)))


def page_of(client: FlaskClient, stay: Encounter, **query: str) -> str:
    answer = client.get(f"/encounters/{stay.ref}", query_string=query)
    assert answer.status_code == 200
    return answer.text


def listed(page: str) -> list[str]:
    return re.findall(r"<li[^>]*><a data-open[^>]*><bdi>([^<]*)</bdi></a>", page.partition('id="document"')[0])


def test_an_empty_chart_says_what_to_do(client: FlaskClient, stay: Encounter) -> None:
    with unit_of_work():
        db.session.delete(db.session.scalars(select(Document)).one())
    assert "Nothing has come in yet for this stay" in page_of(client, stay)


def test_documents_are_listed_newest_first_by_type_role_or_as_the_stay_went(
    client: FlaskClient, stay: Encounter
) -> None:
    a_note(stay, "n1", kind="nursing_note", authored_at=clock.now())
    assert listed(page_of(client, stay)) == ["Note n1", "Progress note"]
    assert listed(page_of(client, stay, order="stay")) == ["Progress note", "Note n1"]
    assert listed(page_of(client, stay, kind="nursing_note")) == ["Note n1"]
    assert listed(page_of(client, stay, role="attending")) == ["Progress note"]
    assert "nursing note (1)" in page_of(client, stay)
    assert "No document of this kind" in page_of(client, stay, kind="operative_note")


def test_a_long_list_has_pages_and_only_the_open_document_is_read(client: FlaskClient, stay: Encounter) -> None:
    for number in range(60):
        a_note(
            stay, f"n{number:02}", f"Words of note {number}.", authored_at=clock.now() - timedelta(hours=number)
        )
    first = page_of(client, stay)
    assert len(listed(first)) == 50
    assert "Page 1 of 2" in first
    assert "Words of note 0." in first
    assert "Words of note 1." not in first
    assert listed(page_of(client, stay, page="2")) == [
        *(f"Note n{number}" for number in range(50, 60)),
        "Progress note",
    ]


def test_the_discharge_summary_is_open_unless_another_is_asked_for(client: FlaskClient, stay: Encounter) -> None:
    a_note(stay, "n1", "The summary.", kind="discharge_summary")
    other = a_note(stay, "n2", "The other.", authored_at=clock.now())
    assert "The summary." in page_of(client, stay)
    assert "The other." in page_of(client, stay, doc=other.ref)
    assert client.get(f"/encounters/{stay.ref}?doc=nonsense").status_code == 404


def test_a_fetch_gets_the_document_alone(client: FlaskClient, stay: Encounter) -> None:
    answer = client.get(f"/encounters/{stay.ref}", headers={"Accept": "text/x-part"})
    assert answer.text.lstrip().startswith("<article")
    assert "heart failure" in answer.text


def test_sections_are_an_outline_of_the_open_document(client: FlaskClient, stay: Encounter) -> None:
    text = "Plan:\nDiuresis.\n\nCourse:\nBetter."
    sections = [{"title": "Plan", "start": 6, "end": 15}, {"title": "Course", "start": 25, "end": 32}]
    page = page_of(client, stay, doc=a_note(stay, "n1", text, sections=sections).ref)
    assert '<a href="#section-2">Course</a>' in page
    assert re.search(r'id="section-2"[^>]*></span>Better\.', page)


def test_an_addendum_stands_below_its_document_and_says_so(client: FlaskClient, stay: Encounter) -> None:
    parent = db.session.scalars(select(Document)).one()
    addendum = a_note(stay, "n1", "Also anemia.", related_key="d1", relation="addendum", authored_at=clock.now())
    page = page_of(client, stay)
    assert listed(page) == ["Progress note", "Note n1"]
    assert ">addendum</span>" in page
    assert "Addendum to" in page_of(client, stay, doc=addendum.ref)
    assert "Has an addendum" in page_of(client, stay, doc=parent.ref)


def test_a_replaced_document_stands_below_its_replacement_with_a_comparison(
    client: FlaskClient, stay: Encounter
) -> None:
    new = a_note(stay, "n1", "Assessment: acute heart failure.", related_key="d1", relation="replaces")
    with unit_of_work():
        old = db.session.scalars(select(Document).where(Document.source_key == "d1")).one()
        old.status = "replaced"
    page = page_of(client, stay)
    assert listed(page) == ["Note n1", "Progress note"]
    assert ">replaced</span>" in page
    assert "It is no evidence." in page_of(client, stay, doc=old.ref)
    changes = client.get(f"/documents/{new.ref}/changes").text
    assert "<ins> acute</ins>" in changes
    assert "<del> Continue furosemide 40 mg IV." in changes


def test_what_a_document_said_before_is_compared_word_by_word(client: FlaskClient, stay: Encounter) -> None:
    note = db.session.scalars(select(Document)).one()
    keep(
        DocumentVersion(
            document_id=note.id, content_hash="", title="", status="final", authored_at=note.authored_at,
            text=note.text.replace("heart failure", "pneumonia"), changed_at=clock.now(),
        )
    )  # fmt: skip
    assert "What changed" in page_of(client, stay)
    page = client.get(f"/documents/{note.ref}/changes").text
    assert "<del>pneumonia</del><ins>heart failure</ins>" in page


def test_what_was_taken_back_is_behind_a_count_and_cannot_be_cited(client: FlaskClient, stay: Encounter) -> None:
    wrong = a_note(stay, "n1", "Wrong patient.", status="entered_in_error", authored_at=clock.now())
    page = page_of(client, stay)
    assert "1 document was taken back" in page
    assert "Wrong patient." not in page
    opened = page_of(client, stay, doc=wrong.ref)
    assert "This document was taken back (entered in error)." in opened
    assert f'data-document="{wrong.ref}"' not in opened
    assert f'value="document:{wrong.ref}"' not in opened


def test_copied_text_is_dimmed_with_a_link_to_its_origin(client: FlaskClient, stay: Encounter) -> None:
    note = db.session.scalars(select(Document)).one()
    copy = a_note(stay, "n1", f"{note.text}\nFeels better.")
    page = page_of(client, stay, doc=copy.ref)
    assert f'<span class="copied" data-origin="1">{note.text}</span>' in page
    assert re.search(rf'Copied from <sup>1</sup> <a data-open href="\?doc={note.ref}#document">', page)


def test_a_hit_opens_its_document_at_the_marked_place(client: FlaskClient, stay: Encounter) -> None:
    note = a_note(stay, "n1", "No heart failure. Later CHF.")
    page = page_of(client, stay, find="CHF")
    assert ">negated</span>" in page
    link = re.search(rf'href="(\?find=CHF&amp;doc={note.ref}&amp;at=3-16)#hit"', page)
    assert link
    opened = client.get(f"/encounters/{stay.ref}{link[1].replace('&amp;', '&')}").text
    assert 'No <mark id="hit" tabindex="-1">heart failure</mark>. Later <mark>CHF</mark>.' in opened


@pytest.mark.parametrize("at", ["0-999999", "5-2", "x", "9" * 30, "3-3"])
def test_a_place_that_is_not_there_marks_nothing(client: FlaskClient, stay: Encounter, at: str) -> None:
    assert "<mark" not in page_of(client, stay, at=at)


def test_direction_signs_in_a_note_are_shown_and_its_places_stay(client: FlaskClient, stay: Encounter) -> None:
    note = a_note(stay, "n1", "abc\u202edef", title="\u202eTitle")
    page = page_of(client, stay, doc=note.ref)
    assert 'abc<bdi class="unseen" data-sign="U+202E" title="U+202E">\u202e</bdi>def' in page


def test_a_very_long_document_is_cut_and_whole_behind_a_link(client: FlaskClient, stay: Encounter) -> None:
    note = a_note(stay, "n1", "Word. " * 20_000 + "The very end.")
    page = page_of(client, stay, doc=note.ref)
    assert "The very end." not in page
    assert len(page) < 100_000
    assert f'href="/documents/{note.ref}"' in page
    assert "The very end." in client.get(f"/documents/{note.ref}").text


def test_a_test_is_one_row_with_its_last_value_its_range_and_a_plot(client: FlaskClient, stay: Encounter) -> None:
    for number, value in enumerate((0.9, 2.4, 1.8)):
        a_value(stay, f"c{number}", value, number)
    a_value(stay, "umol", 212, 3, unit="umol/L", range_high=None)
    page = page_of(client, stay)
    assert page.count('<svg class="spark"') == 1
    assert "Creatinine: 3 values from 0.9 to 2.4, last 1.8, reference 0.6-1.3" in page
    assert "0.9 to 2.4" in page
    assert "3 values, 2 abnormal" in page
    assert "µmol/L" in page


def test_a_trend_shows_all_values_and_attaches_some_to_a_draft(client: FlaskClient, stay: Encounter) -> None:
    values = [a_value(stay, f"c{number}", 1.0 + number, number) for number in range(12)]
    a_value(stay, "other", 9.9, unit="umol/L")
    page = client.get(f"/facts/{values[0].ref}/trend").text
    assert page.count("<circle") == 12
    assert "12 values in mg/dL" in page
    assert "9.9" not in page
    query = save_draft(actor(a_user("coder", email="c@h.test")), stay, a_provider(), content())
    page = client.get(f"/facts/{values[0].ref}/trend?draft={query.ref}").text
    assert page.count('name="reading"') == 12
    client.post(f"/queries/{query.ref}/indicators", data={"reading": [values[0].ref, values[3].ref]})
    db.session.rollback()
    texts = [one.text for one in db.session.scalars(select(Query)).one().indicators]
    assert any(text.startswith("Creatinine 1, 4 mg/dL") for text in texts)
    assert client.get("/facts/nonsense/trend").status_code == 404


def test_medications_say_when_they_began_ended_and_how_often(client: FlaskClient, stay: Encounter) -> None:
    drug = {"kind": "medication", "name": "Furosemide", "code": "", "value_text": "40 mg IV (given)", "unit": ""}
    for number in range(3):
        a_value(stay, f"m{number}", 0, number, **drug)
    page = page_of(client, stay)
    assert "<bdi>Furosemide</bdi> 40 mg IV" in page
    assert "3 times" in page
    assert page.count('<svg class="course"') == 1


def test_each_stay_in_a_unit_stands_for_itself_and_the_story_tells_intensive_care(
    client: FlaskClient, stay: Encounter
) -> None:
    for number, unit in enumerate(("MICU", "4 West", "MICU")):
        until = clock.now() - timedelta(days=2) + timedelta(hours=number + 1)
        more = {"kind": "location", "name": unit, "code": "", "value_text": "", "unit": "", "ended_at": until}
        a_value(stay, f"l{number}", 0, number, **more)
    page = page_of(client, stay)
    assert "Where the patient was (3)" in page
    assert "also in 4 West; discharged" in page


def test_codes_of_other_systems_are_shown_and_not_adopted(client: FlaskClient, stay: Encounter) -> None:
    keep(
        SentCode(
            source_key="s1", content_hash="", patient_id=stay.patient_id, encounter_id=stay.id, origin="claim",
            kind="diagnosis", code_system="icd10cm", code="I50.9", name="Heart failure", role="principal", poa="Y",
            sequence=1,
        )
    )  # fmt: skip
    page = page_of(client, stay)
    assert "On the claim (1)" in page
    assert "No code assigned yet." in page


def test_what_is_new_since_the_last_look_is_told_and_marked(
    client: FlaskClient, stay: Encounter, time: Clock
) -> None:
    assert "Since " not in page_of(client, stay)
    time.advance(hours=2)
    a_note(stay, "n1", kind="nursing_note")
    a_note(stay, "n2", status="entered_in_error")
    a_value(stay, "c1", 2.4)
    for _ in range(2):  # it stays new for the whole sitting
        page = page_of(client, stay)
        assert "1 new document<" in page
        assert "1 document taken back" in page
        assert "1 result<" in page
        assert ">new</span>" in page
        time.advance(minutes=5)
    time.advance(hours=1)
    assert "Since " not in page_of(client, stay)


def test_a_document_stays_unread_until_it_is_opened_and_again_when_it_changes(
    client: FlaskClient, stay: Encounter, time: Clock
) -> None:
    note = a_note(stay, "n1", kind="nursing_note", authored_at=clock.now() - timedelta(days=3, hours=1))
    assert page_of(client, stay).count("(unread)") == 1
    assert "(unread)" not in page_of(client, stay, doc=note.ref)
    time.advance(minutes=1)
    with unit_of_work():
        db.session.merge(note).changed_at = clock.now()
    assert page_of(client, stay).count("(unread)") == 1


def a_file(stay: Encounter, **more: object) -> Any:
    note = db.session.scalars(select(Document)).one()
    values: dict[str, object] = {
        "document_id": note.id, "content_type": "application/pdf", "name": "scan.pdf", "size": 8, "digest": "",
        "content": b"%PDF-1.7",
    }  # fmt: skip
    return keep(Attachment(**(values | more)))


def test_an_attachment_is_a_download_that_cannot_run(client: FlaskClient, stay: Encounter) -> None:
    found = a_file(stay)
    assert f'href="/attachments/{found.ref}"' in page_of(client, stay)
    answer = client.get(f"/attachments/{found.ref}")
    assert answer.data == b"%PDF-1.7"
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="scan.pdf"')
    assert answer.headers["Content-Security-Policy"].startswith("sandbox")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert client.get("/attachments/nonsense").status_code == 404


@pytest.mark.parametrize(
    ("kind", "content"),
    [("text/html", b"<script>alert(1)</script>"), ("image/svg+xml", b"<svg/>"), ("application/pdf", b"<html>")],
)
def test_a_file_that_could_run_is_only_bytes(
    client: FlaskClient, stay: Encounter, kind: str, content: bytes
) -> None:
    answer = client.get(f"/attachments/{a_file(stay, content_type=kind, content=content).ref}")
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert 'filename="scan.pdf.bin"' in answer.headers["Content-Disposition"]


def test_the_print_view_holds_chosen_documents_under_the_patient(client: FlaskClient, stay: Encounter) -> None:
    other = a_note(stay, "n1", "Printed words.", kind="nursing_note")
    a_note(stay, "n2", "Wrong patient.", status="entered_in_error")
    page = client.get(f"/encounters/{stay.ref}/print", query_string={"doc": other.ref}).text
    assert "Printed words." in page
    assert "heart failure" not in page
    assert re.search(r"<thead><tr><th[^>]*><bdi>Testperson, Ada</bdi> · MRN 00417", page)
    everything = client.get(f"/encounters/{stay.ref}/print?all=1").text
    assert "Printed words." in everything
    assert "heart failure" in everything
    assert "Wrong patient." not in everything


def test_the_timeline_has_a_page_of_its_own(client: FlaskClient, stay: Encounter) -> None:
    page = client.get(f"/encounters/{stay.ref}/timeline").text
    assert "Admitted (inpatient)" in page
    assert "Progress note" in page


def test_what_is_worth_asking_comes_by_a_request_of_its_own(client: FlaskClient, stay: Encounter) -> None:
    a_value(stay, "m1", 0, kind="medication", name="Furosemide", value_text="40 mg IV (given)")
    assert f'href="/encounters/{stay.ref}/suggestions"' in page_of(client, stay)
    assert "This chart fits" in client.get(f"/encounters/{stay.ref}/suggestions").text


def test_every_reading_is_in_the_audit_trail(client: FlaskClient, stay: Encounter) -> None:
    note, value, found = db.session.scalars(select(Document)).one(), a_value(stay, "c1", 2.4), a_file(stay)
    query = save_draft(actor(a_user("coder", email="c@h.test")), stay, a_provider(), content())
    for address in (
        f"/encounters/{stay.ref}", f"/encounters/{stay.ref}/print", f"/encounters/{stay.ref}/timeline",
        f"/facts/{value.ref}/trend", f"/documents/{note.ref}/changes", f"/documents/{note.ref}",
        f"/attachments/{found.ref}", f"/queries/{query.ref}/edit",
    ):  # fmt: skip
        before = db.session.scalar(select(db.func.count(AuditEvent.seq)))
        assert client.get(address).status_code == 200
        db.session.rollback()
        last = db.session.scalars(select(AuditEvent).order_by(AuditEvent.seq.desc()).limit(1)).one()
        assert db.session.scalar(select(db.func.count(AuditEvent.seq))) == before + 1, address
        assert (last.actor, last.subject_ref) == ("ann@h.test", stay.ref)


@pytest.mark.parametrize("role", ["admin"])
def test_who_may_read_no_chart_reads_no_part_of_it(
    client: FlaskClient, app: Flask, stay: Encounter, role: str
) -> None:
    note, value, found = db.session.scalars(select(Document)).one(), a_value(stay, "c1", 2.4), a_file(stay)
    person = signed_in(app.test_client(), a_user(role, email="x@h.test"))
    for address in (
        f"/encounters/{stay.ref}/print", f"/encounters/{stay.ref}/timeline", f"/encounters/{stay.ref}/suggestions",
        f"/facts/{value.ref}/trend", f"/documents/{note.ref}/changes", f"/documents/{note.ref}",
        f"/attachments/{found.ref}",
    ):  # fmt: skip
        assert person.get(address).status_code == 403


def test_the_keys_have_a_page_and_stand_in_the_guide(client: FlaskClient) -> None:
    page = client.get("/keys").text
    guide = (services.ROOT / "docs" / "guides" / "reading-a-chart.md").read_text()
    for key, text in KEYS:
        assert f"<kbd>{key}</kbd></th><td>{text}</td>" in page
        assert f"| `{key}` | {text} |" in guide
