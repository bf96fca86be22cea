"""Tables of the National Correct Coding Initiative are loaded whole, or refused with file, line and reason."""

from __future__ import annotations

import gzip
from datetime import date
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from query_mgr.codes.rows import FileError
from query_mgr.coding.ncci import addon, loader, lookup, mue, ptp
from query_mgr.coding.ncci.models import NcciAddOn, NcciFile, NcciPair, NcciUnitLimit
from query_mgr.coding.ncci.naming import named
from query_mgr.platform.db import db
from tests.coding.ncci_files import (
    ADDON_HEAD,
    ADDONS,
    LIMIT_HEAD,
    LIMITS,
    PAIR_HEAD,
    PAIRS,
    WHY,
    addons_file,
    csv_file,
    limits_file,
    pair_lines,
    pairs_file,
    written,
    xlsx_file,
)  # fmt: skip

NEW_YEAR = date(2026, 1, 1)


def count(table: type) -> int:
    return db.session.scalar(select(func.count()).select_from(table)) or 0


def unread(kind: str, path: Path) -> str:
    """Why the reader refuses a file."""
    read = {
        "ptp": lambda: ptp.read(path, holds_licence=False),
        "mue": lambda: mue.read(path, named("mue", path.name).setting, holds_licence=False),
        "addon": lambda: addon.read(path, holds_licence=False),
    }[kind]
    with pytest.raises(FileError) as refused:
        list(read())  # type: ignore[arg-type]
    return str(refused.value)


def refusal(kind: str, path: Path, **how: object) -> str:
    """Why a file is refused; nothing of it is kept."""
    before = count(NcciFile), count(NcciPair), count(NcciUnitLimit), count(NcciAddOn)
    with pytest.raises(FileError) as refused:
        loader.load_files(kind, [path], **how)  # type: ignore[arg-type]
    assert (count(NcciFile), count(NcciPair), count(NcciUnitLimit), count(NcciAddOn)) == before
    assert str(refused.value).startswith(f"{path.name}: ")
    return str(refused.value)


def test_the_name_says_whose_table_it_is_from_when_and_which_part() -> None:
    assert named("ptp", "ccipra-v322r0-f3.TXT").__dict__ == {
        "setting": "practitioner", "effective_from": date(2026, 7, 1), "part": 3,
    }  # fmt: skip
    assert named("ptp", "ccioph-v313r0-f1.xlsx").effective_from == date(2025, 10, 1)
    assert named("ptp", "ccioph-v313r0-f1.xlsx").setting == "hospital"
    for name, setting in (
        ("Practitioner", "practitioner"),
        ("OutpatientHospital", "hospital"),
        ("DMESupplier", "dme"),
    ):
        found = named("mue", f"MCR_MUE_{name}Services_Eff_04-01-2026.csv")
        assert (found.setting, found.effective_from) == (setting, date(2026, 4, 1))
    assert named("addon", "AOC_V2026Q2-MCR.xlsx").effective_from == date(2026, 4, 1)
    assert named("ptp", "pairs.txt", "hospital", NEW_YEAR).part == 0
    for name, setting, day, why in (
        ("pairs.txt", None, NEW_YEAR, "--setting"), ("pairs.txt", "hospital", None, "--effective"),
        ("ccipra-v320r0-f1.TXT", "hospital", None, "its name says practitioner"),
        ("ccipra-v320r0-f1.TXT", None, date(2025, 1, 1), "holds from 2026-01-01"),
        ("ccipra-v324r0-f1.TXT", None, None, "of no quarter"), ("pairs.txt", "dme", NEW_YEAR, "practitioner or hospital"),
    ):  # fmt: skip
        with pytest.raises(FileError, match=why):
            named("ptp", name, setting, day)


