"""The rules of wording, sentence by sentence: what each finds, and what must pass."""

from __future__ import annotations

from typing import Any

import pytest

from query_mgr.queries.lint import Finding, lint
from query_mgr.queries.lint.exchange import draft_from

WORDING = {
    "leading_question",
    "directive_language",
    "urging_severity",
    "financial_or_quality_impact",
    "emphasis_or_preselect",
    "judgmental_tone",
    "vague_question",
}
QUERY: dict[str, Any] = {
    "query_type": "multiple_choice",
    "title": "Clarification",
    "body": "",
    "question": "Please clarify the condition treated with diuretics.",
    "options": ["Acute systolic heart failure", "Chronic systolic heart failure", "Other", "Unable to determine"],
    "indicators": [{"text": "BNP 1850", "source": "Laboratory"}],
    "documentation": "Heart failure. Pneumonia. Sepsis. Encephalopathy. Malnutrition. Pressure injury.",
}


def found(**words: Any) -> list[Finding]:
    """Return the findings of wording on a compliant query with other words."""
    return [one for one in lint(draft_from({**QUERY, **words})) if one.rule in WORDING]


def rules(**words: Any) -> set[str]:
    """Return the rules of wording that a compliant query with other words breaks."""
    return {one.rule for one in found(**words)}


