"""Messages end in the same chart, whatever their order and however often they come."""

from __future__ import annotations

import itertools
import json
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from query_mgr.charts import reader
from query_mgr.charts.actions import import_file
from query_mgr.charts.models import Document, Encounter, Fact, FeedMessage, Patient
from query_mgr.charts.report import Report
from query_mgr.platform.db import db
from tests.charts.hl7_messages import PID, adt, mdm, message, msh, oru


def take(*messages: str) -> list[Report]:
    return [import_file(text.encode(), "feed.hl7", by="tester") for text in messages]


def the_chart() -> str:
    """Return all that the chart holds, without what tells one database from another."""
    db.session.rollback()
    rows = []
    for model in (Patient, Encounter, Document, Fact):
        for row in db.session.scalars(select(model).order_by(model.source_key)):
            rows.append(
                {
                    c.name: str(getattr(row, c.name))
                    for c in row.__table__.columns
                    if c.name not in ("id", "ref", "patient_id", "encounter_id", "attending_id", "author_id")
                }
            )
    return json.dumps(rows)


def the_stay() -> Encounter:
    db.session.rollback()
    return db.session.scalars(select(Encounter)).one()


STAY = (
    adt("A01", "20260302050000", "1", admitted="20260302045500"),
    adt("A08", "20260303050000", "2", service="CARD", pid=PID.replace("Testperson", "Newname")),
    adt("A03", "20260306150000", "3", admitted="20260302045500", discharged="20260306143000"),
)


NOTE = mdm("T02", "20260303090000", "10", "D1", "ASSESSMENT:", "Heart failure, on furosemide.")


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_messages_in_any_order_make_the_same_stay(app: Flask, order: tuple[int, ...]) -> None:
    take(*(STAY[n] for n in order))
    stay = the_stay()
    assert stay.discharged_at is not None
    assert (stay.service_line, stay.status, stay.number) == ("MED", "finished", "CSN1")
    assert stay.patient.family_name == "Testperson"


@pytest.mark.parametrize("order", [(0, 1, 2, 3), (3, 2, 1, 0), (2, 0, 3, 1)])
def test_a_cancelled_discharge_leaves_the_patient_in_house(app: Flask, order: tuple[int, ...]) -> None:
    messages = (*STAY, adt("A13", "20260306160000", "4"))
    take(*(messages[n] for n in order))
    assert (the_stay().discharged_at, the_stay().status) == (None, "in-progress")


def test_a_cancelled_admission_is_cancelled(app: Flask) -> None:
    take(STAY[0], adt("A11", "20260302060000", "9"))
    assert the_stay().status == "cancelled"


def test_the_same_message_again_changes_nothing(app: Flask) -> None:
    assert [one.status for one in take(*STAY)] == ["imported"] * 3
    before = the_chart()
    assert [one.status for one in take(*STAY, *STAY)] == ["unchanged"] * 6
    assert the_chart() == before
    assert db.session.scalar(select(func.count(FeedMessage.id))) == 3


@pytest.mark.parametrize("late", [False, True])
def test_a_corrected_result_stays_corrected_when_the_first_comes_late(app: Flask, late: bool) -> None:
    results = [oru("20260302070000", "5", "9.9"), oru("20260302080000", "6", "2.4", "C")]
    take(STAY[0], *(results[::-1] if late else results))
    (row,) = reader.results_of(the_stay(), "lab")
    assert [(one.value_text, one.status) for one in row.readings] == [("2.4", "amended")]


@pytest.mark.parametrize("status", ["W", "D", "X"])
def test_a_withdrawn_result_is_no_evidence(app: Flask, status: str) -> None:
    take(STAY[0], oru("20260302070000", "5", "9.9"), oru("20260302080000", "6", "", status))
    assert reader.results_of(the_stay(), "lab") == ()


def test_results_and_notes_before_the_admission_are_linked_when_it_comes(app: Flask) -> None:
    early = take(oru("20260302070000", "5", "2.4"), NOTE)
    assert all("linked when the stay comes" in one.warnings[0] for one in early)
    take(STAY[0])
    assert len(reader.results_of(the_stay(), "lab")) == 1
    assert len(reader.documents_of(the_stay())) == 1


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_replaced_note_is_shown_as_that_and_documents_nothing(app: Flask, order: tuple[int, ...]) -> None:
    notes = (NOTE, mdm("T10", "20260304090000", "11", "D2", "Acute systolic heart failure.", parent="D1"))
    take(STAY[0], *(notes[n] for n in order))
    documents = {one.source_key[-2:]: one for one in reader.documents_of(the_stay())}
    assert (documents["D1"].status, documents["D2"].status) == ("replaced", "final")
    assert [one.text for one in reader.documentation_of(the_stay())] == ["Acute systolic heart failure."]


def test_an_addendum_stands_beside_its_note(app: Flask) -> None:
    take(STAY[0], NOTE, mdm("T06", "20260304090000", "12", "D3", "It was acute.", parent="D1"))
    titles = [one.title for one in reader.documents_of(the_stay())]
    assert titles == ["Progress note", "Addendum: Progress note"]


