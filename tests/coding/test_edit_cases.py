"""Every edit, on a case that it finds and one that it lets pass: from the database to the finding."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask

from query_mgr.accounts.models import Provider, User
from query_mgr.charts.models import Encounter
from query_mgr.coding.gather import cases
from query_mgr.coding.scrub.case import Case
from query_mgr.coding.scrub.catalogue import BY_ID, scrub
from query_mgr.demo.scrubber_ward import EditCase, codes_in, edit_cases, load_lists, store
from query_mgr.platform import clock
from query_mgr.platform.db import db, unit_of_work
from query_mgr.queries.models import Query
from tests.coding.edition import load_editions


def test_every_edit_has_a_case_that_it_finds_and_one_that_it_lets_pass() -> None:
    held = {(one.edit, one.finds) for one in edit_cases()}
    assert held == {(edit, finds) for edit in BY_ID for finds in (True, False)}


def test_edits_find_what_they_are_for_and_nothing_on_their_counterpart(app: Flask) -> None:
    wrong = []
    for case, seen in _seen():
        found = [one for one in scrub(seen) if one.edit == case.edit]
        if bool(found) != case.finds:
            wrong.append(f"{case.name}: {[one.message for one in found] or 'nothing found'}")
        assert all(one.message.endswith((".", "?", "”")) for one in found), case.name
    assert not wrong, "\n".join(wrong)


def _seen() -> Iterator[tuple[EditCase, Case]]:
    """Store every case and yield it as the scrubber sees it."""
    load_editions(code for one in edit_cases() for system, code in codes_in(one.spec) if system == "icd10cm")
    load_lists()
    with unit_of_work():
        stored = [(one, store(one, f"W{number}")) for number, one in enumerate(edit_cases())]
        for one, encounter in stored:
            if "query" in one.spec:
                _a_query(encounter, one.spec["query"])
    for (one, _), seen in zip(stored, cases([encounter.id for _, encounter in stored], grouped=True), strict=True):
        yield one, replace(seen, site={**seen.site, **one.spec.get("site", {})})


def _a_query(encounter: Encounter, title: str) -> None:
    now = clock.now()
    provider = Provider(name="Ada Asked", created_at=now)
    author = User(email=f"{encounter.number}@riverbend.example", name="Cora Coder", fs_uniquifier=encounter.number)
    db.session.add_all([provider, author])
    db.session.flush()
    db.session.add(
        Query(encounter_id=encounter.id, provider_id=provider.id, author_id=author.id, purpose="acuity",
              query_type="multiple_choice", timing="retrospective", title=title, question="Please clarify.",
              status="sent", created_at=now, updated_at=now)
    )  # fmt: skip


@pytest.mark.parametrize("edit", BY_ID.values(), ids=lambda edit: edit.id)
def test_an_edit_says_what_it_is_and_where_its_rule_stands(edit: object) -> None:
    row = BY_ID[edit.id]  # type: ignore[attr-defined]
    assert row.title
    assert len(row.fix) > 15
    assert row.fix.endswith(".")
    assert len(row.source) > 15
