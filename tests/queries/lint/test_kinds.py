"""What an answer is, whatever words it uses."""

from __future__ import annotations

import pytest

from query_mgr.clinical.terms import names
from query_mgr.queries.lint.kinds import kind_of, offers, rules_out
from query_mgr.queries.lint.reading import plain

LABELS = {
    "other": (
        "Other",
        "Others",
        "Other (please specify)",
        "Other: ________",
        "Other/clarify",
        "Other cause of CKD: ____",
        "Another type of pneumonia: ___",
        "Some other type (please write in)",
        "Something else: ______",
        "Free text:",
        "Alternative cause (describe)",
        "Other response",
        "None of the above (please explain)",
        "None of these - please describe",
        "Another condition, please specify:",
        "Different diagnosis",
        "A diagnosis not listed here: ___",
        "Write-in: ____",
        "In your own words",
        "Diagnosis other than these",
        "Please specify: ____",
        "Other, as clinically appropriate",
        "Other explanation of clinical findings",
        "Other clinically significant condition",
        "If other, please state",
        "Other organism: ____",
        "____",
        "Some different explanation",
        "An alternative diagnosis (free text)",
        "Other (explain)",
        "Other etiology not listed",
        "Not listed above",
        "Another diagnosis that better explains the findings",
        "Unlisted condition:",
        "Comment: ____",
        "Other - please add",
        "Other diagnosis (specify)",
        "Some other cause",
        "Another answer",
        "Other reason for the finding",
        "Something different (describe)",
    ),
    "undetermined": (
        "Unable to determine",
        "Clinically undetermined",
        "Cannot be determined at this time",
        "Unable to say",
        "I cannot determine",
        "Cause undetermined",
        "Pneumonia, organism cannot be specified",
        "Unable to be determined",
        "No further specification possible",
        "Unknown / not determinable clinically",
        "Unable to determine severity",
        "Clinically unable to determine",
        "Indeterminate",
        "Unknown",
        "Not possible to determine",
        "Insufficient information to decide",
        "Can't tell",
        "Undetermined",
        "Unable to clarify further",
        "I am not able to say",
        "Cannot be clinically determined",
        "Not determined",
        "Uncertain",
        "Both have been considered, diagnosis deferred - unable to determine",
        "Pneumonia, organism unknown - cannot determine",
        "Etiology unclear",
        "Unable to provide further specificity",
        "There is not enough information to answer",
        "Not clinically determinable",
        "The record does not allow a conclusion",
        "Cannot differentiate",
        "Unsure",
        "Don't know",
        "Unable to specify further",
        "Clinically unable to say",
        "No determination can be made",
    ),
    "no_answer": (
        "See my note",
        "N/A",
        "To be determined by provider",
        "Refer to chart",
        "As documented",
        "See progress note",
        "Per H&P",
        "Will addend",
        "None",
        "Not applicable",
        "Noted",
        "n/a",
        "Defer to attending",
        "See above",
        "I will document later",
    ),
    "not_significant": (
        "Not clinically significant",
        "Integral to the condition",
        "No additional diagnosis",
        "Clinically insignificant finding",
        "No clinical significance",
        "Integral to COPD",
        "No kidney diagnosis",
        "Lab finding only",
        "Inherent to the procedure",
        "No associated diagnosis",
        "Of no clinical relevance",
    ),
    "clinical": (
        "Dementia, type not known, without behavioral disturbance",
        "Cryptogenic",
        "Fever of unknown origin",
        "MGUS of undetermined significance",
        "Organ dysfunction due to another cause: ____",
        "Sepsis, not confirmed",
        "Acute kidney injury",
        "Expected blood loss",
        "Dementia, other",
        "Infection without sepsis",
        "Sepsis confirmed",
        "Yes",
        "No",
        "Both",
        "Present on admission",
        "Demand ischemia without infarction",
        "Other specified anemia due to copper",
        "Different strain of influenza A",
        "Unable to swallow",
        "Stroke of unknown cause",
        "Alternating exotropia",
        "Elective",
        "At baseline",
        "Not related",
        "No, unrelated",
    ),
}


@pytest.mark.parametrize(("kind", "label"), [(kind, label) for kind, labels in LABELS.items() for label in labels])
def test_a_label_is_read_by_its_meaning(kind: str, label: str) -> None:
    assert kind_of("clinical", plain(label), names_diagnosis=bool(names(label))) == kind


@pytest.mark.parametrize("kind", ["other", "undetermined"])
def test_an_author_is_believed_unless_the_label_names_a_diagnosis(kind: str) -> None:
    assert kind_of(kind, "as i see it", names_diagnosis=False) == kind
    assert kind_of(kind, "sepsis", names_diagnosis=True) == "clinical"


@pytest.mark.parametrize("kind", ["ruled_out", "not_significant"])
def test_an_author_is_believed_about_what_was_excluded(kind: str) -> None:
    assert kind_of(kind, "sepsis", names_diagnosis=True) == kind


def test_one_answer_may_offer_both_ways_out() -> None:
    label = "other / unable to determine"
    assert offers("other", label, names_diagnosis=False)
    assert offers("undetermined", label, names_diagnosis=False)
    assert not offers("other", "unable to determine", names_diagnosis=False)


@pytest.mark.parametrize(
    "label",
    [
        "sepsis ruled out", "sepsis, not confirmed", "ileus not confirmed", "disagree", "no sepsis", "not supported",
        "the diagnosis was not clinically valid", "documented in error", "without clinical support", "sepsis excluded",
        "she did not have it", "never present",
    ],
)  # fmt: skip
def test_an_answer_that_takes_the_diagnosis_back_rules_it_out(label: str) -> None:
    assert rules_out(label)


@pytest.mark.parametrize(
    "label",
    [
        "sepsis confirmed",
        "infection without sepsis",
        "cannot determine",
        "unable to determine",
        "norovirus",
        "noted above",
        "no further detail possible",
    ],
)
def test_an_answer_that_leaves_it_open_does_not(label: str) -> None:
    assert not rules_out(label)
