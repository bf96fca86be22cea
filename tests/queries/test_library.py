"""Template files: what is refused and how it is said, what fits a chart, and that rendering cannot be abused."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from query_mgr.clinical.requirements.chart import ChartContext, ChartDocument, ChartFact
from query_mgr.clinical.requirements.definition import COMPOSITES, REQUIREMENT_KINDS, Requirement
from query_mgr.clinical.requirements.matching import holds
from query_mgr.queries.library.definition import TOPICS, TemplateError
from query_mgr.queries.library.files import read_folder
from query_mgr.queries.library.fitting import fits
from query_mgr.queries.library.problems import problems
from query_mgr.queries.library.render import render
from query_mgr.queries.library.schema import parse
from tests import services

ADMITTED = datetime(2026, 3, 2, 6, 0, tzinfo=UTC)

SOURCE = """---
id: lactate_elevated
version: "1.0"
title: Laboratory finding clarification
condition: acidosis
purpose: specificity
query_type: multiple_choice
when_to_use: A test of the library.
requires:
  - {kind: mention, label: acidosis documented, by: provider, words: [acidosis], fills: documented}
options:
  - {key: acute, label: Acute metabolic acidosis, kind: clinical, changes: [{op: add, code: E87.21}]}
  - {key: other, label: Other (please specify), kind: other}
  - {key: undetermined, label: Unable to determine, kind: undetermined}
---
## Context
The record documents {{ documented.term }} on {{ documented.on }}.

