"""The life of a query follows its table, and nothing else."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask import Flask
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from query_mgr.accounts.permissions import NotAllowedError
from query_mgr.audit import actions as audit
from query_mgr.queries import actions, drafting, lifecycle, sending
from query_mgr.queries.snapshot import digest
from tests.accounts.builders import a_user, actor
from tests.conftest import Clock
from tests.queries.builders import a_coder, a_provider, a_sent_query, an_encounter, content


class Life(RuleBasedStateMachine):
    """Any events in any order, by anybody: what must hold of every query however it was asked."""

    def __init__(self) -> None:
        super().__init__()
        self.status = "draft"
        self.was: list[str] = []

    @rule(event=st.sampled_from(lifecycle.EVENTS))
    def happens(self, event: str) -> None:
        before = self.status
        try:
            self.status = lifecycle.after(before, event)
        except lifecycle.NotPossibleError:
            return
        if self.status != before:
            self.was.append(event)
        assert before not in {"closed", "cancelled"} or self.status == before

    @invariant()
    def it_is_somewhere_in_the_table(self) -> None:
        assert self.status in lifecycle.STATUSES

    @invariant()
    def it_is_answered_at_most_once(self) -> None:
        assert self.was.count("answer") + self.was.count("document") <= 1

    @invariant()
    def nothing_reaches_a_provider_unless_staff_asked(self) -> None:
        asked = {"send", "cosign", "speak"} & set(self.was)
        assert asked or self.status in {*lifecycle.UNSENT, "cancelled"}

    @invariant()
    def a_co_signature_follows_a_hand_in(self) -> None:
        for decision in ("cosign", "return", "take_back"):
            for place, event in enumerate(self.was):
                assert event != decision or self.was[place - 1] == "submit"

    @invariant()
    def it_can_always_go_on_or_has_ended(self) -> None:
        onward = [one for one in lifecycle.TRANSITIONS if one.status == self.status]
        assert onward or self.status in {"closed", "cancelled"}


TestLife = Life.TestCase
TestLife.settings = settings(max_examples=200, stateful_step_count=20, deadline=None)


@pytest.mark.parametrize("status", lifecycle.OPEN)
def test_an_open_query_can_always_be_answered_or_cancelled(status: str) -> None:
    assert lifecycle.after(status, "answer") == "answered"
    assert lifecycle.after(status, "document") == "answered"
    assert lifecycle.after(status, "cancel") == "cancelled"


def test_a_sent_query_is_frozen_with_its_evidence(app: Flask, time: Clock) -> None:
    query = a_sent_query()
    assert query.status == "sent"
    assert query.snapshot is not None
    assert digest(query.snapshot) == query.snapshot_hash
    assert query.snapshot["indicators"][0]["text"].startswith("BNP 1,840")
    assert "I50" not in str(query.snapshot)  # no code a provider could see
    assert "Testperson" in query.snapshot_html
    with pytest.raises(lifecycle.NotPossibleError):
        drafting.write(a_coder_again(), query, replace(drafting.words_of(query), title="x"))
    assert audit.verify()[1] is None


def a_coder_again():  # type: ignore[no-untyped-def]
    return actor(a_user("coder", email="dora@h.test"))


def test_errors_of_the_lint_block_sending(app: Flask, time: Clock) -> None:
    coder = a_coder()
    draft = actions.save_draft(coder, an_encounter(), a_provider(), content(indicators=()))
    with pytest.raises(sending.SendBlockedError) as caught:
        sending.send(coder, draft, "because")
    assert "no_indicators" in {one.rule for one in caught.value.findings}
    assert actions.locked(draft.id).status == "draft"


def test_an_auditor_may_read_but_not_ask(app: Flask) -> None:
    auditor = actor(a_user("auditor"))
    with pytest.raises(NotAllowedError):
        actions.save_draft(auditor, an_encounter(), a_provider(), content())


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"title": " "}, "title"),
        ({"question": "x" * 8001}, "question is longer"),
        ({"body": "a\x00b"}, "body contains a NUL"),
        ({"purpose": "money"}, "purpose 'money'"),
        ({"query_type": "essay"}, "query type"),
        ({"options": ({"key": "a", "label": "", "kind": "other"},)}, "label"),
        ({"options": ({"key": "a", "label": "x", "kind": "best"},)}, "option kind"),
    ],
)
def test_a_draft_that_cannot_be_kept_is_refused_with_the_field(
    app: Flask, change: dict[str, object], words: str
) -> None:
    with pytest.raises(actions.QueryError, match=words):
        actions.save_draft(a_coder(), an_encounter(), a_provider(), content(**change))


def test_a_cancelled_query_keeps_its_reason(app: Flask, time: Clock) -> None:
    coder = a_coder()
    query = a_sent_query(coder)
    with pytest.raises(actions.QueryError):
        actions.cancel(coder, query, " ")
    assert actions.cancel(coder, query, "documented meanwhile").status == "cancelled"
    with pytest.raises(lifecycle.NotPossibleError):
        sending.send(coder, query)