STEERING = (
    "Don't you think this is sepsis?",
    "This is heart failure, isn't it?",
    "Would you not agree that this is acute systolic heart failure?",
    "It seems obvious that the patient had sepsis; please indicate.",
    "The labs strongly suggest sepsis, do you concur?",
    "I think this is pneumonia. Please clarify.",
    "In our opinion this is heart failure. What type?",
    "Findings are consistent with acute systolic heart failure, please confirm.",
    "Isn't this really encephalopathy?",
    "This has to be sepsis, right?",
    "You agree this was sepsis, yes?",
    "CDI feels that this represents acute systolic heart failure.",
    "Given everything, sepsis is the only logical answer. Please clarify.",
    "The patient meets Sepsis-2 criteria for sepsis. Please clarify.",
    "All signs point to acute systolic heart failure. Which is it?",
    "Please confirm that the patient has sepsis.",
    "Is it not true that the patient was septic?",
    "Shouldn't this be called encephalopathy?",
    "What else could it be but heart failure?",
    "The best answer is acute systolic heart failure.",
    "Obviously the heart failure is acute; please specify the acuity.",
    "It sounds like pneumonia. Which type?",
    "As you already know, this was sepsis. Please clarify.",
    "We are confident that this is malnutrition. What degree?",
    "Clinically this cannot be anything other than sepsis. Agree?",
    "Most physicians would call this sepsis. What is your diagnosis?",
    "The evidence for acute systolic heart failure is overwhelming; which type is it?",
    "Wouldn't it be reasonable to call this pneumonia?",
)
ORDERS = (
    "Please document: acute systolic heart failure.",
    "Document sepsis in your next note.",
    "Kindly add severe malnutrition to the discharge summary.",
    "Please write acute systolic heart failure as the principal diagnosis.",
    "Please update your note to say acute systolic heart failure.",
    'The discharge summary should read "acute systolic heart failure".',
    "You need to add pneumonia to the problem list.",
    "Please remove sepsis from the problem list.",
    "Delete the diagnosis of sepsis.",
    "Pick the first option.",
    "Please choose acute systolic heart failure.",
    "Make sure you document encephalopathy.",
    "Sepsis needs to be documented.",
    "Please change heart failure to acute systolic heart failure.",
    "Go ahead and put sepsis in the assessment.",
    "Respond with option A.",
    "Addend your note with acute systolic heart failure.",
    "Please list acute systolic heart failure as a diagnosis.",
    "Enter the diagnosis of sepsis in your note.",
    "Please state that the patient had sepsis.",
    "You are required to document sepsis.",
)
URGING = (
    "Please choose the most severe form that applies.",
    "Can you document a higher acuity for this heart failure?",
    "Is there a more serious condition that explains this?",
    "Please reflect how ill this patient really was.",
    "Would you consider upgrading this to severe malnutrition?",
    "Please use the strongest wording you can support.",
    "The documentation understates how sick he was. What type of heart failure?",
    "Please pick the worst stage you feel comfortable with.",
    "Could this be bumped up to severe?",
    "The more severe the better - what type?",
    "Please capture the full severity of illness.",
    "Please describe the malnutrition as severely as you can.",
    "Could a higher stage be supported?",
    "Please make the record look as sick as the patient was.",
)
BLAME = (
    "Your note is a mess. What type of heart failure?",
    "You never answer queries. What type?",
    "Yet again the type is missing from your note.",
    "It is your responsibility to document properly. Which type?",
    "Any competent physician would have documented this. Which type?",
    "Failure to answer will result in suspension. Which type?",
    "Why is there no type in your note?",
    "This is the third time we have had to ask. Which type?",
    "Respond by Friday or your privileges will be suspended.",
    "Your inattention to detail left the type out.",
    "Please try to be more careful next time. Which type?",
    "You obviously did not examine the patient. Which type?",
    "The discharge summary is incomplete and careless.",
    "I am disappointed in the quality of your notes. Which type?",
    "Stop copying and pasting. What type of heart failure?",
    "Your documentation does not make sense. Which type?",
    "You keep ignoring our queries. Which type?",
)
IMPACT = (
    "It would improve the capture rate.",
    "CLABSI rates would look bad for us.",
    "It supports the length of stay.",
    "This would move the case to a better paying group.",
    "The type of heart failure affects what the hospital is paid.",
    "A specific type would count as a major complication or comorbidity.",
    "Our expected mortality is affected.",
    "The insurer rejected the stay.",
    "The health plan will not pay for the admission.",
    "This counts against our readmission numbers.",
    "Without specificity the hospital stands to lose $8,000.",
    "It would help our star rating.",
    "This will protect us in an audit.",
    "This condition is a hierarchical condition category.",
    "An APR-DRG SOI of 4 depends on it.",
    "The case is being held from billing.",
    "This would be excluded from PSI 04.",
    "The payor may downgrade the claim.",
    "It will avoid a penalty.",
    "Needed for value based purchasing.",
    "The surgeon's quality profile improves.",
    "It improves the observed over expected ratio.",
    "The code carries more weight.",
    "We only get credit when the type is written.",
    "This supports medical necessity for Medicare.",
    "The case would go from DRG 293 to 291.",
    "r.e.i.m.b.u.r.s.e.m.e.n.t is affected",
    "It affects re1mbursement",
    "It affects r e v e n u e this quarter",
)
VAGUE = (
    "Please clarify.",
    "Thoughts?",
    "Please advise.",
    "See above.",
    "Can you clarify the documentation?",
    "Please respond.",
    "What do you think?",
    "Query.",
    "Please address.",
    "Further clarification needed.",
    "Please review and respond as appropriate.",
    "Need clarification.",
    "Comments?",
)
NEUTRAL_QUESTIONS = (
    "Please update your note with the type of heart failure, if known.",
    "Please document the clinical indicators that support sepsis.",
    "Please document whether the sepsis was present on admission.",
    "Which of the following best reflects your clinical judgment?",
    "Please select the option that best describes the condition.",
    "What is the most likely cause of the encephalopathy?",
    "Which option is most consistent with your clinical judgment?",
    "Please indicate the most appropriate diagnosis based on your independent judgment.",
    "Please document your clinical judgment of the heart failure type.",
    "Can you further specify the type of heart failure?",
    "Could you please clarify whether the pneumonia was aspiration or another type?",
    "Please document the type and acuity of the heart failure, if known.",
    "Please clarify whether the sepsis was confirmed or ruled out.",
    "Please confirm or rule out sepsis.",
    "Would you please clarify the clinical significance of the troponin?",
    "Is the patient's malnutrition mild, moderate or severe?",
    "Please document the highest degree of specificity known.",
    "Please clarify to the highest level of specificity possible.",
    "Was the pressure injury present on admission, or did it develop later?",
    "If clinically appropriate, please add the type of heart failure to your note.",
    "Please document your response in the progress note or discharge summary.",
    "Please clearly document the type of heart failure.",
    "Do you agree with the pathology findings of 3/3?",
    "In your opinion, what is the clinical significance of these findings?",
    "What condition was being evaluated and treated?",
    "Based on the indicators above, can the condition be further specified?",
    "Please state whether the diagnosis is clinically valid.",
    "Please note the side of the fracture.",
    "Can the relationship, if any, between the heart failure and the kidney disease be described?",
    "Please provide the diagnosis that best explains the findings.",
    "Is there an associated diagnosis for the hypoxia?",
    "Which diagnosis do these findings represent, in your judgment?",
    "Please clarify the conflicting documentation between cardiology and the hospitalist.",
    "Do the findings represent heart failure, pneumonia, or something else?",
    "Please clarify if the findings are consistent with sepsis, localized infection only, or another condition.",
    "Please review the findings and document whether sepsis is supported.",
    "As the attending, please clarify which diagnosis is correct.",
    "Please include the stage, if known.",
    "Please record the depth of debridement.",
    "Please list the organism, if known.",
    "What is the stage?",
    "Which kidney?",
    "Laterality?",
)
CLINICAL = (
    "Note: heart failure is treated with diuretics. Report of pneumonia on CT of 3/2.",
    "Records of 3/2 and 3/4 differ. List of medications reviewed.",
    "Patient denies chest pain and is in denial about his drinking.",
    "AUDIT-C score 8. Telemetry captured a 12-beat run; pacemaker capture intact.",
    "Sputum quality changed; sleep quality is poor; pain quality is sharp.",
    "PSI class IV, PSI 112. Insulin pump at 12 psi.",
    "ROM of the knee 20-70. ROM at 03:00, clear fluid.",
    "Struck in an MCC at 40 mph. 250 cc emesis. CC: chest pain.",
    "HCC s/p TACE, LR-5 lesion in the liver.",
    "CMI with SMA stent, postprandial pain.",
    "DRG stimulator implanted for CRPS.",
    "The patient cannot pay for insulin; financial hardship; lost insurance.",
    "Compensated cirrhosis. Incentive spirometry used. Charge nurse notified.",
    "Failed extubation on day 2; failure to thrive; inadequate oral intake; poor historian.",
    "Careless with insulin per wife. Patient was noncompliant with dialysis.",
    "Worst headache of life; severe asthma; pain worse at night; worsening edema.",
    "Highest creatinine 3.4. Maximum temperature 39.4. Oxygen escalated to HFNC.",
    "Upgraded to ICU. Antibiotics escalated to meropenem.",
    "The more severe stenosis is on the left.",
    "CT read: findings most consistent with pneumonia.",
    "The wound appears clean. She looks comfortable.",
    "Not only the left but also the right lung is involved.",
    "Right heart failure noted. Correct side marked. Is the site correct?",
    "Escalating oxygen need. The family was frustrated.",
    "Lipid panel, CRP and procalcitonin trend. LDH benchmark none.",
    "Blood loss 400 cc of blood. 5 cms wound. CMS intact distally.",
    "The account of the fall differs between notes; this accounts for the bruise.",
    "Cost of medication was a concern for the patient.",
    "Neglect on the left side. Poor R-wave progression. Insufficient sample.",
    "Medicare wellness visit 3/2. Insured by Medicaid.",
    "Clinical indicators are listed below. The record does not state the type.",
    "Vancomycin was stopped. Follow-up per plan of care.",
    "Patient was at risk of aspiration. Mortality discussed with family.",
    "The documentation of 3/2 says pneumonia, that of 3/4 says bronchitis.",
    "Service dog at the bedside. Pressure 12 cm. Return to the OR on 3/4. Stage 3 wound.",
    "Wound vac increased to 125; improved margins; surgical margins negative; index finger.",
    "Cardiac index 1.9, ankle-brachial index 0.6, sleep score 8.",
    "Please see the table of definitions; definitions apply to all options alike.",
)
#: options that stand out beside "Chronic systolic heart failure", and what of them does
SET_APART = (
    ("**Acute systolic heart failure**", "**Acute systolic heart failure**"),
    ("<b>Acute systolic heart failure</b>", "<b>"),
    ("_Acute systolic heart failure_", "_Acute systolic heart failure_"),
    ("[x] Acute systolic heart failure", "[x]"),
    ("(X) Acute systolic heart failure", "(X)"),
    ("* Acute systolic heart failure", "*"),
    (">>> Acute systolic heart failure <<<", ">"),
    ("Acute systolic heart failure <-- here", "<--"),
    ("Acute systolic heart failure!!", "!!"),
    ("\u2605 Acute systolic heart failure", "\u2605"),
    ("\u2192 Acute systolic heart failure", "\u2192"),
    ("\U0001f449 Acute systolic heart failure", "\U0001f449"),
    ("Acute systolic heart failure (recommended)", "(recommended)"),
    ("Acute systolic heart failure - best supported", "best supported"),
    ("Acute systolic heart failure (CDI preferred)", "(cdi preferred)"),
    ("Preferred: acute systolic heart failure", "preferred:"),
    ("ACUTE systolic heart failure", "ACUTE"),
    ("Acute systolic HEART FAILURE", "HEART"),
)
#: pairs of options of which neither stands out
ALIKE = (
    ("[ ] Acute systolic heart failure", "[ ] Chronic systolic heart failure"),
    ("\u2610 Acute systolic heart failure", "\u2610 Chronic systolic heart failure"),
    ("1. Acute systolic heart failure", "2. Chronic systolic heart failure"),
    ("* Acute systolic heart failure", "* Chronic systolic heart failure"),
    ("ACUTE SYSTOLIC HEART FAILURE", "CHRONIC SYSTOLIC HEART FAILURE"),
    ("NSTEMI", "Demand ischemia"),
    ("HFrEF, LVEF <40%", "HFpEF, LVEF >50%"),
    ("COPD with exacerbation", "Pneumonia"),
    ("Temperature >38 \u00b0C", "Temperature <36 \u00b0C"),
    ("Likely viral pneumonia", "Probable bacterial pneumonia"),
)


