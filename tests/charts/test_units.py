"""Units read as on paper."""

from __future__ import annotations

import pytest

from query_mgr.charts.units import shown_unit


@pytest.mark.parametrize(
    ("unit", "shown"),
    [
        ("mg/dL", "mg/dL"), ("Cel", "°C"), ("mm[Hg]", "mmHg"), ("10*3/uL", "K/uL"), ("{INR}", ""), ("[pH]", ""),
        ("mL/min/{1.73_m2}", "mL/min/1.73 m2"), ("m[IU]/L", "mIU/L"), ("", ""), ("{", "{"), ("K/uL", "K/uL"),
    ],
)  # fmt: skip
def test_a_unit_is_shown_as_charts_print_it(unit: str, shown: str) -> None:
    assert shown_unit(unit) == shown
