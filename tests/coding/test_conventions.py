"""The tabular's notes as edits read them, and the edits built on them."""

from __future__ import annotations

import pytest

from query_mgr.coding.scrub.case import Diagnosis
from query_mgr.coding.scrub.claim import Claim, codes
from query_mgr.coding.scrub.notes import intent, read
from tests.coding.claims import found


def names(note: str, code: str) -> bool:
    return any(read((note,)).on(Claim((Diagnosis("d1", code, "", 1),))))


@pytest.mark.parametrize(
    ("note", "code", "holds"),
    [
        ("type 1 diabetes mellitus (E10.-)", "E10.9", True),
        ("neoplasm (C00-D49)", "D49.9", True),
        ("neoplasm (C00-D49)", "D50.0", False),
        ("pancreatitis (K85-K86.-)", "K86.1", True),
        ("abortion (O03.37, O03.87)", "O03.87", True),
        ("anemia (D50.0-D64.9)", "D62", True),
        ("BMI for adults (Z68.1-Z68.45)", "Z68.41", True),
        ("BMI for adults (Z68.1-Z68.45)", "Z68.54", False),
        ("acute infections (J00-J06; J20-J22)", "J21.9", True),
        ("rheumatoid arthritis by site (M05.00 to M05.8A)", "M05.60", True),
        ("Merkel cell (C4A.-)", "C4A.9", True),
        ("diabetes with cataract (E08-E13 with .36)", "E11.36", True),
        ("diabetes with cataract (E08-E13 with .36)", "E11.65", False),
        ("adverse effect (T36-T50 with fifth or sixth character 5)", "T45.515A", True),
        ("adverse effect (T36-T50 with fifth or sixth character 5)", "T45.511A", False),
        ("poisoning (T36-T65 with fifth or sixth character 1-4)", "T40.2X1A", True),
        ("stroke (I69. with final characters -91)", "I69.391", False),
        ("disorders of:", "E11.9", False),
    ],
)
def test_the_codes_a_note_names_are_read_from_its_parentheses(note: str, code: str, holds: bool) -> None:
    assert names(note, code) is holds


@pytest.mark.parametrize(
    ("code", "how"),
    [
        ("T40.2X1A", "1"),
        ("T36.91XA", "1"),
        ("T45.515D", "5"),
        ("T38.3X6A", "6"),
        ("S72.141A", ""),
        ("T81.44XA", ""),
    ],
)
def test_how_a_drug_did_harm_is_the_sixth_sign_or_the_fifth_before_a_placeholder(code: str, how: str) -> None:
    assert intent(code) == how


def test_a_range_of_categories_holds_the_lettered_ones_between_and_none_beyond() -> None:
    assert {"C00", "C4A", "C7B", "C96"} <= codes("C00-C96")
    assert "C97" not in codes("C00-C96") and "D00" not in codes("C00-C96")
    assert codes("I50", "E11.2") == {"I50", "E11.2"}


def test_two_codes_that_exclude_each_other_are_found_once_with_the_note_and_the_way_out() -> None:
    (one,) = found("E11.9/Y E10.9/Y", "excludes1")
    assert set(one.codes) == {"E11.9", "E10.9"} and one.severity == "warning"
    assert "“type 1 diabetes mellitus (E10.-)”" in one.message and "unless they are unrelated" in one.message
    assert "I.A.12.a" in one.source


def test_an_excludes2_note_is_no_conflict() -> None:
    assert not found("J44.9/Y J47.9/Y I50.22/Y I46.9/Y", "excludes1")


def test_a_manifestation_after_one_of_the_etiologies_that_its_note_names_is_in_order() -> None:
    assert not found("E85.3/Y G63/Y E11.9/Y", "manifestation-order", "etiology-missing")
    assert [one.codes for one in found("G63/Y E85.3/Y", "manifestation-order")] == [("G63", "E85.3")]


def test_a_note_that_holds_if_applicable_is_advice_and_one_without_condition_a_warning() -> None:
    assert [one.severity for one in found("I21.A1/Y D62/Y", "code-first-order", "code-first-check")] == ["advice"]
    assert [one.severity for one in found("N18.4/Y I12.9/Y", "code-first-order", "code-first-check")] == [
        "warning"
    ]


def test_a_cause_that_an_open_list_does_not_name_may_stand_before_the_manifestation() -> None:
    order = ("manifestation-order", "code-first-check")
    assert [one.edit for one in found("F02.80/Y E03.9/Y", *order)] == ["manifestation-order"]
    assert [one.edit for one in found("G31.85/Y F02.80/Y E03.9/Y", *order)] == ["code-first-check"]
    assert not found("G30.9/Y F02.80/Y E03.9/Y", *order)


def test_a_note_that_lists_possible_causes_asks_for_none_of_them() -> None:
    quiet = ("code-first-missing", "use-additional-missing")
    assert not found("I50.22/Y J01.90/Y L89.153/Y E66.9/Y A41.9/Y C50.911/Y", *quiet)


def test_any_code_of_the_category_answers_a_note_that_asks_for_a_stage() -> None:
    assert not found("E11.22/Y N18.9/Y", "use-additional-missing")
    assert found("E11.22/Y", "use-additional-missing")


def test_a_principal_that_stands_twice_is_left_to_the_medicare_code_editor_on_a_stay_only() -> None:
    assert not found("N17.0/Y N17.0/Y", "duplicate-code")
    assert found("N17.0 N17.0", "duplicate-code", kind="ambulatory")
    assert found("E86.0/Y N17.0/Y N17.0/Y", "duplicate-code")


def test_an_empty_claim_breaks_none_of_these_edits() -> None:
    assert [one.edit for one in found("", "excludes1", "poa-missing", "symptom-first", "secondary-only")] == []
