"""A made-up chart as a feed of HL7 v2 messages."""

from __future__ import annotations

from datetime import datetime

from tests.charts.rendered.made import ADMITTED, AUTHORITY, NPI, MadeChart, Measured, Note

_DOCTOR = f"{NPI}^Medina^Rosa^^^^MD^^&2.16.840.1.113883.4.6&ISO^^^^NPI"
_SEX = {"female": "F", "male": "M", "other": "O"}


def as_hl7(chart: MadeChart) -> tuple[bytes, ...]:
    """Return the chart as messages: admission, results, notes, discharge."""
    messages = [_adt(chart, "A01", ADMITTED)]
    messages += [_oru(chart, number, one) for number, one in enumerate(chart.results)]
    messages += [_mdm(chart, one) for one in chart.notes]
    if chart.discharged:
        messages.append(_adt(chart, "A03", chart.discharged))
    return tuple(messages)


def _message(chart: MadeChart, kind: str, at: datetime, control: str, *segments: str) -> bytes:
    mrn = f"{_plain(chart.mrn)}^^^&{AUTHORITY}&ISO^MR"
    name = f"{_plain(chart.family)}^{_plain('^'.join(chart.given.split()), keep='^')}"
    head = f"MSH|^~\\&|EHR|RIVERBEND|QM|QM|{_time(at)}||{kind}|{control}|P|2.5.1|||||||UNICODE UTF-8"
    pid = f"PID|1||{mrn}||{name}||{chart.born:%Y%m%d}|{_SEX[chart.sex]}"
    return "\r".join((head, *segments[:1], pid, _pv1(chart, kind), *segments[1:])).encode() + b"\r"


def _pv1(chart: MadeChart, kind: str) -> str:
    fields = ["PV1", "1", "I", *[""] * 43]
    fields[7], fields[19], fields[44] = _DOCTOR, f"{chart.number}^^^&{AUTHORITY}&ISO", _time(ADMITTED)
    if kind == "ADT^A03" and chart.discharged:
        fields[45] = _time(chart.discharged)
    return "|".join(fields).rstrip("|")


def _adt(chart: MadeChart, trigger: str, at: datetime) -> bytes:
    return _message(chart, f"ADT^{trigger}", at, trigger, f"EVN|{trigger}|{_time(at)}")


def _oru(chart: MadeChart, number: int, one: Measured) -> bytes:
    order = f"OBR|1||F{number}^LAB|{one.code}^{one.name}^LN|||{_time(one.at)}"
    result = f"OBX|1|NM|{one.code}^{one.name}^LN||{one.value}|{one.unit}|{one.low}-{one.high}|{one.flag}|||F|||{_time(one.at)}"
    return _message(chart, "ORU^R01", one.at, f"R{number}", "EVN|R01", order, result)


def _mdm(chart: MadeChart, one: Note) -> bytes:
    lines = "\n\n".join(f"{title}\n{body}" for title, body in one.sections).split("\n")
    texts = (f"OBX|{n}|TX|11506-3^Note^LN||{_plain(line)}||||||F" for n, line in enumerate(lines, 1))
    txa = f"TXA|1|PN^Progress note|TX|{_time(one.at)}|{_DOCTOR}|{_time(one.at)}|||{_DOCTOR}|||N{one.ref}|||||AU"
    return _message(chart, "MDM^T02", one.at, f"D{one.ref}", f"EVN|T02|{_time(one.at)}", txa, *texts)


def _time(at: datetime) -> str:
    return at.strftime("%Y%m%d%H%M%S+0000")


def _plain(text: str, keep: str = "") -> str:
    for sign, escaped in (("\\", "\\E\\"), ("|", "\\F\\"), ("^", "\\S\\"), ("&", "\\T\\"), ("~", "\\R\\")):
        text = text if sign in keep else text.replace(sign, escaped)
    return text
