"""The page of a code: its path and notes, the seventh character, the side; and the codes of one's own."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from query_mgr.codes.divisions import above, division
from query_mgr.codes.laterality import alike, sides
from query_mgr.codes.loader import CodeRow, load_file, load_rows
from query_mgr.codes.pages import code_page
from query_mgr.codes.search import Hit, search
from query_mgr.codes.seventh import Choice, built, choices, stem_of
from query_mgr.codes.uses import marks_of, note_use, raised, set_favourite
from tests.accounts.builders import a_user, signed_in
from tests.codes.builders import ROWS
from tests.conftest import Clock

FIRST, LATER = "Bitten by dog, initial encounter", "Bitten by dog, subsequent encounter"
INJURIES = (
    CodeRow("S93", "Dislocation and sprain of joints at ankle", False, None, {"excludes2": ["strain of ankle (S96.-)"]}),
    CodeRow("S93.4", "Sprain of ankle", False, "S93", {}),
    CodeRow("S93.401", "Sprain of unspecified ligament of right ankle", False, "S93.4", {}),
    CodeRow("S93.402", "Sprain of unspecified ligament of left ankle", False, "S93.4", {}),
    CodeRow("S93.409", "Sprain of unspecified ligament of unspecified ankle", False, "S93.4", {}),
    *(
        CodeRow(f"S93.40{n}{sign}", f"Sprain of unspecified ligament of {side} ankle, {words}", True, f"S93.40{n}", {})
        for n, side in ((1, "right"), (2, "left"), (9, "unspecified"))
        for sign, words in (("A", "initial encounter"), ("D", "subsequent encounter"), ("S", "sequela"))
    ),
    CodeRow("W54", "Contact with dog", False, None, {}),
    CodeRow("W54.0", "Bitten by dog", False, "W54", {}),
    CodeRow("W54.0XXA", FIRST, True, "W54.0", {}),
    CodeRow("W54.0XXD", LATER, True, "W54.0", {}),
)  # fmt: skip
TABULAR = b"""<?xml version="1.0"?>
<ICD10CM.tabular><version>2026</version>
<chapter><name>1</name><desc>Made-up diseases (A00-Z99)</desc><includes><note>made-up things</note></includes>
<section id="A00-B99"><desc>Made-up fevers (A00-B99)</desc><codeFirst><note>what made it up</note></codeFirst>
%s</section></chapter></ICD10CM.tabular>
"""


def coder(app: Flask) -> tuple[FlaskClient, int]:
    app.config["WTF_CSRF_ENABLED"] = False
    user = a_user("coder")
    return signed_in(app.test_client(), user), user.id


def test_a_seventh_character_is_chosen_by_its_meaning_and_x_fills_the_places_before_it() -> None:
    below = [("W54.0XXA", FIRST, True), ("W54.0XXD", LATER, True), ("W54.01", "Made-up", False)]
    assert choices("W54.0", "Bitten by dog", below) == [
        Choice("A", "Initial encounter", "W54.0XXA", True), Choice("D", "Subsequent encounter", "W54.0XXD", True),
    ]  # fmt: skip
    assert choices("W54", "Contact with dog", [("W54.0", "Bitten by dog", False)]) == []
    assert stem_of("W54.0") == "W54.0XX"
    assert stem_of("W19") == "W19.XXX"
    found = built("W54.0XXA", "W54.0")
    assert found is not None
    assert (found.stem, found.placeholders, found.sign) == ("W54.0", "XX", "A")


@pytest.mark.parametrize(
    ("code", "titles", "found"),
    [
        (
            "M17.11",
            {"M17.11": "Unilateral primary osteoarthritis, right knee", "M17.12": "Unilateral primary osteoarthritis, left knee",
             "M17.10": "Unilateral primary osteoarthritis, unspecified knee"},
            {"right": "M17.11", "left": "M17.12", "unspecified": "M17.10"},
        ),
        (
            "H53.003",
            {"H53.001": "Unspecified amblyopia, right eye", "H53.002": "Unspecified amblyopia, left eye",
             "H53.003": "Unspecified amblyopia, bilateral", "H53.009": "Unspecified amblyopia, unspecified eye",
             "H53.011": "Deprivation amblyopia, right eye"},
            {"right": "H53.001", "left": "H53.002", "bilateral": "H53.003", "unspecified": "H53.009"},
        ),
        (
            "H00.011",  # lids: the other lid of the same eye is no other side
            {"H00.011": "Hordeolum externum right upper eyelid", "H00.012": "Hordeolum externum right lower eyelid",
             "H00.014": "Hordeolum externum left upper eyelid", "H00.015": "Hordeolum externum left lower eyelid"},
            {"right": "H00.011", "left": "H00.014"},
        ),
        ("I21.02", {"I21.02": "STEMI involving left anterior descending coronary artery", "I21.01": "STEMI involving left main coronary artery"}, {}),
        ("E11.65", {"E11.65": "Type 2 diabetes mellitus with hyperglycemia", "E11.69": "Type 2 diabetes mellitus with other specified complication"}, {}),
    ],
)  # fmt: skip
def test_a_code_knows_the_codes_of_its_other_sides(
    code: str, titles: dict[str, str], found: dict[str, str]
) -> None:
    assert sides(code, titles) == found
    assert set(found.values()) - {code} <= set(alike(code))


def test_the_page_of_a_category_leads_to_a_billable_code_by_meaning(app: Flask) -> None:
    load_rows(INJURIES, "test")
    client, _ = coder(app)
    page = client.get("/codes/W54.0").text
    assert "Initial encounter" in page
    assert 'href="/codes/W54.0XXA"' in page
    assert "W54.0XXA is W54.0, then XX to keep the place, then A." in client.get("/codes/W54.0XXA").text
    ankle = client.get("/codes/S93.402A").text
    assert 'href="/codes/S93.401A"' in ankle
    assert 'href="/codes/S93.409A"' in ankle
    assert 'href="/codes/S93.402S"' in ankle
    assert "I.B.13" in ankle
    assert "strain of ankle (S96.-)" in ankle
    assert "S93.4 Sprain of ankle" in ankle


def test_a_row_of_a_search_shows_sides_and_that_a_seventh_character_is_needed(app: Flask) -> None:
    load_rows(INJURIES, "test")
    client, _ = coder(app)
    found = client.get("/codes", query_string={"q": "S93.40"}).text
    assert "needs 7th character" in found
    assert 'href="/codes/S93.402"' in found
    assert "needs 7th character" not in client.get("/codes", query_string={"q": "W54.0XXA"}).text


def test_chapter_and_block_stand_above_a_category_with_their_notes() -> None:
    chapter = division(
        "chapter", "9", "Diseases of the circulatory system (I00-I99)", {"excludes2": ["x"], "includes": []}
    )
    block = division("block", "I10-I1A", "Hypertensive diseases (I10-I1A)", {})
    assert division("chapter", "9", "without a range", {}) is None
    assert chapter is not None
    assert block is not None
    both = [block._asdict(), chapter._asdict()]
    assert [(one.kind, one.title) for one in above("I10", both)] == [
        ("chapter", "Diseases of the circulatory system"), ("block", "Hypertensive diseases"),
    ]  # fmt: skip
    assert chapter.notes == {"excludes2": ["x"]}
    assert above("I1A.0", both)[1] == block
    assert above("J18", both) == []


def test_chapters_and_blocks_are_read_from_the_xml_tabular_and_shown(app: Flask, tmp_path: Path) -> None:
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    diags = "".join(f"<diag><name>{one}10</name><desc>Made-up {one}</desc></diag>" for one in letters)
    path = tmp_path / "icd10cm_tabular_2026.xml"
    path.write_bytes(TABULAR % diags.encode())
    load_file("icd10cm", path)
    page = code_page("icd10cm", "A10", date(2026, 1, 1))
    assert page is not None
    assert [(one.kind, one.name, one.title) for one in page.divisions] == [
        ("chapter", "1", "Made-up diseases"), ("block", "A00-B99", "Made-up fevers"),
    ]  # fmt: skip
    assert [(note.heading, note.level, note.lines) for note in page.division_notes] == [
        ("Code first", "block A00-B99", ["what made it up"]), ("Includes", "chapter 1", ["made-up things"]),
    ]  # fmt: skip


def test_an_empty_box_offers_favourites_first_and_then_the_codes_assigned_last(app: Flask, time: Clock) -> None:
    load_rows(ROWS, "test")
    client, user = coder(app)
    for code in ("N17.9", "I50.9", "N17.9"):
        note_use(user, "icd10cm", code)
        time.advance(minutes=1)
    sent = client.post("/codes/favourite", data={"system": "icd10cm", "code": "i10", "wanted": "yes"})
    assert sent.headers["Location"].endswith("/codes/I10")
    empty = client.get("/codes/search", query_string={"q": ""}).json
    assert [(one["code"], one["mark"]) for one in empty["results"]] == [
        ("I10", "favourite"), ("N17.9", "recent"), ("I50.9", "recent"),
    ]  # fmt: skip
    assert "Your codes" in client.get("/codes").text
    assert client.get("/codes/search", query_string={"q": "", "system": "hcpcs"}).json["results"] == []
    assert 'aria-pressed="true"' in client.get("/codes/I10").text
    answer = client.post(
        "/codes/favourite",
        data={"system": "icd10cm", "code": "I10", "wanted": "no"},
        headers={"Accept": "application/json"},
    )
    assert answer.json == {"favourite": False}
    assert ("icd10cm", "I10") not in marks_of(user)


def test_what_is_no_code_becomes_no_favourite(app: Flask) -> None:
    load_rows(ROWS, "test")
    client, user = coder(app)
    for system, code, status in (("icd10cm", "Z99.9", 404), ("icd10cm", "<b>", 400), ("icd9", "250", 400)):
        answer = client.post("/codes/favourite", data={"system": system, "code": code, "wanted": "yes"})
        assert answer.status_code == status
        assert "<b>" not in answer.text
    assert marks_of(user) == {}


def test_favourites_belong_to_one_person(app: Flask) -> None:
    ann, ben = a_user("coder"), a_user("cdi", email="ben@example.org")
    assert set_favourite(ann.id, "icd10cm", "I10", wanted=True)
    assert marks_of(ben.id) == {}
    with pytest.raises(KeyError):
        set_favourite(ann.id, "icd9", "250", wanted=True)
    with pytest.raises(KeyError):
        note_use(ann.id, "icd9", "250")


def test_codes_of_ones_own_go_up_slightly_and_never_over_the_best_by_far() -> None:
    hits = [Hit(f"A{n}", "Made-up", True) for n in range(10)]
    up = raised(hits, {("icd10cm", "A6"): "favourite", ("icd10cm", "A3"): "recent"})
    assert [hit.code for hit in up] == ["A0", "A1", "A3", "A2", "A6", "A4", "A5", "A7", "A8", "A9"]


def test_the_term_that_was_found_is_named_where_the_title_says_it_otherwise(app: Flask) -> None:
    ivory = CodeRow("Q78.2", "Osteopetrosis", True, None, {"inclusion_terms": ["Albers-Schonberg syndrome"]})
    load_rows([ivory], "test")
    assert search("albers schonberg")[0].found_as == "Albers-Schonberg syndrome"
    assert search("osteopetrosis")[0].found_as == ""
