"""The answer to a message: AA taken, AE wrong in content, AR not to be sent like this (HL7 v2.5.1, 2.9.2 and ERR)."""

from __future__ import annotations

from datetime import datetime

from query_mgr.charts.hl7v2.message import Message
from query_mgr.charts.problems import Problem

#: problem code -> acknowledgement code and error condition (HL7 table 0357); the rest is AE, 207
_CONDITIONS = {
    "structure": ("AR", "100^Segment sequence error^HL70357"),
    "unsupported": ("AR", "200^Unsupported message type^HL70357"),
    "processing": ("AR", "202^Unsupported processing id^HL70357"),
    "too-large": ("AR", "207^Application internal error^HL70357"),
    "control-id": ("AE", "205^Duplicate key identifier^HL70357"),
    "date": ("AE", "102^Data type error^HL70357"),
    "reference": ("AE", "204^Unknown key identifier^HL70357"),
}
_OTHER = ("AE", "207^Application internal error^HL70357")


def acknowledge(message: Message | None, problem: Problem | None, now: datetime, own_id: str) -> str:
    """Return the ACK for a message that was taken (no problem) or not, as text.

    message: None where it could not be parsed; then the answer has no control id. own_id: MSH-10 of the answer.
    """
    sender, control, trigger, version = _addressee(message)
    code, condition = _CONDITIONS.get(problem.code, _OTHER) if problem else ("AA", "")
    stamp = now.strftime("%Y%m%d%H%M%S%z")
    lines = [
        f"MSH|^~\\&|QUERY_MGR||{sender}|{stamp}||ACK{trigger}|{own_id}|P|{version}",
        f"MSA|{code}|{control}",
    ]
    if problem:
        lines.append(f"ERR||{_plain(problem.where)[:60]}|{condition}|E||||{_plain(problem.text)[:240]}")
    return "\r".join(lines) + "\r"


def _addressee(message: Message | None) -> tuple[str, str, str, str]:
    if message is None:
        return "|", "", "", "2.5.1"
    header = message.header
    trigger = header.text(9, 2)
    sender = f"{_plain(header.text(3))}|{_plain(header.text(4))}"
    return (
        sender,
        _plain(header.text(10)),
        f"^{_plain(trigger)}" if trigger else "",
        _plain(header.text(12)) or "2.5.1",
    )


def _plain(text: str) -> str:
    """Return text that holds no delimiter and no line break."""
    for sign, escaped in (("\\", "\\E\\"), ("|", "\\F\\"), ("^", "\\S\\"), ("&", "\\T\\"), ("~", "\\R\\")):
        text = text.replace(sign, escaped)
    return " ".join(text.split())
