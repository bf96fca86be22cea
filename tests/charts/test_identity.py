"""Who a row belongs to: merged, late, unmerged, and never lost on the way."""

from __future__ import annotations

import itertools
from datetime import UTC, date, datetime

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from query_mgr.audit.models import AuditEvent
from query_mgr.charts import identity
from query_mgr.charts.actions import import_file
from query_mgr.charts.likeness import Person, likeness
from query_mgr.charts.models import Encounter, Fact, IdentityPair, Patient, PatientAlias
from query_mgr.charts.problems import Held, Rejection
from query_mgr.charts.records import ChartBundle, EncounterRecord, FactRecord, PatientRecord
from query_mgr.charts.store import store
from query_mgr.platform.db import db, unit_of_work
from tests.accounts.builders import a_user, signed_in
from tests.charts.hl7_messages import PID, adt, message, msh, oru

AT = datetime(2026, 3, 2, 5, tzinfo=UTC)
SPACES = itertools.count()


def a_patient(key: str, family: str = "Testperson", given: str = "Ada") -> PatientRecord:
    return PatientRecord(key, key.rpartition("|")[2], family, given, date(1948, 3, 2), "female")


def a_stay(key: str, number: str) -> EncounterRecord:
    return EncounterRecord(f"visit {key} {number}", key, number, "inpatient", AT)


def a_result(key: str, number: str, stay: str | None = None) -> FactRecord:
    return FactRecord(f"result {key} {number}", key, stay, "lab", "Creatinine", AT)


def keep(key: str, number: str, patient: PatientRecord | None = None) -> None:
    stay = a_stay(key, number)
    result = a_result(key, number, stay.source_key)
    store(ChartBundle(patients=(patient or a_patient(key),), encounters=(stay,), facts=(result,)), "tester")


def merge(prior: str, survivor: str, *, is_decided: bool = True) -> None:
    with unit_of_work():
        identity.merge(prior, survivor, "ann", is_decided=is_decided)


def unmerge(prior: str) -> None:
    with unit_of_work():
        identity.unmerge(prior, "ann")


def owners() -> dict[str, str]:
    """Return under whom every stay and result is now."""
    db.session.rollback()
    return {
        row.source_key: row.owner
        for model in (Encounter, Fact)
        for row in db.session.execute(
            select(model.source_key, Patient.source_key.label("owner")).join(
                Patient, Patient.id == model.patient_id
            )
        )
    }


def test_unmerging_gives_back_what_came_before_and_after_the_merge_and_nothing_else(app: Flask) -> None:
    keep("R|1", "a")
    keep("R|2", "b")
    merge("R|1", "R|2")
    keep("R|1", "late")
    keep("R|2", "own")
    assert set(owners().values()) == {"R|2"}
    unmerge("R|1")
    assert {key.split()[1] == owner for key, owner in owners().items()} == {True}
    trail = list(db.session.scalars(select(AuditEvent.action).order_by(AuditEvent.seq)))
    assert [one for one in trail if one.startswith("patient.")] == ["patient.merged", "patient.unmerged"]


def test_a_row_sent_again_under_either_number_is_the_same_row_whoever_it_belongs_to(app: Flask) -> None:
    keep("R|1", "a")
    keep("R|2", "b")
    merge("R|1", "R|2")
    again = store(ChartBundle(patients=(a_patient("R|1"),), encounters=(a_stay("R|1", "a"),)), "tester")
    assert again.is_unchanged
    # A row is whose number it was last sent under, whatever the order in which merge and rows came.
    changed = EncounterRecord("visit R|1 a", "R|2", "a", "inpatient", AT, status="in-progress")
    store(ChartBundle(encounters=(changed,)), "tester")
    unmerge("R|1")
    assert owners()["visit R|1 a"] == "R|2"


def test_unmerging_a_number_that_never_had_a_chart_makes_a_patient_of_its_rows(app: Flask) -> None:
    keep("R|2", "b")
    merge("R|1", "R|2")
    store(ChartBundle(facts=(a_result("R|1", "late"),)), "tester")
    assert owners()["result R|1 late"] == "R|2"
    unmerge("R|1")
    assert owners()["result R|1 late"] == "R|1"
    assert db.session.scalars(select(Patient.family_name).where(Patient.source_key == "R|1")).one() == "(no name)"


