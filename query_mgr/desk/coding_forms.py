"""What the forms of the coding panel say, checked: evidence, the code system, a line's details."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from werkzeug.datastructures import MultiDict

from query_mgr.charts.models import Encounter
from query_mgr.codes import icd10cm, lookup
from query_mgr.codes.systems import SYSTEMS
from query_mgr.codes.written import written
from query_mgr.coding.codeset import CodingError
from query_mgr.coding.evidence import evidence_in_document, evidence_in_fact
from query_mgr.coding.valid import coded_on
from query_mgr.coding.work import SYSTEMS_OF
from query_mgr.desk.coding_lines import LETTERS, lines_of
from query_mgr.desk.coding_page import provider_named

#: the systems that an encounter is coded in; the first that has a code wins
CODED_IN = tuple(system for systems in SYSTEMS_OF.values() for system in systems)
#: of every form: what is no typing of a person
HIDDEN = frozenset({"csrf_token", "revision", "change", "do", "start", "end", "key", "reason_given", "what"})
#: the fields of a line, as its form names them
_PLAIN = ("served_on", "modifiers", "units", "claim", "place", "revenue", "dose", "wasted")

Form = MultiDict[str, str]


def revision_of(form: Form) -> int | None:
    """Return the revision of the codes that the page showed; None where the form says none."""
    return form.get("revision", None, int)


def evidence_of(encounter: Encounter, form: Form) -> dict[str, Any] | None:
    """Return the evidence that a form points at. Raises CodingError where it is not in this chart."""
    kind, _, place = form.get("evidence", "").partition(":")
    try:
        if kind == "document":
            start, end = form.get("start", None, int), form.get("end", None, int)
            return evidence_in_document(encounter, place, start, end)
        return evidence_in_fact(encounter, place) if kind == "fact" else None
    except ValueError as error:
        raise CodingError(f"This cannot be evidence for a code: {error}") from None


def system_of(encounter: Encounter, text: str, chosen: str = "") -> str:
    """Return the system of the code that was typed: the chosen one, else the one that has it on the stay's date.

    Raises CodingError where several have it: E0110 is a crutch of HCPCS and would be E01.10 of ICD-10-CM.
    """
    if chosen:
        if chosen not in CODED_IN:
            name = SYSTEMS[chosen].name if chosen in SYSTEMS else chosen[:20]
            raise CodingError(f"{text[:20]} is of {name}; an encounter is not coded with it.")
        return chosen
    found = [system for system in CODED_IN if _has(encounter, text, system)]
    if len(found) > 1:
        names = " and ".join(SYSTEMS[system].name for system in found)
        raise CodingError(f"{text[:20]} is a code of {names}; choose it from the list, or write the dot.")
    return found[0] if found else _shaped_like(text)


def _has(encounter: Encounter, text: str, system: str) -> bool:
    try:
        return lookup.find(written(text, system), coded_on(encounter), system) is not None
    except icd10cm.CodeError:
        return False


def _shaped_like(text: str) -> str:
    """Return the system whose codes look like the text, so that its own words say what is wrong."""
    for system in ("icd10pcs", "cpt", "hcpcs"):
        try:
            written(text, system)
        except icd10cm.CodeError:
            continue
        if system == "icd10pcs" or not icd10cm.is_code_shaped(icd10cm.plain(text).strip().upper()):
            return system
    return "icd10cm"


def details_of(encounter: Encounter, form: Form) -> dict[str, Any]:
    """Return the fields of a line that a form names, as `coding.lines` takes them. Raises CodingError."""
    values: dict[str, Any] = {name: form[name] for name in _PLAIN if name in form}
    if "provider" in form:
        values["provider_id"] = provider_named(form["provider"])
    if "pointers" in form:
        values["pointers"] = _pointed_at(form["pointers"], encounter)
    return values


def _pointed_at(text: str, encounter: Encounter) -> list[str]:
    refs: Mapping[str, str] = {letter: ref for ref, letter in lines_of(encounter).letters.items()}
    letters = [sign for sign in text.upper() if sign not in " ,;"]
    wrong = next((sign for sign in letters if sign not in refs), None)
    if wrong is not None:
        last = LETTERS[len(refs) - 1] if refs else ""
        there = f"use A to {last}" if refs else "assign a diagnosis first"
        raise CodingError(f"Diagnoses: {wrong!r} is the letter of no diagnosis; {there}.")
    return [refs[sign] for sign in letters]


def typed_in(form: Form) -> list[tuple[str, str]]:
    """Return what a person typed or chose in a form, to be shown again where it could not be done."""
    return [(name, value) for name, value in form.items(multi=True) if name not in HIDDEN and value.strip()]