def test_a_cancelled_note_is_entered_in_error_and_keeps_its_text(app: Flask) -> None:
    take(STAY[0], NOTE, mdm("T11", "20260304090000", "13", "D1"))
    (note,) = reader.documents_of(the_stay())
    assert (note.status, "furosemide" in note.text) == ("entered_in_error", True)


def test_a_draft_documents_nothing_until_it_is_authenticated(app: Flask) -> None:
    take(STAY[0], mdm("T02", "20260303090000", "14", "D1", "Sepsis.", status="IP"))
    assert reader.documentation_of(the_stay()) == ()
    take(mdm("T03", "20260303100000", "15", "D1", status="AU"))
    assert [one.text for one in reader.documentation_of(the_stay())] == ["Sepsis."]


OLD = PID.replace("000417", "000999")
MERGE = message(msh("ADT^A40", "20260310050000", "40"), "EVN|A40|20260310050000", PID, "MRG|000999^^^RIVERBEND^MR")
UNDER_THE_OLD_NUMBER = (
    adt("A01", "20260302050000", "1", admitted="20260302045500", pid=OLD),
    oru("20260302070000", "5", "2.4").replace("000417", "000999"),
)


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_a_merge_puts_everything_under_the_survivor_whenever_it_comes(app: Flask, order: tuple[int, ...]) -> None:
    messages = (*UNDER_THE_OLD_NUMBER, MERGE)
    assert [one.status for one in take(*(messages[n] for n in order))] == ["imported"] * 3
    assert the_stay().patient.mrn == "000417"
    assert len(reader.results_of(the_stay(), "lab")) == 1
    assert {one.patient_id for one in db.session.scalars(select(Fact))} == {the_stay().patient_id}


def test_a_late_message_under_the_old_number_follows_the_merge(app: Flask) -> None:
    take(*UNDER_THE_OLD_NUMBER, MERGE, adt("A03", "20260306150000", "3", discharged="20260306143000", pid=OLD))
    assert (the_stay().patient.mrn, the_stay().status) == ("000417", "finished")


def test_patients_are_not_merged_in_a_circle(app: Flask) -> None:
    back = MERGE.replace("000417", "x").replace("000999", "000417").replace("x", "000999").replace("|40|", "|41|")
    reports = take(*UNDER_THE_OLD_NUMBER, MERGE, back)
    assert [one.status for one in reports[2:]] == ["imported", "rejected"]
    assert "unmerge them first" in reports[3].errors[0]
    assert the_stay().patient.mrn == "000417"


def test_a_chain_of_merges_leads_to_the_last(app: Flask) -> None:
    again = MERGE.replace("000417", "000500").replace("000999", "000417").replace("|40|", "|42|")
    take(*UNDER_THE_OLD_NUMBER, MERGE, again, oru("20260303070000", "6", "1.9").replace("000417", "000999"))
    assert {one.patient.mrn for one in db.session.scalars(select(Encounter))} == {"000500"}


def test_a_merge_that_names_nobody_is_refused(app: Flask) -> None:
    (report,) = take(MERGE.replace("MRG|000999^^^RIVERBEND^MR", "MRG|"))
    assert "MRG-1" in report.errors[0]


def test_a_held_message_is_kept_with_its_reason_and_once(app: Flask) -> None:
    charge = STAY[0].replace("ADT^A01", "DFT^P03")
    for report in take(charge, charge):
        assert report.status == "held"
        assert "coding desk" in report.warnings[0]
    (row,) = db.session.scalars(select(FeedMessage)).all()
    assert (row.status, "coding desk" in row.reason) == ("held", True)


def test_a_refused_message_keeps_nothing_of_a_chart_and_names_why(app: Flask) -> None:
    (report,) = take(STAY[0].replace("PID|1", "garbage|1"))
    assert (report.status, "segment 3" in report.errors[0]) == ("rejected", True)
    assert db.session.scalar(select(func.count(Patient.id))) == 0


def test_a_control_id_used_twice_is_noted(app: Flask) -> None:
    (_, second) = take(STAY[0], adt("A08", "20260303050000", "1"))
    assert "was used before" in second.warnings[0]


def test_a_file_of_several_messages_is_as_good_as_its_worst(app: Flask) -> None:
    (report,) = take("".join((*STAY, STAY[0].replace("ADT^A01", "ADT^A99").replace("|1|P", "|8|P"))))
    assert report.status == "rejected"
    assert report.errors == (
        "message 4: unsupported: MSH-9: ADT^A99 is not read; send ADT A01-A08, A11-A13, A28, A31, A40; ORU R01; MDM T01-T11",
    )
    assert the_stay().status == "finished"


def test_every_shared_message_is_imported_or_says_why_not(app: Flask, shared: Path) -> None:
    files = sorted((shared / "data/hl7v2").glob("*.hl7"))
    reports = [import_file(path, path.name, by="tester") for path in files]
    found = {status: sum(one.status == status for one in reports) for status in ("imported", "held", "rejected")}
    assert found == {"imported": 38, "held": 10, "rejected": 3}
    assert {one.file[:3] for one in reports if one.status == "rejected"} == {"PC1"}
    again = [import_file(path, path.name, by="tester").status for path in files]
    assert again.count("unchanged") == 38
