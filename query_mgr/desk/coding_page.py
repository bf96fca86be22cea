"""What the coding side of the encounter workspace shows: status, codes, findings, and what can be done next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from flask_login import current_user
from sqlalchemy import or_, select

from query_mgr.accounts.models import Provider, User
from query_mgr.accounts.permissions import may
from query_mgr.accounts.session import SYSTEM
from query_mgr.charts.models import Document, Encounter
from query_mgr.coding import status
from query_mgr.coding.codeset import POA_VALUES, CodingError
from query_mgr.coding.handoff.actions import handoffs_of
from query_mgr.coding.handoff.channels import FORMATS, WAYS
from query_mgr.coding.handoff.models import HandOff
from query_mgr.coding.handoff.words import RETURN_REASONS, STATES
from query_mgr.coding.line_details import CLAIMS
from query_mgr.coding.models import CodeChange, EncounterCoding
from query_mgr.coding.scrub.code_lists import poa_exempt
from query_mgr.coding.scrub.registry import SEVERITIES
from query_mgr.coding.scrubbing import scrubbed
from query_mgr.coding.valid import coded_on
from query_mgr.desk.asked import Asked
from query_mgr.desk.coding_findings import groups_of, marks_of, shown_of
from query_mgr.desk.coding_lines import Lines, lines_of
from query_mgr.desk.stay_words import DISCHARGE_STATUSES
from query_mgr.platform.db import db

_MOST_CHANGES = 12


@dataclass(frozen=True)
class Step:
    """Something that can be done to the coding as a whole. asks: the template part with what it wants to know."""

    event: str
    label: str
    hint: str
    asks: str = ""


STEPS = {
    one.event: one
    for one in (
        Step("finalize", "Finalize", "Freeze the codes as a version for billing"),
        Step("hand_off", "Hand off to billing", "Send the final codes to billing"),
        Step("rebill", "Send the correction to billing", "Send the corrected codes to billing"),
        Step("ready", "Mark ready", "Coded, for a second look or the final step"),
        Step("resume", "Resume", "The wait is over"),
        Step("reopen", "Reopen", "Open the codes for changes again"),
        Step("pend", "Pend", "Let it wait, with a reason", "pend"),
        Step("return", "Return to coding", "Billing sends it back, with a reason", "return"),
        Step("correct", "Start a correction", "Change what billing has, with a reason", "reason"),
    )
}


def state_of(encounter: Encounter) -> EncounterCoding:
    """Return how far the coding is; where nobody began, a row that is not stored."""
    found = db.session.get(EncounterCoding, encounter.id)
    return found or EncounterCoding(
        status="not_started", pend_reason="", pend_note="", coder="", disposition="", admitting_code="",
        payer_key="", revision=0,
    )  # fmt: skip


def is_open(state: EncounterCoding) -> bool:
    """Return whether the codes can be changed now."""
    try:
        status.after(state.status, "change")
    except CodingError:
        return False
    return True


def panel(encounter: Encounter, asked: Asked, **more: Any) -> dict[str, Any]:
    """Return what the coding side shows; `asked`: what is open in the chart beside it."""
    state, lines, found = state_of(encounter), lines_of(encounter), scrubbed(encounter)
    unseen: Sequence[CodeChange] = (more.get("notice") or {}).get("changes", ())
    handed = handoffs_of(encounter) if state.finished_at else []
    shown, last = shown_of(found, lines, asked), last_change(encounter) if state.revision else None
    return {
        "encounter": encounter,
        "asked": asked,
        "coding": state,
        "lines": lines,
        "letters": lines.letters,
        "is_open": is_open(state),
        "can_edit": may(current_user.role_names, "coding.edit") and is_open(state),
        "steps": steps_for(state, handed),
        "handed": handed,
        "exempt": _exempt(lines, coded_on(encounter)) if found.case.is_inpatient else frozenset(),
        "groups": groups_of(shown),
        "overridden": [(one, found.overridden[one.key]) for one in found.findings if one.key in found.overridden],
        "marks": marks_of(shown),
        "is_blocked": bool(found.blocking) or (encounter.discharged_at is None and found.case.is_inpatient),
        "names": people_near(encounter),
        "coded_on": coded_on(encounter),
        "last": last,
        "notice": None,
        "said": "",
        "who": names_of(
            state.coder,
            *(one.changed_by for one in (*unseen, *((last,) if last else ()))),
            *(one.settled_by for one in found.overridden.values()),
        ),
        **WORDS,
        **more,
    }


def names_of(*emails: str) -> dict[str, str]:
    """Return email -> name of people, as far as they are known."""
    wanted = set(emails) - {""}
    if not wanted:
        return {}
    found = db.session.execute(select(User.email, User.name).where(User.email.in_(wanted)))
    return {SYSTEM.email: "query_mgr"} | {one.email: one.name for one in found}


WORDS = {
    "poa_values": POA_VALUES,
    "statuses": status.STATUSES,
    "pend_reasons": status.PEND_REASONS,
    "discharge_statuses": DISCHARGE_STATUSES,
    "claims": CLAIMS,
    "severities": SEVERITIES,
    "formats": FORMATS,
    "ways": WAYS,
    "hand_off_states": STATES,
    "return_reasons": RETURN_REASONS,
}


def steps_for(state: EncounterCoding, handed: Sequence[HandOff]) -> list[Step]:
    """Return what this person can do to the coding next, the most likely first.

    A version is handed off once; whether that is the first hand-off or a correction follows from what billing has.
    """
    allowed = {
        one.event
        for one in status.TRANSITIONS
        if one.status == state.status and one.event != "change" and may(current_user.role_names, one.action)
    }
    latest = max((one.version_id for one in handed), default=None)
    is_begun = any(one.version_id == latest and one.state in ("waiting", "refused") for one in handed)
    allowed -= {"hand_off", "rebill"} if is_begun else {"hand_off" if state.handed_off_at else "rebill"}
    return [step for event, step in STEPS.items() if event in allowed]


def _exempt(lines: Lines, on: date) -> frozenset[str]:
    return frozenset(row.ref for row in lines.diagnoses if poa_exempt(row.code, on))


def people_near(encounter: Encounter) -> list[str]:
    """Return the names of the providers of this stay: its attending and who wrote its documents."""
    writers = select(Document.author_id).where(Document.encounter_id == encounter.id)
    query = select(Provider).where(or_(Provider.id.in_(writers), Provider.id == encounter.attending_id))
    return [one.signature_name for one in db.session.scalars(query.order_by(Provider.name).limit(60))]


def provider_named(text: str) -> int | None:
    """Return the id of the provider whose name with credentials, or NPI, was typed; None for "".

    Raises CodingError where nobody or more than one person is called so.
    """
    text = " ".join(text.split())
    if not text:
        return None
    name = text.rpartition(",")[0] or text
    query = select(Provider).where(or_(Provider.npi == text, Provider.name == text, Provider.name == name))
    found = db.session.scalars(query.limit(20)).all()
    exact = [one for one in found if text in (one.npi, one.signature_name)] or list(found)
    if len(exact) != 1:
        how = "is in no directory" if not exact else "is the name of several providers"
        raise CodingError(f"Provider: {text[:60]!r} {how}; write the name as the directory has it, or the NPI.")
    return exact[0].id


#: what one act writes, it writes within this time
_ONE_ACT = timedelta(seconds=1)


def changes_after(encounter: Encounter, seen: int) -> list[CodeChange]:
    """Return what was done since the revision that a page shows, newest first; at most a dozen."""
    behind = max(state_of(encounter).revision - seen, 1)
    return acts_of(encounter, min(behind, _MOST_CHANGES))


def last_change(encounter: Encounter) -> CodeChange | None:
    """Return what was done last."""
    return next(iter(acts_of(encounter, 1)), None)


def acts_of(encounter: Encounter, most: int) -> list[CodeChange]:
    """Return what was done, newest first: without the changes by which another row became or stopped being first."""
    query = select(CodeChange).where(CodeChange.encounter_id == encounter.id).order_by(CodeChange.id.desc())
    rows = list(db.session.scalars(query.limit(2 * most)))
    acts: list[CodeChange] = []
    while rows and len(acts) < most:
        together, rows = (rows[:2], rows[2:]) if _made_room(rows) else (rows[:1], rows[1:])
        acts.append(max(together, key=lambda one: (one.action != "sequence", _distance(one), -one.id)))
    return acts


def _made_room(rows: Sequence[CodeChange]) -> bool:
    """Return whether one act made the first two: a removal or a move that gave another row the first place."""
    if len(rows) < 2:
        return False
    last, before = rows[:2]
    if last.action != "sequence" or 1 not in _places(last) or last.changed_at - before.changed_at > _ONE_ACT:
        return False
    return before.action in ("remove", "sequence") and 1 in _places(before)


def _places(one: CodeChange) -> list[int]:
    return [side["sequence"] for side in (one.before, one.after) if side]


def _distance(one: CodeChange) -> int:
    places = _places(one)
    return max(places) - min(places)