def test_a_result_leaves_a_stay_that_turns_out_to_be_somebody_elses_and_finds_it_again(app: Flask) -> None:
    keep("R|1", "a")
    keep("R|2", "b")
    merge("R|1", "R|2")
    store(ChartBundle(facts=(a_result("R|2", "mixed", "visit R|1 a"),)), "tester")
    mixed = select(Fact.encounter_id, Fact.awaited_key).where(Fact.source_key == "result R|2 mixed")
    assert db.session.execute(mixed).one()[0] is not None
    unmerge("R|1")
    assert tuple(db.session.execute(mixed).one()) == (None, "visit R|1 a")
    merge("R|1", "R|2")
    assert db.session.execute(mixed).one()[1] is None


def test_a_result_that_came_before_its_stay_is_put_into_it_when_it_comes(app: Flask) -> None:
    early = a_result("R|1", "a", "visit R|1 a")
    assert store(ChartBundle(patients=(a_patient("R|1"),), facts=(early,)), "tester").unlinked == 1
    store(ChartBundle(encounters=(a_stay("R|1", "a"),)), "tester")
    assert db.session.scalars(select(Fact.encounter_id)).one() is not None


def test_a_circle_of_merges_is_refused(app: Flask) -> None:
    for key in ("R|1", "R|2", "R|3"):
        keep(key, "a")
    merge("R|1", "R|2")
    merge("R|2", "R|3")
    with pytest.raises(Rejection, match="unmerge them first"):
        merge("R|3", "R|1")
    assert set(owners().values()) == {"R|3"}


def test_an_interface_does_not_merge_again_what_a_person_called_different(app: Flask) -> None:
    keep("R|1", "a")
    keep("R|2", "b")
    merge("R|1", "R|2")
    unmerge("R|1")
    with pytest.raises(Held, match="different people"):
        merge("R|1", "R|2", is_decided=False)
    merge("R|1", "R|2")
    assert set(owners().values()) == {"R|2"}


def test_a_merge_into_somebody_unknown_waits_for_nothing(app: Flask) -> None:
    old = PID.replace("000417", "000999")
    merging = message(
        msh("ADT^A40", "20260310050000", "40"), "EVN|A40|20260310050000", PID, "MRG|000999^^^RIVERBEND^MR"
    )
    late = oru("20260302070000", "5", "2.4").replace("000417", "000999")
    for text in (merging, adt("A01", "20260302050000", "1", pid=old), late):
        assert import_file(text.encode(), "feed.hl7", by="t").status == "imported"
    assert set(owners().values()) == {"RIVERBEND|000417"}
    unmerge("RIVERBEND|000999")
    assert set(owners().values()) == {"RIVERBEND|000999"}


def test_a_patient_is_also_known_as_every_number_merged_into_theirs(app: Flask) -> None:
    for key in ("R|1", "R|2", "R|3"):
        keep(key, "a")
    merge("R|1", "R|2")
    merge("R|2", "R|3")
    survivor = db.session.scalars(select(Patient).where(Patient.source_key == "R|3")).one()
    assert {(one.mrn, one.authority) for one in identity.identities_of(survivor)} == {("1", "R"), ("2", "R")}


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("row"), st.integers(0, 3), st.integers(0, 2)),
        st.tuples(st.just("merge"), st.integers(0, 3), st.integers(0, 3)),
        st.tuples(st.just("unmerge"), st.integers(0, 3), st.just(0)),
    ),
    max_size=12,
)
SLOW = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]


@settings(max_examples=15, deadline=None, suppress_health_check=SLOW)
@given(steps=STEPS)
def test_after_any_merges_and_late_rows_unmerging_all_gives_each_row_back(app: Flask, steps: list) -> None:  # type: ignore[type-arg]
    space = f"S{next(SPACES)}"
    for what, one, other in steps:
        key = f"{space}|{one}"
        try:
            match what:
                case "row":
                    keep(key, str(other), a_patient(key, family=f"Family{space}{one}"))
                case "merge" if one != other:
                    survivor = a_patient(f"{space}|{other}", family=f"Family{space}{other}")
                    store(ChartBundle(patients=(survivor,)), "tester")  # as an A40 does
                    merge(key, survivor.source_key)
                case "unmerge":
                    unmerge(key)
        except Rejection:
            continue
        now = identity.survivors([f"{space}|{n}" for n in range(4)])
        for row, owner in owners().items():
            if f" {space}|" in row:
                assert owner == now.get(row.split()[1], row.split()[1])
    aliases = select(PatientAlias.source_key).where(PatientAlias.source_key.startswith(f"{space}|"))
    for key in db.session.scalars(aliases).all():
        unmerge(key)
    assert all(owner == row.split()[1] for row, owner in owners().items() if f" {space}|" in row)


