"""What is wrong with a code set: reported with its rule, never put right in silence. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from query_mgr.coding.codeset import POA_VALUES, CodeEntry, Entries, bare, covers, ordered
from query_mgr.coding.scrub.code_lists import is_manifestation

Notes = Mapping[str, Mapping[str, Any]]
_GUIDELINES = "ICD-10-CM Official Guidelines for Coding and Reporting"
_PARENTHESES = re.compile(r"\(([^()]*)\)")
_CODE = r"[A-Z]\d[0-9A-Z](?:\.[0-9A-Z]{0,4})?-?"
_PATTERN = re.compile(rf"({_CODE})(?:\s*(?:-|to)\s*({_CODE}))?")
# The CMS list of POA-exempt codes lies mostly in these two chapters: external causes, and factors
# influencing health status. Without the list, a missing indicator there is a thing to check, not a fault.
_MOSTLY_EXEMPT = ("V", "W", "X", "Y", "Z")


@dataclass(frozen=True)
class Issue:
    """One finding. `severity` is "error" (against a rule) or "check" (a person must look)."""

    kind: str  # duplicate | excludes1 | manifestation | code_first | poa_missing | poa_invalid
    severity: str
    codes: tuple[str, ...]
    text: str
    rule: str


def issues(entries: Entries, notes: Notes, *, needs_poa: bool = True) -> tuple[Issue, ...]:
    """Return everything that is wrong with a code set.

    notes: per code of the set, the tabular's instructional notes on it and on every level above it
    ({"excludes1": [...], "code_first": [...]}). needs_poa: True for inpatient admissions.
    """
    rows = ordered(entries)
    found = [*_duplicates(rows), *_excludes1(rows, notes), *_manifestation(rows), *_code_first(rows, notes)]
    return tuple(found + [issue for entry in rows for issue in _poa(entry, needs_poa)])


def _duplicates(entries: Entries) -> Iterator[Issue]:
    seen: dict[str, int] = {}
    for entry in entries:
        seen[entry.code] = seen.get(entry.code, 0) + 1
    for code, count in seen.items():
        if count > 1:
            text = f"{code} stands {count} times on this encounter; a code is reported once"
            yield Issue("duplicate", "error", (code,), text, f"{_GUIDELINES}, section I.B.12")


def _excludes1(entries: Entries, notes: Notes) -> Iterator[Issue]:
    reported: set[frozenset[str]] = set()
    for entry in entries:
        for note in _lines(notes.get(entry.code, {}).get("excludes1")):
            for other in entries:
                pair = frozenset({entry.code, other.code})
                if len(pair) < 2 or pair in reported or not mentions(note, other.code):
                    continue
                reported.add(pair)
                text = (
                    f"{entry.code} has an Excludes1 note against {other.code}: “{note}”. The two are not "
                    "coded together unless the conditions are unrelated to each other"
                )
                rule = f"{_GUIDELINES}, section I.A.12.a"
                yield Issue("excludes1", "error", (entry.code, other.code), text, rule)


def _manifestation(entries: Entries) -> Iterator[Issue]:
    if entries and is_manifestation(entries[0].code):
        code = entries[0].code
        text = f"{code} is a manifestation code and cannot be principal; the underlying condition comes first"
        yield Issue("manifestation", "error", (code,), text, f"{_GUIDELINES}, section I.A.13")


def _code_first(entries: Entries, notes: Notes) -> Iterator[Issue]:
    for position, entry in enumerate(entries):
        wanted = list(_lines(notes.get(entry.code, {}).get("code_first")))
        for other in entries[position + 1 :]:
            line = next((line for line in wanted if mentions(line, other.code)), None)
            if line and other.code != entry.code:
                text = f"{entry.code} stands before {other.code}, but its note says: code first “{line}”"
                rule = f"{_GUIDELINES}, section I.A.13"
                yield Issue("code_first", "error", (entry.code, other.code), text, rule)


def _poa(entry: CodeEntry, needs_poa: bool) -> Iterator[Issue]:
    rule = f"{_GUIDELINES}, appendix I"
    if entry.poa and entry.poa not in POA_VALUES:
        text = f"{entry.code} has the POA indicator {entry.poa!r}; use {', '.join(POA_VALUES)}"
        yield Issue("poa_invalid", "error", (entry.code,), text, rule)
    elif not entry.poa and needs_poa and entry.code.startswith(_MOSTLY_EXEMPT):
        text = f"{entry.code} has no POA indicator; many codes of its chapter are exempt - check, or set 1"
        yield Issue("poa_missing", "check", (entry.code,), text, rule)
    elif not entry.poa and needs_poa:
        text = f"{entry.code} has no POA indicator; set {', '.join(POA_VALUES)}"
        yield Issue("poa_missing", "error", (entry.code,), text, rule)


def mentions(note: str, code: str) -> bool:
    """Return whether a note's parenthesis, such as "(E08.-, O24.4-)" or "(C00-C96)", covers `code`.

    A part under a condition ("with fifth character 1") is left out: it takes a person to judge it.
    """
    return any(_within(part, code) for group in _PARENTHESES.findall(note) for part in group.split(","))


def _within(part: str, code: str) -> bool:
    found = _PATTERN.fullmatch(part.strip())
    if not found:
        return False
    low, high = found.groups()
    if high is None:
        return covers(low, code)
    first, last, wanted = bare(low), bare(high), bare(code)
    return first <= wanted and wanted[: len(last)] <= last


def _lines(note: object) -> Iterable[str]:
    if isinstance(note, str):
        return note.splitlines()
    return [str(line) for line in note] if isinstance(note, list | tuple) else []
