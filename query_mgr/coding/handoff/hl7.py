"""Write HL7 v2.5.1: fields, segments, and the segments that all of our messages begin with. Pure.

Source: HL7 v2.5.1, chapters 2 (2.5, 2.7, MSH), 3 (EVN, PID, PV1) and 2A (data types).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, tzinfo

from query_mgr.coding.handoff.sheet import Patient, Person, Stay
from query_mgr.platform.text import one_line

#: a text, components, or repetitions; a component that is a tuple has subcomponents
Text = str | int | float | None
Component = Text | tuple[Text, ...]
Value = Component | tuple[Component, ...] | list[Component | tuple[Component, ...]]

_SIGNS = {"\\": "\\E\\", "|": "\\F\\", "^": "\\S\\", "&": "\\T\\", "~": "\\R\\"}
_NPI = ("", "2.16.840.1.113883.4.6", "ISO")
_SEX = {"female": "F", "male": "M", "other": "O", "unknown": "U"}
#: encounter class -> PV1-2 (HL7 table 0004, which sites extend; OBS is what most of them call observation)
CLASSES = {"inpatient": "I", "emergency": "E", "observation": "OBS", "ambulatory": "O", "other": "N"}
SENDER = "QUERY_MGR"
_SHORT = 20


@dataclass(frozen=True)
class Envelope:
    """Who writes to whom, when, and under which control id (at most 20 signs)."""

    control_id: str
    sent_at: datetime
    zone: tzinfo
    sender: str  # our facility, MSH-4
    application: str = ""
    facility: str = ""
    processing: str = "P"  # P production | T training


def escaped(text: str) -> str:
    """Return a text for one component: in one line, every delimiter escaped."""
    return "".join(_SIGNS.get(sign, sign) for sign in one_line(text))


def _text(value: Text) -> str:
    if value is None:
        return ""
    return escaped(value) if isinstance(value, str) else number(value)


def number(value: float) -> str:
    """Return a number as NM has it: no exponent, no needless zeros."""
    return f"{value:.4f}".rstrip("0").rstrip(".")


def _component(value: Component) -> str:
    return "&".join(map(_text, value)).rstrip("&") if isinstance(value, tuple) else _text(value)


def _written(value: Value) -> str:
    if isinstance(value, list):
        return "~".join(filter(None, (_written(one) for one in value)))
    if isinstance(value, tuple):
        return "^".join(map(_component, value)).rstrip("^")
    return _text(value)


def segment(name: str, fields: Mapping[int, Value]) -> str:
    """Return a segment; fields count from 1, those that are not named are empty."""
    written = [_written(fields.get(at)) for at in range(1, max(fields) + 1)]
    return "|".join((name, *written)).rstrip("|")


def message(segments: list[str]) -> str:
    """Return the segments as one message, each ended by CR."""
    return "".join(f"{one}\r" for one in segments)


def moment(at: datetime | None, zone: tzinfo) -> str:
    """Return a moment as the hospital's clocks showed it, with the offset."""
    return at.astimezone(zone).strftime("%Y%m%d%H%M%S%z") if at else ""


def day(on: date | None) -> str:
    """Return a day as DT has it."""
    return on.strftime("%Y%m%d") if on else ""


def authority(name: str) -> tuple[Text, ...]:
    """Return who assigned a number (HD): an object identifier or address as such, else a namespace.

    A name that is longer than a namespace may be (20 signs, IS) goes in full, as a local one.
    """
    if name and set(name) <= set("0123456789.") and "." in name:
        return ("", name, "ISO")
    if "://" in name:
        return ("", name, "URI")
    return (name,) if len(name) <= _SHORT else ("", name, "L")


def short(text: str) -> str:
    """Return a text as a user-defined code (IS) may have it: at most 20 signs, cut between words."""
    text = one_line(text)
    if len(text) <= _SHORT:
        return text
    kept = text[: _SHORT + 1].rpartition(" ")[0]
    return kept or text[:_SHORT]


def coded(code: str, title: str, system: str) -> tuple[Text, ...]:
    """Return a coded element (CE); its text has at most 199 signs (ST)."""
    return (code, one_line(title)[:199], system)


def person(one: Person | None) -> Value:
    """Return a provider (XCN)."""
    if one is None:
        return None
    name = (one.number, one.family, one.given)
    rest: tuple[Component, ...] = ("",) * 5 + (
        _NPI if one.is_npi else (SENDER,),
        "",
        "",
        "",
        "NPI" if one.is_npi else "",
    )
    return (*name, *rest, *("",) * 7, one.credentials)


def header(kind: str, structure: str, to: Envelope) -> str:
    """Return MSH. kind: "BAR^P12". MSH-15 and MSH-16 are empty: original mode, one application acknowledgement."""
    name, _, trigger = kind.partition("^")
    fields: dict[int, Value] = {
        3: SENDER, 4: short(to.sender), 5: to.application, 6: to.facility, 7: moment(to.sent_at, to.zone),
        9: (name, trigger, structure), 10: to.control_id, 11: to.processing, 12: "2.5.1", 18: "UNICODE UTF-8",
    }  # fmt: skip
    return "MSH|^~\\&|" + "|".join(_written(fields.get(at)) for at in range(3, 19))


def event(happened_at: datetime, to: Envelope) -> str:
    """Return EVN: when the codes were made final."""
    at = moment(to.sent_at, to.zone)
    return segment("EVN", {2: at, 6: moment(happened_at, to.zone)})


def patient(one: Patient, stay: Stay) -> str:
    """Return PID, with the account number in PID-18."""
    return segment(
        "PID",
        {
            1: 1, 3: (one.mrn, "", "", authority(one.authority), "MR"), 5: (one.family, one.given, "", "", "", "", "L"),
            7: day(one.birth_on), 8: _SEX.get(one.sex, "U"), 18: (stay.number, "", "", authority(stay.authority), "AN"),
        },
    )  # fmt: skip


def visit(stay: Stay, disposition: str, zone: tzinfo) -> str:
    """Return PV1. disposition (PV1-36): the patient discharge status of the UB-04."""
    return segment(
        "PV1",
        {
            1: 1, 2: CLASSES.get(stay.kind, "N"), 3: ("", "", "", authority(one_line(stay.facility))), 7: person(stay.attending),
            10: short(stay.service_line), 19: (stay.number, "", "", authority(stay.authority), "VN"), 36: disposition,
            44: moment(stay.admitted_at, zone), 45: moment(stay.discharged_at, zone),
        },
    )  # fmt: skip
