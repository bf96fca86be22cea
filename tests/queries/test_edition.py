"""The edition of the brief that a site cites: on its pages, and kept with what was sent under it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app import create_app
from config.settings import SettingsError
from query_mgr.accounts.models import User
from query_mgr.audit.models import AuditEvent
from query_mgr.platform.db import db
from query_mgr.queries import actions, sending
from query_mgr.queries.lint.rules import RULE_IDS
from query_mgr.queries.models import Query
from tests.accounts.builders import a_user, actor, signed_in
from tests.conftest import Clock, settings_for
from tests.queries.builders import (
    ACUTE,
    OTHER,
    UNDETERMINED,
    a_coder,
    a_provider,
    a_sent_query,
    an_encounter,
    content,
)

QUERY = {"query_type": "open_ended", "question": "Please clarify what was treated with furosemide."}


def an_edition(folder: Path, *left_out: str) -> str:
    """Keep an edition of the site's own, without some rules, and return its name."""
    (folder / "editions").mkdir(parents=True, exist_ok=True)
    rules = "".join(f"  {rule}: {{section: on {rule}}}\n" for rule in RULE_IDS if rule not in left_out)
    (folder / "editions" / "house-2026.yaml").write_text(f"brief: House brief\nrules:\n{rules}")
    return "house-2026"


@pytest.fixture
def house(app: Flask, time: Clock, tmp_path: Path) -> Flask:
    """An installation with an edition of its own."""
    name = an_edition(tmp_path)
    app.config["SETTINGS"] = replace(app.config["SETTINGS"], lint_edition=name)
    return app


def a_draft_with_a_warning() -> Query:
    return actions.save_draft(
        a_coder(), an_encounter(), a_provider(), content(options=(ACUTE, OTHER, UNDETERMINED))
    )


def coder(app: Flask) -> FlaskClient:
    app.config["WTF_CSRF_ENABLED"] = False
    return signed_in(app.test_client(), db.session.scalars(select(User)).one())


def test_pages_cite_the_edition_of_the_site(house: Flask) -> None:
    draft = a_draft_with_a_warning()
    assert "House brief, on too_few_options" in coder(house).get(f"/queries/{draft.ref}/edit").text


def test_the_lint_of_other_tools_cites_the_edition_of_the_site(house: Flask) -> None:
    house.config["WTF_CSRF_ENABLED"] = False
    client = signed_in(house.test_client(), a_user("coder"))
    answer: Any = client.post("/api/queries/lint", json=QUERY).json
    assert [one["citation"] for one in answer["findings"]] == ["House brief, on no_indicators"]
    report = client.post(
        "/queries/check",
        data={"text": "Title: Sepsis\nQuestion: Please document sepsis.", "kind": "text", "as": "csv"},
    )
    assert "House brief, on directive_language" in report.text


def test_what_was_sent_keeps_the_edition_that_it_was_checked_under(house: Flask) -> None:
    draft = a_draft_with_a_warning()
    sent = sending.send(actor(draft.author), draft, "one is enough")
    house.config["SETTINGS"] = replace(house.config["SETTINGS"], lint_edition="2022")
    assert sent.lint_edition == "house-2026"
    assert sent.lint[0]["source"] == "House brief, on too_few_options"
    assert "checked by the house-2026 edition" in coder(house).get(f"/queries/{sent.ref}").text
    event = db.session.scalars(select(AuditEvent).where(AuditEvent.action == "query.send")).one()
    assert json.loads(event.detail)["edition"] == "house-2026"


def test_a_query_without_findings_keeps_its_edition_too(app: Flask, time: Clock) -> None:
    sent = a_sent_query()
    assert (sent.lint, sent.lint_edition) == ([], "2022")


def test_a_broken_edition_stops_the_start_and_says_where(tmp_path: Path) -> None:
    name = an_edition(tmp_path, "missing_other")
    settings = settings_for(tmp_path, f"sqlite:///{tmp_path / 'x.sqlite'}", lint_edition=name)
    says = (
        r"QUERY_MGR_LINT_EDITION=house-2026: .*house-2026\.yaml:3: rules: field 'missing_other' is missing; add it"
    )
    with pytest.raises(SettingsError, match=says):
        create_app(settings)


def test_an_unknown_edition_stops_the_start(tmp_path: Path) -> None:
    settings = settings_for(tmp_path, f"sqlite:///{tmp_path / 'x.sqlite'}", lint_edition="2019")
    with pytest.raises(SettingsError, match="QUERY_MGR_LINT_EDITION=2019: there is no edition 2019: 2022 ships"):
        create_app(settings)