def test_pairs_limits_and_add_on_codes_load_and_are_found_by_code_and_day(app: Flask, tmp_path: Path) -> None:
    loaded = loader.load_files("ptp", [pairs_file(tmp_path)])
    assert [(one.status, one.setting, one.part, one.rows) for one in loaded] == [("loaded", "practitioner", 1, 3)]
    loader.load_files("mue", [limits_file(tmp_path)])
    loader.load_files("addon", [addons_file(tmp_path)])

    pairs = lookup.pairs_of({"G0105", "G0121", "G0463"}, {NEW_YEAR}, "practitioner")
    assert [(one.column1, one.column2, one.modifier, one.rationale) for one in pairs] == [
        ("G0105", "G0121", 0, WHY)
    ]
    assert lookup.pairs_of({"G0105", "G0121"}, {NEW_YEAR}, "hospital") == []
    limits = lookup.limits_of({"E0143", "J2405", "G0105"}, {NEW_YEAR}, "practitioner")
    assert [(one.code, one.units, one.indicator) for one in limits] == [("E0143", 1, 2), ("J2405", 64, 3)]
    addons = lookup.addons_of({"A0425", "C1769"}, {NEW_YEAR})
    assert [(one.code, one.type, one.primary) for one in addons] == [("A0425", 1, "A0427"), ("C1769", 2, "")]
    before = lookup.addons_of({"A0425"}, {date(2025, 6, 30)})
    assert [one.primary for one in before] == ["A0427", "A0429"]


def test_the_last_day_of_a_pair_is_a_day_on_which_it_holds(app: Flask, tmp_path: Path) -> None:
    loader.load_files("ptp", [pairs_file(tmp_path)])
    codes = {"G0463", "G0379"}
    assert len(lookup.pairs_of(codes, {date(2025, 6, 30)}, "practitioner")) == 1
    assert lookup.pairs_of(codes, {date(2025, 7, 1)}, "practitioner") == []
    assert lookup.pairs_of(codes, {date(2023, 12, 31)}, "practitioner") == []


def test_each_quarter_judges_its_own_days(app: Flask, tmp_path: Path) -> None:
    loader.load_files("mue", [limits_file(tmp_path)])
    spring = [("J2405", "80", "1 Line Edit", "Made up")]
    name = "MCR_MUE_PractitionerServices_Eff_04-01-2026.csv"
    loader.load_files("mue", [limits_file(tmp_path, spring, name)], accept_fewer=True)
    both = lookup.limits_of({"J2405"}, {date(2026, 3, 31), date(2026, 4, 1)}, "practitioner")
    assert [(one.units, one.since, one.until.year) for one in both] == [
        (64, date.min, 2026), (80, date(2026, 4, 1), 9999),
    ]  # fmt: skip
    assert both[0].until == date(2026, 3, 31)
    assert lookup.limits_of({"E0143"}, {date(2026, 4, 1)}, "practitioner") == []


def test_the_same_file_changes_nothing_and_another_takes_its_place(app: Flask, tmp_path: Path) -> None:
    path = pairs_file(tmp_path)
    loader.load_files("ptp", [path])
    assert loader.load_files("ptp", [path])[0].status == "unchanged"
    corrected = [*PAIRS, ("G0438", "Q0091", "", "20260101", "*", "1", WHY)]
    again = loader.load_files("ptp", [pairs_file(tmp_path, corrected)])
    assert (again[0].status, again[0].rows) == ("loaded", 4)
    assert "takes the place of" in again[0].note
    assert (count(NcciFile), count(NcciPair)) == (1, 4)
    assert (
        loader.load_files("ptp", [pairs_file(tmp_path, [*corrected[::-1]])], dry_run=True)[0].status == "checked"
    )
    assert count(NcciPair) == 4


