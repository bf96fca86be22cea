"""The composer over HTTP, as a browser without JavaScript and as the page's own script use it."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from query_mgr.accounts.models import User
from query_mgr.audit.models import AuditEvent
from query_mgr.charts.models import Document, Encounter, Fact
from query_mgr.desk.keys import COMPOSER_KEYS
from query_mgr.platform import clock
from query_mgr.platform.db import db, unit_of_work
from query_mgr.queries.models import Query
from tests import services
from tests.accounts.builders import a_user, signed_in
from tests.conftest import Clock
from tests.queries.builders import a_provider, an_encounter

CHECK = {"Accept": "text/x-check"}
PART = {"Accept": "text/x-part"}
TEMPLATE = "heart_failure_type_acuity"
LEADING = "Please document acute sepsis for better reimbursement."


@pytest.fixture
def client(app: Flask, time: Clock) -> FlaskClient:
    app.config["WTF_CSRF_ENABLED"] = False
    return signed_in(app.test_client(), a_user("coder"))


@pytest.fixture
def stay(client: FlaskClient) -> Encounter:
    """A stay with documented heart failure and a high BNP."""
    stay = an_encounter()
    a_provider()
    with unit_of_work():
        db.session.add(
            Fact(
                source_key="f1", content_hash="f1", patient_id=stay.patient_id, encounter_id=stay.id, kind="lab",
                name="BNP", code_system="loinc", code="30934-4", unit="pg/mL", value_number=1840, value_text="1840",
                observed_at=clock.now() - timedelta(days=2),
            )
        )  # fmt: skip
    return stay


@pytest.fixture
def draft(client: FlaskClient, stay: Encounter) -> str:
    """The address of a draft from the heart failure template."""
    started = client.post(f"/encounters/{stay.ref}/queries", data={"template": TEMPLATE})
    assert started.location.endswith("/edit"), started.location
    return str(started.location)


def the_query() -> Query:
    db.session.rollback()
    return db.session.scalars(select(Query)).one()


def fields(page: str) -> dict[str, Any]:
    """Return what the page's form would send."""
    form = page.partition('id="composer"')[2].partition("</form>")[0]
    texts = {
        name: text.removeprefix("\n")
        for name, text in re.findall(r'<textarea[^>]* name="(\w+)"[^>]*>([^<]*)<', form)
    }
    inputs = dict(
        re.findall(
            r'<input (?:type="hidden"|class="form-control") (?:id="\w+" )?name="(\w+)"[^>]*value="([^"]*)"', form
        )
    )
    offered = re.findall(r'name="option" value="(\w+)" checked(?! disabled)', form)
    provider = re.search(r'<option value="(\w+)" selected', form)
    return {**inputs, **texts, "option": offered, "provider": provider[1] if provider else ""}


def test_a_suggestion_says_why_and_a_search_says_what_is_missing(client: FlaskClient, stay: Encounter) -> None:
    page = client.get(f"/encounters/{stay.ref}/suggestions").text
    assert "heart failure documented" in page
    assert "<mark>heart failure</mark>" in page
    assert "BNP 1840 pg/mL" in page
    assert 'value="heart_failure_type_acuity"' in page
    found = client.get(f"/encounters/{stay.ref}/suggestions?search=pressure+injury").text
    assert "Not offered" in found
    assert "the chart lacks" in found
    assert "Compose</button>" not in found


def test_a_template_that_does_not_fit_starts_nothing(client: FlaskClient, stay: Encounter) -> None:
    page = client.post(f"/encounters/{stay.ref}/queries", data={"template": "sepsis_poa"}, follow_redirects=True)
    assert "does not fit this chart. It lacks" in page.text
    assert db.session.scalars(select(Query)).all() == []


def test_a_draft_is_written_checked_and_sent_without_javascript(client: FlaskClient, draft: str) -> None:
    form = fields(client.get(draft).text)
    assert "form-check-input" in client.get(draft).text
    blocked = client.post(draft, data={**form, "question": LEADING, "do": "send"})
    assert blocked.status_code == 400
    assert "<mark>reimbursement</mark>" in blocked.text
    assert the_query().status == "draft"
    again = fields(blocked.text)
    assert again["question"] == LEADING
    sent = client.post(
        draft, data={**again, "question": form["question"], "do": "send", "override_reason": "One is enough"}
    )
    assert sent.status_code == 303, sent.text
    assert the_query().status == "sent"
    assert the_query().override_reason == "One is enough"


def test_a_fetch_saves_and_gets_the_findings_beside_their_field(client: FlaskClient, draft: str) -> None:
    form = fields(client.get(draft).text)
    said = client.post(draft, data={**form, "question": LEADING}, headers=CHECK)
    assert said.status_code == 200
    beside = said.text.partition('id="found-question"')[2].partition('id="found-options"')[0]
    assert "<mark>reimbursement</mark>" in beside
    assert "ACDIS/AHIMA" in beside
    assert re.search(r'id="state"[^>]*data-errors="[1-9]', said.text)
    assert "<textarea" not in said.text
    assert the_query().question == LEADING


