"""Policies: loaded from files, shown by payer, code and day, changed into new versions by who may."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from query_mgr.accounts.permissions import NotAllowedError
from query_mgr.accounts.session import Actor
from query_mgr.audit.models import AuditEvent
from query_mgr.codes.rows import FileError
from query_mgr.coding.ncci.loader import load_shipped
from query_mgr.coding.payers import actions, files, store
from query_mgr.coding.payers.models import Payer, PayerPolicy
from query_mgr.coding.payers.terms import PolicyError
from query_mgr.platform.db import db
from tests.accounts.builders import a_user, signed_in
from tests.conftest import Clock

BILLER = Actor("bill@riverbend.example", "Bill Biller", frozenset({"biller"}), 1)
CODER = Actor("cora@riverbend.example", "Cora Coder", frozenset({"coder"}), 2)
FIELDS = {
    "payer": "made-up", "payer_name": "Made Up Mutual", "number": "P-1", "title": "Made up", "codes": "G0105",
    "diagnoses": "Z80.0", "effective_from": "2026-01-01", "citation": "Manual 1", "text": "Our words",
}  # fmt: skip
YAML = """
payers:
  - {key: made-up, name: Made Up Mutual, also_called: [MUM]}
policies:
  - payer: made-up
    number: P-1
    title: Made up
    effective_from: 2026-01-01
    codes: [G0105]
    frequency: {count: 1, days: 365}
    citation: Manual 1
    text: Our words
