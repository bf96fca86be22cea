"""An answer changes codes only through a coder's decision, and the trail says why."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select

from query_mgr.accounts.session import Actor
from query_mgr.coding import actions as coding
from query_mgr.coding.reader import codes_of
from query_mgr.platform.db import db
from query_mgr.queries.models import Query
from query_mgr.reconcile import actions
from query_mgr.reconcile.trail import trail
from query_mgr.respond import answering
from query_mgr.respond.models import Answer, QueryLink
from tests.codes.builders import some_codes
from tests.conftest import Clock
from tests.queries.builders import a_coder, a_sent_query


@pytest.fixture
def coder(app: Flask, time: Clock) -> Actor:
    some_codes()
    return a_coder()


def answered(coder: Actor, option: str, text: str = "") -> Answer:
    """A stay coded I50.9 and I10 whose query was answered with `option`."""
    query = a_sent_query(coder)
    for code in ("I50.9", "I10"):
        coding.assign(coder, query.encounter, code, poa="Y", reason="documented")
    link = db.session.scalars(select(QueryLink)).one()
    return answering.sign(link, answering.Response(option, text, "op"))


def codes(answer: Answer) -> list[str]:
    return [f"{row.code} {row.poa}" for row in codes_of(answer.query.encounter)]


def test_accepting_replaces_the_code_and_the_trail_leads_back_to_the_chart(coder: Actor) -> None:
    answer = answered(coder, "acute")
    assert codes(answer) == ["I50.9 Y", "I10 Y"]
    row = actions.pending(answer)
    assert row is not None
    before, after = actions.before_and_after(answer.query.encounter, row.proposal)
    assert [one.code for one in before] == ["I50.9", "I10"]
    assert [one.code for one in after] == ["I50.21", "I10"]
    actions.decide(coder, answer, "accepted", "")
    assert codes(answer) == ["I50.21 Y", "I10 Y"]
    assert db.session.scalars(select(Query)).one().status == "closed"
    steps = trail(codes_of(answer.query.encounter)[0].ref)
    assert steps[-1].answer is not None
    assert steps[-1].answer.ref == answer.ref
    assert steps[-1].query is not None
    assert steps[-1].query.indicators[0].text.startswith("BNP")


@pytest.mark.parametrize(("option", "text"), [("other", "cor pulmonale"), ("undetermined", "")])
def test_other_and_undetermined_change_nothing_by_themselves(coder: Actor, option: str, text: str) -> None:
    answer = answered(coder, option, text)
    row = actions.pending(answer)
    assert row is not None
    assert row.proposal == []
    with pytest.raises(actions.ReconcileError, match="no code change to accept"):
        actions.decide(coder, answer, "accepted", "")
    actions.decide(coder, answer, "declined", "nothing to code")
    assert codes(answer) == ["I50.9 Y", "I10 Y"]


def test_a_coder_may_code_it_differently_with_a_reason(coder: Actor) -> None:
    answer = answered(coder, "acute")
    changes = actions.edited_changes("replace I50.9 I50.23 Y\n\nremove I10")
    with pytest.raises(actions.ReconcileError, match="Say why"):
        actions.decide(coder, answer, "edited", " ", changes)
    actions.decide(coder, answer, "edited", "acute on chronic is in the discharge summary", changes)
    assert codes(answer) == ["I50.23 Y"]


def test_a_decision_is_made_once(coder: Actor) -> None:
    answer = answered(coder, "acute")
    actions.decide(coder, answer, "declined", "documented otherwise")
    with pytest.raises(actions.ReconcileError, match="already"):
        actions.decide(coder, answer, "accepted", "")
    assert codes(answer) == ["I50.9 Y", "I10 Y"]


def test_a_code_that_does_not_exist_stops_the_whole_decision(coder: Actor) -> None:
    answer = answered(coder, "acute")
    with pytest.raises(actions.CodingError):
        actions.decide(coder, answer, "edited", "typo", actions.edited_changes("remove I10\nadd I50.99"))
    assert codes(answer) == ["I50.9 Y", "I10 Y"]
    assert db.session.scalars(select(Query)).one().status == "answered"


@pytest.mark.parametrize("line", ["add", "swap I10 I50.9", "replace I10", "poa I10", "remove I10 I50.9"])
def test_a_line_that_is_no_change_is_named(line: str) -> None:
    with pytest.raises(actions.ReconcileError, match="Line 2"):
        actions.edited_changes(f"add I10 Y\n{line}")