@pytest.mark.parametrize("text", STEERING)
def test_steering_is_found_in_a_question(text: str) -> None:
    assert "leading_question" in rules(question=text)


@pytest.mark.parametrize("text", ORDERS)
def test_an_order_is_found(text: str) -> None:
    assert rules(question=text) >= {"directive_language"}


@pytest.mark.parametrize("text", URGING)
def test_urging_is_found(text: str) -> None:
    assert "urging_severity" in rules(question=text)


@pytest.mark.parametrize("text", BLAME)
def test_blame_and_pressure_are_found(text: str) -> None:
    assert "judgmental_tone" in rules(body=text)


@pytest.mark.parametrize("text", IMPACT)
@pytest.mark.parametrize("field", ["title", "body"])
def test_talk_of_impact_is_found_wherever_it_stands(field: str, text: str) -> None:
    assert "financial_or_quality_impact" in rules(**{field: text})


@pytest.mark.parametrize("text", VAGUE)
def test_a_question_without_an_object_is_vague(text: str) -> None:
    assert "vague_question" in rules(question=text, query_type="open_ended", options=[])


@pytest.mark.parametrize("text", NEUTRAL_QUESTIONS)
def test_a_neutral_question_passes(text: str) -> None:
    assert found(question=text) == []


@pytest.mark.parametrize("text", CLINICAL)
def test_clinical_senses_pass(text: str) -> None:
    assert found(body=text) == []


