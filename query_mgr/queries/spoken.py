"""Spoken queries: kept after the talk in the same form, held to the same lint and guard (field.md Q19 and Q20)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from query_mgr.accounts.session import Actor
from query_mgr.platform import clock
from query_mgr.platform.db import db, unit_of_work
from query_mgr.platform.text import one_line
from query_mgr.queries import events
from query_mgr.queries.actions import LONGEST_TEXT, QueryError, locked
from query_mgr.queries.followup import running as followup
from query_mgr.queries.models import Query, QueryTalk
from query_mgr.queries.sending import Reasons, dispatch

#: how the talk took place, as it stands after "asked you this"
WAYS = ("in_person", "by_phone", "by_video", "by_secure_message")


@dataclass(frozen=True)
class Talk:
    """What is known of a talk. told: the answer as it was understood, may be empty; how: one of WAYS."""

    asked_by: str
    talked_at: datetime
    how: str
    told: str = ""


def record(actor: Actor, query: Query, talk: Talk, reasons: Reasons, is_to_be_confirmed: bool) -> Query:
    """Keep a draft as a query that was spoken; the provider gets a link to confirm it where that is wanted.

    What was told is no answer: that is what the provider signs, or writes in the chart.
    Raises QueryError, sending.SendBlockedError, lifecycle.NotPossibleError.
    """
    actor.must("query.send")
    if actor.user_id is None:
        raise QueryError("Only a person can keep a talk.")
    talk = _checked(talk, query)
    with unit_of_work():
        query = locked(query.id)
        query.channel = "spoken"
        query.talk = QueryTalk(**vars(talk), recorded_by_id=actor.user_id, recorded_at=clock.now())
        db.session.flush()
        dispatch(actor, query, "speak", reasons, talk.talked_at, how=talk.how)
        query.delivered_at = talk.talked_at
        if is_to_be_confirmed:
            events.publish("sent", query)
        else:
            followup.leave_alone(query, followup.NOT_MAILED)
    return query


def _checked(talk: Talk, query: Query) -> Talk:
    asked_by, told = one_line(talk.asked_by), talk.told.replace("\r\n", "\n").strip()
    if not asked_by or len(asked_by) > 160:
        raise QueryError("Say who asked, in at most 160 characters.")
    if talk.how not in WAYS:
        raise QueryError(f"How the talk took place {talk.how!r} is none of: {', '.join(WAYS)}.")
    if len(told) > LONGEST_TEXT or "\x00" in told:
        raise QueryError(f"The answer that was told must be plain text of at most {LONGEST_TEXT} characters.")
    if talk.talked_at > clock.now():
        raise QueryError("The time of the talk lies in the future; mend it.")
    if talk.talked_at < query.encounter.admitted_at:
        raise QueryError("The time of the talk lies before the encounter began; mend it.")
    return Talk(asked_by, talk.talked_at, talk.how, told)
