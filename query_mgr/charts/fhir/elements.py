"""FHIR R4 data types: read leniently where R4 allows, refused with their path where it does not."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from typing import Any

from query_mgr.charts.fhir.intake import Decimal
from query_mgr.charts.problems import EntryError, Warnings

Json = Mapping[str, Any]

_DATE_TIME = re.compile(
    r"(\d{4})(?:-(\d{2})(?:-(\d{2})(?:T(\d{2}):(\d{2})(?::(\d{2})(?:\.(\d+))?)?(Z|[+-]\d{2}:\d{2})?)?)?)?"
)
_NOTHING: Json = {}
_EARLIEST_YEAR = 1850
_YEARS_AHEAD = 5
#: FHIR code systems -> the short names that `Fact.code_system` uses
CODE_SYSTEMS = {
    "http://loinc.org": "loinc",
    "http://www.nlm.nih.gov/research/umls/rxnorm": "rxnorm",
    "http://snomed.info/sct": "snomed",
    "http://hl7.org/fhir/sid/icd-10-cm": "icd10cm",
    "http://www.cms.gov/Medicare/Coding/ICD10": "icd10pcs",
    "http://hl7.org/fhir/sid/icd-10-pcs": "icd10pcs",
    "http://www.ama-assn.org/go/cpt": "cpt",
    "https://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets": "hcpcs",
    "http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets": "hcpcs",
    "https://bluebutton.cms.gov/resources/codesystem/hcpcs": "hcpcs",
    "https://www.nubc.org/CodeSystem/RevenueCodes": "revenue",
    "urn:oid:2.16.840.1.113883.6.1": "loinc",
    "urn:oid:2.16.840.1.113883.6.88": "rxnorm",
    "urn:oid:2.16.840.1.113883.6.96": "snomed",
    "urn:oid:2.16.840.1.113883.6.90": "icd10cm",
    "urn:oid:2.16.840.1.113883.6.4": "icd10pcs",
    "urn:oid:2.16.840.1.113883.6.12": "cpt",
    "urn:oid:2.16.840.1.113883.6.14": "hcpcs",
    "urn:oid:2.16.840.1.113883.6.285": "hcpcs",
    "urn:oid:2.16.840.1.113883.6.301.3": "revenue",
}


@dataclass
class Times:
    """Reads dates and times. `zone` is the facility's, for times that come without an offset."""

    zone: tzinfo
    now: datetime
    warnings: Warnings

    def moment(self, resource: Json, *names: str, where: str = "") -> datetime | None:
        """Return the first of the named elements as an aware UTC time, or None where all are missing.

        A date counts from its first instant at the facility and is noted as partial. Raises EntryError.
        """
        for name in names:
            written = resource.get(name)
            if written is not None:
                return self.parse(written, f"{where}.{name}" if where else name)
        return None

    def parse(self, written: object, path: str) -> datetime:
        """Return one FHIR date, dateTime or instant as UTC."""
        match = _DATE_TIME.fullmatch(written) if isinstance(written, str) else None
        if not match:
            raise EntryError("date", path, f"{str(written)[:40]!r} is not a FHIR date or dateTime")
        year, month, day, hour, minute, second, fraction, offset = match.groups()
        if not _EARLIEST_YEAR <= int(year) <= self.now.year + _YEARS_AHEAD:
            raise EntryError("date", path, f"the year of {written!r} is not plausible for a chart")
        if second == "60":
            second, fraction = "59", "999999"
            self.warnings.add("date", path, "a leap second was read as the second before it")
        try:
            local = datetime(  # noqa: DTZ001 - the zone follows
                int(year), int(month or 1), int(day or 1), int(hour or 0), int(minute or 0), int(second or 0),
                int(((fraction or "") + "000000")[:6]),
            )  # fmt: skip
        except ValueError as error:
            raise EntryError("date", path, f"{written!r}: {error}") from None
        return local.replace(tzinfo=self._offset(offset, hour is None, path)).astimezone(UTC)

    def _offset(self, offset: str | None, is_partial: bool, path: str) -> tzinfo:
        if offset is None:
            text = "a date without time was read as its first moment" if is_partial else "a time without offset"
            self.warnings.add("partial-date" if is_partial else "no-offset", path, f"{text} at the facility")
            return self.zone
        if offset == "Z":
            return UTC
        if offset == "-00:00":
            self.warnings.add("no-offset", path, "offset -00:00 (unknown) was read as UTC")
            return UTC
        delta = timedelta(hours=int(offset[1:3]), minutes=int(offset[4:]))
        if delta > timedelta(hours=14):
            raise EntryError("date", path, f"the offset {offset} does not exist")
        return timezone(-delta if offset[0] == "-" else delta)

    def day(self, written: object, path: str) -> date | None:
        """Return a FHIR date as a date; a partial one as None, with a warning, never guessed."""
        if written is None:
            return None
        moment = _DATE_TIME.fullmatch(written) if isinstance(written, str) else None
        if not moment or moment[4]:
            raise EntryError("date", path, f"{str(written)[:40]!r} is not a FHIR date")
        if not moment[3]:
            self.warnings.add("partial-date", path, "a partial date was left out, not guessed")
            return None
        if not _EARLIEST_YEAR <= int(moment[1]) <= self.now.year + _YEARS_AHEAD:
            raise EntryError("date", path, f"the year of {written!r} is not plausible for a chart")
        try:
            return date(int(moment[1]), int(moment[2]), int(moment[3]))
        except ValueError as error:
            raise EntryError("date", path, f"{written!r}: {error}") from None


