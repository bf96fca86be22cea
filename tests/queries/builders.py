"""Charts and queries for tests."""

from __future__ import annotations

from datetime import timedelta

from query_mgr.accounts import actions as accounts
from query_mgr.accounts.models import Provider
from query_mgr.accounts.session import Actor
from query_mgr.charts.models import Document, Encounter, Patient
from query_mgr.platform import clock
from query_mgr.platform.db import db, unit_of_work
from query_mgr.queries import actions, sending
from query_mgr.queries.models import Query
from tests.accounts.builders import a_user, actor

PIN = "246810"
OTHER = {"key": "other", "label": "Other (please specify)", "kind": "other", "changes": []}
UNDETERMINED = {"key": "undetermined", "label": "Unable to determine", "kind": "undetermined", "changes": []}
ACUTE = {"key": "acute", "label": "Acute systolic heart failure", "kind": "clinical",
         "changes": [{"op": "replace", "code": "I50.21", "replaces": ["I50"], "poa": "Y"}]}  # fmt: skip
CHRONIC = {"key": "chronic", "label": "Chronic systolic heart failure", "kind": "clinical",
           "changes": [{"op": "replace", "code": "I50.22", "replaces": ["I50"], "poa": "Y"}]}  # fmt: skip


def a_coder() -> Actor:
    """A signed-in coder."""
    return actor(a_user("coder", email="cole@h.test"))


def a_provider(name: str = "Rosa Medina", npi: str = "1234567893") -> Provider:
    """A provider who can be asked."""
    with unit_of_work():
        provider = Provider(
            name=name, credentials="MD", npi=npi, email=f"{name.split()[0].lower()}@riverbend.example",
            created_at=clock.now(), pin_hash=accounts.hash_pin(PIN),
        )  # fmt: skip
        db.session.add(provider)
    return provider


def an_encounter() -> Encounter:
    """A stay of four days with one progress note."""
    now = clock.now()
    with unit_of_work():
        encounter = _a_stay("p1", "00417", "e1", "CSN1")
        db.session.add(
            Document(
                source_key="d1",
                content_hash="",
                patient_id=encounter.patient_id,
                encounter_id=encounter.id,
                kind="progress_note",
                title="Progress note",
                author_name="Rosa Medina",
                author_role="attending",
                authored_at=now - timedelta(days=3),
                text="Assessment: heart failure. Continue furosemide 40 mg IV.",
            )
        )
    return encounter


def a_stay_of(number: int) -> Encounter:
    """Another patient's stay."""
    with unit_of_work():
        return _a_stay(f"p-{number}", f"00417-{number}", f"e-{number}", f"CSN-{number}")


def _a_stay(patient_key: str, mrn: str, key: str, number: str) -> Encounter:
    now = clock.now()
    patient = Patient(
        source_key=patient_key, content_hash="", mrn=mrn, family_name="Testperson", given_names="Ada"
    )
    db.session.add(patient)
    db.session.flush()
    encounter = Encounter(
        source_key=key, content_hash="", patient_id=patient.id, number=number, encounter_class="inpatient",
        admitted_at=now - timedelta(days=4), discharged_at=now,
    )  # fmt: skip
    db.session.add(encounter)
    db.session.flush()
    return encounter


def an_indicator(
    text: str = "BNP 1,840 pg/mL; furosemide 40 mg IV twice daily; EF 30 %",
) -> actions.IndicatorInput:
    """Evidence that heart failure needs a type and acuity."""
    return actions.IndicatorInput(
        "document", "doc", "Progress note, R. Medina (attending)", "attending", text,
        clock.now() - timedelta(days=2), 0, len(text), "0" * 64,
    )  # fmt: skip


def content(**changes: object) -> actions.QueryInput:
    """A compliant heart failure query."""
    values: dict[str, object] = {
        "title": "Clarification of heart failure",
        "body": "Heart failure is documented in the progress notes.",
        "question": "Based on your clinical judgment, please clarify the type and acuity of the heart failure.",
        "purpose": "acuity",
        "condition": "heart_failure",
        "options": (ACUTE, CHRONIC, OTHER, UNDETERMINED),
        "indicators": (an_indicator(),),
    }
    return actions.QueryInput(**(values | changes))  # type: ignore[arg-type]


def a_sent_query(coder: Actor | None = None) -> Query:
    """A query on its way to its provider."""
    coder = coder or a_coder()
    draft = actions.save_draft(coder, an_encounter(), a_provider(), content())
    return sending.send(coder, draft, "reviewed")
