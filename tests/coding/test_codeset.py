"""The rules of a code set."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from query_mgr.coding import codeset
from query_mgr.coding.codeset import CodeEntry, CodingError, Entries, apply, covers


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
