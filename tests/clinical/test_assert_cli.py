"""`flask clinical assert`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from query_mgr.clinical.cli import clinical_cli

KEYS = ["concept", "negated", "uncertain", "historical", "experiencer", "hypothetical"]


def run(folder: Path, content: str | bytes) -> Result:
    file = folder / "rows.tsv"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return CliRunner().invoke(clinical_cli, ["assert", str(file)])


def test_every_row_is_one_line_of_json(tmp_path: Path) -> None:
    result = run(tmp_path, "concept\tsentence\nfever\tNo fever or chills.\r\nscabies\tHer roommate has scabies\n")
    lines = [json.loads(line) for line in result.output.splitlines()]
    assert [list(line) for line in lines] == [KEYS, KEYS]
    assert [(line["negated"], line["experiencer"]) for line in lines] == [(True, "patient"), (False, "other")]


def test_flags_are_independent(tmp_path: Path) -> None:
    rows = "COLON CANCER\tFAMILY HISTORY: NEGATIVE FOR COLON CANCER.\npneumonia\tPossible history of pneumonia\n"
    first, second = (json.loads(line) for line in run(tmp_path, rows).output.splitlines())
    assert (first["negated"], first["experiencer"]) == (True, "family")
    assert (second["uncertain"], second["historical"], second["negated"]) == (True, True, False)


def test_columns_are_found_by_their_names(tmp_path: Path) -> None:
    (line,) = run(tmp_path, "id\tsentence\tconcept\n1\tDenies cough.\tcough\n").output.splitlines()
    assert json.loads(line)["negated"]


def test_a_concept_in_other_case_and_spacing_is_found(tmp_path: Path) -> None:
    (line,) = run(tmp_path, "Chest Pain\tDenies chest  pain today\n").output.splitlines()
    assert json.loads(line)["negated"]


@pytest.mark.parametrize(
    ("content", "words"), [("only one column\n", "needs two columns"), (b"fever\tno \xff fever\n", "not UTF-8")]
)
def test_a_file_that_cannot_be_read_says_where(tmp_path: Path, content: str | bytes, words: str) -> None:
    result = run(tmp_path, content)
    assert result.exit_code == 2
    assert words in result.output


def test_a_sentence_without_the_concept_is_judged_as_a_whole(tmp_path: Path) -> None:
    result = run(tmp_path, "dyspnea\tDenies breathlessness.\nfever\tMother had it.\ncough\t\n\tNo cough.\n")
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    assert [(line["concept"], line["negated"], line["experiencer"]) for line in lines] == [
        ("dyspnea", True, "patient"),
        ("fever", False, "family"),
        ("cough", False, "patient"),
        ("", True, "patient"),
    ]
    assert "rows.tsv:1: the sentence does not hold the concept" in result.stderr


def test_byte_order_mark_line_ends_quotes_and_extra_columns_change_nothing(tmp_path: Path) -> None:
    rows = [("fever", 'He said "no fever" twice.'), ('"cough"', 'The "cough" is gone')]
    plain = "".join(f"{concept}\t{sentence}\n" for concept, sentence in rows)
    extra = "\ufeffConcept\tSentence\tNegation\r\n" + "".join(f"{one}\t{two}\tx\t\r\n" for one, two in rows)
    first, second = run(tmp_path, plain), run(tmp_path, extra)
    assert first.stdout == second.stdout
    assert [json.loads(line)["concept"] for line in first.stdout.splitlines()] == ["fever", '"cough"']
    assert first.stderr == second.stderr == ""


def test_a_short_line_is_named_and_nothing_is_printed(tmp_path: Path) -> None:
    result = run(tmp_path, "fever\tNo fever.\ncough\n")
    assert result.exit_code == 2
    assert "rows.tsv:2: needs two columns" in result.stderr
    assert result.stdout == ""


def test_an_empty_file_prints_nothing(tmp_path: Path) -> None:
    result = run(tmp_path, "")
    assert (result.exit_code, result.stdout) == (0, "")
