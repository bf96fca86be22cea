"""HL7 v2 messages on their way into charts: each is kept, counts once, and takes its place in time.

A stay, an order's results and a document are made anew from all messages about them whenever one comes, in the order
in which things happened, so that late and repeated messages end in the same chart.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from sqlalchemy import bindparam, insert, select, update

from query_mgr.charts import history, hl7v2
from query_mgr.charts.gathering import chart_of, names_of, on_file, told_by
from query_mgr.charts.identity import merge, survivors
from query_mgr.charts.intake import Arrival
from query_mgr.charts.models import FeedMessage, FeedSubject, PatientAlias
from query_mgr.charts.problems import Held, Ignored, Rejection, Warnings
from query_mgr.charts.records import ChartError, HeldPart, StoreCounts
from query_mgr.charts.report import Report
from query_mgr.charts.store import ContestedError, lock_imports, store
from query_mgr.platform import clock
from query_mgr.platform.db import db, unit_of_work

FORMAT = "HL7 v2"
#: what a file of several messages is called, the worst first
_WORST = ("rejected", "held", "imported", "unchanged", "ignored")
_STATUSES = {Held: "held", Ignored: "ignored"}
CONTESTED = "merge: "  # how the reason of a message begins that waits for a merge
_MESSAGES: Any = FeedMessage.__table__
_SUBJECTS: Any = FeedSubject.__table__
_DESCRIBE = update(_MESSAGES).where(_MESSAGES.c.id == bindparam("message"))


def import_messages(content: bytes, name: str, *, by: str, arrival: Arrival | None = None) -> Report:
    """Take in a file of HL7 v2 messages, each for itself, or none where the file as such is broken.

    arrival: where it is written down what came, with the messages that were refused or wait as its parts.
    """
    warnings = Warnings()
    try:
        texts = hl7v2.messages_in(content, warnings)
    except Rejection as refused:
        return Report(name, "rejected", errors=tuple(map(str, refused.problems)))
    many = len(texts) > 1
    done = [_take(text, by, warnings, None if many else arrival) for text in texts]
    told = [(f"message {n}", status, reason) for n, (status, _, reason) in enumerate(done, 1)]
    problems = [f"{where}: {reason}" if many else reason for where, _, reason in told if reason]
    status = min((status for status, _, _ in done), key=_WORST.index)
    report = _report(name, status, [one for _, one, _ in done if one], warnings, problems)
    if arrival and many:
        waiting = [
            HeldPart(where, reason, bytes_of(text), status)
            for (where, status, reason), text in zip(told, texts, strict=True)
            if status in ("held", "rejected")
        ]
        with unit_of_work():
            arrival.note(report, waiting)
    return report


def _report(
    name: str, status: str, counts: Sequence[StoreCounts], warnings: Warnings, problems: Sequence[str]
) -> Report:
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


def _take(text: str, by: str, warnings: Warnings, arrival: Arrival | None) -> tuple[str, StoreCounts | None, str]:
    """Take in one message; return its status, what was stored, and what kept it out.

    arrival: where it is written down that it came, in the transaction that takes it in; None for one of many in a file.
    """
    row = FeedMessage(digest=digest_of(text), received_at=clock.now(), text=text, status="imported")
    told: hl7v2.Told | None = None
    try:
        with unit_of_work():
            lock_imports()
            known = db.session.scalar(select(FeedMessage.status).where(FeedMessage.digest == row.digest))
            if known == "imported":
                if arrival:
                    arrival.note(Report(arrival.name, "unchanged"))
                return "unchanged", None, ""
            told = told_by(text, row.digest, warnings)
            _note_reuse(told.header, warnings)
            _keep(row)
            write_down({row.id: told})
            counts = fold_in({row.digest: told}, warnings, by)
            if arrival:
                arrival.note(_report(arrival.name, "imported", [counts], warnings, ()))
        return "imported", counts, ""
    except (Held, Ignored, Rejection, ChartError) as problem:
        stopped = problem
    with unit_of_work():
        lock_imports()
        row = FeedMessage(digest=row.digest, received_at=clock.now(), text=text, status="rejected")
        _keep(row)
        put_aside(row.id, stopped, told)
        db.session.refresh(row)
        if arrival:
            arrival.note(_report(arrival.name, row.status, (), warnings, (row.reason,)))
    return row.status, None, row.reason


def bytes_of(text: str) -> bytes:
    """Return a message as the bytes that are kept of it."""
    return text.encode("utf-8", "surrogatepass")


def digest_of(text: str) -> str:
    """Return what tells a message from all others."""
    return hashlib.sha256(bytes_of(text)).hexdigest()


def write_down(told: Mapping[int, hl7v2.Told]) -> None:
    """Write down what kept messages (by id) are and speak of, as such that go into a chart."""
    there = on_file({stay for one in told.values() for stay in one.stays})
    rows = [{"message": number, **_described(one)} for number, one in told.items()]
    names = [{"message_id": number, "key": key} for number, one in told.items() for key in names_of(one, there)]
    connection = db.session.connection()
    connection.execute(_DESCRIBE, rows)
    if names:
        connection.execute(insert(_SUBJECTS), names)


def _described(told: hl7v2.Told) -> dict[str, Any]:
    return {
        "status": "imported",
        "reason": "",
        "kind": told.header.kind[:20],
        "control_id": told.header.control_id[:200],
        "sender": told.header.sender[:200],
        "event_at": told.header.event_at,
        "patient_key": told.patient.source_key[:200],
    }


def fold_in(new: Mapping[str, hl7v2.Told], warnings: Warnings, by: str) -> StoreCounts:
    """Bring charts up to date with new messages (by digest, already kept as imported), in the running transaction.

    Raises ChartError or Rejection; then nothing of it may stay.
    """
    folded = chart_of(new, warnings)
    counts = store(folded.bundle, by)
    history.keep_earlier(folded.earlier)
    for told in sorted(new.values(), key=hl7v2.rank):
        if told.merged_key:
            merge(told.merged_key, told.patient.source_key, by)
            _take_contested({told.merged_key, told.patient.source_key}, warnings, by)
    if counts.unlinked:
        warnings.add("encounter", "PV1-19", "names a stay that was never sent; it is linked when the stay comes")
    return counts


def _take_contested(patients: set[str], warnings: Warnings, by: str) -> None:
    """Take in the messages that waited for a merge of these patients."""
    survivor = set(survivors(patients).values())
    aliases = select(PatientAlias.source_key).where(PatientAlias.survivor_key.in_(survivor))
    keys = patients | survivor | set(db.session.scalars(aliases))
    waiting = select(FeedMessage.id, FeedMessage.digest, FeedMessage.text).where(
        FeedMessage.patient_key.in_(keys), FeedMessage.status == "held", FeedMessage.reason.startswith(CONTESTED)
    )
    for row in db.session.execute(waiting.order_by(FeedMessage.id)).all():
        told = told_by(row.text, row.digest, Warnings())
        with suppress(ContestedError), db.session.begin_nested():
            write_down({row.id: told})
            fold_in({row.digest: told}, warnings, by)


def put_aside(message_id: int, stopped: Exception, told: hl7v2.Told | None) -> None:
    """Write down what kept a message out of its chart."""
    is_contested = isinstance(stopped, ContestedError)
    aside = {
        "status": "held" if is_contested else _STATUSES.get(type(stopped), "rejected"),
        "reason": f"{CONTESTED}{stopped}; it waits until the two are merged" if is_contested else str(stopped),
        "patient_key": told.patient.source_key[:200] if told else "",
    }
    db.session.connection().execute(_DESCRIBE, {"message": message_id, **aside})


def _keep(row: FeedMessage) -> None:
    """Write down what came, in place of an earlier try with the same message."""
    earlier = db.session.scalar(select(FeedMessage).where(FeedMessage.digest == row.digest))
    if earlier is not None:
        db.session.delete(earlier)
        db.session.flush()
    db.session.add(row)
    db.session.flush()


def _note_reuse(header: hl7v2.MessageHeader, warnings: Warnings) -> None:
    """Note a control id that named another message before: files are sent again by hand, so both are kept."""
    same = select(FeedMessage.id).where(
        FeedMessage.sender == header.sender[:200],
        FeedMessage.control_id == header.control_id[:200],
        FeedMessage.status == "imported",
    )
    if header.control_id and db.session.scalar(same.limit(1)) is not None:
        used = f"{header.control_id[:40]!r} was used before with other content; both are kept"
        warnings.add("control-id", "MSH-10", used)
