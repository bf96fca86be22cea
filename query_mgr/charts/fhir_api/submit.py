"""Take in a posted bundle: a transaction whole or not at all, a batch entry by entry, and nothing twice."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Any

from query_mgr.charts.actions import import_bundle
from query_mgr.charts.fhir.bundle import READERS
from query_mgr.charts.fhir.scan import read_json
from query_mgr.charts.fhir_api.entries import Submission, open_submission
from query_mgr.charts.fhir_api.models import InterfaceClient
from query_mgr.charts.fhir_api.outcome import (
    FhirError,
    Issue,
    entries_of,
    entry_status_of,
    operation_outcome,
    placed,
    read_line,
)
from query_mgr.charts.fhir_api.screening import Screening, find_submission
from query_mgr.charts.fhir_api.versions import versions
from query_mgr.charts.intake import Arrival
from query_mgr.charts.problems import Problem, Rejection, Warnings
from query_mgr.charts.report import Report
from query_mgr.platform.db import unit_of_work
from query_mgr.platform.ids import new_ref

_MOST_TRIES = 20  # entries of one batch that only the import itself finds fault with


@dataclass(frozen=True)
class Answer:
    """The response bundle; is_repeated: all of it was here already, and the answer is the first one's."""

    bundle: dict[str, Any]
    is_repeated: bool


def submit(content: bytes, client: InterfaceClient) -> Answer:
    """Take in the bytes of a transaction or batch. Raises FhirError; then nothing of it was kept, but why."""
    by, digest = f"fhir {client.name}", hashlib.sha256(content).hexdigest()
    arrival = Arrival(f"POST /fhir {client.name}", f"{digest[:16]}.json", by, content, "FHIR")
    try:
        screening = Screening(_opened(content), client.id, digest, arrival)
        return _answer(screening, _imported(content, screening))
    except RecursionError:
        problems: tuple[Problem, ...] = (Problem("depth", "", "JSON is nested too deeply to be a FHIR bundle"),)
    except (Rejection, FhirError) as refused:
        problems = refused.problems
    arrival.refused = ()
    with unit_of_work():
        arrival.note(Report(arrival.name, "rejected", errors=tuple(map(str, problems))))
    raise FhirError(*problems)


def _opened(content: bytes) -> Submission:
    if content[:2] == b"\x1f\x8b":
        text = "the body is gzip; say so with Content-Encoding: gzip"
        raise FhirError(Problem("encoding", "byte 0", text))
    submission = open_submission(read_json(content, Warnings()))
    if submission.faults and not submission.is_batch:
        raise FhirError(*(each for faults in submission.faults.values() for each in faults))
    return submission


def _imported(content: bytes, screening: Screening) -> Report:
    """Import the bundle; of a batch, without the entries that fail. Raises FhirError."""
    submission, arrival = screening.submission, screening.arrival
    for _ in range(_MOST_TRIES):
        body = submission.content() if submission.faults else content
        report = import_bundle(body, arrival.name, by=arrival.by, screen=screening, arrival=arrival)
        if report.status in {"imported", "unchanged"} or (submission.is_batch and report.held):
            return report
        problems = [_located(read_line(line), submission) for line in report.errors or report.warnings]
        problems = problems or [_held(line) for line in report.held]
        culprits = {index: each for each in problems for index in entries_of(each.where)[-1:]}
        if not submission.is_batch or not culprits.keys() - submission.faults.keys():
            break
        for index, problem in culprits.items():
            submission.fail(index, problem)
    raise FhirError(*problems)


def _located(problem: Problem, submission: Submission) -> Problem:
    """Return the problem at the entry whose row it names; a row without its patient is a thing of its own."""
    key = problem.text.partition(" ")[0].rstrip(":").partition("#")[0]
    index = submission.index_of().get(key)
    if index is None or problem.where:
        return problem
    code = "unknown-patient" if problem.code == "reference" else problem.code
    return replace(placed(problem, submission.where(index)), code=code)


