"""Criteria of adult medicine: at the threshold, just off it, beyond the window, or without what belongs to them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from query_mgr.clinical.criteria import criteria_met
from query_mgr.clinical.library import load
from query_mgr.clinical.requirements.chart import ChartContext, ChartDocument, ChartFact
from query_mgr.clinical.requirements.measures import lab_of

ADMITTED = datetime(2026, 3, 2, 8, tzinfo=UTC)
UNITS = {
    "Troponin T": "ng/L", "Systolic blood pressure": "mm[Hg]", "Diastolic blood pressure": "mm[Hg]", "MAP": "mm[Hg]",
    "Lactate": "mmol/L", "PaO2": "mm[Hg]", "PaCO2": "mm[Hg]", "P/F ratio": "mm[Hg]", "SpO2": "%", "LVEF": "%",
    "Arterial pH": "[pH]", "Respiratory rate": "/min", "Heart rate": "/min", "Temperature": "Cel", "WBC": "10*3/uL",
    "Platelets": "10*3/uL", "Bilirubin": "mg/dL", "Creatinine": "mg/dL", "GCS": "points", "Bicarbonate": "mmol/L",
    "BNP": "pg/mL", "NT-proBNP": "pg/mL", "Bands": "%", "PEEP": "cm[H2O]", "Cardiac index": "L/min/m2",
    "FEV1/FVC": "ratio", "CRP": "mg/L", "Peak flow % predicted": "%", "Urine output": "mL/kg/h", "eGFR": "mL/min/1.73m2",
    "FENa": "%", "Sodium": "mmol/L", "Serum osmolality": "mOsm/kg", "Urine osmolality": "mOsm/kg",
    "Urine sodium": "mmol/L", "Magnesium": "mg/dL", "Phosphate": "mg/dL", "CK": "U/L", "HbA1c": "%", "Glucose": "mg/dL",
    "Fasting glucose": "mg/dL", "Beta-hydroxybutyrate": "mmol/L", "Effective osmolality": "mOsm/kg", "TSH": "mIU/L",
    "Free T4": "ng/dL", "Cortisol": "ug/dL", "Cortisol 60 minutes post cosyntropin": "ug/dL", "BMI": "kg/m2",
    "Ionized calcium": "mmol/L", "Calcium": "mg/dL", "Mean pulmonary artery pressure": "mm[Hg]",
}  # fmt: skip


def chart(
    *facts: tuple[Any, ...],
    said: str = "",
    nurse: str = "",
    imaging: str = "",
    drugs: tuple[str, ...] = (),
    procedures: tuple[str, ...] = (),
    **more: Any,
) -> ChartContext:
    """Return a chart. A fact is (name, value[, hours after admission]); text values have no unit."""
    rows = [(name, value, "lab", rest[0] if rest else 1) for name, value, *rest in facts]
    rows += [(name, "given", "medication", 1) for name in drugs] + [
        (name, "done", "procedure", 1) for name in procedures
    ]
    made = tuple(
        ChartFact(
            f"f{number}", kind, name, "", value if isinstance(value, int | float) else None, str(value),
            "" if isinstance(value, str) else UNITS[name], "", ADMITTED + timedelta(hours=hours),
        )
        for number, (name, value, kind, hours) in enumerate(rows)
    )  # fmt: skip
    notes = (
        (said, "attending", "progress_note"),
        (nurse, "nurse", "nursing_note"),
        (imaging, "radiologist", "imaging_report"),
    )
    documents = tuple(
        ChartDocument(f"d{number}", text, role, kind, ADMITTED + timedelta(hours=2))
        for number, (text, role, kind) in enumerate(notes)
        if text
    )
    return ChartContext(documents, made, more.pop("codes", ()), admitted_at=ADMITTED, **more)


def meets(condition: str, start: str, one: ChartContext) -> bool:
    """Say whether the chart meets the criterion of the condition whose text starts so."""
    criteria = [c for c in load()[condition].criteria if c.text.startswith(start)]
    assert len(criteria) == 1 and criteria[0].when is not None, (condition, start)
    return criteria[0] in [met.criterion for met in criteria_met(load()[condition], one)]


def cases(condition: str, start: str, yes: list[ChartContext], no: list[ChartContext]) -> list[Any]:
    """Return a parameter for each chart, named by the criterion and its number."""
    return [
        pytest.param(
            condition, start, one, holds, id=f"{condition}-{start[:18]}-{'yes' if holds else 'no'}{number}"
        )
        for holds, charts in ((True, yes), (False, no))
        for number, one in enumerate(charts)
    ]


TROPONIN = (("Troponin T", 60, 1), ("Troponin T", 72.5, 6))
SEPTIC = "Sepsis due to pneumonia."
WORK = "Respiratory distress, placed on BiPAP."
BILATERAL = "Diffuse bilateral airspace opacities."

HEART = [
    *cases("heart_failure", "Symptoms or signs",
        [chart(("LVEF", 49), ("BNP", 100), said="Orthopnea."), chart(("NT-proBNP", 300), said="Dyspnea. Diastolic dysfunction."),
         chart(("LVEF", 30), nurse="Pitting edema.", imaging="Pulmonary edema.")],
        [chart(("LVEF", 49), ("BNP", 99), said="Orthopnea."), chart(("LVEF", 50), ("BNP", 900), said="Orthopnea."),
         chart(("LVEF", 30), ("BNP", 900), said="No orthopnea, no dyspnea."), chart(("NT-proBNP", 299), said="Dyspnea. Diastolic dysfunction.")]),
    *cases("heart_failure", "With reduced", [chart(("LVEF", 40), said="CHF.")],
        [chart(("LVEF", 41), said="CHF."), chart(("LVEF", 30), said="No heart failure.")]),
    *cases("heart_failure", "With mildly", [chart(("LVEF", 41), codes=("I50.9",)), chart(("LVEF", 49), said="Heart failure.")],
        [chart(("LVEF", 40), codes=("I50.9",)), chart(("LVEF", 50), said="Heart failure."),
         chart(("LVEF", 45), ("LVEF", 35, 9), said="Heart failure.")]),
    *cases("heart_failure", "With preserved", [chart(("LVEF", 50), said="HFpEF.")],
        [chart(("LVEF", 49), said="Heart failure."), chart(("LVEF", 60))]),
    *cases("heart_failure", "Acute decompensation",
        [chart(said="CHF. Volume overload, IV furosemide."), chart(said="CHF. Low output.", drugs=("Dobutamine",))],
        [chart(said="CHF. IV furosemide."), chart(said="Volume overload, IV furosemide."), chart(said="CHF. Volume overload.")]),
    *cases("myocardial_infarction", "Acute myocardial injury",
        [chart(("Troponin T", 50, 1), ("Troponin T", 61, 6), said="Chest pain."), chart(*TROPONIN, said="ST depression in V4-V6.")],
        [chart(("Troponin T", 40, 1), ("Troponin T", 60, 6), said="Chest pain."),
         chart(("Troponin T", 100, 1), ("Troponin T", 119, 6), said="Chest pain."),
         chart(("Troponin T", 50, 1), ("Troponin T", 90, 26), said="Chest pain."), chart(*TROPONIN, said="Denies chest pain.")]),
    *cases("myocardial_infarction", "Type 2",
        [chart(*TROPONIN, said="Chest pain with rapid ventricular response.")],
        [chart(*TROPONIN, said="Chest pain."), chart(*TROPONIN, said="Chest pain, RVR. Culprit lesion of the LAD."),
         chart(("Troponin T", 60), said="Chest pain with rapid ventricular response.")]),
    *cases("myocardial_injury", "Troponin above", [chart(*TROPONIN, said="Denies chest pain.")],
        [chart(*TROPONIN, said="Chest pain."), chart(("Troponin T", 300), said="Denies chest pain.")]),
    *cases("unstable_angina", "Ischemic symptoms", [chart(("Troponin T", 9), said="Chest pain at rest.")],
        [chart(("Troponin T", 9), ("Troponin T", 10, 4), said="Chest pain at rest."), chart(said="Chest pain at rest."),
         chart(("Troponin T", 9), said="No chest pain at rest.")]),
    *cases("atrial_fibrillation", "Electrocardiogram",
        [chart(said="EKG shows atrial fibrillation, rate 120."), chart(said="Irregularly irregular, no P waves.")],
        [chart(said="Irregularly irregular pulse."), chart(said="EKG: no atrial fibrillation.")]),
    *cases("atrial_flutter", "Macro-reentrant", [chart(said="Sawtooth flutter waves.")], [chart(said="No flutter waves.")]),
    *cases("hypertensive_heart_disease", "The classification",
        [chart(said="HTN. Heart failure."), chart(codes=("I10", "I50.9")), chart(said="Hypertension.", codes=("I51.7",))],
        [chart(said="HTN."), chart(said="Pulmonary hypertension. Heart failure."),
         chart(said="HTN. Heart failure, not due to hypertension.")]),
    *cases("hypertensive_crisis", "Pressure above",
        [chart(("Systolic blood pressure", 181)), chart(("Diastolic blood pressure", 121))],
        [chart(("Systolic blood pressure", 180)), chart(("Diastolic blood pressure", 120))]),
    *cases("hypertensive_crisis", "Emergency", [chart(("Systolic blood pressure", 212), said="Papilledema.")],
        [chart(("Systolic blood pressure", 212), said="No papilledema."), chart(("Systolic blood pressure", 170), said="Papilledema.")]),
    *cases("cardiac_arrest", "Loss of circulation",
        [chart(nurse="Chest compressions, ROSC after 4 minutes."), chart(procedures=("Cardiopulmonary resuscitation",))],
        [chart(said="Wants CPR. Pulseless left foot."), chart(said="No chest compressions.")]),
    *cases("shock", "Circulatory failure",
        [chart(("Systolic blood pressure", 89), ("Lactate", 2.1)), chart(("MAP", 64), ("Lactate", 2.1))],
        [chart(("Systolic blood pressure", 90), ("MAP", 65), ("Lactate", 2.1)), chart(("MAP", 64), ("Lactate", 2.0))]),
    *cases("cardiogenic_shock", "Low cardiac output",
        [chart(("Systolic blood pressure", 89, 1), ("Systolic blood pressure", 85, 1.5), ("Cardiac index", 2.1), ("Lactate", 2)),
         chart(("Cardiac index", 2.1), ("Lactate", 2), drugs=("Dobutamine",))],
        [chart(("Systolic blood pressure", 89, 1), ("Systolic blood pressure", 85, 1.4), ("Cardiac index", 2.1), ("Lactate", 2)),
         chart(("Cardiac index", 2.2), ("Lactate", 2), drugs=("Dobutamine",)),
         chart(("Cardiac index", 2.1), ("Lactate", 1.9), drugs=("Dobutamine",))]),
    *cases("hypovolemic_shock", "Shock from loss", [chart(("MAP", 64), ("Lactate", 2.1), said="GI bleed.")],
        [chart(("MAP", 64), ("Lactate", 2.1), said="No hemorrhage."), chart(("MAP", 65), ("Lactate", 2.1), said="GI bleed.")]),
    *cases("hypotension", "Systolic pressure", [chart(("Systolic blood pressure", 89)), chart(("MAP", 64))],
        [chart(("Systolic blood pressure", 90), ("MAP", 65))]),
    *cases("pulmonary_hypertension", "Mean pulmonary", [chart(("Mean pulmonary artery pressure", 21))],
        [chart(("Mean pulmonary artery pressure", 20))]),
]  # fmt: skip

LUNGS = [
    *cases("respiratory_failure", "Type 1", [chart(("PaO2", 59))], [chart(("PaO2", 60))]),
    *cases("respiratory_failure", "Type 2", [chart(("PaCO2", 51), ("Arterial pH", 7.34))],
        [chart(("PaCO2", 50), ("Arterial pH", 7.34)), chart(("PaCO2", 51), ("Arterial pH", 7.35))]),
    *cases("acute_respiratory_failure", "Hypoxemic",
        [chart(("PaO2", 59), said=WORK), chart(("SpO2", 89), said=WORK), chart(("P/F ratio", 299), said=WORK),
         chart(("SpO2", 84), ("Respiratory rate", 21), procedures=("Oxygen therapy",))],
        [chart(("PaO2", 60), ("SpO2", 90), ("P/F ratio", 300), said=WORK), chart(("SpO2", 84), said="On nasal cannula."),
         chart(("SpO2", 84), ("Respiratory rate", 20), procedures=("Oxygen therapy",)), chart(("SpO2", 84), said="Respiratory distress.")]),
    *cases("acute_respiratory_failure", "Hypercapnic", [chart(("PaCO2", 51), ("Arterial pH", 7.34), said="BiPAP started.")],
        [chart(("PaCO2", 50), ("Arterial pH", 7.34), said="BiPAP started."), chart(("PaCO2", 51), ("Arterial pH", 7.34)),
         chart(("PaCO2", 51), ("Arterial pH", 7.35), said="BiPAP started.")]),
    *cases("chronic_respiratory_failure", "Lasting",
        [chart(("PaO2", 55), said="Home oxygen 3 L."), chart(("SpO2", 88), codes=("Z99.81",)),
         chart(("PaCO2", 46), ("Bicarbonate", 29), said="Home BiPAP.")],
        [chart(("PaO2", 56), ("SpO2", 89), said="Home oxygen."), chart(("PaO2", 55)),
         chart(("PaCO2", 46), ("Bicarbonate", 28), said="Home BiPAP.")]),
    *cases("ards", "Within a week",
        [chart(("P/F ratio", 300), ("PEEP", 5), imaging=BILATERAL), chart(("P/F ratio", 150), said="PEEP of 10.", imaging=BILATERAL)],
        [chart(("P/F ratio", 301), ("PEEP", 5), imaging=BILATERAL), chart(("P/F ratio", 300), ("PEEP", 4), imaging=BILATERAL),
         chart(("P/F ratio", 300), ("PEEP", 5), imaging="Right lower lobe opacity."),
         chart(("P/F ratio", 300), ("PEEP", 5), imaging=BILATERAL, said="Cardiogenic pulmonary edema.")]),
    *cases("hypoxia", "Low oxygen", [chart(("SpO2", 89)), chart(("PaO2", 59))], [chart(("SpO2", 90), ("PaO2", 60))]),
    *cases("copd", "Post-bronchodilator", [chart(("FEV1/FVC", 0.69), said="Chronic cough.")],
        [chart(("FEV1/FVC", 0.7), said="Chronic cough."), chart(("FEV1/FVC", 0.69), said="No cough.")]),
    *cases("copd", "Exacerbation",
        [chart(("Respiratory rate", 24), ("Heart rate", 95), ("SpO2", 91), said="COPD. Increased sputum."),
         chart(("Respiratory rate", 24), ("Heart rate", 95), ("CRP", 10), said="COPD. Increased sputum.")],
        [chart(("Respiratory rate", 23), ("Heart rate", 95), ("SpO2", 91), said="COPD. Increased sputum."),
         chart(("Respiratory rate", 24), ("Heart rate", 94), ("CRP", 10), said="COPD. Increased sputum."),
         chart(("Respiratory rate", 24), ("Heart rate", 95), ("SpO2", 92), ("CRP", 9), said="COPD. Increased sputum."),
         chart(("Respiratory rate", 24), ("Heart rate", 95), ("SpO2", 91), said="COPD, stable.")]),
    *cases("copd", "Severe", [chart(("PaCO2", 46), ("Arterial pH", 7.34), said="COPD exacerbation.")],
        [chart(("PaCO2", 45), ("Arterial pH", 7.34), said="COPD exacerbation."),
         chart(("PaCO2", 46), ("Arterial pH", 7.35), said="COPD exacerbation.")]),
    *cases("asthma", "Severe exacerbation",
        [chart(("Respiratory rate", 31), said="Asthma, wheezing."), chart(("Heart rate", 121), said="Asthma, wheezing."),
         chart(("SpO2", 89), said="Asthma, wheezing."), chart(("Peak flow % predicted", 50), said="Asthma, wheezing.")],
        [chart(("Respiratory rate", 30), ("Heart rate", 120), ("SpO2", 90), ("Peak flow % predicted", 51), said="Asthma, wheezing."),
         chart(("SpO2", 89), said="Wheezing."), chart(("SpO2", 89), said="Asthma. No wheezing.")]),
    *cases("pulmonary_embolism", "Clot",
        [chart(imaging="Acute pulmonary embolism in the right lower lobe."), chart(imaging="Filling defects in both pulmonary arteries.")],
        [chart(imaging="No acute pulmonary embolism."), chart(imaging="Filling defect in the bladder."),
         chart(imaging="CT pulmonary embolism protocol. Lungs clear.")]),
    *cases("pleural_effusion", "Fluid", [chart(imaging="Moderate right pleural effusion.")], [chart(imaging="No pleural effusion.")]),
    *cases("pleural_effusion", "With heart failure",
        [chart(imaging="Right pleural effusion.", procedures=("Thoracentesis",))],
        [chart(imaging="Right pleural effusion."), chart(procedures=("Thoracentesis",))]),
    *cases("pneumothorax", "Air", [chart(imaging="Small apical pneumothorax.")], [chart(imaging="No pneumothorax.")]),
    *cases("atelectasis", "Collapse", [chart(imaging="Bibasilar atelectasis.", nurse="Incentive spirometry hourly.")],
        [chart(imaging="Bibasilar atelectasis."), chart(nurse="Incentive spirometry hourly.")]),
]  # fmt: skip

CULTURE = ("Blood culture", "Klebsiella pneumoniae")
INFECTION = [
    *cases("sepsis", "Sepsis-3",
        [chart(("P/F ratio", 299), said=SEPTIC), chart(("Platelets", 99), said=SEPTIC), chart(("Bilirubin", 2), said=SEPTIC),
         chart(("GCS", 12), said=SEPTIC), chart(("Creatinine", 2), said=SEPTIC), chart(said=SEPTIC, drugs=("Norepinephrine",)),
         chart(("MAP", 69), ("GCS", 14), said="Possible pneumonia."), chart(("Platelets", 149), ("Creatinine", 1.2), codes=("N39.0",))],
        [chart(("P/F ratio", 399), said=SEPTIC), chart(("Platelets", 100), said=SEPTIC), chart(("Bilirubin", 1.9), said=SEPTIC),
         chart(("GCS", 13), said=SEPTIC), chart(("Creatinine", 1.9), said=SEPTIC), chart(("MAP", 70), ("GCS", 14), said=SEPTIC),
         chart(("Creatinine", 2.4), said=SEPTIC, codes=("N18.4",)), chart(("Bilirubin", 3), said=SEPTIC, codes=("K74.60",)),
         chart(("Platelets", 99), said="No infection.")]),
    *cases("sepsis", "Sepsis-2",
        [chart(("Temperature", 38.1), ("Heart rate", 91), said="UTI."), chart(("Temperature", 35.9), ("Respiratory rate", 21), said="UTI."),
         chart(("WBC", 12.1), ("PaCO2", 31), said="UTI."), chart(("WBC", 3.9), ("Heart rate", 91), said="UTI."),
         chart(("Bands", 11), ("Heart rate", 91), said="UTI.")],
        [chart(("Temperature", 38), ("Heart rate", 91), said="UTI."), chart(("Temperature", 36), ("Respiratory rate", 21), said="UTI."),
         chart(("WBC", 12), ("PaCO2", 31), said="UTI."), chart(("WBC", 4), ("Heart rate", 91), said="UTI."),
         chart(("Bands", 10), ("Heart rate", 91), said="UTI."), chart(("Temperature", 38.1), ("Heart rate", 90), said="UTI."),
         chart(("Respiratory rate", 24), ("PaCO2", 28), said="UTI."), chart(("Temperature", 39), ("Heart rate", 120)),
         chart(("Temperature", 39), ("Heart rate", 120), said="UTI.", age_years=9)]),
    *cases("sepsis", "Severe sepsis",
        [chart(("Temperature", 39), ("Heart rate", 120), ("Lactate", 2.1), said="UTI."),
         chart(("Temperature", 39), ("Heart rate", 120), ("Systolic blood pressure", 89), said="UTI.")],
        [chart(("Temperature", 39), ("Heart rate", 120), ("Lactate", 2), ("Systolic blood pressure", 90), said="UTI.")]),
    *cases("septic_shock", "Sepsis with", [chart(("Lactate", 2.1), said=SEPTIC, drugs=("Norepinephrine 8 mcg/min",))],
        [chart(("Lactate", 2), said=SEPTIC, drugs=("Norepinephrine",)), chart(("Lactate", 2.1), said=SEPTIC),
         chart(("Lactate", 2.1), drugs=("Norepinephrine",))]),
    *cases("bacteremia", "Bacteria", [chart(CULTURE), chart(said="Blood cultures growing gram negative rods.")],
        [chart(("Blood culture", "No growth")), chart(CULTURE, said="Sepsis."), chart(CULTURE, codes=("A41.9",))]),
    *cases("pneumonia", "New lung",
        [chart(("Temperature", 38.1), ("WBC", 12.1), imaging="Right lower lobe consolidation."),
         chart(("SpO2", 89), said="Purulent sputum.", imaging="Patchy infiltrate.")],
        [chart(("Temperature", 38), ("WBC", 12.1), imaging="Right lower lobe consolidation."),
         chart(("Temperature", 38.1), ("SpO2", 90), imaging="Patchy infiltrate."),
         chart(("Temperature", 38.1), ("WBC", 12.1), imaging="No consolidation.")]),
    *cases("aspiration_pneumonia", "Witnessed",
        [chart(imaging="Right lower lobe infiltrate.", nurse="Witnessed aspiration of feeds."),
         chart(imaging="Bibasilar consolidation.", codes=("R13.12",))],
        [chart(imaging="Right lower lobe infiltrate."), chart(imaging="Right upper lobe infiltrate.", nurse="Vomited."),
         chart(nurse="Witnessed aspiration.")]),
    *cases("urinary_tract_infection", "Urinary symptoms",
        [chart(("Urine culture", ">100,000 CFU/mL E. coli"), said="Dysuria."), chart(("Temperature", 38.1), said="Urine culture grew E. coli.")],
        [chart(("Urine culture", ">100,000 CFU/mL E. coli"), said="Denies dysuria."), chart(("Urine culture", "No growth"), said="Dysuria."),
         chart(("Temperature", 38), said="Urine culture grew E. coli.")]),
    *cases("cellulitis", "Spreading",
        [chart(said="Left shin erythema, warmth and swelling.", drugs=("Cefazolin",)),
         chart(nurse="Shin red, warm and tender.", said="Start cephalexin.")],
        [chart(said="Left shin erythema, warmth and swelling."), chart(said="Left shin erythema and warmth.", drugs=("Cefazolin",)),
         chart(said="Elbow erythema and swelling after a fall.", drugs=("Cefazolin",)),
         chart(said="Left shin erythema and warmth, no swelling, no tenderness.", drugs=("Cefazolin",))]),
    *cases("c_difficile", "Three or more", [chart(("C. difficile toxin", "Positive"), nurse="Watery stools x5.")],
        [chart(("C. difficile toxin", "Negative"), nurse="Watery stools x5."), chart(("C. difficile toxin", "Not detected"), nurse="Diarrhea."),
         chart(("C. difficile toxin", "Positive"))]),
    *cases("c_difficile", "Severe",
        [chart(("C. difficile toxin", "Positive"), ("WBC", 15)), chart(("C. difficile toxin", "Positive"), ("Creatinine", 1.6))],
        [chart(("C. difficile toxin", "Positive"), ("WBC", 14.9), ("Creatinine", 1.5)), chart(("WBC", 22))]),
    *cases("osteomyelitis", "Bone infection",
        [chart(imaging="Osteomyelitis of the calcaneus."), chart(said="Probes to bone."), chart(("Bone culture", "Staphylococcus aureus"))],
        [chart(imaging="No evidence of osteomyelitis."), chart(said="Does not probe to bone."), chart(("Bone culture", "No growth"))]),
    *cases("covid_19", "Confirmed", [chart(("SARS-CoV-2 PCR", "Detected")), chart(said="Tested positive for COVID-19.")],
        [chart(("SARS-CoV-2 PCR", "Not detected")), chart(("SARS-CoV-2 antibody IgG", "Positive"))]),
    *cases("endocarditis", "Definite",
        [chart(("Blood culture", "Staphylococcus aureus", 1), ("Blood culture", "Staphylococcus aureus", 13), said="Vegetation on the mitral valve.")],
        [chart(("Blood culture", "Staphylococcus aureus"), said="Vegetation on the mitral valve."),
         chart(("Blood culture", "Staphylococcus aureus", 1), ("Blood culture", "Staphylococcus aureus", 13), said="No vegetation.")]),
]  # fmt: skip

RISE = (("Creatinine", 1.0, 1), ("Creatinine", 1.6, 30))
DKA = (("Glucose", 200), ("Beta-hydroxybutyrate", 3), ("Arterial pH", 7.29))
HHS = (("Glucose", 600), ("Effective osmolality", 301), ("Arterial pH", 7.3), ("Bicarbonate", 15))
KIDNEY = [
    *cases("acute_kidney_injury", "Creatinine up", [chart(*RISE)], [chart(("Creatinine", 1.0, 1), ("Creatinine", 1.29, 30))]),
    *cases("acute_kidney_injury", "Creatinine back", [chart(("Creatinine", 2.1, 1), ("Creatinine", 1.1, 40))],
           [chart(("Creatinine", 0.9, 1), ("Creatinine", 0.5, 40)), chart(("Creatinine", 3.0, 1), ("Creatinine", 2.1, 40))]),
    *cases("acute_kidney_injury", "Stage 2",
        [chart(("Creatinine", 1, 1), ("Creatinine", 2, 169)), chart(("Creatinine", 1, 1), ("Creatinine", 2.9, 40)),
         chart(("Urine output", 0.4, 1), ("Urine output", 0.4, 13))],
        [chart(("Creatinine", 1, 1), ("Creatinine", 1.9, 40)), chart(("Creatinine", 1, 1), ("Creatinine", 2, 170)),
         chart(("Creatinine", 1, 1), ("Creatinine", 3, 40)), chart(("Urine output", 0.4, 1), ("Urine output", 0.4, 12.9))]),
    *cases("acute_kidney_injury", "Stage 3",
        [chart(("Creatinine", 1, 1), ("Creatinine", 3, 40)), chart(("Creatinine", 3.7, 1), ("Creatinine", 4, 40)),
         chart(("Urine output", 0.2, 1), ("Urine output", 0.2, 25))],
        [chart(("Creatinine", 1, 1), ("Creatinine", 2.9, 40)), chart(("Creatinine", 4.2, 1), ("Creatinine", 4.3, 40)),
         chart(("Creatinine", 1, 1), ("Creatinine", 3, 170)), chart(("Urine output", 0.2, 1), ("Urine output", 0.2, 24.9))]),
    *cases("acute_tubular_necrosis", "Tubular injury", [chart(*RISE, ("FENa", 2.1)), chart(*RISE, said="Muddy brown casts.")],
        [chart(*RISE, ("FENa", 2)), chart(("FENa", 2.1)), chart(*RISE, said="No muddy brown casts.")]),
    *cases("ckd", "GFR under", [chart(("eGFR", 59, -2160), ("eGFR", 50, 0))],
        [chart(("eGFR", 60, -2160), ("eGFR", 50, 0)), chart(("eGFR", 59, -2159), ("eGFR", 50, 0))]),
    *cases("siadh", "Effective",
        [chart(("Sodium", 134), ("Serum osmolality", 274), ("Urine osmolality", 101), ("Urine sodium", 31))],
        [chart(("Sodium", 135), ("Serum osmolality", 274), ("Urine osmolality", 101), ("Urine sodium", 31)),
         chart(("Sodium", 134), ("Serum osmolality", 275), ("Urine osmolality", 101), ("Urine sodium", 31)),
         chart(("Sodium", 134), ("Serum osmolality", 274), ("Urine osmolality", 100), ("Urine sodium", 31)),
         chart(("Sodium", 134), ("Serum osmolality", 274), ("Urine osmolality", 101), ("Urine sodium", 30)),
         chart(("Sodium", 134), ("Serum osmolality", 274), ("Urine osmolality", 101), ("Urine sodium", 31), drugs=("Furosemide",))]),
    *cases("hypomagnesemia", "Serum", [chart(("Magnesium", 1.6))], [chart(("Magnesium", 1.7))]),
    *cases("hypophosphatemia", "Serum", [chart(("Phosphate", 2.4))], [chart(("Phosphate", 2.5))]),
    *cases("acidosis", "Metabolic", [chart(("Arterial pH", 7.34), ("Bicarbonate", 21))],
        [chart(("Arterial pH", 7.35), ("Bicarbonate", 21)), chart(("Arterial pH", 7.34), ("Bicarbonate", 22))]),
    *cases("acidosis", "Respiratory", [chart(("Arterial pH", 7.34), ("PaCO2", 46))],
        [chart(("Arterial pH", 7.35), ("PaCO2", 46)), chart(("Arterial pH", 7.34), ("PaCO2", 45))]),
    *cases("lactic_acidosis", "Lactate", [chart(("Lactate", 4.1), ("Arterial pH", 7.34))],
        [chart(("Lactate", 4), ("Arterial pH", 7.34)), chart(("Lactate", 4.1), ("Arterial pH", 7.35)), chart(("Lactate", 9))]),
    *cases("alkalosis", "Arterial", [chart(("Arterial pH", 7.46))], [chart(("Arterial pH", 7.45))]),
    *cases("rhabdomyolysis", "Creatine", [chart(("CK", 1001))], [chart(("CK", 1000))]),
    *cases("obstructive_uropathy", "Blocked", [chart(imaging="Moderate left hydronephrosis.")], [chart(imaging="No hydronephrosis.")]),
    *cases("hypertensive_kidney_disease", "The classification", [chart(said="HTN. CKD."), chart(codes=("I10", "N18.4"))],
        [chart(said="Portal hypertension. CKD."), chart(said="HTN. CKD, unrelated to hypertension.")]),
    *cases("hypocalcemia", "Ionized", [chart(("Ionized calcium", 1.11))], [chart(("Ionized calcium", 1.12)), chart(("Calcium", 7))]),
    *cases("hypercalcemia", "Calcium", [chart(("Calcium", 10.6)), chart(("Ionized calcium", 1.33))],
        [chart(("Calcium", 10.5), ("Ionized calcium", 1.32))]),
]  # fmt: skip

GLANDS = [
    *cases("diabetes", "HbA1c",
        [chart(("HbA1c", 6.5), ("Fasting glucose", 126)), chart(("HbA1c", 6.5, 1), ("HbA1c", 6.6, 30)),
         chart(("Fasting glucose", 126, 1), ("Fasting glucose", 130, 25))],
        [chart(("HbA1c", 6.5)), chart(("HbA1c", 6.4), ("Fasting glucose", 126)), chart(("HbA1c", 6.5), ("Fasting glucose", 125))]),
    *cases("diabetes", "Random", [chart(("Glucose", 200), said="Polyuria.")],
        [chart(("Glucose", 199), said="Polyuria."), chart(("Glucose", 200), said="No polyuria.")]),
    *cases("diabetic_ketoacidosis", "Glucose",
        [chart(*DKA), chart(("Glucose", 150), *DKA[1:], said="Type 1 diabetes."), chart(*DKA[:2], ("Bicarbonate", 17)),
         chart(DKA[0], DKA[2], ("Urine ketones", "3+"))],
        [chart(("Glucose", 199), *DKA[1:]), chart(DKA[0], ("Beta-hydroxybutyrate", 2.9), DKA[2]), chart(*DKA[:2], ("Arterial pH", 7.3)),
         chart(*DKA[:2], ("Bicarbonate", 18)), chart(DKA[0], DKA[2], ("Urine ketones", "1+"))]),
    *cases("hyperosmolar_state", "Glucose", [chart(*HHS), chart(HHS[0], ("Serum osmolality", 321), *HHS[2:])],
        [chart(("Glucose", 599), *HHS[1:]), chart(HHS[0], ("Effective osmolality", 300), ("Serum osmolality", 320)),
         chart(*HHS, ("Beta-hydroxybutyrate", 3)), chart(*HHS[:2], ("Arterial pH", 7.29)), chart(*HHS[:2], ("Bicarbonate", 14))]),
    *cases("diabetic_kidney_disease", "Persistent", [chart(said="T2DM. CKD."), chart(codes=("E11.9", "N18.31"))],
        [chart(said="T2DM."), chart(said="CKD."), chart(said="T2DM. CKD due to polycystic kidney disease.")]),
    *cases("diabetic_foot_ulcer", "Ulcer", [chart(said="T2DM with neuropathy.", nurse="Plantar ulcer, right.")],
        [chart(said="T2DM.", nurse="Plantar ulcer, right."), chart(said="Neuropathy.", nurse="Plantar ulcer."), chart(said="T2DM with neuropathy.")]),
    *cases("diabetic_neuropathy", "Symmetric", [chart(said="T2DM. Peripheral neuropathy.")],
        [chart(said="T2DM. Denies neuropathy."), chart(said="T2DM. Alcoholic neuropathy."), chart(said="Peripheral neuropathy.")]),
    *cases("hyperglycemia", "In hospital", [chart(("Glucose", 141))], [chart(("Glucose", 140))]),
    *cases("hypoglycemia", "Glucose", [chart(("Glucose", 69))], [chart(("Glucose", 70))]),
    *cases("hypothyroidism", "High TSH", [chart(("TSH", 4.13), ("Free T4", 0.69))],
        [chart(("TSH", 4.12), ("Free T4", 0.69)), chart(("TSH", 4.13), ("Free T4", 0.7))]),
    *cases("hyperthyroidism", "Low TSH", [chart(("TSH", 0.09), ("Free T4", 2.1))],
        [chart(("TSH", 0.1), ("Free T4", 2.1)), chart(("TSH", 0.09), ("Free T4", 2.0))]),
    *cases("adrenal_insufficiency", "Peak", [chart(("Cortisol 60 minutes post cosyntropin", 17.9))],
        [chart(("Cortisol 60 minutes post cosyntropin", 18)), chart(("Cortisol", 17)),
         chart(("Cortisol 60 minutes post cosyntropin", 15, 1), ("Cortisol 60 minutes post cosyntropin", 19, 2))]),
    *cases("adrenal_insufficiency", "In critical", [chart(("Cortisol", 9.9), drugs=("Norepinephrine",))],
        [chart(("Cortisol", 10), drugs=("Norepinephrine",)), chart(("Cortisol", 9.9))]),
    *cases("underweight", "BMI", [chart(("BMI", 18.4))], [chart(("BMI", 18.5)), chart(("BMI", 17), age_years=17)]),
    *cases("obesity", "Adults", [chart(("BMI", 30), age_years=18)], [chart(("BMI", 29.9)), chart(("BMI", 31), age_years=17)]),
    *cases("overweight", "Adults", [chart(("BMI", 25)), chart(("BMI", 29.9))],
        [chart(("BMI", 24.9)), chart(("BMI", 30)), chart(("BMI", 28, 1), ("BMI", 31, 9))]),
]  # fmt: skip


@pytest.mark.parametrize(("condition", "start", "one", "holds"), [*HEART, *LUNGS, *INFECTION, *KIDNEY, *GLANDS])
def test_a_criterion_is_met_at_its_threshold_and_not_beside_it(
    condition: str, start: str, one: ChartContext, holds: bool
) -> None:
    assert meets(condition, start, one) is holds


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("Oxygen [Partial pressure] in Arterial blood", "pao2"),
        ("Oxygen [Partial pressure] in Venous blood", "venous_po2"),
        ("pO2, venous", "venous_po2"),
        ("Carbon dioxide [Partial pressure] in Arterial blood", "paco2"),
        ("pH of Venous blood", "venous_ph"),
        ("pH of Arterial blood", "ph"),
        ("Oxygen saturation in Venous blood", "venous_saturation"),
        ("Urine osmolality", "urine_osmolality"),
        ("Osmolality of Serum or Plasma", "osmolality"),
        ("Sodium [Moles/volume] in Urine", "urine_sodium"),
        ("Glucose fasting", "fasting_glucose"),
        ("Ionized calcium", "ionized_calcium"),
        ("Calcium [Mass/volume] in Serum or Plasma", "calcium"),
        ("Thyrotropin [Units/volume] in Serum or Plasma", "tsh"),
        ("Natriuretic peptide B [Mass/volume] in Serum or Plasma", "bnp"),
        ("Natriuretic peptide.B prohormone N-Terminal [Mass/volume] in Serum or Plasma", "nt_probnp"),
        ("Cortisol 60 minutes post cosyntropin", "stimulated_cortisol"),
    ],
)  # fmt: skip
def test_a_venous_gas_or_another_material_is_not_read_as_the_arterial_or_serum_value(name: str, key: str) -> None:
    assert lab_of(name) == key


def test_a_conventional_troponin_is_read_in_the_same_unit() -> None:
    values = (ChartFact(f"f{at}", "lab", "Troponin I", "", value, str(value), "ng/mL", "", ADMITTED + timedelta(hours=at))
              for at, value in ((1, 0.05), (6, 0.061)))  # fmt: skip
    note = ChartDocument("d", "Chest pain.", "attending", "progress_note", ADMITTED)
    one = ChartContext((note,), tuple(values), admitted_at=ADMITTED)
    assert meets("myocardial_infarction", "Acute myocardial injury", one)
