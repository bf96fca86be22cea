"""The search box: what it answers as JSON, and what it says about a text that is no code."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from query_mgr.accounts.models import User
from query_mgr.codes.loader import CodeRow, load_rows
from query_mgr.platform.db import db
from tests.accounts.builders import a_user, signed_in
from tests.codes.builders import ROWS


def coder(app: Flask) -> FlaskClient:
    known = db.session.scalar(select(User))
    return signed_in(app.test_client(), known or a_user("coder"))


def answer(app: Flask, typed: str, **more: Any) -> Any:
    return coder(app).get("/codes/search", query_string={"q": typed, **more}).json


def some_of_several_systems() -> None:
    load_rows([*ROWS, CodeRow("T45.0X1A", "Made-up poisoning", True, None, {})], "test")
    load_rows([CodeRow("0DTJ4ZZ", "Resection of Appendix", True, None, {})], "t", system="icd10pcs")
    load_rows([CodeRow("J1940", "Made-up drug for heart failure", True, None, {})], "t", system="hcpcs")


def test_the_box_answers_with_system_code_title_and_billable(app: Flask) -> None:
    some_of_several_systems()
    found = answer(app, "i50.21")
    assert found["term"] == "i50.21"
    assert found["hint"] == ""
    assert found["results"][0] == {
        "system": "icd10cm", "code": "I50.21", "title": "Acute systolic (congestive) heart failure",
        "billable": True, "system_name": "ICD-10-CM", "found_as": "", "mark": "", "url": "/codes/I50.21",
    }  # fmt: skip


def test_the_box_searches_all_systems_or_those_that_are_named(app: Flask) -> None:
    some_of_several_systems()
    systems = {hit["system"] for hit in answer(app, "heart failure")["results"]}
    assert systems == {"icd10cm", "hcpcs"}
    both = answer(app, "heart failure", system=["hcpcs", "icd10pcs"])["results"]
    assert {hit["system"] for hit in both} == {"hcpcs"}
    assert answer(app, "heart failure", limit=0)["results"] == []


@pytest.mark.parametrize(
    ("typed", "systems", "words"),
    [
        ("E11,9", [], "a comma. Did you mean E11.9?"),  # item 65
        ("Е11.9", [], "cyrillic"),
        ("E11", [], "a category and cannot be reported"),  # item 66
        ("T45.01A", [], "the seventh character keeps its place"),
        ("O35.1XX9", [], "is not in the ICD-10-CM edition"),
        ("250.00", [], "ICD-9-CM"),  # item 67
        ("0DTJ4ZZ", ["icd10cm"], "looks like an ICD-10-PCS procedure"),
        ("110", [], "Did you mean I10?"),
        ("I5O.9", [], "Did you mean I50.9?"),
        ("E11.9", ["icd10pcs"], "looks like icd10cm"),
        ("J194O", ["hcpcs"], "Did you mean J1940?"),
    ],
)
def test_items_65_to_67_are_answered_with_a_hint(app: Flask, typed: str, systems: list[str], words: str) -> None:
    some_of_several_systems()
    assert words in answer(app, typed, system=systems)["hint"]


@pytest.mark.parametrize(
    "typed", ["e11.9 ", "Ｅ１１．９", "E119", "0DTJ4ZZ", "J1940", "heart failure", "dm2", "", "type 2"]
)
def test_what_is_right_gets_no_hint(app: Flask, typed: str) -> None:
    some_of_several_systems()
    assert answer(app, typed)["hint"] == ""
