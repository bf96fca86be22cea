"""POST /fhir: who may, what is answered, and nothing twice."""

from __future__ import annotations

import gzip
import json
import threading
from typing import Any

import pytest
from fhir.resources.R4B.capabilitystatement import CapabilityStatement
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from query_mgr.audit.models import AuditEvent
from query_mgr.charts.actions import import_bundle
from query_mgr.charts.cli import charts_cli
from query_mgr.charts.fhir_api import clients, routes
from query_mgr.charts.fhir_api.cli import client_cli
from query_mgr.charts.fhir_api.models import FhirSubmission, InterfaceClient
from query_mgr.charts.intake import Intake, IntakePart
from query_mgr.charts.models import Encounter, Fact
from query_mgr.platform.db import db
from tests.accounts.builders import a_user, signed_in
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
from tests.charts.fhir_posts import Sender, accepted, refused, rows, statuses

PRESSURE: dict[str, Any] = changed(
    CREATININE, id="bp", valueQuantity=None, component=[
        {"code": {"coding": [{"system": "http://loinc.org", "code": code}]}, "valueQuantity": {"value": value}}
        for code, value in (("8480-6", 120), ("8462-4", 80))
    ],
)  # fmt: skip


@pytest.fixture
def sender(app: Flask) -> Sender:
    return Sender(app)


@pytest.mark.parametrize("kind", ["transaction", "batch"])
def test_a_posted_chart_is_kept_and_each_entry_gets_its_place_and_version(sender: Sender, kind: str) -> None:
    response = sender.post(a_bundle(kind=kind))
    answers = accepted(response)
    assert response.json["type"] == f"{kind}-response"
    assert [each["status"] for each in answers] == ["201 Created"] * 5
    assert answers[3]["location"].startswith("Observation/o1/_history/")
    assert answers[3]["etag"] == f'W/"{answers[3]["location"].rpartition("/")[2]}"'
    assert rows() == [1, 1, 1, 1, 1]
    assert response.headers["Query-Mgr-Import"] == "imported"
    assert response.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in response.headers


@pytest.mark.parametrize("kind", ["transaction", "batch"])
def test_the_same_bundle_again_changes_nothing_and_gets_the_same_answer(sender: Sender, kind: str) -> None:
    first, second = sender.post(a_bundle(kind=kind)), sender.post(a_bundle(kind=kind))
    assert first.json == second.json
    assert second.headers["Query-Mgr-Import"] == "unchanged"
    assert rows() == [1, 1, 1, 1, 1]


def test_a_changed_result_is_an_update_with_a_new_version_and_back_again(sender: Sender) -> None:
    first = sender.post(a_bundle(kind="batch"))
    later = a_chart_with(kind="batch")
    later["entry"][3]["resource"] = changed(CREATININE, valueQuantity={"value": 3.1, "unit": "mg/dL"})
    second = sender.post(later)
    assert statuses(second) == ["200"] * 5
    assert second.json["entry"][3]["response"]["etag"] != first.json["entry"][3]["response"]["etag"]
    third = sender.post(a_bundle(kind="batch"))
    assert third.headers["Query-Mgr-Import"] == "imported"
    assert third.json["entry"][3]["response"]["etag"] == first.json["entry"][3]["response"]["etag"]
    assert (third.json["id"], statuses(third)) != (first.json["id"], statuses(first))
    assert db.session.scalars(select(Fact.value_number)).one() == 2.4


