"""What can be done to the coding of an encounter as a whole: pend it, mark it ready, make it final, correct it."""

from __future__ import annotations

import hashlib
import json
import re
from datetime import date
from typing import Any

from sqlalchemy import func, select

from query_mgr.accounts.session import Actor
from query_mgr.audit import actions as audit
from query_mgr.charts.models import Encounter
from query_mgr.coding import status
from query_mgr.coding.codeset import CodingError
from query_mgr.coding.gather import grouping_of
from query_mgr.coding.models import CodingVersion, EncounterCoding
from query_mgr.coding.reader import codes_of
from query_mgr.coding.scrub.case import Case
from query_mgr.coding.scrubbing import note_findings
from query_mgr.coding.valid import coded_on, valid_code
from query_mgr.coding.work import DIAGNOSIS, PROCEDURE, SERVICE, allow, coding_of, details
from query_mgr.platform import clock
from query_mgr.platform.db import db, unit_of_work

_DISPOSITION = re.compile(r"\d{2}", re.ASCII)


def move_on(actor: Actor, encounter: Encounter, event: str, **detail: Any) -> EncounterCoding:
    """Take one step of `status.TRANSITIONS` for an encounter that is locked meanwhile.

    Raises CodingError where the table has no such step, NotAllowedError where the person may not take it.
    """
    with unit_of_work():
        db.session.execute(select(Encounter.id).where(Encounter.id == encounter.id).with_for_update())
        coding = coding_of(encounter)
        step = status.after(coding.status, event)
        allow(actor, step.action)
        coding.status, coding.changed_at = step.next_status, clock.now()
        if event != "pend":
            coding.pend_reason, coding.pend_note, coding.wake_on = "", "", None
        audit.record(actor.email, f"coding.{event}", "encounter", encounter.ref, **detail)
        return coding


def pend(actor: Actor, encounter: Encounter, reason: str, note: str = "", wake_on: date | None = None) -> None:
    """Let an encounter wait. reason: a key of `status.PEND_REASONS`; "other" wants a note. Raises CodingError."""
    if reason not in status.PEND_REASONS:
        raise CodingError(f"Reason: choose one of {', '.join(status.PEND_REASONS)}.")
    note = " ".join(note.split())[:500]
    if reason == "other" and not note:
        raise CodingError("Note: say what it waits for.")
    with unit_of_work():
        coding = move_on(actor, encounter, "pend", reason=reason)
        coding.pend_reason, coding.pend_note, coding.wake_on = reason, note, wake_on


def ready(actor: Actor, encounter: Encounter) -> None:
    """Mark the coding as complete. Raises CodingError while an error stands."""
    with unit_of_work():
        errors = [one for one in note_findings(actor, encounter).open if one.severity == "error"]
        if errors:
            raise CodingError(_still(len(errors), errors[0].message))
        move_on(actor, encounter, "ready")


def finalize(actor: Actor, encounter: Encounter, reason: str = "") -> CodingVersion:
    """Freeze the codes as the encounter's next version and return it. Raises CodingError while a finding blocks."""
    with unit_of_work():
        if encounter.discharged_at is None and encounter.encounter_class == "inpatient":
            raise CodingError("The patient is not discharged yet; the final codes need the whole stay.")
        now = note_findings(actor, encounter)
        if now.blocking:
            raise CodingError(_still(len(now.blocking), now.blocking[0].message))
        why = reason.strip() or coding_of(encounter).pend_note  # a correction said why when it began
        coding = move_on(actor, encounter, "finalize")
        coding.finished_at = clock.now()
        content = _content(encounter, coding) | {"drg": _drg(now.case)}
        latest = db.session.scalar(
            select(func.max(CodingVersion.number)).where(CodingVersion.encounter_id == encounter.id)
        )
        version = CodingVersion(
            encounter_id=encounter.id, number=(latest or 0) + 1, content=content, digest=digest(content),
            reason=why[:2000], made_by=actor.email, made_at=clock.now(),
        )  # fmt: skip
        db.session.add(version)
        db.session.flush()
        return version


def _still(count: int, first: str) -> str:
    others = f" ({count - 1} more)" if count > 1 else ""
    return f"Not yet: {first}{others}"


def correct(actor: Actor, encounter: Encounter, reason: str) -> None:
    """Open codes that billing has for a correction, which becomes a new version. Raises CodingError."""
    if len(reason.strip()) < 3:
        raise CodingError("Say why the claim is corrected; the reason goes with the new version.")
    with unit_of_work():
        move_on(actor, encounter, "correct", reason_given=True)
        coding_of(encounter).pend_note = reason.strip()[:500]


def set_stay(
    actor: Actor,
    encounter: Encounter,
    *,
    disposition: str | None = None,
    admitting_code: str | None = None,
    payer_key: str | None = None,
) -> None:
    """Set what the claim says of the stay: discharge status (two digits), admitting diagnosis, payer. None keeps.

    Raises CodingError naming the field.
    """
    allow(actor)
    with unit_of_work():
        coding = coding_of(encounter)
        status.after(coding.status, "change")
        if disposition is not None:
            if disposition and not _DISPOSITION.fullmatch(disposition):
                raise CodingError("Discharge status: it has two digits, such as 01 (home) or 20 (died).")
            coding.disposition = disposition
        if admitting_code is not None:
            coding.admitting_code = valid_code(admitting_code, encounter).code if admitting_code.strip() else ""
        if payer_key is not None:
            coding.payer_key = payer_key.strip()[:60]
        coding.revision += 1
        audit.record(actor.email, "coding.stay_changed", "encounter", encounter.ref)
        note_findings(actor, encounter)


def versions_of(encounter: Encounter) -> list[CodingVersion]:
    """Return the versions of an encounter's code set, oldest first."""
    query = select(CodingVersion).where(CodingVersion.encounter_id == encounter.id)
    return list(db.session.scalars(query.order_by(CodingVersion.number)))


def _content(encounter: Encounter, coding: EncounterCoding) -> dict[str, Any]:
    lines = {kind: codes_of(encounter, kind) for kind in (DIAGNOSIS, PROCEDURE, SERVICE)}
    return {
        "coded_on": coded_on(encounter).isoformat(),
        "disposition": coding.disposition or encounter.disposition,
        "admitting_code": coding.admitting_code,
        "payer": coding.payer_key or encounter.payer,
        "diagnoses": [
            {"ref": one.ref, "sequence": one.sequence, "code": one.code, "title": one.title, "poa": one.poa}
            for one in lines[DIAGNOSIS]
        ],
        **{
            f"{kind}s": [
                {
                    "ref": one.ref,
                    "sequence": one.sequence,
                    "system": one.system,
                    "code": one.code,
                    "title": one.title,
                }
                | details(one)
                for one in lines[kind]
            ]
            for kind in (PROCEDURE, SERVICE)
        },
    }


def _drg(case: Case) -> dict[str, str] | None:
    """Return the MS-DRG that goes with the codes of an inpatient stay."""
    if not case.is_inpatient:
        return None
    found = grouping_of(case)
    return {"code": found.drg, "title": found.title, "version": found.version}


def digest(content: dict[str, Any]) -> str:
    """Return the SHA-256 of a version's content in canonical JSON (sorted keys, no blanks, UTF-8)."""
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()
