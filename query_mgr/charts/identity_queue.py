"""What of identities waits for a person, and what they decide. Nothing here decides by itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from query_mgr.accounts.session import Actor
from query_mgr.audit import actions as audit
from query_mgr.charts import feeds, hl7v2, identity
from query_mgr.charts.intake import Intake, IntakePart, replay
from query_mgr.charts.models import Document, Encounter, Fact, IdentityPair, Patient, PatientAlias, SentCode
from query_mgr.charts.report import Report
from query_mgr.charts.store import lock_imports
from query_mgr.platform.db import db, unit_of_work

MOST_SHOWN = 50


class IdentityError(Exception):
    """What the person asked for cannot be done; the message says why."""


@dataclass(frozen=True)
class Known:
    """A patient as the queue shows them beside another."""

    patient: Patient
    authority: str
    stays: Sequence[Encounter]


@dataclass(frozen=True)
class Pair:
    """Two patients who may be one."""

    row: IdentityPair
    one: Known
    other: Known


@dataclass(frozen=True)
class Missing:
    """Rows of a patient that name a stay which never came."""

    patient: str
    mrn: str
    awaited_key: str
    count: int


def held_messages() -> Sequence[IntakePart]:
    """Return the HL7 messages that say nothing of whose they are."""
    waiting = (
        select(IntakePart)
        .join(IntakePart.intake)
        .where(
            IntakePart.settled_at.is_(None),
            IntakePart.reason.startswith("patient:"),
            Intake.format == feeds.FORMAT,
        )
    )
    return db.session.scalars(waiting.order_by(IntakePart.id.desc()).limit(MOST_SHOWN)).all()


def open_pairs() -> list[Pair]:
    """Return the pairs that nobody has decided about, the most alike first."""
    asked = select(IdentityPair).where(IdentityPair.verdict == "")
    rows = db.session.scalars(asked.order_by(IdentityPair.score.desc(), IdentityPair.id).limit(MOST_SHOWN)).all()
    keys = {key for row in rows for key in (row.first_key, row.second_key)}
    patients = {
        one.source_key: one for one in db.session.scalars(select(Patient).where(Patient.source_key.in_(keys)))
    }
    now = identity.survivors(keys)
    return [
        Pair(row, _known(patients[row.first_key]), _known(patients[row.second_key]))
        for row in rows
        if {row.first_key, row.second_key} <= patients.keys()
        and now.get(row.first_key, row.first_key) != now.get(row.second_key, row.second_key)
    ]


def _known(patient: Patient) -> Known:
    stays = (
        select(Encounter).where(Encounter.patient_id == patient.id).order_by(Encounter.admitted_at.desc()).limit(5)
    )
    return Known(patient, patient.source_key.rpartition("|")[0], db.session.scalars(stays).unique().all())


def missing_stays() -> list[Missing]:
    """Return which stays rows wait for."""
    found: dict[tuple[int, str], int] = {}
    models: tuple[Any, ...] = (Document, Fact, SentCode)
    for model in models:
        asked = select(model.patient_id, model.awaited_key, func.count()).where(model.awaited_key.is_not(None))
        for patient_id, key, count in db.session.execute(asked.group_by(model.patient_id, model.awaited_key)):
            found[patient_id, key] = found.get((patient_id, key), 0) + count
    shown = sorted(found.items(), key=lambda one: -one[1])[:MOST_SHOWN]
    ids = {patient_id for (patient_id, _), _ in shown}
    people = {one.id: one for one in db.session.scalars(select(Patient).where(Patient.id.in_(ids)))}
    return [
        Missing(people[patient_id].display_name, people[patient_id].mrn, key, count)
        for (patient_id, key), count in shown
    ]


def merges() -> Sequence[PatientAlias]:
    """Return the latest merges."""
    return db.session.scalars(select(PatientAlias).order_by(PatientAlias.id.desc()).limit(MOST_SHOWN)).all()


def decide(pair_ref: str, choice: str, actor: Actor) -> None:
    """Merge a pair into one of the two ("first", "second"), or remember that they are "different" people."""
    actor.must("identity.decide")
    with unit_of_work():
        lock_imports()
        pair = db.session.scalar(select(IdentityPair).where(IdentityPair.ref == pair_ref))
        if pair is None or choice not in ("first", "second", "different"):
            raise IdentityError("Choose whom to keep, or that they are different people.")
        one, other = pair.first_key, pair.second_key
        if choice == "different":
            identity.decide(one, other, "different", actor.email)
            audit.record(actor.email, "patient.different", "identity_pair", pair.ref)
            return
        prior, survivor = (other, one) if choice == "first" else (one, other)
        identity.merge(prior, survivor, actor.email, is_decided=True)


def unmerge(number: int, actor: Actor) -> None:
    """Undo a merge."""
    actor.must("identity.decide")
    with unit_of_work():
        lock_imports()
        alias = db.session.get(PatientAlias, number)
        if alias is None:
            raise IdentityError("They are no longer merged.")
        identity.unmerge(alias.source_key, actor.email)


def assign(part: IntakePart, mrn: str, actor: Actor) -> Report:
    """Say whose a held message is, and replay it so; the message as it came stays beside it."""
    actor.must("identity.decide")
    found = db.session.scalars(select(Patient).where(Patient.mrn == mrn.strip()).limit(2)).all()
    if len(found) != 1:
        raise IdentityError(
            "No patient has this MRN." if not found else "Two patients have this MRN; merge them first."
        )
    authority, _, number = found[0].source_key.rpartition("|")
    text = replay.text_of(part)
    if not authority or text is None:
        raise IdentityError("Nobody knows who assigned this MRN, or the message was deleted; ask for it again.")
    with unit_of_work():
        audit.record(actor.email, "intake.assigned", "intake_part", part.ref, patient=found[0].ref)
    return replay.send_again(part, actor.email, hl7v2.with_patient(text, number, authority))
