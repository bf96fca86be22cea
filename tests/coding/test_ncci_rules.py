"""Code pairs, unit limits and add-on codes against service lines."""

from __future__ import annotations

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from query_mgr.coding.ncci.rules import (
    BYPASSING,
    AddOn,
    Pair,
    ServiceLine,
    UnitLimit,
    addon_without_primary,
    mue_exceeded,
    ptp_conflicts,
)

DAY = date(2026, 3, 2)
ALWAYS = {"since": date(2024, 1, 1), "until": date(9999, 12, 31)}


def a_line(code: str, *modifiers: str, ref: str = "", units: float = 1, **more: object) -> ServiceLine:
    fields = {"service_on": DAY, "provider": "7", "claim": "professional", **more}
    return ServiceLine(ref or code, code, modifiers, units, **fields)  # type: ignore[arg-type]


def a_pair(modifier: int = 1, **more: object) -> Pair:
    return Pair("G0439", "G0463", modifier, **{"setting": "practitioner", **ALWAYS, **more})  # type: ignore[arg-type]


def a_limit(indicator: int, units: int = 4, **more: object) -> UnitLimit:
    return UnitLimit("J2405", units, indicator, **{"setting": "practitioner", **ALWAYS, **more})  # type: ignore[arg-type]


def an_addon(kind: int, primary: str, code: str = "A0425") -> AddOn:
    return AddOn(code, kind, primary, **ALWAYS)  # type: ignore[arg-type]


BOTH = [a_line("G0463"), a_line("G0439")]


def test_column_2_is_denied_whatever_the_order_of_the_lines() -> None:
    for lines in (BOTH, BOTH[::-1]):
        (found,) = ptp_conflicts(lines, [a_pair()])
        assert (found.column1.code, found.column2.code, found.is_denied) == ("G0439", "G0463", True)


def test_another_day_provider_or_claim_is_no_pair() -> None:
    for other in ({"service_on": date(2026, 3, 3)}, {"provider": "8"}, {"claim": "facility"}):
        assert ptp_conflicts([BOTH[0], a_line("G0439", **other)], [a_pair()]) == []


def test_on_a_facility_claim_all_lines_are_the_facility_s() -> None:
    lines = [a_line("G0439", claim="facility"), a_line("G0463", claim="facility", provider="8")]
    assert len(ptp_conflicts(lines, [a_pair(setting="hospital")])) == 1
    assert ptp_conflicts(lines, [a_pair()]) == []


def test_an_associated_modifier_on_either_code_sets_indicator_1_aside_and_never_0() -> None:
    for modifier in sorted(BYPASSING):
        for lines in ([a_line("G0439", modifier), BOTH[0]], [a_line("G0439"), a_line("G0463", modifier)]):
            (found,) = ptp_conflicts(lines, [a_pair(1)])
            assert found.bypassed_by == (modifier,)
            assert ptp_conflicts(lines, [a_pair(0)])[0].is_denied
    for other in ("22", "26", "50", "51", "76", "77", "TC", "GY", "KX"):
        assert ptp_conflicts([a_line("G0439", other), a_line("G0463", other)], [a_pair(1)])[0].is_denied
    assert len(BYPASSING) == 31 + 6 + 7


def test_indicator_9_and_days_outside_a_pair_s_own_are_no_edit() -> None:
    assert ptp_conflicts(BOTH, [a_pair(9)]) == []
    assert ptp_conflicts(BOTH, [a_pair(until=date(2026, 3, 1))]) == []
    assert ptp_conflicts(BOTH, [a_pair(since=date(2026, 3, 3))]) == []
    assert len(ptp_conflicts(BOTH, [a_pair(9), a_pair(since=DAY, until=DAY)])) == 1


@given(st.lists(st.tuples(st.sampled_from(["G0439", "G0463", "J2405"]), st.sampled_from(["1", "2"])), max_size=6))
def test_a_conflict_is_always_two_lines_of_one_provider_and_comes_for_each_two(
    lines: list[tuple[str, str]],
) -> None:
    found = ptp_conflicts(
        [a_line(code, ref=str(n), provider=who) for n, (code, who) in enumerate(lines)], [a_pair()]
    )
    expected = sum(
        lines.count(("G0439", who)) * lines.count(("G0463", who)) for who in ("1", "2")
    )  # fmt: skip
    assert len(found) == expected
    assert all(one.column1.provider == one.column2.provider for one in found)


