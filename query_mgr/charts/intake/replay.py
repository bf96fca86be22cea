"""What a person does about a part that was refused or waits."""

from __future__ import annotations

import gzip
import json

from sqlalchemy import select

from query_mgr.accounts.session import Actor
from query_mgr.audit import actions as audit
from query_mgr.charts.actions import import_file
from query_mgr.charts.fhir import Rejection
from query_mgr.charts.fhir.intake import inflate
from query_mgr.charts.intake.models import IntakePart
from query_mgr.charts.report import Report
from query_mgr.platform import clock
from query_mgr.platform.db import db, rehearsal, unit_of_work
from query_mgr.platform.text import one_line

LARGEST_EDITED = 1024 * 1024
_CAME_IN = ("imported", "unchanged", "ignored")


class ReplayError(Exception):
    """What the person asked for cannot be done; the message says why."""


def payload_of(part: IntakePart) -> bytes | None:
    """Return what came, None where it was deleted after its time or never kept."""
    return gzip.decompress(part.payload) if part.payload else None


def text_of(part: IntakePart) -> str | None:
    """Return what came as text, None where it is none or too long to be edited on a page."""
    content = payload_of(part)
    if content is None or len(content) > LARGEST_EDITED:
        return None
    try:
        content = inflate(content)
        return content.decode("utf-8") if b"\0" not in content else None
    except (Rejection, UnicodeDecodeError):
        return None


def read(part: IntakePart, actor: Actor) -> str | None:
    """Return a part's text for somebody who reads it, and write down that they did."""
    actor.must("feed.repair")
    with unit_of_work():
        audit.record(actor.email, "intake.read", "intake_part", part.ref)
    return text_of(part)


def replay(part: IntakePart, actor: Actor, text: str | None = None, *, is_rehearsal: bool = False) -> Report:
    """Send a part once more, as it came or as edited, and return what became of it. The original stays beside it.

    is_rehearsal: say what would become of it, and keep nothing.
    """
    actor.must("feed.repair")
    return send_again(part, actor.email, text, is_rehearsal=is_rehearsal)


def send_again(part: IntakePart, by: str, text: str | None = None, *, is_rehearsal: bool = False) -> Report:
    """Do what `replay` says, for a caller who may: the command line has no roles."""
    ref, name = part.ref, part.intake.name
    content = payload_of(part) if text is None else text.encode("utf-8", "replace")
    if not content:
        raise ReplayError("Its content was deleted after the retention period. Ask the sender to send it again.")
    content = _sendable(content)
    if is_rehearsal:
        with rehearsal():
            return import_file(content, name, by=by, feed="replay", replay_of=ref)
    report = import_file(content, name, by=by, feed="replay", replay_of=ref)
    with unit_of_work():
        audit.record(by, "intake.replayed", "intake_part", ref, edited=text is not None, became=report.status)
        again = _locked(ref)
        if report.status in _CAME_IN and again.settled_at is None:
            _settle(again, "replayed", by, "")
    return report


def dismiss(part: IntakePart, actor: Actor, reason: str) -> None:
    """Take a part off the list without taking it in; the reason says why that is right."""
    actor.must("feed.repair")
    reason = one_line(reason)[:300]
    if len(reason) < 3:
        raise ReplayError("Say why it may be dismissed.")
    with unit_of_work():
        again = _locked(part.ref)
        if again.settled_at is None:
            _settle(again, "dismissed", actor.email, reason)
            audit.record(actor.email, "intake.dismissed", "intake_part", part.ref, reason=reason)


def rehearse(content: bytes, name: str, *, by: str) -> Report:
    """Return what a file would become, and keep nothing of it."""
    with rehearsal():
        return import_file(content, name, by=by)


def _locked(ref: str) -> IntakePart:
    return db.session.scalars(select(IntakePart).where(IntakePart.ref == ref)).one()


def _settle(part: IntakePart, settlement: str, by: str, reason: str) -> None:
    part.settled_at, part.settlement, part.settled_by = clock.now(), settlement, by[:200]
    part.settled_reason = reason


def _sendable(content: bytes) -> bytes:
    """Return a part as a file: a single FHIR resource or entry gets its bundle back."""
    try:
        value = json.loads(content)
    except ValueError:
        return content
    if not isinstance(value, dict) or value.get("resourceType") == "Bundle":
        return content
    if "resourceType" in value:
        value = {"resource": value}
    return json.dumps({"resourceType": "Bundle", "type": "collection", "entry": [value]}).encode()