def test_item_25_the_same_bundle_at_the_same_time_is_one_import(app: Flask, sender: Sender) -> None:
    answers: list[Any] = []
    start = threading.Barrier(4)

    def post() -> None:
        start.wait()
        answers.append(sender_of(app, sender).post(a_bundle(kind="transaction")).json)

    threads = [threading.Thread(target=post) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join(60)
    assert len(answers) == 4
    assert all(each == answers[0] for each in answers)
    assert rows() == [1, 1, 1, 1, 1]
    imports = select(AuditEvent).where(AuditEvent.action == "chart.imported")
    assert len(db.session.scalars(imports).all()) == 1


def sender_of(app: Flask, sender: Sender) -> Sender:
    another = Sender.__new__(Sender)
    another.name, another.key, another.http = sender.name, sender.key, app.test_client()
    return another


WRONG: dict[int, dict[str, Any]] = {
    1: changed(PATIENT, birthDate="1950-02-30"),
    2: changed(ENCOUNTER, period=None),
    3: changed(CREATININE, valueQuantity={"value": "2.4"}),
    4: changed(NOTE, content=[{"attachment": {"contentType": "text/plain", "data": "%%%"}}]),
}


def a_bundle_failing_at(place: int, kind: str) -> dict[str, Any]:
    bundle = a_bundle(PRACTITIONER, PATIENT, ENCOUNTER, CREATININE, NOTE, kind=kind)
    bundle["entry"][place]["resource"] = WRONG.get(place, changed(PRACTITIONER, id="../x"))
    return bundle


@pytest.mark.parametrize("place", range(5))
def test_f26_a_transaction_that_fails_at_any_entry_keeps_nothing(sender: Sender, place: int) -> None:
    for _ in range(2):
        text = refused(sender.post(a_bundle_failing_at(place, "transaction")), 400)
        assert text.startswith(f"entry[{place}]")
        assert rows() == [0, 0, 0, 0, 0]
    assert statuses(sender.post(a_bundle(kind="transaction"))) == ["201"] * 5


@pytest.mark.parametrize("place", range(5))
def test_f26_a_batch_that_fails_at_any_entry_keeps_what_does_not_need_it(sender: Sender, place: int) -> None:
    first = sender.post(a_bundle_failing_at(place, "batch"))
    needs = {1: {1, 2, 3, 4}, 2: {2, 3, 4}}.get(place, {place})
    assert statuses(first) == ["422" if index in needs else "201" for index in range(5)]
    issue = first.json["entry"][place]["response"]["outcome"]["issue"][0]
    assert issue["severity"] == "error"
    assert issue["expression"][0].startswith(f"Bundle.entry[{place}]")
    kept = rows()
    second = sender.post(a_bundle_failing_at(place, "batch"))
    assert second.json == first.json
    assert rows() == kept
    assert {each[:3] for each in statuses(sender.post(a_bundle(kind="batch")))} <= {"200", "201"}
    assert rows() == [1, 1, 1, 1, 1]


def test_a_batch_names_every_one_of_many_entries_that_fail(sender: Sender) -> None:
    bad = [changed(CREATININE, id=f"x{number}", valueQuantity={"value": "high"}) for number in range(1100)]
    answers = statuses(sender.post(a_chart_with(*bad, kind="batch")))
    assert answers == ["201"] * 5 + ["422"] * 1100


def test_item_12_a_patient_of_another_facility_is_not_found_and_audited(sender: Sender) -> None:
    stranger = changed(CREATININE, id="o2", subject={"reference": "Patient/77"}, encounter=None)
    text = refused(sender.post(a_chart_with(stranger, kind="transaction")), 404, "not-found", "unknown-patient")
    assert text.startswith("entry[5] Observation")
    assert rows() == [0, 0, 0, 0, 0]
    assert "chart.refused" in db.session.scalars(select(AuditEvent.action)).all()


def test_item_12_in_a_batch_a_strangers_row_fails_alone_and_is_audited(sender: Sender) -> None:
    strangers = [
        changed(CREATININE, id=f"s{number}", subject={"reference": f"Patient/{number}"}, encounter=None)
        for number in range(30)
    ]
    assert statuses(sender.post(a_chart_with(*strangers, kind="batch"))) == ["201"] * 5 + ["404"] * 30
    assert rows() == [1, 1, 1, 1, 1]
    assert "chart.refused" in db.session.scalars(select(AuditEvent.action)).all()


def test_a_row_on_file_for_somebody_else_is_a_conflict(sender: Sender) -> None:
    sender.post(a_bundle(kind="batch"))
    other = changed(PATIENT, id="p2", identifier=[{"system": "http://h.example/mrn", "value": "9"}])
    stolen = changed(CREATININE, subject={"reference": "Patient/p2"}, encounter=None)
    assert statuses(sender.post(a_bundle(other, stolen, kind="batch"))) == ["201", "409"]
    refused(sender.post(a_bundle(other, stolen, kind="transaction")), 409, "conflict", "conflict")


@pytest.mark.parametrize("kind", ["transaction", "batch"])
def test_item_26_a_stale_version_is_refused_and_the_current_one_passes(sender: Sender, kind: str) -> None:
    first = sender.post(a_chart_with(PRESSURE, kind="batch"))
    etags = [first.json["entry"][place]["response"]["etag"] for place in (3, 5)]
    for resource, etag in zip((CREATININE, PRESSURE), etags, strict=True):
        newer = changed(resource, status="amended")
        assert statuses(sender.post(with_if_match(newer, etag, kind))) == ["200"] * 2
        newest = changed(resource, status="cancelled")
        stale = sender.post(with_if_match(newest, etag, kind))
        if kind == "batch":
            assert statuses(stale) == ["200", "412"]
        else:
            refused(stale, 412, "conflict", "if-match")
    assert set(db.session.scalars(select(Fact.status))) == {"amended"}


def with_if_match(resource: dict[str, Any], etag: str, kind: str) -> dict[str, Any]:
    bundle = a_bundle(PATIENT, resource, kind=kind)
    url = f"{resource['resourceType']}/{resource['id']}"
    bundle["entry"][1]["request"] = {"method": "PUT", "url": url, "ifMatch": etag}
    return bundle


def test_item_26_a_version_of_what_is_not_on_file_is_stale(sender: Sender) -> None:
    refused(sender.post(with_if_match(changed(CREATININE, encounter=None), 'W/"1"', "transaction")), 412)
    assert rows() == [0, 0, 0, 0, 0]


def test_a_change_that_came_as_a_file_makes_a_version_stale_too(app: Flask, sender: Sender) -> None:
    etag = sender.post(a_bundle(kind="batch")).json["entry"][3]["response"]["etag"]
    import_bundle(encoded(a_bundle(PATIENT, changed(CREATININE, status="amended"))), "f", by="tester")
    refused(sender.post(with_if_match(CREATININE, etag, "transaction")), 412)


def test_what_a_resource_lacks_is_said_beside_its_entry(sender: Sender) -> None:
    unknown = {"resourceType": "Sasquatch", "id": "x"}
    late = changed(CREATININE, id="o2", effectiveDateTime="2026-03-02T06:00:00")
    answers = accepted(sender.post(a_chart_with(unknown, late, kind="transaction")))
    assert answers[5]["status"] == "200 OK"
    assert "nothing of its own is kept" in answers[5]["outcome"]["issue"][0]["diagnostics"]
    assert "location" not in answers[5]
    assert any("Sasquatch: 1 resource" in issue["diagnostics"] for issue in answers[0]["outcome"]["issue"])
    everything = [issue for each in answers for issue in each.get("outcome", {}).get("issue", [])]
    assert any("time without offset" in issue["diagnostics"] for issue in everything)


def test_what_was_refused_waits_in_the_console_with_its_reason(sender: Sender) -> None:
    stranger = changed(CREATININE, id="o2", subject={"reference": "Patient/77"}, encounter=None)
    sender.post(a_chart_with(stranger, changed(CREATININE, id="../x"), kind="batch"))
    refused(sender.post(b'{"resourceType": "Bundle", "type": "history"}'), 400)
    parts = {part.where: part for part in db.session.scalars(select(IntakePart))}
    assert parts.keys() == {"entry[5] Observation", "entry[6] Observation", ""}
    assert json.loads(gzip.decompress(parts["entry[5] Observation"].payload or b""))["id"] == "o2"
    assert parts[""].reason.startswith("structure: Bundle.type")
    assert set(db.session.scalars(select(Intake.feed))) == {f"POST /fhir {sender.name}"}
    assert sorted(db.session.scalars(select(Intake.status))) == ["imported", "rejected"]


def test_an_empty_transaction_is_answered_with_an_empty_response(sender: Sender) -> None:
    assert accepted(sender.post({"resourceType": "Bundle", "type": "transaction"})) == []


def test_numbers_stay_as_written_when_a_batch_is_cut_to_what_passes(sender: Sender) -> None:
    sender.post(a_bundle_failing_at(4, "batch"))
    hashes = db.session.scalars(select(Fact.content_hash)).all()
    assert statuses(sender.post(a_bundle(kind="batch"))) == ["200", "200", "200", "200", "201"]
    assert db.session.scalars(select(Fact.content_hash)).all() == hashes


# Who may


def test_without_a_key_nobody_is_let_in(app: Flask) -> None:
    for header in ["", "Basic dXNlcjpwYXNz", "Bearer", "Bearer wrong", "Bearer qm_" + "a" * 52]:
        response = app.test_client().post(
            "/fhir", json=a_bundle(kind="batch"), headers={"Authorization": header} if header else {}
        )
        refused(response, 401, "login")
        assert response.headers["WWW-Authenticate"].startswith('Bearer realm="query_mgr"')
        assert rows() == [0, 0, 0, 0, 0]


def test_a_signed_in_person_is_nobody_here(app: Flask) -> None:
    http = signed_in(app.test_client(), a_user("admin"))
    refused(http.post("/fhir", json=a_bundle(kind="batch")), 401, "login")


def test_a_disabled_client_is_refused(app: Flask, sender: Sender) -> None:
    assert app.test_cli_runner().invoke(client_cli, ["disable", sender.name]).exit_code == 0
    refused(sender.post(a_bundle(kind="batch")), 403, "forbidden")
    assert rows() == [0, 0, 0, 0, 0]


def test_the_key_is_printed_once_and_only_its_hash_is_kept(app: Flask) -> None:
    run = app.test_cli_runner()
    added = run.invoke(client_cli, ["add", "Lab system"])
    key = added.stdout.strip()
    assert key.startswith("qm_")
    client = db.session.scalars(select(InterfaceClient)).one()
    assert key not in repr(vars(client))
    assert run.invoke(client_cli, ["add", "Lab system"]).exit_code == 1
    listed = run.invoke(client_cli, ["list"]).stdout
    assert "Lab system\tmay post" in listed
    assert "never used" in listed
    assert clients.find(key) is not None
    assert "last used" in run.invoke(client_cli, ["list"]).stdout
    assert run.invoke(client_cli, ["disable", "nobody"]).exit_code == 1
    assert "client" in charts_cli.commands or app.cli.commands["charts"].commands["client"]  # type: ignore[attr-defined]
    assert db.session.scalars(select(AuditEvent.action)).all() == ["client.created"]


# Everything is FHIR


def test_the_capability_statement_says_what_is_true(app: Flask) -> None:
    response = app.test_client().get("/fhir/metadata")
    CapabilityStatement.model_validate(response.json)
    assert response.mimetype == "application/fhir+json"
    assert [each["code"] for each in response.json["rest"][0]["interaction"]] == ["transaction", "batch"]
    assert "resource" not in response.json["rest"][0]


def test_what_is_not_here_is_said_in_fhir(app: Flask) -> None:
    for method, path, status in [
        ("GET", "/fhir", 405),
        ("PUT", "/fhir", 405),
        ("DELETE", "/fhir/", 405),
        ("POST", "/fhir/metadata", 405),
        ("GET", "/fhir/Patient/p1", 404),
        ("TRACE", "/fhir", 405),
        ("GET", "/fhir/%00", 400),
        ("POST", "/fhir/Patient", 404),
        ("GET", "/fhir/<script>", 404),
    ]:
        response = app.test_client().open(path, method=method)
        assert "script" not in refused(response, status)
        if status == 405:
            assert response.headers["Allow"]


def test_a_fault_is_a_number_and_no_word_of_the_chart(
    sender: Sender, monkeypatch: pytest.MonkeyPatch, caplog: Any
) -> None:
    def broken(*args: Any) -> None:
        raise ValueError("Rivera 0001234")

    monkeypatch.setattr(routes, "submit", broken)
    response = sender.post(a_bundle(kind="batch"))
    text = refused(response, 500, "exception")
    assert "fault number" in text
    assert "Rivera" not in response.text + caplog.text
    assert text.split()[-1] in caplog.text


def test_a_database_that_is_away_is_said_to_be(sender: Sender, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*args: Any) -> None:
        raise OperationalError("select", {}, Exception("gone"))

    monkeypatch.setattr(routes, "submit", away)
    response = sender.post(a_bundle(kind="batch"))
    refused(response, 503, "transient")
    assert response.headers["Retry-After"]


def test_what_is_remembered_of_a_bundle_holds_nothing_of_it_and_ends(sender: Sender, time: Any) -> None:
    sender.post(a_bundle(kind="batch"))
    row = db.session.scalars(select(FhirSubmission)).one()
    assert row.created == "11111"
    time.advance(days=31)
    sender.post(a_chart_with(PRESSURE, kind="batch"))
    assert len(db.session.scalars(select(FhirSubmission)).all()) == 1
    assert len(db.session.scalars(select(Encounter)).all()) == 1