## Question
Please clarify the documented {{ documented.term }}.
"""


def note(text: str, role: str = "attending", kind: str = "progress_note", hours: float = 5) -> ChartDocument:
    return ChartDocument(f"{role}-{hours}", text, role, kind, ADMITTED + timedelta(hours=hours))


def lab(name: str, value: float, unit: str, hours: float = 1) -> ChartFact:
    return ChartFact(
        f"{name}-{hours}", "lab", name, "", value, str(value), unit, "", ADMITTED + timedelta(hours=hours)
    )


def a_chart(
    *documents: ChartDocument, facts: tuple[ChartFact, ...] = (), codes: tuple[str, ...] = ()
) -> ChartContext:
    return ChartContext(documents, facts, codes, "inpatient", ADMITTED)


def with_body(text: str) -> str:
    return SOURCE.replace("The record documents {{ documented.term }} on {{ documented.on }}.", text)


# -- files ---------------------------------------------------------------------------------------------------------


def test_a_template_file_is_read() -> None:
    template = parse(SOURCE, "x.md")
    assert (template.id, template.version, template.purpose) == ("lactate_elevated", "1.0", "specificity")
    assert template.options[0].changes[0].code == "E87.21"
    assert template.retention_class == "legal_record"


@pytest.mark.parametrize(
    ("old", "new", "line", "says"),
    [
        ("---\nid", "id", 1, "front matter is missing"),
        ("condition: acidosis\n", "", 2, "'condition' is missing"),
        ("purpose: specificity", "purpose: money", 6, "use one of"),
        ("when_to_use:", "when_to_us:", 8, "did you mean 'when_to_use'"),
        ("version:", "id: again\nversion:", 3, "appears twice"),
        ("kind: mention, ", "kind: mentions, ", 10, "use one of"),
        ("words: [acidosis]", "words: []", 10, "needs the field 'words'"),
        ("code: E87.21", "code: e8721", 12, "dotted ICD-10-CM code"),
        (
            "  - {key: undetermined, label: Unable to determine, kind: undetermined}\n",
            "",
            12,
            "Unable to determine",
        ),
        ("  - {key: other, label: Other (please specify), kind: other}\n", "", 12, "Other (please specify)"),
        ("key: other", "key: acute", 12, "share a key"),
        ("query_type: multiple_choice", "query_type: yes_no", 7, "use multiple_choice"),
        ("purpose: specificity", "purpose: clinical_validation", 12, "ruled_out"),
        ("## Question", "## Ask", 19, "use ## Context and ## Question"),
        ("words: [acidosis]", "words: *all", 10, "aliases"),
        ("title: Laboratory", "title: [Laboratory", None, "not valid YAML"),
    ],
)
def test_a_bad_file_is_refused_with_its_line_and_what_to_do(
    old: str, new: str, line: int | None, says: str
) -> None:
    assert old in SOURCE
    source = SOURCE.replace(old, new, 1)
    with pytest.raises(TemplateError) as caught:
        parse(source, "folder/x.md")
    assert str(caught.value).startswith("folder/x.md")
    assert says in str(caught.value)
    if line:
        assert caught.value.line == line


def test_deeply_nested_front_matter_is_refused() -> None:
    with pytest.raises(TemplateError):
        parse("---\nid: " + "[" * 20_000 + "\n---\n", "x.md")


def test_a_very_long_file_is_refused() -> None:
    with pytest.raises(TemplateError, match="longer than"):
        parse(SOURCE + "x" * 70_000, "x.md")


def test_a_file_must_be_named_after_its_template(tmp_path: Path) -> None:
    (tmp_path / "other_name.md").write_text(SOURCE, encoding="utf-8")
    [error] = read_folder(tmp_path)[1]
    assert "make them equal" in str(error)


def test_a_file_that_is_not_text_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "x.md").write_bytes(b"\xff\xfe\x00")
    [error] = read_folder(tmp_path)[1]
    assert str(error).startswith("x.md: is not UTF-8")


def test_a_broken_file_is_named_with_its_line_and_the_others_load(tmp_path: Path) -> None:
    (tmp_path / "broken.md").write_text(SOURCE.replace("version:", "versoin:"), encoding="utf-8")
    good = parse(SOURCE, "good.md").id
    (tmp_path / f"{good}.md").write_text(SOURCE, encoding="utf-8")
    found, [error] = read_folder(tmp_path)
    assert list(found) == [good]
    assert str(error).startswith("broken.md:3: versoin: unknown field 'versoin'; did you mean 'version'?")


def test_no_shipped_file_is_left_out() -> None:
    assert problems() == ()


# -- rendering -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "attack",
    [
        "{{ cycler.__init__.__globals__ }}",
        "{{ documented.__class__ }}",
        "{{ documented.term.__class__ }}",
        "{{ ''.__class__.__mro__ }}",
        "{{ documented['term'] }}",
        "{{ documented.term | upper }}",
        "{{ documented.term * 1000000 }}",
        "{{ 7 * 7 }}",
        "{{ range(9) }}",
        "{{ self }}",
        "{{ indicators }}",
        "{{ patient.name }}",
        "{{ documented }}",
        "{% for a in documented.term %}x{% endfor %}",
        "{% if 1 %}x{% endif %}",
        "{% set a = 1 %}",
        "{% include 'x.md' %}",
        "{% import 'x.md' as x %}",
        "{% extends 'x.md' %}",
        "{% macro m() %}x{% endmacro %}",
        "{% raw %}{{ 1 }}",
        "{{",
        "{{ " + "(" * 3000,
    ],
)
def test_a_body_may_hold_nothing_but_text_and_known_placeholders(attack: str) -> None:
    with pytest.raises(TemplateError) as caught:
        parse(with_body(f"First line.\n{attack}"), "x.md")
    assert caught.value.line in range(17, 24)


def test_what_looks_like_a_placeholder_in_a_note_is_inserted_as_it_stands() -> None:
    source = SOURCE.replace("words: [acidosis]", 'words: ["acidosis {{7*7}}"]')
    text = render(parse(source, "x.md"), a_chart(note("Acidosis {{7*7}} persists.")))
    assert "documents Acidosis {{7*7}} on March 2, 2026" in text.body


def test_a_missing_value_is_named() -> None:
    with pytest.raises(TemplateError, match=r"documented\.term"):
        render(parse(SOURCE, "x.md"), a_chart(note("All well.")))


def test_a_missing_date_of_discharge_is_named() -> None:
    template = parse(with_body("Discharged on {{ encounter.discharged_on }}."), "x.md")
    with pytest.raises(TemplateError, match=r"encounter\.discharged_on"):
        render(template, a_chart(note("Acidosis.")))


def test_a_very_long_body_is_refused_when_rendered() -> None:
    template = parse(with_body("x" * 9000), "x.md")
    with pytest.raises(TemplateError, match="longer than 8000"):
        render(template, a_chart(note("Acidosis.")))


def test_the_documented_term_is_written_as_in_the_note() -> None:
    assert "documented Acidosis" in render(parse(SOURCE, "x.md"), a_chart(note("Acidosis."))).question


# -- matching ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "met"),
    [
        ("Acidosis, improving.", True),
        ("No acidosis.", False),
        ("Acidosis was ruled out.", False),
        ("Family history: mother had acidosis.", False),
        ("Return to the ER for acidosis.", False),
        ("Patient denies acidosis.", False),
        ("Ketoacidosis.", False),
    ],
)
def test_only_an_affirmed_mention_counts(text: str, met: bool) -> None:
    assert fits(parse(SOURCE, "x.md"), a_chart(note(text))).fits is met


@pytest.mark.parametrize(
    ("role", "kind", "met"),
    [
        ("attending", "progress_note", True),
        ("consultant", "consult_note", True),
        ("nurse", "nursing_note", False),
        ("dietitian", "nutrition_note", False),
        ("radiologist", "imaging_report", False),
        ("other", "progress_note", True),
        ("other", "nursing_note", False),
    ],
)
def test_a_diagnosis_counts_only_from_a_provider(role: str, kind: str, met: bool) -> None:
    assert fits(parse(SOURCE, "x.md"), a_chart(note("Acidosis.", role, kind))).fits is met


def lactate(**more: object) -> Requirement:
    values = {"op": ">", "threshold": 2.0, "units": ("mmol/L",)} | more
    return Requirement(kind="lab", label="lactate", words=("lactate",), **values)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("value", "unit", "met"),
    [
        (2.1, "mmol/L", True),
        (2.1, "MMOL/L", True),
        (2.0, "mmol/L", False),
        (19.0, "mg/dL", False),
        (3.0, "", False),
    ],
)
def test_values_are_compared_in_the_named_unit_only(value: float, unit: str, met: bool) -> None:
    assert holds(lactate(), a_chart(facts=(lab("Lactate", value, unit),))) is met


def test_a_name_that_only_begins_alike_is_another_test() -> None:
    chart = a_chart(facts=(lab("Lactate dehydrogenase", 250, "mmol/L"),))
    assert not holds(lactate(excluding=("dehydrogenase",)), chart)


def creatinine(op: str, threshold: float, hours: float) -> Requirement:
    return Requirement(
        "lab", "rise", words=("creatinine",), op=op, threshold=threshold, units=("mg/dL",), window_hours=hours
    )


@pytest.mark.parametrize(
    ("first", "second", "apart", "met"),
    [(1.0, 1.3, 48, True), (1.0, 1.29, 48, False), (1.0, 1.3, 49, False), (1.3, 1.0, 48, False)],
)
def test_a_creatinine_rise_is_0_3_within_48_hours(first: float, second: float, apart: float, met: bool) -> None:
    chart = a_chart(facts=(lab("Creatinine", first, "mg/dL", 1), lab("Creatinine", second, "mg/dL", 1 + apart)))
    assert holds(creatinine("rise", 0.3, 48), chart) is met


def test_a_rise_is_not_computed_across_units() -> None:
    chart = a_chart(facts=(lab("Creatinine", 1.0, "mg/dL", 1), lab("Creatinine", 88.4, "umol/L", 10)))
    assert not holds(creatinine("rise", 0.3, 48), chart)


def test_a_ratio_over_a_zero_reading_is_no_evidence() -> None:
    chart = a_chart(facts=(lab("Creatinine", 0.0, "mg/dL", 1), lab("Creatinine", 1.0, "mg/dL", 10)))
    assert not holds(creatinine("ratio", 1.5, 168), chart)


def test_code_prefixes_match_with_and_without_the_dot() -> None:
    requirement = Requirement("code", "heart failure", codes=("I50.2",))
    assert holds(requirement, a_chart(codes=("I5023",)))
    assert not holds(requirement, a_chart(codes=("I50.9",)))


def test_a_code_that_only_the_coder_assigned_documents_nothing() -> None:
    asked = Requirement("code", "anemia code", codes=("D64.9",), fills="documented")
    assigned = ChartContext(codes=("D64.9",), documented_codes=())
    assert not holds(asked, assigned)
    assert holds(replace(asked, fills=""), assigned)
    assert holds(asked, replace(assigned, documented_codes=("D64.9",)))


def test_a_provider_who_later_takes_back_a_diagnosis_is_no_conflict() -> None:
    requirement = Requirement("conflict", "conflict", words=("pneumonia",), by=("provider",))
    taken_back = a_chart(note("Pneumonia.", hours=5), note("No pneumonia.", hours=20))
    between_two = a_chart(note("Pneumonia.", hours=5), note("No pneumonia.", "consultant", "consult_note", 20))
    assert not holds(requirement, taken_back)
    assert holds(requirement, between_two)


def test_evidence_quotes_the_sentence_around_the_words() -> None:
    text = "Stable overnight. Lactic acidosis with lactate 4.1, fluids given. Plan: recheck."
    [evidence] = fits(parse(SOURCE, "x.md"), a_chart(note(text))).met
    [source] = evidence.sources
    assert (source.text, source.term) == ("Lactic acidosis with lactate 4.1, fluids given.", "acidosis")
    assert text[source.start : source.end] == source.text


def test_what_is_missing_is_said_in_words() -> None:
    assert fits(parse(SOURCE, "x.md"), a_chart(note("All well."))).missing == ("acidosis documented",)


def test_the_page_about_templates_holds_every_topic_and_kind_of_requirement() -> None:
    page = (services.ROOT / "docs/interfaces/templates.md").read_text(encoding="utf-8")
    for key, about in TOPICS.items():
        assert f"| `{key}` | {about} |" in page
    for kind in (*REQUIREMENT_KINDS, *COMPOSITES):
        assert f"`{kind}" in page
