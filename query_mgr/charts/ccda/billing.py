"""Codes on encounter entries: what a system listed for billing, shown beside the coder's own set.

A document is no claim and no account, so their origin is always "list".
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from lxml import etree

from query_mgr.charts.ccda.elements import V3, Code, code_of, codes_of, find, find_all, said, templates
from query_mgr.charts.ccda.facts import Context, Statement, is_in_stay, when
from query_mgr.charts.records import SentCodeRecord

_T = "2.16.840.1.113883.10.20.22.4."
_PROBLEM, _ADMISSION, _INDICATION = f"{_T}4", f"{_T}34", f"{_T}19"
_RANK = "263486008"  # SNOMED CT "rank", as quality reporting marks the principal diagnosis


def codes_of_encounter(statement: Statement, context: Context) -> Iterator[SentCodeRecord]:
    """Yield the visit codes (CPT, HCPCS) and the ICD-10-CM diagnoses of an encounter that took place."""
    element = statement.element
    if element.get("moodCode") != "EVN" or statement.is_negated:
        return
    _, at = when(statement, context)
    visits = [find(element, "code"), *find_all(element, "entryRelationship/act/code")]
    for visit in visits:
        for one in codes_of(visit):
            if one.system in {"cpt", "hcpcs"}:
                yield replace(_sent(statement, context, "charge", one, at.at), served_at=at.at)
    for act in element.iter(f"{V3}act"):
        for diagnosis in find_all(act, "entryRelationship/observation"):
            yield from _diagnosis(statement, context, act, diagnosis, at.at)


def _diagnosis(
    statement: Statement, context: Context, act: etree._Element, observation: etree._Element, at: datetime
) -> Iterator[SentCodeRecord]:
    code = code_of(find(observation, "value"), ("icd10cm",))
    is_taken_back = said(find(act, "statusCode"), "code") in {"nullified", "cancelled", "aborted"}
    if code.system != "icd10cm" or _PROBLEM not in templates(observation) or is_taken_back:
        return
    if observation.get("negationInd") == "true" or act.get("negationInd") == "true":
        return
    rank = _rank(observation)
    role = "principal" if rank == 1 else "secondary" if rank else ""
    role = "admitting" if _ADMISSION in templates(act) else role
    yield replace(_sent(statement, context, "diagnosis", code, at), sequence=rank, role=role)


def _rank(observation: etree._Element) -> int | None:
    for one in find_all(observation, "entryRelationship/observation"):
        text = said(find(one, "value"), "value")
        if said(find(one, "code"), "code") == _RANK and text.isdecimal() and len(text) <= 3:
            return int(text)
    return None


def _sent(statement: Statement, context: Context, kind: str, code: Code, at: datetime) -> SentCodeRecord:
    ids = "|".join(f"{said(one, 'root')}^{said(one, 'extension')}" for one in find_all(statement.element, "id"))
    parts = (context.patient_key, ids, at.isoformat(), kind, code.system, code.code)
    digest = hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:24]
    return SentCodeRecord(
        source_key=f"CDA code#{digest}",
        patient_key=context.patient_key,
        encounter_key=context.encounter_key if is_in_stay(at, context) else None,
        origin="list",
        kind=kind,
        code_system=code.system,
        code=code.code[:40],
        name=code.name,
    )