def test_parts_load_together_or_not_at_all_and_a_missing_one_is_named(app: Flask, tmp_path: Path) -> None:
    first = pairs_file(tmp_path)
    third = pairs_file(tmp_path, [("J1940", "J7030", "", "20240101", "*", "1", WHY)], "ccipra-v320r0-f3.TXT")
    broken = written(tmp_path / "ccipra-v320r0-f2.TXT", [*pair_lines(), "J1940\tJ7030"])
    with pytest.raises(FileError, match=r"ccipra-v320r0-f2.TXT: line 7: has 2 columns"):
        loader.load_files("ptp", [first, broken, third])
    assert (count(NcciFile), count(NcciPair)) == (0, 0)
    assert "part 2 of 2026-01-01 is not loaded yet" in loader.load_files("ptp", [first, third])[0].note
    assert len(lookup.pairs_of({"J1940", "J7030", "G0105", "G0121"}, {NEW_YEAR}, "practitioner")) == 2


def test_pairs_that_cms_itself_lists_twice_with_other_days_or_indicator_are_both_kept(
    app: Flask, tmp_path: Path
) -> None:
    rows = [
        ("G0105", "G0121", "", "20240101", "20240101", "9", WHY),
        ("G0105", "G0121", "*", "20240101", "*", "0", WHY),
    ]
    loader.load_files("ptp", [pairs_file(tmp_path, rows)])
    assert count(NcciPair) == 2
    found = lookup.pairs_of({"G0105", "G0121"}, {date(2024, 1, 1)}, "practitioner")
    assert [one.modifier for one in found] == [0]


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        ([PAIRS[0], PAIRS[0]], "line 5: the row G0105 with G0121 comes twice"),
        ([PAIRS[0][:6]], "line 4: has 6 columns"),
        ([PAIRS[0], ("", *PAIRS[0][1:])], "line 5: column 1: is empty"),
        ([("121", *PAIRS[0][1:])], "line 4: column 1: '121' has 3 digits: a spreadsheet took its leading zeros"),
        ([("1.2E+05", *PAIRS[0][1:])], "turned into a number by a spreadsheet"),
        ([("3-Jan", *PAIRS[0][1:])], "turned into a date by a spreadsheet"),
        ([PAIRS[0], ("=cmd|'/C calc'!A0", *PAIRS[0][1:])], "is a formula"),
        ([("20240101", *PAIRS[0][1:])], "is a date; the columns are not in the order"),
        ([(*PAIRS[0][:3], "45292", *PAIRS[0][4:])], "is how a spreadsheet counts days"),
        ([(*PAIRS[0][:3], "20240230", *PAIRS[0][4:])], "'20240230' is no day"),
        ([(*PAIRS[0][:4], "none", *PAIRS[0][5:])], "deletion date: 'none' is no day"),
        ([(*PAIRS[0][:5], "2", WHY)], "modifier indicator '2' is none of 0, 1 and 9"),
        ([(*PAIRS[0][:6], "")], "has no rationale"),
        ([(*PAIRS[0][:2], "x", *PAIRS[0][3:])], "stands where * marks"),
        ([PAIRS[0], (" G0439", *PAIRS[1][1:])], "has blanks where CMS has none"),
        ([("g0105", *PAIRS[0][1:])], "is no procedure code"),
        ([("99991", *PAIRS[0][1:])], "American Medical Association"),
        ([], "has no pair of codes"),
    ],
)  # fmt: skip
def test_rows_that_are_not_cms_s_layout_are_refused(tmp_path: Path, rows: list[tuple[str, ...]], why: str) -> None:
    assert why in unread("ptp", pairs_file(tmp_path, rows))


