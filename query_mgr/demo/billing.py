"""The demo hospital's accounts go to billing: what is coded and answered is handed off some days after discharge."""

from __future__ import annotations

import functools
import random
from datetime import datetime, timedelta

from sqlalchemy import select

from query_mgr.accounts.session import SYSTEM, Actor
from query_mgr.charts.models import Encounter
from query_mgr.coding import actions, finishing
from query_mgr.coding.codeset import CodingError
from query_mgr.coding.handoff.actions import hand_off
from query_mgr.coding.handoff.channels import channels
from query_mgr.coding.models import EncounterCoding
from query_mgr.coding.reader import codes_of
from query_mgr.coding.scrub.code_lists import poa_exempt
from query_mgr.coding.valid import coded_on
from query_mgr.platform import clock
from query_mgr.platform.db import db
from query_mgr.platform.web import current_settings

#: days from discharge to the bill, and how many accounts in a hundred wait for something that no rule knows
DAYS = (2, 6)
WAITING = 4


def play(seed: int, now: datetime, coders: list[Actor]) -> int:
    """Make final and hand off, up to `now`, what nothing holds back; return how many accounts billing has."""
    if any(one.way != "inbox" for one in channels(current_settings())):
        return 0  # a billing system is connected: it gets nothing that nobody handed off
    rng = random.Random(seed)  # noqa: S311 - repeatable on purpose, protects nothing
    over = select(Encounter, EncounterCoding).join(EncounterCoding, EncounterCoding.encounter_id == Encounter.id)
    rows = db.session.execute(
        over.where(Encounter.discharged_at.is_not(None)).order_by(Encounter.discharged_at)
    ).all()
    billed = 0
    try:
        for encounter, coding in rows:
            at = _billed_at(encounter, coding, rng)
            if at < now and rng.randrange(100) >= WAITING:
                clock.use(functools.partial(_still, at))
                billed += _bill(rng.choice(coders), encounter)
    finally:
        clock.use(None)
    return billed


def _billed_at(encounter: Encounter, coding: EncounterCoding, rng: random.Random) -> datetime:
    """Return some days after discharge, and after everything else that happened to the codes."""
    left = (encounter.discharged_at or encounter.admitted_at) + timedelta(days=rng.uniform(*DAYS))
    return max(left, coding.changed_at + timedelta(hours=1)) if coding.changed_at else left


def _still(at: datetime) -> datetime:
    return at


def _bill(coder: Actor, encounter: Encounter) -> bool:
    _complete_poa(encounter)
    try:
        finishing.finalize(coder, encounter)
    except CodingError:
        return False  # a query is open, or a finding stands: it waits, as in life
    hand_off(coder, encounter)
    return True


def _complete_poa(encounter: Encounter) -> None:
    """Set what an answer brought without an indicator, as a coder does on reading it."""
    if encounter.encounter_class == "inpatient":
        for row in codes_of(encounter):
            if not row.poa:
                exempt = poa_exempt(row.code, coded_on(encounter))
                actions.set_poa(SYSTEM, row.ref, "1" if exempt else "Y")
