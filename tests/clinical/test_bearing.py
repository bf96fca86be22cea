"""What a case tells for or against the answers that a query offers, by the table of query_mgr/clinical/bearing."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from query_mgr.clinical.bearing import Bearing, Weight, rows, weigh
from query_mgr.clinical.bearing.rows import read
from query_mgr.clinical.bearing.sides import on_the_other_side
from query_mgr.clinical.library import load
from query_mgr.clinical.terms import names
from query_mgr.clinical.terms.vocabulary import outside
from query_mgr.platform import yamls

pytestmark = pytest.mark.sqlite_only
PAIRS = yamls.load(Path(__file__).with_name("bearing.yaml"))


def weight(pair: str) -> Weight:
    option, _, indicators = pair.partition(" | ")
    told = [one.strip() for one in indicators.lower().split(";")]
    return weigh(option.lower(), names(option), told, told, lambda name, row: False)


@pytest.mark.parametrize("pair", PAIRS["carried"])
def test_an_option_that_the_case_carries_is_left_alone(pair: str) -> None:
    assert weight(pair).bearing is not Bearing.SPEAKS_AGAINST


@pytest.mark.parametrize("pair", PAIRS["at_odds"])
def test_an_option_at_odds_with_the_findings_is_seen(pair: str) -> None:
    found = weight(pair)
    assert found.bearing is Bearing.SPEAKS_AGAINST
    assert found.told


def test_what_is_documented_is_not_weighed() -> None:
    label, told = "systolic heart failure", ["ef 65%"]
    assert weigh(label, names(label), told, told, lambda name, row: True).bearing is Bearing.SILENT
    assert weigh(label, names(label), told, told, lambda name, row: False).bearing is Bearing.SPEAKS_AGAINST


def test_a_hint_speaks_for_a_diagnosis_until_something_speaks_against_it() -> None:
    assert weight("Hyponatremia | hypertonic saline").bearing is Bearing.SPEAKS_FOR
    assert weight("Hyponatremia | hypertonic saline; Na 151").bearing is Bearing.SPEAKS_AGAINST


@pytest.mark.parametrize(
    ("label", "told", "speaks"),
    [
        ("left hip fracture", ["fracture of the right hip"], "fracture of the right hip"),
        ("left hip fracture", ["right hip nailed", "left hip swollen"], ""),
        ("left hip fracture", ["left hip intact, right hip broken"], "left hip intact, right hip broken"),
        ("bilateral hip fractures", ["right hip broken"], ""),
        ("left cerebral infarction", ["right arm weak"], ""),
        ("cellulitis of left leg", ["both legs red"], ""),
        ("cellulitis of left leg", ["2 l nc"], ""),
    ],
)
def test_a_finding_on_the_other_side(label: str, told: list[str], speaks: str) -> None:
    assert on_the_other_side(label, told) == speaks


def test_every_row_is_about_a_diagnosis_that_is_known() -> None:
    built = {name.concept for one in rows().of for name in names(one)}
    assert rows().of.keys() <= load().keys() | outside().keys() | built


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("{shows: [fever]}", "a.yaml: gout: source is missing"),
        ("{show: [fever], source: x}", "a.yaml: gout: show is no field of a row"),
        ("{shows: [sodium > 3 mg/dL], source: x}", "a.yaml: gout: shows: 'sodium > 3 mg/dL' names mg/dL, which labs.yaml does not"),
        ("{shows: [=fevers], source: x}", "a.yaml: gout: shows: =fevers is no list of shared.yaml"),
        ("{shows: ['('], source: x}", "a.yaml: gout: shows: a sign is no regular expression"),
    ],
)  # fmt: skip
def test_a_broken_row_is_said_to_be(tmp_path: Path, row: str, problem: str) -> None:
    (tmp_path / "shared.yaml").write_text("fever: [fever]\n")
    (tmp_path / "a.yaml").write_text(f"gout: {row}\n")
    with pytest.raises(ValueError, match=re.escape(problem)):
        read(tmp_path)