def test_cut_mixed_shuffled_and_foreign_text_is_refused(tmp_path: Path) -> None:
    whole = "\r\n".join(pair_lines()).encode()
    for content, why in (
        (whole[:-4], "the last line has no end"),
        (whole[: whole.rindex(b"\t1\t")], "The file was cut off here"),
        (whole.replace(b"\r\n", b"\n", 2) + b"\r\n", "CRLF and LF are mixed"),
        (b"\x00" + whole, "U+0000"),
        (whole.decode().encode("utf-16"), "UTF-16"),
        (b"", "no heading"),
        (b"x" * 9_000, "longer than"),
        (b"code,short\r\nG0105,Made up\r\n", "no heading"),
        ("\r\n".join(pair_lines()[3:]).encode(), "rows without the heading"),
        ("\r\n".join([*pair_lines()[:5], "", *pair_lines()[5:], ""]).encode(), "an empty line between the rows"),
    ):  # fmt: skip
        path = tmp_path / "ccipra-v320r0-f1.TXT"
        path.write_bytes(content)
        assert why in unread("ptp", path), content[:40]
    swapped = [(row[1], row[0], *row[2:]) for row in PAIRS]
    head = (PAIR_HEAD[1], PAIR_HEAD[0], *PAIR_HEAD[2:])
    assert "not in the order of CMS" in unread(
        "ptp", written(tmp_path / "ccipra-v320r0-f1.TXT", pair_lines(swapped, head))
    )
    # The last line may lack its end where nothing of it is missing.
    (tmp_path / "ccipra-v320r0-f1.TXT").write_bytes(whole)
    assert len(list(ptp.read(tmp_path / "ccipra-v320r0-f1.TXT", holds_licence=False))) == 3


def test_a_row_that_comes_again_far_below_is_found_and_nothing_is_kept(app: Flask, tmp_path: Path) -> None:
    path = pairs_file(tmp_path, [PAIRS[0], PAIRS[1], PAIRS[0]])
    assert "line 6: the row G0105 with G0121 comes twice" in refusal("ptp", path)
    assert "has 6 columns" in refusal("ptp", pairs_file(tmp_path, [PAIRS[0], PAIRS[1][:6]]))


def test_a_table_with_many_fewer_rows_than_the_quarter_before_was_cut_off(app: Flask, tmp_path: Path) -> None:
    many = [(f"E{n:04}", "G0463", "", "20240101", "*", "1", WHY) for n in range(100)]
    loader.load_files("ptp", [pairs_file(tmp_path, many)])
    fewer = pairs_file(tmp_path, many[:80], "ccipra-v321r0-f1.TXT")
    assert "has 80 rows, the same table as it was loaded last 100" in refusal("ptp", fewer)
    assert loader.load_files("ptp", [fewer], accept_fewer=True)[0].rows == 80


def test_made_up_cpt_rows_load_with_a_licence_only(app: Flask, tmp_path: Path) -> None:
    rows = [("99991", "9999T", "", "20240101", "*", "1", WHY)]  # made up: no codes of the AMA's
    path = pairs_file(tmp_path, rows)
    assert "--i-hold-a-licence" in refusal("ptp", path)
    assert loader.load_files("ptp", [path], holds_licence=True)[0].rows == 1


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        ([LIMITS[0], LIMITS[0]], "E0143 comes twice"),
        ([("E0143", "1.5", *LIMITS[0][2:])], "is no whole number of units"),
        ([("E0143", "1", "Line Edit", "Made up")], "does not begin with 1, 2 or 3"),
        ([("E0143", "1", "1 Line Edit", "")], "has no rationale"),
        ([("E0143", "1", "1 Line Edit")], "has 3 columns"),
        ([("1", "E0143", "1 Line Edit", "Made up")], "spreadsheet took its leading zeros"),
        ([], "has no limit"),
    ],
)
def test_limits_that_are_not_cms_s_layout_are_refused(
    tmp_path: Path, rows: list[tuple[str, ...]], why: str
) -> None:
    assert why in unread("mue", limits_file(tmp_path, rows))


