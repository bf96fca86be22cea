"""The interface console: what came, what waits, and what a person does about it."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from query_mgr.audit.models import AuditEvent
from query_mgr.charts.actions import import_file
from query_mgr.charts.cli import charts_cli
from query_mgr.charts.intake import ImportRun, Intake, IntakePart, retention
from query_mgr.charts.intake.words import left, lines_of, span, state
from query_mgr.charts.models import Encounter, FeedMessage, Patient
from query_mgr.platform.db import db
from tests.accounts.builders import a_user, signed_in
from tests.charts.bundles import a_bundle, encoded
from tests.charts.hl7_messages import PID, adt
from tests.conftest import Clock

ADMIT = adt("A01", "20260302050000", "1", admitted="20260302045500")
BROKEN = ADMIT.replace("PID|1", "garbage|1")
NOBODY = ADMIT.replace("000417^^^RIVERBEND^MR~", "")


@pytest.fixture
def client(app: Flask, time: Clock) -> FlaskClient:
    app.config["WTF_CSRF_ENABLED"] = False
    return signed_in(app.test_client(), a_user("cdi_manager"))


def refuse(text: str = BROKEN, feed: str = "files") -> str:
    import_file(text.encode(), "feed.hl7", by="tester", feed=feed)
    return db.session.scalars(select(IntakePart.ref).order_by(IntakePart.id.desc())).first() or ""


def the_part() -> IntakePart:
    db.session.rollback()
    return db.session.scalars(select(IntakePart).order_by(IntakePart.id)).first()  # type: ignore[return-value]


def trail() -> list[str]:
    return list(db.session.scalars(select(AuditEvent.action).order_by(AuditEvent.seq)))


def everything() -> dict[str, int]:
    db.session.rollback()
    tables = db.metadata.sorted_tables
    return {one.name: db.session.scalar(select(func.count()).select_from(one)) or 0 for one in tables}


def test_an_empty_console_says_what_to_do(client: FlaskClient) -> None:
    page = client.get("/interfaces").text
    assert "Nothing has come in yet" in page
    assert "hl7 serve" in page


def test_the_console_says_of_each_feed_how_it_does_and_what_waits(client: FlaskClient, time: Clock) -> None:
    import_file(ADMIT.encode(), "a.hl7", by="t", feed="MLLP EPIC")
    refuse()
    time.advance(hours=3)
    page = client.get("/interfaces").text
    assert "quiet for 3 h: last message" in page
    assert "1 to look at" in page
    assert "begins no segment" in page


def test_an_administrator_sees_that_something_waits_and_neither_its_name_nor_its_content(
    client: FlaskClient,
) -> None:
    ref = refuse()
    admin = signed_in(client.application.test_client(), a_user("admin", email="adm@h.test"))
    page = admin.get("/interfaces").text
    assert "It is broken." in page
    assert "feed.hl7" not in page
    assert "begins no segment" not in page
    assert admin.get(f"/interfaces/parts/{ref}").status_code == 403
    assert admin.get("/interfaces/identity").status_code == 403


def test_opening_a_part_shows_its_segments_and_is_on_record(client: FlaskClient) -> None:
    page = client.get(f"/interfaces/parts/{refuse()}").text
    assert "<mark>garbage|1" in page
    assert "intake.read" in trail()


def test_a_part_is_mended_and_replayed_and_both_stay(client: FlaskClient) -> None:
    ref = refuse()
    fixed = BROKEN.replace("garbage|1", "PID|1").replace("\r", "\r\n")
    page = client.post(f"/interfaces/parts/{ref}", data={"do": "edited", "text": fixed}, follow_redirects=True)
    assert "Replayed: imported." in page.text
    assert db.session.scalars(select(Patient.mrn)).one() == "000417"
    assert (the_part().settlement, the_part().payload is not None) == ("replayed", True)
    assert [one.replay_of for one in db.session.scalars(select(Intake).order_by(Intake.id))] == ["", ref]
    assert "intake.replayed" in trail()


def test_a_replay_that_fails_again_says_why_and_leaves_the_part_open(client: FlaskClient) -> None:
    ref = refuse()
    page = client.post(f"/interfaces/parts/{ref}", data={"do": "replay"})
    assert "refused again" in page.text
    assert the_part().settled_at is None


@pytest.mark.parametrize("do", ["try", "try_edited"])
def test_a_dry_run_says_what_would_happen_and_nothing_remains(client: FlaskClient, do: str) -> None:
    ref = refuse()
    before = everything()
    fixed = BROKEN.replace("garbage|1", "PID|1")
    page = client.post(f"/interfaces/parts/{ref}", data={"do": do, "text": fixed})
    assert "nothing was kept" in page.text
    assert ("would be imported" in page.text) == (do == "try_edited")
    assert everything() == before


def test_a_part_is_dismissed_with_a_reason_and_not_without(client: FlaskClient) -> None:
    ref = refuse()
    client.post(f"/interfaces/parts/{ref}", data={"do": "dismiss", "reason": " "})
    assert the_part().settled_at is None
    client.post(f"/interfaces/parts/{ref}", data={"do": "dismiss", "reason": "a test of the vendor"})
    assert (the_part().settlement, the_part().settled_reason) == ("dismissed", "a test of the vendor")
    refuse()  # the same again: it was dealt with
    assert "Nothing waits" in client.get("/interfaces").text


def test_contents_are_deleted_after_the_retention_and_the_record_stays(client: FlaskClient, time: Clock) -> None:
    import_file(ADMIT.encode(), "a.hl7", by="t")
    ref = refuse()
    time.advance(days=29)
    retention.forget_expired()
    assert the_part().payload is not None
    time.advance(days=2)
    retention.forget_expired()
    assert the_part().payload is None
    texts = dict(db.session.execute(select(FeedMessage.status, FeedMessage.text)).all())
    assert (texts["rejected"], bool(texts["imported"])) == ("", True)
    page = client.post(f"/interfaces/parts/{ref}", data={"do": "replay"}, follow_redirects=True)
    assert "deleted after the retention period" in page.text


def test_a_message_without_a_patient_is_assigned_and_replayed(client: FlaskClient) -> None:
    import_file(ADMIT.replace("CSN1", "CSN0").encode(), "a.hl7", by="t")
    ref = refuse(NOBODY.replace("|1|P", "|2|P"))
    assert "Whose are these?" in client.get("/interfaces/identity").text
    assert (
        "No patient has this MRN"
        in client.post(f"/interfaces/identity/messages/{ref}", data={"mrn": "9"}, follow_redirects=True).text
    )
    client.post(f"/interfaces/identity/messages/{ref}", data={"mrn": "000417"})
    assert {one.patient.mrn for one in db.session.scalars(select(Encounter))} == {"000417"}
    assert db.session.scalar(select(func.count(Encounter.id))) == 2
    assert the_part().settlement == "replayed"


def test_two_who_look_alike_are_shown_side_by_side_and_decided_by_a_person(client: FlaskClient) -> None:
    other = PID.replace("000417", "000999")
    for number, pid in enumerate((PID, other)):
        text = adt("A01", "20260302050000", str(number), admitted="20260302045500", pid=pid)
        import_file(text.replace("CSN1", f"CSN{number}").encode(), "a.hl7", by="t")
    page = client.get("/interfaces/identity").text
    assert "same given names" in page
    assert db.session.scalar(select(func.count(func.distinct(Encounter.patient_id)))) == 2
    ref = page.split("/interfaces/identity/pairs/")[1][:16]
    client.post(f"/interfaces/identity/pairs/{ref}", data={"do": "first"})
    assert {one.patient.mrn for one in db.session.scalars(select(Encounter))} == {"000417"}
    page = client.get("/interfaces/identity").text
    assert "RIVERBEND|000999 is now RIVERBEND|000417" in page
    client.post("/interfaces/identity/merges/1")
    assert {one.patient.mrn for one in db.session.scalars(select(Encounter))} == {"000417", "000999"}
    assert "Nobody looks like somebody else" in client.get("/interfaces/identity").text


def test_a_dry_run_of_files_prints_what_would_become_of_them(app: Flask, tmp_path: Path) -> None:
    (tmp_path / "1.json").write_bytes(encoded(a_bundle()))
    (tmp_path / "2.hl7").write_text(BROKEN)
    before = everything()
    done = app.test_cli_runner().invoke(charts_cli, ["import", "--dry-run", str(tmp_path)])
    assert [json.loads(line)["status"] for line in done.stdout.splitlines()] == ["imported", "rejected"]
    assert everything() == before


def test_an_import_of_many_files_says_how_far_it_is(app: Flask, tmp_path: Path) -> None:
    for name in ("1.json", "2.json"):
        (tmp_path / name).write_bytes(encoded(a_bundle()))
    app.test_cli_runner().invoke(charts_cli, ["import", str(tmp_path)])
    run = db.session.scalars(select(ImportRun)).one()
    assert (run.files_done, run.files_total, run.statuses) == (2, 2, {"imported": 1, "unchanged": 1})
    assert run.finished_at is not None


def test_what_waits_is_listed_and_replayed_from_the_command_line(app: Flask) -> None:
    ref = refuse()
    runner = app.test_cli_runner()
    (line,) = runner.invoke(charts_cli, ["needs-attention"]).stdout.splitlines()
    assert (json.loads(line)["ref"], json.loads(line)["what"]) == (ref, "It is broken.")
    done = runner.invoke(charts_cli, ["replay", ref])
    assert (done.exit_code, json.loads(done.stdout)["status"]) == (1, "rejected")
    assert "nothing waits" in runner.invoke(charts_cli, ["replay", "nonsense"]).stderr


def test_the_named_segment_is_marked() -> None:
    by_name = lines_of("MSH|1\rPID|1\rPV1|1", "date: PID-7: is no date")
    by_number = lines_of("MSH|1\rgarbage", "structure: segment 2: begins no segment")
    assert [one.is_named for one in by_name] == [False, True, False]
    assert [one.is_named for one in by_number] == [False, True]
    assert not any(one.is_named for one in lines_of("<a/>", "segment 1"))


def test_durations_and_states_are_said_in_words(time: Clock) -> None:
    assert [span(timedelta(seconds=n)) for n in (5, 90, 7300, 90000, 200000)] == [
        "5 s",
        "1 min",
        "2 h",
        "1 day",
        "2 days",
    ]
    assert state(time() - timedelta(hours=3), time(), "05:12", 0, 0) == "quiet for 3 h: last message 05:12"
    assert left(1, 4, timedelta(minutes=1)) == "about 3 min left"
    assert left(0, 4, timedelta(0)) == ""
