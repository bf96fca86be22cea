"""Units read as people write them."""

from __future__ import annotations

import pytest

from query_mgr.clinical.evidence import values
from query_mgr.clinical.labs import labs
from query_mgr.clinical.requirements.measures import in_unit
from query_mgr.clinical.units import amount, shown_unit


@pytest.mark.parametrize(
    ("unit", "shown"),
    [
        ("mg/dL", "mg/dL"), ("Cel", "°C"), ("degC", "°C"), ("mm[Hg]", "mm Hg"), ("mmHg", "mm Hg"), ("10*3/uL", "×10³/µL"),
        ("{INR}", ""), ("[pH]", ""), ("mL/min/{1.73_m2}", "mL/min/1.73 m²"), ("m[IU]/L", "mIU/L"), ("ug/mL", "µg/mL"),
        ("umol/L", "µmol/L"), ("/uL", "/µL"), ("", ""), ("{", "{"), ("K/uL", "K/µL"), ("/min", "/min"), ("U/L", "U/L"),
    ],
)  # fmt: skip
def test_a_unit_is_shown_as_people_write_it(unit: str, shown: str) -> None:
    assert shown_unit(unit) == shown


@pytest.mark.parametrize(
    ("value", "unit", "shown"),
    [("38.1", "Cel", "38.1 °C"), ("22", "/min", "22/min"), ("7.31", "[pH]", "7.31"), ("12.4", "10*3/uL", "12.4 ×10³/µL"),
     ("positive", "", "positive"), ("8000", "/uL", "8000/µL")],
)  # fmt: skip
def test_a_value_stands_with_its_unit(value: str, unit: str, shown: str) -> None:
    assert amount(value, unit) == shown


@pytest.mark.parametrize(
    ("lab", "value", "unit"),
    [("platelets", 250, "10*3/uL"), ("wbc", 14, "10*3/uL"), ("wbc", 14, "10*9/L"), ("temperature", 38.1, "Cel"),
     ("map", 58, "mm[Hg]"), ("respiratory_rate", 24, "/min"), ("ph", 7.21, "[pH]"), ("egfr", 24, "mL/min/{1.73_m2}"),
     ("bilirubin", 40, "umol/L")],
)  # fmt: skip
def test_what_is_shown_reads_back_as_the_same_value_and_nothing_else(lab: str, value: float, unit: str) -> None:
    text = f"{labs()[lab].names[0]} {amount(f'{value:g}', unit)}".lower()
    assert list(values(labs()[lab], text)) == [pytest.approx(in_unit(lab, value, unit))]


def test_a_count_in_cells_is_turned_into_thousands() -> None:
    assert list(values(labs()["platelets"], "platelets 90000/µl")) == [90]


def test_a_unit_written_out_is_understood_as_the_one_sent() -> None:
    assert in_unit("wbc", 14, "×10³/µL") == in_unit("wbc", 14, "10*3/uL") == 14
    assert in_unit("temperature", 38, "°C") == in_unit("temperature", 38, "Cel") == 38
    assert in_unit("map", 58, "mm Hg") == in_unit("map", 58, "mm[Hg]") == 58
