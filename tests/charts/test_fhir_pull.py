"""Fetching charts from a FHIR server: authorized, whole or gone on with, and never from anywhere else."""

from __future__ import annotations

import base64
import gzip
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import requests
from flask import Flask
from joserfc.jwk import ECKey, RSAKey
from sqlalchemy import select
from werkzeug.wrappers import Response

from config.settings import Settings, SettingsError
from query_mgr.audit.models import AuditEvent
from query_mgr.charts.cli import charts_cli
from query_mgr.charts.fhir_pull import cli, run
from query_mgr.charts.fhir_pull.authorization import read_key
from query_mgr.charts.fhir_pull.models import FhirPull
from query_mgr.charts.fhir_pull.problems import PullError
from query_mgr.charts.fhir_pull.run import Asked, Run, pull
from query_mgr.charts.fhir_pull.server import Patience, Server
from query_mgr.charts.intake import Intake, IntakePart
from query_mgr.charts.models import Document, Fact, Patient
from query_mgr.charts.report import Report
from query_mgr.platform.db import db
from tests.charts.bundles import CREATININE, ENCOUNTER, NOTE, PATIENT, PRACTITIONER, changed
from tests.charts.fake_fhir import CLIENT_ID, KEY_ID, FakeFhir, serving
from tests.charts.fhir_posts import rows
from tests.conftest import Clock, settings_for

KEY = RSAKey.generate_key(2048)
CHART = (PRACTITIONER, PATIENT, ENCOUNTER, CREATININE, NOTE)
EVERYTHING = Asked(everything=True)


@pytest.fixture(scope="module")
def key_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("key") / "key.pem"
    path.write_bytes(KEY.as_pem(private=True))
    return path


@pytest.fixture
def fake() -> Iterator[FakeFhir]:
    with serving(FakeFhir(KEY)) as server:
        server.add(*CHART)
        yield server
        assert server.faults == []


class Client:
    """This side: the settings, the naps it took, and what it reported."""

    def __init__(self, app: Flask, fake: FakeFhir, key_file: Path, **more: Any) -> None:
        self.app, self.naps = app, []  # type: Flask, list[float]
        self.reports: list[Report] = []
        settings = app.config["SETTINGS"]
        assert isinstance(settings, Settings)
        values = {
            "fhir_base_url": fake.base_url, "fhir_client_id": CLIENT_ID, "fhir_private_key": str(key_file),
            "fhir_key_id": KEY_ID,
        }  # fmt: skip
        self.settings = replace(settings, **values | more)
        app.config["SETTINGS"] = self.settings

    def server(self) -> Server:
        return cli.server_of(self.settings, Patience(attempts=3, sleep=self.naps.append))

    def run(self) -> Run:
        folder = self.settings.instance_dir / "fhir_pull"
        return Run(self.server(), folder, self.settings.fhir_export, self.reports.append)

    def pull(self, asked: Asked | None = None) -> FhirPull:
        self.last = self.run()
        return pull(self.last, asked or Asked())


@pytest.fixture
def client(app: Flask, fake: FakeFhir, key_file: Path) -> Client:
    return Client(app, fake, key_file)


def asked_for(fake: FakeFhir, part: str) -> list[str]:
    return [each for each in fake.asked if part in each]


# The whole way


def test_an_export_is_asked_for_waited_for_imported_and_ended(client: Client, fake: FakeFhir) -> None:
    row = client.pull()
    assert rows() == [1, 1, 1, 1, 1]
    assert (row.method, row.state, row.resources, row.since_at) == ("export", "done", 5, None)
    assert row.until_at == datetime(2026, 11, 2, 12, 0, 0, 123000, tzinfo=UTC)
    assert client.naps == [7.0, 7.0]
    assert [each.status for each in client.reports] == ["imported", "imported"]
    assert fake.exports == {}
    assert len(fake.jtis) == 1
    assert list((client.settings.instance_dir / "fhir_pull").iterdir()) == [
        client.settings.instance_dir / "fhir_pull" / "lock"
    ]
    assert db.session.scalars(select(Fact)).one().encounter_id is not None
    assert "chart.pulled" in db.session.scalars(select(AuditEvent.action)).all()


