"""`flask codes` on the command line."""

from __future__ import annotations

import json
from pathlib import Path

from flask import Flask

from tests.codes.builders import some_codes
from tests.codes.files import order_lines, some_cm, written_to


def run(app: Flask, *words: str) -> tuple[int, str]:
    result = app.test_cli_runner().invoke(args=["codes", *words])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, result.output


def test_load_says_what_it_did_and_refuses_with_file_and_line(app: Flask, tmp_path: Path) -> None:
    path = str(written_to(tmp_path / "icd10cm_order_2027.txt", order_lines(some_cm())))
    assert run(app, "load", "icd10cm", path, "--dry-run") == (
        0,
        "ICD-10-CM 2026-10, from 2026-10-01: 130 codes checked\n",
    )
    assert run(app, "load", "icd10cm", path) == (0, "ICD-10-CM 2026-10, from 2026-10-01: 130 codes loaded\n")
    assert run(app, "load", "icd10cm", path) == (0, "ICD-10-CM 2026-10, from 2026-10-01: 130 codes unchanged\n")
    cut = str(written_to(tmp_path / "cut.txt", order_lines(some_cm())[:90]))
    code, output = run(app, "load", "icd10cm", cut, "--effective", "2027-10-01")
    assert code == 1
    assert "cut.txt: no code begins with S" in output
    assert "Nothing was changed" in output
    assert run(app, "load", "icd11", path)[0] == 1
    assert "none of: icd10cm" in run(app, "load", "icd11", path)[1]
    assert "cannot be read" in run(app, "load", "icd10cm", str(tmp_path / "no_2027.txt"))[1]
    assert "American Medical Association" in run(app, "load", "cpt", path)[1]


def test_diff_counts_and_lists_what_changed(app: Flask, tmp_path: Path) -> None:
    old = str(written_to(tmp_path / "icd10cm_order_2026.txt", order_lines(some_cm())))
    new = some_cm(without=("B101",), C101="Retitled", D109="Added", E10="Made-up category E")
    new = [(code, title, billable or code == "E10") for code, title, billable in new]
    path = str(written_to(tmp_path / "icd10cm_order_2027.txt", order_lines(new)))
    run(app, "load", "icd10cm", old)
    output = run(app, "diff", "2025-10", path)[1]
    assert output.splitlines()[-1] == "1 added, 1 deleted, 1 retitled, 1 billable changed"
    lines = [json.loads(line) for line in run(app, "diff", old, path, "--json")[1].splitlines()]
    assert [(line["what"], line["code"]) for line in lines] == [
        ("deleted", "B10.1"), ("retitled", "C10.1"), ("added", "D10.9"), ("billable changed", "E10"),
    ]  # fmt: skip
    assert "is neither an edition of icd10cm" in run(app, "diff", "1999", path)[1]


def test_search_answers_one_line_for_each_term(app: Flask, tmp_path: Path) -> None:
    some_codes()
    terms = tmp_path / "terms.txt"
    terms.write_text("AKI\n\nacute systolic\nno such thing at all\n")
    lines = [
        json.loads(line)
        for line in run(app, "search", "--file", str(terms), "--limit", "1", "--json")[1].splitlines()
    ]
    assert [line["term"] for line in lines] == ["AKI", "acute systolic", "no such thing at all"]
    assert lines[0]["results"] == [
        {"system": "icd10cm", "code": "N17.9", "title": "Acute kidney failure, unspecified", "billable": True}
    ]
    assert len(lines[1]["results"]) == 1
    assert run(app, "search", "aki", "--system", "pos", "--json")[1] == '{"term": "aki", "results": []}\n'
    assert run(app, "search")[0] == 2


def test_list_names_editions_and_what_is_not_loaded(app: Flask) -> None:
    some_codes()
    output = run(app, "list")[1]
    assert "ICD-10-CM test: 12 codes from 2025-10-01 on" in output
    assert "ICD-10-PCS: no list comes with query_mgr" in output
    assert json.loads(run(app, "list", "--json")[1])["codes"] == 12
