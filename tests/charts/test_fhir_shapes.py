"""Whatever JSON comes over the network is read or refused, and never crashes what reads it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from query_mgr.charts.fhir_api.entries import open_submission, written
from query_mgr.charts.fhir_api.outcome import Issue, entry_status_of, operation_outcome, read_line
from query_mgr.charts.fhir_pull.stage import Stage, bundle_of, read_object
from query_mgr.charts.problems import Rejection

NAMES = (
    "resourceType", "id", "type", "entry", "resource", "request", "method", "url", "ifMatch", "fullUrl", "reference",
    "subject", "identifier", "system", "value", "meta", "lastUpdated", "contentType",
)  # fmt: skip
WORDS = ("Bundle", "batch", "transaction", "Patient", "Patient/p1", "PUT", "GET", 'W/"1"', "urn:uuid:1", "p1", "")
JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from(WORDS) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=4),
    max_leaves=12,
)


@given(st.sampled_from(["transaction", "batch"]), st.lists(JSON, max_size=4))
def test_any_shape_of_entry_is_read_or_named_as_a_fault(kind: str, entries: list[Any]) -> None:
    found = open_submission({"resourceType": "Bundle", "type": kind, "entry": entries})
    assert len(json.loads(found.content())["entry"]) == len(entries)
    assert found.if_match().keys() <= set(range(len(entries)))
    assert set(found.index_of().values()) <= set(range(len(entries)))
    for index, faults in found.faults.items():
        assert 0 <= index < len(entries)
        outcome = operation_outcome([*map(Issue, faults)])
        assert all(each["diagnostics"] for each in outcome["issue"])
        assert entry_status_of(faults[0]) in {404, 405, 409, 412, 422}


@given(JSON)
def test_any_json_is_a_submission_or_refused(value: Any) -> None:
    try:
        open_submission(value)
    except Rejection as refused:
        assert str(refused)


@given(st.text(max_size=60))
def test_any_line_of_a_report_becomes_an_issue(line: str) -> None:
    issue = operation_outcome([Issue(read_line(line))])["issue"][0]
    assert issue["severity"] == "error"
    assert issue["code"]


def test_a_number_is_passed_on_as_it_was_written() -> None:
    text = '{"a": 2.400, "b": [1e5, -0.0, 7], "c": "2.40", "d": 123456789012345678.0}'
    assert json.loads(text) == json.loads(written(read_object(text)))
    for number in ("2.400", "1e5", "-0.0", '"2.40"', "123456789012345678.0"):
        assert number in written(read_object(text)).decode()


@given(st.lists(JSON, min_size=1, max_size=4))
def test_any_resource_is_staged_or_left_out(resources: list[Any]) -> None:
    stage = Stage(Path(":memory:"), "https://fhir.example.org")
    with stage:
        kept = [each for each in resources if isinstance(each, dict) and stage.add(each)]
    assert stage.count() <= len(kept)
    for patient in stage.patients():
        json.loads(bundle_of(stage.chart(patient)))
    stage.wanted()
    stage.close()


def test_the_newest_version_of_a_resource_is_staged_in_whatever_order_they_come() -> None:
    new = {
        "resourceType": "Patient",
        "id": "p1",
        "meta": {"lastUpdated": "2026-02-01T00:00:00Z"},
        "gender": "male",
    }
    old = new | {"meta": {"lastUpdated": "2026-01-01T00:00:00Z"}, "gender": "female"}
    for order in ((old, new), (new, old)):
        stage = Stage(Path(":memory:"), "https://fhir.example.org")
        with stage:
            for each in order:
                stage.add(each)
        (text,) = stage.chart("p1")
        assert json.loads(text)["gender"] == "male"
        stage.close()


def test_references_count_where_they_lead_into_this_server() -> None:
    stage = Stage(Path(":memory:"), "https://fhir.example.org/r4")
    with stage:
        for number, reference in enumerate(
            (
                "Patient/a",
                "https://fhir.example.org/r4/Patient/b",
                "https://else.example/r4/Patient/c",
                "urn:uuid:d",
            )
        ):
            stage.add({"resourceType": "Observation", "id": str(number), "subject": {"reference": reference}})
    assert stage.wanted() == [("Patient", "a"), ("Patient", "b")]
    assert stage.patients() == ["a", "b"]
    assert stage.stray() == 2
    stage.close()
