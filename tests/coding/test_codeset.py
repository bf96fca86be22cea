"""The rules of a code set."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from query_mgr.coding import codeset
from query_mgr.coding.codeset import CodeEntry, CodingError, Entries, apply, covers
from query_mgr.coding.edits import issues, mentions


def a_set(*codes: str, **titles: str) -> Entries:
    """Build a code set; "A41.9/Y" carries a POA indicator. A code's ref is the code in lower case."""
    rows = []
    for n, text in enumerate(codes, start=1):
        code, _, poa = text.partition("/")
        rows.append(CodeEntry(code.lower(), code, titles.get(code.replace(".", "_"), "a title"), n, poa))
    return tuple(rows)


def seen(entries: Entries) -> list[str]:
    return [f"{entry.code}/{entry.poa}" if entry.poa else entry.code for entry in entries]


def test_a_new_code_goes_last_or_where_it_is_put_and_the_others_make_room() -> None:
    pneumonia = CodeEntry("", "J18.9", "Pneumonia", 0)
    assert seen(codeset.add(a_set("A41.9", "N17.9"), pneumonia)) == ["A41.9", "N17.9", "J18.9"]
    first = codeset.add(a_set("A41.9", "N17.9"), pneumonia, 1)
    assert [(e.code, e.sequence) for e in first] == [("J18.9", 1), ("A41.9", 2), ("N17.9", 3)]


def test_removing_the_principal_makes_the_next_one_principal() -> None:
    assert [(e.code, e.sequence) for e in codeset.remove(a_set("A41.9", "N17.9"), "a41.9")] == [("N17.9", 1)]


def test_moving_to_one_makes_a_code_principal() -> None:
    assert seen(codeset.move(a_set("A41.9", "N17.9", "J18.9"), "j18.9", 1)) == ["J18.9", "A41.9", "N17.9"]


@pytest.mark.parametrize("sequence", [0, -1, 4])
def test_a_place_outside_the_set_is_refused(sequence: int) -> None:
    with pytest.raises(CodingError, match="out of range"):
        codeset.move(a_set("A41.9", "N17.9", "J18.9"), "a41.9", sequence)


def test_a_code_that_somebody_removed_meanwhile_is_named_as_gone() -> None:
    with pytest.raises(CodingError, match="no longer on the encounter"):
        codeset.set_poa(a_set("A41.9"), "gone", "Y")


def test_a_wrong_poa_indicator_is_refused_and_a_small_letter_is_not() -> None:
    assert seen(codeset.set_poa(a_set("A41.9"), "a41.9", "y")) == ["A41.9/Y"]
    with pytest.raises(CodingError, match="POA"):
        codeset.set_poa(a_set("A41.9"), "a41.9", "X")


def test_an_answer_replaces_the_unspecified_code_in_its_place_and_keeps_its_poa() -> None:
    before = a_set("I50.9/Y", "N17.9/N", "E11.9/Y")
    change = {"op": "replace", "code": "N17.0", "replaces": ["N17", "N19"], "title": "ATN"}
    after = apply(before, [change])
    assert seen(after) == ["I50.9/Y", "N17.0/N", "E11.9/Y"]
    assert after[1].ref == "n17.9"
    assert seen(before) == ["I50.9/Y", "N17.9/N", "E11.9/Y"]


def test_a_replacement_takes_the_place_of_the_first_of_several_codes() -> None:
    after = apply(
        a_set("A41.9", "E43", "J18.9", "E46"), [{"op": "replace", "code": "E44.0", "replaces": ["E43", "E46"]}]
    )
    assert seen(after) == ["A41.9", "E44.0", "J18.9"]


def test_a_replacement_of_nothing_is_an_addition() -> None:
    assert seen(apply(a_set("A41.9"), [{"op": "replace", "code": "N17.0", "replaces": ["N17"]}])) == [
        "A41.9",
        "N17.0",
    ]


def test_a_replacement_by_a_code_that_is_there_removes_only_what_it_replaces() -> None:
    change = {"op": "replace", "code": "N17.0", "replaces": ["N17"]}
    assert seen(apply(a_set("N17.9", "A41.9", "N17.0/Y"), [change])) == ["N17.0/Y", "A41.9"]


def test_a_code_that_is_there_is_not_added_twice_but_takes_the_poa_of_the_answer() -> None:
    assert seen(apply(a_set("A41.9", "N17.9"), [{"op": "add", "code": "N17.9", "poa": "N"}])) == [
        "A41.9",
        "N17.9/N",
    ]


def test_a_diagnosis_ruled_out_takes_its_codes_off() -> None:
    changes = [{"op": "remove", "replaces": ["A41", "R65.2"]}]
    assert seen(apply(a_set("A41.9", "R65.20", "J18.9"), changes)) == ["J18.9"]


def test_a_poa_answer_sets_only_the_poa() -> None:
    assert seen(apply(a_set("L89.154", "A41.9"), [{"op": "poa", "code": "L89.154", "poa": "Y"}])) == [
        "L89.154/Y",
        "A41.9",
    ]