@pytest.mark.parametrize("has_export", [True, False])
def test_the_next_run_asks_for_what_changed_and_finds_its_patient(
    client: Client, fake: FakeFhir, has_export: bool
) -> None:
    fake.has_export = has_export
    client.pull()
    fake.asked.clear()
    fake.add(changed(CREATININE, id="o3"), changed(CREATININE, status="amended"), at="2099-01-01T00:00:00Z")
    row = client.pull()
    since = row.since_at
    assert since is not None
    asked = asked_for(fake, "_since=2026-11-02" if has_export else "Observation?_count=200&_lastUpdated=gt")
    assert len(asked) == 1
    assert asked_for(fake, "GET /r4/Patient/p1")
    assert sorted(db.session.scalars(select(Fact.source_key))) == ["Observation/o1", "Observation/o3"]
    assert db.session.scalars(select(Fact.status).where(Fact.source_key == "Observation/o1")).one() == "amended"
    assert {each.author_id for each in db.session.scalars(select(Document))} != {None}
    assert row.until_at is not None
    third = client.pull()
    assert third.since_at == row.until_at


def test_without_export_every_page_of_every_type_is_searched(client: Client, fake: FakeFhir) -> None:
    fake.has_export, fake.page = False, 2
    fake.add(*(changed(CREATININE, id=f"x{number}") for number in range(6)))
    row = client.pull()
    assert (row.method, row.resources) == ("search", 11)
    assert rows()[3] == 7
    assert len(asked_for(fake, "/Observation?")) == 4
    assert not asked_for(fake, "/CarePlan")  # the server does not say that it has it


def test_numbers_and_texts_are_what_the_server_sent(client: Client, fake: FakeFhir) -> None:
    raw = json.dumps(changed(CREATININE, id="o9")).replace("2.4,", "2.400,")
    page = f'{{"resourceType":"Bundle","type":"searchset","entry":[{{"resource":{raw}}}]}}'
    fake.has_export = False
    fake.answer_once["/Observation"] = Response(page, content_type="application/fhir+json")
    client.pull()
    assert db.session.scalars(select(Fact.value_text)).one() == "2.400"


def test_a_note_whose_text_is_a_binary_is_completed(client: Client, fake: FakeFhir) -> None:
    note = changed(NOTE, id="n2", content=[{"attachment": {"contentType": "text/plain", "url": "Binary/b1"}}])
    other = changed(NOTE, id="n3", content=[{"attachment": {"contentType": "text/plain", "url": "Binary/b2"}}])
    text = base64.b64encode(b"A: sepsis is likely").decode()
    fake.add(note, other, {"resourceType": "Binary", "id": "b1", "contentType": "text/plain", "data": text})
    fake.answer_always["/Binary/b2"] = Response(b"A: fluid overload", content_type="text/plain")
    client.pull()
    texts = set(db.session.scalars(select(Document.text).where(Document.source_key != "DocumentReference/n1")))
    assert {each.strip() for each in texts} == {"A: sepsis is likely", "A: fluid overload"}


def test_what_others_point_to_and_the_server_keeps_back_is_counted(client: Client, fake: FakeFhir) -> None:
    fake.add(changed(CREATININE, id="o4", encounter={"reference": "Encounter/secret"}))
    client.pull()
    assert "1 resource(s) that others point to are not given out by the server" in client.last.warnings


def test_everything_and_a_time_can_be_asked_for(client: Client, fake: FakeFhir) -> None:
    client.pull()
    assert client.pull(EVERYTHING).since_at is None
    row = client.pull(Asked(since_at=datetime(2020, 1, 1, tzinfo=UTC)))
    assert asked_for(fake, "_since=2020-01-01T00")
    assert row.resources == 5
    assert {each.status for each in client.reports[2:]} == {"unchanged"}
    assert rows() == [1, 1, 1, 1, 1]


def test_what_is_refused_waits_with_its_reason_and_the_time_moves_on(client: Client, fake: FakeFhir) -> None:
    client.pull()
    mrn = [{"system": "http://h.example/mrn", "value": "9"}]
    r5 = changed(ENCOUNTER, id="e5", subject={"reference": "Patient/p2"}, **{"class": [{"coding": []}]})
    bad = changed(CREATININE, id="o5", valueQuantity={"value": "high"})
    fake.add(changed(PATIENT, id="p2", identifier=mrn), r5, bad, at="2099-01-01T00:00:00Z")
    row = client.pull()
    assert (row.state, row.rejected) == ("done", 1)
    parts = {part.status: part for part in db.session.scalars(select(IntakePart))}
    assert parts["rejected"].reason.startswith("version: ")
    assert b'"e5"' in gzip.decompress(parts["rejected"].payload or b"")
    assert "valueQuantity" in parts["held"].where + parts["held"].reason
    assert set(db.session.scalars(select(Intake.feed))) == {f"pull {client.last.server.host}"}


