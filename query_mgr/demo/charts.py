"""The demo's measurements: what is measured, in which unit and range, and how a day's value becomes a chart fact."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta

from query_mgr.charts.records import FactRecord


@dataclass(frozen=True)
class Measure:
    """A laboratory test or vital sign: LOINC code, unit, adult reference range and critical limits."""

    name: str
    loinc: str
    unit: str
    low: float | None
    high: float | None
    decimals: int = 0
    panic_low: float | None = None
    panic_high: float | None = None
    wobble: float = 0.015  # share by which a value may differ between two charts of one scenario


#: Adult ranges as a US community hospital's laboratory prints them; they differ a little between laboratories.
LABS: dict[str, Measure] = {
    "wbc": Measure("White blood cell count", "6690-2", "10*3/uL", 4.0, 11.0, 1, 1.0, 30.0),
    "hgb": Measure("Hemoglobin", "718-7", "g/dL", 12.0, 16.0, 1, 7.0, 20.0, 0.01),
    "plt": Measure("Platelet count", "777-3", "10*3/uL", 150, 400, 0, 50, 1000),
    "na": Measure("Sodium", "2951-2", "mmol/L", 135, 145, 0, 120, 160, 0.003),
    "k": Measure("Potassium", "2823-3", "mmol/L", 3.5, 5.1, 1, 2.8, 6.2, 0.01),
    "cl": Measure("Chloride", "2075-0", "mmol/L", 98, 107, 0, wobble=0.01),
    "hco3": Measure("Bicarbonate", "1963-8", "mmol/L", 22, 29, 0, 10, 40),
    "bun": Measure("Urea nitrogen", "3094-0", "mg/dL", 7, 20, 0, None, 100, 0.04),
    "creatinine": Measure("Creatinine", "2160-0", "mg/dL", 0.6, 1.3, 1, None, 7.4, 0.0),
    "egfr": Measure("Estimated GFR (CKD-EPI 2021)", "98979-8", "mL/min/{1.73_m2}", 60, None, 0),
    "glucose": Measure("Glucose", "2345-7", "mg/dL", 70, 99, 0, 50, 450, 0.03),
    "a1c": Measure("Hemoglobin A1c", "4548-4", "%", 4.0, 5.6, 1),
    "calcium": Measure("Calcium", "17861-6", "mg/dL", 8.6, 10.3, 1, 6.5, 13.0),
    "magnesium": Measure("Magnesium", "19123-9", "mg/dL", 1.7, 2.4, 1, 1.0, 4.7),
    "phosphorus": Measure("Phosphate", "2777-1", "mg/dL", 2.5, 4.5, 1, 1.0, None),
    "albumin": Measure("Albumin", "1751-7", "g/dL", 3.5, 5.0, 1),
    "bnp": Measure("B-type natriuretic peptide", "42637-9", "pg/mL", 0, 100, 0, wobble=0.05),
    "troponin": Measure("Troponin I, high sensitivity", "89579-7", "ng/L", 0, 34, 0, wobble=0.03),
    "lactate": Measure("Lactate", "2524-7", "mmol/L", 0.5, 2.0, 1, None, 4.0),
    "procalcitonin": Measure("Procalcitonin", "75241-0", "ng/mL", 0.0, 0.1, 2),
    "crp": Measure("C-reactive protein", "1988-5", "mg/L", 0, 5, 0, wobble=0.05),
    "ph": Measure("pH of arterial blood", "2744-1", "[pH]", 7.35, 7.45, 2, 7.20, 7.60, 0.0),
    "pco2": Measure("Carbon dioxide, arterial", "2019-8", "mm[Hg]", 35, 45, 0, 20, 70, 0.01),
    "po2": Measure("Oxygen, arterial", "2703-7", "mm[Hg]", 80, 100, 0, 40, None, 0.01),
    "inr": Measure("INR", "6301-6", "{INR}", 0.8, 1.2, 1, None, 5.0),
    "lipase": Measure("Lipase", "3040-3", "U/L", 13, 60, 0, wobble=0.05),
    "ast": Measure("Aspartate aminotransferase", "1920-8", "U/L", 10, 40, 0, wobble=0.05),
    "alt": Measure("Alanine aminotransferase", "1742-6", "U/L", 7, 56, 0, wobble=0.05),
    "bilirubin": Measure("Bilirubin, total", "1975-2", "mg/dL", 0.2, 1.2, 1),
    "alkp": Measure("Alkaline phosphatase", "6768-6", "U/L", 44, 147, 0, wobble=0.04),
    "triglycerides": Measure("Triglycerides", "2571-8", "mg/dL", 0, 150, 0, wobble=0.04),
    "ammonia": Measure("Ammonia", "16362-6", "umol/L", 11, 35, 0),
    "tsh": Measure("Thyrotropin", "3016-3", "m[IU]/L", 0.4, 4.5, 2),
    "ferritin": Measure("Ferritin", "2276-4", "ng/mL", 15, 200, 0),
    "ck": Measure("Creatine kinase", "2157-6", "U/L", 30, 200, 0, wobble=0.04),
    "osm": Measure("Osmolality, serum", "2692-2", "mosm/kg", 275, 295, 0, wobble=0.003),
    "urine_na": Measure("Sodium, urine", "2955-3", "mmol/L", None, None, 0, wobble=0.03),
    "b12": Measure("Vitamin B12", "2132-9", "pg/mL", 200, 900, 0, wobble=0.03),
    "bhb": Measure("Beta-hydroxybutyrate", "53060-9", "mmol/L", 0.0, 0.4, 1),
}
VITALS: dict[str, Measure] = {
    "temp": Measure("Body temperature", "8310-5", "Cel", 36.1, 37.8, 1, 35.0, 40.5, 0.002),
    "hr": Measure("Heart rate", "8867-4", "/min", 60, 100, 0, 40, 140, 0.02),
    "rr": Measure("Respiratory rate", "9279-1", "/min", 12, 20, 0, 8, 30, 0.0),
    "sbp": Measure("Systolic blood pressure", "8480-6", "mm[Hg]", 90, 140, 0, 80, 200, 0.02),
    "dbp": Measure("Diastolic blood pressure", "8462-4", "mm[Hg]", 60, 90, 0, 40, 120, 0.02),
    "spo2": Measure("Oxygen saturation by pulse oximetry", "59408-5", "%", 94, 100, 0, 88, None, 0.0),
    "weight": Measure("Body weight", "29463-7", "kg", None, None, 1, wobble=0.01),
    "bmi": Measure("Body mass index", "39156-5", "kg/m2", 18.5, 24.9, 1, wobble=0.005),
}
#: What every adult has drawn, around these values, where a scenario says nothing else.
ROUTINE = {
    "wbc": 7.6,
    "hgb": 13.4,
    "plt": 236,
    "na": 139,
    "k": 4.1,
    "hco3": 25,
    "bun": 15,
    "creatinine": 0.9,
    "glucose": 104,
}
STEADY = {"temp": 36.8, "hr": 80, "rr": 16, "sbp": 128, "dbp": 74, "spo2": 97}


@dataclass(frozen=True)
class Reading:
    """One value of one series, and whether a coder would pick it."""

    kind: str  # lab | vital
    measure: Measure
    value: float
    at: datetime
    is_evidence: bool = False

    @property
    def text(self) -> str:
        """The value as the laboratory prints it."""
        return f"{self.value:.{self.measure.decimals}f}"


def flag(measure: Measure, value: float) -> str:
    """Return "", L, H, LL or HH for `value` against the measure's ranges."""
    if measure.panic_low is not None and value <= measure.panic_low:
        return "LL"
    if measure.panic_high is not None and value >= measure.panic_high:
        return "HH"
    if measure.low is not None and value < measure.low:
        return "L"
    return "H" if measure.high is not None and value > measure.high else ""


