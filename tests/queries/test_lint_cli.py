"""The lint on the command line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from query_mgr.queries.cli import draft_from, queries_cli
from query_mgr.queries.lint import RULES
from tests import services

DRAFT: dict[str, Any] = {
    "title": "Heart failure: type and acuity",
    "body": "",
    "question": "Please clarify the type and acuity of the heart failure.",
    "query_type": "multiple_choice",
    "purpose": "specificity",
    "options": [
        {"key": "a", "label": "Acute systolic heart failure", "kind": "clinical"},
        {"key": "b", "label": "Chronic systolic heart failure", "kind": "clinical"},
        {"key": "o", "label": "Other", "kind": "other"},
        {"key": "u", "label": "Clinically undetermined", "kind": "undetermined"},
    ],
    "indicators": [{"text": "LVEF 30%", "observed_at": "2026-03-02T06:10:00Z", "source_label": "Echo"}],
    "documentation": ["CHF"],
    "admitted_at": "2026-03-02T05:00:00Z",
    "discharged_at": None,
}


def run(tmp_path: Path, content: Any) -> Result:
    file = tmp_path / "draft.json"
    file.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return CliRunner().invoke(queries_cli, ["lint", str(file)])


def test_a_compliant_draft_prints_nothing_and_exits_0(tmp_path: Path) -> None:
    result = run(tmp_path, DRAFT)
    assert (result.exit_code, result.output) == (0, "")


def test_findings_are_json_lines_and_an_error_exits_1(tmp_path: Path) -> None:
    result = run(tmp_path, {**DRAFT, "body": "This raises the MS-DRG."})
    assert result.exit_code == 1
    [finding] = [json.loads(line) for line in result.output.splitlines()]
    assert (finding["rule"], finding["field"]) == ("financial_or_quality_impact", "body")


def test_a_warning_alone_exits_0(tmp_path: Path) -> None:
    result = run(tmp_path, {**DRAFT, "options": [DRAFT["options"][0], *DRAFT["options"][2:]]})
    assert result.exit_code == 0 and json.loads(result.output)["severity"] == "warning"


@pytest.mark.parametrize(
    ("content", "named"),
    [
        ("{", "line 1"),
        ([], "draft: must be an object"),
        ({**DRAFT, "titel": "x"}, "titel: not a field"),
        ({**DRAFT, "query_type": "poll"}, "query_type"),
        ({**DRAFT, "options": "none"}, "options: must be a list"),
        ({**DRAFT, "options": [{"key": "a"}]}, "options[0]"),
        (
            {**DRAFT, "indicators": [{**DRAFT["indicators"][0], "observed_at": "yesterday"}]},
            "indicators[0].observed_at",
        ),
        ({**DRAFT, "documentation": [1]}, "documentation"),
        ({"title": "x"}, "question"),
    ],
)
def test_bad_input_names_file_and_field_and_exits_2(tmp_path: Path, content: Any, named: str) -> None:
    result = run(tmp_path, content)
    assert result.exit_code == 2
    assert "draft.json" in result.output and named in result.output


def test_the_page_about_the_lint_holds_every_rule_and_its_example_is_read() -> None:
    page = (services.ROOT / "docs/interfaces/lint.md").read_text(encoding="utf-8")
    for rule in RULES:
        assert f"| `{rule.id}` | {rule.title} | {rule.severity} | {rule.fix} | {rule.source} |" in page
    example = page.partition("```json\n")[2].partition("```")[0]
    assert draft_from(json.loads(example)).condition == "heart_failure"
