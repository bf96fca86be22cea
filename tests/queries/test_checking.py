"""Old query libraries: how files are read, and what the report says of them."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from query_mgr.queries.checking import reading
from query_mgr.queries.checking.fields import COLUMNS, listed
from query_mgr.queries.checking.reading import Found, UnreadableError, kind_of, read
from query_mgr.queries.checking.report import Report, as_lines, as_table, checked, words_of
from query_mgr.queries.cli import queries_cli
from tests import services

PASTED = """Sepsis query
WBC 18, lactate 3.4 and hypotension.
Do you agree the patient has sepsis?
[ ] Yes
[ ] No
---
Title: Heart failure clarification
Clinical indicators:
- BNP 1850 pg/mL (ref 0-100)
- LVEF 30% (echo 3/3)
Documentation: CHF
Please clarify the type and acuity of the heart failure.
• Acute systolic heart failure
• Chronic systolic heart failure
• Other (please specify)
• Unable to determine
"""


def one(content: str | bytes, kind: str) -> dict[str, Any]:
    [found] = read(content if isinstance(content, bytes) else content.encode(), kind)
    assert not found.error
    return found.query


def test_pasted_text_is_read_by_dashes_labels_and_marks() -> None:
    first, second = read(PASTED.encode(), "text")
    assert (first.line, second.line) == (1, 7)
    assert first.query["title"] == "Sepsis query"
    assert first.query["body"] == "WBC 18, lactate 3.4 and hypotension."
    assert first.query["question"] == "Do you agree the patient has sepsis?"
    assert (first.query["options"], first.query["query_type"]) == (["Yes", "No"], "yes_no")
    assert second.query["indicators"] == [
        {"text": "BNP 1850 pg/mL (ref 0-100)"}, {"text": "LVEF 30%", "source": "echo 3/3"},
    ]  # fmt: skip
    assert second.query["documentation"] == ["CHF"]
    assert second.query["question"] == "Please clarify the type and acuity of the heart failure."
    assert second.query["options"][0] == "Acute systolic heart failure" and len(second.query["options"]) == 4


def test_without_dashes_an_empty_line_stands_between_queries() -> None:
    found = read(b"First\nWhat is it?\n\n\nSecond\nWhat is that?\n", "text")
    assert [(each.line, each.query["title"]) for each in found] == [(1, "First"), (5, "Second")]


def test_a_ticked_box_stays_for_the_lint_to_object_to() -> None:
    query = one("Which?\n[x] Acute heart failure\n[ ] Other\n[ ] Unable to determine", "text")
    assert query["options"][0].startswith("[x]")
    report = checked([Found(1, query)])
    assert ("emphasis_or_preselect", "error", 1) in report.by_rule


@pytest.mark.parametrize(
    "head",
    [
        "Question,Options,Query Name",
        "query_question,Choices,TITLE",
        "Clarification requested,Answer Options,subject",
    ],
)
def test_columns_are_known_by_many_names(head: str) -> None:
    query = one(f'{head}\n"What, then?",A|B | Other,Kidney\n', "csv")
    assert (query["question"], query["options"], query["title"]) == ("What, then?", ["A", "B", "Other"], "Kidney")


def test_numbered_columns_of_answers_come_together() -> None:
    query = one("Text;Option 1;Option 2;Option 3\nWhat is it?;A;;B\n", "csv")
    assert query["options"] == ["A", "B"] and query["query_type"] == "multiple_choice"


@pytest.mark.parametrize(
    ("content", "name"),
    [
        ("Titel;Question\n".replace("Titel", "Title").encode() + "Réponse;Où?\n".encode("cp1252"), "Réponse"),
        ("Title,Question\nRéponse,Où?\n".encode("utf-8-sig"), "Réponse"),
        ("Title\tQuestion\r\nRéponse\tOù?\r\n".encode("utf-16"), "Réponse"),
    ],
)
def test_the_encodings_of_spreadsheets_are_read(content: bytes, name: str) -> None:
    assert one(content, "csv")["title"] == name


def test_lines_are_those_of_the_file_where_cells_hold_line_breaks() -> None:
    found = read(b'Title,Question,Options\n"A","What\nis it?","x\ny"\n\nB,"C?",z,too,many\nC,D?,\n', "csv")
    assert [each.line for each in found] == [2, 6, 7]
    assert found[1].error == "has 5 cells, the header 3; put quotes around the text"
    assert found[0].query["options"] == ["x", "y"]


def test_json_lines_take_the_objects_of_the_lint_and_old_names() -> None:
    lines = [
        json.dumps({"id": 7, "Question": "What?", "choices": ["A", {"label": "Other"}], "type": "MC",
                    "indicators": [{"text": "Na 121", "source": "lab", "encounter": "prior"}],
                    "Diagnosis": "AKI", "purpose": "Present on admission"}),
        "{", "[]", "[" * 100_000, json.dumps({"title": "x"}),
    ]  # fmt: skip
    found = read("\n".join(lines).encode(), "jsonl")
    query = found[0].query
    assert (query["id"], query["options"], query["query_type"]) == ("7", ["A", "Other"], "multiple_choice")
    assert query["indicators"] == [{"text": "Na 121", "source": "lab", "encounter": "prior"}]
    assert (query["condition"], query["purpose"]) == ("acute_kidney_injury", "poa")
    assert [(each.line, bool(each.error)) for each in found[1:]] == [(2, True), (3, True), (4, True), (5, True)]


@pytest.mark.parametrize(
    ("content", "kind", "named"),
    [
        (b"", "csv", "Line 1 must name the columns"),
        (b"Colour,Size\nred,5\n", "csv", "It holds: Colour, Size"),
        (b'Question\nfine\n"never\nclosed', "csv", "Line 3: "),
        (b"Question\n", "csv", "no query"),
        (b"Question\na\x00b\n", "csv", "Line 2 holds a NUL"),
        (b"\n\n", "text", "no query"),
        (b"\xff\xfea", "text", "UTF-16"),
        (b"x" * (reading.LARGEST + 1), "text", "larger than 2 MiB"),
        (b"Question\n" + b"What?\n" * (reading.MOST + 1), "csv", f"more than {reading.MOST} queries (line 1002)"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_line(content: bytes, kind: str, named: str) -> None:
    with pytest.raises(UnreadableError) as wrong:
        read(content, kind)
    assert named in str(wrong.value)


def test_a_format_is_known_by_name_or_content() -> None:
    names = {"a.CSV": "csv", "a.tsv": "csv", "a.jsonl": "jsonl", "a.txt": "text", "a": "text"}
    assert {name: kind_of(name, b"Question") for name in names} == names
    assert kind_of("", b'\xef\xbb\xbf {"question": "x"}') == "jsonl"


ANY_TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=60)


@given(st.lists(st.tuples(ANY_TEXT, ANY_TEXT), min_size=1, max_size=5))
def test_what_a_csv_writer_writes_is_read_back(rows: list[tuple[str, str]]) -> None:
    file = io.StringIO()
    csv.writer(file, quoting=csv.QUOTE_ALL).writerows([("Title", "Question"), *rows])
    filled = [row for row in rows if any(cell.strip() for cell in row)]
    found = read(file.getvalue().encode(), "csv") if filled else []
    assert len(found) == len(filled)
    for each, (title, question) in zip(found, filled, strict=True):
        assert bool(each.error) == (not question.strip())
        if not each.error:
            assert each.query["title"] == title.replace("\r\n", "\n").replace("\r", "\n").strip()


@given(st.binary(max_size=200), st.sampled_from(reading.FORMATS))
def test_any_bytes_are_read_or_refused(content: bytes, kind: str) -> None:
    try:
        report = checked(read(content, kind))
    except UnreadableError:
        return
    assert len(list(csv.reader(io.StringIO(as_table(report))))) > len(report.queries)
    assert len(as_lines(report).splitlines()) >= len(report.queries)


def test_the_mark_before_an_answer_goes_and_its_words_stay() -> None:
    assert listed("1. One|b) Two|E. coli infection|C. difficile|o Three|offered") == [
        "One", "Two", "E. coli infection", "C. difficile", "Three", "offered",
    ]  # fmt: skip


@given(st.lists(st.text("abc XYZ", min_size=1).map(str.strip).filter(bool), min_size=2, max_size=6))
def test_answers_are_the_same_by_bars_and_by_lines(options: list[str]) -> None:
    assert listed(" | ".join(options)) == options == listed("\n".join(f"- {each}" for each in options))


def report() -> Report:
    return checked(read(PASTED.encode(), "text"))


def test_the_report_says_what_is_wrong_how_often_and_where() -> None:
    found = report()
    assert (len(found.queries), found.compliant, found.unreadable, found.without_chart) == (2, 1, 0, False)
    rules = {rule for rule, severity, _ in found.by_rule if severity == "error"}
    assert {
        "leading_title",
        "undocumented_diagnosis_in_question",
        "yes_no_new_diagnosis",
        "missing_other",
    } <= rules
    first = found.queries[0]
    assert {"Sepsis", "sepsis", "hypotension"} <= {words_of(first.query, each) for each in first.findings}


def test_rules_about_evidence_wait_for_a_chart_where_the_file_has_none() -> None:
    found = checked(
        read(b"Question,Options\nWhich kidney disease?,Acute kidney injury|Other|Unable to determine\n", "csv")
    )
    assert found.without_chart
    assert not {"no_indicators", "unsupported_option"} & {rule for rule, _, _ in found.by_rule}


def test_no_cell_of_the_report_is_a_formula() -> None:
    text = as_table(checked(read(b'Title,Question\n"=HYPERLINK(1)","@x, what?"\n', "csv")))
    cells = [cell for row in csv.reader(io.StringIO(text)) for cell in row]
    assert "'=HYPERLINK(1)" in cells and not any(cell.startswith(("=", "@", "+", "-")) for cell in cells)


def test_lines_of_the_report_can_be_linted_again() -> None:
    lines = [json.loads(each) for each in as_lines(report()).splitlines()]
    assert [each["compliant"] for each in lines] == [False, True]
    assert checked(read(json.dumps(lines[0]["query"]).encode(), "jsonl")).queries[0].query["options"] == [
        "Yes",
        "No",
    ]


def test_the_command_writes_a_report(tmp_path: Path) -> None:
    source, target = tmp_path / "old.txt", tmp_path / "report.csv"
    source.write_text(PASTED, encoding="utf-8")
    result = CliRunner().invoke(queries_cli, ["check", str(source), "--report", str(target)])
    assert result.exit_code == 0 and "2 queries, 1 compliant, 0 unreadable" in result.output
    assert target.read_text(encoding="utf-8").startswith('\ufeff"line","id"')
    refused = CliRunner().invoke(queries_cli, ["check", str(source), "--format", "csv", "--report", str(target)])
    assert refused.exit_code == 1 and "old.txt: Line 1 must name the columns" in refused.output
    wrong_name = CliRunner().invoke(queries_cli, ["check", str(source), "--report", str(tmp_path / "x.pdf")])
    assert wrong_name.exit_code == 2 and ".csv or .jsonl" in wrong_name.output


def test_the_page_about_it_holds_every_name_of_a_column() -> None:
    page = (services.ROOT / "docs/interfaces/query-check.md").read_text(encoding="utf-8")
    for field, names in COLUMNS.items():
        assert f"| `{field}` | {', '.join(names)} |" in page
