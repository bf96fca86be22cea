"""The change that one click makes: it mends its finding, makes nothing worse, and is only offered where it is honest."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from query_mgr.queries.drafting import Words
from query_mgr.queries.fixing import words_after
from query_mgr.queries.lint import Draft, lint
from query_mgr.queries.lint.exchange import answered, draft_from
from query_mgr.queries.lint.fixes import Change, applied, changes
from tests import services

CORPUS = [
    json.loads(line)
    for path in sorted((services.ROOT / "tests" / "data" / "lint").glob("*.jsonl"))
    for line in Path(path).read_text(encoding="utf-8").splitlines()
    if line.strip()
]
QUERY: dict[str, Any] = {
    "query_type": "multiple_choice",
    "purpose": "specificity",
    "condition": "heart_failure",
    "title": "Heart failure clarification",
    "body": "Heart failure is documented.",
    "question": "Based on your clinical judgment, please clarify the type of the heart failure.",
    "options": [
        "Systolic heart failure",
        "Diastolic heart failure",
        "Other (please specify)",
        "Unable to determine",
    ],
    "indicators": [{"text": "BNP 1,850 pg/mL; LVEF 45%", "source": "Echo 3/2 and laboratory 3/2"}],
    "documentation": "Attending: heart failure, on furosemide.",
}


def mended(**wrong: Any) -> Draft:
    """Return the query with every change made that is offered, the first one at a time."""
    draft = draft_from({**QUERY, **wrong})
    assert lint(draft), "nothing is wrong with it"
    for _ in range(20):
        offered = [one for one in changes(draft, lint(draft)) if one]
        if not offered:
            return draft
        draft = applied(draft, offered[0])
    raise AssertionError("it never ends")


@pytest.mark.parametrize("name", sorted({one["id"].rpartition("-")[0] for one in CORPUS}))
def test_every_change_of_the_corpus_leaves_less_of_its_rule_and_nothing_new(name: str) -> None:
    for case in (one for one in CORPUS if one["id"].rpartition("-")[0] == name):
        draft = draft_from(case)
        findings = lint(draft)
        now = Counter(one.rule for one in findings)
        for finding, change in zip(findings, changes(draft, findings), strict=True):
            if change:
                left = Counter(one.rule for one in lint(applied(draft, change)))
                assert left <= now, (case["id"], change)
                assert left[finding.rule] < now[finding.rule], (case["id"], change)


def test_a_compliant_query_is_left_alone() -> None:
    draft = draft_from(QUERY)
    assert lint(draft) == ()
    assert changes(draft, ()) == ()


@pytest.mark.parametrize(
    ("wrong", "field", "expected"),
    [
        (
            {"body": "Heart failure is documented. This raises the DRG weight."},
            "body",
            "Heart failure is documented. ",
        ),
        ({"body": "This raises the DRG weight."}, "body", ""),
        ({"title": "Septic shock clarification"}, "title", "Documentation clarification"),
        (
            {"question": "Please document septic shock."},
            "question",
            "Based on your clinical judgment, please clarify the documented heart failure.",
        ),
    ],
)
def test_words_are_mended_without_naming_more_than_the_record(
    wrong: dict[str, str], field: str, expected: str
) -> None:
    draft = mended(**wrong)
    assert getattr(draft, field) == expected
    assert lint(draft) == ()


def test_a_neutral_question_names_no_condition_that_nobody_documented() -> None:
    draft = mended(
        question="Please document septic shock.", documentation="Attending: stable.", body="", title="Labs"
    )
    assert "heart failure" not in draft.question


def test_the_answers_that_every_choice_offers_are_added_and_an_unsupported_one_is_taken_off() -> None:
    draft = mended(options=["Systolic heart failure", "Diastolic heart failure", "Severe malnutrition"])
    assert [one.label for one in draft.options] == [*QUERY["options"]]
    assert [one.kind for one in draft.options][-2:] == ["other", "undetermined"]


@pytest.mark.parametrize(
    ("options", "query_type"),
    [(["Yes", "No"], "open_ended"), (QUERY["options"][:2], "multiple_choice")],
)
def test_yes_and_no_about_a_new_diagnosis_become_another_kind_of_question(
    options: list[str], query_type: str
) -> None:
    draft = draft_from(
        {**QUERY, "query_type": "yes_no", "question": "Does the patient have septic shock?",
         "options": [*options, *QUERY["options"][2:]]}
    )  # fmt: skip
    offered = {one.rule: change for one, change in zip(lint(draft), changes(draft, lint(draft)), strict=True)}
    change = offered["yes_no_new_diagnosis"]
    assert change and (change.field, change.text) == ("query_type", query_type)
    assert (applied(draft, change).options == ()) == (query_type == "open_ended")


def test_emphasis_is_taken_out_and_the_answer_stays() -> None:
    draft = mended(options=["**SYSTOLIC heart failure**", *QUERY["options"][1:]])
    assert draft.options[0].label == "Systolic heart failure"


def test_only_an_author_can_say_what_the_evidence_is() -> None:
    draft = draft_from({**QUERY, "indicators": []})
    offered = {one.rule: change for one, change in zip(lint(draft), changes(draft, lint(draft)), strict=True)}
    assert offered["no_indicators"] is None


def test_the_change_stands_in_the_answer_as_json() -> None:
    (finding,) = answered({**QUERY, "options": [one for one in QUERY["options"] if "Other" not in one]})[
        "findings"
    ]
    assert finding["change"] == {
        "field": "options", "span": (0, 0), "text": "Other (please specify)", "what": "Add “Other (please specify)”"
    }  # fmt: skip


def test_an_indicator_is_marked_as_from_a_prior_encounter() -> None:
    draft = applied(draft_from(QUERY), Change("indicators[0]", (0, 0), "prior", ""))
    assert [one.scope for one in draft.indicators] == ["prior"]


def test_an_answer_whose_words_changed_no_longer_changes_a_code() -> None:
    options = (
        {"key": "a", "label": "A!", "kind": "clinical", "changes": [{"op": "add"}]},
        {"key": "b", "label": "B", "kind": "clinical", "changes": [{"op": "add"}]},
    )
    words = Words("t", "", "q", "multiple_choice", options, 1)
    draft = draft_from({**QUERY, "options": [{"key": "a", "label": "A"}, {"key": "b", "label": "B"}]})
    after = words_after(words, replace(draft, title="t"))
    assert [one["changes"] for one in after.options] == [[], [{"op": "add"}], [], []]
    assert [one["kind"] for one in after.options] == ["clinical", "clinical", "other", "undetermined"]