@pytest.mark.parametrize(("label", "mark"), SET_APART)
def test_an_option_that_stands_out_is_found_with_what_makes_it(label: str, mark: str) -> None:
    [finding] = found(options=[label, "Chronic systolic heart failure", "Other", "Unable to determine"])
    assert (finding.rule, finding.field) == ("emphasis_or_preselect", "options[0]")
    assert mark.lower() in finding.message.lower()


@pytest.mark.parametrize("pair", ALIKE)
def test_options_that_are_marked_alike_pass(pair: tuple[str, str]) -> None:
    assert found(options=[*pair, "Other: ____", "Unable to determine"]) == []


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("Needed for reimbursement.", (11, 24)),
        ("Needed for r\u200beimburse\u00adment.", (11, 26)),
        ("Needed for r-e-v-e-n-u-e.", (11, 24)),
        ("Needed for re<b></b>venue.", (11, 25)),
        ("Needed for &#114;evenue.", (11, 23)),
        ("Needed for r\u0435v\u0435nue.", (11, 18)),
        ("Needed for r3v3nu3s.", (11, 19)),
        ("Needed: cmVpbWJ1cnNlbWVudCBoZXJl", (0, 32)),
    ],
)
def test_a_spelling_trick_hides_nothing_and_the_finding_points_to_it(text: str, span: tuple[int, int]) -> None:
    [finding] = found(body=text)
    assert (finding.rule, finding.span) == ("financial_or_quality_impact", span)


