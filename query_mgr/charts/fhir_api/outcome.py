"""What is wrong, as an OperationOutcome with the HTTP status that belongs to it. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from query_mgr.charts.problems import Problem

#: where our codes come from; they stand beside FHIR's own issue types, which are coarser
CODE_SYSTEM = "urn:query-mgr:problem"
_SHOWN = 50  # issues in one answer

#: our code -> (HTTP status of the request or entry, FHIR R4 issue type)
KINDS: dict[str, tuple[int, str]] = {
    "structure": (400, "structure"),
    "encoding": (400, "structure"),
    "gzip": (400, "structure"),
    "depth": (400, "structure"),
    "number": (400, "value"),
    "too-large": (413, "too-long"),
    "media-type": (415, "not-supported"),
    "version": (400, "not-supported"),
    "duplicate": (400, "duplicate"),
    "id": (400, "value"),
    "date": (400, "value"),
    "value": (400, "value"),
    "required": (400, "required"),
    "attachment": (400, "value"),
    "modifier": (400, "extension"),
    "reference": (400, "not-found"),
    "unknown-patient": (404, "not-found"),
    "not-found": (404, "not-found"),
    "conflict": (409, "conflict"),
    "if-match": (412, "conflict"),
    "not-supported": (400, "not-supported"),
    "method": (405, "not-supported"),
    "login": (401, "login"),
    "forbidden": (403, "forbidden"),
    "unavailable": (503, "transient"),
    "fault": (500, "exception"),
}
_OTHER = (400, "processing")
#: what keeps its own status where one entry of a batch fails; everything else there is 422
_OWN_STATUS = {404, 405, 409, 412}
_PLACED = re.compile(r"(entry\[\d+\]|byte \d+|Bundle\b)")
_ENTRY = re.compile(r"entry\[(\d+)\]")
_PATH = re.compile(r"entry\[\d+\] [A-Za-z]+\.(\S+)")


@dataclass(frozen=True)
class Issue:
    """A problem and how grave it is; severity: fatal | error | warning | information."""

    problem: Problem
    severity: str = "error"

    @property
    def indexes(self) -> list[int]:
        """The entries it is about."""
        return entries_of(self.problem.where)


class FhirError(Exception):
    """The whole request is refused, for these reasons."""

    def __init__(self, *problems: Problem, headers: dict[str, str] | None = None) -> None:
        self.problems, self.headers = problems, headers or {}
        super().__init__("; ".join(each.code for each in problems))

    @property
    def status(self) -> int:
        """The HTTP status of the first problem."""
        return status_of(self.problems[0])


def status_of(problem: Problem) -> int:
    """Return the HTTP status that a problem gives to the whole request."""
    return KINDS.get(problem.code, _OTHER)[0]


def entry_status_of(problem: Problem) -> int:
    """Return the HTTP status that a problem gives to its entry while others pass."""
    status = status_of(problem)
    return status if status in _OWN_STATUS else 422


def entries_of(where: str) -> list[int]:
    """Return the numbers of the entries that a place names."""
    return [int(number) for number in _ENTRY.findall(where)]


def read_line(line: str) -> Problem:
    """Return the problem of a report's line, "code: place: text" or "code: text"."""
    code, _, rest = line.partition(": ")
    where, _, text = rest.partition(": ")
    return Problem(code, where, text) if text and _PLACED.match(where) else Problem(code, "", rest)


def operation_outcome(issues: Sequence[Issue]) -> dict[str, Any]:
    """Return the issues as an OperationOutcome; of very many, the first and how many more."""
    shown = [_issue(each) for each in issues[:_SHOWN]]
    if len(issues) > _SHOWN:
        text = f"and {len(issues) - _SHOWN} more"
        shown.append({"severity": "information", "code": "informational", "diagnostics": text})
    return {"resourceType": "OperationOutcome", "issue": shown}


def refusal(error: FhirError) -> dict[str, Any]:
    """Return the OperationOutcome of a refused request."""
    return operation_outcome([Issue(each) for each in error.problems])


def _issue(issue: Issue) -> dict[str, Any]:
    problem = issue.problem
    kind = KINDS.get(problem.code, _OTHER)[1] if issue.severity in {"error", "fatal"} else "informational"
    found: dict[str, Any] = {
        "severity": issue.severity,
        "code": kind,
        "details": {"coding": [{"system": CODE_SYSTEM, "code": problem.code}]},
        "diagnostics": f"{problem.where}: {problem.text}" if problem.where else problem.text,
    }
    places = [f"Bundle.entry[{index}]" for index in issue.indexes]
    path = _PATH.match(problem.where)
    if path and len(places) == 1:
        places = [f"{places[0]}.resource.{path[1]}"]
    elif problem.where.startswith("Bundle"):
        places = [problem.where]
    return found | ({"expression": places} if places else {})


def placed(problem: Problem, where: str) -> Problem:
    """Return the problem at a place, where it names none."""
    return problem if problem.where else replace(problem, where=where)
