"""What holds of every grouping, whatever the stay."""

from __future__ import annotations

from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from query_mgr.coding.grouping.drg import Stay, bare, group
from query_mgr.coding.grouping.engine import engine_for
from query_mgr.coding.grouping.versions import VERSIONS
from tests.coding.grouping.encounters import COMMON, NON_OPERATING, dotted

IN_FORCE = date(2026, 5, 4)
PRINCIPAL = (
    "A41.9 J18.9 I50.33 I21.4 I63.9 S72.001A K57.20 N17.9 E11.10 C34.11 O24.419 T31.20 S06.5X0A F32.2 B20 Z38.00"
)
OPERATIONS = ("0SRB04Z", "027034Z", "0DTN0ZZ", "0DTJ4ZZ", "00C00ZZ", "0HRHX73", "0Y6H0Z1", "XW033C7", "0BH17EZ")
RARE = ("T83.511A", "Z92.82", "S27.0XXA", "S32.10XA", "J12.82", "Z59.00", "T24.331A", "I46.9", "D57.01", "M99.18")

SECONDARY = st.sampled_from(sorted({*map(dotted, COMMON), *RARE}))
STAYS = st.builds(
    lambda principal, codes, procedures, sex, disposition: Stay(
        ((principal, "Y"), *((code, poa) for code, poa in codes if code != principal)),
        IN_FORCE,
        tuple(procedures),
        sex,
        disposition,
    ),
    st.sampled_from(PRINCIPAL.split()),
    st.lists(
        st.tuples(SECONDARY, st.sampled_from(["Y", "N", "U", "W", ""])),
        max_size=14,
        unique_by=lambda pair: pair[0],
    ),
    st.lists(st.sampled_from([*OPERATIONS, *NON_OPERATING]), max_size=4, unique=True),
    st.sampled_from(["F", "M", ""]),
    st.sampled_from(["01", "02", "07", "20"]),
)


def without(stay: Stay, code: str) -> Stay:
    kept = tuple(pair for n, pair in enumerate(stay.diagnoses) if n == 0 or pair[0] != code)
    return Stay(
        kept, stay.discharged_on, tuple(p for p in stay.procedures if p != code), stay.sex, stay.disposition
    )


@given(STAYS, st.randoms(use_true_random=False))
@settings(max_examples=150, deadline=None)
def test_the_order_of_secondary_codes_and_procedures_does_not_matter(stay: Stay, chance: object) -> None:
    first, *rest = stay.diagnoses
    procedures = list(stay.procedures)
    chance.shuffle(rest)  # type: ignore[attr-defined]
    chance.shuffle(procedures)  # type: ignore[attr-defined]
    before, after = (
        group(stay),
        group(Stay((first, *rest), IN_FORCE, tuple(procedures), stay.sex, stay.disposition)),
    )
    assert (before.drg, before.engine_drg, before.by_sex) == (after.drg, after.engine_drg, after.by_sex)
    assert set(before.severities) == set(after.severities) and set(before.without) == set(after.without)


@given(STAYS)
@settings(max_examples=150, deadline=None)
def test_without_a_carrier_the_drg_is_the_one_said_and_without_any_other_code_it_stays(stay: Stay) -> None:
    found = group(stay)
    assert [what.code for what in found.without] == [c for c, _ in stay.diagnoses[1:]] + list(stay.procedures)
    for what in found.without:
        assert group(without(stay, what.code)).drg == what.drg
    assert {what.code for what in found.carriers} == {w.code for w in found.without if w.drg != found.drg}


@given(STAYS)
@settings(max_examples=100, deadline=None)
def test_a_level_either_counts_or_says_why_and_grouping_twice_is_the_same(stay: Stay) -> None:
    found = group(stay)
    assert found == group(stay) and found.without == group(stay).without
    engine = engine_for(VERSIONS[-1])
    for row in found.severities:
        severity = engine.severity(bare(row.code))
        assert row.level == (severity.level if severity else "")
        assert row.counts == (bool(row.level) and not row.why_not)


@given(
    st.lists(st.tuples(st.text(max_size=9), st.text(max_size=2)), max_size=5),
    st.lists(st.text(max_size=8), max_size=3),
    st.text(max_size=3),
    st.text(max_size=3),
    st.dates(),
)
@settings(max_examples=150, deadline=None)
def test_whatever_a_stay_holds_it_is_grouped_or_says_why_not(
    diagnoses: list[tuple[str, str]], procedures: list[str], sex: str, disposition: str, on: date
) -> None:
    newest = on if on < date(2018, 10, 1) or on >= date(2026, 4, 1) else IN_FORCE
    found = group(Stay(tuple(diagnoses), newest, tuple(procedures), sex, disposition))
    assert (found.drg and found.drg != "999") or found.messages
