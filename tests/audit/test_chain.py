"""The audit chain shows every later change."""

from __future__ import annotations

import pytest
from flask import Flask

from query_mgr.audit import actions
from query_mgr.platform.db import db, unit_of_work


def write_three() -> None:
    with unit_of_work():
        for number in range(3):
            actions.record("ann@h.test", "query.sent", "query", f"q{number}", n=number, note="José")


def test_an_untouched_chain_verifies(app: Flask) -> None:
    write_three()
    assert actions.verify() == (3, None)


@pytest.mark.parametrize(
    ("change", "seq", "reason"),
    [
        ("UPDATE audit_event SET detail = '{}' WHERE seq = 2", 2, "changed"),
        ("UPDATE audit_event SET actor = 'bob@h.test' WHERE seq = 3", 3, "changed"),
        ("DELETE FROM audit_event WHERE seq = 1", 1, "missing"),
        ("DELETE FROM audit_event WHERE seq = 2", 2, "missing"),
    ],
)
def test_a_changed_or_deleted_row_is_named(app: Flask, change: str, seq: int, reason: str) -> None:
    write_three()
    db.session.execute(db.text(change))
    db.session.commit()
    _, found = actions.verify()
    assert found is not None
    assert found.seq == seq
    assert reason in found.reason


def test_the_command_names_the_row_and_exits_1(app: Flask) -> None:
    write_three()
    assert app.test_cli_runner().invoke(args=["audit", "verify"]).output == "audit chain intact: 3 events\n"
    db.session.execute(db.text("UPDATE audit_event SET subject_ref = 'x' WHERE seq = 2"))
    db.session.commit()
    result = app.test_cli_runner().invoke(args=["audit", "verify"])
    assert result.exit_code == 1
    assert "row 2" in result.output


def test_a_failing_unit_of_work_leaves_no_event(app: Flask) -> None:
    with pytest.raises(RuntimeError), unit_of_work():
        actions.record("ann@h.test", "query.sent", "query", "q")
        raise RuntimeError
    assert actions.verify() == (0, None)
