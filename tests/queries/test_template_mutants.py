"""Every shipped template, spoilt in the ways that templates are spoilt: the lint finds each."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache

import pytest

from query_mgr.clinical import library
from query_mgr.clinical.assertions import documented_in
from query_mgr.clinical.mentions import mentions
from query_mgr.clinical.terms.vocabulary import words
from query_mgr.queries.library.files import shipped
from query_mgr.queries.lint import Draft, DraftOption, lint
from tests.queries.template_charts import draft_on_its_chart

TEMPLATES = sorted(shipped())
OF_CHOICE = [name for name in TEMPLATES if shipped()[name].query_type != "open_ended"]
#: what is done, and what only describes ("hyperglycemia"), gives no answer away
NO_DIAGNOSIS = frozenset(words().procedures) | frozenset(words().findings)
YES_NO = tuple(
    DraftOption(label.lower(), label, kind)
    for label, kind in (("Yes", "clinical"), ("No", "clinical"), ("Other", "other"))
)


@cache
def undocumented_diagnoses(name: str) -> tuple[str, ...]:
    """Return the diagnoses that a query of this template must not give away.

    They are the options that name a diagnosis which nobody documented. What is documented may stand in a title, so an
    option that only tells more of it (a side, a depth, a degree) makes no mutant: there a diagnosis is taken from the
    differential of the condition, or else one that no chart of a template documents.
    """
    draft = draft_on_its_chart(name)
    documented = frozenset().union(*map(documented_in, draft.documentation))
    offered = tuple(
        option.label
        for option in draft.options
        if option.kind == "clinical"
        and any(mention.condition not in documented | NO_DIAGNOSIS for mention in mentions(option.label))
    )
    known = library.load()
    condition = known.get(draft.condition)
    differential = (
        known[key] for key in (condition.alternatives if condition else ()) if key not in documented | NO_DIAGNOSIS
    )
    return offered or tuple(one.name for one in differential)[:1] or ("Acute pancreatitis",)


def leaves_open(label: str) -> bool:
    """Return whether an answer lets the provider name another condition: "Another depressive condition (please describe)"."""
    return bool(re.search(r"\banother\b.*\(please (?:name|specify|describe)", label, re.IGNORECASE))


def answers_naming_a_diagnosis(name: str) -> tuple[str, ...]:
    """Return the answers that name a diagnosis in words which the chart does not hold: "acute on chronic ... failure"."""
    draft = draft_on_its_chart(name)
    told = " ".join(draft.documentation).lower()
    clinical = (one.label for one in draft.options if one.kind == "clinical")
    return tuple(
        label
        for label in clinical
        if any(one.condition not in NO_DIAGNOSIS for one in mentions(label))
        and label.lower() not in told
        and not leaves_open(label)
    )


def missed(rule: str, names: list[str], mutate: Callable[[str, Draft], Iterator[Draft]]) -> list[str]:
    """Return the templates of which a mutant passes without `rule`."""
    return [
        f"{name}: {mutant.title} / {mutant.question}"
        for name in names
        for mutant in mutate(name, draft_on_its_chart(name))
        if rule not in {one.rule for one in lint(mutant) if one.severity == "error"}
    ]


@pytest.mark.parametrize("kind", ["other", "undetermined"])
def test_an_answer_that_must_be_offered_is_missed_where_it_is_dropped(kind: str) -> None:
    def without(name: str, draft: Draft) -> Iterator[Draft]:
        kept = (
            one for one in draft.options if one.kind != kind and not (kind == "other" and leaves_open(one.label))
        )
        yield replace(draft, options=tuple(kept))

    assert missed(f"missing_{kind}", OF_CHOICE, without) == []


def test_a_diagnosis_in_the_title_is_found() -> None:
    def titled(name: str, draft: Draft) -> Iterator[Draft]:
        for diagnosis in {*undocumented_diagnoses(name), *answers_naming_a_diagnosis(name)}:
            yield replace(draft, title=f"Clarification of {diagnosis}")

    assert missed("leading_title", TEMPLATES, titled) == []


@pytest.mark.parametrize("field", ["title", "body", "question"])
def test_reimbursement_is_found_wherever_it_is_written(field: str) -> None:
    def paid(name: str, draft: Draft) -> Iterator[Draft]:
        yield replace(draft, **{field: f"{getattr(draft, field).rstrip('.?')} for reimbursement."})  # type: ignore[arg-type]

    assert missed("financial_or_quality_impact", TEMPLATES, paid) == []


@pytest.mark.parametrize("rule", ["yes_no_new_diagnosis", "undocumented_diagnosis_in_question"])
def test_a_yes_or_no_about_a_diagnosis_that_nobody_documented_is_found(rule: str) -> None:
    def asked(name: str, draft: Draft) -> Iterator[Draft]:
        for diagnosis in undocumented_diagnoses(name):
            options = (*YES_NO, DraftOption("undetermined", "Unable to determine", "undetermined"))
            question = f"Does the patient have {diagnosis}?"
            yield replace(draft, query_type="yes_no", question=question, options=options)

    assert missed(rule, TEMPLATES, asked) == []


def test_a_choice_turned_into_yes_or_no_is_found_unless_it_confirms_what_is_documented() -> None:
    confirming = ("poa", "cause_effect", "clinical_validation", "conflict")
    names = [name for name in OF_CHOICE if shipped()[name].purpose not in confirming]

    def turned(name: str, draft: Draft) -> Iterator[Draft]:
        yield replace(draft, query_type="yes_no")

    assert len(names) > 100
    assert missed("yes_no_new_diagnosis", names, turned) == []


def test_most_templates_offer_a_diagnosis_of_their_own_to_give_away() -> None:
    assert len([name for name in TEMPLATES if answers_naming_a_diagnosis(name)]) > 100
