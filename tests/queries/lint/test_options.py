"""The set of answers: a real choice, "other", "undetermined", and "ruled out" where a diagnosis is validated."""

from __future__ import annotations

import pytest

from query_mgr.queries.lint import Draft, DraftIndicator, DraftOption, lint

RULES = ("too_few_options", "missing_other", "missing_undetermined", "missing_ruled_out")
ACUTE, CHRONIC = "Acute systolic heart failure", "Chronic systolic heart failure"
OTHER, UNABLE = "Other (please specify)", "Unable to determine"
SHOWN = DraftIndicator("LVEF 30%, pulmonary edema, furosemide 40 mg IV", None, "Echo and chest film")


def found(
    *labels: str,
    query_type: str = "multiple_choice",
    purpose: str = "specificity",
    documented: str = "Heart failure.",
) -> list[tuple[str, str, str]]:
    """Return rule, severity and message of what is wrong with a set of answers."""
    draft = Draft(
        title="Clarification",
        body="",
        question="Please clarify the condition that was treated.",
        query_type=query_type,
        purpose=purpose,
        options=tuple(DraftOption(f"o{n}", label, "clinical") for n, label in enumerate(labels)),
        indicators=(SHOWN,),
        documentation=(documented,),
    )
    findings = [one for one in lint(draft) if one.rule in RULES]
    assert all(one.field == "options" and one.span == (0, 0) for one in findings)
    return [(one.rule, one.severity, one.message) for one in findings]


def rules(*labels: str, query_type: str = "multiple_choice", purpose: str = "specificity") -> list[str]:
    return [rule for rule, _, _ in found(*labels, query_type=query_type, purpose=purpose)]


def excerpt(*labels: str, rule: str, query_type: str = "multiple_choice", purpose: str = "specificity") -> str:
    """Return what the finding of a rule quotes."""
    draft = Draft(
        "Clarification", "", "Please clarify.", query_type, purpose,
        options=tuple(DraftOption(f"o{n}", label, "clinical") for n, label in enumerate(labels)),
        indicators=(SHOWN,), documentation=("Heart failure.",),
    )  # fmt: skip
    (finding,) = [one for one in lint(draft) if one.rule == rule]
    return finding.excerpt


def test_two_diagnoses_with_other_and_undetermined_are_a_choice() -> None:
    assert found(ACUTE, CHRONIC, OTHER, UNABLE) == []


def test_one_diagnosis_alone_is_allowed_with_a_reason() -> None:
    message = "Only one diagnosis is offered. That is allowed where no other is reasonable: give the reason."
    assert found(ACUTE, OTHER, UNABLE) == [("too_few_options", "warning", message)]
    assert excerpt(f" {ACUTE} ", OTHER, UNABLE, rule="too_few_options") == ACUTE


def test_one_diagnosis_that_nothing_points_to_is_no_choice() -> None:
    message = "The only diagnosis offered is one that nothing here points to."
    assert found("Severe malnutrition", OTHER, UNABLE) == [("too_few_options", "error", message)]
    assert excerpt("Severe malnutrition", OTHER, UNABLE, rule="too_few_options") == "Severe malnutrition"


@pytest.mark.parametrize("labels", [(OTHER, UNABLE), ("See my note", OTHER, UNABLE), (OTHER, UNABLE, " ", "")])
def test_answers_that_choose_nothing_are_no_choice(labels: tuple[str, ...]) -> None:
    assert found(*labels) == [("too_few_options", "error", "There is no clinical option to choose.")]


def test_an_answer_that_is_not_clinical_is_no_diagnosis_to_choose() -> None:
    assert (
        excerpt("Not clinically significant", OTHER, UNABLE, rule="too_few_options")
        == "Not clinically significant"
    )
    assert rules(ACUTE, "Not clinically significant", OTHER, UNABLE) == []


def test_the_same_answer_twice_is_one() -> None:
    assert rules(ACUTE, ACUTE.upper(), f"{ACUTE}  ", OTHER, UNABLE) == ["too_few_options"]


