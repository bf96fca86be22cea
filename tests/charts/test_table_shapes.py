"""What CSV files look like in the wild, by the numbers of the bad inputs (57 to 62): read, or refused at its cell."""

from __future__ import annotations

import time
import tracemalloc
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from query_mgr.accounts.npi import is_valid_npi
from query_mgr.charts.problems import Held, Rejection
from query_mgr.charts.records import EncounterRecord, PatientRecord, Reading
from query_mgr.charts.tables import Hospital, entries_of, looks_like, read, read_table
from query_mgr.charts.tables.columns import KINDS
from tests.charts.test_tables import ADA, HEAD, MANY, table

BLANK = "{mrn},Testperson,,,CSN{number},inpatient,2026-03-02,,,"


def stays_of(content: bytes, *, good_rows: bool = False, hospital: Hospital | None = None) -> Reading:
    return read(content, hospital or Hospital(), good_rows=good_rows)


def refusal(content: bytes, *, good_rows: bool = False, hospital: Hospital | None = None) -> list[str]:
    with pytest.raises(Rejection) as refused:
        stays_of(content, good_rows=good_rows, hospital=hospital)
    return [str(problem) for problem in refused.value.problems]


def many(count: int) -> list[str]:
    return [BLANK.format(mrn=f"M{number}", number=number) for number in range(count)]


@pytest.mark.parametrize("cell", ["=cmd|'/C calc'!A0", "+1", "-2+3", "@SUM(A1)", '=HYPERLINK("http://x","y")'])
def test_item_57_a_formula_is_stored_verbatim(cell: str) -> None:
    """Item 57: a cell is text; it is quoted when it is exported, not when it is read."""
    quoted = cell.replace('"', '""')
    for column, row in (
        ("family_name", ADA.replace("Testperson", f'"{quoted}"')),
        ("reason", f'{ADA},"{quoted}"'),
    ):
        head = HEAD + (",reason" if column == "reason" else "")
        bundle = stays_of(table(row, head=head)).bundle
        assert cell in (bundle.patients[0].family_name, bundle.encounters[0].reason)


@pytest.mark.parametrize("sign", ["\t", "\r"])
def test_item_57_a_tab_or_break_before_a_formula_is_no_part_of_a_name(sign: str) -> None:
    """Item 57: TAB= and CR= inside quotes."""
    bundle = stays_of(table(ADA.replace("Testperson", f'"{sign}=1+1"'))).bundle
    assert bundle.patients[0].family_name == "=1+1"


def test_item_57_a_nul_is_refused_at_its_cell() -> None:
    """Item 57: a NUL is wrong with its cell and with no other row."""
    content = table(ADA.replace("Ada", "A\x00da"), MANY)
    assert refusal(content) == ["cell: row 2, given_names: contains a NUL character"]
    assert [one.number for one in stays_of(content, good_rows=True).bundle.encounters] == ["CSN2"]


@pytest.mark.parametrize(
    "encoding",
    ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-16-le BOM", "utf-16-be BOM", "cp1252"],
)
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_item_58_encodings_and_delimiters_are_read(encoding: str, delimiter: str) -> None:
    """Item 58: BOM, UTF-16 with and without mark, cp1252 with a warning, semicolons and tabs."""
    text = table(ADA.replace("Ada", "José")).decode().replace(",", delimiter)
    name, _, has_mark = encoding.partition(" ")
    content = (("\ufeff" if has_mark else "") + text).encode(name)
    assert looks_like(content)
    reading = stays_of(content)
    assert reading.bundle.patients[0].given_names == "José"
    assert bool(reading.warnings) is (encoding == "cp1252")
    assert all("read as Windows-1252" in one for one in reading.warnings)


def test_item_58_excels_own_separator_line_is_followed() -> None:
    """Item 58: `sep=;` before the header."""
    content = b"sep=;\r\n" + table(ADA).replace(b",", b";")
    assert looks_like(content)
    assert len(stays_of(content).bundle.encounters) == 1


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_item_58_line_breaks_in_cells_are_kept_and_counted(end: str) -> None:
    """Item 58: embedded newlines; an error names the row and the line."""
    rows = (f'{ADA},"chest{end}pain"', f"{MANY},", MANY.replace("CSN2", "") + ",")
    content = end.join((HEAD + ",reason", *rows)).encode()
    assert refusal(content) == ["cell: row 4 (line 5), encounter: is empty; fill it in"]
    assert stays_of(content, good_rows=True).bundle.encounters[0].reason.splitlines() == ["chest", "pain"]


