"""A clinical indicator and where it was taken from, frozen at the time of picking."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from query_mgr.charts.models import Document, Encounter, Fact
from query_mgr.clinical.units import amount, shown_unit

#: What somebody took back, or what never happened, supports nothing (assurance §4.24).
NOT_EVIDENCE = ("entered_in_error", "cancelled", "replaced")
_MOST_READINGS = 12
#: kind of fact -> what it is called under an indicator
KINDS = {
    "lab": "Laboratory result",
    "vital": "Vital sign",
    "medication": "Medication",
    "procedure": "Procedure",
    "finding": "Finding",
    "problem": "Problem list",
    "allergy": "Allergy",
    "location": "Unit",
}
#: LOINC's long common name: component [property] in specimen by method
_LOINC_NAME = re.compile(r"(?P<test>[^\[\]]+?) \[[^\]]+\] in (?P<specimen>.+?)(?: by .+)?")
_USUAL_SPECIMENS = (
    "Serum or Plasma",
    "Blood",
    "Serum",
    "Plasma",
    "Serum, Plasma or Blood",
    "Platelet poor plasma",
)


@dataclass(frozen=True)
class IndicatorSource:
    """A quoted text or value with its provenance.

    start, end: offsets into the document's text, None for facts. encounter_scope: current | prior.
    source_kind: document | fact | trend. fact_refs: of a trend, all its values; `source_ref` is then the last of them.
    source_hash: changes when the quoted words or the rows they came from change.
    """

    source_kind: str
    source_ref: str
    source_label: str
    author_role: str
    text: str
    observed_at: datetime
    start: int | None
    end: int | None
    source_hash: str
    encounter_scope: str = "current"
    fact_refs: tuple[str, ...] = ()


def indicator_from_text(
    document: Document, start: int, end: int, encounter: Encounter | None = None
) -> IndicatorSource:
    """Return the words `document.text[start:end]`, without blanks around them, as a clinical indicator.

    encounter: the one asked about; a document of another stay is marked prior. Raises ValueError where the place
    is outside the text or blank, or the document does not count.
    """
    if document.status in NOT_EVIDENCE:
        raise ValueError("the document was entered in error")
    if not 0 <= start < end <= len(document.text):
        raise ValueError(f"the place {start} to {end} is outside the document ({len(document.text)} characters)")
    quoted = document.text[start:end]
    start += len(quoted) - len(quoted.lstrip())
    quoted = quoted.strip()
    if not quoted:
        raise ValueError("the marked place is blank; mark some words")
    author = document.author_name or "unknown author"
    return IndicatorSource(
        source_kind="document",
        source_ref=document.ref,
        source_label=f"{document.title}, {author} ({document.author_role.replace('_', ' ')})"[:250],
        author_role=document.author_role,
        text=quoted,
        observed_at=document.authored_at,
        start=start,
        end=start + len(quoted),
        source_hash=_hash(quoted, document.content_hash),
        encounter_scope=_scope(document, encounter),
    )


def indicator_from_fact(fact: Fact, encounter: Encounter | None = None) -> IndicatorSource:
    """Return a measured or recorded thing as a clinical indicator.

    encounter: the one asked about; a fact of another stay is marked prior. Raises ValueError where it was
    cancelled or entered in error.
    """
    if fact.status in NOT_EVIDENCE:
        raise ValueError(f"this was {fact.status.replace('_', ' ')}")
    text = fact_text(fact)
    return IndicatorSource(
        source_kind="fact",
        source_ref=fact.ref,
        source_label=KINDS.get(fact.kind, fact.kind.capitalize()),
        author_role="",
        text=text,
        observed_at=fact.observed_at,
        start=None,
        end=None,
        source_hash=_hash(text, fact.content_hash),
        encounter_scope=_scope(fact, encounter),
    )


def indicator_from_trend(
    facts: Iterable[Fact], zone: tzinfo, encounter: Encounter | None = None
) -> IndicatorSource:
    """Return several readings of one test as one clinical indicator, in the order of their times.

    zone: the hospital's, for the times it quotes. Raises ValueError where they are not 2 to 12 readings of one test in
    one unit and of one patient, or one does not count.
    """
    readings = sorted(facts, key=lambda one: (one.observed_at, one.id))
    if not 2 <= len(readings) <= _MOST_READINGS:
        raise ValueError(f"a trend is 2 to {_MOST_READINGS} values; {len(readings)} were chosen")
    if (
        len(
            {
                (one.patient_id, one.kind, one.code_system, one.code or one.name.lower(), one.unit)
                for one in readings
            }
        )
        > 1
    ):
        raise ValueError("these are values of different tests or in different units")
    if any(one.status in NOT_EVIDENCE for one in readings):
        raise ValueError("one of the values was taken back")
    last, text = readings[-1], trend_text(readings, zone)
    return IndicatorSource(
        source_kind="trend",
        source_ref=last.ref,
        source_label=f"{KINDS.get(last.kind, last.kind.capitalize())}, {len(readings)} values",
        author_role="",
        text=text,
        observed_at=last.observed_at,
        start=None,
        end=None,
        source_hash=_hash(text, " ".join(one.content_hash for one in readings)),
        encounter_scope="prior" if any(_scope(one, encounter) == "prior" for one in readings) else "current",
        fact_refs=tuple(one.ref for one in readings),
    )


def trend_text(readings: Sequence[Fact], zone: tzinfo) -> str:
    """Return readings in the order given: "Creatinine 0.9, 2.4 mg/dL (03/01 05:10, 03/03 06:00; ref 0.6-1.3)"."""
    last = readings[-1]
    values = ", ".join(one.value_text for one in readings)
    times = ", ".join(one.observed_at.astimezone(zone).strftime("%m/%d %H:%M") for one in readings)
    shown = reference(last.range_low, last.range_high)
    told = " ".join(filter(None, (short_name(last.name), values, shown_unit(last.unit))))
    return f"{told} ({times}{f'; ref {shown}' if shown else ''})"


def fact_text(fact: Fact) -> str:
    """Return a fact as an indicator quotes it: "Creatinine 2.4 mg/dL (ref 0.6-1.3)"."""
    if fact.kind == "problem":
        return fact.name
    shown = reference(fact.range_low, fact.range_high)
    return " ".join(
        filter(None, (named_value(fact.name, fact.value_text, fact.unit), f"(ref {shown})" if shown else ""))
    )


def named_value(name: str, value: str, unit: str) -> str:
    """Return a value as it is quoted: its short name, the value and the unit."""
    return f"{short_name(name)} {amount(value, unit)}".strip()


def short_name(name: str) -> str:
    """Return a LOINC long name as charts write it: "Creatinine [Mass/volume] in Urine" is "Creatinine, urine".

    Blood, serum and plasma go without saying; any other specimen is kept.
    """
    match = _LOINC_NAME.fullmatch(name)
    if not match:
        return name
    specimen = match["specimen"]
    return match["test"] if specimen in _USUAL_SPECIMENS else f"{match['test']}, {specimen.lower()}"


def reference(low: float | None, high: float | None) -> str:
    """Return a reference range as it stands behind a value, or ""."""
    if low is not None and high is not None:
        return f"{low:g}-{high:g}"
    if high is not None:
        return f"up to {high:g}"
    return f"from {low:g}" if low is not None else ""


def _hash(text: str, content_hash: str) -> str:
    return hashlib.sha256(f"{text}\n{content_hash}".encode()).hexdigest()


def _scope(source: Document | Fact, encounter: Encounter | None) -> str:
    """Return "prior" for what belongs to another stay, or to none and lies before this one."""
    if encounter is None or source.encounter_id == encounter.id:
        return "current"
    at = source.authored_at if isinstance(source, Document) else source.observed_at
    return "prior" if source.encounter_id is not None or at < encounter.admitted_at else "current"
