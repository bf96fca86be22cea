"""What a case gets from the database for its service lines."""

from __future__ import annotations

from datetime import UTC, date, datetime

from flask import Flask

from query_mgr.charts.models import Encounter, Patient
from query_mgr.codes.loader import load_rows
from query_mgr.codes.rows import CodeRow
from query_mgr.coding.gather import case_of, cases
from query_mgr.coding.models import CodeAssignment
from query_mgr.coding.ncci import loader
from query_mgr.coding.payers import files
from query_mgr.coding.scrub.catalogue import scrub
from query_mgr.platform.db import db, unit_of_work


def a_patient(number: str = "1") -> Patient:
    return Patient(
        source_key=f"p/{number}", content_hash="0", mrn=number, family_name="Test", birth_on=date(1950, 1, 1)
    )


def a_visit(
    patient: Patient, number: str, day: date, *services: tuple[str, str], payer: str = "juniper-example"
) -> Encounter:
    """A visit with service lines, each a code and its modifiers."""
    noon = datetime(day.year, day.month, day.day, 16, tzinfo=UTC)
    visit = Encounter(
        source_key=f"e/{number}", content_hash="0", patient=patient, number=number, encounter_class="ambulatory",
        admitted_at=noon, discharged_at=noon, payer=payer,
    )  # fmt: skip
    db.session.add(visit)
    db.session.flush()
    for sequence, (code, modifiers) in enumerate(services, start=1):
        db.session.add(
            CodeAssignment(
                encounter_id=visit.id, system="hcpcs", code=code, title=code, sequence=sequence, modifiers=modifiers,
                assigned_by="test", assigned_at=noon, served_on=day, claim="facility", units=1,
            )
        )  # fmt: skip
    return visit


def found(visit: Encounter) -> set[str]:
    return {one.edit for one in scrub(case_of(visit))}


def test_services_of_the_patient_s_other_visits_count_towards_the_frequency(app: Flask) -> None:
    files.load_shipped()
    with unit_of_work():
        patient = a_patient()
        a_visit(patient, "1", date(2025, 9, 1), ("G0438", ""))
        late = a_visit(patient, "2", date(2026, 6, 1), ("G0439", ""))
        other = a_visit(a_patient("2"), "3", date(2026, 6, 1), ("G0439", ""))
    assert case_of(late).earlier == {"G0438": (date(2025, 9, 1),)}
    assert "necessity-frequency" in found(late)
    assert "necessity-frequency" not in found(other)


def test_a_payer_is_known_by_what_charts_call_it_and_another_has_no_policy(app: Flask) -> None:
    files.load_shipped()
    with unit_of_work():
        named = a_visit(a_patient(), "1", date(2026, 6, 1), ("G0439", ""), payer=" juniper example ADVANTAGE")
        unknown = a_visit(a_patient("2"), "2", date(2026, 6, 1), ("G0439", ""), payer="Somebody Else")
    assert [one.number for one in case_of(named).policies] == ["JX-7"]
    assert case_of(unknown).policies == ()


def test_modifiers_are_judged_by_a_whole_list_only_and_cpt_s_only_by_one_that_has_them(app: Flask) -> None:
    with unit_of_work():
        visit = a_visit(a_patient(), "1", date(2026, 6, 1), ("G0439", "25 ZZ"))
    assert "modifier-unknown" not in found(visit)
    level_two = [CodeRow("LT", "Left side", True, None, {})]
    load_rows(level_two, "a", effective_from=date(2026, 1, 1), system="modifier")
    (hit,) = [one for one in scrub(case_of(visit)) if one.edit == "modifier-unknown"]
    assert hit.codes == ("G0439", "ZZ")
    both = [*level_two, CodeRow("59", "Distinct", True, None, {})]
    load_rows(both, "b", effective_from=date(2026, 2, 1), system="modifier")
    wrong = [one.codes[1] for one in scrub(case_of(visit)) if one.edit == "modifier-unknown"]
    assert sorted(wrong) == ["25", "ZZ"]


def test_each_case_of_a_batch_gets_its_own_pairs(app: Flask) -> None:
    loader.load_shipped()
    with unit_of_work():
        first = a_visit(a_patient(), "1", date(2026, 6, 1), ("G0105", ""), ("G0121", ""))
        second = a_visit(a_patient("2"), "2", date(2026, 6, 1), ("G0439", ""), ("G0463", ""))
        without = a_visit(a_patient("3"), "3", date(2026, 6, 1))
    one, two, three = cases([first.id, second.id, without.id])
    assert [(pair.column1, pair.column2) for pair in one.tables.pairs] == [("G0105", "G0121")]
    assert [(pair.column1, pair.column2) for pair in two.tables.pairs] == [("G0439", "G0463")]
    assert three.tables is None
    message = next(found.message for found in scrub(one) if found.edit == "ptp-pair")
    assert message.endswith("no modifier sets this aside (made-up demonstration table).")
