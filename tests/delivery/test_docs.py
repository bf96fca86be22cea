"""The page for those who run the mail tells the truth of the tables."""

from __future__ import annotations

from query_mgr.delivery.failures import CLASSES
from tests.services import ROOT


def test_the_failure_classes_of_the_docs_are_those_of_the_code() -> None:
    text = (ROOT / "docs" / "delivery.md").read_text()
    for one in CLASSES.values():
        trips = str(one.trips_after) if one.trips_after else "-"
        assert f"| {one.title} | {one.examples} | {one.codes} | {one.action} | {one.told} | {trips} |" in text
