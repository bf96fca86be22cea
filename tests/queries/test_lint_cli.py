"""The lint on the command line and over HTTP: the same object in and out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from query_mgr.queries.cli import queries_cli
from query_mgr.queries.lint import RULES
from query_mgr.queries.lint.exchange import answered
from query_mgr.queries.lint.rules import DEFAULT_EDITION
from tests import services

QUERY: dict[str, Any] = {
    "id": "q1",
    "query_type": "multiple_choice",
    "purpose": "specificity",
    "title": "Heart failure: type and acuity",
    "body": "",
    "question": "Please clarify the type and acuity of the heart failure.",
    "options": [
        "Acute systolic heart failure",
        "Chronic systolic heart failure",
        "Other",
        "Clinically undetermined",
    ],
    "indicators": [{"text": "LVEF 30%", "source": "Echo 3/2", "encounter": "current"}],
    "documentation": "CHF",
}


def run(tmp_path: Path, *lines: str) -> list[dict[str, Any]]:
    file = tmp_path / "queries.jsonl"
    file.write_text("\n".join(lines), encoding="utf-8")
    result = CliRunner().invoke(queries_cli, ["lint", str(file)])
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.output.splitlines()]


def test_a_compliant_query_has_no_findings(tmp_path: Path) -> None:
    assert run(tmp_path, json.dumps(QUERY)) == [{"id": "q1", "compliant": True, "findings": []}]


def test_a_finding_has_exactly_the_keys_of_the_interface(tmp_path: Path) -> None:
    [answer] = run(tmp_path, json.dumps({**QUERY, "body": "This raises the MS-DRG."}))
    [finding] = answer["findings"]
    assert list(answer) == ["id", "compliant", "findings"] and answer["compliant"] is False
    assert list(finding) == ["rule", "severity", "field", "span", "message", "citation", "fix", "change"]
    assert (finding["rule"], finding["severity"], finding["field"]) == (
        "financial_or_quality_impact", "error", "body",
    )  # fmt: skip
    assert finding["span"] == [16, 22] and "Q04" in finding["citation"] and finding["fix"]


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        ("It affects re\u200bimburse\u00adment.", "re\u200bimburse\u00adment"),
        ("It affects r\u0435imbursement.", "r\u0435imbursement"),
        ("Caf\u00e9 \ufb01t &amp; &#114;eimbursement.", "&#114;eimbursement"),
        ("<i>x</i> re<b></b>imbursement", "re<b></b>imbursement"),
    ],
)
def test_a_span_points_into_the_text_as_written(body: str, shown: str) -> None:
    [finding] = [one for one in answered({**QUERY, "body": body})["findings"] if one["field"] == "body"]
    start, end = finding["span"]
    assert body[start:end] == shown


def test_a_warning_alone_is_compliant(tmp_path: Path) -> None:
    [answer] = run(tmp_path, json.dumps({**QUERY, "options": [QUERY["options"][0], *QUERY["options"][2:]]}))
    assert answer["compliant"] and [one["severity"] for one in answer["findings"]] == ["warning"]


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ("{", "double quotes"),
        ("[]", "must be an object"),
        ("[" * 100_000, "nested too deeply"),
        (json.dumps({**QUERY, "query_type": "poll"}), "query_type"),
        (json.dumps({"title": "x"}), "query_type: is missing"),
        (json.dumps({**QUERY, "options": "none"}), "options: must be a list"),
        (json.dumps({**QUERY, "options": [1]}), "options[0]"),
        (json.dumps({**QUERY, "indicators": [{"text": "x", "encounter": "old"}]}), "indicators[0].encounter"),
        (json.dumps({**QUERY, "documentation": [1]}), "documentation"),
        (json.dumps({**QUERY, "title": 5}), "title: must be a text"),
    ],
)
def test_a_bad_line_is_named_and_the_rest_goes_on(tmp_path: Path, line: str, named: str) -> None:
    first, second = run(tmp_path, line, "", json.dumps(QUERY))
    assert list(first) == ["line", "error"] and first["line"] == 1 and named in first["error"]
    assert second["id"] == "q1"


def test_standard_input_and_missing_fields_are_read() -> None:
    line = json.dumps({"id": 7, "query_type": "open_ended", "question": "", "condition": None})
    result = CliRunner().invoke(queries_cli, ["lint", "-"], input="\ufeff" + line)
    answer = json.loads(result.output)
    assert answer["id"] == 7 and {one["rule"] for one in answer["findings"]} == {"no_indicators", "vague_question"}


def test_the_page_about_the_lint_holds_the_rules_and_their_citations_and_its_example_is_compliant() -> None:
    page = (services.ROOT / "docs/interfaces/lint.md").read_text(encoding="utf-8")
    cited = DEFAULT_EDITION.citations
    rows = [f"| `{one.id}` | {one.title} | {one.severity} | {one.fix} | {cited[one.id]} |" for one in RULES]
    assert [line for line in page.splitlines() if line.startswith("| `")] == rows
    example = page.partition("```json\n")[2].partition("```")[0]
    assert answered(json.loads(example)) == {"id": "q-17", "compliant": True, "findings": []}
