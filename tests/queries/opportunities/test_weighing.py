"""What makes a finding worth a query, and what answers it."""

from __future__ import annotations

import pytest

from query_mgr.queries.opportunities.gap import (
    CONFLICT,
    POA,
    PROCEDURE,
    TREATMENT,
    UNDOCUMENTED,
    UNSPECIFIED,
    VALIDATION,
)
from query_mgr.queries.opportunities.record import said_in
from tests.queries.opportunities.builders import KIDNEY_NOTE, Note, Value, a_chart, asked, gaps

SIRS: tuple[Value, ...] = (
    (1, "vital", "Temperature", 38.8, "Cel"), (1, "vital", "Heart rate", 112, "/min"),
    (1, "lab", "WBC", 14.8, "10*3/uL"),
)  # fmt: skip
CELLULITIS: Note = (2, "attending", "history_and_physical", "Cellulitis of the left calf, cefazolin.")


def note(text: str, hours: int = 2, role: str = "attending", kind: str = "progress_note") -> Note:
    return (hours, role, kind, text)


def test_signs_of_inflammation_alone_are_no_question_of_sepsis() -> None:
    assert (UNDOCUMENTED, "sepsis") not in asked(a_chart((CELLULITIS,), SIRS))


@pytest.mark.parametrize(
    "value",
    [(1, "lab", "Lactate", 3.1, "mmol/L"), (1, "vital", "Systolic blood pressure", 84, "mmHg"), (1, "lab", "Platelets", 71000, "/uL")],
)  # fmt: skip
def test_with_a_suffering_organ_they_are(value: Value) -> None:
    assert {(UNDOCUMENTED, "sepsis"), (UNDOCUMENTED, "shock")} & asked(a_chart((CELLULITIS,), (*SIRS, value)))


def test_one_sodium_that_nobody_treats_is_no_question_and_a_treated_one_is() -> None:
    value = ((1, "lab", "Sodium", 128, "mmol/L"), (20, "lab", "Sodium", 134, "mmol/L"))
    assert (UNDOCUMENTED, "hyponatremia") not in asked(a_chart((note("Hip fracture after a fall."),), value))
    assert (UNDOCUMENTED, "hyponatremia") in asked(
        a_chart((note("Hip fracture. Na 128, fluid restrict 1.2 L."),), value)
    )


def test_a_creatinine_that_falls_to_baseline_asks_for_the_injury_before_the_stay() -> None:
    values = ((1, "lab", "Creatinine", 2.2, "mg/dL"), (40, "lab", "Creatinine", 1.0, "mg/dL"))
    assert (UNDOCUMENTED, "acute_kidney_injury") in asked(a_chart((KIDNEY_NOTE,), values))


def test_a_hemoglobin_drop_after_bleeding_asks_for_blood_loss_only_where_it_is_treated() -> None:
    values = ((1, "lab", "Hemoglobin", 13.4, "g/dL"), (40, "lab", "Hemoglobin", 10.9, "g/dL"))
    operation = note("Hip arthroplasty. EBL 250.", kind="operative_note")
    quiet = a_chart((operation,), values)
    followed = a_chart((operation, note("Trend hemoglobin q8h.", 42)), values)
    assert (UNDOCUMENTED, "acute_blood_loss_anemia") not in asked(quiet)
    assert (UNDOCUMENTED, "acute_blood_loss_anemia") in asked(followed)


def test_a_fall_over_four_days_after_bleeding_asks_for_blood_loss_and_not_for_any_anemia() -> None:
    values = ((1, "lab", "Hemoglobin", 12.6, "g/dL"), (75, "lab", "Hemoglobin", 7.6, "g/dL"),
              (76, "procedure", "Transfusion of red blood cells", "", ""))  # fmt: skip
    found = asked(a_chart((note("Femoral nailing. EBL 350.", 20, kind="operative_note"),), values))
    assert (UNDOCUMENTED, "acute_blood_loss_anemia") in found
    assert (UNDOCUMENTED, "anemia") not in found


def test_bleeding_on_warfarin_that_is_reversed_asks_for_the_coagulopathy() -> None:
    values = ((1, "lab", "INR", 7.2, ""), (2, "medication", "Phytonadione 10 mg IV", "", ""))
    bleeding = a_chart((note("Gross hematuria. Supratherapeutic INR, vitamin K."),), values)
    assert (UNDOCUMENTED, "coagulopathy") in asked(bleeding)
    assert (UNDOCUMENTED, "coagulopathy") not in asked(
        a_chart((note("Supratherapeutic INR before surgery."),), values)
    )


