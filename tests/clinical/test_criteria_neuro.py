"""Criteria of neurology, psychiatry, gastroenterology, nutrition and clinic as data: at the threshold, short of it, beyond."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from query_mgr.clinical.criteria import criteria_met
from query_mgr.clinical.library import load
from query_mgr.clinical.mentions import mentions
from query_mgr.clinical.requirements.chart import ChartContext, ChartDocument, ChartFact

ADMITTED = datetime(2026, 3, 2, 8, tzinfo=UTC)


def _lab(name: str, value: float, unit: str = "", hours: float = 1, kind: str = "lab") -> ChartFact:
    return ChartFact(
        f"{name}{hours}", kind, name, "", value, str(value), unit, "", ADMITTED + timedelta(hours=hours)
    )


def _drug(name: str) -> ChartFact:
    return ChartFact(name, "medication", name, "", None, "", "", "", ADMITTED)


def _note(text: str, role: str = "attending", kind: str = "progress_note") -> ChartDocument:
    return ChartDocument(f"{role}-{kind}", text, role, kind, ADMITTED + timedelta(hours=5))


def _imaging(text: str) -> ChartDocument:
    return _note(text, "radiologist", "imaging_report")


def _chart(*items: ChartFact | ChartDocument, age: float | None = 55, codes: tuple[str, ...] = ()) -> ChartContext:
    return ChartContext(
        documents=tuple(one for one in items if isinstance(one, ChartDocument)),
        facts=tuple(one for one in items if isinstance(one, ChartFact)),
        codes=codes,
        admitted_at=ADMITTED,
        age_years=age,
    )


def _meets(condition: str, *items: ChartFact | ChartDocument, source: str = "", age: float | None = 55) -> bool:
    met = criteria_met(load()[condition], _chart(*items, age=age))
    return any(source in one.criterion.source for one in met)


# -- scales and single values ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("condition", "name", "unit", "at", "short"),
    [
        ("coma", "Glasgow coma scale total", "{score}", 8, 9),
        ("delirium", "ICDSC", "{score}", 4, 3),
        ("dementia", "Clinical Dementia Rating", "{score}", 1, 0.5),
        ("opioid_use", "COWS", "{score}", 5, 4),
        ("depression", "PHQ-9", "{score}", 10, 9),
        ("anxiety_disorder", "GAD-7", "{score}", 10, 9),
        ("vitamin_d_deficiency", "25-hydroxyvitamin D", "ng/mL", 11.9, 12),
        ("vitamin_d_deficiency", "25-hydroxyvitamin D", "nmol/L", 29.9, 30),
        ("vitamin_b12_deficiency", "Vitamin B12", "pg/mL", 199, 200),
        ("vitamin_b12_deficiency", "Vitamin B12", "pmol/L", 147, 148),
        ("cirrhosis", "Liver stiffness", "kPa", 15.1, 15),
        ("spontaneous_bacterial_peritonitis", "Ascitic fluid PMN", "/uL", 251, 250),
        ("obstructive_sleep_apnea", "Apnea-hypopnea index", "/h", 15, 14.9),
        ("peripheral_artery_disease", "Ankle-brachial index", "", 0.9, 0.91),
        ("osteoporosis", "T-score", "", -2.5, -2.4),
    ],
)
def test_a_value_meets_its_threshold_and_the_next_one_does_not(
    condition: str, name: str, unit: str, at: float, short: float
) -> None:
    assert _meets(condition, _lab(name, at, unit))
    assert not _meets(condition, _lab(name, short, unit))


def test_the_coma_scale_of_a_sedated_patient_shows_no_coma() -> None:
    assert not _meets("coma", _lab("GCS", 6), _drug("Propofol 10 mg/mL infusion"))


def test_a_dementia_rating_during_delirium_does_not_count() -> None:
    assert not _meets("dementia", _lab("CDR", 2), _note("Delirium on day 2."), source="Morris")


def test_fewer_apneas_count_with_symptoms() -> None:
    index = _lab("AHI", 5, "/h")
    assert _meets("obstructive_sleep_apnea", index, _note("Snoring, excessive sleepiness."))
    assert not _meets("obstructive_sleep_apnea", index)
    assert not _meets("obstructive_sleep_apnea", _lab("AHI", 4.9, "/h"), _note("Snoring."))


def test_a_low_bone_density_before_50_is_no_osteoporosis() -> None:
    assert not _meets("osteoporosis", _lab("T-score", -2.6), age=49)


def test_cells_of_ascites_after_perforation_show_no_spontaneous_peritonitis() -> None:
    cells = _lab("Ascitic fluid PMN", 900, "/uL")
    assert not _meets("spontaneous_bacterial_peritonitis", cells, _note("Perforated viscus."))


# -- brain -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "meets"),
    [
        ("Lethargic. Sepsis from urine.", True),
        ("Lethargic. Urinary tract infection.", False),
        ("Alert. Sepsis from urine.", False),
        ("Not confused. Sepsis.", False),
    ],
)
def test_acute_encephalopathy_needs_a_change_and_a_systemic_cause(text: str, meets: bool) -> None:
    assert _meets("encephalopathy", _note(text)) is meets


@pytest.mark.parametrize(("text", "meets"), [("CAM-ICU positive.", True), ("CAM negative.", False)])
def test_delirium_by_the_confusion_assessment(text: str, meets: bool) -> None:
    assert _meets("delirium", _note(text, "nurse", "nursing_note"), source="Inouye") is meets


@pytest.mark.parametrize(
    ("image", "finding", "meets"),
    [
        ("Acute infarct in the left MCA territory.", "Aphasia.", True),
        ("No acute infarct.", "Aphasia.", False),
        ("Acute infarct in the left MCA territory.", "No focal deficit.", False),
        ("Chronic infarct.", "Aphasia.", False),
    ],
)
def test_an_ischemic_stroke_shows_on_imaging_and_in_the_patient(image: str, finding: str, meets: bool) -> None:
    assert _meets("stroke", _imaging(image), _note(finding)) is meets


def test_one_point_on_the_stroke_scale_is_a_deficit_and_none_is_not() -> None:
    image = _imaging("Restricted diffusion in the pons.")
    assert _meets("stroke", image, _lab("NIHSS", 1))
    assert not _meets("stroke", image, _lab("NIHSS", 0))


def test_bleeding_into_the_brain_after_trauma_is_no_stroke() -> None:
    image, deficit = _imaging("Thalamic hemorrhage."), _note("Hemiparesis.", "nurse", "nursing_note")
    assert _meets("stroke", image, deficit)
    assert not _meets("stroke", image, deficit, _note("Motor vehicle collision."))


@pytest.mark.parametrize(
    ("image", "text", "meets"),
    [
        ("No acute infarct.", "Aphasia resolved after 20 minutes.", True),
        ("Acute infarct in the insula.", "Aphasia resolved after 20 minutes.", False),
        ("No acute infarct.", "Aphasia persists.", False),
        ("", "Aphasia resolved after 20 minutes.", False),
    ],
)
def test_a_transient_attack_resolves_and_leaves_no_infarct(image: str, text: str, meets: bool) -> None:
    assert _meets("tia", _imaging(image), _note(text)) is meets


@pytest.mark.parametrize(
    ("text", "meets"),
    [
        ("Seizure at home. EEG with epileptiform discharges.", True),
        ("Seizure at home. EEG normal.", False),
        ("Alcohol withdrawal with seizure. EEG with epileptiform discharges.", False),
    ],
)
def test_one_unprovoked_seizure_with_a_high_risk_is_epilepsy(text: str, meets: bool) -> None:
    assert _meets("seizure", _note(text)) is meets


@pytest.mark.parametrize(
    ("image", "drug", "meets"),
    [
        ("Vasogenic edema with 6 mm midline shift.", "Dexamethasone 4 mg", True),
        ("Vasogenic edema with 6 mm midline shift.", "Acetaminophen", False),
        ("No midline shift or mass effect.", "Dexamethasone 4 mg", False),
    ],
)
def test_brain_swelling_counts_where_it_is_treated(image: str, drug: str, meets: bool) -> None:
    assert _meets("cerebral_edema", _imaging(image), _drug(drug)) is meets


# -- substances ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("score", "meets"), [(10, True), (9, False)])
def test_alcohol_withdrawal_of_moderate_degree(score: float, meets: bool) -> None:
    assert _meets("alcohol_withdrawal", _lab("CIWA-Ar", score), _note("Last drink two days ago.")) is meets
    assert not _meets("alcohol_withdrawal", _lab("CIWA-Ar", score), _note("No history."))


@pytest.mark.parametrize(
    ("rate", "note", "drug", "meets"),
    [
        (12, "Found down.", "Naloxone 0.4 mg", True),
        (13, "Found down.", "Naloxone 0.4 mg", False),
        (13, "Found down, pinpoint pupils.", "Naloxone 0.4 mg", True),
        (8, "Awake and talking.", "Naloxone 0.4 mg", False),
        (8, "Found down.", "Thiamine", False),
    ],
)
def test_opioid_poisoning_is_a_picture_of_consciousness_and_breath(
    rate: float, note: str, drug: str, meets: bool
) -> None:
    items = (_lab("Respiratory rate", rate, "/min", kind="vital"), _note(note), _drug(drug))
    assert _meets("opioid_overdose", *items, source="Hoffman") is meets


# -- stomach, bowel, liver, pancreas ---------------------------------------------------------------------------------


@pytest.mark.parametrize(("text", "meets"), [("Melena overnight.", True), ("No melena or hematemesis.", False)])
def test_bleeding_is_overt_whoever_saw_it(text: str, meets: bool) -> None:
    assert _meets("gi_bleed", _note(text, "nurse", "nursing_note")) is meets


@pytest.mark.parametrize(
    ("lipase", "pain", "image", "meets"),
    [
        (180, "Epigastric pain.", "Normal pancreas.", True),
        (179, "Epigastric pain.", "Normal pancreas.", False),
        (90, "Epigastric pain.", "Peripancreatic stranding.", True),
        (900, "No pain.", "Normal pancreas.", False),
    ],
)
def test_acute_pancreatitis_needs_two_of_three(lipase: float, pain: str, image: str, meets: bool) -> None:
    assert _meets("pancreatitis", _lab("Lipase", lipase, "U/L"), _note(pain), _imaging(image)) is meets


@pytest.mark.parametrize(
    ("values", "last", "note", "meets"),
    [
        ((1.9, 2.2), 49, "Acute pancreatitis.", True),
        ((1.8, 2.2), 49, "Acute pancreatitis.", False),
        ((1.9, 2.2), 40, "Acute pancreatitis.", False),
        ((1.9, 2.2), 49, "Acute pancreatitis, CKD.", False),
        ((1.9, 2.2), 49, "Cholangitis.", False),
    ],
)
def test_severe_pancreatitis_has_organ_failure_that_lasts(
    values: tuple[float, float], last: float, note: str, meets: bool
) -> None:
    labs = (_lab("Creatinine", values[0], "mg/dL", 0), _lab("Creatinine", values[1], "mg/dL", last))
    assert _meets("pancreatitis", *labs, _note(note), source="table 1") is meets


def test_local_complications_of_pancreatitis_stand_in_the_imaging() -> None:
    note = _note("Acute pancreatitis.")
    assert _meets("pancreatitis", note, _imaging("Pancreatic necrosis of the tail."))
    assert not _meets("pancreatitis", note, _imaging("No pancreatic necrosis or collection."))


@pytest.mark.parametrize(
    ("inr", "note", "meets"),
    [
        (1.5, "Hepatic encephalopathy, acute hepatitis.", True),
        (1.4, "Hepatic encephalopathy, acute hepatitis.", False),
        (1.5, "Acute hepatitis, alert.", False),
        (1.5, "Hepatic encephalopathy with cirrhosis, acute hepatitis.", False),
    ],
)
def test_acute_liver_failure_strikes_a_liver_without_cirrhosis(inr: float, note: str, meets: bool) -> None:
    assert _meets("liver_failure", _lab("INR", inr), _note(note)) is meets


@pytest.mark.parametrize(
    ("note", "drug", "meets"),
    [
        ("Cirrhosis. Asterixis, confused.", "Lactulose", True),
        ("Cirrhosis. Asterixis, confused.", "Senna", False),
        ("Cirrhosis. Alert and oriented.", "Lactulose", False),
        ("Constipation, confused.", "Lactulose", False),
    ],
)
def test_hepatic_encephalopathy_needs_liver_signs_and_treatment(note: str, drug: str, meets: bool) -> None:
    assert _meets("hepatic_encephalopathy", _note(note), _drug(drug)) is meets


@pytest.mark.parametrize(
    ("condition", "seen", "not_seen"),
    [
        ("bowel_obstruction", "Dilated loops with a transition point.", "No transition point. Gas in the colon."),
        ("cirrhosis", "Nodular liver.", "Liver is smooth, no cirrhosis."),
        ("ascites", "Moderate ascites.", "No ascites."),
        ("diverticulitis", "Acute diverticulitis of the sigmoid.", "Diverticulosis without diverticulitis."),
    ],
)
def test_what_imaging_shows(condition: str, seen: str, not_seen: str) -> None:
    assert _meets(condition, _imaging(seen))
    assert not _meets(condition, _imaging(not_seen))


def test_diverticulitis_is_complicated_by_an_abscess_or_air() -> None:
    def complicated(text: str) -> bool:
        met = criteria_met(load()["diverticulitis"], _chart(_note("Diverticulitis."), _imaging(text)))
        return any(one.criterion.text.startswith("Complicated") for one in met)

    assert complicated("Pericolic abscess of 3 cm.")
    assert not complicated("Wall thickening. No abscess or free air.")


# -- nutrition -------------------------------------------------------------------------------------------------------

WASTED = "Muscle wasting at the temples."
STARVED = "Intake less than 50% of needs."


@pytest.mark.parametrize(
    ("loss", "note", "age", "meets"),
    [
        (5, WASTED, 55, True),
        (4.9, WASTED, 55, False),
        (5, "Good muscle mass.", 55, False),
        (5, WASTED, 17, False),
        (2, f"{WASTED} {STARVED}", 55, True),
    ],
)
def test_aspen_asks_for_two_findings(loss: float, note: str, age: float, meets: bool) -> None:
    items = (_lab("Weight loss", loss, "%", kind="vital"), _note(note, "dietitian", "nutrition_note"))
    assert _meets("malnutrition", *items, source="ASPEN", age=age) is meets


@pytest.mark.parametrize(
    ("bmi", "note", "age", "meets"),
    [
        (19.9, STARVED, 69, True),
        (20, STARVED, 69, False),
        (21.9, STARVED, 70, True),
        (22, STARVED, 70, False),
        (19.9, "Eats well.", 69, False),
    ],
)
def test_glim_asks_for_a_body_and_a_cause(bmi: float, note: str, age: float, meets: bool) -> None:
    items = (_lab("BMI", bmi, "kg/m2", kind="vital"), _note(note, "dietitian", "nutrition_note"))
    assert _meets("malnutrition", *items, source="GLIM", age=age) is meets


@pytest.mark.parametrize(
    ("loss", "note", "albumin", "meets"),
    [
        (5, "Heart failure, fatigue, poor appetite.", 3.1, True),
        (4.9, "Heart failure, fatigue, poor appetite.", 3.1, False),
        (5, "Heart failure, fatigue, poor appetite.", 3.2, False),
        (5, "Ankle sprain, fatigue, poor appetite.", 3.1, False),
    ],
)
def test_cachexia_is_loss_with_illness_and_three_signs(
    loss: float, note: str, albumin: float, meets: bool
) -> None:
    items = (_lab("Weight loss", loss, "%"), _lab("Albumin", albumin, "g/dL"), _note(note))
    assert _meets("cachexia", *items, source="Evans") is meets


@pytest.mark.parametrize(("loss", "meets"), [(5.1, True), (5, False)])
def test_cancer_cachexia_is_a_loss_of_more_than_a_twentieth(loss: float, meets: bool) -> None:
    assert _meets("cachexia", _lab("Weight loss", loss, "%"), _note("Lung cancer."), source="Fearon") is meets


# -- clinic ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "meets"),
    [
        ("ESRD, outpatient dialysis on Monday.", True),
        ("AKI, one session of hemodialysis.", False),
        ("ESRD, refuses outpatient dialysis.", False),
    ],
)
def test_dependence_on_dialysis_is_regular_dialysis_for_kidney_failure(text: str, meets: bool) -> None:
    assert _meets("dialysis_dependence", _note(text)) is meets


@pytest.mark.parametrize(("drug", "meets"), [("Rituximab 500 mg", True), ("Hydroxychloroquine", False)])
def test_a_strong_biologic_suppresses_immunity(drug: str, meets: bool) -> None:
    assert _meets("immunosuppression", _drug(drug)) is meets


# -- names -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Glasgow coma scale 7", []),
        ("SBP 92, GAD antibody negative", []),
        ("RA 95 %, former smoker", []),
        ("chronic hepatitis C, hepatitis panel sent", ["hepatitis"]),
        ("hepatic encephalopathy", ["hepatic_encephalopathy"]),
        ("left sided hemiparesis", ["hemiplegia"]),
        ("hemiplegic migraine", []),
        ("at risk for refeeding syndrome", []),
        ("malignant ascites", ["malignant_ascites"]),
        ("opioid dependence, nicotine dependence", ["opioid_use", "nicotine_dependence"]),
    ],
)
def test_abbreviations_and_look_alikes(text: str, expected: list[str]) -> None:
    assert [one.condition for one in mentions(text)] == expected
