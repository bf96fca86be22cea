"""The carriers of the outbox: one hand-off to billing, by the way of its channel."""

from __future__ import annotations

import json
import os
import ssl
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests
import urllib3
from sqlalchemy import select

from config.settings import Settings
from query_mgr.coding.handoff import mllp, settling
from query_mgr.coding.handoff.channels import FILES
from query_mgr.coding.handoff.mllp import Answer, Receiver
from query_mgr.coding.handoff.models import HandOff
from query_mgr.coding.handoff.writing import numbering
from query_mgr.delivery import actions as delivery
from query_mgr.delivery.retry import DeliveryError, Failure
from query_mgr.platform.db import db
from query_mgr.platform.web import current_settings

#: how often billing may answer that it cannot take a message (AE) before a person looks at it
MOST_ERRORS = 3
_TAKEN, _REFUSED = ("AA", "CA"), ("AR", "CR")
#: statuses that say "not now"; every other 4xx says "not this"
_LATER = {408, 409, 423, 425, 429}
_LONGEST_OUTCOME = 100_000  # bytes of a server's words that are read


def kind_of(way: str) -> str:
    """Return what the outbox calls hand-offs by a way."""
    return f"hand_off:{way}"


@dataclass(frozen=True)
class _Parcel:
    """A hand-off while it travels: nothing of the database is held meanwhile."""

    ref: str
    format: str
    way: str
    content: str
    errors: int


def carry(payload: dict[str, Any], may_be_there: bool) -> Answer | None:
    """Take one hand-off to billing and return its answer; None where it shall no longer go.

    The message is the same each time, MSH-10 and the claim's identifier included: billing can tell a second copy.
    """
    row = db.session.scalar(select(HandOff).where(HandOff.ref == payload["hand_off"]))
    if row is None or row.state != "waiting":
        return None
    # What billing may have already is asked for again until it answers, even if the codes were opened since.
    if not (may_be_there or row.is_uncertain) and not settling.is_current(row):
        return None
    parcel = _Parcel(row.ref, row.format, row.way, row.content, row.errors)
    db.session.rollback()
    return _WAYS[parcel.way](parcel, current_settings())


def _by_mllp(parcel: _Parcel, settings: Settings) -> Answer:
    if not settings.billing_hl7_host:
        raise _not_configured()
    receiver = Receiver(
        settings.billing_hl7_host, settings.billing_hl7_port, settings.billing_timeout_seconds, _secure(settings)
    )
    answer = mllp.exchange(receiver, parcel.content, parcel.ref)
    if answer.code in _TAKEN:
        return answer
    is_over = answer.code in _REFUSED or parcel.errors + 1 >= MOST_ERRORS
    words = "refused the message" if answer.code in _REFUSED else "could not take the message"
    raise DeliveryError(Failure(f"the billing system {words} ({_plain(answer.code)})", is_over, answer=answer))


def _plain(code: str) -> str:
    return code if code.isalnum() and code.isascii() and len(code) <= 3 else "an unknown code"


def _secure(settings: Settings) -> ssl.SSLContext | None:
    if not settings.billing_hl7_tls:
        return None
    try:
        context = ssl.create_default_context(cafile=settings.billing_hl7_tls_ca or None)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        if settings.billing_hl7_tls_certificate:
            context.load_cert_chain(settings.billing_hl7_tls_certificate, settings.billing_hl7_tls_key or None)
    except OSError as error:
        words = f"the certificates of the way to billing cannot be read ({type(error).__name__})"
        raise DeliveryError(Failure(words, False)) from None
    return context


def _by_fhir(parcel: _Parcel, settings: Settings) -> Answer:
    """Create the claim unless the server has one of its identifier (FHIR R4, 3.1.0.8.1 conditional create)."""
    if not settings.billing_fhir_url:
        raise _not_configured()
    headers = {
        "Content-Type": "application/fhir+json", "Accept": "application/fhir+json",
        "If-None-Exist": f"identifier={numbering(settings)}|{parcel.ref}",
    }  # fmt: skip
    if settings.billing_fhir_token:
        headers["Authorization"] = f"Bearer {settings.billing_fhir_token}"
    try:
        with requests.post(
            f"{settings.billing_fhir_url.rstrip('/')}/Claim", data=parcel.content.encode(), headers=headers,
            timeout=settings.billing_timeout_seconds, allow_redirects=False, stream=True,
        ) as found:  # fmt: skip
            return _judged(found.status_code, found.raw.read(_LONGEST_OUTCOME, decode_content=True))
    except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
        kind = type(error).__name__
        words = f"the billing system's FHIR server could not be reached or did not answer ({kind})"
        is_uncertain = not _never_left(error)
        raise DeliveryError(Failure(words, False, is_uncertain=is_uncertain, is_unanswered=True)) from None


def _never_left(error: Exception) -> bool:
    """Return whether no connection was made, so that the server cannot have the claim."""
    reason = getattr(error.args[0] if error.args else None, "reason", None)
    return isinstance(error, requests.ConnectTimeout | requests.exceptions.SSLError) or isinstance(
        reason, urllib3.exceptions.NewConnectionError
    )


def _judged(status: int, body: bytes) -> Answer:
    answer = Answer(f"HTTP {status}", _outcome(body))
    if status in (200, 201):
        return answer
    is_refused = 300 <= status < 500 and status not in _LATER
    words = f"the billing system's FHIR server answered {status}"
    raise DeliveryError(Failure(words, is_refused, is_uncertain=status >= 500, answer=answer))


def _outcome(body: bytes) -> str:
    """Return what an OperationOutcome says, for people."""
    try:
        issues = json.loads(body).get("issue", [])
        said = [str(one.get("diagnostics") or one.get("details", {}).get("text") or "") for one in issues]
    except (ValueError, AttributeError, TypeError):
        return ""
    return " · ".join(filter(None, said))[:2000]


def _by_folder(parcel: _Parcel, settings: Settings) -> Answer:
    """Write the file whole or not at all; written again it is the same file."""
    if not settings.billing_folder:
        raise _not_configured()
    name = f"{parcel.format}-{parcel.ref}.{FILES[parcel.format][1]}"
    folder = Path(settings.billing_folder)
    part = folder / f".{name}.part"
    text = "\ufeff" + parcel.content if parcel.format == "csv" else parcel.content
    try:
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o640)
        with os.fdopen(handle, "wb") as file:
            file.write(text.encode())
            file.flush()
            os.fsync(file.fileno())
        part.rename(folder / name)
    except OSError as error:
        words = f"the billing folder cannot be written ({type(error).__name__})"
        raise DeliveryError(Failure(words, False)) from None
    return Answer("written", name)


def _not_configured() -> DeliveryError:
    return DeliveryError(Failure("this way to billing is no longer configured", False))


_WAYS = {"mllp": _by_mllp, "fhir": _by_fhir, "folder": _by_folder}


def register() -> None:
    """Hook into the outbox, each way as a kind of its own: one that does not answer holds up no other."""
    for way in _WAYS:
        delivery.register(
            kind_of(way), delivery.Carrier(carry, settling.sent, settling.tried, settling.dropped, settling.about)
        )
