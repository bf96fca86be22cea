"""Sentences in many voices, blunt and veiled, and hospital prose that uses the same words: how many the rules of wording read rightly."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

import pytest
import yaml

from query_mgr.queries.lint.exchange import draft_from
from query_mgr.queries.lint.reading import Reading
from query_mgr.queries.lint.rules import RULES

_HERE = Path(__file__).parent
_ESCAPES = ["Other (please specify)", "Unable to determine"]
_FIELDS = {"q": "question", "b": "body"}
WORDING = (
    "leading_question",
    "directive_language",
    "urging_severity",
    "judgmental_tone",
    "financial_or_quality_impact",
    "emphasis_or_preselect",
    "vague_question",
)


@functools.cache
def _queries() -> dict[str, dict[str, Any]]:
    return dict(yaml.safe_load((_HERE / "voices.yaml").read_text(encoding="utf-8")))


def _asked(name: str, field: str = "", sentence: str = "") -> set[str]:
    """Return the rules of wording that are found in a query whose body goes on with a sentence, or whose question it is."""
    query = _queries()[name]
    said = {"body": f"{query['body']} {sentence}", "question": sentence}
    changed = {_FIELDS[field]: said[_FIELDS[field]]} if field else {}
    whole = {
        "id": name,
        "query_type": "multiple_choice",
        **query,
        "options": [*query["options"], *_ESCAPES],
        "indicators": [{"text": text, "source": "chart 3/2 06:00"} for text in query["indicators"]],
        **changed,
    }
    reading = Reading(draft_from(whole))
    return {rule.id for rule in RULES if rule.id in WORDING and any(rule.check(reading))}


@functools.cache
def _read() -> tuple[tuple[str, set[str]], ...]:
    """Return for each sentence the rule it breaks ("-" for none) and the rules that were found."""
    lines = (line.split("\t") for line in (_HERE / "voices.tsv").read_text(encoding="utf-8").splitlines())
    return tuple((rule, _asked(name, field, sentence)) for rule, name, field, sentence in lines)


def test_the_queries_that_the_sentences_are_put_into_are_worded_well() -> None:
    assert {name: _asked(name) for name in _queries()} == {name: set() for name in _queries()}


@pytest.mark.parametrize("rule", WORDING)
def test_most_ways_to_break_a_rule_are_found(rule: str) -> None:
    found = [rule in said for broken, said in _read() if broken == rule]
    assert sum(found) >= 0.85 * len(found)


def test_hospital_prose_passes() -> None:
    flagged = [bool(said) for broken, said in _read() if broken == "-"]
    assert sum(flagged) <= 0.05 * len(flagged)
