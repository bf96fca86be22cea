"""The coding side of the encounter workspace, over HTTP."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, select

from query_mgr.charts.models import Document, Encounter, Patient, SentCode
from query_mgr.codes.loader import CodeRow, load_rows
from query_mgr.coding.models import CaughtError, CodeAssignment, CodingVersion, EncounterCoding
from query_mgr.coding.reader import codes_of, history_of
from query_mgr.coding.scrubbing import scrubbed
from query_mgr.coding.work import PROCEDURE, SERVICE
from query_mgr.desk.keys import CODING_KEYS
from query_mgr.platform.db import db, unit_of_work
from tests import services
from tests.accounts.builders import a_user, signed_in
from tests.codes.builders import ROWS
from tests.conftest import Clock
from tests.queries.builders import a_provider, a_sent_query, an_encounter

PART = {"Accept": "text/x-part"}
PCS = (CodeRow("0BH17EZ", "Insertion of endotracheal airway into trachea, via opening", True, None, {}),)
#: rows of our own; 99991 is made up
HCPCS = (CodeRow("J1885", "Injection, ketorolac tromethamine, per 15 mg", True, None, {}),
         CodeRow("E1190", "Heavy duty wheelchair", True, None, {}))  # fmt: skip
CPT = (CodeRow("99991", "Made up visit", True, None, {}),)


@pytest.fixture
def client(app: Flask, time: Clock) -> FlaskClient:
    app.config["WTF_CSRF_ENABLED"] = False
    since = date(2025, 10, 1)
    load_rows(ROWS, "test", effective_from=since)
    for system, rows in (("icd10pcs", PCS), ("hcpcs", HCPCS), ("cpt", CPT)):
        load_rows(rows, "test", system=system, effective_from=since)
    return signed_in(app.test_client(), a_user("coder", email="cora@h.test"))


@pytest.fixture
def stay(client: FlaskClient) -> Encounter:
    found = an_encounter()
    with unit_of_work():
        patient = db.session.get_one(Patient, found.patient_id)
        patient.birth_on, patient.sex = date(1958, 4, 2), "female"
    return found


def revision(stay: Encounter) -> int:
    db.session.rollback()
    found = db.session.get(EncounterCoding, stay.id)
    return found.revision if found else 0


def post(client: FlaskClient, address: str, part: bool = False, **form: Any) -> Any:
    return client.post(address, data=form, headers=PART if part else {}, follow_redirects=True)


def assigned(client: FlaskClient, stay: Encounter, *codes: str, **form: Any) -> list[CodeAssignment]:
    for code in codes:
        answer = client.post(f"/encounters/{stay.ref}/codes", data={"code": code, **form})
        assert answer.status_code == 303, answer.text
    return codes_of(stay)


def order(stay: Encounter) -> list[str]:
    db.session.rollback()
    return [row.code for row in codes_of(stay)]


def change(client: FlaskClient, row: CodeAssignment, what: str, **form: Any) -> Any:
    return post(client, f"/codes/{row.ref}/change", change=what, **form)


def test_one_box_puts_each_code_in_the_list_of_its_system(client: FlaskClient, stay: Encounter) -> None:
    for code in ("I50.9", "0BH17EZ", "J1885", "99991"):
        assert post(client, f"/encounters/{stay.ref}/codes", code=code).status_code == 200
    assert [row.code for row in codes_of(stay)] == ["I50.9"]
    assert [row.code for row in codes_of(stay, PROCEDURE)] == ["0BH17EZ"]
    assert [row.system for row in codes_of(stay, SERVICE)] == ["hcpcs", "cpt"]


def test_a_code_that_two_systems_have_is_not_guessed(client: FlaskClient, stay: Encounter) -> None:
    page = post(client, f"/encounters/{stay.ref}/codes", code="E1190")
    assert page.status_code == 200  # this edition of ICD-10-CM has no E11.90
    load_rows((*ROWS, CodeRow("E11.90", "Made up", True, "E11", {})), "next", effective_from=date(2026, 1, 1))
    other = post(client, f"/encounters/{stay.ref}/codes", code="e1190")
    assert other.status_code == 422 and "ICD-10-CM and HCPCS" in other.text
    assert post(client, f"/encounters/{stay.ref}/codes", code="E11.90").status_code == 200
    assert order(stay) == ["E11.90"]


@pytest.mark.sqlite_only
def test_what_is_no_code_is_said_and_kept_in_a_field(client: FlaskClient, stay: Encounter) -> None:
    page = post(client, f"/encounters/{stay.ref}/codes", code="E11", reason="on the problem list")
    assert page.status_code == 422
    assert "category and cannot be reported" in page.text
    assert 'value="E11"' in page.text and "on the problem list" in page.text
    part = post(client, f"/encounters/{stay.ref}/codes", part=True, code="E11")
    assert part.status_code == 422 and "<html" not in part.text and "category" in part.text


def test_the_order_is_changed_by_plain_buttons_and_by_number(client: FlaskClient, stay: Encounter) -> None:
    rows = assigned(client, stay, "I10", "I50.9", "N17.9")
    change(client, rows[2], "up")
    assert order(stay) == ["I10", "N17.9", "I50.9"]
    change(client, rows[2], "first")
    assert order(stay) == ["N17.9", "I10", "I50.9"]
    change(client, rows[2], "down")
    assert order(stay) == ["I10", "N17.9", "I50.9"]
    change(client, rows[0], "to", sequence="3")
    assert order(stay) == ["N17.9", "I50.9", "I10"]
    assert change(client, rows[0], "to", sequence="9").status_code == 422
    assert change(client, rows[0], "down").status_code == 200  # at the end already: nothing to do
    assert order(stay) == ["N17.9", "I50.9", "I10"]


@pytest.mark.sqlite_only
def test_the_first_is_marked_principal_in_a_stay_and_first_listed_in_a_visit(
    client: FlaskClient, stay: Encounter
) -> None:
    assigned(client, stay, "I50.9")
    assert ">principal<" in client.get(f"/encounters/{stay.ref}").text
    assert "POA of I50.9" in client.get(f"/encounters/{stay.ref}").text
    with unit_of_work():
        db.session.get_one(Encounter, stay.id).encounter_class = "ambulatory"
    page = client.get(f"/encounters/{stay.ref}").text
    assert ">first-listed<" in page and "POA of I50.9" not in page


def test_a_replaced_code_keeps_its_place_and_takes_the_evidence_that_is_chosen(
    client: FlaskClient, stay: Encounter
) -> None:
    rows = assigned(client, stay, "I50.9", "I10")
    note = db.session.scalars(select(Document)).one()
    change(client, rows[0], "replace", code="I50.21", evidence=f"document:{note.ref}", start=12, end=25)
    first = codes_of(stay)[0]
    assert (first.code, first.sequence, first.evidence and first.evidence["text"]) == (
        "I50.21",
        1,
        "heart failure",
    )


@pytest.mark.parametrize("what", ["remove", "replace", "poa", "first", "evidence"])
def test_the_last_change_can_be_taken_back(client: FlaskClient, stay: Encounter, what: str) -> None:
    note = db.session.scalars(select(Document)).one()
    place = {"evidence": f"document:{note.ref}"}
    assigned(client, stay, "I50.9", poa="Y", **place)
    rows = assigned(client, stay, "I10", poa="N")
    more = {"replace": {"code": "I50.21"}, "poa": {"poa": "N"}, "evidence": place}.get(what, {})
    row = rows[1] if what in ("first", "evidence") else rows[0]

    def state() -> list[tuple[Any, ...]]:
        db.session.rollback()
        return [(one.code, one.sequence, one.poa, one.evidence) for one in codes_of(stay)]

    before = state()
    page = change(client, row, what, **more)
    assert state() != before
    number = re.search(r'name="what" value="(\d+)"', page.text)
    assert number
    assert post(client, f"/encounters/{stay.ref}/undo", what=number[1]).status_code == 200
    assert state() == before
    assert len(history_of(stay)) > 3  # nothing of it is erased


def test_a_removed_service_line_comes_back_with_all_that_it_said(client: FlaskClient, stay: Encounter) -> None:
    assigned(client, stay, "I10")
    provider = a_provider()
    fields = {"modifiers": "JZ", "units": "2", "pointers": "A", "claim": "professional", "dose": "30 mg"}
    post(
        client,
        f"/encounters/{stay.ref}/codes",
        code="J1885",
        served_on="2026-11-01",
        provider=provider.npi,
        **fields,
    )
    row = codes_of(stay, SERVICE)[0]
    page = change(client, row, "remove")
    number = re.search(r'name="what" value="(\d+)"', page.text)
    assert number
    post(client, f"/encounters/{stay.ref}/undo", what=number[1])
    again = codes_of(stay, SERVICE)[0]
    told = (
        again.modifiers,
        again.units,
        again.claim,
        again.dose,
        again.served_on,
        again.provider_id,
        again.pointers,
    )
    assert told == ("JZ", 2.0, "professional", "30 mg", date(2026, 11, 1), provider.id, [codes_of(stay)[0].ref])


def test_a_change_of_another_encounter_cannot_be_taken_back_here(client: FlaskClient, stay: Encounter) -> None:
    assigned(client, stay, "I10")
    page = post(client, f"/encounters/{stay.ref}/undo", what=999)
    assert page.status_code == 422 and "not in the history" in page.text


def test_a_service_line_is_linked_to_diagnoses_by_letter(client: FlaskClient, stay: Encounter) -> None:
    rows = assigned(client, stay, "I10", "I50.9")
    assigned(client, stay, "J1885")
    line = codes_of(stay, SERVICE)[0]
    change(client, line, "details", pointers="b a", units="3", modifiers="jz")
    db.session.rollback()
    line = codes_of(stay, SERVICE)[0]
    assert (line.pointers, line.units, line.modifiers) == ([rows[1].ref, rows[0].ref], 3.0, "JZ")
    assert "Dx BA" in client.get(f"/encounters/{stay.ref}").text
    refused = change(client, line, "details", pointers="C")
    assert refused.status_code == 422 and "use A to B" in refused.text


@pytest.mark.sqlite_only
def test_a_line_s_provider_is_found_by_name_or_npi_and_never_guessed(client: FlaskClient, stay: Encounter) -> None:
    provider = a_provider()
    assigned(client, stay, "0BH17EZ")
    row = codes_of(stay, PROCEDURE)[0]
    for text in ("Rosa Medina, MD", "1234567893"):
        change(client, row, "details", provider=text, served_on="2026-10-30")
        db.session.rollback()
        assert codes_of(stay, PROCEDURE)[0].provider_id == provider.id
    refused = change(client, row, "details", provider="Nobody, MD", served_on="2026-10-30")
    assert refused.status_code == 422 and "in no directory" in refused.text


def test_a_page_that_is_behind_is_told_so_and_loses_nothing_typed(client: FlaskClient, stay: Encounter) -> None:
    assigned(client, stay, "I10")
    seen = revision(stay)
    assigned(client, stay, "N17.9")
    for part in (False, True):
        page = post(
            client,
            f"/encounters/{stay.ref}/codes",
            part=part,
            code="I50.9",
            reason="typed at length",
            revision=seen,
        )
        assert page.status_code == 409
        assert order(stay) == ["I10", "N17.9"]
        for words in (
            "Not done yet",
            "N17.9 was added, Ann Coder",
            'value="I50.9"',
            "typed at length",
            "Do it now",
        ):
            assert words in page.text
    again = dict(
        re.findall(r'name="(\w+)" value="([^"]*)"', page.text.partition('id="notice"')[2].partition("</form>")[0])
    )
    assert again["revision"] == str(revision(stay))
    post(client, f"/encounters/{stay.ref}/codes", **again)
    assert order(stay) == ["I10", "N17.9", "I50.9"]


def test_a_change_of_a_code_that_somebody_removed_keeps_what_was_typed(
    client: FlaskClient, stay: Encounter
) -> None:
    rows = assigned(client, stay, "I10", "I50.9")
    change(client, rows[0], "remove")
    page = change(client, rows[0], "replace", code="N17.9")
    assert page.status_code == 409
    assert "I10 was removed" in page.text and 'value="N17.9"' in page.text
    assert client.post("/codes/nothing/change", data={"change": "poa"}).status_code == 404


def test_findings_are_grouped_counted_sourced_and_lead_to_their_fix(client: FlaskClient, stay: Encounter) -> None:
    page = client.get(f"/encounters/{stay.ref}").text
    assert "Must be fixed" in page and 'href="#code"' in page
    (row,) = assigned(client, stay, "I10")
    page = client.get(f"/encounters/{stay.ref}").text
    assert "Fix it, or say why not" in page
    assert "I10 is linked to no documentation" in page
    assert "section I.A.19" in page
    assert f'href="#link-{row.ref}"' in page and f'id="link-{row.ref}"' in page


def test_an_override_wants_a_reason_is_folded_with_who_and_why_and_can_be_taken_back(
    client: FlaskClient, stay: Encounter
) -> None:
    assigned(client, stay, "I10")
    key = db.session.scalars(select(CaughtError.key).where(CaughtError.edit == "no-documentation")).one()
    address = f"/encounters/{stay.ref}/findings"
    assert post(client, address, key=key, reason=" ").status_code == 422
    page = post(client, address, key=key, reason="Scanned record on paper").text
    assert "Overridden (1)" in page and "“Scanned record on paper”" in page and "Ann Coder, <time" in page
    assert "linked to no documentation" not in page.partition("Overridden (1)")[0]
    page = post(client, address, key=key, do="withdraw").text
    assert "Overridden" not in page


def test_an_error_offers_no_override_and_takes_none(client: FlaskClient) -> None:
    query = a_sent_query()
    stay = query.encounter
    assigned(client, stay, "I10")
    page = client.get(f"/encounters/{stay.ref}").text
    assert f'href="/queries/{query.ref}"' in page
    key = f"open-query|{query.ref}"
    assert f'value="{key}"' not in page
    refused = post(client, f"/encounters/{stay.ref}/findings", key=key, reason="never mind")
    assert refused.status_code == 422 and "must be fixed" in refused.text


def finished(client: FlaskClient, stay: Encounter) -> Any:
    note = db.session.scalars(select(Document)).one()
    assigned(client, stay, "I50.9", poa="Y", evidence=f"document:{note.ref}")
    for one in scrubbed(stay).blocking:
        post(client, f"/encounters/{stay.ref}/findings", key=one.key, reason="it says no more than that")
    return post(client, f"/encounters/{stay.ref}/steps", do="finalize")


@pytest.mark.sqlite_only
def test_the_steps_that_are_offered_are_those_of_the_table(client: FlaskClient, stay: Encounter) -> None:
    def offered(page: str) -> list[str]:
        return re.findall(
            r'name="do" value="(\w+)"', page.partition('id="coding-bar"')[2].partition("</section>")[0]
        )

    assert offered(client.get(f"/encounters/{stay.ref}").text) == ["pend"]
    page = finished(client, stay)
    assert page.status_code == 200, page.text
    assert "Final" in page.text and 'id="assign" hidden' in page.text
    assert "reopen" in offered(page.text)
    page = post(client, f"/encounters/{stay.ref}/steps", do="reopen")
    assert offered(page.text) == ["finalize", "ready", "pend"]
    page = post(client, f"/encounters/{stay.ref}/steps", do="pend", reason="pathology", wake_on="2026-11-09")
    assert "A pathology or culture result" in page.text and "Nov 09, 2026" in page.text
    assert offered(page.text) == ["resume"]


@pytest.mark.sqlite_only
def test_a_closed_set_shows_no_control_that_would_change_it(client: FlaskClient, stay: Encounter) -> None:
    page = finished(client, stay).text
    (row,) = codes_of(stay)
    for control in ("data-poa", f"more-{row.ref}", 'class="grip"', 'value="remove"'):
        assert control not in page
    assert change(client, row, "poa", poa="N").status_code == 422
    assert "open it again first" in change(client, row, "poa", poa="N").text


def test_finishing_with_an_open_finding_is_refused_with_what_it_is(client: FlaskClient, stay: Encounter) -> None:
    assigned(client, stay, "I10")
    page = post(client, f"/encounters/{stay.ref}/steps", do="finalize")
    assert page.status_code == 422 and "Not yet:" in page.text
    assert db.session.scalars(select(CodingVersion)).all() == []


@pytest.mark.sqlite_only
def test_pending_for_another_reason_wants_a_note(client: FlaskClient, stay: Encounter) -> None:
    page = post(client, f"/encounters/{stay.ref}/steps", do="pend", reason="other")
    assert page.status_code == 422 and "say what it waits for" in page.text
    page = post(client, f"/encounters/{stay.ref}/steps", do="pend", reason="query", wake_on="someday")
    assert page.status_code == 422 and "is no day" in page.text


def test_final_codes_are_handed_off_once_with_the_answer_and_come_back_with_a_reason(
    app: Flask, client: FlaskClient, stay: Encounter
) -> None:
    finished(client, stay)
    post(client, f"/encounters/{stay.ref}/stay", disposition="01")
    page = post(client, f"/encounters/{stay.ref}/steps", do="hand_off").text
    assert "Handed off" in page and "Accepted" in page and "Codes (HL7 BAR^P12), version 1" in page
    assert "answer kept" in page
    assert 'value="hand_off"' not in page and 'value="correct"' in page and 'value="return"' not in page
    assert "Billed, version 1" in client.get(f"/encounters/{stay.ref}/compare").text
    biller = signed_in(app.test_client(), a_user("biller", email="bill@h.test"))
    assert 'value="return"' in biller.get(f"/encounters/{stay.ref}").text
    assert post(biller, f"/encounters/{stay.ref}/steps", do="return", reason="other").status_code == 422
    page = post(biller, f"/encounters/{stay.ref}/steps", do="return", reason="diagnosis", note="Order").text
    assert "Returned by billing" in page
    page = client.get(f"/encounters/{stay.ref}").text
    assert 'id="assign"' in page and 'value="finalize"' in page


def test_a_correction_is_made_final_with_its_reason_and_sent_as_one(client: FlaskClient, stay: Encounter) -> None:
    finished(client, stay)
    post(client, f"/encounters/{stay.ref}/steps", do="hand_off")
    assert post(client, f"/encounters/{stay.ref}/steps", do="correct", reason="").status_code == 422
    assert (
        "Being corrected" in post(client, f"/encounters/{stay.ref}/steps", do="correct", reason="Late result").text
    )
    change(client, codes_of(stay)[0], "poa", poa="W")
    page = post(client, f"/encounters/{stay.ref}/steps", do="finalize").text
    assert 'value="rebill"' in page and 'value="hand_off"' not in page
    assert [one.reason for one in db.session.scalars(select(CodingVersion).order_by(CodingVersion.number))] == [
        "", "Late result"
    ]  # fmt: skip
    page = post(client, f"/encounters/{stay.ref}/steps", do="rebill").text
    assert "Rebilled" in page and "version 2, a correction" in page


@pytest.mark.sqlite_only
def test_an_open_page_asks_how_the_coding_stands_now(client: FlaskClient, stay: Encounter) -> None:
    assigned(client, stay, "I10")
    part = client.get(f"/encounters/{stay.ref}/coding", headers=PART).text
    assert 'id="coding-bar"' in part and "I10" in part and "<html" not in part
    assert client.get(f"/encounters/{stay.ref}/coding").status_code == 302


@pytest.mark.sqlite_only
def test_stay_details_are_kept_and_checked(client: FlaskClient, stay: Encounter) -> None:
    page = post(
        client, f"/encounters/{stay.ref}/stay", disposition="03", admitting_code="i10", payer_key="medicare"
    )
    assert "Skilled nursing facility" in page.text
    found = db.session.get_one(EncounterCoding, stay.id)
    assert (found.disposition, found.admitting_code, found.payer_key) == ("03", "I10", "medicare")
    page = post(client, f"/encounters/{stay.ref}/stay", disposition="3", admitting_code="", payer_key="")
    assert page.status_code == 422 and "two digits" in page.text


@pytest.mark.sqlite_only
def test_who_only_reads_sees_codes_and_findings_and_no_control(
    app: Flask, client: FlaskClient, stay: Encounter
) -> None:
    (row,) = assigned(client, stay, "I10")
    auditor = signed_in(app.test_client(), a_user("auditor", email="audit@h.test"))
    page = auditor.get(f"/encounters/{stay.ref}").text
    assert "I10" in page and "linked to no documentation" in page
    for control in ('id="assign"', "data-poa", "Override", 'name="do"', ">Undo<"):
        assert control not in page
    for address in (f"/encounters/{stay.ref}/codes", f"/codes/{row.ref}/change", f"/encounters/{stay.ref}/undo"):
        assert auditor.post(address, data={"change": "remove", "code": "I50.9"}).status_code == 403
    assert auditor.post(f"/encounters/{stay.ref}/steps", data={"do": "ready"}).status_code == 403


def test_the_grouping_is_fetched_apart_and_only_for_who_may_see_it(
    app: Flask, client: FlaskClient, stay: Encounter
) -> None:
    assigned(client, stay, "I50.9", "N17.9")
    page = client.get(f"/encounters/{stay.ref}").text
    assert f"/encounters/{stay.ref}/grouping" in page and "DRG" not in page
    part = client.get(f"/encounters/{stay.ref}/grouping", headers=PART).text
    assert "DRG 29" in part and 'data-level="CC"' in part
    admin = signed_in(app.test_client(), a_user("admin", email="admin@h.test"))
    assert admin.get(f"/encounters/{stay.ref}/grouping").status_code == 403


@pytest.mark.sqlite_only
def test_a_visit_is_flagged_by_hcc_and_not_grouped(client: FlaskClient, stay: Encounter) -> None:
    with unit_of_work():
        db.session.get_one(Encounter, stay.id).encounter_class = "ambulatory"
    assigned(client, stay, "I50.22")
    part = client.get(f"/encounters/{stay.ref}/grouping", headers=PART).text
    assert "HCC 226" in part and "DRG" not in part


def test_a_set_is_kept_and_applied_elsewhere_with_refused_codes_named(
    client: FlaskClient, stay: Encounter
) -> None:
    assigned(client, stay, "I10", "I50.9", poa="Y")
    page = post(client, f"/encounters/{stay.ref}/sets", name="Heart failure", shared="1")
    assert page.status_code == 200
    rows = codes_of(stay)
    change(client, rows[0], "remove")
    listed = client.get(f"/encounters/{stay.ref}/sets", headers=PART).text
    ref = re.search(r'name="set" value="(\w+)"', listed)
    assert ref and "I10, I50.9" in listed
    page = post(client, f"/encounters/{stay.ref}/sets/apply", set=ref[1]).text
    assert "1 of 2 codes were added" in page and "I50.9: it is on this encounter already" in page
    back = next(row for row in codes_of(stay) if row.code == "I10")
    assert (back.poa, back.evidence) == ("", None)  # this patient's own: not in the set


def test_a_code_of_a_set_that_ended_is_named_and_the_others_come(client: FlaskClient, stay: Encounter) -> None:
    assigned(client, stay, "I10", "I50.9")
    post(client, f"/encounters/{stay.ref}/sets", name="Both")
    for row in codes_of(stay):
        change(client, row, "remove")
    load_rows([row for row in ROWS if row.code != "I50.9"], "next", effective_from=date(2026, 10, 1))
    ref = re.search(r'name="set" value="(\w+)"', client.get(f"/encounters/{stay.ref}/sets", headers=PART).text)
    assert ref
    page = post(client, f"/encounters/{stay.ref}/sets/apply", set=ref[1]).text
    assert "1 of 2 codes were added" in page and "I50.9 is not in the ICD-10-CM edition" in page
    assert order(stay) == ["I10"]


def test_a_set_is_renamed_and_deleted_by_who_made_it_only(
    app: Flask, client: FlaskClient, stay: Encounter
) -> None:
    assigned(client, stay, "I10")
    address = f"/encounters/{stay.ref}/sets"
    post(client, address, name="Own")
    ref = re.search(r'name="set" value="(\w+)"', client.get(address, headers=PART).text)
    assert ref
    assert post(client, address, name=" own ").status_code == 422
    other = signed_in(app.test_client(), a_user("coder", email="other@h.test"))
    assert "Own" not in other.get(address, headers=PART).text
    assert post(other, address, do="delete", set=ref[1]).status_code == 422
    post(client, address, do="rename", set=ref[1], name="Shared now", shared="1")
    assert "shared by Ann Coder" in other.get(address, headers=PART).text
    assert "Only who made a set" in post(other, address, do="delete", set=ref[1]).text
    post(client, address, do="delete", set=ref[1])
    assert "No set yet" in client.get(address, headers=PART).text


def test_working_final_and_billed_stand_side_by_side(client: FlaskClient, stay: Encounter) -> None:
    assert finished(client, stay).status_code == 200
    post(client, f"/encounters/{stay.ref}/steps", do="reopen")
    assigned(client, stay, "N17.9")
    with unit_of_work():
        db.session.add(
            SentCode(
                source_key="c1", content_hash="", patient_id=stay.patient_id, encounter_id=stay.id, origin="claim",
                kind="diagnosis", code_system="icd10cm", code="I10", sequence=1,
            )
        )  # fmt: skip
    page = client.get(f"/encounters/{stay.ref}/compare").text
    assert "Final, version 1" in page and "Billed elsewhere" in page
    assert "not in the final set" in page and "in the claim set, not in the final one" in page


@pytest.mark.sqlite_only
def test_the_checklist_counts_what_is_ticked_and_assigns_nothing(client: FlaskClient, stay: Encounter) -> None:
    address = f"/encounters/{stay.ref}/em"
    page = client.get(address, query_string={"visit": "office", "k": ["p-worse", "r-drug"]}).text
    assert "Supports moderate" in page and "Data" in page
    page = client.get(address, query_string={"visit": "nonsense", "notes": "x", "minutes": "-4"}).text
    assert "Nothing is supported yet" in page
    assert codes_of(stay) == [] and codes_of(stay, SERVICE) == []


@pytest.mark.sqlite_only
@pytest.mark.parametrize("page", ["sets", "compare", "em", "history", "grouping"])
def test_every_tool_is_a_page_of_its_own_without_javascript(
    client: FlaskClient, stay: Encounter, page: str
) -> None:
    assigned(client, stay, "I10")
    found = client.get(f"/encounters/{stay.ref}/{page}")
    assert found.status_code == 200
    assert "Back to the chart" in found.text and "Testperson" in found.text


@pytest.mark.sqlite_only
@pytest.mark.parametrize("page", ["codes", "findings", "steps", "stay", "undo", "sets/apply"])
def test_a_page_that_answered_a_form_leads_back_when_it_is_loaded_again(
    client: FlaskClient, stay: Encounter, page: str
) -> None:
    found = client.get(f"/encounters/{stay.ref}/{page}?doc=abc")
    assert found.status_code == 302
    assert found.location.startswith(f"/encounters/{stay.ref}")


@pytest.fixture
def statements() -> Iterator[list[str]]:
    found: list[str] = []

    def note(conn: Any, cursor: Any, statement: str, *rest: Any) -> None:
        found.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    yield found
    event.remove(db.engine, "before_cursor_execute", note)


def test_more_codes_take_no_more_statements(client: FlaskClient, stay: Encounter, statements: list[str]) -> None:
    a_provider()
    assigned(client, stay, "I10", "0BH17EZ", "J1885")
    client.get(f"/encounters/{stay.ref}")
    statements.clear()
    client.get(f"/encounters/{stay.ref}")
    few = len(statements)
    assigned(client, stay, "I50.9", "I50.21", "I50.22", "N17.9", "E11.9", "99991")
    for row in (*codes_of(stay, PROCEDURE), *codes_of(stay, SERVICE)):
        change(client, row, "details", provider="Rosa Medina", served_on="2026-10-30")
    client.get(f"/encounters/{stay.ref}")
    statements.clear()
    client.get(f"/encounters/{stay.ref}")
    assert len(statements) <= few + 3, statements  # the CPT edition of the day is asked for too


@pytest.mark.sqlite_only
def test_the_keys_stand_on_the_page_of_keys_on_the_chart_and_in_the_guide(
    client: FlaskClient, stay: Encounter
) -> None:
    guide = (services.ROOT / "docs" / "guides" / "coding.md").read_text()
    for page in (client.get("/keys").text, client.get(f"/encounters/{stay.ref}").text):
        for key, text in CODING_KEYS:
            assert f"<kbd>{key}</kbd></th><td>{text}</td>" in page
            assert f"| `{key}` | {text} |" in guide
