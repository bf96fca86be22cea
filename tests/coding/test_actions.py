"""What a coder does to an encounter's codes, on both engines."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import func, select

from query_mgr.accounts.permissions import NotAllowedError
from query_mgr.accounts.session import SYSTEM
from query_mgr.audit import actions as audit
from query_mgr.audit.models import AuditEvent
from query_mgr.charts.models import Encounter
from query_mgr.coding import actions, reader
from query_mgr.coding.codeset import CodingError
from query_mgr.coding.scrubbing import scrubbed
from query_mgr.platform.db import db
from tests.coding.builders import CODER, READER, an_edition, an_encounter
from tests.conftest import Clock


@pytest.fixture
def stay(app: Flask, time: Clock) -> Encounter:
    """An inpatient stay, and the edition of its discharge date."""
    an_edition()
    return an_encounter()


def codes(stay: Encounter) -> list[str]:
    return [f"{row.sequence} {row.code} {row.poa}".strip() for row in reader.codes_of(stay)]


def test_a_code_keeps_who_assigned_it_where_it_is_documented_and_why(stay: Encounter, time: Clock) -> None:
    evidence = {"kind": "document", "ref": "doc1", "start": 10, "end": 16, "text": "sepsis", "label": "H&P"}
    row = actions.assign(CODER, stay, "a419", poa="y", evidence=evidence, reason="documented in the H&P")
    assert (row.code, row.title, row.poa, row.sequence) == ("A41.9", "Sepsis, unspecified organism", "Y", 1)
    assert (row.evidence, row.assigned_by, row.assigned_at) == (evidence, CODER.email, time.time)
    (change,) = reader.changes_of(row.ref)
    assert (change.action, change.before, change.reason) == ("add", None, "documented in the H&P")
    assert change.after == {"code": "A41.9", "title": row.title, "sequence": 1, "poa": "Y", "evidence": evidence}


@pytest.mark.parametrize(
    ("text", "explanation"),
    [("N17", "category and cannot be reported"), ("Z99.99", "not in the ICD-10-CM edition"), ("sepsis!", ".")],
)
def test_a_code_that_cannot_be_reported_is_refused_with_the_reason(
    stay: Encounter, text: str, explanation: str
) -> None:
    with pytest.raises(CodingError, match=explanation):
        actions.assign(CODER, stay, text, reason="")
    assert codes(stay) == [] and reader.history_of(stay) == []


def test_a_stay_from_before_the_oldest_edition_is_coded_with_it(app: Flask, time: Clock) -> None:
    an_edition()
    early = an_encounter(discharged_at=datetime(2024, 1, 2, tzinfo=UTC))
    assert actions.assign(CODER, early, "A41.9", reason="").code == "A41.9"


def test_a_double_click_does_not_code_twice(stay: Encounter) -> None:
    actions.assign(CODER, stay, "A41.9", reason="")
    with pytest.raises(CodingError, match="already, as number 1"):
        actions.assign(CODER, stay, "A41.9", reason="")
    assert codes(stay) == ["1 A41.9"]


def test_a_new_principal_moves_the_old_one_down_and_both_histories_say_so(stay: Encounter) -> None:
    old = actions.assign(CODER, stay, "N17.9", reason="")
    actions.assign(CODER, stay, "E11.9", reason="")
    actions.assign(CODER, stay, "A41.9", sequence=1, reason="sepsis was present on admission")
    assert codes(stay) == ["1 A41.9", "2 N17.9", "3 E11.9"]
    assert [change.action for change in reader.changes_of(old.ref)] == ["add", "sequence"]
    assert [change.action for change in reader.history_of(stay)] == ["add", "add", "sequence", "add"]


def test_moving_a_code_writes_the_move_and_not_the_room_that_others_made(stay: Encounter) -> None:
    refs = [actions.assign(CODER, stay, code, reason="").ref for code in ("A41.9", "N17.9", "E11.9", "N18.4")]
    actions.move(CODER, refs[1], 4, reason="least severe")
    assert codes(stay) == ["1 A41.9", "2 E11.9", "3 N18.4", "4 N17.9"]
    moves = [change for change in reader.history_of(stay) if change.action == "sequence"]
    assert [change.assignment_ref for change in moves] == [refs[1]]


def test_removing_and_replacing_keep_both_sides_and_a_removed_code_stays_readable(stay: Encounter) -> None:
    sepsis, kidney = (actions.assign(CODER, stay, code, poa="Y", reason="").ref for code in ("A41.9", "N17.9"))
    actions.remove(CODER, sepsis, reason="ruled out")
    row = actions.replace(CODER, kidney, "N17.0", reason="ATN documented on 11/1")
    assert codes(stay) == ["1 N17.0 Y"] and row.ref == kidney
    gone = reader.changes_of(sepsis)[-1]
    assert reader.assignment(sepsis) is None
    assert (
        gone.action == "remove"
        and gone.before is not None
        and gone.before["code"] == "A41.9"
        and gone.after is None
    )
    last = reader.changes_of(kidney)[-1]
    assert last.before is not None and last.after is not None
    assert (last.before["code"], last.after["code"]) == ("N17.9", "N17.0")


def test_a_code_that_was_removed_meanwhile_is_refused_and_not_brought_back(stay: Encounter) -> None:
    ref = actions.assign(CODER, stay, "A41.9", reason="").ref
    actions.remove(CODER, ref, reason="")
    for late in (lambda: actions.set_poa(CODER, ref, "Y"), lambda: actions.remove(CODER, ref, reason="")):
        with pytest.raises(CodingError, match="no longer on the encounter"):
            late()


def test_setting_what_is_set_already_leaves_no_trace(stay: Encounter) -> None:
    ref = actions.assign(CODER, stay, "A41.9", poa="Y", reason="").ref
    actions.set_poa(CODER, ref, "Y")
    assert len(reader.changes_of(ref)) == 1
    actions.set_poa(CODER, ref, "N", reason="")
    actions.set_evidence(CODER, ref, {"kind": "fact", "ref": "fact1"})
    assert [change.action for change in reader.changes_of(ref)] == ["add", "poa", "evidence"]


def test_an_answer_changes_the_code_set_as_its_preview_said_and_is_the_evidence(stay: Encounter) -> None:
    actions.assign(CODER, stay, "E11.9", poa="Y", reason="")
    kidney = actions.assign(CODER, stay, "N17.9", poa="N", reason="").ref
    changes = [{"op": "replace", "code": "N17.0", "replaces": ["N17"]}, {"op": "add", "code": "A41.9", "poa": "Y"}]
    actions.apply_changes(CODER, stay, changes, reason="answer accepted", answer_ref="answer1")
    assert codes(stay) == ["1 E11.9 Y", "2 N17.0 N", "3 A41.9 Y"]
    assert [row.evidence and row.evidence["ref"] for row in reader.codes_of(stay)] == [None, "answer1", "answer1"]
    assert reader.changes_of(kidney)[-1].answer_ref == "answer1"


def test_changes_of_which_one_is_wrong_change_nothing(stay: Encounter) -> None:
    actions.assign(CODER, stay, "N17.9", reason="")
    with pytest.raises(CodingError):
        actions.apply_changes(
            CODER, stay, [{"op": "remove", "code": "N17.9"}, {"op": "add", "code": "N17"}], reason=""
        )
    assert codes(stay) == ["1 N17.9"] and len(reader.history_of(stay)) == 1


def test_who_may_not_code_changes_nothing_and_the_demo_loader_may(stay: Encounter) -> None:
    with pytest.raises(NotAllowedError):
        actions.assign(READER, stay, "A41.9", reason="")
    assert actions.assign(SYSTEM, stay, "A41.9", reason="demo").assigned_by == "system"


def test_each_change_is_audited_without_saying_the_code(stay: Encounter) -> None:
    ref = actions.assign(CODER, stay, "A41.9", reason="").ref
    actions.set_poa(CODER, ref, "Y")
    rows = db.session.scalars(select(AuditEvent).where(AuditEvent.action == "codes.changed")).all()
    assert [row.subject_ref for row in rows] == [stay.ref, stay.ref]
    assert "A41" not in "".join(row.detail for row in rows)
    assert audit.verify() == (db.session.scalar(select(func.count(AuditEvent.seq))), None)


def test_findings_use_notes_printed_on_the_levels_above(stay: Encounter) -> None:
    for code in ("D63.1", "N18.4", "E11.9", "E10.9"):
        actions.assign(CODER, stay, code, poa="Y", reason="")
    found = [(one.edit, set(one.codes)) for one in scrubbed(stay).findings]
    assert ("excludes1", {"E11.9", "E10.9"}) in found
    assert ("manifestation-order", {"D63.1", "N18.4"}) in found


@pytest.mark.parametrize(
    "evidence",
    [{"kind": "rumour", "ref": "x"}, {"kind": "fact"}, {"kind": "document", "ref": "d", "start": 9, "end": 3}],
)
def test_evidence_that_points_nowhere_is_refused(stay: Encounter, evidence: dict[str, object]) -> None:
    with pytest.raises(CodingError, match="evidence needs"):
        actions.assign(CODER, stay, "A41.9", evidence=evidence, reason="")