def wobbled(measure: Measure, value: float, rng: random.Random, share: float | None = None) -> float:
    """Return `value` moved by up to the measure's share and rounded as the measure is printed."""
    by = measure.wobble if share is None else share
    return round(value * (1 + rng.uniform(-by, by)), measure.decimals)


def lab_time(admitted_at: datetime, day: int) -> datetime:
    """Return when the labs of hospital day `day` (0 = admission) are drawn: on arrival, then at 05:10."""
    if day == 0:
        return admitted_at + timedelta(minutes=35)
    return (admitted_at + timedelta(days=day)).replace(hour=5, minute=10)


def vital_time(admitted_at: datetime, half_day: int) -> datetime:
    """Return when the `half_day`-th set of vital signs is taken: on arrival, then 06:00 and 18:00 by turns."""
    if half_day == 0:
        return admitted_at + timedelta(minutes=10)
    first = (admitted_at + timedelta(days=1)).replace(hour=6, minute=0)
    return first + timedelta(hours=12 * (half_day - 1))


def reading_fact(reading: Reading, key: str, patient_key: str, encounter_key: str) -> FactRecord:
    """Return a reading as a chart fact."""
    measure = reading.measure
    return FactRecord(
        source_key=key,
        patient_key=patient_key,
        encounter_key=encounter_key,
        kind=reading.kind,
        code_system="loinc",
        code=measure.loinc,
        name=measure.name,
        value_text=reading.text,
        value_number=reading.value,
        unit=measure.unit,
        range_low=measure.low,
        range_high=measure.high,
        flag=flag(measure, reading.value),
        observed_at=reading.at,
    )
