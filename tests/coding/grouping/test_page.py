"""What coders and CDI see of a grouping."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import jinja2

from query_mgr.coding.grouping.drg import Stay, group
from query_mgr.coding.grouping.hcc import flags

PAGES = jinja2.Environment(
    loader=jinja2.FileSystemLoader(Path(__file__).parents[3] / "templates"),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
)


def shown(*codes: str, on: date = date(2026, 5, 4), **more: str) -> str:
    pairs = (code.partition("/") for code in codes)
    stay = Stay(tuple((code, poa or "Y") for code, _, poa in pairs), on, **{"sex": "F", **more})
    hccs = flags([code for code, _ in stay.diagnoses], on, age=70, sex=stay.sex)
    html = PAGES.get_template("coding/grouping.html").render(grouping=group(stay), hccs=hccs)
    assert "style=" not in html and "<script" not in html
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", html))


def test_the_drg_its_version_and_what_carries_it_are_said_in_words() -> None:
    text = shown("J18.9", "J96.01", "E11.65", "I10")
    assert "DRG 193 Simple Pneumonia and Pleurisy with MCC" in text
    assert "MDC 04 · medical · MS-DRG version 43.1, from 2026-04-01" in text
    assert "J96.01 only MCC without it DRG 195" in text
    assert "HCC 38 Diabetes" in text and "payment year 2027" in text


def test_a_code_that_does_not_count_says_why() -> None:
    assert "L89.153 MCC does not count: hospital-acquired condition 04" in shown("J18.9", "L89.153/N")


def test_a_version_that_is_not_in_force_is_marked_and_explained() -> None:
    text = shown("J18.9", on=date(2026, 11, 12))
    assert "not the version in force" in text and "Discharged after the newest MS-DRG version here" in text


def test_a_stay_without_codes_or_carriers_is_said_to_be_so() -> None:
    assert "Not grouped. No principal diagnosis yet" in shown()
    assert "No single code beside the principal diagnosis carries this DRG" in shown("J18.9", "I10")


def test_what_a_code_holds_is_text_and_not_markup() -> None:
    stay = Stay((("<b>J18.9", "Y"),), date(2026, 5, 4), sex="F")
    html = PAGES.get_template("coding/grouping.html").render(grouping=group(stay), hccs=None)
    assert "<b>" not in html and "&lt;B&gt;" in html.replace("&lt;b&gt;", "&lt;B&gt;")