def test_a_drained_stomach_with_a_stalled_bowel_asks_for_ileus_and_an_obstruction_does_not() -> None:
    stalled = note("POD3 distended, no flatus, emesis x3. NGT placed, NPO.", 70)
    assert (UNDOCUMENTED, "ileus") in asked(a_chart((stalled,)))
    film = note("High grade obstruction with a transition point.", 71, "radiologist", "imaging_report")
    assert (UNDOCUMENTED, "ileus") not in asked(a_chart((stalled, film)))


@pytest.mark.parametrize(
    ("text", "condition"),
    [("1. PNA - ctx", "pneumonia"), ("HypoK, replete.", "hypokalemia"), ("Hemorrhagic shock, MTP.", "hypovolemic_shock"),
     ("acute hypoxic resp failure", "acute_respiratory_failure"), ("AF with RVR", "atrial_fibrillation"),
     ("Sepsis with shock", "septic_shock"), ("Small PTX", "pneumothorax"), ("Bleeding duodenal ulcer", "gi_bleed")],
)  # fmt: skip
def test_a_short_form_of_the_notes_documents_a_condition(text: str, condition: str) -> None:
    assert condition in {one.condition for one in said_in(text)}


@pytest.mark.parametrize("text", ["PE: lungs clear", "bottle cap", "pe", "Return to the clinic"])
def test_a_heading_or_another_word_documents_nothing(text: str) -> None:
    assert said_in(text) == ()


def test_a_cause_is_what_the_name_comes_of_and_not_where_somebody_fell_from() -> None:
    # "after a fall from standing" says nothing of the bone
    notes = (note("Right femoral neck fracture after a fall from standing. Osteoporosis, on alendronate."),)
    assert (UNSPECIFIED, "fracture") in asked(a_chart(notes))
    stated = (note("Right femoral neck fracture due to osteoporosis after a fall from standing, on alendronate."),)
    assert (UNSPECIFIED, "fracture") not in asked(a_chart(stated))


def test_presence_on_admission_is_no_question_of_what_is_documented_on_the_first_day() -> None:
    early = note("Decubitus ulcer of the left heel, offload.", 3, kind="history_and_physical")
    late = note("Decubitus ulcer of the left heel, offload.", 80)
    assert (POA, "pressure_injury") not in asked(a_chart((early,)))
    assert (POA, "pressure_injury") in asked(a_chart((late,)))


def test_a_diagnosis_that_was_ruled_out_needs_no_validation() -> None:
    values = ((1, "vital", "Heart rate", 84, "/min"), (1, "lab", "Lactate", 1.0, "mmol/L"))
    notes = (note("Sepsis due to UTI.", 2), note("Sepsis due to UTI.", 30))
    assert (VALIDATION, "sepsis") in asked(a_chart(notes, values))
    assert (VALIDATION, "sepsis") not in asked(a_chart((*notes, note("Sepsis ruled out.", 50)), values))


def test_low_pressure_bears_sepsis_out() -> None:
    values = ((1, "vital", "Systolic blood pressure", 82, "mmHg"), (1, "lab", "Lactate", 1.6, "mmol/L"))
    assert (VALIDATION, "sepsis") not in asked(a_chart((note("Sepsis due to UTI."),), values))


def test_a_clear_mind_at_the_end_does_not_contradict_an_encephalopathy() -> None:
    notes = (note("Metabolic encephalopathy due to UTI, confused, oriented to self."), note("A&Ox4, home.", 60))
    assert (VALIDATION, "encephalopathy") not in asked(a_chart(notes))
    clear = (note("Metabolic encephalopathy due to UTI. A&Ox4, conversant."), note("A&Ox4, home.", 60))
    assert (VALIDATION, "encephalopathy") in asked(a_chart(clear))


def test_of_two_sides_of_a_conflict_one_is_asked() -> None:
    notes = (
        note("TIA, symptoms resolved.", 10), note("Acute ischemic stroke.", 20, "consultant", "consult_note"),
        note("TIA. Aspirin.", 30, kind="discharge_summary"),
    )  # fmt: skip
    assert sorted(condition for kind, condition in asked(a_chart(notes)) if kind == CONFLICT) == ["stroke"]


