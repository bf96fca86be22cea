"""Which entry of a document is read as what: by its template, else by the LOINC code of its section."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from lxml import etree

from query_mgr.charts.ccda.billing import codes_of_encounter
from query_mgr.charts.ccda.clinical import read_allergy, read_medication, read_problem, read_procedure
from query_mgr.charts.ccda.elements import find, find_all, local, said, templates
from query_mgr.charts.ccda.facts import Context, Statement
from query_mgr.charts.ccda.measured import read_finding, read_result, read_vital
from query_mgr.charts.ccda.snippets import SECTION_NAMES
from query_mgr.charts.records import FactRecord, SentCodeRecord

Reader = Callable[[Statement, Context], Iterator[FactRecord]]
_T = "2.16.840.1.113883.10.20.22.4."
_STATEMENTS = {"act", "observation", "organizer", "procedure", "substanceAdministration", "supply", "encounter"}
#: template -> reader; the more special ones first, because an entry carries all templates that it conforms to
_BY_TEMPLATE: tuple[tuple[str, Reader], ...] = (
    (f"{_T}68", read_finding),  # functional status problem, deprecated
    (f"{_T}73", read_finding),  # cognitive status problem, deprecated
    (f"{_T}4", read_problem),
    (f"{_T}7", read_allergy),
    (f"{_T}16", read_medication),
    (f"{_T}12", read_procedure),
    (f"{_T}13", read_procedure),
    (f"{_T}14", read_procedure),
    (f"{_T}27", read_vital),
    (f"{_T}38", read_finding),  # social history
    (f"{_T}78", read_finding),  # smoking status
    (f"{_T}85", read_finding),  # tobacco use
    ("2.16.840.1.113883.10.20.15.3.8", read_finding),  # pregnancy
    (f"{_T}67", read_finding),  # functional status
    (f"{_T}74", read_finding),  # mental status
    (f"{_T}114", read_finding),  # wound
    (f"{_T}70", read_finding),  # pressure ulcer, deprecated
    (f"{_T}124", read_finding),  # nutritional status
    (f"{_T}138", read_finding),  # nutrition assessment
)
_RESULT = f"{_T}2"
#: statements about others, plans, or parts of the statement around them: nothing in them is a fact of the patient's
_PASSED_OVER = {
    f"{_T}{number}"
    for number in (5, 6, 8, 9, 19, 20, 24, 25, 28, 31, 45, 46, 47, 48, 61, 64, 113, 118, 119, 122, 123, 143, 145)
}
_IMMUNIZATION = f"{_T}52"
#: section and element -> reader, for entries whose templates are not known
_BY_SECTION: dict[tuple[str, str], Reader] = {
    ("30954-2", "observation"): read_result,
    ("8716-3", "observation"): read_vital,
    ("11450-4", "observation"): read_problem,
    ("11348-0", "observation"): read_problem,
    ("11535-2", "observation"): read_problem,
    ("46241-6", "observation"): read_problem,
    ("42347-5", "observation"): read_problem,
    ("48765-2", "observation"): read_allergy,
    ("10160-0", "substanceAdministration"): read_medication,
    ("10183-2", "substanceAdministration"): read_medication,
    ("75311-1", "substanceAdministration"): read_medication,
    ("29549-3", "substanceAdministration"): read_medication,
    ("42346-7", "substanceAdministration"): read_medication,
    ("47519-4", "procedure"): read_procedure,
    ("47519-4", "act"): read_procedure,
    ("47519-4", "observation"): read_procedure,
    ("29762-2", "observation"): read_finding,
    ("47420-5", "observation"): read_finding,
    ("10190-7", "observation"): read_finding,
    ("8709-8", "observation"): read_finding,
}
_MEDICATION_SECTIONS = {"10160-0", "10183-2", "75311-1", "29549-3", "42346-7"}
_VITALS = "8716-3"


def read_entries(
    body: etree._Element, context: Context
) -> tuple[tuple[FactRecord, ...], tuple[SentCodeRecord, ...]]:
    """Return the facts of all sections, and the codes that encounter entries carry."""
    facts: list[FactRecord] = []
    codes: list[SentCodeRecord] = []
    for section in body.iter("{urn:hl7-org:v3}section"):
        loinc = said(find(section, "code"), "code")
        for entry in find_all(section, "entry"):
            for one in entry:
                if local(one) in _STATEMENTS:
                    facts += _walk(Statement(one, loinc), context)
                    codes += (
                        codes_of_encounter(Statement(one, loinc), context) if local(one) == "encounter" else []
                    )
    return _once(facts), tuple({one.source_key: one for one in codes}.values())


def _walk(statement: Statement, context: Context) -> Iterator[FactRecord]:
    element, known = statement.element, templates(statement.element)
    if known & _PASSED_OVER:
        return
    if _IMMUNIZATION in known:
        context.warnings.add("ignored", statement.where, "immunizations are not read; their section's text is")
        return
    if not _is_event(statement):
        return
    reader = _reader(statement, known, context)
    if reader is not None:
        yield from reader(statement, context)
        return
    for child in element:
        if local(child) in {"component", "entryRelationship"}:
            for inner in child:
                if local(inner) in _STATEMENTS:
                    yield from _walk(Statement(inner, statement.section, (element, *statement.around)), context)


def _is_event(statement: Statement) -> bool:
    """Return whether something happened, or a drug was ordered; plans, goals and proposals are no facts."""
    mood = statement.element.get("moodCode") or "EVN"
    if mood == "EVN":
        return True
    return local(statement.element) == "substanceAdministration" and statement.section in _MEDICATION_SECTIONS


def _reader(statement: Statement, known: set[str], context: Context) -> Reader | None:
    name = local(statement.element)
    if _RESULT in known:
        return read_vital if statement.section == _VITALS else read_result
    found = next((reader for template, reader in _BY_TEMPLATE if template in known), None)
    if found is not None or name in {"organizer", "encounter", "supply"}:
        return found
    by_section = _BY_SECTION.get((statement.section, name))
    if by_section is None or any(one.startswith(_T) for one in known):
        return None
    if name == "act" and next(find_all(statement.element, "entryRelationship"), None) is not None:
        return None  # a concern or other wrapper: what it holds is read
    what = SECTION_NAMES.get(statement.section, "section")
    context.warnings.add(
        "template", statement.where, f"has no template that is known; read by its section ({what})"
    )
    return by_section


def _once(facts: list[FactRecord]) -> tuple[FactRecord, ...]:
    """Return each fact once; where one identity tells two different things, both are kept."""
    kept: dict[str, FactRecord] = {}
    for fact in facts:
        key, place = fact.source_key, 1
        while key in kept and kept[key] != _renamed(fact, key):
            place += 1
            key = f"{fact.source_key}.{place}"
        kept[key] = _renamed(fact, key)
    return tuple(kept.values())


def _renamed(fact: FactRecord, key: str) -> FactRecord:
    return replace(fact, source_key=key)