def _answer(screening: Screening, report: Report) -> Answer:
    submission = screening.submission
    issues, general = _issues(report)
    for index, found in issues.items():
        for each in found:
            if each.severity == "error" and index not in submission.faults:
                submission.fail(index, each.problem)
    if any(not each.problem.where and each.problem.code == "held" for each in general):
        _fail_the_rest(screening)
    ref, marks, is_repeated = _remembered(screening, report)
    now = versions(screening.keys.values(), screening.patients)
    entries = []
    for index in range(len(submission.entries)):
        notes = [each for each in issues.get(index, ()) if each.severity != "error"]
        if index == 0:
            notes += general
        version = now.get(screening.keys.get(index, ""))
        is_kept = index in screening.keys
        entries.append({"response": _response(submission, index, notes, marks[index] == "1", is_kept, version)})
    bundle = {"resourceType": "Bundle", "id": ref, "type": f"{submission.type}-response"}
    return Answer(bundle | ({"entry": entries} if entries else {}), is_repeated)


def _fail_the_rest(screening: Screening) -> None:
    """Of very many entries that fail only the first are named one by one; the others must not look as if kept."""
    submission = screening.submission
    for index in range(len(submission.entries)):
        if submission.kind(index) in READERS and index not in screening.keys and index not in submission.faults:
            text = "fails like many others of this bundle; mend those that are named and send it again"
            submission.fail(index, Problem("held", submission.where(index), text))


def _response(
    submission: Submission, index: int, notes: list[Issue], is_new: bool, is_kept: bool, version: str | None
) -> dict[str, Any]:
    faults = submission.faults.get(index)
    if faults:
        status = entry_status_of(faults[0])
        outcome = operation_outcome([*map(Issue, faults), *notes])
        return {"status": _status(status), "outcome": outcome}
    found: dict[str, Any] = {"status": _status(201 if is_new else 200)}
    if is_kept:
        found["location"] = f"{submission.kind(index)}/{submission.id(index)}"
    else:
        text = "nothing of its own is kept of it"
        notes = [Issue(Problem("ignored", submission.where(index), text), "information"), *notes]
    if version and is_kept:
        found["location"] += f"/_history/{version}"
        found["etag"] = f'W/"{version}"'
    return found | ({"outcome": operation_outcome(notes)} if notes else {})


def _status(code: int) -> str:
    return f"{code} {HTTPStatus(code).phrase}"


def _issues(report: Report) -> tuple[dict[int, list[Issue]], list[Issue]]:
    """Return what the report says of each entry, and of none."""
    of_entry: dict[int, list[Issue]] = {}
    general: list[Issue] = []
    for severity, lines in (("error", report.held), ("warning", report.warnings)):
        for line in lines:
            problem = _held(line) if severity == "error" else read_line(line)
            found = Issue(problem, severity)
            if found.indexes:
                of_entry.setdefault(found.indexes[-1], []).append(found)
            else:
                general.append(replace(found, severity="warning"))
    return of_entry, general


def _held(line: str) -> Problem:
    """Return the problem of a part that was left out, "place: code: text"."""
    where, _, reason = line.partition(": ")
    code, _, text = reason.partition(": ")
    if not text:
        return Problem("value", where, reason)
    # The reader names the element that points nowhere; what the store cannot place belongs to nobody here.
    is_stranger = code == "reference" and "." not in where
    return Problem("unknown-patient" if is_stranger else code, where, text)


def _remembered(screening: Screening, report: Report) -> tuple[str, str, bool]:
    """Return ref and marks of the answer, and whether the same bundle was taken before and nothing changed since."""
    if report.status == "unchanged" and screening.earlier:
        return *screening.earlier, True
    marks = screening.marks()
    with unit_of_work():
        row = find_submission(screening.client_id, screening.digest)
        assert row is not None  # written with the chart
        if screening.earlier:  # what it holds was changed in between, and is now again as it says
            row.ref, row.created = new_ref(), marks
        return row.ref, row.created, report.status == "unchanged"
