"""Results, vital signs and findings."""

from __future__ import annotations

from collections.abc import Iterator

from query_mgr.charts.ccda.elements import code_of, find, said, words
from query_mgr.charts.ccda.facts import MEASURED_STATUSES, Context, Statement, filed, when
from query_mgr.charts.ccda.values import Value, flag_of, read_range, read_value
from query_mgr.charts.records import FactRecord

_ASSERTION = {"ASSERTION", "404684003", "409586006", "55607006", "64572001", "248536006", "373930000"}
#: C-CDA's own stand-ins for a code of what was found; its value says what it is about
_STANDS_IN = {"54522-8", "75276-6", "75325-1"}


def read_result(statement: Statement, context: Context) -> Iterator[FactRecord]:
    """Yield a result of a laboratory or other test."""
    yield from _measured(statement, context, "lab")


def read_vital(statement: Statement, context: Context) -> Iterator[FactRecord]:
    """Yield a vital sign."""
    yield from _measured(statement, context, "vital")


def _measured(statement: Statement, context: Context, kind: str) -> Iterator[FactRecord]:
    element = statement.element
    code = code_of(find(element, "code"), ("loinc", "snomed"))
    name = context.narrative.name_of(find(element, "code"), code)
    if not name:
        context.warnings.add("code", statement.where, "is a result without a code or name; it was left out")
        return
    value = read_value(element, context.narrative)
    status = MEASURED_STATUSES.get(statement.status, "preliminary")
    if status == "preliminary" and (not value.text or value.text.startswith("not available")):
        value = Value("pending")
    low, high = read_range(element, value, context.warnings, statement.where)
    _, at = when(statement, context)
    fact = FactRecord(
        source_key="",
        patient_key=context.patient_key,
        encounter_key=None,
        kind=kind,
        name=name,
        observed_at=at.at,
        code_system=code.system,
        code=code.code,
        value_text=value.text,
        value_number=value.number,
        unit=value.unit,
        range_low=low,
        range_high=high,
        flag=flag_of(element, value.number, low, high),
        status="cancelled" if statement.is_negated else status,
    )
    yield filed(fact, statement, context)


def read_finding(statement: Statement, context: Context) -> Iterator[FactRecord]:
    """Yield a finding: social history, functional and mental status, nutrition, pressure ulcers."""
    element = statement.element
    question = find(element, "code")
    code = code_of(question, ("loinc", "snomed"))
    value = read_value(element, context.narrative)
    answer = code_of(find(element, "value"), ("icd10cm", "snomed", "loinc"))
    name = context.narrative.name_of(question, code)
    if code.code in _ASSERTION | _STANDS_IN or said(question, "code") in _ASSERTION | _STANDS_IN or not name:
        # "Assertion: pressure ulcer stage 3" is a finding of that name, not a value of an assertion.
        code, name, value = answer, value.text or words(find(element, "text")), Value(_site(statement, context))
    if not name:
        context.warnings.add("code", statement.where, "is a finding without a name; it was left out")
        return
    span, at = when(statement, context)
    fact = FactRecord(
        source_key="",
        patient_key=context.patient_key,
        encounter_key=None,
        kind="finding",
        name=name,
        observed_at=at.at,
        code_system=code.system,
        code=code.code,
        value_text=value.text,
        value_number=value.number,
        unit=value.unit,
        ended_at=span.high.at if span.high else None,
        status="cancelled" if statement.is_negated else MEASURED_STATUSES.get(statement.status, "preliminary"),
    )
    yield filed(fact, statement, context)


def _site(statement: Statement, context: Context) -> str:
    site = find(statement.element, "targetSiteCode")
    return context.narrative.name_of(site, code_of(site, ()))