def dicts(value: object) -> Sequence[Json]:
    """Return the objects of a FHIR list; a single object counts as a list of one."""
    if isinstance(value, dict):
        return (value,)
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else ()


def first(value: object) -> Json:
    """Return the first object of a FHIR list, or an empty one."""
    if isinstance(value, dict):
        return value
    found = dicts(value)
    return found[0] if found else _NOTHING


def contained(resource: Json, reference: str) -> Json | None:
    """Return the resource inside `resource` that a "#id" names."""
    return next((one for one in dicts(resource.get("contained")) if f"#{one.get('id')}" == reference), None)


def words(value: object) -> str:
    """Return a FHIR string on one line, or ""."""
    return " ".join(value.split()) if isinstance(value, str) else ""


def concept_text(value: object) -> str:
    """Return what a CodeableConcept says: its text, else a display, else a code."""
    concept = first(value)
    text = words(concept.get("text"))
    if text:
        return text
    codings = dicts(concept.get("coding"))
    named = (words(each.get(name)) for name in ("display", "code") for each in codings)
    return next(filter(None, named), "")


def codes(value: object) -> list[tuple[str, str]]:
    """Return the (system URI, code) pairs of one or more CodeableConcepts that have a code."""
    found = []
    for concept in dicts(value):
        for coding in dicts(concept.get("coding")):
            system, code = coding.get("system"), coding.get("code")
            if isinstance(code, str) and (code := code.strip()):
                found.append((system.strip() if isinstance(system, str) else "", code))
    return found


def code_of(value: object, preferred: tuple[str, ...]) -> tuple[str, str]:
    """Return (short code system, code): the first of the `preferred` systems, else any known one, else ("", "")."""
    known = [(CODE_SYSTEMS[system], code) for system, code in codes(value) if system in CODE_SYSTEMS]
    for wanted in preferred:
        for system, code in known:
            if system == wanted:
                return system, code
    return known[0] if known else ("", "")


def status_code(value: object) -> str:
    """Return the code of a status given as CodeableConcept (or, wrongly, as plain code)."""
    if isinstance(value, str):
        return value
    return next((code for _, code in codes(value)), "")


def written_number(value: object) -> str:
    """Return a number as the sender wrote it; an overlong fraction is cut to six significant digits."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return ""
    text = value.written if isinstance(value, Decimal) else str(value)
    return text if len(text) <= 8 or isinstance(value, int) else f"{value:.6g}"


def number(value: object, path: str) -> float | None:
    """Return a FHIR decimal as float. Raises EntryError for anything but a number."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise EntryError("value", path, f"{str(value)[:40]!r} is not a number")
    return float(value)


def human_name(names: object) -> Json:
    """Return the name a chart is filed under: official, then usual, then any that is not old or maiden."""
    rank = {"official": 0, "usual": 1, "": 2, "temp": 3, "nickname": 4, "anonymous": 5, "maiden": 6, "old": 7}
    return min(dicts(names), key=lambda each: rank.get(words(each.get("use")), 2), default={})


def given(name: Json) -> str:
    """Return the given names of a HumanName."""
    parts = name.get("given")
    return " ".join(filter(None, map(words, parts if isinstance(parts, list) else [])))