def test_item_58_an_unbalanced_quote_at_line_99_999_costs_nothing_before_it() -> None:
    """Item 58: it is named; the good rows before it can be taken, and what comes after waits."""
    rows = many(99_997)
    content = table(*rows, '"an open quote,', *many(3))
    found = [str(problem) for problem in read_table(content).findings.problems()]
    assert found == [
        "structure: row 99999: is not valid CSV (unexpected end of data); a quote opens here that is never closed, "
        "and nothing from here on can be read"
    ]
    reading = stays_of(content, good_rows=True)
    assert len(reading.bundle.encounters) == 99_997
    assert reading.held[0].where == "row 99999"
    assert reading.held[0].payload.decode().splitlines() == [HEAD, '"an open quote,', *many(3)]


def test_item_58_a_quote_that_a_later_one_closes_badly_stops_the_reading_too() -> None:
    """Item 58: rows swallowed by an open quote are never mistaken for cells."""
    content = table(ADA, f'"{MANY}', MANY, MANY.replace("Otherperson", '"Other, person"'), MANY)
    assert "row 3: is not valid CSV" in refusal(content)[0]
    assert len(stays_of(content, good_rows=True).bundle.encounters) == 1


def test_item_58_a_stray_quote_in_one_line_is_that_rows_alone() -> None:
    """Item 58: nothing after it is lost."""
    content = table(ADA.replace("Testperson", '"O"Brien"'), MANY)
    assert len(refusal(content)) == 1
    assert [one.number for one in stays_of(content, good_rows=True).bundle.encounters] == ["CSN2"]


def test_item_58_a_cell_of_one_megabyte_is_wrong_with_its_row() -> None:
    """Item 58: a spreadsheet's own limit, named with its column."""
    content = table(ADA.replace("Testperson", "x" * 1_048_576), MANY)
    assert refusal(content) == ["cell: row 2, family_name: has 1,048,576 characters; a cell holds at most 32,767"]
    assert len(stays_of(content, good_rows=True).bundle.encounters) == 1


def test_item_58_a_header_of_16_385_columns_is_refused_and_such_a_row_is_wrong() -> None:
    """Item 58: one more column than Excel has."""
    wide = ",".join(f"c{number}" for number in range(16_385))
    assert refusal(f"mrn,{wide}".encode())[0] == "structure: row 1: has 16,386 columns; a table has at most 200"
    content = table("," * 16_384 + "x", ADA)
    assert refusal(content) == ["structure: row 2: has 16,385 cells, the header 10"]
    assert len(stays_of(content, good_rows=True).bundle.encounters) == 1


def test_item_58_of_9_999_wrong_rows_200_are_named_and_all_are_counted() -> None:
    """Item 58: a bounded report, and every row is kept for another time."""
    rows = read_table(table(*([MANY.replace("ambulatory", "in")] * 9_999)))
    entries_of(rows, Hospital())
    for good_rows in (False, True):  # not one good row: nothing to take
        with pytest.raises(Rejection) as refused:
            rows.refuse(good_rows=good_rows)
        assert len(refused.value.problems) == 201
        assert str(refused.value.problems[0]).startswith("cell: row 2, class: 'in' is none of")
        assert str(refused.value.problems[-1]) == "cell: and 19,797 more like these"
    held = rows.left_out()
    assert len(held) == 201
    assert sum(part.payload.count(b"\n") - 1 for part in held) == 9_999


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (table(ADA, head=HEAD.replace("given_names", "mrn")), ["the column 'mrn' comes twice"]),
        (table(ADA, head=HEAD.replace("given_names", "First Name").replace("birth_on", "given-names")),
         ["the column 'given_names' comes twice"]),
        (table(ADA, head=HEAD.replace("given_names", "shoe_size")), ["'shoe_size' is not known; known are mrn"]),
        (table(ADA, head=HEAD.replace("given_names", "attending_nip")), ["did you mean 'attending_npi'?"]),
        (table(ADA, head=HEAD.replace("family_name", "famly_name").replace("class", "x")),
         ["'family_name' is missing", "'class' is missing", "did you mean 'family_name'?", "'x' is not known"]),
        (b"colour,shape,size\n1,2,3\n", ["names no column that is known here"]),
        (table(), ["a header and no row"]),
        (table("", " , ", ""), ["a header and no row", "has 2 cells"]),
        (b"\n", ["the table is empty"]),
        (b"", ["the table is empty"]),
    ],
)  # fmt: skip
def test_item_59_a_header_that_does_not_fit_is_explained(content: bytes, words: list[str]) -> None:
    """Item 59: duplicate, unknown and missing columns, all of them at once; header only; an empty file."""
    found = " ".join(refusal(content))
    assert any(word in found for word in words[-2:])
    assert words[0] in found or "has 2 cells" in found