def test_limits_of_another_setting_order_or_unclosed_quote_are_refused(tmp_path: Path) -> None:
    name = "MCR_MUE_OutpatientHospitalServices_Eff_01-01-2026.csv"
    assert "was to be loaded for hospital" in unread("mue", limits_file(tmp_path, LIMITS, name))
    shuffled = csv_file(tmp_path / "MCR_MUE_PractitionerServices_Eff_01-01-2026.csv", LIMIT_HEAD[::-1], LIMITS)
    assert "not in the order of CMS" in unread("mue", shuffled)
    shuffled.write_text(shuffled.read_text()[:-1] + '\nE0260,"1')
    assert "not in the order" in unread("mue", shuffled)
    path = limits_file(tmp_path)
    path.write_text(path.read_text() + 'E0260,"1,2 Date of Service Edit: Policy,Made up\n')
    assert "is not valid CSV" in unread("mue", path)
    path.write_text("\n")
    assert "the file is empty" in unread("mue", path)
    path.write_text("a,b\n1,2\n")
    assert "no heading" in unread("mue", path)


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        ([ADDONS[0], ADDONS[0]], "A0425 with A0427 comes twice"),
        ([("4", *ADDONS[0][1:])], "edit type '4' is none of 1, 2 and 3"),
        ([ADDONS[0], ("2", *ADDONS[0][1:3], "A0429", *ADDONS[0][4:])], "is of type 1 above and of type 2 here"),
        ([(*ADDONS[0][:5], "2024366", "2023366", "")], "deletion: '2023366' is no day"),
        ([(*ADDONS[0][:5], "", "", "")], "has no effective day"),
        ([(*ADDONS[0][:5], "20240101", "", "")], "effective: '20240101' is no day"),
        ([("1", "A0425", "", "=A1", "", "2024001", "", "")], "is a formula"),
        ([], "has no add-on code"),
    ],
)  # fmt: skip
def test_add_on_codes_that_are_not_cms_s_layout_are_refused(
    tmp_path: Path, rows: list[tuple[str, ...]], why: str
) -> None:
    assert why in unread("addon", addons_file(tmp_path, rows))


def test_the_fixed_width_add_on_file_is_refused_with_what_to_load_instead(tmp_path: Path) -> None:
    path = written(tmp_path / "AOC_V2026Q1-MCR.txt", ["1A0425       A0427       2024001       "] * 3)
    assert "load the Excel file" in unread("addon", path)


def test_excel_files_load_as_their_text_does(app: Flask, tmp_path: Path) -> None:
    rows = [["Made up"], list(PAIR_HEAD), ["", "", "", "", "", "0=not allowed"]]
    rows += [[int(cell) if cell.isdecimal() else cell for cell in row] for row in PAIRS]  # type: ignore[misc]
    loader.load_files("ptp", [xlsx_file(tmp_path / "ccioph-v320r0-f1.xlsx", rows)])
    assert len(lookup.pairs_of({"G0105", "G0121"}, {NEW_YEAR}, "hospital")) == 1
    addons = [["Made up"], list(ADDON_HEAD), *[[int(c) if c.isdecimal() else c for c in row] for row in ADDONS]]
    loader.load_files("addon", [xlsx_file(tmp_path / "AOC_V2026Q1-MCR.xlsx", addons)])
    assert [one.type for one in lookup.addons_of({"A0425", "C1769"}, {NEW_YEAR})] == [1, 2]
    packed = gzip.compress("\r\n".join([*pair_lines(), ""]).encode())
    (tmp_path / "ccipra-v320r0-f1.TXT.gz").write_bytes(packed)
    assert loader.load_files("ptp", [tmp_path / "ccipra-v320r0-f1.TXT.gz"])[0].rows == 3


