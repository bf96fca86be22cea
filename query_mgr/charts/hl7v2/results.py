"""ORU: results as facts, and reports as documents."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from datetime import datetime

from query_mgr.charts.fhir.documents import document_kind
from query_mgr.charts.fhir.values import FLAGS
from query_mgr.charts.hl7v2.embedded import contents
from query_mgr.charts.hl7v2.message import Message, Segment
from query_mgr.charts.hl7v2.times import Times
from query_mgr.charts.narrative import find_sections
from query_mgr.charts.problems import Warnings
from query_mgr.charts.records import DocumentRecord, FactRecord

#: OBX-11 (HL7 table 0085) -> status; I, N, O and Z announce a result without one
_STATUS = {
    "F": "final", "P": "preliminary", "R": "preliminary", "S": "preliminary", "C": "amended", "U": "final", "": "final",
    "V": "final", "B": "final", "X": "cancelled", "D": "entered_in_error", "W": "entered_in_error",
}  # fmt: skip
_SYSTEMS = {"LN": "loinc", "SCT": "snomed", "C4": "cpt", "I10": "icd10cm", "I10C": "icd10cm"}
#: LOINC codes of vital signs (the FHIR vital signs profile, and what beside it is one)
_VITALS = {
    "8867-4", "9279-1", "8310-5", "8480-6", "8462-4", "8478-0", "85354-9", "59408-5", "2708-6", "29463-7", "3141-9",
    "8302-2", "39156-5", "8287-5", "8328-7", "8331-1",
}  # fmt: skip
_NUMBER = re.compile(r"[-+]?\d+(?:\.\d+)?")
_RANGE = re.compile(r"\s*([-+]?\d+(?:\.\d+)?)\s*(?:-|–|to|_)\s*([-+]?\d+(?:\.\d+)?)")
_ONE_END = re.compile(r"\s*(<=?|>=?|up to|from)\s*(\d+(?:\.\d+)?)")
_TEXT_KINDS = {"TX", "FT", "ED"}


def results_of(
    message: Message, patient_key: str, encounter_key: str | None, sender: str, event_at: datetime, times: Times,
    warnings: Warnings,
) -> tuple[list[FactRecord], list[DocumentRecord]]:  # fmt: skip
    """Return what the OBR and OBX segments of a message say."""
    facts: list[FactRecord] = []
    documents: list[DocumentRecord] = []
    for order, observations in _orders(message):
        filler = order.text(3) or order.text(2) or message.header.text(10)
        key = f"{sender}|{filler}"
        at = next(filter(None, (times.read(order.text(n), f"OBR-{n}") for n in (7, 22))), event_at)
        lines = [one for one in observations if one.text(2) in _TEXT_KINDS]
        report = _report(order, lines, key, patient_key, encounter_key, at, warnings)
        documents += [report] if report else []
        seen: Counter[str] = Counter()
        for one in observations:
            if report and one in lines:
                continue
            place = f"{key}|{one.text(3)}|{one.text(4)}"
            seen[place] += 1
            fact = _fact(one, f"{place}|{seen[place]}", patient_key, encounter_key, at, times)
            facts += [fact] if fact else []
    return facts, documents


def _orders(message: Message) -> Iterator[tuple[Segment, list[Segment]]]:
    current: tuple[Segment, list[Segment]] | None = None
    for segment in message.of("OBR", "OBX"):
        if segment.name == "OBR":
            if current:
                yield current
            current = (segment, [])
        elif current:
            current[1].append(segment)
    if current:
        yield current


def _fact(
    one: Segment, key: str, patient_key: str, encounter_key: str | None, at: datetime, times: Times
) -> FactRecord | None:
    status = _STATUS.get(one.text(11).upper())
    text, number = _value(one)
    if status is None or (not text and status in ("final", "preliminary", "amended")):
        return None
    name = one.text(3, 2) or one.text(3, 5) or one.text(3, 1)
    low, high = _range(one.first(7).whole())
    flags = [FLAGS[flag.text(1)] for flag in one.all(8) if flag.text(1) in FLAGS]
    return FactRecord(
        source_key=key[:200],
        patient_key=patient_key,
        encounter_key=encounter_key,
        kind="vital" if one.text(3, 1) in _VITALS else "lab",
        name=name,
        observed_at=times.read(one.text(14), "OBX-14") or at,
        code_system=_SYSTEMS.get(one.text(3, 3), ""),
        code=one.text(3, 1),
        value_text=text,
        value_number=number,
        unit=one.text(6),
        range_low=low,
        range_high=high,
        flag=flags[0] if flags else "",
        status=status,
    )


def _value(one: Segment) -> tuple[str, float | None]:
    """Return OBX-5 as the chart shows it, and as a number where it is exactly one."""
    field, kind = one.first(5), one.text(2)
    if kind == "SN":
        mark, first, between, second = (field.text(n) for n in range(1, 5))
        text = f"{mark}{first}{between}{second}".strip()
        return text, float(first) if _NUMBER.fullmatch(first) and not mark.strip("=") and not between else None
    if kind in ("CE", "CWE", "CNE", "CF"):
        return field.text(2) or field.text(9) or field.text(1), None
    if kind in ("ED", "RP", "HD"):
        return "", None
    text = " ".join(repetition.whole().strip() for repetition in one.all(5))
    return text, float(text) if kind in ("NM", "ST") and _NUMBER.fullmatch(text) else None


def _range(text: str) -> tuple[float | None, float | None]:
    if found := _RANGE.match(text):
        return float(found[1]), float(found[2])
    if found := _ONE_END.match(text):
        return (None, float(found[2])) if found[1] in ("<", "<=", "up to") else (float(found[2]), None)
    return None, None


def _report(
    order: Segment, lines: list[Segment], key: str, patient_key: str, encounter_key: str | None, at: datetime,
    warnings: Warnings,
) -> DocumentRecord | None:  # fmt: skip
    """Return the text lines and files of an order as one document, where they are more than a word or two."""
    text, files = contents(lines, warnings)
    if len(text) < 80 and "\n" not in text and not files:
        return None
    title = order.text(4, 2) or order.text(4, 1) or "Report"
    states = {_STATUS.get(one.text(11).upper(), "final") for one in lines}
    return DocumentRecord(
        source_key=f"OBR {key}"[:200],
        patient_key=patient_key,
        encounter_key=encounter_key,
        kind=document_kind({"text": title}),
        title=title,
        text=text,
        authored_at=at,
        sections=find_sections(text),
        author_role="other",
        attachments=files,
        status="entered_in_error" if states <= {"entered_in_error", "cancelled"} else "amended" if "amended" in states else
        "preliminary" if "preliminary" in states else "final",
    )  # fmt: skip
