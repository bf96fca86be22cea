"""The unit of a drug code is read from its descriptor, and a dose becomes units and lines."""

from __future__ import annotations

import csv
import gzip
import math
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from query_mgr.coding.drug_units import Amount, UnitError, amount, billing_unit, units_of

DAY = date(2026, 3, 2)


def unit(text: str) -> Amount:
    found = billing_unit(text)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("descriptor", "written", "measures"),
    [
        ("Injection, ondansetron hydrochloride, per 1 mg", "1 mg", "mass"),
        ("Injection, heparin sodium, per 1000 units", "1000 units", "activity in units"),
        ("Injection, digoxin immune fab (ovine), per vial", "per vial", "vials"),
        ("Injection, dicyclomine hcl, up to 20 mg", "20 mg", "mass"),
        ("Injection, adrenalin, epinephrine, 0.1 mg", "0.1 mg", "mass"),
        ("Injection, penicillin g benzathine, 100,000 units", "100,000 units", "activity in units"),
        ("Infusion, normal saline solution, sterile (500 ml = 1 unit)", "500 ml", "volume"),
        (
            "Injection, von willebrand factor complex (human), wilate, 1 i.u. vwf:rco",
            "1 i.u.",
            "activity in units",
        ),
        ("Injection, alglucosidase alfa, 10 mg, not otherwise specified", "10 mg", "mass"),
        ("Injection, tigan, 1 mg (code may be used for 5 mg doses)", "1 mg", "mass"),
        ("Injection, thyrotropin alpha, 0.9 mg, provided in 1.1 mg vial", "0.9 mg", "mass"),
        ("Injection, piperacillin/tazobactam, 1 gram/0.125 grams (1.125 grams)", "1.125 grams", "mass"),
        ("Low osmolar contrast, 300 to 399 mg iodine per mL, each mL", "each mL", "volume"),
        ("Normal saline infused, 1,000 mL", "1,000 mL", "volume"),
        ("Injection, pegaspargase, per single dose vial", "per single dose vial", "vials"),
        ("Injection, iloprost, 0.1 mcg", "0.1 mcg", "mass"),
        ("Capsaicin 8% patch, per square centimeter", "per square centimeter", "area"),
    ],
)
def test_the_unit_stands_in_the_descriptor(descriptor: str, written: str, measures: str) -> None:
    assert (str(unit(descriptor)), unit(descriptor).measures) == (written, measures)


@pytest.mark.parametrize(
    "descriptor",
    [
        "Unclassified drugs",
        "Injection, acetaminophen 10 mg and ibuprofen 3 mg",
        "Instillation, bupivacaine and meloxicam, 1 mg/0.03 mg",
        "Injection, torsemide, 10 mg/ml",
        "Buprenorphine/naloxone, oral, greater than 10 mg buprenorphine",
        "Ethinyl estradiol and etonogestrel 0.015mg, 0.12mg per 24 hours; monthly vaginal ring, each",
        "",
    ],
)
def test_a_descriptor_without_a_single_unit_has_none(descriptor: str) -> None:
    assert billing_unit(descriptor) is None


def test_a_dose_becomes_units_rounded_up() -> None:
    one = unit("Injection, ondansetron hydrochloride, per 1 mg")
    assert units_of(amount("4 mg"), None, one, DAY).lines == ((4, ""),)
    assert units_of(amount("4.1mg"), None, one, DAY).given == 5
    assert units_of(amount("0.004 g"), None, one, DAY).given == 4
    assert units_of(amount("1,500 units"), None, unit("Heparin, per 1,000 units"), DAY).given == 2


def test_what_was_discarded_is_a_line_of_its_own_and_nothing_discarded_says_jz() -> None:
    ten = unit("Injection, made up, 10 mg")
    assert units_of(amount("305 mg"), amount("95 mg"), ten, DAY).lines == ((31, ""), (9, "JW"))
    assert units_of(amount("400 mg"), amount("0"), ten, DAY).lines == ((40, "JZ"),)
    hundred = unit("Injection, made up, 100 mg")
    # The unit that was begun has paid for the rest of the vial: billing it again would be paid twice.
    assert units_of(amount("70 mg"), amount("30 mg"), hundred, DAY).lines == ((1, "JZ"),)
    assert units_of(amount("70 mg"), amount("0 mg"), hundred, date(2023, 6, 30)).lines == ((1, ""),)
    assert units_of(amount("70 mg"), amount("0 mg"), hundred, date(2023, 7, 1)).lines == ((1, "JZ"),)


def test_unlike_units_and_unreadable_doses_are_refused() -> None:
    one = unit("Injection, made up, 1 mg")
    with pytest.raises(UnitError, match=r"2 ml is measured in volume, and the code's unit is 1 mg \(mass\)"):
        units_of(amount("2 ml"), None, one, DAY)
    with pytest.raises(UnitError, match="measured in activity in units"):
        units_of(amount("2 mg"), amount("5 units"), one, DAY)
    with pytest.raises(UnitError, match="nothing was given"):
        units_of(amount("0"), amount("5 mg"), one, DAY)
    for text in ("", "two", "4", "4 apples", "-4 mg", "4 mg/ml", "4 mg twice", "=4 mg", "4 mg\n5 mg"):
        with pytest.raises(UnitError, match="is no dose"):
            amount(text)


_SIZES = st.sampled_from(["0.1 mg", "0.25 mg", "1 mg", "5 mg", "10 mg", "50 mcg", "1 g"])
_THOUSANDTHS = st.integers(1, 500_000).map(lambda n: Fraction(n, 1000))


@given(_SIZES, _THOUSANDTHS, _THOUSANDTHS)
def test_units_cover_the_dose_and_never_more_than_the_container(
    size: str, given_mg: Fraction, wasted_mg: Fraction
) -> None:
    one = unit(f"Injection, made up, {size}")
    given_, wasted = (Amount(mg * 1000, "mass", "") for mg in (given_mg, wasted_mg))
    found = units_of(given_, wasted, one, DAY)
    assert (found.given - 1) * one.quantity < given_.quantity <= found.given * one.quantity
    total = given_.quantity + wasted.quantity
    assert (found.given + found.discarded) <= math.ceil(total / one.quantity)
    assert total - (found.given + found.discarded) * one.quantity < one.quantity
    assert (found.modifier == "JZ") == (found.discarded == 0)


@given(
    st.decimals("0.001", "9999", places=3), st.sampled_from(["mg", "MG", "mcg", "g", "ml", "units", "IU", "mEq"])
)
def test_a_written_dose_is_read_back_exactly(number: object, name: str) -> None:
    sizes = {"mg": 1000, "mcg": 1, "g": 1_000_000, "ml": 1, "units": 1, "iu": 1, "meq": 1}
    assert amount(f"{number} {name}").quantity == Fraction(str(number)) * sizes[name.lower()]


def test_nine_of_ten_drug_codes_of_cms_say_their_unit_plainly(shared: Path) -> None:
    path = shared / "data/hcpcs-2025q4/hcpcs_level2_2025-10.csv.gz"
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        drugs = [row for row in csv.DictReader(lines) if row["code"].startswith("J")]
    read = [row for row in drugs if billing_unit(row["long"])]
    assert len(drugs) == 1188
    assert len(read) / len(drugs) >= 0.94