@pytest.mark.parametrize(
    ("more", "inside", "why"),
    [
        ({"xl/vbaProject.bin": "x"}, "", "has macros"),
        ({"xl/externalLinks/externalLink1.xml": "<x/>"}, "", "has links to other files"),
        ({"xl/connections.xml": "<x/>"}, "", "has links to other files"),
        ({"xl/sharedStrings.xml": " " * (65 << 20)}, "", "its table of strings unpacks to 65 MB"),
        ({}, '<c r="A5"><f>1+1</f><v>2</v></c>', "line 5: cell A5 holds a formula"),
        ({}, '<c r="A5" t="e"><v>#REF!</v></c>', "holds the error #REF!"),
        ({}, '<c r="A5" t="s"><v>999</v></c>', "names a text that the file does not have"),
        ({}, '<c r="ZZZ5"><v>1</v></c>', "has more than 50 columns"),
        ({"xl/worksheets/sheet1.xml": "<worksheet><row>"}, "", "is not whole"),
        ({"xl/workbook.xml": "<workbook/>"}, "", "has no sheet"),
        ({"xl/worksheets/sheet1.xml": '<!DOCTYPE a [<!ENTITY b "bbb"><!ENTITY c "&b;&b;">]><a>&c;</a>'}, "", "no heading"),
    ],
)  # fmt: skip
def test_excel_that_could_run_call_out_or_swell_is_refused(
    tmp_path: Path, more: dict[str, str], inside: str, why: str
) -> None:
    rows = [["Made up"], list(PAIR_HEAD), *map(list, PAIRS)]
    assert why in unread("ptp", xlsx_file(tmp_path / "ccipra-v320r0-f1.xlsx", rows, more, inside))


def test_a_zip_a_cut_archive_and_lost_zeros_are_refused(tmp_path: Path) -> None:
    path = xlsx_file(tmp_path / "ccipra-v320r0-f1.xlsx", [list(PAIR_HEAD), [*PAIRS[0]]])
    path.write_bytes(path.read_bytes()[:-60])
    assert "is not whole" in unread("ptp", path)
    rows: list[list[object]] = [list(PAIR_HEAD), [100, *PAIRS[0][1:]]]
    assert "a spreadsheet took its leading zeros" in unread("ptp", xlsx_file(path, rows))
    from zipfile import ZipFile

    with ZipFile(path, "w") as packed:
        packed.writestr("ccipra-v320r0-f1.TXT", "x")
    assert "unpack it" in unread("ptp", path)


def test_the_demonstration_is_marked_and_gives_way_to_cms(app: Flask, tmp_path: Path) -> None:
    assert loader.load_shipped() > 60
    assert loader.load_shipped() == 0
    pair = lookup.pairs_of({"G0105", "G0121"}, {NEW_YEAR}, "practitioner")[0]
    assert pair.is_sample
    assert pair.rationale.startswith("Made up")
    loader.load_files("ptp", [pairs_file(tmp_path)])
    assert not lookup.pairs_of({"G0105", "G0121"}, {NEW_YEAR}, "practitioner")[0].is_sample
    assert lookup.pairs_of({"G0105", "G0121"}, {NEW_YEAR}, "hospital")[0].is_sample


def test_the_command_says_what_it_loaded_and_refuses_with_file_line_and_reason(app: Flask, tmp_path: Path) -> None:
    def run(*words: str) -> tuple[int, str]:
        result = app.test_cli_runner().invoke(args=["coding", *words])
        return result.exit_code, result.output

    assert run("tables")[1].startswith("Nothing is loaded.")
    path = pairs_file(tmp_path)
    assert run("load", "ncci-ptp", str(path)) == (
        0, "Code pairs (PTP) for practitioner claims, part 1, from 2026-01-01: 3 rows loaded\n",
    )  # fmt: skip
    assert run("load", "ncci-mue", str(limits_file(tmp_path)))[0] == 0
    assert run("load", "ncci-addon", str(addons_file(tmp_path)))[0] == 0
    assert "ptp    practitioner  2026-01-01 part 1" in run("tables")[1]
    cut = written(tmp_path / "ccipra-v321r0-f1.TXT", pair_lines([PAIRS[0][:4]]))
    code, said = run("load", "ncci-ptp", str(cut))
    assert code == 1
    assert "ccipra-v321r0-f1.TXT: line 4: has 4 columns" in said
    assert "Nothing was changed." in said
    assert "cannot be read" in run("load", "ncci-ptp", str(tmp_path / "ccipra-v320r0-f9.TXT"))[1]
    assert "made-up rows and 8 policies loaded" in run("load", "demo-tables")[1]
