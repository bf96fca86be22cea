"""Take one change of an encounter's codes back. The history keeps both: nothing is erased."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from query_mgr.accounts.session import Actor
from query_mgr.charts.models import Encounter
from query_mgr.coding import actions, lines
from query_mgr.coding.codeset import CodingError
from query_mgr.coding.models import CodeChange
from query_mgr.coding.reader import codes_of
from query_mgr.coding.work import DETAILS, DIAGNOSIS, kind_of
from query_mgr.platform.db import db, unit_of_work


def undo(actor: Actor, encounter: Encounter, change_id: int) -> str:
    """Put one change back and return the ref of the line that it is about, "" where that is gone.

    Raises CodingError where the change is not of this encounter, or can no longer be taken back.
    """
    with unit_of_work():
        change = db.session.get(CodeChange, change_id)
        if change is None or change.encounter_id != encounter.id:
            raise CodingError("This change is not in the history of this encounter; load the page again.")
        ref, before = change.assignment_ref, change.before or {}
        match change.action:
            case "add":
                actions.remove(actor, ref, reason="taken back")
                return ""
            case "remove":
                return _put_back(actor, encounter, before)
            case "replace":
                evidence = before.get("evidence")
                actions.replace(
                    actor, ref, before["code"], reason="put back", poa=before["poa"], evidence=evidence
                )
            case "poa":
                actions.set_poa(actor, ref, before["poa"], reason="put back")
            case "sequence":
                count = len(codes_of(encounter, kind_of(before.get("system", "icd10cm"))))
                actions.move(actor, ref, min(before["sequence"], count), reason="put back")
            case "evidence":
                actions.set_evidence(actor, ref, before.get("evidence"), reason="put back")
            case _:
                lines.change_line(actor, ref, reason="put back", **_details(encounter, before))
        return ref


def _put_back(actor: Actor, encounter: Encounter, before: Mapping[str, Any]) -> str:
    system, evidence = before.get("system", "icd10cm"), before.get("evidence")
    if kind_of(system) == DIAGNOSIS:
        place = min(before["sequence"], len(codes_of(encounter)) + 1)
        row = actions.assign(
            actor, encounter, before["code"], poa=before["poa"], evidence=evidence, sequence=place,
            reason="put back after it was removed",
        )  # fmt: skip
        return row.ref
    row = lines.add_line(
        actor, encounter, system, before["code"], evidence=evidence, reason="put back after it was removed",
        **_details(encounter, before),
    )  # fmt: skip
    if row.sequence > before["sequence"]:
        actions.move(actor, row.ref, before["sequence"], reason="put back after it was removed")
    return row.ref


def _details(encounter: Encounter, before: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a line said besides its code, without links to diagnoses that are gone."""
    there = {row.ref for row in codes_of(encounter)}
    values = {name: before[name] for name in DETAILS if name in before}
    if "pointers" in values:
        values["pointers"] = [ref for ref in values["pointers"] if ref in there]
    if values.get("claim") == "":
        del values["claim"]
    return values | {"provider_id": before.get("provider")}