@pytest.mark.parametrize(
    ("labels", "broken"), [(("Yes", OTHER, UNABLE), True), (("Yes", "No", OTHER, UNABLE), False)]
)
def test_yes_and_no_both_stand_in_a_yes_no_query(labels: tuple[str, ...], broken: bool) -> None:
    expected = [("too_few_options", "error", "A yes/no query needs both Yes and No.")] if broken else []
    assert found(*labels, query_type="yes_no") == expected


def test_a_yes_no_query_quotes_the_one_answer_it_has() -> None:
    assert excerpt("Yes", OTHER, UNABLE, rule="too_few_options", query_type="yes_no") == "Yes"


@pytest.mark.parametrize("query_type", ["multiple_choice", "yes_no"])
def test_other_and_undetermined_are_missed_each_by_itself(query_type: str) -> None:
    answers = ("Yes", "No") if query_type == "yes_no" else (ACUTE, CHRONIC)
    without = "No option lets the provider say that it cannot be determined."
    assert found(*answers, OTHER, query_type=query_type) == [("missing_undetermined", "error", without)]
    without = "No option lets the provider answer in other words."
    assert found(*answers, UNABLE, query_type=query_type) == [("missing_other", "error", without)]


def test_what_is_there_instead_is_quoted() -> None:
    assert excerpt(ACUTE, CHRONIC, OTHER, rule="missing_undetermined") == f"{ACUTE} | {CHRONIC} | {OTHER}"
    assert excerpt(ACUTE, CHRONIC, UNABLE, rule="missing_other") == f"{ACUTE} | {CHRONIC} | {UNABLE}"
    assert len(excerpt(*[f"{ACUTE} {n}" for n in range(20)], UNABLE, rule="missing_other")) == 200


def test_one_answer_may_be_both_other_and_undetermined() -> None:
    assert rules(ACUTE, CHRONIC, "Other / unable to determine") == []


@pytest.mark.parametrize("label", ["Pneumonia or other", "Other / uncertain type of pneumonia"])
def test_other_that_names_a_diagnosis_is_no_way_out(label: str) -> None:
    assert "missing_other" in rules(ACUTE, CHRONIC, label, UNABLE)


def test_an_open_question_needs_no_answers() -> None:
    assert rules(query_type="open_ended") == rules(query_type="open_ended", purpose="clinical_validation") == []


@pytest.mark.parametrize("ruled_out", ["Heart failure ruled out", "Heart failure was not confirmed"])
def test_a_validation_lets_the_diagnosis_be_ruled_out(ruled_out: str) -> None:
    assert rules("Heart failure confirmed", ruled_out, OTHER, UNABLE, purpose="clinical_validation") == []


def test_a_validation_without_ruled_out_warns() -> None:
    message = "A validation query offers that it was ruled out."
    missing = found(ACUTE, CHRONIC, OTHER, UNABLE, purpose="clinical_validation")
    assert missing == [("missing_ruled_out", "warning", message)]
    assert rules(ACUTE, CHRONIC, OTHER, UNABLE, purpose="acuity") == []
    quoted = excerpt(ACUTE, CHRONIC, OTHER, UNABLE, rule="missing_ruled_out", purpose="clinical_validation")
    assert quoted == f"{ACUTE} | {CHRONIC} | {OTHER} | {UNABLE}"


def test_an_author_may_call_an_answer_ruled_out_in_words_of_their_own() -> None:
    draft = Draft(
        "Clarification", "", "Please clarify.", "multiple_choice", "clinical_validation",
        options=(DraftOption("a", ACUTE, "clinical"), DraftOption("b", "It was something to dismiss", "ruled_out")),
        indicators=(SHOWN,), documentation=("Heart failure.",),
    )  # fmt: skip
    assert "missing_ruled_out" not in {one.rule for one in lint(draft)}


def test_a_validation_without_any_answer_is_told_what_it_lacks_first() -> None:
    assert rules(purpose="clinical_validation") == ["too_few_options", "missing_other", "missing_undetermined"]