def test_indicator_1_counts_each_line_alone() -> None:
    two = [a_line("J2405", units=4, ref="a"), a_line("J2405", "76", units=4, ref="b")]
    assert mue_exceeded(two, [a_limit(1)]) == []
    (found,) = mue_exceeded([two[0], a_line("J2405", units=4.1, ref="c")], [a_limit(1)])
    assert ([line.ref for line in found.lines], found.units) == (["c"], 4.1)


def test_indicators_2_and_3_count_all_lines_of_the_day_whatever_their_modifiers() -> None:
    two = [a_line("J2405", units=3, ref="a"), a_line("J2405", "59", units=2, ref="b")]
    for indicator in (2, 3):
        (found,) = mue_exceeded(two, [a_limit(indicator)])
        assert (found.units, len(found.lines), found.limit.indicator) == (5, 2, indicator)
        apart = [two[0], a_line("J2405", units=2, service_on=date(2026, 3, 3))]
        assert mue_exceeded(apart, [a_limit(indicator)]) == []
        assert mue_exceeded([two[0], a_line("J2405", units=1)], [a_limit(indicator)]) == []
    assert mue_exceeded(two, [a_limit(3, setting="hospital")]) == []
    assert mue_exceeded([a_line("J2405")], [a_limit(2, 0)])[0].units == 1


@given(st.lists(st.integers(1, 9), min_size=1, max_size=5), st.integers(0, 30), st.sampled_from([1, 2, 3]))
def test_units_are_over_exactly_when_a_line_or_the_day_is(units: list[int], most: int, indicator: int) -> None:
    lines = [a_line("J2405", units=one, ref=str(n)) for n, one in enumerate(units)]
    found = mue_exceeded(lines, [a_limit(indicator, most)])
    over = sum(one > most for one in units) if indicator == 1 else int(sum(units) > most)
    assert len(found) == over


def test_type_1_needs_one_of_the_listed_codes_on_the_day() -> None:
    listed = [an_addon(1, "A0427"), an_addon(1, "A0429")]
    assert addon_without_primary([a_line("A0425"), a_line("A0429")], listed) == []
    (found,) = addon_without_primary([a_line("A0425"), a_line("G0439")], listed)
    assert (found.is_certain, found.primaries) == (True, ("A0427", "A0429"))
    (found,) = addon_without_primary([a_line("A0425"), a_line("A0429", provider="8")], listed)
    assert found.is_certain


def test_a_primary_on_another_day_makes_it_uncertain() -> None:
    lines = [a_line("A0425"), a_line("A0427", service_on=date(2026, 3, 1))]
    (found,) = addon_without_primary(lines, [an_addon(1, "A0427")])
    assert (found.is_certain, [one.code for one in found.on_another_day]) == (False, ["A0427"])


def test_type_2_takes_any_code_that_is_no_add_on_and_type_3_says_to_look() -> None:
    assert addon_without_primary([a_line("A0425"), a_line("G0439")], [an_addon(2, "")]) == []
    assert addon_without_primary([a_line("A0425")], [an_addon(2, "")])[0].is_certain
    both = [an_addon(2, ""), an_addon(2, "", "C1769")]
    assert len(addon_without_primary([a_line("A0425"), a_line("C1769")], both)) == 2
    listed = [an_addon(3, "A0427")]
    assert addon_without_primary([a_line("A0425"), a_line("A0427")], listed) == []
    assert not addon_without_primary([a_line("A0425"), a_line("G0439")], listed)[0].is_certain
    assert addon_without_primary([a_line("A0425")], listed)[0].is_certain


def test_a_primary_that_was_taken_off_the_list_counts_no_more() -> None:
    old = AddOn("A0425", 1, "A0429", date(2024, 1, 1), date(2025, 6, 30))
    lines = [a_line("A0425"), a_line("A0429")]
    assert addon_without_primary(lines, [old]) == []
    assert addon_without_primary(lines, [old, an_addon(1, "A0427")])[0].primaries == ("A0427",)
