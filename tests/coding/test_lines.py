"""Procedures and service lines of an encounter."""

from __future__ import annotations

from datetime import date

import pytest
from flask import Flask

from query_mgr.codes.loader import load_shipped
from query_mgr.coding import actions, lines, reader
from query_mgr.coding.codeset import CodingError
from query_mgr.coding.gather import case_of
from query_mgr.coding.work import PROCEDURE, SERVICE
from query_mgr.demo.scrubber_ward import load_lists
from tests.coding.builders import CODER, READER, an_edition, an_encounter


@pytest.fixture(autouse=True)
def _lists(app: Flask) -> None:
    an_edition()
    load_lists()
    load_shipped()


def test_a_procedure_keeps_its_day_and_stands_beside_the_diagnoses_not_among_them() -> None:
    encounter = an_encounter()
    actions.assign(CODER, encounter, "N17.9", reason="documented")
    row = lines.add_line(CODER, encounter, "icd10pcs", "0dtj4zz", served_on="2026-10-29", reason="operative note")
    assert (row.code, row.served_on, row.sequence) == ("0DTJ4ZZ", date(2026, 10, 29), 1)
    assert [one.code for one in reader.codes_of(encounter)] == ["N17.9"]
    assert [one.code for one in reader.codes_of(encounter, PROCEDURE)] == ["0DTJ4ZZ"]


def test_a_service_line_says_how_much_for_which_diagnosis_and_on_whose_claim() -> None:
    encounter = an_encounter()
    kidney = actions.assign(CODER, encounter, "N17.9", reason="documented")
    row = lines.add_line(
        CODER, encounter, "cpt", "99983", modifiers="25, lt", units="2", claim="professional",
        pointers=[kidney.ref], served_on="2026-10-30", reason="visit note",
    )  # fmt: skip
    assert (row.modifiers, row.units, row.claim, row.pointers) == ("25 LT", 2.0, "professional", [kidney.ref])


def test_procedures_are_put_in_order_among_themselves() -> None:
    encounter = an_encounter()
    actions.assign(CODER, encounter, "N17.9", reason="documented")
    for code in ("0DTJ4ZZ", "5A1D70Z"):
        lines.add_line(CODER, encounter, "icd10pcs", code, reason="documented")
    second = reader.codes_of(encounter, PROCEDURE)[1]
    actions.move(CODER, second.ref, 1)
    assert [one.code for one in reader.codes_of(encounter, PROCEDURE)] == ["5A1D70Z", "0DTJ4ZZ"]
    assert [one.sequence for one in reader.codes_of(encounter)] == [1]


def test_what_changes_on_a_line_is_kept_with_both_sides() -> None:
    encounter = an_encounter()
    row = lines.add_line(CODER, encounter, "hcpcs", "A0429", reason="run sheet")
    lines.change_line(CODER, row.ref, units=3, reason="three legs")
    change = reader.changes_of(row.ref)[-1]
    assert change.before is not None
    assert change.after is not None
    assert (change.action, change.before["units"], change.after["units"]) == ("detail", 1.0, 3.0)


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("modifiers", "LEFT", "Modifiers"),
        ("modifiers", "25 59 LT RT 76", "at most 4"),
        ("units", "0", "Units"),
        ("units", "many", "Units"),
        ("served_on", "31/10/2026", "Date"),
        ("claim", "both", "Claim"),
        ("place", "home", "Place of service"),
        ("revenue", "36", "Revenue code"),
        ("dose", "x" * 41, "Dose given"),
        ("pointers", ["nobody"], "Diagnoses"),
        ("pointers", list("abcde"), "at most 4"),
        ("colour", "red", "no field colour"),
    ],
)
def test_a_field_that_makes_no_sense_is_named_and_nothing_is_kept(field: str, value: object, says: str) -> None:
    encounter = an_encounter()
    with pytest.raises(CodingError, match=says):
        lines.add_line(CODER, encounter, "hcpcs", "A0429", reason="run sheet", **{field: value})
    assert reader.codes_of(encounter, SERVICE) == []


def test_a_line_whose_diagnosis_went_points_at_nothing() -> None:
    encounter = an_encounter()
    kidney = actions.assign(CODER, encounter, "N17.9", reason="documented")
    lines.add_line(CODER, encounter, "hcpcs", "A0429", pointers=[kidney.ref], reason="run sheet")
    assert case_of(encounter).services[0].pointers == ("N17.9",)
    actions.remove(CODER, kidney.ref, reason="not documented")
    assert case_of(encounter).services[0].pointers == ()


def test_a_diagnosis_is_no_line_and_a_reader_adds_none() -> None:
    encounter = an_encounter()
    with pytest.raises(CodingError, match="assigned, not added"):
        lines.add_line(CODER, encounter, "icd10cm", "N17.9", reason="documented")
    with pytest.raises(Exception, match="may not"):
        lines.add_line(READER, encounter, "hcpcs", "A0429", reason="run sheet")
