"""What stands around a quoted passage."""

from __future__ import annotations

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from query_mgr.charts.models import Document
from query_mgr.platform.db import db
from query_mgr.queries import actions, sending
from query_mgr.queries.models import Query
from query_mgr.queries.surroundings import REACH, around
from tests.conftest import Clock
from tests.queries.builders import a_coder, a_provider, an_encounter, an_indicator, content

NOTE = f"{'Admitted from home. ' * 20}Dyspnea overnight. BNP 1840 noted. Furosemide given.\nPlan: echo. {'Stable. ' * 60}"


def test_whole_sentences_around_a_passage_and_no_more() -> None:
    start = NOTE.index("BNP 1840")
    before, after = around(NOTE, start, start + len("BNP 1840"))
    assert before.startswith("Admitted from home.")
    assert before.endswith("Dyspnea overnight. ")
    assert after.startswith(" noted. Furosemide given.\nPlan: echo.")
    assert after.endswith("Stable.")
    assert max(len(before), len(after)) <= REACH


@given(st.text(alphabet="ab .\n", max_size=900), st.integers(0, 900), st.integers(0, 60))
def test_it_is_always_the_text_right_beside_the_passage(text: str, start: int, length: int) -> None:
    end = min(start + length, len(text))
    before, after = around(text, min(start, end), end)
    assert text[: min(start, end)].endswith(before)
    assert text[end:].startswith(after)


@pytest.mark.sqlite_only
@pytest.mark.parametrize(("start", "is_shown"), [(12, True), (13, False)], ids=["as picked", "changed since"])
def test_a_query_freezes_the_surroundings_of_what_it_quotes(
    app: Flask, time: Clock, start: int, is_shown: bool
) -> None:
    coder, encounter = a_coder(), an_encounter()
    note = db.session.scalars(select(Document)).one()
    quoted = an_indicator("heart failure").__dict__ | {"source_ref": note.ref, "start": start, "end": start + 13}
    picked = (an_indicator(), actions.IndicatorInput(**quoted))
    draft = actions.save_draft(coder, encounter, a_provider(), content(indicators=picked))
    draft.body = ""
    query = db.session.get_one(Query, draft.id)
    sending.freeze(query)
    assert query.snapshot is not None
    first, second = query.snapshot["indicators"]
    assert "before" not in first
    assert (second.get("before"), second.get("after")) == (
        ("Assessment: ", ". Continue furosemide 40 mg IV.") if is_shown else (None, None)
    )
    assert ("<mark>heart failure</mark>" in query.snapshot_html) == is_shown
