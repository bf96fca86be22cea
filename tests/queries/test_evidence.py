"""A source that is withdrawn or corrected after it was picked: noted, told, and never sent."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from query_mgr.accounts.models import User
from query_mgr.charts.actions import import_bundle
from query_mgr.charts.models import Document, Encounter, Fact
from query_mgr.platform.db import db
from query_mgr.queries import actions, compose
from query_mgr.queries.models import Query
from tests.accounts.builders import actor, signed_in
from tests.charts.bundles import CREATININE, NOTE, a_chart_with, changed, encoded
from tests.queries.builders import a_coder, a_provider


def chart(**replaced: Any) -> None:
    """Import the chart, with the note or the creatinine as the source sends it now."""
    bundle = a_chart_with()
    for entry in bundle["entry"]:
        resource = entry["resource"]
        entry["resource"] = replaced.get(resource["resourceType"], resource)
    assert import_bundle(encoded(bundle), "chart.json", by="tester").errors == ()


@pytest.fixture
def query(app: Flask) -> Query:
    """A draft that cites the creatinine and two words of the note."""
    chart()
    encounter = db.session.scalars(select(Encounter).where(Encounter.source_key == "Encounter/e1")).one()
    actor = a_coder()
    draft = compose.start(actor, encounter, a_provider("Petra Novak", "1245319599"), "")
    fact = db.session.scalars(select(Fact).where(Fact.source_key == "Observation/o1")).one()
    note = db.session.scalars(select(Document).where(Document.source_key == "DocumentReference/n1")).one()
    start = note.text.index("Renal function")
    draft = compose.attach(actor, draft, "fact", fact.ref, None, None)
    return compose.attach(actor, draft, "document", note.ref, start, start + len("Renal function"))


def states(query: Query) -> dict[str, str]:
    db.session.rollback()
    return {one.source_kind: one.source_state for one in query.indicators}


def test_the_same_chart_again_changes_no_evidence(query: Query) -> None:
    chart()
    assert states(query) == {"fact": "", "document": ""}


@pytest.mark.parametrize("status", ["entered-in-error", "cancelled"])
def test_a_value_that_was_taken_back_is_withdrawn_evidence(query: Query, status: str) -> None:
    chart(Observation=changed(CREATININE, status=status))
    assert states(query) == {"fact": "withdrawn", "document": ""}


def test_a_corrected_value_is_changed_evidence_and_whole_again_once_it_is_put_right(query: Query) -> None:
    chart(Observation=changed(CREATININE, status="corrected", valueQuantity={"value": 1.1, "unit": "mg/dL"}))
    assert states(query)["fact"] == "changed"
    chart()
    assert states(query)["fact"] == ""


def test_a_note_that_was_taken_back_is_withdrawn_evidence(query: Query) -> None:
    chart(DocumentReference=changed(NOTE, status="entered-in-error"))
    assert states(query) == {"fact": "", "document": "withdrawn"}


def test_a_query_with_withdrawn_evidence_cannot_be_sent_until_it_is_taken_off(query: Query) -> None:
    chart(Observation=changed(CREATININE, status="cancelled"))
    with pytest.raises(actions.QueryError, match="took back or corrected"):
        actions.send(a_coder_again(), query, "reviewed")
    gone = next(one.id for one in query.indicators if one.source_kind == "fact")
    compose.detach(a_coder_again(), query, gone)
    assert states(query) == {"document": ""}


def a_coder_again() -> Any:
    return actor(db.session.scalars(select(User)).one())


def test_the_coder_is_told_on_the_first_page_and_in_the_composer(app: Flask, query: Query) -> None:
    chart(Observation=changed(CREATININE, status="cancelled"))
    client = signed_in(app.test_client(), db.session.scalars(select(User)).one())
    assert "evidence withdrawn" in client.get("/").text
    assert "withdrawn from the chart since it was picked" in client.get(f"/queries/{query.ref}/edit").text
