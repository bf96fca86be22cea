"""Messages end in the same chart, whatever their order and however often they come."""

from __future__ import annotations

import itertools
import json
import re
from collections import Counter
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
    nobody = adt("A01", "20260302050000", "1", pid="PID|1||123-45-6789^^^USA^SS||Testperson")
    for report in take(nobody, nobody):
        assert report.status == "held"
        assert "no medical record number" in report.warnings[0]
    (row,) = db.session.scalars(select(FeedMessage)).all()
    assert (row.status, "no medical record number" in row.reason) == ("held", True)


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
        "message 4: unsupported: MSH-9: ADT^A99 is not read; send ADT A01-A08, A11-A13, A28, A31, A40; ORU R01; MDM T01-T11; "
        "BAR P01, P02, P05, P12; DFT P03, P11",
    )
    assert the_stay().status == "finished"


def test_every_shared_message_becomes_what_the_documentation_says(app: Flask, shared: Path) -> None:
    files = sorted((shared / "data/hl7v2").glob("*.hl7"))
    found: dict[tuple[str, str], list[str]] = {}
    for path in files:
        report = import_file(path, path.name, by="tester")
        reason = ": " + report.errors[0].split(":")[0] if report.errors else ""
        kind = re.search(rb"MSH(?:[^|]*\|){8}(\w+)\^(\w+)", path.read_bytes())
        assert kind
        found.setdefault((kind[1].decode(), report.status + reason), []).append(kind[2].decode())
    table = (Path(__file__).parents[2] / "docs/interfaces/hl7v2.md").read_text("utf-8")
    for (kind, status), triggers in found.items():
        assert f"| {kind} {', '.join(sorted(set(triggers)))} | {len(triggers)} | {status} |" in table
    again = [import_file(path, path.name, by="tester").status for path in files]
    assert Counter(again) == {"unchanged": 47, "held": 1, "rejected": 3}


def unit(text: str, name: str) -> str:
    return text.replace("PV1|1|I|", f"PV1|1|I|{name}^12^A")


MOVES = (
    unit(STAY[0], "ED"),
    unit(adt("A02", "20260302110000", "21"), "MED4"),
    unit(adt("A02", "20260303110000", "22"), "ICU"),
    unit(adt("A02", "20260304110000", "23"), "ICU"),  # another bed
    unit(adt("A12", "20260304120000", "24"), "ICU"),
    unit(adt("A08", "20260305110000", "25"), "ICU"),
    unit(STAY[2], "ICU"),
)


@pytest.mark.parametrize("order", [range(7), range(6, -1, -1), (3, 6, 0, 5, 1, 4, 2)])
def test_the_units_of_a_stay_follow_one_another(app: Flask, order: tuple[int, ...]) -> None:
    take(*(MOVES[n] for n in order))
    found = reader.facts_of(the_stay(), "location")
    # A move to another bed of the ICU is none, and its cancel leaves the patient there.
    assert [one.name for one in found] == ["ED", "MED4", "ICU"]
    assert [one.ended_at for one in found] == [*(one.observed_at for one in found[1:]), the_stay().discharged_at]


def test_a_cancelled_transfer_leaves_the_patient_where_they_were(app: Flask) -> None:
    take(MOVES[0], MOVES[1], unit(adt("A12", "20260302120000", "26"), "ED"))
    assert [(one.name, one.ended_at) for one in reader.facts_of(the_stay(), "location")] == [("ED", None)]


def test_a_result_of_two_orders_keeps_what_other_messages_said_of_each(app: Flask) -> None:
    both = oru("20260302070000", "5", "9.9", "P").rstrip("\r") + (
        "\rOBR|2|P2|F2^LAB|24323-8^Panel^LN|||20260302061000\rOBX|1|NM|2951-2^Sodium^LN||128|mmol/L||L|||P\r"
    )
    second = (
        oru("20260302080000", "6", "2.4").replace("F1^LAB", "F2^LAB").replace("2160-0^Creatinine", "2951-2^Sodium")
    )
    third = oru("20260302090000", "7", "1.1", "C")
    take(STAY[0], both, second, third)
    values = {row.name: [one.value_text for one in row.readings] for row in reader.results_of(the_stay(), "lab")}
    assert values == {"Sodium": ["2.4"], "Creatinine": ["1.1"]}


def test_a_later_word_on_a_result_without_its_visit_leaves_it_in_the_stay(app: Flask) -> None:
    final = oru("20260302080000", "6", "2.4").replace("CSN1^^^RIVERBEND", "")
    take(oru("20260302070000", "5", "9.9", "P"), final, STAY[0])
    assert [row.readings[0].value_text for row in reader.results_of(the_stay(), "lab")] == ["2.4"]


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_who_a_patient_is_depends_on_no_order_of_results(app: Flask, order: tuple[int, ...]) -> None:
    messages = [oru(f"2026030207000{n}", str(n), "2.4").replace("Testperson", f"Name{n}") for n in range(3)]
    take(*(messages[n] for n in order))
    assert [one.family_name for one in db.session.scalars(select(Patient))] == ["Name2"]


@pytest.mark.parametrize("order", list(itertools.permutations(range(4))))
def test_messages_under_both_numbers_wait_for_the_merge_that_explains_them(
    app: Flask, order: tuple[int, ...]
) -> None:
    messages = (*UNDER_THE_OLD_NUMBER, MERGE, adt("A03", "20260311150000", "3", discharged="20260306143000"))
    take(*(messages[n] for n in order))
    assert (the_stay().patient.mrn, the_stay().status) == ("000417", "finished")
    assert {one.status for one in db.session.scalars(select(FeedMessage))} == {"imported"}
    assert len(reader.results_of(the_stay(), "lab")) == 1