# Failing and going on


def test_a_busy_server_is_asked_again_when_it_says(client: Client, fake: FakeFhir) -> None:
    fake.answer_once["/metadata"] = Response(status=429, headers={"Retry-After": "3"})
    fake.answer_once["/$export"] = Response(status=503)
    fake.answer_once["/file/1/Observation"] = Response(status=502, headers={"Retry-After": "100000"})
    client.pull()
    assert client.naps == [3.0, 1.0, 7.0, 7.0, 300.0]
    assert rows() == [1, 1, 1, 1, 1]


def test_a_server_that_stays_busy_stops_the_run_with_one_line(client: Client, fake: FakeFhir) -> None:
    fake.answer_always["/file/1/Patient"] = Response(status=503)
    with pytest.raises(PullError, match=r"^127\.0\.0\.1 answered 503 to a file of the export$"):
        client.pull()
    assert rows() == [0, 0, 0, 0, 0]
    fake.answer_always.clear()
    fake.asked.clear()
    assert client.pull().state == "done"
    assert not asked_for(fake, "$export")  # the export that was ready is gone on with
    assert rows() == [1, 1, 1, 1, 1]


def test_a_token_that_is_refused_is_renewed_once(client: Client, fake: FakeFhir) -> None:
    fake.answer_once["/$export"] = Response(status=401)
    client.pull()
    assert len(fake.jtis) == 2
    fake.answer_always["/$export"] = Response(status=401)
    with pytest.raises(PullError, match="answered 401 to the request for an export"):
        client.pull()
    assert len(fake.jtis) == 4


def test_a_token_is_used_until_it_ends(client: Client, fake: FakeFhir, time: Clock) -> None:
    server = client.server()
    server.json(f"{fake.base_url}/Patient/p1", "a test")
    time.advance(seconds=280)
    server.json(f"{fake.base_url}/Patient/p1", "a test")
    assert len(fake.jtis) == 1
    time.advance(seconds=10)
    server.json(f"{fake.base_url}/Patient/p1", "a test")
    assert len(fake.jtis) == 2


def test_a_file_that_breaks_off_is_fetched_again(client: Client, fake: FakeFhir) -> None:
    broken = Response(b'{"resourceType":"Observ', content_type="application/fhir+ndjson")
    broken.automatically_set_content_length = False
    broken.headers["Content-Length"] = "5000"
    fake.answer_once["/file/1/Observation"] = broken
    client.pull()
    assert rows() == [1, 1, 1, 1, 1]


def test_lines_that_are_no_resources_are_counted(client: Client, fake: FakeFhir) -> None:
    lines = b'{"resourceType":"Observation"}\n{cut\n\xff\xfe\n[1]\n' + json.dumps(CREATININE).encode()
    fake.answer_once["/file/1/Observation"] = Response(lines, content_type="application/fhir+ndjson")
    client.pull()
    assert "4 line(s) of a file of Observation were no resources" in client.last.warnings
    assert rows() == [1, 1, 1, 1, 1]


def test_an_export_that_the_server_forgot_is_asked_for_anew(client: Client, fake: FakeFhir) -> None:
    fake.answer_once["/status/1"] = Response(status=404)
    client.pull()
    assert len(asked_for(fake, "$export")) == 2
    assert rows() == [1, 1, 1, 1, 1]


class Killed(BaseException):
    """What kill -9 looks like from inside."""


def at_call(number: int, real: Callable[..., Any]) -> Callable[..., Any]:
    left = [number]

    def call(*args: Any, **more: Any) -> Any:
        left[0] -= 1
        if left[0] == 0:
            raise Killed
        return real(*args, **more)

    return call


