"""HL7 v2 messages on their way into charts: each is kept, counts once, and takes its place in time.

A stay, an order's results and a document are made anew from all messages about them whenever one comes, in the order
in which things happened, so that late and repeated messages end in the same chart.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from query_mgr.charts import hl7v2
from query_mgr.charts.identity import merge
from query_mgr.charts.models import Encounter, FeedMessage, FeedSubject, Patient
from query_mgr.charts.problems import Held, Ignored, Problem, Rejection, Warnings
from query_mgr.charts.records import ChartBundle, ChartError, StoreCounts
from query_mgr.charts.report import Report
from query_mgr.charts.store import lock_imports, store
from query_mgr.platform import clock
from query_mgr.platform.db import db, unit_of_work
from query_mgr.platform.ids import new_ref
from query_mgr.platform.web import current_settings

#: what a file of several messages is called, the worst first
_WORST = ("rejected", "held", "imported", "unchanged", "ignored")


def answer(frame: bytes, *, by: str) -> list[bytes]:
    """Take in what an MLLP frame holds and return an acknowledgement for each message, in order.

    A message is on the disk before its AA, whether it went into a chart, waits for something, or holds nothing of ours.
    A control id that was used before with other content is AE, and the first message stays.
    """
    warnings, now = Warnings(), clock.now()
    try:
        texts = hl7v2.messages_in(frame, warnings)
    except Rejection as refused:
        text = frame[:2000].decode("utf-8", "replace")
        return [hl7v2.acknowledge(text, refused.problems[0], now, new_ref()).encode()]
    replies = []
    for text in texts:
        try:
            status, _, reason = _take(text, by, warnings, is_live=True)
        except SQLAlchemyError as error:  # not on the disk: the sender keeps it and sends it again
            db.session.rollback()
            status, reason = "rejected", f"database: {type(error).__name__}; send it again later"
        code, _, told = reason.partition(": ")
        problem = Problem(code, "", told) if status == "rejected" else None
        replies.append(hl7v2.acknowledge(text, problem, now, new_ref()).encode())
    return replies


def import_messages(content: bytes, name: str, *, by: str) -> Report:
    """Take in a file of HL7 v2 messages, each for itself, or none where the file as such is broken."""
    warnings = Warnings()
    try:
        texts = hl7v2.messages_in(content, warnings)
    except Rejection as refused:
        return Report(name, "rejected", errors=tuple(map(str, refused.problems)))
    done = [_take(text, by, warnings) for text in texts]
    counts = [one for _, one, _ in done if one]
    many = len(texts) > 1
    problems = [f"message {n}: {text}" if many else text for n, (_, _, text) in enumerate(done, 1) if text]
    status = min((status for status, _, _ in done), key=_WORST.index)
    return Report(
        name,
        status,
        patients=sum(one.patients.total for one in counts),
        encounters=sum(one.encounters.total for one in counts),
        documents=sum(one.documents.total for one in counts),
        facts=sum(one.facts.total for one in counts),
        providers=sum(one.providers.total for one in counts),
        codes=sum(one.codes.total for one in counts),
        warnings=warnings.lines() if status == "rejected" else (*warnings.lines(), *problems),
        errors=tuple(problems) if status == "rejected" else (),
    )


def _take(text: str, by: str, warnings: Warnings, *, is_live: bool = False) -> tuple[str, StoreCounts | None, str]:
    """Take in one message; return its status, what was stored, and what kept it out.

    is_live: it came over an interface, where a control id names one message only; files are sent again by hand.
    """
    row = FeedMessage(
        digest=hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest(),
        received_at=clock.now(),
        text=text,
    )
    try:
        with unit_of_work():
            lock_imports()
            known = db.session.scalar(select(FeedMessage.status).where(FeedMessage.digest == row.digest))
            if known == "imported":
                return "unchanged", None, ""
            told = _told(text, warnings)
            row.status, row.kind, row.control_id = "imported", told.header.kind[:20], told.header.control_id[:200]
            row.sender, row.event_at = told.header.sender[:200], told.header.event_at
            row.patient_key = told.patient.source_key[:200]
            row.subjects = [FeedSubject(key=key[:200]) for key in sorted(told.subjects | _waits_for(told))]
            _check_reuse(row, warnings, is_live)
            counts = store(_chart(told, warnings), by)
            if told.merged_key:
                merge(told.merged_key, told.patient.source_key, by)
            if counts.unlinked:
                warnings.add(
                    "encounter", "PV1-19", "names a stay that was never sent; it is linked when the stay comes"
                )
            _keep(row)
        return "imported", counts, ""
    except (Held, Ignored, Rejection, ChartError) as stopped:
        row.status = {Held: "held", Ignored: "ignored"}.get(type(stopped), "rejected")
        row.reason = str(stopped)
    row.subjects = []
    with unit_of_work():
        lock_imports()
        _keep(row)
    return row.status, None, row.reason


def _keep(row: FeedMessage) -> None:
    """Write down what came, in place of an earlier try with the same message."""
    earlier = db.session.scalar(select(FeedMessage).where(FeedMessage.digest == row.digest))
    if earlier is not None:
        db.session.delete(earlier)
        db.session.flush()
    db.session.add(row)


def _told(text: str, warnings: Warnings) -> hl7v2.Told:
    settings = current_settings()
    # The demo reads the training messages that vendors publish; a real installation must never mix them in.
    accepts = "PTD" if settings.demo else "P"
    zone = ZoneInfo(settings.time_zone)
    return hl7v2.read_message(hl7v2.parse(text), zone, clock.now(), warnings, accepts=accepts)


def _check_reuse(row: FeedMessage, warnings: Warnings, is_live: bool) -> None:
    same = select(FeedMessage.id).where(
        FeedMessage.sender == row.sender,
        FeedMessage.control_id == row.control_id,
        FeedMessage.status == "imported",
    )
    if not row.control_id or db.session.scalar(same.limit(1)) is None:
        return
    if is_live:
        raise Rejection("control-id", "MSH-10", "was used before with other content; the first message stays")
    warnings.add(
        "control-id", "MSH-10", f"{row.control_id[:40]!r} was used before with other content; both are kept"
    )


def _chart(told: hl7v2.Told, warnings: Warnings) -> ChartBundle:
    """Return what all messages about the same things make together."""
    keys = set(told.subjects)
    if told.event and told.visit and not _is_on_file(told.visit.key):
        keys.add(_within(told.visit.key))  # results and notes that came before their stay find it now
    about = select(FeedSubject.message_id).where(FeedSubject.key.in_(keys))
    earlier = db.session.scalars(
        select(FeedMessage.text).where(FeedMessage.id.in_(about), FeedMessage.status == "imported")
    ).all()
    quiet = Warnings()  # what was odd in them was said when they came
    bundle = hl7v2.fold([*(_told(text, quiet) for text in earlier), told], warnings)
    return replace(bundle, patients=tuple(one for one in bundle.patients if _is_latest(one.source_key, told)))


def _within(visit_key: str) -> str:
    return f"in {visit_key}"[:200]


def _waits_for(told: hl7v2.Told) -> set[str]:
    """Return the name under which the stay of a result or note will find it, where the stay has not come yet."""
    if told.event or told.visit is None or _is_on_file(told.visit.key):
        return set()
    return {_within(told.visit.key)}


def _is_on_file(visit_key: str) -> bool:
    return db.session.scalar(select(Encounter.id).where(Encounter.source_key == visit_key)) is not None


def _is_latest(key: str, told: hl7v2.Told) -> bool:
    """Return whether this message may say who a patient is: nobody said so later, or nobody at all."""
    on_file = db.session.scalar(select(Patient.id).where(Patient.source_key == key))
    if on_file is None:
        return True
    later = select(FeedMessage.id).where(
        FeedMessage.patient_key == key,
        FeedMessage.status == "imported",
        FeedMessage.kind.startswith("ADT"),
        FeedMessage.event_at > told.header.event_at,
    )
    return told.header.kind.startswith("ADT") and db.session.scalar(later.limit(1)) is None
