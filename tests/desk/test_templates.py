"""The template library in the browser."""

from __future__ import annotations

import io
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from query_mgr.platform.db import db
from query_mgr.queries import site_templates
from query_mgr.queries.library.writing import file_of
from tests.accounts.builders import a_user, signed_in
from tests.conftest import Clock
from tests.queries.builders import a_sent_query
from tests.queries.test_site_templates import OWN


@pytest.fixture
def coder(app: Flask) -> FlaskClient:
    app.config["WTF_CSRF_ENABLED"] = False
    return signed_in(app.test_client(), a_user("coder"))


@pytest.fixture
def manager(app: Flask) -> FlaskClient:
    return signed_in(app.test_client(), a_user("cdi_manager", email="mona@h.test"))


def typed(**changes: str) -> dict[str, Any]:
    form: dict[str, Any] = {name: getattr(OWN, name) for name in OWN.__dataclass_fields__ if name != "options"}
    for name in ("key", "label", "kind", "changes", "shown_when"):
        form[f"option_{name}"] = [getattr(option, name) for option in OWN.options]
    return form | changes


def test_a_template_goes_from_form_to_force_by_two_people(coder: FlaskClient, manager: FlaskClient) -> None:
    page = coder.post("/templates/new", data=typed(), follow_redirects=True).text
    assert "Submit for approval" in page
    page = coder.post("/templates/gout_site/1/submit", follow_redirects=True).text
    assert "waits for approval" in page
    assert "Approve</button>" not in page
    assert "gout_site, version 1" in manager.get("/templates").text
    page = manager.post("/templates/gout_site/1/approve", follow_redirects=True).text
    assert "approved by" in page
    assert "Joint documentation clarification" in coder.get("/templates/gout_site").text


def test_what_was_typed_stays_when_it_is_wrong(coder: FlaskClient) -> None:
    answer = coder.post("/templates/new", data=typed(requires="- [", title="Kept words"))
    assert answer.status_code == 400
    assert "requires, line 1" in answer.text
    assert "Kept words" in answer.text
    assert "Gout of the left foot" in answer.text


def test_checking_keeps_nothing_and_shows_what_the_lint_finds(coder: FlaskClient) -> None:
    answer = coder.post("/templates/new", data=typed(do="check", question="Please document gout for the DRG."))
    assert "financial_or_quality_impact" in answer.text
    assert site_templates.undecided() == []


def test_a_draft_is_opened_changed_and_saved(coder: FlaskClient) -> None:
    coder.post("/templates/new", data=typed())
    row = site_templates.versions("gout_site")[0]
    assert "gout of the right foot" in coder.get("/templates/gout_site/1/edit").text.lower()
    base = row.source.replace("\n", "\r\n")  # as browsers send it
    page = coder.post(
        "/templates/gout_site/1/edit", data=typed(title="Foot joint", base=base), follow_redirects=True
    )
    assert "Foot joint" in page.text


@pytest.mark.parametrize("key", ["heart_failure_acuity", "conflicting_documentation", "pressure_injury_poa"])
def test_a_shipped_template_is_shown_copied_and_handed_out(coder: FlaskClient, key: str) -> None:
    assert "How it reads" in coder.get(f"/templates/{key}").text
    assert f'value="{key}"' in coder.get("/templates/new", query_string={"like": key}).text
    answer = coder.get(f"/templates/{key}.md")
    assert answer.text.startswith("---\nid: " + key)
    assert key in answer.headers["Content-Disposition"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "Choose a template file"),
        (b"no front matter", "mine.md:1: front matter is missing"),
        (b"---\nid: \xff\n---\n", "not UTF-8"),
        (b"---\n" + b"a" * 70_000, "larger than 64 KiB"),
    ],
)
def test_a_bad_file_is_refused_by_name_and_line(coder: FlaskClient, content: bytes, words: str) -> None:
    data = {"file": (io.BytesIO(content), "mine.md")}
    page = coder.post("/templates/import", data=data, follow_redirects=True).text
    assert words in page
    assert site_templates.undecided() == []


def test_a_file_starts_a_draft(coder: FlaskClient) -> None:
    data = {"file": (io.BytesIO(file_of(OWN, "1").encode()), "mine.md")}
    assert "version 1" in coder.post("/templates/import", data=data, follow_redirects=True).text
    assert coder.get("/templates/gout_site/1.md").text.startswith("---\nid: gout_site")


@pytest.mark.parametrize(
    "path", ["/templates/none", "/templates/none/1", "/templates/none.md", "/templates/new?like=none"]
)
def test_what_is_not_there_is_not_found(coder: FlaskClient, path: str) -> None:
    assert coder.get(path).status_code == 404


def test_the_biller_reads_templates_and_changes_none(app: Flask) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    biller = signed_in(app.test_client(), a_user("biller"))
    assert biller.get("/templates").status_code == 200
    assert biller.get("/templates/new").status_code == 403
    assert biller.post("/templates/import").status_code == 403


def test_a_zip_of_templates_goes_out_and_comes_in(coder: FlaskClient) -> None:
    content = coder.get("/templates.zip").data
    page = coder.post(
        "/templates/import", data={"file": (io.BytesIO(content), "all.zip")}, follow_redirects=True
    ).text
    assert "0 drafts" in page
    assert site_templates.undecided() == []


def test_a_template_is_retired_with_a_reason_and_offered_again(coder: FlaskClient, manager: FlaskClient) -> None:
    assert coder.post("/templates/obesity_class/retire", data={"reason": "x"}).status_code == 403
    page = manager.post(
        "/templates/obesity_class/retire", data={"reason": "Asked otherwise."}, follow_redirects=True
    )
    assert "Asked otherwise." in page.text
    assert "How it reads" in coder.get("/templates/obesity_class").text
    assert "Asked otherwise." in coder.get("/templates").text
    manager.post("/templates/obesity_class/restore")
    assert "Asked otherwise." not in coder.get("/templates").text


def test_the_figures_of_templates_are_shown_to_those_who_may_see_figures(
    coder: FlaskClient, manager: FlaskClient, time: Clock
) -> None:
    query = a_sent_query()
    query.template_key, query.template_version = "obesity_class", "1.0"
    db.session.commit()
    page = manager.get("/templates/figures").text
    assert "obesity_class" in page
    assert "n/a" in page
    assert "No query from a template" in manager.get("/templates/figures?from=2020-01&to=2020-02").text
    assert coder.get("/templates/figures").status_code == 403
