"""What a policy says, checked field by field, and whether a code falls under it. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from query_mgr.charts.tables.mangled import retyped
from query_mgr.codes.icd10cm import plain

SEXES = ("female", "male")
_PROCEDURE = re.compile(r"(?:\d{4}[0-9A-Z]|[A-V]\d{4})", re.ASCII)
_DIAGNOSIS = re.compile(r"[A-Z][0-9A][0-9AB](?:\.?[0-9A-HJ-NP-Z]{1,4})?", re.ASCII)
_PLACE = re.compile(r"\d{2}", re.ASCII)
_MODIFIER = re.compile(r"[A-Z0-9]{2}", re.ASCII)
_APART = re.compile(r"[;,\s]+")
_RANGE = re.compile(r"\s*[-–]\s*")
_MOST = 2_000  # codes or diagnoses of one policy
_OLDEST = 130
_LONGEST_PERIOD = 36_525  # days


class PolicyError(ValueError):
    """A policy that cannot be kept; the message names the field and says what to write."""


@dataclass(frozen=True)
class CodeRange:
    """Codes from `first` to `last`, without dots; all that begin with them are in it."""

    first: str
    last: str
    written: str

    def covers(self, bare: str) -> bool:
        """Return whether a code, without its dot, is in the range."""
        return bare[: len(self.first)] >= self.first and bare[: len(self.last)] <= self.last


@dataclass(frozen=True)
class Frequency:
    """At most `count` days of service in any `days` days; in a lifetime where `days` is None."""

    count: int
    days: int | None

    def __str__(self) -> str:
        times = {1: "once", 2: "twice"}.get(self.count, f"{self.count} times")
        if self.days is None:
            return f"{times} in a lifetime"
        return f"{times} a day" if self.days == 1 else f"{times} in {self.days} days"


@dataclass(frozen=True)
class Terms:
    """The terms of a policy. Empty or None: the policy does not limit it."""

    codes: tuple[CodeRange, ...]
    diagnoses: tuple[CodeRange, ...] = ()
    frequency: Frequency | None = None
    age_from: int | None = None  # completed years, both included
    age_to: int | None = None
    sex: str = ""
    places: tuple[str, ...] = ()
    modifiers: tuple[str, ...] = ()  # one of these

    def concern(self, code: str) -> bool:
        """Return whether a procedure code falls under the policy."""
        return any(one.covers(code) for one in self.codes)

    def cover(self, diagnosis: str) -> bool:
        """Return whether the policy covers for a diagnosis; with none listed it covers for all."""
        bare = diagnosis.replace(".", "")
        return not self.diagnoses or any(one.covers(bare) for one in self.diagnoses)

    @property
    def ages(self) -> str:
        """The ages in words, "" where all."""
        if self.age_from is None and self.age_to is None:
            return ""
        if self.age_to is None:
            return f"from {self.age_from} years"
        return f"up to {self.age_to} years" if self.age_from is None else f"{self.age_from} to {self.age_to} years"


def terms_of(raw: Mapping[str, Any]) -> Terms:
    """Return the terms that `raw` writes down: lists, or text with commas.

    Keys: codes, diagnoses, frequency_count, frequency_days, age_from, age_to, sex, places, modifiers; also
    frequency: {count, days} and ages: {from, to}. Raises PolicyError.
    """
    frequency, ages = _group(raw, "frequency"), _group(raw, "ages")
    count = _whole("frequency_count", raw.get("frequency_count", frequency.get("count")), 1, 999)
    days = _whole("frequency_days", raw.get("frequency_days", frequency.get("days")), 1, _LONGEST_PERIOD)
    if days is not None and count is None:
        raise PolicyError("frequency_days: say with frequency_count how often in these days")
    age_from = _whole("age_from", raw.get("age_from", ages.get("from")), 0, _OLDEST)
    age_to = _whole("age_to", raw.get("age_to", ages.get("to")), 0, _OLDEST)
    if age_from is not None and age_to is not None and age_from > age_to:
        raise PolicyError(f"age_from: {age_from} is more than age_to, {age_to}")
    codes = _ranges("codes", raw.get("codes"), _procedure)
    if not codes:
        raise PolicyError("codes: say at least one procedure code, such as G0105 or J0696-J0698")
    return Terms(
        codes, _ranges("diagnoses", raw.get("diagnoses"), _diagnosis),
        Frequency(count, days) if count is not None else None, age_from, age_to, _sex(raw.get("sex")),
        _each("places", raw.get("places"), _PLACE, "a place of service has two digits, such as 11"),
        _each("modifiers", raw.get("modifiers"), _MODIFIER, "a modifier has two letters or digits, such as KX"),
    )  # fmt: skip


def as_stored(terms: Terms) -> dict[str, Any]:
    """Return the terms as JSON that `terms_of` reads back."""
    stored: dict[str, Any] = {
        "codes": [one.written for one in terms.codes],
        "diagnoses": [one.written for one in terms.diagnoses],
        "frequency_count": terms.frequency.count if terms.frequency else None,
        "frequency_days": terms.frequency.days if terms.frequency else None,
        "age_from": terms.age_from,
        "age_to": terms.age_to,
        "sex": terms.sex,
        "places": list(terms.places),
        "modifiers": list(terms.modifiers),
    }
    return {name: value for name, value in stored.items() if value not in (None, "", [])}


def _group(raw: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = raw.get(name) or {}
    if not isinstance(found, Mapping):
        raise PolicyError(f"{name}: write it as its parts, such as {{count: 1, days: 365}}")
    return found


def _words(name: str, value: Any) -> list[str]:
    """Return the single words of a list or a text; "A00 - A09" stays one."""
    items = value if isinstance(value, Sequence) and not isinstance(value, str) else [value or ""]
    if any(not isinstance(one, str | int) or isinstance(one, bool) for one in items):
        raise PolicyError(f"{name}: write a list of codes, or codes with commas between them")
    text = ",".join(_RANGE.sub("-", plain(str(one))) for one in items)
    found = [word for word in _APART.split(text) if word]
    if len(found) > _MOST:
        raise PolicyError(f"{name}: at most {_MOST:,} in one policy; write ranges")
    return list(dict.fromkeys(found))


def _ranges(name: str, value: Any, read: Callable[[str, str], str]) -> tuple[CodeRange, ...]:
    found = []
    for word in _words(name, value):
        if wrong := retyped(word):
            raise PolicyError(f"{name}: {wrong}")
        first, *rest = word.upper().split("-")
        if len(rest) > 1:
            raise PolicyError(f"{name}: {word[:30]!r} is no range; write first-last, such as {'J0696-J0698'}")
        start, end = read(name, first), read(name, rest[0]) if rest else ""
        bare, last = start.replace(".", ""), (end or start).replace(".", "")
        if last < bare[: len(last)]:
            raise PolicyError(f"{name}: {word[:30]!r} ends before it begins")
        found.append(CodeRange(bare, last, f"{start}-{end}" if end else start))
    return tuple(found)


def _procedure(name: str, text: str) -> str:
    if not _PROCEDURE.fullmatch(text):
        raise PolicyError(f"{name}: {text[:20]!r} is not written like a procedure code, such as G0105")
    return text


def _diagnosis(name: str, text: str) -> str:
    if not _DIAGNOSIS.fullmatch(text):
        raise PolicyError(
            f"{name}: {text[:20]!r} is not written like an ICD-10-CM code or category, such as E11 or E11.9"
        )
    bare = text.replace(".", "")
    return bare if len(bare) == 3 else f"{bare[:3]}.{bare[3:]}"


def _each(name: str, value: Any, shape: re.Pattern[str], words: str) -> tuple[str, ...]:
    found = [word.upper().zfill(2) for word in _words(name, value)]
    wrong = next((word for word in found if not shape.fullmatch(word)), None)
    if wrong is not None:
        raise PolicyError(f"{name}: {wrong[:20]!r} is none; {words}")
    return tuple(found)


def _whole(name: str, value: Any, least: int, most: int) -> int | None:
    text = "" if value is None else str(value).strip()
    if not text:
        return None
    if not (text.isascii() and text.isdecimal() and len(text) < 8 and least <= int(text) <= most):
        raise PolicyError(f"{name}: {text[:20]!r} is no whole number from {least} to {most:,}")
    return int(text)


def _sex(value: Any) -> str:
    text = str(value or "").strip().lower()
    if text and text not in SEXES:
        raise PolicyError(f"sex: {text[:20]!r} is neither {' nor '.join(SEXES)}; leave it empty for both")
    return text
