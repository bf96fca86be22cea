"""The rules of wording against many ways to say the same, and harmless sentences that use the same words."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from query_mgr.queries.lint.exchange import answered

_FILE = Path(__file__).with_name("paraphrases.yaml")
_BASE: dict[str, Any] = {
    "id": "stage",
    "title": "Kidney function",
    "body": "CKD is documented by nephrology.",
    "question": "Please clarify the stage of the chronic kidney disease.",
    "query_type": "multiple_choice",
    "purpose": "specificity",
    "options": ["Stage 3a", "Stage 3b", "Other", "Unable to determine"],
    "indicators": [{"text": "eGFR 44, 46 over 5 months", "source": "Lab 3/1"}],
    "documentation": "CKD, follow up renal.",
}
_SAID = [
    (rule, found == "is found", field, sentence)
    for rule, cases in yaml.safe_load(_FILE.read_text(encoding="utf-8")).items()
    for found, fields in cases.items()
    for field, sentences in fields.items()
    for sentence in sentences
]


def rules(**changes: Any) -> set[str]:
    return {finding["rule"] for finding in answered(_BASE | changes)["findings"]}


def test_the_query_that_the_sentences_are_put_into_is_compliant() -> None:
    assert rules() == set()


@pytest.mark.parametrize(("rule", "is_found", "field", "sentence"), _SAID)
def test_a_sentence_is_read_by_its_meaning(rule: str, is_found: bool, field: str, sentence: str) -> None:
    text = sentence if field == "question" else f"CKD is documented. {sentence}"
    assert (rule in rules(**{field: text})) == is_found


@pytest.mark.parametrize(
    ("said", "title", "is_found"),
    [
        ("Cough, fever, CT chest.", "Histoplasmosis", True),
        ("Pulm: histoplasmosis, itraconazole.", "Histoplasmosis", False),
        ("SVT, ablation.", "WPW", True),
        ("EP: Wolff-Parkinson-White, ablation.", "WPW", False),
        ("Heme: warm AIHA, prednisone.", "Hemolytic anemia", False),
        ("Onc: polyneuropathy after oxaliplatin.", "Neuropathy", False),
        ("Surgery: cholecystitis.", "Cystitis", True),
        ("Flu-like illness.", "Influenza A PCR result", False),
        ("Abdominal pain.", "Bowel findings on CT", False),
    ],
)
def test_a_title_names_a_diagnosis_of_the_code_set_only_where_it_is_documented(
    said: str, title: str, is_found: bool
) -> None:
    assert ("leading_title" in rules(title=title, documentation=f"CKD. {said}")) == is_found


@pytest.mark.parametrize(
    ("documented", "severity"), [("Heart failure, lasix.", "warning"), ("Edema, lasix.", "error")]
)
def test_a_prior_finding_of_untold_bearing_blocks_unless_its_diagnosis_is_documented_now(
    documented: str, severity: str
) -> None:
    findings = answered(
        _BASE
        | {
            "title": "Edema",
            "question": "Please clarify the condition treated with furosemide.",
            "options": ["Heart failure", "Nephrotic syndrome", "Other", "Unable to determine"],
            "indicators": [
                {"text": "LVEF 30%", "source": "Echo 2023", "encounter": "prior"},
                {"text": "Edema, BNP 900, UPCR 5", "source": "Lab 3/1"},
            ],
            "body": "",
            "documentation": documented,
        }
    )["findings"]
    assert {f["severity"] for f in findings if f["rule"] == "prior_encounter_misuse"} == {severity}


def test_an_option_that_an_indicator_denies_is_not_supported() -> None:
    asked = {
        "title": "Colitis",
        "body": "Microscopic colitis is documented.",
        "question": "Please further specify the microscopic colitis.",
        "options": ["Collagenous colitis", "Cytomegalovirus colitis", "Other", "Unable to determine"],
        "documentation": "Microscopic colitis, budesonide.",
    }
    stain = "Collagen band 22 µm, CMV immunostain"
    assert "unsupported_option" in rules(**asked, indicators=[{"text": f"{stain} negative", "source": "Path 3/1"}])
    assert "unsupported_option" not in rules(
        **asked, indicators=[{"text": f"{stain} positive", "source": "Path 3/1"}]
    )


@pytest.mark.parametrize(
    ("label", "missing"),
    [
        ("Please write your own", "missing_undetermined"),
        ("None of these fits: ____", "missing_undetermined"),
        ("Too early to say", "missing_other"),
        ("Needs further work-up", "missing_other"),
        ("Stage 4 (please specify)", "missing_other"),
    ],
)
def test_a_way_out_is_known_in_any_words(label: str, missing: str) -> None:
    found = rules(options=["Stage 3a", "Stage 3b", label])
    assert missing in found
    assert len(found & {"missing_other", "missing_undetermined"}) == (2 if label.startswith("Stage") else 1)