@settings(max_examples=15, deadline=None, suppress_health_check=SLOW)
@given(
    order=st.permutations(
        [
            ("row", 0, 0),
            ("row", 1, 0),
            ("row", 2, 0),
            ("row", 3, 0),
            ("merge", 0, 1),
            ("merge", 1, 2),
            ("merge", 3, 2),
        ]
    )
)
def test_merges_and_rows_in_any_order_end_the_same(app: Flask, order: list) -> None:  # type: ignore[type-arg]
    space = f"S{next(SPACES)}"
    for what, one, other in order:
        if what == "row":
            keep(f"{space}|{one}", "0", a_patient(f"{space}|{one}", family=f"Family{space}{one}"))
        else:
            survivor = a_patient(f"{space}|{other}", family=f"Family{space}{other}")
            store(ChartBundle(patients=(survivor,)), "tester")
            merge(f"{space}|{one}", survivor.source_key)
    found = {owner for row, owner in owners().items() if f" {space}|" in row}
    assert found == {f"{space}|2"}


ADA = Person("O'Brien-Núñez", "Ada Maria", date(1948, 3, 2), "female", "00417")


@pytest.mark.parametrize(
    ("other", "score", "words"),
    [
        (Person("OBRIEN NUNEZ", "Ada Maria", date(1948, 3, 2), "female", "9"), 90, "same given names"),
        (Person("O'Brien-Núñez", "Ada", date(1948, 3, 2), "female", "9"), 85, "the others differ"),
        (Person("O'Brien-Núñez", "A", date(1948, 3, 2), "female", "417"), 85, "another authority"),
        (Person("O'Brien-Núñez", "Berta", date(1948, 3, 2), "female", "9"), 30, "twins"),
        (Person("O'Brien-Núñez", "", date(1948, 3, 2), "female", "9"), 60, "missing"),
    ],
)
def test_likeness_is_scored_with_its_reasons(other: Person, score: int, words: str) -> None:
    found = likeness(ADA, other)
    assert found is not None
    assert (found.score, words in " ".join(found.reasons)) == (score, True)
    assert likeness(other, ADA) == found


@pytest.mark.parametrize(
    "other",
    [
        Person("O'Brien", "Ada Maria", date(1948, 3, 2), "female"),
        Person("O'Brien-Núñez", "Ada Maria", date(1948, 3, 3), "female"),
        Person("O'Brien-Núñez", "Ada Maria", date(1948, 3, 2), "male"),
        Person("O'Brien-Núñez", "Ada Maria", None, "female"),
    ],
)
def test_who_differs_in_name_birth_date_or_sex_is_not_alike(other: Person) -> None:
    assert likeness(ADA, other) is None


def test_two_patients_alike_are_noted_once_and_never_again_when_they_were_called_different(app: Flask) -> None:
    keep("R|1", "a")
    keep("R|2", "b")
    (pair,) = db.session.scalars(select(IdentityPair)).all()
    assert (pair.first_key, pair.second_key, pair.score, pair.verdict) == ("R|1", "R|2", 90, "")
    with unit_of_work():
        identity.decide("R|2", "R|1", "different", "ann")
    store(ChartBundle(patients=(a_patient("R|1", given="Ada M"),)), "tester")
    (pair,) = db.session.scalars(select(IdentityPair)).all()
    assert pair.verdict == "different"


def test_the_chart_names_the_numbers_that_were_merged_into_it(app: Flask) -> None:
    merge = message(
        msh("ADT^A40", "20260307080000", "6"), "EVN|A40|20260307080000", "PID|1||000999^^^RIVERBEND^MR||Testperson^Ada",
        "MRG|000417^^^RIVERBEND^MR",
    )  # fmt: skip
    for one in (adt("A01", "20260301220000", "1", admitted="20260301220000"), merge):
        assert import_file(one.encode(), "feed", by="t").status == "imported"
    client = signed_in(app.test_client(), a_user("coder"))
    ref = db.session.scalars(select(Encounter.ref)).one()
    assert "Also known as MRN 000417 of RIVERBEND" in client.get(f"/encounters/{ref}").text


def test_a_crowd_with_the_same_filler_name_and_birth_date_makes_no_pairs_without_end(app: Flask) -> None:
    people = tuple(a_patient(f"made-up|{n}") for n in range(120))
    for at in range(0, len(people), 20):
        store(ChartBundle(patients=people[at : at + 20]), "t")
    pairs = db.session.scalars(select(IdentityPair.id)).all()
    assert 0 < len(pairs) <= 50 * 49 / 2