def test_a_wider_shock_is_not_asked_beside_the_septic_one() -> None:
    values = (*SIRS, (1, "lab", "Lactate", 5, "mmol/L"), (1, "vital", "Systolic blood pressure", 70, "mmHg"),
              (2, "medication", "Norepinephrine infusion", "", ""))  # fmt: skip
    found = asked(a_chart((note("Shock, pneumonia with bacteremia, norepinephrine."),), values))
    assert (UNDOCUMENTED, "septic_shock") in found
    assert (UNSPECIFIED, "shock") not in found


@pytest.mark.parametrize(
    ("drug", "condition", "reason"),
    [("Tiotropium 18 mcg inhaled", "copd", "Asthma, stable."), ("Alendronate 70 mg PO weekly", "osteoporosis", "Osteopenia."),
     ("Sacubitril-valsartan 24-26 mg PO", "heart_failure", "HFrEF, stable."), ("Metformin 500 mg PO", "diabetes", "PCOS."),
     ("Levetiracetam 500 mg IV", "seizure", "SDH, keppra for seizure prophylaxis.")],
)  # fmt: skip
def test_a_drug_with_few_reasons_wants_one(drug: str, condition: str, reason: str) -> None:
    given = ((6, "medication", drug, "", ""),)
    assert (TREATMENT, condition) in asked(a_chart((note("Kidney stone. Home medications continued."),), given))
    assert (TREATMENT, condition) not in asked(a_chart((note(f"Kidney stone. {reason}"),), given))


def test_the_chart_may_answer_what_a_template_asks() -> None:
    lysis = note("Dense adhesions of omentum and bowel were lysed for an hour.", kind="operative_note")
    assert (PROCEDURE, "peritoneal_adhesions") in asked(a_chart((lysis,)))
    replanted = note("Replantation after complete amputation of the foot.", kind="operative_note")
    assert (PROCEDURE, "amputation") not in asked(a_chart((replanted,)))


def test_evidence_reads_as_people_write_it() -> None:
    values = (*SIRS, (1, "lab", "Lactate [Moles/volume] in Blood", 3.1, "mmol/L"))
    found = gaps(a_chart((CELLULITIS,), values), "sepsis")[UNDOCUMENTED]
    told = {one.text for one in found.evidence}
    assert {"Temperature 38.8 °C", "Heart rate 112/min", "WBC 14.8 ×10³/µL", "Lactate 3.1 mmol/L"} <= told


def test_a_saturation_that_is_the_aim_in_copd_is_no_question_of_respiratory_failure() -> None:
    values = ((1, "vital", "Oxygen saturation", 89, "%"), (1, "vital", "Respiratory rate", 22, "/min"),
              (2, "procedure", "Oxygen therapy", "", ""))  # fmt: skip
    assert (UNDOCUMENTED, "acute_respiratory_failure") in asked(
        a_chart((note("Pneumonia, ceftriaxone."),), values)
    )
    copd = a_chart((note("COPD exacerbation, prednisone."),), values)
    assert (UNDOCUMENTED, "acute_respiratory_failure") not in asked(copd)


def test_a_high_sodium_is_asked_about_where_water_is_given_or_it_is_far_out() -> None:
    def found(sodium: float, text: str) -> bool:
        chart = a_chart((note(text),), ((1, "lab", "Sodium", sodium, "mmol/L"),))
        return (UNDOCUMENTED, "hypernatremia") in asked(chart)

    assert not found(151, "Pyelonephritis, ceftriaxone.")
    assert found(151, "Pyelonephritis, ceftriaxone. Free water 200 mL q4h.")
    assert found(158, "Pyelonephritis, ceftriaxone.")


def test_the_values_of_one_measurement_read_as_one_line() -> None:
    values = tuple(
        (hours, "lab", "Creatinine", value, "mg/dL") for hours, value in ((1, 0.9), (20, 1.8), (40, 2.6))
    )
    found = gaps(a_chart((KIDNEY_NOTE,), values), "acute_kidney_injury")[UNDOCUMENTED]
    together = [(one.name, one.values, one.unit) for one in found.courses if one.values]
    assert together == [("Creatinine", tuple(one.text.split()[1] for one in found.evidence), " mg/dL")]
    assert len(together[0][1]) >= 2


def test_a_consultant_who_denies_what_the_team_affirms_is_a_conflict() -> None:
    team = note("Acute pancreatitis.", 30)
    consultant = note("No pancreatitis, lipase normal.", 20, "consultant", "consult_note")
    assert (CONFLICT, "pancreatitis") in asked(a_chart((team, consultant)))
