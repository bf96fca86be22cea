"""What a note says of a condition it names."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from query_mgr.clinical.assertions import Said, assertion, documented, said_of
from query_mgr.clinical.library import load


@pytest.mark.parametrize(
    ("text", "name", "expected"),
    [
        ("Admitted with sepsis.", "sepsis", "affirmed"),
        ("72 year old with sepsis", "sepsis", "affirmed"),
        ("No fever. Sepsis improving.", "Sepsis", "affirmed"),
        ("No improvement in heart failure", "heart failure", "affirmed"),
        ("No fever due to pneumonia", "pneumonia", "affirmed"),
        ("Not eating well, sepsis treated", "sepsis", "affirmed"),
        ("Prior to admission developed pneumonia", "pneumonia", "affirmed"),
        ("No evidence of pneumonia or sepsis", "sepsis", "negated"),
        ("Denies seizure", "seizure", "negated"),
        ("Sepsis was ruled out.", "Sepsis", "negated"),
        ("PE unlikely; pneumonia unlikely", "pneumonia", "negated"),
        ("Not consistent with sepsis", "sepsis", "negated"),
        ("Probable pneumonia", "pneumonia", "uncertain"),
        ("Cannot rule out sepsis", "sepsis", "uncertain"),
        ("Pneumonia vs. atelectasis", "Pneumonia", "uncertain"),
        ("?sepsis", "sepsis", "uncertain"),
        ("Pneumonia is suspected", "Pneumonia", "uncertain"),
        ("History of stroke", "stroke", "historical"),
        ("PMH: COPD, stroke", "stroke", "historical"),
        ("Stroke in 2019", "Stroke", "historical"),
        ("Mother had diabetes", "diabetes", "family"),
        ("Family history:\nfather diabetes, stroke", "stroke", "family"),
        ("At risk for malnutrition", "malnutrition", "hypothetical"),
        ("Sepsis screening done", "Sepsis", "hypothetical"),
    ],
)
def test_assertion(text: str, name: str, expected: str) -> None:
    start = text.index(name)
    assert assertion(text, (start, start + len(name))) == expected


@pytest.mark.parametrize(
    ("condition", "texts", "expected"),
    [
        ("sepsis", ["Sepsis due to UTI"], True),
        ("sepsis", ["Possible sepsis"], True),
        ("sepsis", ["Septic shock on pressors"], True),
        ("sepsis", ["No sepsis", "Sepsis ruled out"], False),
        ("sepsis", ["Lactate 4.1"], False),
        ("stroke", ["History of stroke"], False),
        ("copd", ["History of COPD"], True),
        ("diabetes", ["Father has diabetes"], False),
        ("acute_blood_loss_anemia", ["Anemia"], False),
        ("anemia", ["Acute blood loss anemia"], True),
        ("dvt", ["DVT prophylaxis: heparin"], False),
        ("heart_failure", [], False),
    ],
)
def test_documented_by_affirmed_or_uncertain_words(condition: str, texts: list[str], expected: bool) -> None:
    assert documented(load()[condition], texts) is expected


NOTE = """CHIEF COMPLAINT: Shortness of breath.

HISTORY OF PRESENT ILLNESS:
This is a 70 year old man with two days of dyspnea and orthopnea. He denies chest pain,
palpitations or syncope. His wife had influenza at the time.

PAST MEDICAL HISTORY:
1. Hypertension.
2. Gout.
Cardiac: atrial fibrillation
3. Colon cancer, resected.

FAMILY HISTORY:
Diabetes, CAD.
Mother: stroke
No breast cancer.
SOCIAL HISTORY: Tobacco abuse.
ALLERGIES: Penicillin (anaphylaxis).
MEDICATIONS:
Furosemide for edema

REVIEW OF SYSTEMS:
Constitutional: no fever. Weight loss: No
Resp: Cough: Yes, Wheeze: No

PHYSICAL EXAM:
Lungs: rales at both bases, no rhonchi.

ASSESSMENT AND PLAN:
# Acute systolic heart failure
- r/o pneumonia
- DVT prophylaxis
# COPD, no exacerbation
Plan: treat hyperkalemia. Return if fainting.
"""


@pytest.mark.parametrize(
    "change",
    [str, str.upper, lambda text: text.replace("\n", "\r\n"), lambda text: text.replace("\n\n", "\n")],
    ids=["as written", "capitals", "Windows line ends", "no blank lines"],
)
@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ("Shortness of breath;dyspnea;orthopnea;Tobacco abuse;anaphylaxis;edema;Cough;rales", Said()),
        ("Acute systolic heart failure;COPD;hyperkalemia", Said()),
        ("chest pain;palpitations;syncope;fever;Weight loss;Wheeze;rhonchi;exacerbation", Said(negated=True)),
        ("Hypertension;Gout;atrial fibrillation;Colon cancer", Said(historical=True)),
        ("Diabetes;CAD;stroke", Said(experiencer="family")),
        ("breast cancer", Said(negated=True, experiencer="family")),
        ("influenza", Said(experiencer="other")),
        ("pneumonia", Said(uncertain=True)),
        ("DVT;fainting", Said(hypothetical=True)),
    ],
)
def test_a_section_decides_for_its_own_lines_only(
    names: str, expected: Said, change: Callable[[str], str]
) -> None:
    text = change(NOTE)
    for name in names.split(";"):
        start = text.lower().index(name.lower())
        assert said_of(text, (start, start + len(name))) == expected, name


def test_an_abbreviation_or_initial_ends_no_sentence() -> None:
    for text in (
        "No evidence of E. coli sepsis.",
        "Denies h/o C. diff or sepsis",
        "Dr. Roe found no sign. of sepsis",
    ):
        start = text.index("sepsis")
        assert said_of(text, (start, start + 6)).negated is ("sign." not in text)
