"""One made-up chart, sent as FHIR, HL7 v2 and C-CDA, ends as the same chart; in any order, and however often."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete

from query_mgr.charts.actions import import_file
from query_mgr.platform.db import db
from tests.charts.dump import dump
from tests.charts.rendered.as_ccda import as_ccda
from tests.charts.rendered.as_fhir import as_fhir
from tests.charts.rendered.as_hl7 import as_hl7
from tests.charts.rendered.made import MadeChart, charts

RENDERED: dict[str, Callable[[MadeChart], tuple[bytes, ...]]] = {
    "FHIR": lambda chart: (as_fhir(chart),),
    "HL7 v2": as_hl7,
    "C-CDA": as_ccda,
}
#: how a system names its rows, and where its sections begin, is its own; what they say is the same
_OWN = ("source_key", "content_hash", "patient_id", "encounter_id", "author_id", "attending_id", "document_id",
        "sections", "related_key", "facility", "service_line", "reason", "specialty", "told_at")  # fmt: skip
_fuzz = settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))


def chart_of(*files: bytes) -> dict[str, Any]:
    """Return the chart that the files make, in a database emptied before."""
    db.session.rollback()
    with db.engine.begin() as connection:
        for table in reversed(db.metadata.sorted_tables):
            connection.execute(delete(table))
    take(*files)
    return dump(*_OWN)


def take(*files: bytes) -> None:
    """Take the files in, one after the other."""
    for content in files:
        report = import_file(content, "made", by="tester")
        assert report.status in ("imported", "unchanged"), (report.errors, report.warnings, report.held)


@given(charts(is_over=True))
@_fuzz
def test_the_same_chart_by_three_interfaces(app: Flask, made: MadeChart) -> None:
    found = {kind: chart_of(*render(made)) for kind, render in RENDERED.items()}
    assert found["HL7 v2"] == found["FHIR"]
    assert found["C-CDA"] == found["FHIR"]


@given(charts(is_over=False))
@_fuzz
def test_a_stay_that_goes_on_is_the_same_but_a_document_says_not_that_it_does(app: Flask, made: MadeChart) -> None:
    found = {kind: chart_of(*render(made)) for kind, render in RENDERED.items()}
    assert found["HL7 v2"] == found["FHIR"]
    differing = {table for table, rows in found["C-CDA"].items() if rows != found["FHIR"][table]}
    assert differing == {"encounter"}
    assert dict(found["C-CDA"]["encounter"][0]) == dict(found["FHIR"]["encounter"][0]) | {"status": "unknown"}


@given(charts(), st.randoms(use_true_random=False))
@_fuzz
@pytest.mark.parametrize("kind", RENDERED)
def test_in_any_order_and_twice_it_is_the_same_chart(app: Flask, kind: str, made: MadeChart, draw: Any) -> None:
    files = list(RENDERED[kind](made))
    whole = chart_of(*files)
    shuffled = [*files, *files]
    draw.shuffle(shuffled)
    assert chart_of(*shuffled) == whole


@given(charts())
@_fuzz
def test_one_patient_whichever_interface_speaks_of_them(app: Flask, made: MadeChart) -> None:
    chart_of(as_fhir(made))
    take(*as_hl7(made), *as_ccda(made))
    assert len(dump()["patient"]) == 1
