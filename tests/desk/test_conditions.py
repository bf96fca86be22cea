"""The condition library in the browser."""

from __future__ import annotations

from datetime import date

import pytest
from flask import Flask
from flask.testing import FlaskClient

from query_mgr.clinical.library import load
from query_mgr.desk.condition_routes import GROUPS
from tests.accounts.builders import a_user, signed_in
from tests.coding.builders import an_edition


@pytest.fixture
def coder(app: Flask) -> FlaskClient:
    return signed_in(app.test_client(), a_user("coder"))


def test_the_list_is_picked_from_by_abbreviation_code_and_group(coder: FlaskClient) -> None:
    assert f"{len(load())} of {len(load())} conditions" in coder.get("/conditions").text
    by_short_name = coder.get("/conditions?q=aki").text
    assert "Acute kidney injury" in by_short_name and ">Heart failure<" not in by_short_name
    assert ">Heart failure<" in coder.get("/conditions?q=i50.2").text
    respiratory = coder.get("/conditions?group=respiratory").text
    assert "/conditions/copd" in respiratory and ">Heart failure<" not in respiratory
    assert "No condition fits" in coder.get("/conditions?q=zzz").text


def test_a_page_says_what_points_to_a_condition_and_by_whose_criteria(coder: FlaskClient) -> None:
    page = coder.get("/conditions/heart_failure").text
    for words in ("LVEF 40% or less", "HFrEF", "2022 AHA/ACC/HFSA heart failure guideline, section 2.2",
                  "What a chart is held to", "acuity: acute, chronic, acute on chronic", "/templates/heart_failure",
                  "/conditions/pneumonia"):  # fmt: skip
        assert words in page


def test_codes_stand_with_their_titles_where_an_edition_is_loaded(coder: FlaskClient) -> None:
    assert "not in the edition in force" in coder.get("/conditions/acute_kidney_injury").text
    an_edition(date(2020, 1, 1), None)
    page = coder.get("/conditions/acute_kidney_injury").text
    assert '<a href="/codes/N17.9">N17.9</a> Acute kidney failure, unspecified' in page


def test_every_condition_has_a_page(coder: FlaskClient) -> None:
    assert {key for key in load() if coder.get(f"/conditions/{key}").status_code != 200} == set()
    assert coder.get("/conditions/nonsense").status_code == 404


def test_every_group_has_a_name() -> None:
    assert {one.group for one in load().values()} == set(GROUPS)


def test_only_those_who_see_templates_see_conditions(app: Flask) -> None:
    assert app.test_client().get("/conditions").status_code == 302
