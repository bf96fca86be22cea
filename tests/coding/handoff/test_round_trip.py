"""What we send, we could read: our own importer makes the same codes of it."""

from __future__ import annotations

from flask import Flask
from sqlalchemy import select

from query_mgr.charts.actions import import_file
from query_mgr.charts.models import Encounter, Patient, SentCode
from query_mgr.coding.finishing import correct
from query_mgr.coding.handoff.actions import hand_off
from query_mgr.coding.handoff.models import HandOff
from query_mgr.platform.db import db
from tests.coding.handoff.builders import CODER, KIDNEY, PICC, SEPSIS, VISIT, a_stay, finished, with_settings
from tests.conftest import Clock


def read_back(rows: list[HandOff]) -> None:
    for row in rows:
        assert import_file(row.content.encode(), f"{row.ref}.hl7", by="tester").status == "imported"


def standing(origin: str) -> list[tuple[object, ...]]:
    """Return the codes of an origin that stand."""
    db.session.rollback()
    wanted = select(SentCode).where(SentCode.origin == origin, SentCode.status == "final")
    found = db.session.scalars(wanted.order_by(SentCode.kind, SentCode.sequence, SentCode.code)).all()
    return [(one.kind, one.code_system, one.code, one.role, one.poa, one.modifiers, one.units) for one in found]


def test_our_own_messages_make_the_codes_that_were_handed_off(app: Flask, time: Clock) -> None:
    with_settings(app, billing_messages="bar,dft")
    stay = a_stay()
    finished(stay, diagnoses=[SEPSIS, KIDNEY | {"poa": "1"}])
    read_back(hand_off(CODER, stay))
    assert standing("account") == [
        ("diagnosis", "icd10cm", "A41.9", "principal", "Y", "", None),
        ("diagnosis", "icd10cm", "N17.9", "secondary", "1", "", None),
        ("diagnosis", "icd10cm", "R65.20", "admitting", "", "", None),
        ("procedure", "icd10pcs", "02HV33Z", "", "", "", None),
    ]
    charges = [one for one in standing("charge") if one[0] == "charge"]
    assert charges == [
        ("charge", "cpt", "99991", "", "", "25 GT", 2.0), ("charge", "hcpcs", "J2405", "", "", "", 4.0),
    ]  # fmt: skip
    linked = set(db.session.scalars(select(SentCode.encounter_id)))
    assert linked == {stay.id}
    assert db.session.query(Encounter).count() == db.session.query(Patient).count() == 1


def test_our_own_corrections_take_back_what_no_longer_holds(app: Flask, time: Clock) -> None:
    with_settings(app, billing_messages="bar,dft")
    stay = a_stay()
    finished(stay)
    read_back(hand_off(CODER, stay))
    correct(CODER, stay, "late pathology")
    time.advance(days=1)
    septic = SEPSIS | {"code": "A41.51", "title": "Sepsis due to Escherichia coli [E. coli]"}
    finished(stay, diagnoses=[septic], procedures=[PICC], services=[VISIT | {"units": 1.0}])
    read_back(hand_off(CODER, stay))
    assert [one[2] for one in standing("account")] == ["A41.51", "R65.20", "02HV33Z"]
    assert [(one[2], one[6]) for one in standing("charge") if one[0] == "charge"] == [("99991", 1.0)]