@pytest.mark.parametrize(
    "change",
    [
        {"op": "merge", "code": "A41.9"},
        {"op": "add"},
        {"op": "remove"},
        {"op": "poa", "code": "A41.9", "poa": "Q"},
    ],
)
def test_a_change_that_says_nothing_clear_is_refused(change: dict[str, str]) -> None:
    with pytest.raises(CodingError):
        apply(a_set("A41.9"), [change])


def test_a_prefix_covers_the_codes_below_it_only() -> None:
    assert covers("N17", "N17.9") and covers("N17.-", "N17.9") and covers("n179", "N17.9")
    assert not covers("N17.9", "N17") and not covers("", "N17.9") and not covers("N18", "N17.9")


CODES = st.sampled_from(["A41.9", "N17.9", "N17.0", "J18.9", "E43", "E44.0"])
CHANGES = st.fixed_dictionaries(
    {
        "op": st.sampled_from(codeset.OPS),
        "code": CODES,
        "replaces": st.lists(st.sampled_from(["N17", "E4", "J18.9"])),
        "poa": st.sampled_from(["", "Y", "N"]),
    }
)


@given(st.lists(CODES, unique=True), st.lists(CHANGES, max_size=5))
def test_whatever_is_applied_the_sequence_has_no_gap_and_no_code_is_doubled(
    codes: list[str], changes: list[dict[str, str]]
) -> None:
    after = apply(a_set(*codes), changes)
    assert [entry.sequence for entry in after] == list(range(1, len(after) + 1))
    assert len({entry.code for entry in after}) == len(after)
    refs = [entry.ref for entry in after if entry.ref]
    assert len(set(refs)) == len(refs)
    assert apply(after, changes[-1:]) == after


def kinds(
    entries: Entries, notes: dict[str, dict[str, list[str]]] | None = None, **more: bool
) -> list[tuple[str, tuple[str, ...]]]:
    return [(issue.kind, issue.codes) for issue in issues(entries, notes or {}, **more)]


def test_two_codes_that_exclude_each_other_are_reported_once_with_the_note() -> None:
    notes = {
        "E11.9": {"excludes1": ["type 1 diabetes mellitus (E10.-)"]},
        "E10.9": {"excludes1": ["type 2 diabetes mellitus (E11.-)"]},
    }
    found = issues(a_set("E11.9/Y", "E10.9/Y"), notes)
    assert [(issue.kind, set(issue.codes)) for issue in found] == [("excludes1", {"E11.9", "E10.9"})]
    assert "unless the conditions are unrelated" in found[0].text and "I.A.12.a" in found[0].rule


def test_a_manifestation_is_reported_as_principal_only() -> None:
    titles = {"G63": "Polyneuropathy in diseases classified elsewhere"}
    assert kinds(a_set("G63/Y", "E85.3/Y", **titles)) == [("manifestation", ("G63",))]
    assert kinds(a_set("E85.3/Y", "G63/Y", **titles)) == []


def test_a_code_first_note_is_reported_when_the_underlying_condition_comes_later() -> None:
    notes = {"D63.1": {"code_first": ["underlying chronic kidney disease (CKD) (N18.-)"]}}
    assert kinds(a_set("D63.1/Y", "N18.4/Y"), notes) == [
        ("manifestation", ("D63.1",)),
        ("code_first", ("D63.1", "N18.4")),
    ]
    assert kinds(a_set("N18.4/Y", "D63.1/Y"), notes) == []


def test_duplicates_and_poa_faults_are_reported_and_left_as_they_are() -> None:
    entries = (*a_set("A41.9/Y", "N17.9", "J18.9/Q"), CodeEntry("b", "A41.9", "", 4, "Y"))
    assert kinds(entries) == [("duplicate", ("A41.9",)), ("poa_missing", ("N17.9",)), ("poa_invalid", ("J18.9",))]
    assert len(entries) == 4


def test_a_missing_poa_is_a_thing_to_check_where_most_codes_are_exempt_and_nothing_outside_inpatient_care() -> (
    None
):
    assert [issue.severity for issue in issues(a_set("A41.9/Y", "Z79.4"), {})] == ["check"]
    assert kinds(a_set("A41.9"), needs_poa=False) == []


@pytest.mark.parametrize(
    ("note", "code", "holds"),
    [
        ("type 1 diabetes mellitus (E10.-)", "E10.9", True),
        ("neoplasm (C00-D49)", "D49.9", True),
        ("neoplasm (C00-D49)", "D50.0", False),
        ("pancreatitis (K85-K86.-)", "K86.1", True),
        ("abortion (O03.37, O03.87)", "O03.87", True),
        ("anemia (D50.0-D64.9)", "D62", True),
        ("dementia (F10-F19, with .17, .27)", "F10.27", True),
        ("ulcer (E08-E13 with .621)", "E11.621", False),
        ("disorders of:", "E11.9", False),
    ],
)
def test_the_codes_a_note_names_are_read_from_its_parentheses(note: str, code: str, holds: bool) -> None:
    assert mentions(note, code) is holds


def test_an_empty_code_set_has_no_issues() -> None:
    assert issues((), {}) == ()
