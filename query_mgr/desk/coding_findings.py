"""Findings as the page shows them: by severity, each with the way to where it is put right."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from flask import url_for

from query_mgr.coding.scrub.registry import PLACES, SEVERITIES, Finding
from query_mgr.coding.scrubbing import Scrubbed
from query_mgr.desk.asked import Asked
from query_mgr.desk.coding_lines import Lines


@dataclass(frozen=True)
class Fix:
    """Where a finding is put right. opens: a passage of the chart, which is fetched into the open page."""

    href: str
    words: str
    opens: bool = False


@dataclass(frozen=True)
class Shown:
    """A finding with its id on the page, the same as long as it is found, and the way to its fix."""

    id: str
    finding: Finding
    fix: Fix | None
    may_be_overridden: bool


def shown_of(found: Scrubbed, lines: Lines, asked: Asked) -> list[Shown]:
    """Return the findings that nobody overrode, each with the way to its fix."""
    return [
        Shown(
            hashlib.sha256(one.key.encode()).hexdigest()[:10],
            one,
            _fix(one, lines, asked),
            SEVERITIES[one.severity].may_be_overridden,
        )
        for one in found.open
    ]


def groups_of(shown: Iterable[Shown]) -> list[tuple[str, list[Shown]]]:
    """Return findings by severity, the gravest first; severities without one are left out."""
    groups = {severity: [one for one in shown if one.finding.severity == severity] for severity in SEVERITIES}
    return [(severity, found) for severity, found in groups.items() if found]


def marks_of(shown: Iterable[Shown]) -> dict[str, list[Shown]]:
    """Return the findings of each line by its ref, the most severe first."""
    marks: dict[str, list[Shown]] = {}
    for one in shown:
        if one.finding.at:
            marks.setdefault(one.finding.at, []).append(one)
    return marks


def _fix(one: Finding, lines: Lines, asked: Asked) -> Fix | None:
    words = PLACES[one.place]
    match one.place:
        case "chart":
            at = f"{one.start}-{one.end}" if one.end else ""
            return Fix(asked.link(doc=one.at, at=at) + ("#hit" if at else "#document"), words, True)
        case "query":
            return Fix(url_for("query_desk.query", ref=one.at), words)
        case "policy":
            return Fix(url_for("policies.policy", ref=one.at), words) if one.at else None
        case "add":
            return Fix("#code", words)
        case "stay":
            return Fix("#stay", words)
    ref = _line(one, lines)
    prefix = {"poa": "poa", "evidence": "link"}.get(one.place, "code")
    return Fix(f"#{prefix}-{ref}" if ref else "#codes", words)


def _line(one: Finding, lines: Lines) -> str:
    refs = {row.ref for row in lines.every}
    return one.at if one.at in refs else next((row.ref for row in lines.every if row.code in one.codes), "")