@pytest.mark.parametrize("has_export", [True, False])
def test_a_run_that_is_killed_anywhere_is_gone_on_with_and_nothing_is_lost_or_doubled(
    client: Client, fake: FakeFhir, has_export: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake.has_export, fake.page, fake.polls = has_export, 1, 1
    client.pull()
    fake.resources.clear()
    places = [(requests.Session, "request", n) for n in (2, 5, 7, 9, 11)]
    places += [(run, "import_bundle", n) for n in (1, 2)] + [(run.Stage, "note", n) for n in (3,)]
    for round_, (owner, name, number) in enumerate(places, 1):
        at = f"2099-01-{round_:02d}T00:00:00Z"
        fake.transaction_time = f"2099-01-{round_:02d}T12:00:00Z"
        mrn = [{"system": "http://h.example/mrn", "value": str(round_)}]
        person = changed(PATIENT, id=f"p{round_}-", identifier=mrn)
        theirs = {"subject": {"reference": f"Patient/p{round_}-"}, "encounter": None}
        results = [changed(CREATININE, id=f"r{round_}-{n}", **theirs) for n in range(2)]
        fake.resources.clear()
        fake.add(PRACTITIONER, person, *results, at=at)
        with monkeypatch.context() as patch:
            patch.setattr(owner, name, at_call(number, getattr(owner, name)))
            try:
                client.pull()
            except Killed:
                db.session.rollback()
        client.pull()
        assert rows() == [1 + round_, 1, 1, 1 + 2 * round_, 1], (name, number)
    states = db.session.scalars(select(FhirPull.state)).all()
    assert "running" not in states


def test_two_pulls_do_not_run_at_once(client: Client) -> None:
    with run._alone(client.run().folder), pytest.raises(PullError, match="another pull is running"):
        client.pull()


# Authorization


@pytest.mark.parametrize("make", [lambda: RSAKey.generate_key(2048), lambda: ECKey.generate_key("P-384")])
@pytest.mark.parametrize("form", ["pem", "jwk"])
def test_each_kind_of_key_signs(tmp_path: Path, make: Callable[[], RSAKey | ECKey], form: str) -> None:
    key, path = make(), tmp_path / "key"
    path.write_bytes(key.as_pem(private=True) if form == "pem" else json.dumps(key.as_dict(private=True)).encode())
    assert read_key(path).as_dict(private=False) == key.as_dict(private=False)
    with serving(FakeFhir(key)) as fake:
        authorization = cli.Authorization(
            CLIENT_ID, f"{fake.base_url}/token", read_key(path), KEY_ID, "system/*.read"
        )
        fake.add(PATIENT)
        server = Server(fake.base_url, authorization)
        assert server.json(f"{fake.base_url}/Patient/p1", "a test")["id"] == "p1"


@pytest.mark.parametrize(
    "content",
    [
        b"", b"no key", b"{}", b'{"kty":"oct","k":"AAAAAAAAAAAAAAAAAAAAAAAA"}', b"\xff\xfe",
        json.dumps(KEY.as_dict(private=False)).encode(), ECKey.generate_key("P-256").as_pem(private=True),
    ],
)  # fmt: skip
def test_what_is_no_usable_key_is_refused_in_one_line(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "key").write_bytes(content)
    with pytest.raises(PullError, match=r"^QUERY_MGR_FHIR_PRIVATE_KEY: ") as caught:
        read_key(tmp_path / "key")
    assert "\n" not in str(caught.value)
    with pytest.raises(PullError, match="cannot be read"):
        read_key(tmp_path / "missing")


def test_a_key_that_the_server_does_not_know_is_said_without_its_words(
    app: Flask, fake: FakeFhir, tmp_path: Path
) -> None:
    path = tmp_path / "other.pem"
    path.write_bytes(RSAKey.generate_key(2048).as_pem(private=True))
    with pytest.raises(
        PullError, match=r"^127\.0\.0\.1 answered 400 to the request for a token \(invalid_client\)$"
    ):
        Client(app, fake, path).pull()


def test_without_a_client_id_nothing_is_signed(app: Flask, fake: FakeFhir, key_file: Path) -> None:
    client = Client(app, fake, key_file, fhir_client_id="")
    with pytest.raises(PullError, match="answered 401 to the request for an export"):
        client.pull()
    assert not asked_for(fake, "/token")


# Only where it is told to


def test_addresses_on_other_hosts_are_never_asked(
    app: Flask, client: Client, fake: FakeFhir, key_file: Path
) -> None:
    with serving(FakeFhir(KEY)) as other:
        fake.manifest_extra = {"output": [{"type": "Patient", "url": f"{other.base_url}/file/1/Patient"}]}
        with pytest.raises(PullError, match="points to another host for a file of the export"):
            client.pull()
        fake.manifest_extra, fake.has_export = {}, False
        link = {"relation": "next", "url": f"{other.base_url}/Patient"}
        page = {"resourceType": "Bundle", "type": "searchset", "link": [link]}
        fake.answer_once["/Patient"] = Response(json.dumps(page), content_type="application/fhir+json")
        with pytest.raises(PullError, match="points to another host for a search for Patient"):
            client.pull(EVERYTHING)
        fake.answer_once["/metadata"] = Response(status=307, headers={"Location": f"{other.base_url}/metadata"})
        with pytest.raises(PullError, match="answered 307 to its metadata: redirects are not followed"):
            client.pull(EVERYTHING)
        found = {"token_endpoint": f"{other.base_url}/token"}
        fake.answer_once["/.well-known/smart-configuration"] = Response(json.dumps(found))
        with pytest.raises(PullError, match="token endpoint on another host"):
            client.pull(EVERYTHING)
        for url in (
            "file:///etc/passwd",
            "http://169.254.169.254/x",
            "//evil.example/x",
            "gopher://x",
            "http://a:b@127.0.0.1/",
        ):
            with pytest.raises(PullError):
                client.server().check(url, "a test")
        assert other.asked == []


def test_a_host_that_the_settings_allow_is_asked_over_https_only(
    app: Flask, fake: FakeFhir, key_file: Path
) -> None:
    server = Client(app, fake, key_file, fhir_file_hosts="files.example.org").server()
    assert server.check("https://files.example.org/1.ndjson?sig=x", "a test") == "files.example.org"
    with pytest.raises(PullError, match="over https only"):
        server.check("http://files.example.org/1.ndjson", "a test")


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("fhir.example.org", "must look like"), ("http://fhir.example.org/r4", "must be https"),
        ("https://169.254.169.254/", "link-local"), ("https://[fe80::1]/", "link-local"),
        ("https://u:p@fhir.example.org/", "must look like"), ("https://[::1/", "must look like"),
        ("https://0.0.0.0/", "link-local"),
    ],
)  # fmt: skip
def test_an_address_that_no_chart_may_come_from_stops_the_start(tmp_path: Path, url: str, says: str) -> None:
    with pytest.raises(SettingsError, match=says):
        settings_for(tmp_path, "sqlite:///x", fhir_base_url=url)


