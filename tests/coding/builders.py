"""An encounter and a small code edition to code it with."""

from __future__ import annotations

from datetime import UTC, date, datetime

from query_mgr.accounts.session import Actor
from query_mgr.charts.models import Encounter, Patient
from query_mgr.codes.models import Code, CodeSet
from query_mgr.platform.db import db, unit_of_work

CODER = Actor("coder@riverbend.example", "Cora Coder", frozenset({"coder"}), 1)
READER = Actor("biller@riverbend.example", "Bill Biller", frozenset({"biller"}), 2)

#: code, title, is_billable, parent, notes - titles and notes are the tabular's own
TABULAR = (
    ("A41", "Other sepsis", False, None, {}),
    ("A41.9", "Sepsis, unspecified organism", True, "A41", {}),
    ("D63", "Anemia in chronic diseases classified elsewhere", False, None, {}),
    (
        "D63.1",
        "Anemia in chronic kidney disease",
        True,
        "D63",
        {"code_first": ["underlying chronic kidney disease (CKD) (N18.-)"]},
    ),
    ("E10", "Type 1 diabetes mellitus", False, None, {"excludes1": ["type 2 diabetes mellitus (E11.-)"]}),
    ("E10.9", "Type 1 diabetes mellitus without complications", True, "E10", {}),
    ("E11", "Type 2 diabetes mellitus", False, None, {"excludes1": ["type 1 diabetes mellitus (E10.-)"]}),
    ("E11.9", "Type 2 diabetes mellitus without complications", True, "E11", {}),
    ("N17", "Acute kidney failure", False, None, {}),
    ("N17.0", "Acute kidney failure with tubular necrosis", True, "N17", {}),
    ("N17.9", "Acute kidney failure, unspecified", True, "N17", {}),
    ("N18.4", "Chronic kidney disease, stage 4 (severe)", True, None, {}),
)


def an_edition(effective_from: date = date(2025, 10, 1), effective_to: date | None = date(2027, 9, 30)) -> None:
    """Load the codes above."""
    with unit_of_work():
        loaded = datetime(2026, 10, 1, tzinfo=UTC)
        edition = CodeSet(
            system="icd10cm",
            edition="test",
            effective_from=effective_from,
            effective_to=effective_to,
            row_count=len(TABULAR),
            loaded_at=loaded,
        )
        db.session.add(edition)
        db.session.flush()
        for code, title, billable, parent, notes in TABULAR:
            db.session.add(
                Code(
                    code_set_id=edition.id,
                    code=code,
                    title=title,
                    is_billable=billable,
                    parent=parent,
                    notes=notes,
                )
            )


def an_encounter(discharged_at: datetime | None = datetime(2026, 11, 1, 16, tzinfo=UTC)) -> Encounter:
    """Store and return an inpatient stay."""
    with unit_of_work():
        patient = Patient(source_key="Patient/1", content_hash="0", mrn="000123", family_name="Example")
        encounter = Encounter(
            source_key="Encounter/1",
            content_hash="0",
            patient=patient,
            number="CSN-1",
            encounter_class="inpatient",
            admitted_at=datetime(2026, 10, 28, 9, tzinfo=UTC),
            discharged_at=discharged_at,
        )
        db.session.add_all([patient, encounter])
    return encounter