def test_item_59_columns_may_stand_in_any_order_and_bear_other_names() -> None:
    """Item 59: case, blanks and the names of other systems."""
    content = b"CSN,Last Name,Admitted At,CLASS,Medical Record Number,DOB\nC1,Testperson,2026-03-02,inpatient,7,1948-03-02\n"
    bundle = stays_of(content).bundle
    assert (bundle.patients[0].mrn, bundle.patients[0].birth_on) == ("7", date(1948, 3, 2))
    assert bundle.encounters[0].number == "C1"


@pytest.mark.parametrize("cell", ["4.17E+05", "1E10", "1,5E+09", "417.0", "3-Jan", "03-Jan-26", "Mar-24", "#REF!"])
@pytest.mark.parametrize("column", ["000417", "CSN1"])
def test_item_60_an_identifier_that_a_spreadsheet_mangled_is_refused(cell: str, column: str) -> None:
    """Item 60: numbers, decimals, dates and broken formulas, at their cell."""
    found = refusal(table(ADA.replace(column, f'"{cell}"')))
    assert len(found) == 1
    assert "row 2" in found[0]
    assert "export" in found[0]


@pytest.mark.parametrize("number", ["E11.9", "A1E10", "000417", "12E", "MAR-1234", "2026-117", "1-2-3"])
def test_item_60_an_identifier_that_only_resembles_one_is_taken(number: str) -> None:
    """Item 60: what nobody mangled is kept as it is, zeros and all."""
    assert stays_of(table(ADA.replace("000417", number))).bundle.patients[0].mrn == number


def test_item_60_a_lost_zero_is_seen_by_its_neighbours() -> None:
    """Item 60: 000417 became 417 in one row, while others of the column kept their zeros."""
    rows = [ADA, MANY, ADA.replace("000417", "419").replace("CSN1", "CSN3")]
    found = refusal(table(*rows))
    assert len(found) == 1
    assert found[0].startswith("cell: row 4, mrn: has fewer than 6 digits, and others begin with zeros")
    plain = [row.replace("000", "") for row in rows]
    assert len(stays_of(table(*plain)).bundle.patients) == 3  # a column without any zero has lost none


@pytest.mark.parametrize(
    ("npi", "words"),
    [
        ("1234567890", "no NPI (ten digits with a right check digit)"),
        ("123456789", "it has 9 digits"),
        ("12345678933", "it has 11 digits"),
        ("1.23457E+09", "turned into a number"),
        ("1234567893.0", "turned into a number with decimals"),
        ("１２３４５６７８９３", "no NPI"),
        ("123-456-7893", "no NPI"),
    ],
)
def test_item_61_a_wrong_npi_is_wrong_with_its_row(npi: str, words: str) -> None:
    """Items 60 and 61: Luhn with the prefix 80840, nine and eleven digits, scientific notation."""
    content = table(ADA.replace("1234567893", npi), MANY)
    found = refusal(content)
    assert len(found) == 1
    assert "row 2, attending_npi" in found[0]
    assert words in found[0]
    assert [one.number for one in stays_of(content, good_rows=True).bundle.encounters] == ["CSN2"]


def test_item_61_the_prefix_counts() -> None:
    """Item 61: 1234567893 is right with 80840 before it, and not by itself."""
    assert is_valid_npi("1234567893")
    assert not is_valid_npi("1234567897")  # right by Luhn without the prefix


def test_item_61_one_npi_under_two_names_is_refused() -> None:
    """Item 61: duplicates; the same name in another case is no other name."""
    twin = ADA.replace("CSN1", "CSN3")
    assert len(stays_of(table(ADA, twin.replace("Rosa Medina", "ROSA MEDINA"))).bundle.providers) == 1
    found = refusal(table(ADA, twin.replace("Rosa Medina", "Bo Katz")))
    assert found == ["cell: row 3, attending_npi: belongs to another name in row 2; an NPI is one person's"]


