"""Lists of what was handed to billing."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import or_, select

from query_mgr.charts.models import Encounter, Patient
from query_mgr.coding.handoff.models import HandOff
from query_mgr.coding.models import CodingVersion
from query_mgr.platform.db import db

PAGE = 50


class Sent(NamedTuple):
    """One message as a list shows it; its content is not loaded."""

    id: int
    ref: str
    channel: str
    state: str
    answer: str
    reason: str
    is_uncertain: bool
    is_correction: bool
    made_at: datetime
    answered_at: datetime | None
    version: int
    encounter_ref: str
    number: str
    family_name: str
    given_names: str

    @property
    def patient(self) -> str:
        """The patient's name, family name first."""
        return ", ".join(filter(None, (self.family_name, self.given_names)))

    @property
    def format(self) -> str:
        """A key of `channels.FORMATS`."""
        return self.channel.partition(":")[0]

    @property
    def way(self) -> str:
        """A key of `channels.WAYS`."""
        return self.channel.partition(":")[2]


_LIST = (
    select(
        HandOff.id, HandOff.ref, HandOff.channel, HandOff.state, HandOff.answer, HandOff.reason, HandOff.is_uncertain,
        HandOff.is_correction, HandOff.made_at, HandOff.answered_at, CodingVersion.number, Encounter.ref,
        Encounter.number, Patient.family_name, Patient.given_names,
    )
    .join(CodingVersion, CodingVersion.id == HandOff.version_id)
    .join(Encounter, Encounter.id == HandOff.encounter_id)
    .join(Patient, Patient.id == Encounter.patient_id)
)  # fmt: skip


def attention() -> list[Sent]:
    """Return the messages that somebody has to look at, the oldest first; at most a page."""
    found = _LIST.where(HandOff.state == "refused").order_by(HandOff.id).limit(PAGE)
    return [Sent._make(row) for row in db.session.execute(found)]


def latest(words: str = "", after: str = "") -> tuple[list[Sent], str]:
    """Return a page of messages, the latest first, and the mark of the next page, "" on the last.

    words: an account number, an MRN, or how a family name begins.
    """
    found = _LIST.order_by(HandOff.id.desc()).limit(PAGE + 1)
    if words:
        begins = Patient.family_name.istartswith(words, autoescape=True)
        found = found.where(or_(Encounter.number == words, Patient.mrn == words, begins))
    if after.isascii() and after.isdigit() and len(after) < 18:
        found = found.where(HandOff.id < int(after))
    rows = [Sent._make(row) for row in db.session.execute(found)]
    return rows[:PAGE], str(rows[PAGE - 1].id) if len(rows) > PAGE else ""
