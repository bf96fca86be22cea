"""Stored gaps stay true as the chart grows, and the command line says the same."""

from __future__ import annotations

import json

from flask import Flask
from sqlalchemy import func, select

from query_mgr.charts.models import Encounter
from query_mgr.platform.db import db
from query_mgr.queries import actions
from query_mgr.queries.opportunities.actions import dismiss, reopen
from query_mgr.queries.opportunities.models import Opportunity, OpportunityDue, OpportunityScan
from query_mgr.queries.opportunities.store import refresh_due
from tests.queries.builders import a_coder, a_provider, content
from tests.queries.opportunities.builders import KIDNEY_NOTE, KIDNEY_VALUES, arrives

VALUES = {f"c{number}": value for number, value in enumerate(KIDNEY_VALUES)}


def kidney() -> Opportunity | None:
    db.session.rollback()
    return db.session.scalar(select(Opportunity).where(Opportunity.condition == "acute_kidney_injury"))


def test_an_import_makes_gaps_without_anybody_asking(app: Flask) -> None:
    arrives({"n1": KIDNEY_NOTE}, VALUES)
    assert refresh_due() == 1
    found = kidney()
    assert found is not None
    assert found.is_open
    assert refresh_due() == 0


def test_a_new_note_closes_the_gap_it_answers_and_touches_no_other(app: Flask) -> None:
    arrives({"n1": KIDNEY_NOTE}, VALUES)
    refresh_due()
    arrives({"n2": (40, "attending", "progress_note", "AKI, prerenal, improving.")}, {})
    due = db.session.scalars(select(OpportunityDue)).one()
    assert due.refs
    assert len(due.refs) == 1
    refresh_due()
    found = kidney()
    assert found is not None
    assert not found.is_open
    assert "already documented" in found.suppressed_because


def test_a_gap_whose_evidence_is_withdrawn_is_gone(app: Flask) -> None:
    arrives({"n1": KIDNEY_NOTE}, VALUES)
    refresh_due()
    arrives({}, {"c1": (24, "lab", "Creatinine", 0.9, "mg/dL")})
    refresh_due()
    assert kidney() is None


def test_the_same_chart_again_asks_for_no_second_reading(app: Flask) -> None:
    arrives({"n1": KIDNEY_NOTE}, VALUES)
    refresh_due()
    arrives({"n1": KIDNEY_NOTE}, VALUES)
    assert refresh_due() == 0


def test_dismissed_stays_dismissed_until_there_is_new_evidence(app: Flask) -> None:
    arrives({"n1": KIDNEY_NOTE}, VALUES)
    refresh_due()
    coder, found = a_coder(), kidney()
    assert found is not None
    dismiss(coder, found, "Diluted sample, per the laboratory.")
    arrives({"n2": (40, "nurse", "nursing_note", "Resting.")}, {})
    refresh_due()
    assert (again := kidney()) is not None
    assert not again.is_open
    arrives({}, {"c9": (60, "lab", "Creatinine", 3.4, "mg/dL")})
    refresh_due()
    assert (again := kidney()) is not None
    assert again.is_open
    assert again.dismissed_reason == ""


def test_a_dismissal_can_be_taken_back(app: Flask) -> None:
    arrives({"n1": KIDNEY_NOTE}, VALUES)
    refresh_due()
    coder, found = a_coder(), kidney()
    assert found is not None
    dismiss(coder, found, "Not this one.")
    reopen(coder, found)
    assert (again := kidney()) is not None
    assert again.is_open


def test_a_change_of_the_finder_reads_the_whole_chart_again(app: Flask) -> None:
    arrives({"n1": KIDNEY_NOTE}, VALUES)
    refresh_due()
    scan = db.session.scalars(select(OpportunityScan)).one()
    scan.stamp, scan.found = "older", []
    db.session.commit()
    arrives({"n2": (40, "nurse", "nursing_note", "Resting.")}, {})
    refresh_due()
    assert (found := kidney()) is not None
    assert found.is_open


def test_the_command_gives_one_line_for_each_encounter(app: Flask) -> None:
    arrives({"n1": KIDNEY_NOTE}, VALUES)
    for given in (["--all"], ["--encounter", "CSN1"]):
        result = app.test_cli_runner().invoke(args=["queries", "opportunities", *given, "--json"])
        assert result.exit_code == 0, result.output
        line = json.loads(result.output)
        assert (line["encounter"], line["mrn"]) == ("CSN1", "00417")
        gap = next(one for one in line["gaps"] if one["condition"] == "acute_kidney_injury")
        assert gap.keys() == {
            "kind", "condition", "evidence", "criteria", "criteria_source", "template", "suppressed_because",
        }  # fmt: skip
        assert gap["suppressed_because"] is None
        assert gap["evidence"][0].keys() == {"text", "source", "at"}
    assert db.session.scalar(select(func.count(Opportunity.id))) == 0


def test_the_command_refuses_an_unknown_number_and_no_choice(app: Flask) -> None:
    run = app.test_cli_runner()
    unknown = run.invoke(args=["queries", "opportunities", "--encounter", "nobody"])
    assert unknown.exit_code == 1
    assert "No encounter has the number" in unknown.output
    assert run.invoke(args=["queries", "opportunities"]).exit_code == 2


def test_what_a_query_asks_already_is_not_asked_again(app: Flask) -> None:
    encounter = arrives({"n1": KIDNEY_NOTE}, VALUES)
    actions.save_draft(
        a_coder(),
        db.session.get_one(Encounter, encounter.id),
        a_provider(),
        content(condition="acute_kidney_injury"),
    )
    result = app.test_cli_runner().invoke(args=["queries", "opportunities", "--all", "--json"])
    gap = next(one for one in json.loads(result.output)["gaps"] if one["condition"] == "acute_kidney_injury")
    assert "already asked" in gap["suppressed_because"]