def test_a_button_mends_a_finding_with_and_without_javascript(client: FlaskClient, draft: str) -> None:
    form = fields(client.get(draft).text)
    page = client.post(draft, data={**form, "body": f"It is documented. {LEADING}", "do": "send"}).text
    fixes = re.findall(r'name="do" value="(fix [^"]+)" data-fix>([^<]+)<', page)
    assert {what for _, what in fixes} == {"Leave this sentence out"}
    mended = client.post(draft, data={**fields(page), "title": "Typed meanwhile", "do": fixes[0][0]})
    assert mended.status_code == 303
    assert the_query().body == "It is documented."
    assert the_query().title == "Typed meanwhile"
    part = client.post(draft, data={**fields(client.get(draft).text), "do": fixes[0][0]}, headers=PART)
    assert part.status_code == 400
    assert "not there any more" in part.text


def test_saving_what_is_stored_writes_nothing(client: FlaskClient, draft: str) -> None:
    def events() -> int:
        return len(db.session.scalars(select(AuditEvent).where(AuditEvent.action == "query.drafted")).all())

    form, before = fields(client.get(draft).text), events()
    client.post(draft, data=form, headers=CHECK)
    assert events() == before
    client.post(draft, data={**form, "title": "Other words"}, headers=CHECK)
    assert events() == before + 1


def test_two_windows_do_not_overwrite_each_other_and_both_texts_are_kept(
    app: Flask, client: FlaskClient, draft: str, time: Clock
) -> None:
    mine = fields(client.get(draft).text)
    other = signed_in(app.test_client(), a_user("cdi", email="bea@h.test"))
    time.advance(minutes=1)
    assert other.post(draft, data={**mine, "body": "Words of Bea."}, headers=CHECK).status_code == 200
    refused = client.post(draft, data={**mine, "body": "Words of Ann."})
    assert refused.status_code == 409
    assert "Words of Bea." in refused.text.partition('id="composer"')[0]
    assert fields(refused.text)["body"] == "Words of Ann."
    assert the_query().body == "Words of Bea."
    assert client.post(draft, data={**mine, "body": "Words of Ann."}, headers=CHECK).status_code == 409
    over = re.search(r'name="over" value="(\w+)"', refused.text)
    assert over
    kept = client.post(draft, data={**fields(refused.text), "over": over[1]}, headers=CHECK)
    assert kept.status_code == 200
    assert the_query().body == "Words of Ann."


def test_who_changed_the_draft_is_named(app: Flask, client: FlaskClient, draft: str) -> None:
    mine = fields(client.get(draft).text)
    client.post(draft, data={**mine, "body": "From the other window."}, headers=CHECK)
    assert "You changed this draft in another window" in client.post(draft, data={**mine, "body": "x"}).text


def test_an_answer_is_taken_off_and_put_back_with_its_code_and_other_stays(
    client: FlaskClient, draft: str
) -> None:
    before = the_query().options
    form = fields(client.get(draft).text)
    first, *rest = form["option"]
    client.post(draft, data={**form, "option": rest}, headers=CHECK)
    assert [one["key"] for one in the_query().options] == [*rest, "other", "undetermined"]
    form = fields(client.get(draft).text)
    assert f'value="{first}">' in client.get(draft).text
    client.post(draft, data={**form, "option": [first, *rest]}, headers=CHECK)
    assert the_query().options == before


def test_the_last_clinical_answer_stays(client: FlaskClient, draft: str) -> None:
    form = fields(client.get(draft).text)
    before = the_query().options
    refused = client.post(draft, data={**form, "option": [], "title": "Typed meanwhile"})
    assert refused.status_code == 400
    assert "Keep at least one answer" in refused.text
    assert fields(refused.text)["title"] == "Typed meanwhile"
    assert the_query().options == before


def test_an_answer_is_added_to_a_blank_query_which_becomes_multiple_choice(
    client: FlaskClient, stay: Encounter
) -> None:
    draft = client.post(f"/encounters/{stay.ref}/queries", data={"template": ""}).location
    form = fields(client.get(draft).text)
    client.post(draft, data={**form, "added": "Systolic heart failure"})
    assert the_query().query_type == "multiple_choice"
    assert [one["kind"] for one in the_query().options] == ["clinical", "other", "undetermined"]


