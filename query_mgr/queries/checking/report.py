"""What the compliance lint finds in an old query library, query by query and in sum."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from query_mgr.platform.sheets import as_csv
from query_mgr.queries.checking.reading import Found
from query_mgr.queries.library.check import OF_CHARTS
from query_mgr.queries.lint.draft import place_of
from query_mgr.queries.lint.editions import Edition
from query_mgr.queries.lint.exchange import answered
from query_mgr.queries.lint.rules import DEFAULT_EDITION

_HEAD = (
    "line", "id", "title", "compliant", "rule", "severity", "field", "words", "message", "citation", "fix",
)  # fmt: skip


@dataclass(frozen=True)
class Checked:
    """A query with its findings; `error` instead where it could not be read."""

    line: int
    query: dict[str, Any]
    findings: tuple[dict[str, Any], ...] = ()
    error: str = ""

    @property
    def is_compliant(self) -> bool:
        """Whether it was read and no error stands."""
        return not self.error and not any(one["severity"] == "error" for one in self.findings)


@dataclass(frozen=True)
class Report:
    """All queries of a file.

    without_chart: whether no query of it gives indicators or documentation, so that rules about evidence were left out.
    """

    queries: tuple[Checked, ...]
    without_chart: bool

    @property
    def compliant(self) -> int:
        """How many queries may be sent as they are."""
        return sum(one.is_compliant for one in self.queries)

    @property
    def unreadable(self) -> int:
        """How many queries could not be read."""
        return sum(bool(one.error) for one in self.queries)

    @property
    def by_rule(self) -> list[tuple[str, str, int]]:
        """Rules with severity and the number of queries that each is found in, the most frequent first."""
        found = Counter(
            pair for one in self.queries for pair in {(f["rule"], f["severity"]) for f in one.findings}
        )
        return [(rule, severity, count) for (rule, severity), count in found.most_common()]


def checked(found: Iterable[Found], brief: Edition = DEFAULT_EDITION) -> Report:
    """Lint the queries of a file. A library has no chart: rules about evidence wait for one where it gives none."""
    queries = tuple(found)
    without_chart = not any(one.query.get("indicators") or one.query.get("documentation") for one in queries)
    return Report(tuple(_checked(one, without_chart, brief) for one in queries), without_chart)


def _checked(one: Found, without_chart: bool, brief: Edition) -> Checked:
    if one.error:
        return Checked(one.line, {}, error=one.error)
    try:
        findings = answered(one.query, brief)["findings"]
    except ValueError as wrong:
        return Checked(one.line, {}, error=str(wrong))
    left_out = OF_CHARTS if without_chart else ()
    return Checked(one.line, one.query, tuple(each for each in findings if each["rule"] not in left_out))


def words_of(query: dict[str, Any], finding: dict[str, Any]) -> str:
    """Return the words of the query that a finding is about; "" where something is missing."""
    name, at = place_of(finding["field"])
    value = query.get(name) or ""
    if at is not None:
        entry = value[at]
        value = entry if isinstance(entry, str) else entry["text"]
    start, end = finding["span"]
    return value[start:end] if isinstance(value, str) else ""


def as_table(report: Report) -> str:
    """Return the report as CSV: a row for every finding, and one for a query without."""
    return as_csv(_HEAD, (row for one in report.queries for row in _rows(one)))


def _rows(one: Checked) -> Iterable[tuple[str, ...]]:
    if one.error:
        return [(str(one.line), "", "", "", "", "", "", "", f"Cannot be read: {one.error}", "", "")]
    lead = (str(one.line), one.query["id"], one.query["title"], "yes" if one.is_compliant else "no")
    return [
        (*lead, each["rule"], each["severity"], each["field"], words_of(one.query, each), each["message"],
         each["citation"], each["fix"])
        for each in one.findings
    ] or [(*lead, "", "", "", "", "", "", "")]  # fmt: skip


def as_lines(report: Report) -> str:
    """Return the report as JSON lines: the answer of the lint, with the line and the query as it was read."""
    return "".join(json.dumps(_line(one), ensure_ascii=False) + "\n" for one in report.queries)


def _line(one: Checked) -> dict[str, Any]:
    if one.error:
        return {"line": one.line, "error": one.error}
    return {
        "line": one.line, "id": one.query["id"], "compliant": one.is_compliant, "findings": list(one.findings),
        "query": one.query,
    }  # fmt: skip
