"""Code files: whole, in order and of the right year, or nothing of them is kept (bad inputs 63 and 64)."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date
from importlib.util import find_spec
from pathlib import Path

import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from query_mgr.codes import files
from query_mgr.codes.dating import stated
from query_mgr.codes.loader import load_file
from query_mgr.codes.lookup import find, inventory, unreportable
from query_mgr.codes.models import Code, CodeSet
from query_mgr.codes.rows import FileError
from query_mgr.codes.search import search, search_all
from query_mgr.codes.systems import SYSTEMS
from query_mgr.platform.db import db
from tests.codes.builders import some_codes
from tests.codes.files import hcpcs_line, order_lines, some_cm, written_to

NAME = "icd10cm_order_2027.txt"


def on_file() -> tuple[int, int]:
    db.session.rollback()
    count = select(func.count())
    return (
        db.session.scalar(count.select_from(CodeSet)) or 0,
        db.session.scalar(count.select_from(Code)) or 0,
    )


def test_an_order_file_holds_from_the_day_its_name_gives(app: Flask, tmp_path: Path) -> None:
    path = written_to(tmp_path / NAME, order_lines(some_cm()))
    found = load_file("icd10cm", path)
    assert (found.status, found.edition, found.effective_from) == ("loaded", "2026-10", date(2026, 10, 1))
    code = find("E10.2", date(2026, 10, 1))
    assert code is not None
    assert (code.title, code.is_billable, code.parent, code.own) == (
        "Made-up condition E 2",
        True,
        "E10",
        {"order": 23},
    )
    assert search("made-up condition e 2", date(2026, 10, 1))[0].code == "E10.2"
    assert load_file("icd10cm", path).status == "unchanged"
    assert on_file() == (1, 130)


def test_a_dry_run_keeps_nothing(app: Flask, tmp_path: Path) -> None:
    found = load_file("icd10cm", written_to(tmp_path / NAME, order_lines(some_cm())), dry_run=True)
    assert (found.status, found.codes) == ("checked", 130)
    assert on_file() == (0, 0)


def shuffled(lines: list[str]) -> list[str]:
    return [lines[1], lines[0], *lines[2:]]


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda lines: lines[:90], "no code begins with S, T"),
        (lambda lines: [*lines[:90], *lines[91:]], "line 91: order number 00092 where 00091 comes next"),
        (shuffled, "line 1: order number 00002 where 00001"),
        (lambda lines: [*lines[:5], lines[4], *lines[5:]], "line 6: order number 00005 where 00006"),
        (lambda lines: [*lines[:5], f"00006 {lines[4][6:]}", *lines[6:]], "line 6: A104 comes twice"),
        (lambda lines: [*lines[:5], "00006 A09     0 " + lines[5][16:], *lines[6:]], "line 6: A09 comes after A104"),
        (lambda lines: [*lines[:5], "", *lines[5:]], "line 6: is empty"),
        (lambda lines: [*lines[:5], lines[5][:40], *lines[6:]], "line 6: not the columns of an order file"),
        (lambda lines: ["code,title", *lines], "line 1: not the columns"),
        (lambda lines: [*lines[:5], lines[5][:30] + "\x00" + lines[5][31:], *lines[6:]], "line 6: holds the sign U"),
        (lambda lines: [], "the file is empty"),
        (lambda lines: [f"00001 0016070 1 {'Bypass':60} Bypass", *lines[1:]], "0016070 is not written like icd10cm"),
    ],
)  # fmt: skip
def test_item_63_a_spoilt_order_file_is_refused_and_the_active_set_stays(
    app: Flask, tmp_path: Path, spoil: Callable[[list[str]], list[str]], words: str
) -> None:
    some_codes()
    before = on_file()
    path = written_to(tmp_path / NAME, spoil(order_lines(some_cm())))
    with pytest.raises(FileError, match=words):
        load_file("icd10cm", path)
    assert on_file() == before
    assert search("acute systolic", date(2026, 11, 1))[0].code == "I50.21"


def test_item_63_mixed_line_ends_and_a_cut_last_line_are_refused(app: Flask, tmp_path: Path) -> None:
    whole = written_to(tmp_path / NAME, order_lines(some_cm())).read_bytes()
    path = tmp_path / NAME
    path.write_bytes(whole.replace(b"\r\n", b"\n", 40))
    with pytest.raises(FileError, match="line 41: ends otherwise than line 1"):
        load_file("icd10cm", path)
    path.write_bytes(whole[:-7])
    with pytest.raises(FileError, match="line 130: the last line has no end"):
        load_file("icd10cm", path)
    assert on_file() == (0, 0)


def test_item_63_a_file_of_another_year_is_refused_by_its_name(app: Flask, tmp_path: Path) -> None:
    path = written_to(tmp_path / "icd10cm_order_2024.txt", order_lines(some_cm()))
    with pytest.raises(FileError, match="of 2024 and cannot hold from 2026-10-01"):
        load_file("icd10cm", path, effective=date(2026, 10, 1))
    path = written_to(tmp_path / "codes.txt", order_lines(some_cm()))
    with pytest.raises(FileError, match="--effective"):
        load_file("icd10cm", path)


def test_item_63_a_file_of_another_year_without_a_name_is_known_by_the_edition_before(
    app: Flask, tmp_path: Path
) -> None:
    newer = {f"E11{n:02}": f"Added in 2025: {n}" for n in range(30)}
    load_file("icd10cm", written_to(tmp_path / "icd10cm_order_2026.txt", order_lines(some_cm(**newer))))
    before = on_file()
    path = written_to(tmp_path / "codes.txt", order_lines(some_cm(A109="Only in the old one")))
    with pytest.raises(
        FileError, match="lacks 30 codes of the edition before and brings only 1: a file of an older"
    ):
        load_file("icd10cm", path, effective=date(2026, 10, 1))
    assert on_file() == before
    assert load_file("icd10cm", path, effective=date(2026, 10, 1), accept_fewer=True).status == "loaded"
    later = written_to(
        tmp_path / "later.txt", order_lines(some_cm(**newer, **{f"F11{n:02}": "New" for n in range(40)}))
    )
    with pytest.raises(FileError, match="a file of a later year"):
        load_file("icd10cm", later, effective=date(2024, 10, 1))


def test_item_63_a_file_cut_at_the_end_of_a_line_is_known_by_the_edition_before(
    app: Flask, tmp_path: Path
) -> None:
    last = {f"Z11{n:02}": f"Made-up {n}" for n in range(30)}
    load_file("icd10cm", written_to(tmp_path / "icd10cm_order_2026.txt", order_lines(some_cm(**last))))
    cut = written_to(tmp_path / NAME, order_lines(some_cm(**last))[:-25])
    with pytest.raises(FileError, match=r"ends with Z11\.04, and 25 codes come after: it was cut off"):
        load_file("icd10cm", cut, accept_fewer=True)


@pytest.mark.parametrize(
    ("name", "system", "day"),
    [
        ("icd10cm_order_2027.txt", "icd10cm", date(2026, 10, 1)),
        ("icd10pcs_order_2026.txt", "icd10pcs", date(2025, 10, 1)),
        ("icd10c-tabular-April-1-2026.xml", "icd10cm", date(2026, 4, 1)),
        ("HCPC2026_APR_ANWEB.txt", "hcpcs", date(2026, 4, 1)),
        ("HCPC2026_OCT_ANWEB_v2.txt", "hcpcs", date(2026, 10, 1)),
        ("hcpcs_level2_2025-10.csv.gz", "hcpcs", date(2025, 10, 1)),
        ("HCPC2026_ANWEB.txt", "hcpcs", date(2026, 1, 1)),
        ("codes.txt", "icd10cm", None),
        ("revenue_2026.csv", "revenue", None),
    ],
)  # fmt: skip
def test_a_files_name_says_from_when_it_holds(name: str, system: str, day: date | None) -> None:
    assert stated(name, system) == day


def test_the_xml_tabular_of_the_package_gives_the_published_list(published: dict[str, bool]) -> None:
    spec = find_spec("simple_icd_10_cm")
    assert spec and spec.origin
    with next((Path(spec.origin).parent / "data").glob("*.xml")).open("rb") as stream:
        found = {row.code: row for row in files.read(stream, "icd10cm")}
    assert {code for code, row in found.items() if row.is_billable} == {
        code for code, is_billable in published.items() if is_billable
    }
    assert (len(found), sum(row.is_billable for row in found.values())) == (98_186, 74_719)
    assert found["T45.0X1A"].parent == "T45.0X1"
    assert found["I50"].notes["code_first"].startswith("heart failure complicating abortion")


@pytest.mark.parametrize(
    ("xml", "words"),
    [
        ("<a/>", "is not the tabular"),
        ("<ICD10CM.tabular><version>2027</version></ICD10CM.tabular>", "holds no code"),
        ("<ICD10CM.tabular><diag><name>A00</name><desc>x</desc></diag>", "broken or was cut off"),
        ("<ICD10CM.tabular><diag><name>A00</name></diag></ICD10CM.tabular>", "without name or title"),
        ("<ICD10CM.tabular>" + "<diag><name>A00</name><desc>x</desc></diag>" * 2 + "</ICD10CM.tabular>", "A00 comes twice"),
        ('<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><ICD10CM.tabular><diag><name>A00</name><desc>&b;</desc>'
         "</diag></ICD10CM.tabular>", "without name or title"),
    ],
)  # fmt: skip
def test_broken_and_hostile_xml_is_refused(xml: str, words: str) -> None:
    with pytest.raises(FileError, match=words):
        list(files.read(io.BytesIO(xml.encode()), "icd10cm"))


def test_the_hcpcs_file_joins_long_texts_and_keeps_the_dates_of_a_code(app: Flask, tmp_path: Path) -> None:
    lines = [
        hcpcs_line("A0001", "3", "Made-up service, first part and", "Made-up service", added="20240101"),
        hcpcs_line("A0001", "4", "second part", number=200),
        hcpcs_line("A0002", "3", "Made-up item that ended", "Made-up item", added="20200101", ended="20260630"),
        hcpcs_line("ZZ", "7", "Made-up modifier", "Made-up modifier"),
    ]
    path = written_to(tmp_path / "HCPC2026_APR_ANWEB.txt", lines)
    assert load_file("hcpcs", path).codes == 2
    assert load_file("modifier", path, effective=date(2026, 4, 1)).codes == 1
    kept = find("A0001", date(2026, 5, 1), "hcpcs")
    assert kept is not None
    assert (kept.title, kept.own["coverage"]) == ("Made-up service, first part and second part", "C")
    assert unreportable(["A0001", "A0002"], date(2026, 6, 30), "hcpcs") == {}
    assert "ended on 2026-06-30" in unreportable(["A0002"], date(2026, 7, 1), "hcpcs")["A0002"]
    assert [hit.is_billable for hit in search("A0002", date(2026, 7, 1), system="hcpcs")] == [False]


def test_the_hcpcs_sheet_saved_as_csv_holds_codes_and_modifiers(app: Flask, tmp_path: Path) -> None:
    lines = [
        "Made-up notice,,,,,,",
        "HCPC,SEQNUM,RECID,LONG DESCRIPTION,SHORT DESCRIPTION,ADD DT,TERM DT",
        "A0001,100,3,Made-up service and,Made-up service,20240101,",
        "A0001,200,4,the rest of it,,,",
        "A0002,100,3,Made-up item,Made-up item,20200101,20260630",
        "ZZ,100,7,Made-up modifier,Made-up modifier,20200101,",
    ]
    path = written_to(tmp_path / "HCPC2026_APR_ANWEB.csv", lines)
    assert (load_file("hcpcs", path).codes, load_file("modifier", path, effective=date(2026, 4, 1)).codes) == (
        2,
        1,
    )
    kept = find("A0001", date(2026, 5, 1), "hcpcs")
    assert kept is not None
    assert (kept.title, kept.valid_from) == ("Made-up service and the rest of it", date(2024, 1, 1))
    assert "ended on 2026-06-30" in unreportable(["A0002"], date(2026, 7, 1), "hcpcs")["A0002"]


@pytest.mark.parametrize(
    ("system", "lines", "words"),
    [
        ("pos", ["11,Office"], "line 1: a list of pos begins with a heading"),
        ("pos", ["code,code,title", "11,11,Office"], "once each"),
        ("pos", ["code,title"], "a heading and no code"),
        ("pos", ["code,title", "11,Office,x"], "line 2: 3 columns where the heading has 2"),
        ("pos", ["code,title", "11,Office", "11,Office"], "line 3: 11 comes twice"),
        ("pos", ["code,title", "1,Pharmacy"], "line 2: '1' is not written like pos; codes are kept as text"),
        ("pos", ["code,title", "11,"], "line 2: 11 has no title"),
        ("pos", ["code,title", '11,"Office'], "line 2: unexpected end of data"),
        ("pos", ["code,title,effective", "11,Office,2026"], "line 2: '2026' is no date"),
        ("pos", ["code,title,effective,terminated", "11,Office,20260101,20250101"], "before it begins"),
        ("hcpcs", ["code,title", "A0002,x", "A0001,x"], "line 3: A0001 comes after A0002"),
        ("hcpcs", ["code,title,recid", "A0002,x,4"], "line 2: record kind '4' does not go on"),
        ("icd10pcs", ["<a>"], "XML is read for icd10cm only"),
    ],
)
def test_a_list_with_a_wrong_line_is_refused(system: str, lines: list[str], words: str) -> None:
    content = "".join(line + "\n" for line in lines).encode()
    with pytest.raises(FileError, match=words):
        list(files.read(io.BytesIO(content), system))


def test_item_64_cpt_loads_only_for_who_holds_a_licence(app: Flask, tmp_path: Path) -> None:
    path = written_to(
        tmp_path / "cpt_2026.csv",
        ["code,short,long,effective", "99991,Synthetic visit,Synthetic visit of no book,20260101"],
    )
    with pytest.raises(FileError, match="American Medical Association"):
        load_file("cpt", path)
    assert load_file("cpt", path, holds_licence=True).codes == 1
    assert search_all("synthetic visit", date(2026, 5, 1))[0].code == "99991"
    with pytest.raises(FileError, match="'99991' is not written like hcpcs; CPT is loaded by itself"):
        load_file("hcpcs", path, effective=date(2026, 1, 1))
    dental = written_to(tmp_path / "d.csv", ["code,short", "D0120,Made-up"])
    with pytest.raises(FileError, match="dental code"):
        load_file("hcpcs", dental, effective=date(2026, 1, 1))


def test_what_ships_loads_and_a_users_list_takes_the_place_of_a_sample(app: Flask, tmp_path: Path) -> None:
    from query_mgr.codes.loader import load_shipped

    load_shipped()
    load_shipped()
    shipped = {row.system: (row.codes, row.is_sample) for row in inventory()}
    assert shipped == {
        "hcpcs": (35, True),
        "modifier": (79, True),
        "pos": (52, False),
        "carc": (55, True),
        "rarc": (32, True),
    }
    assert unreportable(["J9999"], date(2026, 5, 1), "hcpcs") == {}
    assert "not in the Place of service edition" in unreportable(["98"], date(2026, 5, 1), "pos")["98"]
    path = written_to(tmp_path / "carc.csv", ["Code,Description", "1,Made-up reason", "A1,Another"])
    load_file("carc", path, effective=date(2026, 1, 1))
    assert [(row.codes, row.is_sample) for row in inventory() if row.system == "carc"] == [(2, False)]
    assert search("deductible", system="carc") == []


@pytest.mark.parametrize("system", list(SYSTEMS))
@settings(max_examples=40, deadline=None)
@given(st.one_of(st.binary(max_size=300), st.text("AEZ0179., \t\r\n\"'|", max_size=200).map(str.encode)))
def test_any_bytes_are_a_code_file_or_a_clear_error(system: str, content: bytes) -> None:
    try:
        list(files.read(io.BytesIO(content), system))
    except FileError as error:
        assert str(error)


@given(
    st.lists(
        st.tuples(st.integers(0, 129), st.integers(0, 90), st.sampled_from("\t 019AZaé\u0416\r\n,")), max_size=4
    )
)
def test_an_order_file_with_any_signs_changed_is_read_or_refused(changes: list[tuple[int, int, str]]) -> None:
    lines = order_lines(some_cm())
    for line, at, sign in changes:
        lines[line] = lines[line][:at] + sign + lines[line][at + 1 :]
    try:
        rows = list(files.read(io.BytesIO("".join(line + "\n" for line in lines).encode()), "icd10cm"))
    except FileError as error:
        assert "line" in str(error)
    else:
        assert len(rows) == 130


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 319), st.sampled_from("\t 0379AZé\r\n")), max_size=4))
def test_an_hcpcs_file_with_any_signs_changed_is_read_or_refused(changes: list[tuple[int, int, str]]) -> None:
    lines = [
        hcpcs_line("A0001", "3", "Made-up service", "Made-up", added="20240101"),
        hcpcs_line("A0001", "4", "more of it", number=200),
        hcpcs_line("A0002", "3", "Made-up item", "Made-up", added="20240101"),
    ]
    for line, at, sign in changes:
        lines[line] = lines[line][:at] + sign + lines[line][at + 1 :]
    try:
        rows = list(files.read(io.BytesIO("".join(line + "\n" for line in lines).encode()), "hcpcs"))
    except FileError as error:
        assert str(error)
    else:
        assert all(row.title for row in rows)
