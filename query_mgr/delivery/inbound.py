"""What a mail that came back says to a machine; its text is never read. Pure.

Sources: RFC 3464 (delivery status notifications), RFC 3834 (automatic replies), RFC 5965 (complaints).
"""

from __future__ import annotations

import email
import re
from dataclasses import dataclass
from email.message import Message

#: bytes; what is larger is no bounce that we need to read
LARGEST = 10 << 20
#: the machine's part of a report stands before the message that it returns
_READ_BYTES = 64 << 10
_MOST_HOPS = 50

#: kind -> what a page says of it
KINDS = {
    "bounce": "a message came back",
    "delayed": "a message is late on its way",
    "receipt": "a message arrived",
    "complaint": "the receiver marked our mail as junk",
    "auto_reply": "an automatic reply",
    "reply": "somebody wrote back; the text was discarded",
    "unreadable": "a message came back without a machine-readable reason",
    "refused": "too large, or mail that goes in a circle",
}
_ADDRESS = re.compile(r"[^\s<>,;:\"()\[\]]{1,200}@[^\s<>,;:\"()\[\]]{1,200}")
_STATUS = re.compile(r"[245]\.\d{1,3}\.\d{1,3}")
#: who it was for: what the mail server noted before what the sender wrote
_FOR = ("X-Original-To", "Delivered-To", "Envelope-To", "To", "Cc")


@dataclass(frozen=True)
class Inbound:
    """A mail that came back. addresses: who it was for; status: an RFC 3463 code; recipient: whom a bounce names."""

    kind: str
    addresses: tuple[str, ...] = ()
    status: str = ""
    recipient: str = ""


def read(raw: bytes, own_sender: str = "") -> Inbound:
    """Return what `raw` says. own_sender: our From address, by which mail that goes in a circle is known."""
    if len(raw) > LARGEST:
        return Inbound("refused")
    try:
        mail = email.message_from_bytes(raw[:_READ_BYTES])
    except (RecursionError, ValueError, LookupError):  # built to break a parser
        return Inbound("unreadable")
    found = tuple(dict.fromkeys(one for name in _FOR for one in _addresses(mail, name)))
    if _is_loop(mail, own_sender):
        return Inbound("refused", found)
    report = _report_type(mail)
    if report == "delivery-status":
        kind, status, recipient = _delivery_status(mail)
        return Inbound(kind, found, status, recipient)
    if report == "feedback-report":
        return Inbound("complaint", found)
    if report == "disposition-notification":
        return Inbound("receipt", found)
    if _is_automatic(mail):
        return Inbound("auto_reply", found)
    return Inbound("unreadable" if _text(mail, "Return-Path") == "<>" else "reply", found)


def _text(mail: Message, name: str) -> str:
    return str(mail.get(name, "")).strip()


def _addresses(mail: Message, name: str) -> list[str]:
    return [one.lower() for value in mail.get_all(name, []) for one in _ADDRESS.findall(str(value)[:2000])]


def _is_loop(mail: Message, own_sender: str) -> bool:
    is_ours = bool(own_sender) and own_sender.lower() in _addresses(mail, "From")
    return len(mail.get_all("Received", [])) > _MOST_HOPS or (is_ours and bool(_text(mail, "Auto-Submitted")))


def _report_type(mail: Message) -> str:
    if mail.get_content_type() != "multipart/report":
        return ""
    return str(mail.get_param("report-type", "")).lower()


def _is_automatic(mail: Message) -> bool:
    said = _text(mail, "Auto-Submitted").partition(";")[0].strip().lower()
    names = ("X-Autoreply", "X-Autorespond", "X-Auto-Reply")
    is_bulk = _text(mail, "Precedence").lower() == "auto_reply"
    return (said not in ("", "no")) or is_bulk or any(mail.get(name) for name in names)


_ACTIONS = {
    "failed": "bounce",
    "delayed": "delayed",
    "delivered": "receipt",
    "relayed": "receipt",
    "expanded": "receipt",
}


def _delivery_status(mail: Message) -> tuple[str, str, str]:
    """Return kind, status code and recipient of the gravest recipient block (RFC 3464 §2.3)."""
    blocks = [
        block
        for part in mail.walk()
        if part.get_content_type() == "message/delivery-status" and isinstance(part.get_payload(), list)
        for block in part.get_payload()
        if isinstance(block, Message)
    ]
    said = [
        (_ACTIONS[action], status[0] if status else "", _recipient(block))
        for block in blocks
        if (action := _text(block, "Action").lower()) in _ACTIONS
        for status in [_STATUS.findall(_text(block, "Status")[:100])]
    ]
    order = list(dict.fromkeys(_ACTIONS.values()))
    return min(said, key=lambda one: order.index(one[0]), default=("unreadable", "", ""))


def _recipient(block: Message) -> str:
    found = _addresses(block, "Final-Recipient") or _addresses(block, "Original-Recipient")
    return found[0][:254] if found and found[0].isascii() and found[0].isprintable() else ""
