"""What a message is, and which of them a chart keeps: one table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from query_mgr.charts.hl7v2.message import Message
from query_mgr.charts.hl7v2.times import Times
from query_mgr.charts.problems import Ignored, Rejection

#: trigger -> what it does to a stay
ADT = {
    "A01": "admit", "A02": "transfer", "A03": "discharge", "A04": "admit", "A05": "plan", "A06": "admit",
    "A07": "admit", "A08": "update", "A11": "cancel", "A12": "untransfer", "A13": "undischarge", "A28": "person",
    "A31": "person", "A40": "merge",
}  # fmt: skip
#: trigger -> what it does to a document, and what the document is to its parent
MDM = {
    "T01": ("announce", ""), "T02": ("new", ""), "T03": ("announce", ""), "T04": ("edit", ""),
    "T05": ("announce", "addendum"), "T06": ("new", "addendum"), "T07": ("announce", ""), "T08": ("edit", ""),
    "T09": ("announce", "replaces"), "T10": ("new", "replaces"), "T11": ("cancel", ""),
}  # fmt: skip
#: trigger -> what it does to the codes of an account; a P12 that names actions is a change, else a snapshot
BAR = {"P01": "snapshot", "P02": "purge", "P05": "snapshot", "P12": "update"}
DFT = {"P03": "charge", "P11": "charge"}
_TABLES: Mapping[str, Mapping[str, object]] = {
    "ADT": ADT,
    "MDM": MDM,
    "BAR": BAR,
    "DFT": DFT,
    "ORU": {"R01": "results"},
}
_TAKEN = "ADT A01-A08, A11-A13, A28, A31, A40; ORU R01; MDM T01-T11; BAR P01, P02, P05, P12; DFT P03, P11"


@dataclass(frozen=True)
class MessageHeader:
    """Who sent what, and when it happened (EVN-2, else MSH-7), in UTC."""

    kind: str  # "ADT^A01"
    control_id: str
    sender: str
    event_at: datetime
    processing: str  # MSH-11: P production | T training | D debugging

    @property
    def trigger(self) -> str:
        """The event code, such as A01."""
        return self.kind.partition("^")[2]

    @property
    def is_adt(self) -> bool:
        """Whether the message is about a person or a stay, rather than about what was found or done."""
        return self.kind.startswith("ADT")


def header_of(message: Message, times: Times) -> MessageHeader:
    """Return what MSH and EVN say. Raises Rejection for a message without type or time."""
    header, event = message.header, message.first("EVN")
    kind, trigger = header.text(9, 1), header.text(9, 2) or (event.text(1) if event else "")
    if not kind:
        raise Rejection("structure", "MSH-9", "names no message type")
    sender = "/".join(filter(None, (header.text(3), header.text(4))))
    sent_at = times.read(header.text(7), "MSH-7")
    happened_at = times.read(event.text(2), "EVN-2") if event else None
    at = happened_at or sent_at
    if at is None:
        raise Rejection("date", "MSH-7", "says no time at which it was written")
    return MessageHeader(f"{kind}^{trigger}", header.text(10), sender, at, header.text(11) or "P")


def check_kind(header: MessageHeader) -> None:
    """Let pass what a chart keeps. Raises Ignored or Rejection for the rest."""
    name = header.kind.partition("^")[0]
    if name == "ACK":
        raise Ignored("acknowledgement", "an acknowledgement holds nothing of a chart")
    if header.trigger not in _TABLES.get(name, {}):
        raise Rejection("unsupported", "MSH-9", f"{header.kind[:20]} is not read; send {_TAKEN}")


def label_of(text: str) -> tuple[str, str]:
    """Return who sent a message and what it is called in a list: ("EPIC/RIVERBEND", "ADT^A01 42").

    As far as its first line says so, whatever else is wrong with it.
    """
    line = text[:2000].split("\r", 1)[0]
    fields = [one.strip() for one in line.split(text[3:4])] if line.startswith("MSH") and text[3:4] else []
    sender = "/".join(filter(None, (one.split(text[4:5] or "^")[0] for one in fields[2:4])))
    return sender, " ".join(filter(None, fields[8:10])) or "message"
