"""The life of an encounter's coding, as a state machine against its table, and what keeps it from being final."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st

from query_mgr.coding import actions, finishing, scrubbing, status
from query_mgr.coding.codeset import CodingError
from query_mgr.coding.models import CaughtError
from query_mgr.coding.reader import codes_of
from query_mgr.coding.work import coding_of
from query_mgr.platform.db import db, unit_of_work
from tests.coding.builders import CODER, READER, an_edition, an_encounter

DOCUMENTED = {"kind": "document", "ref": "doc-1", "label": "Discharge summary"}


@pytest.fixture
def stay(app: Flask) -> Any:
    an_edition()
    return an_encounter()


def _coded(stay: Any, *codes: str) -> None:
    for code in codes or ("N17.9",):
        actions.assign(CODER, stay, code, poa="Y", evidence=DOCUMENTED, reason="documented")


@given(st.lists(st.sampled_from(sorted({one.event for one in status.TRANSITIONS})), max_size=12))
@settings(max_examples=200, deadline=None)
def test_every_walk_through_the_table_ends_in_a_known_state_with_a_way_on(events: list[str]) -> None:
    now = "not_started"
    for event in events:
        try:
            now = status.after(now, event).next_status
        except CodingError as error:
            assert status.STATUSES[now].lower() in str(error) or "cannot be changed" in str(error)
    assert now in status.STATUSES
    assert status.events_from(now)


def test_the_first_code_begins_the_coding(stay: Any) -> None:
    assert coding_of(stay).status == "not_started"
    _coded(stay)
    assert (coding_of(stay).status, coding_of(stay).coder, coding_of(stay).revision) == (
        "in_progress", CODER.email, 1
    )  # fmt: skip


def test_a_final_code_set_is_frozen_and_closed_until_it_is_opened_again(stay: Any) -> None:
    _coded(stay)
    version = finishing.finalize(CODER, stay)
    assert version.number == 1
    assert version.digest == finishing.digest(version.content)
    assert [one["code"] for one in version.content["diagnoses"]] == ["N17.9"]
    with pytest.raises(CodingError, match="it is final; open it again first"):
        actions.assign(CODER, stay, "N18.4", reason="documented")
    finishing.move_on(CODER, stay, "reopen")
    actions.assign(CODER, stay, "N18.4", poa="Y", evidence=DOCUMENTED, reason="documented")
    assert finishing.finalize(CODER, stay).number == 2
    assert [one.number for one in finishing.versions_of(stay)] == [1, 2]


def test_a_code_without_documentation_blocks_until_it_is_linked_or_a_reason_is_given(stay: Any) -> None:
    row = actions.assign(CODER, stay, "N17.9", poa="Y", reason="documented")
    with pytest.raises(CodingError, match="linked to no documentation"):
        finishing.finalize(CODER, stay)
    finding = next(one for one in scrubbing.scrubbed(stay).blocking if one.edit == "no-documentation")
    with pytest.raises(CodingError, match="Say why"):
        scrubbing.override(CODER, stay, finding.key, " ")
    scrubbing.override(CODER, stay, finding.key, "Paper chart, page 14")
    finishing.finalize(CODER, stay)
    finishing.move_on(CODER, stay, "reopen")
    scrubbing.withdraw_override(CODER, stay, finding.key)
    with pytest.raises(CodingError):
        finishing.finalize(CODER, stay)
    actions.set_evidence(CODER, row.ref, DOCUMENTED)
    finishing.finalize(CODER, stay)


def test_an_error_cannot_be_overridden(stay: Any) -> None:
    _coded(stay)
    actions.remove(CODER, _first(stay), reason="not documented")
    finding = next(one for one in scrubbing.scrubbed(stay).blocking if one.edit == "no-diagnosis")
    with pytest.raises(CodingError, match="must be fixed"):
        scrubbing.override(CODER, stay, finding.key, "because")


def test_what_was_caught_is_on_record_as_fixed_once_it_is_put_right(stay: Any) -> None:
    row = actions.assign(CODER, stay, "N17.9", poa="Y", reason="documented")
    caught = db.session.query(CaughtError).filter_by(edit="no-documentation").one()
    assert (caught.state, caught.codes) == ("open", ["N17.9"])
    actions.set_evidence(CODER, row.ref, DOCUMENTED)
    assert (caught.state, caught.settled_by) == ("fixed", CODER.email)
    actions.set_evidence(CODER, row.ref, None)
    assert (caught.state, caught.settled_by) == ("open", "")


def test_a_stay_that_is_not_over_is_not_final(app: Flask) -> None:
    an_edition()
    stay = an_encounter(discharged_at=None)
    _coded(stay)
    with pytest.raises(CodingError, match="not discharged yet"):
        finishing.finalize(CODER, stay)


def test_a_pended_encounter_says_what_it_waits_for_until_it_goes_on(stay: Any) -> None:
    _coded(stay)
    with pytest.raises(CodingError, match="Reason: choose one of"):
        finishing.pend(CODER, stay, "holiday")
    with pytest.raises(CodingError, match="Note: say what"):
        finishing.pend(CODER, stay, "other")
    finishing.pend(CODER, stay, "pathology", "Biopsy of Oct 29")
    assert (coding_of(stay).status, coding_of(stay).pend_reason) == ("pended", "pathology")
    finishing.move_on(CODER, stay, "resume")
    assert (coding_of(stay).status, coding_of(stay).pend_reason) == ("in_progress", "")


def test_what_billing_has_is_changed_only_through_a_correction_with_a_reason(stay: Any) -> None:
    _coded(stay)
    finishing.finalize(CODER, stay)
    finishing.move_on(CODER, stay, "hand_off")
    with pytest.raises(CodingError, match="start a correction first"):
        actions.set_poa(CODER, _first(stay), "W")
    with pytest.raises(CodingError, match="Say why"):
        finishing.correct(CODER, stay, "")
    finishing.correct(CODER, stay, "Late pathology")
    actions.set_poa(CODER, _first(stay), "W")
    assert finishing.finalize(CODER, stay, "Late pathology").number == 2
    finishing.move_on(CODER, stay, "rebill")
    assert coding_of(stay).status == "rebilled"


def test_a_reader_takes_no_step(stay: Any) -> None:
    _coded(stay)
    for attempt in (lambda: finishing.finalize(READER, stay), lambda: finishing.pend(READER, stay, "query")):
        with pytest.raises(Exception, match="may not"):
            attempt()
    assert coding_of(stay).status == "in_progress"


def test_the_stay_takes_two_digits_and_a_code_that_exists(stay: Any) -> None:
    with pytest.raises(CodingError, match="Discharge status"):
        finishing.set_stay(CODER, stay, disposition="home")
    with pytest.raises(CodingError, match="N17"):
        finishing.set_stay(CODER, stay, admitting_code="N17")
    finishing.set_stay(CODER, stay, disposition="03", admitting_code="n179")
    with unit_of_work():
        assert (coding_of(stay).disposition, coding_of(stay).admitting_code) == ("03", "N17.9")


def _first(stay: Any) -> str:
    return codes_of(stay)[0].ref
