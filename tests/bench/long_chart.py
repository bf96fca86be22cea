"""A stay of two months: 500 documents that copy each other forward, and 20,000 facts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import insert

from query_mgr.charts.models import Document, Encounter, Fact
from query_mgr.platform.db import db, unit_of_work
from query_mgr.platform.ids import new_ref
from tests.queries.builders import an_encounter

ADMITTED = datetime(2026, 9, 1, 8, 0, tzinfo=UTC)
DAYS = 62
#: name, LOINC, unit, low, high
_LABS = (
    ("Sodium", "2951-2", "mmol/L", 136, 145), ("Potassium", "2823-3", "mmol/L", 3.5, 5.1),
    ("Chloride", "2075-0", "mmol/L", 98, 107), ("Bicarbonate", "2028-9", "mmol/L", 22, 29),
    ("Urea nitrogen", "3094-0", "mg/dL", 7, 20), ("Creatinine", "2160-0", "mg/dL", 0.6, 1.3),
    ("Glucose", "2345-7", "mg/dL", 70, 140), ("Calcium", "17861-6", "mg/dL", 8.5, 10.5),
    ("Magnesium", "19123-9", "mg/dL", 1.7, 2.2), ("Phosphate", "2777-1", "mg/dL", 2.5, 4.5),
    ("Albumin", "1751-7", "g/dL", 3.5, 5.0), ("Bilirubin", "1975-2", "mg/dL", 0.1, 1.2),
    ("ALT", "1742-6", "U/L", 7, 56), ("AST", "1920-8", "U/L", 10, 40),
    ("Alkaline phosphatase", "6768-6", "U/L", 44, 147), ("Troponin T", "6598-7", "ng/mL", 0, 0.04),
    ("BNP", "30934-4", "pg/mL", 0, 100), ("Lactate", "2524-7", "mmol/L", 0.5, 2.0),
    ("Procalcitonin", "33959-8", "ng/mL", 0, 0.1), ("Leukocytes", "6690-2", "10*3/uL", 4.5, 11),
    ("Hemoglobin", "718-7", "g/dL", 12, 16), ("Hematocrit", "4544-3", "%", 36, 48),
    ("Platelets", "777-3", "10*3/uL", 150, 400), ("Neutrophils", "751-8", "10*3/uL", 1.8, 7.7),
    ("INR", "6301-6", "{INR}", 0.9, 1.1), ("PTT", "3173-2", "s", 25, 35),
    ("pH, arterial", "2744-1", "[pH]", 7.35, 7.45), ("pCO2, arterial", "2019-8", "mm[Hg]", 35, 45),
    ("pO2, arterial", "2703-7", "mm[Hg]", 80, 100), ("Ferritin", "2276-4", "ng/mL", 15, 150),
)  # fmt: skip
_VITALS = (
    ("Heart rate", "8867-4", "/min", 60, 100), ("Respiratory rate", "9279-1", "/min", 12, 20),
    ("Systolic blood pressure", "8480-6", "mm[Hg]", 90, 140), ("Diastolic blood pressure", "8462-4", "mm[Hg]", 60, 90),
    ("Oxygen saturation", "2708-6", "%", 94, 100), ("Body temperature", "8310-5", "Cel", 36.1, 37.8),
    ("Body weight", "29463-7", "kg", 0, 0),
)  # fmt: skip
_DRUGS = ("Furosemide 40 mg IV", "Metoprolol 25 mg", "Heparin 5000 units SC", "Piperacillin-tazobactam 3.375 g IV",
          "Vancomycin 1 g IV", "Insulin lispro", "Pantoprazole 40 mg", "Norepinephrine infusion", "Propofol infusion",
          "Potassium chloride 20 mEq", "Albuterol nebulizer", "Acetaminophen 650 mg")  # fmt: skip
_KINDS = (
    ("progress_note", "Progress note", "attending"), ("progress_note", "Progress note", "resident"),
    ("nursing_note", "Nursing note", "nurse"), ("consult_note", "Nephrology consult", "consultant"),
    ("imaging_report", "Chest radiograph", "radiologist"), ("nutrition_note", "Nutrition note", "dietitian"),
    ("therapy_note", "Physical therapy", "therapist"), ("nursing_note", "Nursing note", "nurse"),
)  # fmt: skip
_KEPT = (
    "The patient was admitted with acute on chronic heart failure and hypoxia, intubated on day two for worsening work of breathing.",
    "Echocardiogram on the second day showed a left ventricular ejection fraction of 30 percent with global hypokinesis.",
    "Lungs with coarse crackles at both bases, improved from yesterday; oxygen is weaned as tolerated by the team.",
    "Continue furosemide, daily weights, strict intake and output, and follow renal function closely every morning.",
)


def fill(documents: int = 500, facts: int = 20_000) -> Encounter:
    """Keep the chart and return its encounter."""
    stay = an_encounter()
    with unit_of_work():
        stay = db.session.merge(stay)
        stay.admitted_at, stay.discharged_at = ADMITTED, ADMITTED + timedelta(days=DAYS)
        owner = {"patient_id": stay.patient_id, "encounter_id": stay.id, "content_hash": ""}
        db.session.execute(
            insert(Document), [owner | _document(number, documents) for number in range(documents - 1)]
        )
        for at in range(0, facts, 5_000):
            rows = [owner | _fact(number, facts) for number in range(at, min(at + 5_000, facts))]
            db.session.execute(insert(Fact), rows)
    return stay


def _document(number: int, of: int) -> dict[str, Any]:
    kind, title, role = _KINDS[number % len(_KINDS)]
    if number == of - 2:
        kind, title, role = "discharge_summary", "Discharge summary", "attending"
    heads = ("Subjective", "Objective", "Assessment", "Plan")
    text, sections = "", []
    for index, head in enumerate(heads):
        text += f"{head}:\n"
        start = len(text)
        lines = [_KEPT[(index + line) % len(_KEPT)] for line in range(3)]
        lines += [
            f"Day {number}: {head.lower()} item {line} was reviewed with the team, value {number * 7 % 113}."
            for line in range(6)
        ]
        text += "\n".join(lines) + "\n\n"
        sections.append({"title": head, "start": start, "end": len(text) - 2})
    return {
        "ref": new_ref(), "source_key": f"note-{number}", "kind": kind, "title": title, "author_name": f"Author {number % 23}",
        "author_role": role, "authored_at": ADMITTED + timedelta(days=DAYS) * number / of, "text": text,
        "sections": sections,
    }  # fmt: skip


def _fact(number: int, of: int) -> dict[str, Any]:
    at = ADMITTED + timedelta(days=DAYS) * number / of
    row = {"ref": new_ref(), "source_key": f"fact-{number}", "observed_at": at, "code_system": "", "code": "",
           "value_text": "", "value_number": None, "unit": "", "range_low": None, "range_high": None,
           "flag": "", "status": "final"}  # fmt: skip
    place = number % 20
    if place < 17:
        tests, kind = (_VITALS, "vital") if place < 8 else (_LABS, "lab")
        name, code, unit, low, high = tests[number * 7 // 20 % len(tests)]
        middle, width = ((low + high) / 2, (high - low)) if high else (80, 4)
        value = round(middle + width * ((number * 37 % 101) / 101 - 0.5) * 1.3, 2)
        flag = "" if not high or low <= value <= high else "H" if value > high else "L"
        return row | {"kind": kind, "name": name, "code_system": "loinc", "code": code, "value_text": f"{value:g}",
                      "value_number": value, "unit": unit, "range_low": low if high else None,
                      "range_high": high or None, "flag": flag}  # fmt: skip
    if place < 19:
        name = _DRUGS[number // 20 % len(_DRUGS)]
        return row | {"kind": "medication", "name": name, "value_text": "(given)", "status": "completed"}
    kind, name = ("procedure", "Mechanical ventilation") if number % 7 else ("finding", "Braden scale total score")
    return row | {"kind": kind, "name": name, "status": "completed"}