def test_evidence_is_attached_ordered_and_taken_off_with_what_was_typed(client: FlaskClient, draft: str) -> None:
    form = fields(client.get(draft).text)
    document = db.session.scalars(select(Document)).one()
    start = document.text.index("furosemide")
    place = {"passage": f"{document.ref} {start} {start + len('furosemide 40 mg IV')}"}
    for _ in range(2):
        part = client.post(
            draft.replace("/edit", "/indicators"), data={**form, **place, "body": "Typed."}, headers=PART
        )
        assert part.status_code == 200
        form = {**form, "seen": fields(part.text)["seen"], "body": "Typed."}
    texts = [one.text for one in the_query().indicators]
    assert texts[-1] == "furosemide 40 mg IV"
    assert len(texts) == len(set(texts))
    assert the_query().body == "Typed."
    last = the_query().indicators[-1].id
    client.post(draft.replace("/edit", "/indicators"), data={**form, "up": last})
    assert [one.text for one in the_query().indicators] == [*texts[:-2], texts[-1], texts[-2]]
    client.post(draft.replace("/edit", "/indicators"), data={**form, "remove": last})
    assert [one.text for one in the_query().indicators] == texts[:-1]
    assert [one.position for one in the_query().indicators] == list(range(1, len(texts)))


def test_without_javascript_a_value_and_a_section_are_attached_with_the_words_that_were_not_saved(
    client: FlaskClient, draft: str
) -> None:
    with unit_of_work():
        query = db.session.scalars(select(Query)).one()
        query.indicators.clear()
        note = db.session.scalars(select(Document)).one()
        note.sections = [{"title": "Assessment", "start": 12, "end": len(note.text)}]
    page = client.get(draft).text
    pressed = re.findall(r'<button[^>]* form="composer" name="(\w+)" value="([^"]+)"', page)
    assert pressed[0] == ("do", "save"), "Enter in a field presses the first button of its form"
    value = next(one for one in pressed if one[0] == "fact")
    section = next(one for one in pressed if one[0] == "passage")
    for number, (name, place) in enumerate((value, section)):
        form = fields(client.get(draft).text) | {"body": f"Not saved {number}.", name: place}
        assert client.post(draft, data=form).status_code == 303
        assert the_query().body == f"Not saved {number}."
    assert [one.text for one in the_query().indicators] == [
        "BNP 1840 pg/mL",
        "heart failure. Continue furosemide 40 mg IV.",
    ]


@pytest.mark.parametrize(
    ("start", "end"), [("0", "99999"), ("-1", "5"), ("5", "5"), ("x", "y"), ("9" * 30, "9" * 31)]
)
def test_a_place_outside_the_document_is_no_indicator(
    client: FlaskClient, draft: str, start: str, end: str
) -> None:
    before = [one.text for one in the_query().indicators]
    document = db.session.scalars(select(Document)).one()
    place = {"passage": f"{document.ref} {start} {end}"}
    answer = client.post(draft.replace("/edit", "/indicators"), data=place)
    assert answer.status_code == 400
    assert "cannot be a clinical indicator" in answer.text
    assert [one.text for one in the_query().indicators] == before


def test_the_preview_is_the_providers_page_with_nothing_to_press(client: FlaskClient, draft: str) -> None:
    client.post(draft, data={**fields(client.get(draft).text), "body": "As typed <b>now</b>."}, headers=CHECK)
    page = client.get(draft.replace("/edit", "/preview"))
    assert "As typed &lt;b&gt;now&lt;/b&gt;." in page.text
    assert "provider.css" in page.text
    assert "Review and sign" in page.text
    policy = page.headers["Content-Security-Policy"]
    assert "sandbox allow-same-origin" in policy and "script-src" not in policy
    assert "frame-ancestors 'self'" in policy
    assert "frame-src 'self'" in client.get(draft).headers["Content-Security-Policy"]
    assert "frame-src" not in client.get("/queries").headers["Content-Security-Policy"]


def test_a_sent_query_is_not_written_any_more(client: FlaskClient, draft: str) -> None:
    form = fields(client.get(draft).text)
    assert client.post(draft, data={**form, "do": "send", "override_reason": "Looked at"}).status_code == 303
    late = client.post(draft, data={**form, "body": "Too late."}, headers=CHECK)
    assert late.status_code == 400
    assert "was sent" in late.text
    assert "Too late." not in the_query().body
    assert client.get(draft).status_code == 302


def test_who_may_not_compose_sees_neither_draft_nor_preview(app: Flask, client: FlaskClient, draft: str) -> None:
    a_user("auditor", email="audit@h.test")
    auditor = signed_in(
        app.test_client(), db.session.scalars(select(User).where(User.email == "audit@h.test")).one()
    )
    for address in (draft, draft.replace("/edit", "/preview")):
        assert auditor.get(address).status_code == 403
    assert auditor.post(draft, data={"title": "x"}).status_code == 403


def test_the_keys_of_a_draft_stand_on_the_page_and_in_the_guide(client: FlaskClient, draft: str) -> None:
    guide = (services.ROOT / "docs" / "guides" / "writing-a-query.md").read_text()
    for page in (client.get("/keys").text, client.get(draft).text):
        for key, text in COMPOSER_KEYS:
            assert f"<kbd>{key}</kbd></th><td>{text}</td>" in page
            assert f"| `{key}` | {text} |" in guide