def test_item_61_a_provider_who_is_marked_inactive_is_refused() -> None:
    """Item 61: deactivated."""
    hospital = Hospital(inactive_npis=lambda npis: {"1234567893"} & set(npis))
    assert "is marked inactive in the provider directory" in refusal(table(ADA, MANY), hospital=hospital)[0]


def test_two_rows_that_differ_about_a_patient_are_both_left_out() -> None:
    content = table(ADA, ADA.replace("Ada", "Bo").replace("CSN1", "CSN3"), MANY)
    assert len(refusal(content)) == 2
    assert [one.number for one in stays_of(content, good_rows=True).bundle.encounters] == ["CSN2"]


def test_what_a_table_does_not_mention_stays_on_file() -> None:
    known = PatientRecord("table|000417", "000417", "Old", "Ada", date(1948, 3, 2), "female")
    hospital = Hospital(patients=lambda keys: {known.source_key: known})
    content = b"mrn,family_name,encounter,class,admitted_at\n000417,New,C1,inpatient,2026-03-02\n"
    assert stays_of(content, hospital=hospital).bundle.patients == (
        PatientRecord("table|000417", "000417", "New", "Ada", date(1948, 3, 2), "female"),
    )


def test_a_row_that_was_left_out_can_be_mended_and_sent() -> None:
    part = stays_of(table(ADA, MANY.replace("CSN2", "")), good_rows=True).held[0]
    assert (part.where, part.reason) == ("row 3", "encounter is empty; fill it in")
    mended = part.payload.replace(b"1950,,", b"1950,CSN2,")
    assert [one.number for one in stays_of(mended).bundle.encounters] == ["CSN2"]


CELLS = st.one_of(
    st.text(max_size=12), st.sampled_from(['"', '""', "\r\n", "\r", ",", ";", "\t", "\0", "=1", "1E10", "CSN1", "000417",
        "inpatient", "2026-03-02", "E11.9", "icd10cm", "\ud7ff", "\u202e", "９", "1234567893", "index.csv", "../x"]),
)  # fmt: skip


@settings(max_examples=150)
@given(
    st.sampled_from(KINDS),
    st.lists(st.lists(CELLS, max_size=9), max_size=6),
    st.booleans(),
    st.sampled_from(",;\t"),
)
def test_any_cells_are_rows_or_refused(
    kind: object, rows: list[list[str]], good_rows: bool, delimiter: str
) -> None:
    """Nothing but Rejection and Held leaves the reader, and no row is lost without a word."""
    known = kind.known[:8]  # type: ignore[attr-defined]
    text = "\n".join(delimiter.join(row) for row in [list(known), *rows])
    content = text.encode()
    try:
        reading = read(content, Hospital(), good_rows=good_rows)
    except (Rejection, Held) as refused:
        assert str(refused)
    else:
        seen = read_table(content)
        kept = len(reading.bundle.encounters) + len(reading.bundle.documents) + len(reading.bundle.codes)
        assert kept + len(reading.held) == len(seen.rows)
        assert all(isinstance(one, EncounterRecord) for one in reading.bundle.encounters)


@given(
    st.binary(max_size=300),
    st.sampled_from([b"", b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf", b"mrn,file\n", b"sep=;\n"]),
)
def test_any_bytes_are_a_table_or_refused(content: bytes, start: bytes) -> None:
    """No byte is read past the rules, whatever the encoding seems to be."""
    looks_like(start + content)
    try:
        read(start + content, Hospital())
    except (Rejection, Held) as refused:
        assert str(refused)


@pytest.mark.parametrize("worst", [b'"', b",", b"x", b"\n", b'"\n', b'""', b"x\n", b'",\n'])
def test_memory_and_time_are_bounded_by_the_size_of_the_file(worst: bytes) -> None:
    """The worst that a file can be: quotes only, delimiters only, one cell, one row for every other byte."""
    content = HEAD.encode() + b"\n" + worst * 50_000
    begun = time.process_time()
    tracemalloc.start()
    found = refusal(content)
    used = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(found) <= 202
    assert used < 60_000_000
    assert time.process_time() - begun < 30  # under a tracer, on a busy machine


def test_a_table_of_more_rows_than_it_may_have_is_refused() -> None:
    content = (HEAD + "\n" + "x\n" * 100_001).encode()
    assert "too-large: has more than 100,000 rows; split it" in refusal(content)
