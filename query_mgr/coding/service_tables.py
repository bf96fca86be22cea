"""Collect what the edits on service lines look at, for many encounters in few statements."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select

from query_mgr.charts.models import Encounter
from query_mgr.coding.codebook import CodeBook
from query_mgr.coding.models import CodeAssignment, EncounterCoding
from query_mgr.coding.ncci import lookup
from query_mgr.coding.ncci.rules import ServiceLine, Tables
from query_mgr.coding.payers import store
from query_mgr.coding.payers.necessity import Policy
from query_mgr.coding.valid import coded_on
from query_mgr.platform.db import chunks, db

SYSTEMS = ("hcpcs", "cpt")
_PROBE = "59"  # a list without it holds HCPCS modifiers only, and says nothing of CPT's


@dataclass(frozen=True)
class Asked:
    """One encounter whose service lines are judged."""

    encounter: Encounter
    payer: str  # key or name
    lines: Sequence[ServiceLine]


def service_facts(
    encounters: Mapping[int, Encounter], coding: Mapping[int, EncounterCoding],
    rows: Mapping[int, Sequence[CodeAssignment]], days: Mapping[int, date], book: CodeBook,
) -> dict[int, dict[str, Any]]:  # fmt: skip
    """Return per encounter id what its case gets: `tables`, `policies` and `earlier`; nothing without service lines.

    days: per encounter the day on which a line counts that has none of its own.
    """
    asked = [
        Asked(one, (coding[one.id].payer_key if one.id in coding else "") or one.payer, lines)
        for one in encounters.values()
        if (lines := _lines(rows.get(one.id, ()), days[one.id]))
    ]
    if not asked:
        return {}
    tables, policies = _tables(asked, book), _policies(asked)
    earlier = _earlier(
        [one.encounter for one in asked if any(policy.terms.frequency for policy in policies[one.encounter.id])]
    )
    return {
        ref: {"tables": tables[ref], "policies": policies[ref], "earlier": earlier.get(ref, {})}
        for ref in (one.encounter.id for one in asked)
    }


def _lines(rows: Iterable[CodeAssignment], on: date) -> list[ServiceLine]:
    return [
        ServiceLine(row.ref, row.code, tuple(row.modifiers.split()), row.units or 1, row.served_on or on, "",
                    row.claim or "facility")
        for row in rows
        if row.system in SYSTEMS
    ]  # fmt: skip


def _tables(asked: Sequence[Asked], book: CodeBook) -> dict[int, Tables]:
    edits = lookup.edits_for([line for one in asked for line in one.lines])
    pairs, limits, addons = defaultdict(list), defaultdict(list), defaultdict(list)
    for pair in edits.pairs:
        pairs[pair.column1].append(pair)
    for limit in edits.limits:
        limits[limit.code].append(limit)
    for addon in edits.addons:
        addons[addon.code].append(addon)
    found = {}
    for one in asked:
        codes = dict.fromkeys(line.code for line in one.lines)
        found[one.encounter.id] = Tables(
            tuple(pair for code in codes for pair in pairs[code] if pair.column2 in codes),
            tuple(limit for code in codes for limit in limits[code]),
            tuple(addon for code in codes for addon in addons[code]),
            _wrong_modifiers(one.lines, book),
        )
    return found


def _wrong_modifiers(lines: Iterable[ServiceLine], book: CodeBook) -> dict[tuple[str, date], str]:
    """Return why modifiers cannot be reported on their days, as far as a whole list of them is loaded."""
    by_day = defaultdict[date, set[str]](set)
    for line in lines:
        if line.modifiers:
            by_day[line.service_on].update(line.modifiers)
    wrong = {}
    for day, words in by_day.items():
        book.learn("modifier", day, {*words, _PROBE})
        has_cpt = book.known("modifier", day, _PROBE) is not None
        for word in words:
            if (has_cpt or not word[0].isdecimal()) and (why := book.why_not("modifier", day, word)):
                wrong[word, day] = why
    return wrong


def _policies(asked: Sequence[Asked]) -> dict[int, tuple[Policy, ...]]:
    payers = {text: store.known_as(text) for text in {one.payer for one in asked}}
    found = {}
    for one in asked:
        payer = payers[one.payer]
        codes = {line.code for line in one.lines}
        found[one.encounter.id] = tuple(store.policies_of(payer, codes)) if payer is not None else ()
    return found


def _earlier(encounters: Sequence[Encounter]) -> dict[int, dict[str, tuple[date, ...]]]:
    """Return per encounter the days of the patient's other encounters on which a code was served."""
    days = defaultdict[int, list[tuple[int, str, date]]](list)
    for ids in chunks(one.patient_id for one in encounters):
        of = (
            select(CodeAssignment.code, CodeAssignment.served_on, Encounter)
            .join(Encounter, Encounter.id == CodeAssignment.encounter_id)
            .where(Encounter.patient_id.in_(ids), CodeAssignment.system.in_(SYSTEMS))
        )
        for code, served_on, encounter in db.session.execute(of):
            days[encounter.patient_id].append((encounter.id, code, served_on or coded_on(encounter)))
    found = {}
    for one in encounters:
        by_code = defaultdict[str, set[date]](set)
        for encounter_id, code, day in days[one.patient_id]:
            if encounter_id != one.id:
                by_code[code].add(day)
        found[one.id] = {code: tuple(sorted(some)) for code, some in by_code.items()}
    return found