def test_assent_may_be_asked_of_what_is_documented_by_yes_or_no() -> None:
    question = "Do you agree that the sepsis was present on admission?"
    yes_no = {"query_type": "yes_no", "purpose": "poa", "options": ["Yes", "No", "Other", "Unable to determine"]}
    assert rules(question=question) == {"leading_question"}
    assert rules(question=question, **yes_no) == set()


def test_quoted_words_of_the_chart_steer_nobody() -> None:
    assert found(body='Note of 3/2: "clearly looks like pneumonia".') == []


def test_an_abbreviation_written_out_anywhere_keeps_its_clinical_meaning() -> None:
    assert found(body="DRG lead intact.", title="Dorsal root ganglion stimulation") == []
    assert rules(body="DRG lead intact.") == set()
    assert rules(body="The DRG of this stay.") == {"financial_or_quality_impact"}


@pytest.mark.parametrize(
    ("question", "says"),
    [
        ("Kindly add sepsis to the problem list.", "Tells the provider to write “add sepsis”."),
        ('Please write "type 2 MI" in the note.', 'Tells the provider to write “write "type 2 MI"”.'),
        ("Be sure to document it.", "“Be sure to document” orders an answer."),
    ],
)
def test_an_order_is_quoted_in_the_message(question: str, says: str) -> None:
    assert [one.message for one in found(question=question)] == [says]


def test_a_pre_selected_answer_and_a_marked_condition_are_found() -> None:
    assert rules(body="The first option is pre-selected for you.") == {"emphasis_or_preselect"}
    assert rules(body="Consider **heart failure** first.") == {"emphasis_or_preselect"}
    assert rules(question="Please clarify the SEPSIS treated with antibiotics.") == {"emphasis_or_preselect"}
    assert rules(question="PLEASE CLARIFY THE SEPSIS TREATED WITH ANTIBIOTICS.") == set()


def test_a_blank_question_blocks_and_a_bare_diagnosis_asks_nothing() -> None:
    assert [(one.rule, one.severity) for one in found(question=" ")] == [("vague_question", "error")]
    assert [(one.rule, one.severity) for one in found(question="Heart failure?")] == [("vague_question", "error")]
    assert found(question="Please clarify the diagnosis.") == []
    assert rules(question="Please clarify the diagnosis.", query_type="open_ended", options=[]) == {
        "vague_question"
    }
    assert found(question="Which one?") == []
