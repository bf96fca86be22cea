"""The compliance lint against labelled drafts."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from query_mgr.platform import yamls
from query_mgr.queries.lint import RULES, Draft, DraftIndicator, DraftOption, is_compliant, lint

CORPUS = yamls.load(Path(__file__).parent / "lint_corpus.yaml")
ADMITTED = datetime(2026, 3, 2, 8, tzinfo=UTC)
DISCHARGED = ADMITTED + timedelta(days=5)
TIMES = {
    "old": -timedelta(days=400),
    "early": -timedelta(hours=6),
    "late": timedelta(days=9),
    "prior": -timedelta(days=90),
}
RULE_IDS = [
    "identity_in_title",
    "no_indicators",
    "leading_title",
    "leading_question",
    "undocumented_diagnosis_in_question",
    "financial_or_quality_impact",
    "too_few_options",
    "missing_other",
    "missing_undetermined",
    "unsupported_option",
    "yes_no_new_diagnosis",
    "directive_language",
    "prior_encounter_misuse",
    "urging_severity",
    "emphasis_or_preselect",
    "missing_ruled_out",
    "judgmental_tone",
    "vague_question",
]


def an_option(number: int, text: str) -> DraftOption:
    """Read "kind:label"; plain labels are clinical."""
    kind, colon, label = text.partition(":")
    named = colon and kind in ("other", "undetermined", "not_significant", "ruled_out")
    return DraftOption(f"o{number}", label if named else text, kind if named else "clinical")


def an_indicator(text: str) -> DraftIndicator:
    """Read "when:text", where when is one of TIMES or "nosource"; plain texts are of day 1."""
    when, colon, rest = text.partition(":")
    if not colon or when not in (*TIMES, "nosource"):
        when, rest = "", text
    return DraftIndicator(
        text=rest,
        observed_at=ADMITTED + TIMES.get(when, timedelta(hours=8)),
        source_label="" if when == "nosource" else "Laboratory",
        scope="prior" if when == "prior" else "current",
    )


def a_draft(base: str = "kidney", **changes: Any) -> Draft:
    """Return a base of the corpus with changes."""
    fields = {**CORPUS["bases"][base], **changes}
    fields["options"] = tuple(an_option(n, text) for n, text in enumerate(fields["options"]))
    fields["indicators"] = tuple(an_indicator(text) for text in fields["indicators"])
    fields["documentation"] = tuple(fields["documentation"])
    return Draft(**fields, admitted_at=ADMITTED, discharged_at=DISCHARGED)


def drafts() -> list[tuple[str, Draft, list[str]]]:
    """Return name, draft and expected "rule: severity" of every case."""
    cases = []
    for case in CORPUS["cases"]:
        changes = {key: value for key, value in case.items() if key not in ("name", "base", "expect")}
        expected = [line if ":" in line else f"{line}: error" for line in case["expect"]]
        cases.append((case["name"], a_draft(case["base"], **changes), sorted(expected)))
    return cases


@pytest.mark.parametrize(("draft", "expected"), [pytest.param(d, e, id=n) for n, d, e in drafts()])
def test_exactly_the_labelled_rules_fire(draft: Draft, expected: list[str]) -> None:
    findings = lint(draft)
    assert sorted({f"{f.rule}: {f.severity}" for f in findings}) == expected, findings
    assert is_compliant(findings) == (not any(line.endswith("error") for line in expected))


def test_the_corpus_covers_every_rule_three_times_and_the_traps() -> None:
    expected = [line.split(":")[0] for _, _, lines in drafts() for line in lines]
    of_a_chart = {"evidence_withdrawn", "indicator_not_in_chart"}  # lint/test_charted.py
    assert {rule.id for rule in RULES} == {*RULE_IDS, *of_a_chart} and len(RULES) == len(RULE_IDS) + 2
    assert {rule: expected.count(rule) for rule in RULE_IDS if expected.count(rule) < 3} == {}
    assert sum(not lines for _, _, lines in drafts()) >= 15
    assert len(drafts()) >= 60


def test_a_finding_shows_the_normalised_text_and_how_to_fix_it() -> None:
    [finding] = lint(a_draft("heart", body="This affects rе\u200bimbursеment."))
    assert "reimbursement" in finding.excerpt
    assert finding.field == "body" and finding.fix and finding.source


def test_words_of_nurses_and_laboratory_document_no_diagnosis() -> None:
    draft = a_draft(title="AKI query")
    nurse = replace(draft.indicators[0], text="AKI, creatinine 2.4", source_kind="document", author_role="nurse")
    attending = replace(nurse, author_role="attending")
    assert "leading_title" in {f.rule for f in lint(replace(draft, indicators=(nurse,)))}
    assert "leading_title" not in {f.rule for f in lint(replace(draft, indicators=(attending,)))}


def test_a_discharge_summary_written_after_discharge_is_of_this_encounter() -> None:
    draft = a_draft("heart")
    late = replace(draft.indicators[0], observed_at=DISCHARGED + timedelta(days=7), source_kind="document")
    assert lint(replace(draft, indicators=(late,))) == ()


def test_times_without_zone_and_without_admission_are_read() -> None:
    draft = a_draft("heart")
    naive = replace(draft.indicators[0], observed_at=datetime(2026, 3, 3))
    assert lint(replace(draft, indicators=(naive,))) == ()
    assert lint(replace(draft, indicators=(naive,), admitted_at=None, discharged_at=None)) == ()


TEXT = st.text(max_size=80) | st.sampled_from(
    ["MS-DRG", "Sépsis", "café AKI", "&amp;#114;eimbursement", "ﬁnancial impact", "do you agree", "<b>", "Å\u0301"]
)


@settings(max_examples=150, deadline=None)
@given(TEXT, TEXT, TEXT, st.lists(TEXT, max_size=4), st.lists(TEXT, max_size=3))
def test_lint_never_raises_and_does_not_depend_on_the_form_of_the_text(
    title: str, body: str, question: str, options: list[str], documentation: list[str]
) -> None:
    def found(change: Any) -> list[tuple[str, str, str]]:
        draft = a_draft("heart", documentation=[change(text) for text in documentation])
        draft = replace(
            draft,
            title=change(title),
            body=change(body),
            question=change(question),
            options=tuple(DraftOption(str(n), change(text), "clinical") for n, text in enumerate(options)),
        )
        return [(f.rule, f.severity, f.field) for f in lint(draft)]

    plain = found(str)
    assert found(lambda text: unicodedata.normalize("NFC", text)) == plain
    assert found(lambda text: unicodedata.normalize("NFD", text)) == plain
    assert found(lambda text: "\u200b".join(text)) == plain
    assert found(lambda text: "".join(f"{c}\u00ad\ufeff" for c in text)) == plain


HOSTILE = (
    "a" * 50_000,
    "meets " + "a" * 50_000,
    "meets a-" * 6_000,
    " " * 50_000,
    "\n" * 50_000,
    "<b" * 25_000,
    "&amp;" * 10_000,
    "**" * 25_000,
    "document the " * 4_000,
    "document AKI " * 4_000,
    "no no AKI:\n" * 4_500,
    "wbc white platelet " * 2_600,
    "creatinine 1 " * 3_800,
    "denial avoid risk " * 2_700,
    "(" * 50_000,
    "$ 1" * 16_000,
    "1/" * 25_000,
    "é\u0301\u200b" * 16_000,
)


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_of_50_kb_is_read_to_its_end(text: str) -> None:
    part = text[:2_000]
    draft = a_draft("heart", title=part, body=text, question=part, indicators=[part], documentation=[part])
    draft = replace(draft, options=(*draft.options, DraftOption("x", part, "clinical")))
    assert isinstance(lint(draft), tuple)
