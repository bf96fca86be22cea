"""A made-up chart, told once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from hypothesis import strategies as st

#: who assigned the numbers, as an object identifier
AUTHORITY = "2.16.840.1.113883.19.5"
NPI = "1234567893"
ADMITTED = datetime(2026, 3, 1, 22, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Measured:
    """A laboratory result (LOINC)."""

    code: str
    name: str
    value: str
    unit: str
    low: str
    high: str
    flag: str
    at: datetime


@dataclass(frozen=True)
class Note:
    """A progress note by the attending: sections as (title, body) pairs."""

    ref: str
    at: datetime
    sections: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class MadeChart:
    """A patient, one stay, and what was measured and written."""

    mrn: str
    family: str
    given: str
    born: date
    sex: str
    number: str
    discharged: datetime | None
    results: tuple[Measured, ...]
    notes: tuple[Note, ...]


_TESTS = (
    ("2160-0", "Creatinine", "mg/dL", "0.6", "1.3"),
    ("2951-2", "Sodium", "mmol/L", "136", "145"),
    ("718-7", "Hemoglobin", "g/dL", "12", "16"),
)
_NAMES = st.sampled_from(("Testperson", "O'Example", "Müller-Made", "Peñaloza", "McInvented"))
_BODIES = st.sampled_from(
    (
        "Renal function is worse; hold lisinopril & follow.",
        "Heart failure improving.\nWeight down 2 kg.",
        "Pt denies pain < 3/10 | tolerating diet ^ ambulating ~ 50 ft.",
        "Temp 38.5 °C – cultures sent.",
        r"Path \\share noted.",
    )
)
_TITLES = st.sampled_from(("Assessment", "Plan", "Hospital Course", "Subjective"))


@st.composite
def charts(draw: st.DrawFn, *, is_over: bool | None = None) -> MadeChart:
    """Draw charts: names with accents, values beside the range, texts with every delimiter of HL7 and XML.

    is_over: whether the patient went home; drawn where None.
    """
    results = []
    for number in range(draw(st.integers(0, 5))):
        code, name, unit, low, high = draw(st.sampled_from(_TESTS))
        value = draw(st.sampled_from((low, high, str(float(high) + 1.5), str(float(low) / 2))))
        flag = "H" if float(value) > float(high) else "L" if float(value) < float(low) else ""
        results.append(
            Measured(code, name, value, unit, low, high, flag, ADMITTED + timedelta(hours=6 * number + 7))
        )
    notes = [
        Note(f"{100 + number}", ADMITTED + timedelta(hours=12 + 24 * number),
             tuple({draw(_TITLES): draw(_BODIES) for _ in range(draw(st.integers(1, 3)))}.items()))
        for number in range(draw(st.integers(1, 3)))
    ]  # fmt: skip
    return MadeChart(
        mrn=draw(st.sampled_from(("000417", "4711", "A-12"))),
        family=draw(_NAMES),
        given=draw(st.sampled_from(("Ada", "José María", "Bo"))),
        born=draw(st.dates(date(1920, 1, 1), date(2020, 1, 1))),
        sex=draw(st.sampled_from(("female", "male", "other"))),
        number=draw(st.sampled_from(("CSN1", "000900"))),
        discharged=ADMITTED + timedelta(days=5) if (draw(st.booleans()) if is_over is None else is_over) else None,
        results=tuple(results),
        notes=tuple(notes),
    )
