"""Sheets for the tests of messages: no database."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from query_mgr.coding.handoff.hl7 import Envelope
from query_mgr.coding.handoff.sheet import Codes, Patient, Person, Sheet, Stay, codes_of
from tests.coding.handoff.builders import content

ADAMS = Person("1234567893", "Adams", "Ann", "MD", is_npi=True)
TO = Envelope(
    "abcdefghij234567", datetime(2026, 11, 2, 14, 1, tzinfo=UTC), ZoneInfo("America/New_York"), "Riverbend",
    "BILLING", "RIVER", "P",
)  # fmt: skip
STAY = Stay(
    "enc1", "CSN-1", "RIVER", "inpatient", datetime(2026, 10, 28, 9, tzinfo=UTC), datetime(2026, 11, 1, 16, tzinfo=UTC),
    "Riverbend Medical Center", "Hospital Medicine and Surgery", ADAMS,
)  # fmt: skip
PATIENT = Patient("000123", "RIVER", "O'Brien|Núñez^&~\\", "María", date(1960, 2, 3), "female")


def codes(number: int = 1, **changes: Any) -> Codes:
    """Return the codes of version `number`."""
    titles = {"R65.20": "Severe sepsis without septic shock"}
    return codes_of(number, content(**changes), {1: ADAMS}, "enc1", titles)


def a_sheet(*earlier: Codes, kind: str = "inpatient", number: int = 1, **changes: Any) -> Sheet:
    """Return a sheet; billing has taken `earlier` of every format."""
    formats = ("bar", "dft", "claim", "professional")
    return Sheet(
        PATIENT, replace(STAY, kind=kind), codes(number, **changes), "ver1", datetime(2026, 11, 2, 14, tzinfo=UTC),
        earlier=dict.fromkeys(formats, earlier) if earlier else {},
        prior=dict.fromkeys(formats, "priorpriorprior2") if earlier else {},
    )  # fmt: skip