"""


def count() -> int:
    return db.session.scalar(select(func.count()).select_from(PayerPolicy)) or 0


def a_file(folder: Path, text: str, name: str = "policies.yaml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_the_shipped_examples_load_once_and_are_marked(app: Flask) -> None:
    assert files.load_shipped() == files.LoadedPolicies(new=8)
    assert files.load_shipped() == files.LoadedPolicies(unchanged=8)
    assert {one.is_example for one in store.payers()} == {True}
    payer = store.known_as("  riverbend  EXAMPLE health plan ")
    assert payer is not None
    assert [one.number for one in store.policies_of(payer, {"G0105", "E0601"})] == ["EX-101", "EX-120"]
    assert store.known_as("rehp") is payer
    assert store.known_as("") is store.known_as("Somebody") is None


def test_a_file_that_says_something_else_makes_a_new_version(app: Flask, tmp_path: Path) -> None:
    path = a_file(tmp_path, YAML)
    assert files.load_file(path).new == 1
    assert files.load_file(path).unchanged == 1
    other = a_file(tmp_path, YAML.replace("days: 365", "days: 730").replace("2026-01-01", "2026-07-01"))
    assert files.load_file(other, dry_run=True).changed == 1
    assert count() == 1
    assert files.load_file(other).changed == 1
    payer = store.known_as("MUM")
    assert payer is not None
    assert [(one.version, one.since, one.terms.frequency.days) for one in store.policies_of(payer) if one.terms.frequency] == [
        (2, date(2026, 7, 1), 730), (1, date(2026, 1, 1), 365),
    ]  # fmt: skip


def test_a_csv_loads_as_the_yaml_does(app: Flask, tmp_path: Path) -> None:
    heading = (
        "payer;payer_name;number;title;effective_from;codes;diagnoses;frequency_count;frequency_days;citation;text"
    )
    line = 'made-up;Made Up Mutual;P-1;Made up;2026-01-01;"G0105, J0696-J0698";K50-K51;1;365;Manual 1;"Our\nwords"'
    assert files.load_file(a_file(tmp_path, f"{heading}\n{line}\n", "p.csv")).new == 1
    row = db.session.scalars(select(PayerPolicy)).one()
    assert (row.terms["codes"], row.text, row.payer.name) == (
        ["G0105", "J0696-J0698"],
        "Our\nwords",
        "Made Up Mutual",
    )


FAULTS = (
    (YAML.replace("G0105", "G010"), "p.yaml", r"policy 1 \(P-1\): codes: 'G010' is not written like"),
    (YAML.replace("    number:", "    nummer:"), "p.yaml", "no field 'nummer'"),
    (YAML.replace("days: 365", "weeks: 52"), "p.yaml", "no field 'weeks'"),
    (YAML.replace("citation: Manual 1", "citation: ''"), "p.yaml", "citation: is empty"),
    (YAML + YAML.split("policies:\n")[1], "p.yaml", "P-1 of made-up comes twice"),
    (YAML.replace("title: Made up", "title: a\n    title: b"), "p.yaml", "line 8: the key 'title' comes twice"),
    ("a: &a [x]\nb: *a\n", "p.yaml", r"references \(\*name\) are not read"),
    ("policies: [", "p.yaml", "line 1"),
    ("policies: {a: 1}", "p.yaml", "must be a list"),
    ("- a\n", "p.yaml", "write the lists"),
    ("policies: !!python/object/apply:os.system [ls]", "p.yaml", "could not determine a constructor"),
    ("", "p.yaml", "write the lists"),
    ("policies: []", "p.yaml", "holds no policy"),
    ("PK\x03\x04", "p.csv", "save it as CSV"),
    ("", "p.csv", "the file is empty"),
    ("payer,number\nmade-up,P-1\n", "p.csv", "line 1: the column 'title' is missing"),
    ("payer,payer\n", "p.csv", "comes twice"),
    ("payer,colour\n", "p.csv", "no column 'colour' is known"),
    ("payer,number,title,effective_from,codes,citation,text\na,b,c\n", "p.csv", "line 2: has 3 cells, the heading 7"),
    ("payer,number,title,effective_from,codes,citation,text\na,b,=1+1,2026-01-01,G0105,c,d\n", "p.csv", "is a formula"),
    ("payer,number,title,effective_from,codes,citation,text\na,b,\"c\n", "p.csv", "is not valid CSV"),
    ("payer,number,title,effective_from,codes,citation,text\na,b,c,1/2/26,G0105,d,e\n", "p.csv", "line 2: effective_from: '1/2/26' is no day"),
)  # fmt: skip


def test_a_file_with_a_fault_is_refused_whole(app: Flask, tmp_path: Path) -> None:
    for text, name, why in FAULTS:
        with pytest.raises(FileError, match=why) as refused:
            files.load_file(a_file(tmp_path, text, name))
        assert str(refused.value).startswith(name)
        assert (count(), db.session.scalar(select(func.count()).select_from(Payer))) == (0, 0)


def test_the_command_loads_and_refuses(app: Flask, tmp_path: Path) -> None:
    run = app.test_cli_runner().invoke
    path = a_file(tmp_path, YAML)
    assert run(args=["coding", "load", "policies", str(path)]).output == "1 new, 0 changed, 0 unchanged\n"
    wrong = run(args=["coding", "load", "policies", str(tmp_path / "none.yaml")])
    assert wrong.exit_code == 1
    assert "none.yaml: cannot be read" in wrong.output
    assert "policies: 1 versions" in run(args=["coding", "tables"]).output


def test_an_edit_is_a_new_version_with_its_reason_and_the_old_one_stays(app: Flask) -> None:
    first = actions.save(BILLER, FIELDS, note="")
    second = actions.save(
        BILLER, {**FIELDS, "diagnoses": "Z80.0, Z85.038"}, note="Payer letter of March", follows=first
    )
    assert (second.version, second.change_note, second.made_by) == (2, "Payer letter of March", BILLER.email)
    assert (first.version, first.terms["diagnoses"]) == (1, ["Z80.0"])
    events = db.session.scalars(select(AuditEvent.action).where(AuditEvent.subject_kind == "payer_policy")).all()
    assert events == ["policy.saved", "policy.saved"]


def test_who_may_not_and_what_cannot_be_kept_is_refused(app: Flask) -> None:
    with pytest.raises(NotAllowedError):
        actions.save(CODER, FIELDS, note="")
    with pytest.raises(PolicyError, match="none has the key made-up"):
        actions.save(BILLER, {**FIELDS, "payer_name": ""}, note="")
    first = actions.save(BILLER, FIELDS, note="")
    changed = {**FIELDS, "title": "Other"}
    for typed, note, follows, why in (
        (FIELDS, "", None, "has a policy P-1 already"), (FIELDS, "none", first, "nothing was changed"),
        (changed, "", first, "say what changed"), ({**changed, "number": "P-2"}, "why", first, "payer and number stay"),
        ({**FIELDS, "number": "P-3", "source_url": "javascript:alert(1)"}, "", None, "an address begins with"),
        ({**FIELDS, "number": "P-3", "effective_to": "2025-01-01"}, "", None, "is before 2026-01-01"),
        ({**FIELDS, "number": "P-3", "title": "a\x00b"}, "", None, "invisible sign U[+]0000"),
        ({**FIELDS, "number": "P-3", "title": "a\u202eb"}, "", None, "invisible sign U[+]202E"),
        ({**FIELDS, "number": "P-3", "title": "a" * 201}, "", None, "201 characters"),
        ({**FIELDS, "number": "<b>"}, "", None, "number: '<b>' is none"),
    ):  # fmt: skip
        with pytest.raises(PolicyError, match=why):
            actions.save(BILLER, typed, note=note, follows=follows)
    actions.save(BILLER, changed, note="why", follows=first)
    with pytest.raises(PolicyError, match="somebody else saved version 2 meanwhile"):
        actions.save(BILLER, {**changed, "title": "Third"}, note="why", follows=first)


@pytest.fixture
def client(app: Flask, time: Clock) -> FlaskClient:
    app.config["WTF_CSRF_ENABLED"] = False
    return app.test_client()


def test_the_list_is_narrowed_by_payer_code_and_day(app: Flask, client: FlaskClient) -> None:
    signed_in(client, a_user("coder"))
    empty = client.get("/policies").text
    assert "No policy is loaded" in empty
    assert "None is loaded, so code pairs" in empty
    files.load_shipped()
    page = client.get("/policies").text
    assert "8 in force on 11/02/2026" in page
    assert "New policy" not in page
    assert "made-up example" in page
    load_shipped()
    assert client.get("/policies").text.count("made-up demonstration") == 5
    assert "1 in force" in client.get("/policies?code=g0105").text
    assert "3 in force" in client.get("/policies?payer=juniper-example").text
    assert "7 in force on 06/30/2025" in client.get("/policies?on=2025-06-30").text
    assert "No policy fits" in client.get("/policies?on=2020-01-01").text
    assert client.get("/policies?on=never&code=%3Cscript%3E&payer=x").status_code == 200


def test_a_policy_shows_its_terms_and_versions_and_only_some_may_make_one(app: Flask, client: FlaskClient) -> None:
    first = actions.save(
        BILLER, {**FIELDS, "text": "Our <b>words</b>", "source_url": "https://payer.example/1"}, note=""
    )
    second = actions.save(BILLER, {**FIELDS, "effective_from": "2026-12-01"}, note="From December", follows=first)
    signed_in(client, a_user("coder"))
    page = client.get(f"/policies/{first.ref}").text
    assert "Our &lt;b&gt;words&lt;/b&gt;" in page
    assert "01/01/2026 to 11/30/2026" in page
    assert "From December" in page
    assert client.get("/policies/nothing").status_code == 404
    assert client.get(f"/policies/{second.ref}/edit").status_code == 403
    assert client.post("/policies/new", data=FIELDS).status_code == 403


def test_the_form_keeps_what_was_typed_and_makes_the_next_version(app: Flask, client: FlaskClient) -> None:
    signed_in(client, a_user("biller"))
    assert client.get("/policies/new").status_code == 200
    wrong = client.post("/policies/new", data={**FIELDS, "codes": "G01"})
    assert wrong.status_code == 400
    assert "&#39;G01&#39; is not written like a procedure code" in wrong.text
    assert "Our words" in wrong.text
    made = client.post("/policies/new", data=FIELDS)
    assert made.status_code == 303
    ref = made.headers["Location"].rsplit("/", 1)[1]
    form = client.get(f"/policies/{ref}/edit").text
    assert 'value="2026-01-01"' in form
    changed = client.post(
        f"/policies/{ref}/edit", data={**FIELDS, "sex": "female", "change_note": "Said by the payer"}
    )
    assert changed.status_code == 303
    page = client.get(changed.headers["Location"]).text
    assert "version 2" in page
    assert "all ages, female" in page
    assert client.get(f"/policies/{ref}/edit").status_code == 302
    late = client.post(f"/policies/{ref}/edit", data={**FIELDS, "sex": "male", "change_note": "Another"})
    assert "somebody else saved version 2 meanwhile" in late.text
