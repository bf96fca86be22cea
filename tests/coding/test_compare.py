"""Code sets side by side."""

from __future__ import annotations

from query_mgr.coding.compare import CodeSet, Line, compare, summary


def a_set(name: str, *lines: Line) -> CodeSet:
    return CodeSet(name, name.title(), lines)


def dx(code: str, sequence: int, poa: str = "Y") -> Line:
    return Line("diagnosis", code, f"title of {code}", sequence, poa)


def changes(*sets: CodeSet) -> dict[str, tuple[str, ...]]:
    return {row.code: row.changes for row in compare(sets)}


def test_equal_sets_have_no_change_however_the_code_is_written() -> None:
    rows = compare([a_set("working", dx("I50.9", 1)), a_set("claim", dx("I509", 1))])
    assert [(row.code, row.changes) for row in rows] == [("I50.9", ())]
    assert summary(rows) == {"same": 1, "changed": 0}


def test_a_code_that_only_one_set_has_is_named_with_that_set() -> None:
    found = changes(a_set("working", dx("A41.9", 1), dx("N17.9", 2)), a_set("final", dx("A41.9", 1), dx("I10", 2)))
    assert found == {
        "A41.9": (),
        "N17.9": ("not in the final set",),
        "I10": ("in the final set, not in the working one",),
    }


def test_another_principal_and_another_poa_are_told_and_room_that_others_made_is_not() -> None:
    before = a_set("final", dx("A41.9", 1), dx("N17.9", 2), dx("I10", 3))
    after = a_set("working", dx("N17.9", 1, "N"), dx("A41.9", 2), dx("I10", 3))
    assert changes(after, before) == {
        "N17.9": ("POA N, final Y", "first, final number 2"),
        "A41.9": ("no longer first, final number 1",),
        "I10": (),
    }
    assert changes(a_set("working", dx("A41.9", 1), dx("I10", 2)), before)["I10"] == ()


def test_a_set_that_says_no_poa_or_place_contradicts_nothing() -> None:
    sent = a_set("claim", Line("diagnosis", "I10"))
    assert changes(a_set("working", dx("I10", 1)), sent) == {"I10": ()}


def test_service_lines_are_compared_by_modifiers_in_any_order_and_by_units() -> None:
    def line(modifiers: str, units: float) -> Line:
        return Line("service", "J1885", "", 1, "", modifiers, units)

    assert changes(a_set("working", line("25 59", 2)), a_set("final", line("59 25", 2))) == {"J1885": ()}
    assert changes(a_set("working", line("JZ", 4)), a_set("final", line("", 2))) == {
        "J1885": ("modifiers JZ, final none", "4 units, final 2")
    }


def test_the_same_code_on_two_lines_stays_two_rows() -> None:
    twice = a_set("working", Line("service", "G0008", sequence=1), Line("service", "G0008", sequence=2))
    once = a_set("final", Line("service", "G0008", sequence=1))
    assert [row.changes for row in compare([twice, once])] == [(), ("not in the final set",)]


def test_three_sets_tell_each_step_and_kinds_stand_together() -> None:
    rows = compare(
        [
            a_set("working", Line("procedure", "0BH17EZ", sequence=1), dx("J96.01", 1)),
            a_set("final", dx("J96.01", 1)),
            a_set("claim", dx("J96.01", 1), dx("I10", 2)),
        ]
    )
    assert [(row.kind, row.code, row.changes) for row in rows] == [
        ("diagnosis", "J96.01", ()),
        ("diagnosis", "I10", ("in the claim set, not in the final one",)),
        ("procedure", "0BH17EZ", ("not in the final set",)),
    ]