def test_odd_answers_are_said_in_one_line_without_a_word_of_them(client: Client, fake: FakeFhir) -> None:
    for path, answer in (
        ("/.well-known/smart-configuration", Response("<html>Rivera")),
        ("/metadata", Response("[]")),
        ("/token", Response('{"access_token": ""}')),
        ("/$export", Response(status=202)),
        ("/$export", Response(status=500)),
        ("/status/1", Response('{"output": "Rivera"}')),
        ("/status/1", Response("Rivera", status=403)),
    ):
        fake.answer_always = {path: answer}
        fake.exports.clear()
        with pytest.raises(PullError) as caught:
            client.pull(EVERYTHING)
        told = str(caught.value)
        assert "\n" not in told
        assert "Rivera" not in told
        assert "token-" not in told
    fake.answer_always, fake.has_export = {"/Patient": Response('{"resourceType":"Patient","id":"Rivera"}')}, False
    with pytest.raises(PullError, match="no FHIR Bundle"):
        client.pull(EVERYTHING)
    loop = {"resourceType": "Bundle", "link": [{"relation": "next", "url": f"{fake.base_url}/Patient?_count=200"}]}
    fake.answer_always = {"/Patient": Response(json.dumps(loop))}
    with pytest.raises(PullError, match="the same page of Patient twice"):
        client.pull(EVERYTHING)
    assert rows() == [0, 0, 0, 0, 0]


# The command


def test_the_command_prints_a_line_a_chart_and_one_for_the_run(client: Client, fake: FakeFhir) -> None:
    fake.polls = 0
    runner = client.app.test_cli_runner()
    result = runner.invoke(charts_cli, ["pull"])
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    assert [each["status"] for each in lines[:-1]] == ["imported", "imported"]
    assert (lines[-1]["method"], lines[-1]["resources"], lines[-1]["rejected"]) == ("export", 5, 0)
    assert lines[-1]["until"] == "2026-11-02T12:00:00.123Z"
    assert result.exit_code == 0
    assert db.session.scalars(select(Patient.mrn)).one() == "0001234"
    assert runner.invoke(charts_cli, ["pull", "--since", "2026-11-01"]).exit_code == 0
    assert asked_for(fake, "_since=2026-11-01T04")  # midnight at the facility
    for wrong in (["--since", "yesterday"], ["--since", "2026-11-01", "--all"]):
        assert runner.invoke(charts_cli, ["pull", *wrong]).exit_code == 2


def test_the_command_says_in_one_line_what_it_lacks(app: Flask) -> None:
    result = app.test_cli_runner().invoke(charts_cli, ["pull"])
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: QUERY_MGR_FHIR_BASE_URL is not set")
