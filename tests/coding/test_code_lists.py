"""The lists of codes that edits read: each row names real codes, and what they say of well-known ones."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from query_mgr.coding.scrub import code_lists, code_tables
from query_mgr.coding.scrub.code_lists import (
    is_external_cause,
    is_manifestation,
    is_unspecified_side,
    poa_exempt,
)
from tests.coding.code_book import diagnoses, procedures

TABLES = Path(code_tables.__file__).parent / "tables"
ON = date(2026, 5, 1)
_LISTED = sorted(path.name for path in TABLES.glob("*.csv") if path.name.startswith(("mce_", "poa_")))


@pytest.mark.parametrize("name", _LISTED)
def test_every_row_of_a_list_names_a_code_that_exists(name: str, shared: Path) -> None:
    beginnings = {
        code[:length]
        for codes in (diagnoses(shared), procedures(shared))
        for code in codes
        for length in range(1, 8)
    }
    for key, row in code_tables.read(TABLES / name):
        spelled = code_tables.spelled_out(row.codes)
        assert any(one in beginnings for one in spelled), f"{key}: {row.codes} names no code"


@pytest.mark.parametrize("name", _LISTED)
def test_a_list_says_one_thing_of_a_code_on_a_day(name: str) -> None:
    seen: dict[tuple[str, str], list[code_tables.Row]] = {}
    for key, row in code_tables.read(TABLES / name):
        for one in code_tables.spelled_out(row.codes):
            for other in seen.setdefault((key, one), []):
                apart = (row.last_on and other.first_on and row.last_on < other.first_on) or (
                    other.last_on and row.first_on and other.last_on < row.first_on
                )
                assert apart, f"{key}: {row.codes} and {other.codes} both speak of {one}"
            seen[(key, one)].append(row)


def test_a_row_spells_out_its_choices() -> None:
    assert code_tables.spelled_out("W2[89]") == ["W28", "W29"]
    assert code_tables.spelled_out("T3[6-8].AX[56]") == [f"T3{at}AX{end}" for at in "678" for end in "56"]


def test_a_row_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="letters, digits and"):
        code_tables.spelled_out("V00-V99")
    wrong = tmp_path / "wrong.csv"
    wrong.write_text("codes,in\nZ68,yes\n")
    with pytest.raises(ValueError, match="the columns are"):
        list(code_tables.read(wrong))


def test_the_longest_row_decides() -> None:
    obesity = code_lists.principal("questionable")
    assert obesity.holds("E66812", ON)
    assert not obesity.holds("E66813", ON)
    assert obesity.holds("E66813", date(2025, 9, 30))
    assert not obesity.holds("E6601", ON)


@pytest.mark.parametrize("code", ["E08.22", "D63.1", "K82.A1", "F02.80", "M90.851", "J91.0"])
def test_a_manifestation_is_one_also_where_its_title_does_not_say_so(code: str) -> None:
    assert is_manifestation(code)


@pytest.mark.parametrize("code", ["B95.61", "B96.20", "E11.22", "N18.4"])
def test_an_organism_as_the_cause_of_a_disease_is_no_manifestation(code: str) -> None:
    assert not is_manifestation(code)


def test_chapter_20_is_external_causes() -> None:
    assert is_external_cause("W06.XXXA") and is_external_cause("Y92.230")
    assert not is_external_cause("T40.2X5A") and not is_external_cause("Z91.81")


@pytest.mark.parametrize(
    ("code", "title"),
    [
        (
            "S72.009A",
            "Fracture of unspecified part of neck of unspecified femur, initial encounter for closed fracture",
        ),
        ("H40.10X0", "Unspecified open-angle glaucoma, unspecified eye"),
        ("G81.90", "Hemiplegia, unspecified affecting unspecified side"),
        ("C50.919", "Malignant neoplasm of unspecified site of unspecified female breast"),
        ("M25.569", "Pain in unspecified knee"),
    ],
)
def test_a_title_may_leave_the_side_open(code: str, title: str) -> None:
    assert is_unspecified_side(code, title)


@pytest.mark.parametrize(
    ("code", "title"),
    [
        ("S72.001A", "Fracture of unspecified part of neck of right femur, initial encounter for closed fracture"),
        ("I50.9", "Heart failure, unspecified"),
        ("J18.9", "Pneumonia, unspecified organism"),
        ("K92.2", "Gastrointestinal hemorrhage, unspecified"),
        ("V00.818S", "Other accident with wheelchair (powered), sequela"),
    ],
)
def test_unspecified_of_another_kind_leaves_no_side_open(code: str, title: str) -> None:
    assert not is_unspecified_side(code, title)


def test_the_words_for_an_open_side_agree_with_the_codes_beside_it(shared: Path) -> None:
    """A code whose neighbours have the same title with "right" and with "left" leaves the side open."""
    codes = diagnoses(shared)
    open_sided = _with_a_right_and_a_left_neighbour(codes)
    found = {code for code, title in codes.items() if is_unspecified_side(code, title)}
    recall = len(found & open_sided) / len(open_sided)
    print(f"open sides: {len(open_sided)} by their neighbours, {len(found)} by their words, recall {recall:.4f}")
    assert recall > 0.99
    assert len(found & open_sided) / len(found) > 0.94


def _with_a_right_and_a_left_neighbour(codes: dict[str, str]) -> set[str]:
    """Return codes that, with one sign changed, have the same title with "right" and with "left" for "unspecified"."""
    words = {code: _words(title) for code, title in codes.items()}
    beside: dict[str, list[str]] = {}
    for code in codes:
        for at in range(3, len(code)):
            beside.setdefault(f"{code[:at]}?{code[at + 1 :]}", []).append(code)
    found = set()
    for code, mine in words.items():
        if "unspecified" not in mine or {"right", "left", "bilateral"} & set(mine):
            continue
        plain = [word for word in mine if word != "unspecified"]
        for at in range(3, len(code)):
            sides = {
                side
                for other in beside[f"{code[:at]}?{code[at + 1 :]}"]
                for side in ("right", "left")
                if side in words[other]
                and [word for word in words[other] if word not in ("right", "left", "unspecified")] == plain
            }
            if len(sides) == 2:
                found.add(code)
    return found


def _words(title: str) -> list[str]:
    return sorted("".join(sign if sign.isalnum() else " " for sign in title.lower()).split())


@pytest.mark.parametrize(
    "code",
    ["Z99.2", "I25.2", "O80", "Q21.0", "S72.001D", "S72.001S", "V43.52XA", "W14.XXXA", "Y92.010", "Z68.41",
     "Z79.4", "I69.351", "M80.051S", "Z74.01", "Z40.03", "Y93.51", "Z3A.39"],
)  # fmt: skip
def test_codes_on_the_exempt_list_need_no_indicator(code: str) -> None:
    assert poa_exempt(code, ON)


@pytest.mark.parametrize(
    "code",
    ["E11.9", "S72.001A", "W06.XXXA", "W06.XXXD", "W01.0XXA", "Y92.230", "Z16.12", "Z66", "Z96.651", "Z33.1", "Z60.2", "N17.9",
     "V00.811A", "M84.451D", "O99.824", "Z21", "Y95"],
)  # fmt: skip
def test_other_codes_need_an_indicator(code: str) -> None:
    assert not poa_exempt(code, ON)


def test_the_exempt_list_has_about_as_many_codes_as_that_of_cms(shared: Path) -> None:
    """CMS counts 38,349 exempt codes in its list for fiscal year 2026; ours sums up the one for 2025."""
    count = sum(poa_exempt(code, ON) for code in diagnoses(shared))
    print(f"exempt codes: {count} of ours, 38,349 on the list of CMS for fiscal year 2026")
    assert abs(count - 38_349) <= 10
