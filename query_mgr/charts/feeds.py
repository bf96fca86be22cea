"""HL7 v2 messages on their way into charts: each is kept, counts once, and takes its place in time.

A stay, an order's results and a document are made anew from all messages about them whenever one comes, in the order
in which things happened, so that late and repeated messages end in the same chart.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from query_mgr.charts import history, hl7v2
from query_mgr.charts.gathering import chart_of, names_of, told_by
from query_mgr.charts.identity import merge
from query_mgr.charts.models import FeedMessage
from query_mgr.charts.problems import Held, Ignored, Problem, Rejection, Warnings
from query_mgr.charts.records import ChartError, StoreCounts
from query_mgr.charts.report import Report
from query_mgr.charts.store import lock_imports, store
from query_mgr.platform import clock
from query_mgr.platform.db import db, unit_of_work
from query_mgr.platform.ids import new_ref

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
    row = FeedMessage(digest=digest_of(text), received_at=clock.now(), text=text)
    try:
        with unit_of_work():
            lock_imports()
            known = db.session.scalar(select(FeedMessage.status).where(FeedMessage.digest == row.digest))
            if known == "imported":
                return "unchanged", None, ""
            told = told_by(text, row.digest, warnings)
            check_reuse(told.header, warnings, is_live)
            describe(row, told)
            _keep(row)
            counts = fold_in({row.digest: told}, warnings, by)
        return "imported", counts, ""
    except (Held, Ignored, Rejection, ChartError) as stopped:
        row = FeedMessage(
            digest=row.digest,
            received_at=row.received_at,
            text=text,
            status=status_of(stopped),
            reason=str(stopped),
        )
    with unit_of_work():
        lock_imports()
        _keep(row)
    return row.status, None, row.reason


def digest_of(text: str) -> str:
    """Return what tells a message from all others."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def status_of(stopped: Exception) -> str:
    """Return what a message is called that something kept out."""
    return {Held: "held", Ignored: "ignored"}.get(type(stopped), "rejected")


def describe(row: FeedMessage, told: hl7v2.Told) -> None:
    """Write down what a message is and speaks of, as one that goes into a chart."""
    row.status, row.reason = "imported", ""
    row.kind, row.control_id = told.header.kind[:20], told.header.control_id[:200]
    row.sender, row.event_at = told.header.sender[:200], told.header.event_at
    row.patient_key = told.patient.source_key[:200]
    row.subjects = names_of(told)


def fold_in(new: Mapping[str, hl7v2.Told], warnings: Warnings, by: str) -> StoreCounts:
    """Bring charts up to date with new messages (by digest, already kept as imported), in the running transaction.

    Raises ChartError or Rejection; then nothing of it may stay.
    """
    db.session.flush()
    folded = chart_of(new, warnings)
    counts = store(folded.bundle, by)
    history.keep_earlier(folded.earlier)
    for told in sorted(new.values(), key=hl7v2.rank):
        if told.merged_key:
            merge(told.merged_key, told.patient.source_key, by)
    if counts.unlinked:
        warnings.add("encounter", "PV1-19", "names a stay that was never sent; it is linked when the stay comes")
    return counts


def _keep(row: FeedMessage) -> None:
    """Write down what came, in place of an earlier try with the same message."""
    earlier = db.session.scalar(select(FeedMessage).where(FeedMessage.digest == row.digest))
    if earlier is not None:
        db.session.delete(earlier)
        db.session.flush()
    db.session.add(row)


def check_reuse(header: hl7v2.MessageHeader, warnings: Warnings, is_live: bool) -> None:
    """Note, or refuse where it came over an interface, a control id that named another message before."""
    same = select(FeedMessage.id).where(
        FeedMessage.sender == header.sender[:200],
        FeedMessage.control_id == header.control_id[:200],
        FeedMessage.status == "imported",
    )
    if not header.control_id or db.session.scalar(same.limit(1)) is None:
        return
    if is_live:
        raise Rejection("control-id", "MSH-10", "was used before with other content; the first message stays")
    warnings.add(
        "control-id", "MSH-10", f"{header.control_id[:40]!r} was used before with other content; both are kept"
    )
