"""The inbox of live feeds: what comes is kept and acknowledged first, and goes into its chart right after.

Whatever the message alone decides (form, type, processing id, a control id used before) is decided before the answer; the
rest is shown where feeds are watched. Nothing is lost in between: what was acknowledged lies in `feed_message`.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import and_, bindparam, literal_column, or_, select, update
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from query_mgr.charts import fresh, hl7v2, intake
from query_mgr.charts.feeds import FORMAT, bytes_of, digest_of, fold_in, put_aside, write_down
from query_mgr.charts.gathering import accepted_processing, facility_zone, told_by
from query_mgr.charts.models import FeedMessage
from query_mgr.charts.problems import Held, Ignored, Problem, Rejection, Warnings
from query_mgr.charts.records import ChartError
from query_mgr.charts.report import Report
from query_mgr.charts.store import ContestedError, lock_imports
from query_mgr.platform import clock
from query_mgr.platform.db import db, unit_of_work
from query_mgr.platform.ids import new_ref

RECEIVED = fresh.RECEIVED  # on the disk and acknowledged, not yet in a chart
_COUNTS = fresh.COUNTS  # statuses of messages that need not come again
_TOGETHER = 100  # messages that go into charts in one transaction
_REUSED = Problem("control-id", "MSH-10", "was used before with other content; the first message stays")
_TABLE: Any = FeedMessage.__table__
_CONTROL = (_TABLE.c.sender, _TABLE.c.control_id)
_SAME = select(_TABLE.c.digest, _TABLE.c.status, *_CONTROL)
#: the same messages, and those with the same control ids
_BEFORE = _SAME.where(
    or_(
        _TABLE.c.digest.in_(bindparam("digests", expanding=True)),
        and_(
            _TABLE.c.sender.in_(bindparam("senders", expanding=True)),
            _TABLE.c.control_id.in_(bindparam("ids", expanding=True)),
        ),
    )
)
_INSERT = _TABLE.insert()
_AGAIN_SETS = ("status", "reason", "received_at")
_AGAIN = update(_TABLE).where(_TABLE.c.digest == bindparam("same")).values({n: bindparam(n) for n in _AGAIN_SETS})
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Arrival:
    """One message that came: what it is, and what is wrong with it."""

    text: str
    digest: str
    message: hl7v2.Message | None = None
    header: hl7v2.MessageHeader | None = None
    status: str = RECEIVED
    problem: Problem | None = None

    @property
    def control(self) -> tuple[str, str]:
        """Who calls it what."""
        return (self.header.sender[:200], self.header.control_id[:200]) if self.header else ("", "")


def receive(frames: Sequence[bytes]) -> list[list[bytes]]:
    """Keep what frames hold, in one transaction, and return for each frame the acknowledgements of its messages.

    An AA says that the message is on the disk. A control id that was used before with other content is AE, and the
    first message stays. Where the database fails, all are AE: their sender has them still.
    """
    arrivals = [_arrivals(frame) for frame in frames]
    every = [one for found in arrivals for one in found]
    try:
        refused = _keep(every)
    except SQLAlchemyError:  # one of them, or the database: each for itself tells which
        refused = {}
        for one in every:
            try:
                refused |= _keep([one])
            except SQLAlchemyError as error:
                db.session.rollback()
                refused[one.digest] = Problem("database", "", f"{type(error).__name__}; send it again later")
    _note_refused(every, refused)
    now = clock.now()
    return [
        [
            hl7v2.acknowledge(one.message, one.problem or refused.get(one.digest), now, new_ref()).encode()
            for one in found
        ]
        for found in arrivals
    ]


def catch_up(by: str, together: int = _TOGETHER) -> bool:
    """Take the next messages of the inbox into their charts, in the order in which they came; return whether any waited.

    One that cannot go in costs only itself: it is kept as held, ignored or rejected, with its reason.
    """
    columns = (FeedMessage.id, FeedMessage.ref, FeedMessage.digest, FeedMessage.text)
    is_waiting = FeedMessage.status == literal_column(f"'{RECEIVED}'")  # a bound value would not find the index
    waiting = select(*columns).where(is_waiting).order_by(FeedMessage.id).limit(together)
    with unit_of_work():
        lock_imports()
        rows = db.session.execute(waiting).all()
        if rows:
            _fold(rows, by)
            _note(rows, by)
    return bool(rows)


def _arrivals(frame: bytes) -> list[Arrival]:
    try:
        texts = hl7v2.messages_in(frame, Warnings())
    except Rejection as refused:
        return [Arrival(frame.decode("utf-8", "replace"), "", problem=refused.problems[0])]
    return [_arrival(text) for text in texts]


def _arrival(text: str) -> Arrival:
    found = Arrival(text, digest_of(text))
    try:
        found = replace(found, message=hl7v2.parse(text))
        assert found.message
        times = hl7v2.Times(facility_zone(), clock.now(), Warnings())
        header = hl7v2.header_for(found.message, times, accepted_processing())
        if not header.control_id:
            raise Rejection("control-id", "MSH-10", "is empty, so that no answer could name the message")
        return replace(found, header=header)
    except Rejection as refused:
        return replace(found, status="rejected", problem=refused.problems[0])
    except Ignored:
        return replace(found, status="ignored")


def _keep(arrivals: Sequence[Arrival]) -> dict[str, Problem]:
    """Write down what came; return, by digest, what its control id keeps out."""
    new = {one.digest: one for one in arrivals if one.digest}
    plain = [_row(one, None) for one in new.values() if one.status == RECEIVED]
    for digest in fresh.keep(plain) if plain else ():
        del new[digest]
    if not new:
        return {}
    senders, ids = zip(*(one.control for one in new.values()), strict=True)
    with db.engine.connect().execution_options(query_mgr_writes=True) as connection, connection.begin():
        before = connection.execute(_BEFORE, {"digests": list(new), "senders": senders, "ids": ids}).all()
        known = {row.digest: row.status for row in before}
        new = {digest: one for digest, one in new.items() if known.get(digest) not in _COUNTS}
        used = {(row.sender, row.control_id) for row in before if row.status in _COUNTS}
        refused = _reused(list(new.values()), used)
        unknown = [_row(one, refused.get(digest)) for digest, one in new.items() if digest not in known]
        if unknown:
            connection.execute(_INSERT, unknown)
        for digest in new.keys() & known.keys():  # tried again
            row = _row(new[digest], refused.get(digest))
            connection.execute(_AGAIN, {"same": digest} | {name: row[name] for name in _AGAIN_SETS})
    return refused


def _reused(arrivals: Sequence[Arrival], used: set[tuple[str, str]]) -> dict[str, Problem]:
    """Return, by digest, those whose control id already names another message."""
    refused = {}
    for one in arrivals:
        if one.status == RECEIVED and one.control in used:
            refused[one.digest] = _REUSED
        elif one.control[1]:
            used.add(one.control)
    return refused


def _row(one: Arrival, refused: Problem | None) -> dict[str, Any]:
    problem, (sender, control) = one.problem or refused, one.control
    return {
        "ref": new_ref(),
        "digest": one.digest,
        "sender": sender,
        "control_id": control,
        "kind": one.header.kind[:20] if one.header else "",
        "event_at": one.header.event_at if one.header else None,
        "received_at": clock.now(),
        "status": "rejected" if problem else one.status,
        "reason": str(problem or ""),
        "text": one.text,
        "patient_key": "",
    }


def _fold(rows: Sequence[Any], by: str) -> None:
    """Take messages into charts together; where one of them fails, find it by halving."""
    try:
        with db.session.begin_nested():
            _fold_together(rows, by)
    except OperationalError:
        raise  # the database is away: they wait
    except Exception as error:
        if len(rows) == 1:
            _put_aside(rows[0], error)
            return
        _fold(rows[: len(rows) // 2], by)
        _fold(rows[len(rows) // 2 :], by)


def _fold_together(rows: Sequence[Any], by: str) -> None:
    told: dict[int, hl7v2.Told] = {}
    new: dict[str, hl7v2.Told] = {}
    for row in rows:
        try:
            told[row.id] = new[row.digest] = told_by(row.text, row.digest, Warnings())
        except (Held, Ignored, Rejection) as stopped:
            put_aside(row.id, stopped, None)
    if told:
        write_down(told)
        fold_in(new, Warnings(), by)


def _put_aside(row: Any, error: Exception) -> None:
    told = None
    if isinstance(error, ContestedError):
        told = told_by(row.text, row.digest, Warnings())
    elif not isinstance(error, (Held, Ignored, Rejection, ChartError)):
        _log.error("message %s: %s", row.ref, type(error).__name__)
        text = f"{type(error).__name__}; the message is kept, report this and replay it later"
        error = Rejection("internal", "", text)
    put_aside(row.id, error, told)


def _note(rows: Sequence[Any], by: str) -> None:
    """Write down in the ledger what became of messages, in the transaction that took them in or put them aside."""
    names = (FeedMessage.text, FeedMessage.status, FeedMessage.reason)
    for message in db.session.execute(select(*names).where(FeedMessage.id.in_([row.id for row in rows]))):
        is_odd = message.status != "imported"
        report = Report("", message.status, warnings=(message.reason,) if is_odd else ())
        _ledger_of(message.text, by).note(report)


def _note_refused(arrivals: Sequence[Arrival], refused: Mapping[str, Problem]) -> None:
    """Write down in the ledger what was refused on sight, where the database can."""
    problems = [(one, one.problem or refused.get(one.digest)) for one in arrivals]
    found = [(one, problem) for one, problem in problems if problem and problem.code != "database"]
    if not found:
        return
    try:
        with unit_of_work():
            for one, problem in found:
                _ledger_of(one.text, "hl7 feed").note(Report("", "rejected", errors=(str(problem),)))
    except SQLAlchemyError as error:
        db.session.rollback()
        _log.error("a refused message is not in the ledger: %s", type(error).__name__)


def _ledger_of(text: str, by: str) -> intake.Arrival:
    sender, name = hl7v2.label_of(text)
    return intake.Arrival(f"MLLP {sender}".strip(), name, by, bytes_of(text), FORMAT)
