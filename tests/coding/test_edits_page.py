"""docs/edits.md says what runs."""

from __future__ import annotations

import json

from flask import Flask

from config.settings import ROOT
from query_mgr.coding.actions import assign
from query_mgr.coding.scrub.catalogue import BY_ID, EDITS
from query_mgr.coding.scrub.handbook import handbook
from tests.coding import builders
from tests.coding.builders import CODER


def test_the_page_of_edits_is_what_the_registry_says() -> None:
    written = (ROOT / "docs" / "edits.md").read_text(encoding="utf-8")
    assert written == handbook(), "run: flask --app app coding edits > docs/edits.md"


def test_no_two_edits_share_an_id() -> None:
    assert len(BY_ID) == len(EDITS)


def test_one_encounter_is_scrubbed_on_the_command_line(app: Flask) -> None:
    builders.an_edition()
    encounter = builders.an_encounter()
    ref = encounter.ref
    assign(CODER, encounter, "N17.9", reason="documented")
    ran = app.test_cli_runner().invoke(args=["coding", "scrub", "--encounter", "CSN-1", "--json"])
    line = json.loads(ran.output)
    assert line["encounter"] == ref
    assert {"edit", "severity", "code", "message", "source"} == set(line["findings"][0])
    assert ("no-documentation", "N17.9") in {(one["edit"], one["code"]) for one in line["findings"]}


def test_all_encounters_with_codes_are_scrubbed_and_the_others_left_out(app: Flask) -> None:
    builders.an_edition()
    encounter = builders.an_encounter()
    runner = app.test_cli_runner()
    assert runner.invoke(args=["coding", "scrub", "--all", "--json"]).output == ""
    assign(CODER, encounter, "N17.9", reason="documented")
    assert len(runner.invoke(args=["coding", "scrub", "--all", "--json"]).output.splitlines()) == 1


def test_a_number_that_nobody_has_is_named(app: Flask) -> None:
    ran = app.test_cli_runner().invoke(args=["coding", "scrub", "--encounter", "nobody"])
    assert ran.exit_code == 1
    assert "nobody" in ran.output
