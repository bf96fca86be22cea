"""Where the patient went: the discharge status of the UB-04, from every interface that gives one."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from query_mgr.charts.fhir.stays import _disposition
from query_mgr.charts.hl7v2 import fold, parse, read_message
from query_mgr.charts.problems import Warnings
from tests.charts.hl7_messages import PID, message, msh, pv1

NOW = datetime(2026, 11, 2, 14, 0, tzinfo=UTC)
ADMITTED, LEFT = "20260301080000", "20260305150000"


def _adt(trigger: str, at: str, control: str, status: str) -> str:
    fields = pv1(ADMITTED, LEFT if trigger == "A03" else "").split("|")
    fields += [""] * (46 - len(fields))
    fields[36] = status
    return message(msh(f"ADT^{trigger}", at, control), f"EVN|{trigger}|{at}", PID, "|".join(fields).rstrip("|"))


def _stay(*messages: str) -> str:
    told = [
        read_message(parse(one), ZoneInfo("America/New_York"), NOW, Warnings(), accepts="P") for one in messages
    ]
    return fold(told, Warnings()).bundle.encounters[0].disposition


@pytest.mark.parametrize(("said", "kept"), [("03", "03"), ("3", "03"), ("HOME", ""), ("", "")])
def test_hl7_gives_it_in_pv1_36_where_it_is_the_ub04s_own(said: str, kept: str) -> None:
    assert _stay(_adt("A01", ADMITTED, "1", ""), _adt("A03", LEFT, "2", said)) == kept


def test_a_discharge_that_is_cancelled_takes_it_back() -> None:
    said = (_adt("A01", ADMITTED, "1", ""), _adt("A03", LEFT, "2", "03"), _adt("A13", "20260305160000", "3", ""))
    assert _stay(*said) == ""


@pytest.mark.parametrize(
    ("system", "code", "kept"),
    [
        ("http://terminology.hl7.org/CodeSystem/discharge-disposition", "snf", "03"),
        ("http://terminology.hl7.org/CodeSystem/discharge-disposition", "exp", "20"),
        ("http://terminology.hl7.org/CodeSystem/discharge-disposition", "hosp", ""),  # at home or in a facility
        ("http://www.nubc.org/patient-discharge", "06", "06"),
        ("http://hospital.example/dispositions", "06", ""),
        ("http://hospital.example/dispositions", "long", ""),
    ],
)
def test_fhir_gives_it_as_the_ub04s_own_or_in_a_code_that_means_one_status_only(
    system: str, code: str, kept: str
) -> None:
    resource = {"hospitalization": {"dischargeDisposition": {"coding": [{"system": system, "code": code}]}}}
    assert _disposition(resource) == kept
    assert _disposition({}) == ""
