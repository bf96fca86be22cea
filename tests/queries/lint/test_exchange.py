"""Drafts and findings as JSON: what is read, what is left, and what is said of what cannot be read."""

from __future__ import annotations

import json
from typing import Any

import pytest

from query_mgr.queries.lint import Draft, DraftIndicator, DraftOption
from query_mgr.queries.lint.editions import Edition
from query_mgr.queries.lint.exchange import answered, answered_lines, draft_from
from query_mgr.queries.lint.rules import RULE_IDS

FULL: dict[str, Any] = {
    "id": "q1",
    "title": "Heart failure clarification",
    "body": "The record documents heart failure.",
    "question": "Please clarify the type of the heart failure.",
    "query_type": "multiple_choice",
    "purpose": "specificity",
    "condition": "heart_failure",
    "options": [{"key": "a", "label": "Systolic", "kind": "ruled_out"}, "Other", {"label": "Unable"}, {}],
    "indicators": [
        {"text": "BNP 1850", "source": "Lab 3/2", "encounter": "prior"},
        "LVEF 30%",
        {"source": "Echo"},
    ],
    "documentation": ["Attending: CHF.\nRN note: sepsis.\nPrior stay 2023: gout.", "Stable."],
    "labels": {"left": "unread"},
}


def test_every_field_is_read() -> None:
    assert draft_from(FULL) == Draft(
        title="Heart failure clarification",
        body="The record documents heart failure.",
        question="Please clarify the type of the heart failure.",
        query_type="multiple_choice",
        purpose="specificity",
        condition="heart_failure",
        options=(
            DraftOption("a", "Systolic", "ruled_out"),
            DraftOption("option1", "Other", "clinical"),
            DraftOption("option2", "Unable", "clinical"),
            DraftOption("option3", "", "clinical"),
        ),
        indicators=(
            DraftIndicator("BNP 1850", None, "Lab 3/2", scope="prior"),
            DraftIndicator("LVEF 30%", None, "", scope="current"),
            DraftIndicator("", None, "Echo", scope="current"),
        ),
        documentation=("Attending: CHF.", "Stable."),
        others=("RN note: sepsis.",),
        elsewhere=("Prior stay 2023: gout.",),
    )


@pytest.mark.parametrize("nothing", [{}, dict.fromkeys(FULL, None)])
def test_what_is_missing_or_null_is_empty(nothing: dict[str, Any]) -> None:
    found = draft_from({**nothing, "query_type": "open_ended"})
    assert found == Draft("", "", "", "open_ended", "", documentation=("",))


def test_documentation_may_be_one_text() -> None:
    assert draft_from({**FULL, "documentation": "CHF."}).documentation == ("CHF.",)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"id": 1.5}, "id: must be a text or a number"),
        ({"query_type": None}, "query_type: is missing; one of multiple_choice, yes_no, open_ended"),
        ({"query_type": ""}, "query_type: is missing; one of multiple_choice, yes_no, open_ended"),
        ({"query_type": "poll"}, "query_type: must be one of multiple_choice, yes_no, open_ended"),
        ({"query_type": 1}, "query_type: must be a text"),
        ({"purpose": "money"}, "purpose: must be one of specificity, acuity, clinical_validation, poa, "
                               "cause_effect, conflict, new_condition, procedure"),
        ({"condition": 1}, "condition: must be a text"),
        ({"title": 1}, "title: must be a text"),
        ({"body": []}, "body: must be a text"),
        ({"question": {}}, "question: must be a text"),
        ({"documentation": 1}, "documentation: must be a text"),
        ({"documentation": ["x", 1]}, "documentation: must be a text"),
        ({"options": "a"}, "options: must be a list"),
        ({"options": ["a", 1]}, "options[1]: must be a text"),
        ({"options": [{"label": 1}]}, "options[0].label: must be a text"),
        ({"options": [{"key": 1}]}, "options[0].key: must be a text"),
        ({"options": [{"kind": "guess"}]}, "options[0].kind: must be one of clinical, other, undetermined, "
                                           "not_significant, ruled_out"),
        ({"indicators": {}}, "indicators: must be a list"),
        ({"indicators": ["a", 1]}, "indicators[1]: must be an object"),
        ({"indicators": [{"text": 1}]}, "indicators[0].text: must be a text"),
        ({"indicators": [{"source": 1}]}, "indicators[0].source: must be a text"),
        ({"indicators": [{"encounter": "old"}]}, "indicators[0].encounter: must be one of current, prior"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_named(change: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError) as caught:
        draft_from({**FULL, **change})
    assert str(caught.value) == says


def test_what_is_no_object_is_no_draft() -> None:
    with pytest.raises(ValueError, match=r"\Aa draft must be an object\Z"):
        draft_from([])


@pytest.mark.parametrize("name", ["q1", 7, None])
def test_the_answer_carries_the_id_back(name: object) -> None:
    assert answered({**FULL, "id": name})["id"] == name


def test_a_finding_carries_all_that_a_tool_shows() -> None:
    answer = answered(
        {**FULL, "options": ["Systolic heart failure", "Diastolic heart failure", "Unable to determine"]}
    )
    assert answer["compliant"] is False
    (finding,) = [one for one in answer["findings"] if one["rule"] == "missing_other"]
    assert finding == {
        "rule": "missing_other",
        "severity": "error",
        "field": "options",
        "span": [0, 0],
        "message": "No option lets the provider answer in other words.",
        "citation": "ACDIS/AHIMA Compliant Query Practice (2022), multiple choice and yes/no; Q10, Q14",
        "fix": "Add “Other (please specify)”.",
        "change": {
            "field": "options",
            "span": (0, 0),
            "text": "Other (please specify)",
            "what": "Add “Other (please specify)”",
        },
    }


def test_a_finding_that_only_the_author_mends_carries_no_change_and_a_warning_alone_is_compliant() -> None:
    answer = answered({**FULL, "options": ["Systolic heart failure", "Other", "Unable"],
                       "indicators": [{"text": "LVEF 30%, furosemide", "source": "Echo"}], "title": "Clarification"})  # fmt: skip
    assert [(one["rule"], one["severity"], one["change"]) for one in answer["findings"]] == [
        ("too_few_options", "warning", None)
    ]
    assert answer["compliant"] is True


def test_lines_are_answered_in_order_and_a_bad_one_is_named_by_its_number() -> None:
    other = Edition("2026", dict.fromkeys(RULE_IDS, "2026"))
    lines = [
        "\ufeff".encode() + json.dumps({"id": 1, "query_type": "open_ended"}).encode(),
        b" \n",
        b"[" * 100_000,
        b"\xff",
        b"[]",
        json.dumps({"id": 2, "query_type": "open_ended"}).encode(),
    ]
    first, deep, unread, wrong, last = answered_lines(lines, other)
    assert (first["id"], last["id"]) == (1, 2)
    assert {one["citation"] for one in (*first["findings"], *last["findings"])} == {"2026"}
    assert deep == {"line": 3, "error": "nested too deeply"}
    assert (list(unread), unread["line"]) == (["line", "error"], 4)
    assert wrong == {"line": 5, "error": "a draft must be an object"}
