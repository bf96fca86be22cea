"""What a policy's terms mean, which version counts on a day, and what is covered. Pure."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from query_mgr.coding.ncci.models import NEVER
from query_mgr.coding.ncci.rules import ServiceLine
from query_mgr.coding.payers.models import Payer, PayerPolicy
from query_mgr.coding.payers.necessity import Linked, Policy, Verdict, necessity
from query_mgr.coding.payers.store import in_force
from query_mgr.coding.payers.terms import PolicyError, Terms, as_stored, terms_of

DAY = date(2026, 3, 2)


def a_policy(number: str = "EX-1", **terms: object) -> Policy:
    read = terms_of({"codes": ["G0105"], **terms})
    return Policy("ref" + number, "Riverbend Example", number, 1, "Made up", read, date(2025, 1, 1), NEVER)


def a_line(
    *diagnoses: str, code: str = "G0105", on: date = DAY, place: str = "", modifiers: tuple[str, ...] = ()
) -> Linked:
    return Linked(ServiceLine(f"{code} {on}", code, modifiers, 1, on, "7", "professional"), diagnoses, place)


def judge(line: Linked, *policies: Policy, **about: object) -> Verdict:
    how = {"born": date(1960, 3, 3), "sex": "female", "earlier": {}, **about}
    (found,) = necessity([line], how["born"], how["sex"], how["earlier"], policies)  # type: ignore[arg-type]
    return found


def kinds(verdict: Verdict) -> list[str]:
    return [one.kind for one in verdict.reasons]


def test_codes_and_diagnoses_are_single_ones_categories_and_ranges() -> None:
    terms = terms_of({"codes": "G0105, J0696-J0698", "diagnoses": ["E11", "K50-K51", "Z85.038", "m80 - m81"]})
    assert [terms.concern(code) for code in ("G0105", "J0696", "J0697", "J0698", "J0699", "G0106")] == [
        True, True, True, True, False, False,
    ]  # fmt: skip
    covered = ("E11", "E11.9", "E11.621", "K50.00", "K51.919", "Z85.038", "M80.08XA", "M81.0")
    assert all(terms.cover(code) for code in covered)
    assert not any(terms.cover(code) for code in ("E10.9", "E13.9", "K52.9", "Z85.03", "Z85.048", "M82"))
    assert terms_of({"codes": "G0105"}).cover("E10.9")


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        ({"codes": []}, "codes: say at least one"),
        ({"codes": ["G010"]}, "codes: 'G010' is not written like a procedure code"),
        ({"codes": ["=G0105"]}, "not written like a procedure code"),
        ({"codes": ["J0698-J0696"]}, "ends before it begins"),
        ({"codes": ["A0001-A0002-A0003"]}, "is no range"),
        ({"diagnoses": ["1E+10"]}, "turned into a number"),
        ({"diagnoses": ["3-Jan"]}, "turned into a date"),
        ({"diagnoses": ["Е11.9"]}, "is not written like an ICD-10-CM code"),
        ({"diagnoses": ["250.00"]}, "is not written like an ICD-10-CM code"),
        ({"diagnoses": [{"a": 1}]}, "write a list of codes"),
        ({"frequency_days": "30"}, "say with frequency_count"),
        ({"frequency": "yearly"}, "frequency: write it as its parts"),
        ({"frequency_count": "0"}, "is no whole number from 1"),
        ({"frequency_count": "1.5"}, "is no whole number"),
        ({"frequency_count": "٣"}, "is no whole number"),
        ({"age_from": 80, "age_to": 20}, "80 is more than age_to, 20"),
        ({"age_to": 400}, "is no whole number from 0 to 130"),
        ({"sex": "f"}, "sex: 'f' is neither female nor male"),
        ({"places": ["office"]}, "a place of service has two digits"),
        ({"modifiers": "KX9"}, "a modifier has two letters or digits"),
    ],
)
def test_terms_that_make_no_sense_are_refused_with_their_field(raw: dict[str, object], why: str) -> None:
    with pytest.raises(PolicyError, match=why.replace("+", r"\+")):
        terms_of({"codes": ["G0105"], **raw})


@given(
    st.lists(st.sampled_from(["G0105", "J0696-J0698", "99991"]), min_size=1),
    st.lists(st.sampled_from(["E11", "E11.9", "K50-K51", "T45.1X5"])),
    st.none() | st.integers(1, 9), st.none() | st.integers(1, 800), st.none() | st.integers(0, 60),
    st.sampled_from(["", "female", "male"]),
)  # fmt: skip
def test_terms_are_stored_and_read_back_the_same(
    codes: list[str], diagnoses: list[str], count: int | None, days: int | None, age: int | None, sex: str
) -> None:
    raw = {"codes": codes, "diagnoses": diagnoses, "frequency_count": count, "frequency_days": days if count else None,
           "age_from": age, "sex": sex}  # fmt: skip
    terms = terms_of(raw)
    assert terms_of(as_stored(terms)) == terms


def test_covered_where_a_linked_diagnosis_is_on_the_list() -> None:
    policy = a_policy(diagnoses=["Z80.0", "K50-K51"])
    assert judge(a_line("I10", "K50.00"), policy).is_covered
    assert kinds(judge(a_line("I10"), policy)) == ["diagnosis"]
    assert "covers G0105 for Z80.0, K50-K51; it is linked to I10." in judge(a_line("I10"), policy).reasons[0].text
    assert kinds(judge(a_line(), policy)) == ["unlinked"]
    assert judge(a_line(), a_policy()).is_covered


def test_a_code_without_a_policy_on_its_day_has_no_verdict() -> None:
    assert necessity([a_line(code="G0121")], None, "", {}, [a_policy()]) == []
    assert necessity([a_line(on=date(2024, 12, 31))], None, "", {}, [a_policy()]) == []


def test_of_several_policies_one_that_covers_is_enough() -> None:
    strict, wide = a_policy("A", diagnoses=["Z80.0"]), a_policy("B", diagnoses=["I10"])
    assert judge(a_line("I10"), strict, wide).is_covered
    assert judge(a_line("I10"), wide, strict).policy.number == "B"
    assert not judge(a_line("J45.909"), strict, wide).is_covered


def test_frequency_counts_days_in_the_period_that_ends_with_the_service() -> None:
    once = a_policy(frequency={"count": 1, "days": 365})
    for days_ago, is_covered in ((364, False), (365, True), (1, False)):
        earlier = {"G0105": (DAY - timedelta(days=days_ago),)}
        assert judge(a_line(), once, earlier=earlier).is_covered is is_covered, days_ago
    assert kinds(judge(a_line(), once, earlier={"G0105": (DAY - timedelta(days=9),)})) == ["frequency"]
    assert judge(a_line(), once, earlier={"G0105": (DAY, DAY + timedelta(days=9))}).is_covered
    assert judge(a_line(), once, earlier={"G0121": (DAY - timedelta(days=9),)}).is_covered
    ever = a_policy(frequency={"count": 1})
    verdict = judge(a_line(), ever, earlier={"G0105": (date(2001, 5, 6),)})
    assert "once in a lifetime; the patient had it on May 06, 2001" in verdict.reasons[0].text


def test_lines_of_the_same_claim_count_towards_the_frequency() -> None:
    policy = a_policy(codes="G0438-G0439", frequency_count=1, frequency_days=365)
    first, second = a_line(code="G0438", on=date(2026, 1, 5)), a_line(code="G0439")
    found = necessity([first, second], None, "", {}, [policy])
    assert [one.is_covered for one in found] == [True, False]


def test_age_is_that_of_the_day_of_service() -> None:
    policy = a_policy(ages={"from": 66, "to": 70})
    for born, expected in (
        (date(1960, 3, 2), []),
        (date(1960, 3, 3), ["age"]),
        (date(1955, 3, 3), []),
        (date(1955, 3, 2), ["age"]),
    ):
        assert kinds(judge(a_line(), policy, born=born)) == expected
    assert judge(a_line(), policy, born=None).is_covered
    assert judge(a_line(), policy, born=date(2027, 1, 1)).is_covered


def test_sex_place_and_modifier() -> None:
    policy = a_policy(sex="female", places=["11", "22"], modifiers=["KX", "GA"])
    assert judge(a_line(place="11", modifiers=("GA",)), policy).is_covered
    assert kinds(judge(a_line(place="21"), policy, sex="male")) == ["sex", "place", "modifier"]
    assert kinds(judge(a_line(place="11", modifiers=("KX",)), policy, sex="unknown")) == []


def a_version(number: int, begins: date, ends: date | None = None) -> PayerPolicy:
    return PayerPolicy(
        ref=f"v{number}", payer_id=1, payer=Payer(id=1, key="a", name="A", also_called=[], is_example=False),
        number="EX-1", version=number, title="Made up", effective_from=begins, effective_to=ends,
        terms={"codes": ["G0105"]}, citation="", text="", source_url="", change_note="", made_by="",
        made_at=datetime(2026, 1, 1, tzinfo=UTC),
    )  # fmt: skip


def spans(*rows: PayerPolicy) -> dict[str, tuple[str, str]]:
    return {one.ref: (one.since.isoformat(), one.until.isoformat()) for one in in_force(rows)}


def test_a_later_version_ends_the_one_before_on_its_first_day() -> None:
    rows = a_version(1, date(2025, 1, 1)), a_version(2, date(2026, 1, 1))
    assert spans(*rows) == {"v1": ("2025-01-01", "2025-12-31"), "v2": ("2026-01-01", "9999-12-31")}


def test_a_correction_takes_the_place_of_the_version_from_the_same_day() -> None:
    assert spans(a_version(1, date(2025, 1, 1)), a_version(2, date(2025, 1, 1))) == {
        "v2": ("2025-01-01", "9999-12-31")
    }
    assert spans(a_version(1, date(2025, 1, 1)), a_version(2, date(2024, 1, 1))) == {
        "v2": ("2024-01-01", "9999-12-31")
    }


def test_what_ended_leaves_nothing_older_in_force_behind_it() -> None:
    rows = a_version(1, date(2025, 1, 1)), a_version(2, date(2026, 1, 1), date(2026, 6, 30))
    assert spans(*rows) == {"v1": ("2025-01-01", "2025-12-31"), "v2": ("2026-01-01", "2026-06-30")}


@given(
    st.lists(st.tuples(st.integers(0, 60), st.none() | st.integers(0, 30)), min_size=1, max_size=5),
    st.integers(0, 99),
)
def test_on_a_day_counts_the_highest_version_that_has_begun(
    versions: list[tuple[int, int | None]], at: int
) -> None:
    start = date(2025, 1, 1)
    rows = [
        a_version(
            n, start + timedelta(days=begins), None if length is None else start + timedelta(days=begins + length)
        )
        for n, (begins, length) in enumerate(versions, start=1)
    ]
    day = start + timedelta(days=at)
    begun = [row for row in rows if row.effective_from <= day]
    newest = max(begun, key=lambda row: row.version, default=None)
    expected = [newest.ref] if newest and (newest.effective_to is None or day <= newest.effective_to) else []
    assert [one.ref for one in in_force(rows) if one.since <= day <= one.until] == expected


def test_terms_in_words() -> None:
    assert (
        str(terms_of({"codes": "G0105", "frequency_count": 3, "frequency_days": 30}).frequency)
        == "3 times in 30 days"
    )
    assert str(terms_of({"codes": "G0105", "frequency_count": 1, "frequency_days": 1}).frequency) == "once a day"
    assert [Terms((), age_from=a, age_to=b).ages for a, b in ((1, 2), (1, None), (None, 2), (None, None))] == [
        "1 to 2 years", "from 1 years", "up to 2 years", "",
    ]  # fmt: skip
