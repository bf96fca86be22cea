"""What the record of a stay says of diagnoses: its documents and problem list, read once until one of them changes.

A text is read once for as long as it stays the same; a stay is put together anew whenever a document came, changed,
was replaced or was taken back. Both are told by the rows themselves, so nobody has to say that something changed.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from threading import Lock
from typing import Any, TypeVar

from sqlalchemy import Row, select

from query_mgr.charts.evidence import NOT_EVIDENCE
from query_mgr.charts.models import Document, Encounter, Fact
from query_mgr.clinical.requirements.definition import PROVIDER_ROLES
from query_mgr.coding.concept import concepts, nearest
from query_mgr.coding.mentioned import Mention, mentions_in
from query_mgr.coding.scrub.case import Statement
from query_mgr.coding.scrub.told import Record
from query_mgr.coding.valid import local_day
from query_mgr.platform.db import db, rows

#: who interprets for the treating provider; their findings alone are no diagnosis of an inpatient (I.B.14, III.B) and
#: one of an outpatient (IV.K)
_INTERPRETERS = frozenset({"radiologist", "pathologist"})
_OTHERS = frozenset({"nurse", "dietitian", "therapist"})
_OTHERS_DOCUMENTS = frozenset({"nursing_note", "nutrition_note", "therapy_note"})
_MOST_TEXTS, _MOST_STAYS = 3_000, 200  # about 10 kB and 100 kB each
_PER_SELECT = 500
_COPIED = 40  # a shorter sentence is a phrase that every note has

_Rows = Sequence[Row[*tuple[Any, ...]]]
_Key = TypeVar("_Key")
_Value = TypeVar("_Value")
_texts: OrderedDict[tuple[Any, ...], tuple[Mention, ...]] = OrderedDict()
_stays: OrderedDict[int, tuple[tuple[Any, ...], Record]] = OrderedDict()
_lock = Lock()
_COLUMNS = (
    Document.encounter_id, Document.id, Document.ref, Document.content_hash, Document.status,
    Document.kind, Document.author_role, Document.author_name, Document.title, Document.authored_at,
)  # fmt: skip


def forget() -> None:
    """Remember nothing, as after a start."""
    with _lock:
        _texts.clear()
        _stays.clear()


def statements_of(encounters: Sequence[Encounter]) -> dict[int, Record]:
    """Return what the record of each encounter (by id) says, the oldest document first, then the problem list."""
    ids = [one.id for one in encounters]
    documents, problems = _documents(ids), _problems(encounters)
    return {one.id: _stay(one, documents.get(one.id, []), problems[one.id]) for one in encounters}


def linked(lines: Sequence[tuple[str, Mapping[str, Any] | None]]) -> tuple[Statement, ...]:
    """Return what the links of codes (code, evidence) add to the record.

    A provider's signed answer states the condition; a passage that a coder chose is at least there.
    """
    found: list[Statement] = []
    for code, evidence in lines:
        link = evidence or {}
        is_answer = link.get("kind") == "answer"
        if is_answer or link.get("start") is not None:
            state, label = ("affirmed", "Signed answer") if is_answer else ("linked", str(link.get("label", "")))
            found += [
                Statement(one, concepts()[one].codes, state, code, "", label, 0, 0, {}, is_answer)
                for one in nearest(code)
            ]
    return tuple(found)


def _documents(ids: Sequence[int]) -> dict[int, list[Row[*tuple[Any, ...]]]]:
    """Return the documents that count, oldest first; without their texts."""
    query = select(*_COLUMNS).where(Document.encounter_id.in_(ids), Document.status.not_in(NOT_EVIDENCE))
    found: dict[int, list[Row[*tuple[Any, ...]]]] = {}
    for row in rows(query.order_by(Document.authored_at, Document.id)):
        found.setdefault(row.encounter_id, []).append(row)
    return found


def _stay(encounter: Encounter, documents: _Rows, problems: _Rows) -> Record:
    stamp = (encounter.encounter_class, tuple(documents), tuple(problems))
    with _lock:
        known = _stays.get(encounter.id)
        if known and known[0] == stamp:
            _stays.move_to_end(encounter.id)
            return known[1]
    read = Record((*_statements(encounter.encounter_class, documents), *_listed(problems)))
    _remember(_stays, encounter.id, (stamp, read), _MOST_STAYS)
    return read


def _remember(memory: OrderedDict[_Key, _Value], key: _Key, value: _Value, most: int) -> None:
    with _lock:
        memory[key] = value
        memory.move_to_end(key)
        while len(memory) > most:
            memory.popitem(last=False)


def _statements(kind: str, documents: _Rows) -> Iterator[Statement]:
    """Yield what documents say; a sentence that stands in an earlier one too was copied and counts once."""
    seen: dict[tuple[str, str, str], int] = {}
    for row, mentions in zip(documents, _read(documents), strict=True):
        day = local_day(row.authored_at)
        label = f"{row.title}, {row.author_name or 'unknown author'}, {day:%b} {day.day}"
        is_by_provider = by_provider(kind, row.author_role, row.kind)
        for one in mentions:
            key = (one.concept, one.state, one.sentence)
            if len(one.sentence) >= _COPIED and seen.setdefault(key, row.id) != row.id:
                continue
            yield Statement(
                one.concept, concepts()[one.concept].codes, one.state, one.sentence, row.ref, label, one.start,
                one.end, one.says, is_by_provider,
            )  # fmt: skip


def by_provider(encounter_kind: str, role: str, document_kind: str) -> bool:
    """Say whether who wrote a document may document a diagnosis of the stay; an unknown author of a note may."""
    if role in PROVIDER_ROLES and document_kind != "imaging_report":
        return True
    if role in _INTERPRETERS or document_kind == "imaging_report":
        return encounter_kind != "inpatient"
    return role not in _OTHERS and document_kind not in _OTHERS_DOCUMENTS


def _read(documents: _Rows) -> list[tuple[Mention, ...]]:
    """Return the mentions in each document; fetches only the texts that were not read before."""
    keys = [(row.ref, row.content_hash) for row in documents]
    with _lock:
        known = {key: _texts[key] for key in keys if key in _texts}
    missing = {row.id: key for row, key in zip(documents, keys, strict=True) if key not in known}
    for document_id, text in _fetched(list(missing)):
        key = missing[document_id]
        known[key] = mentions_in(text)
        _remember(_texts, key, known[key], _MOST_TEXTS)
    return [known.get(key, ()) for key in keys]


def _fetched(ids: Sequence[int]) -> Iterator[tuple[int, str]]:
    for at in range(0, len(ids), _PER_SELECT):
        query = select(Document.id, Document.text).where(Document.id.in_(ids[at : at + _PER_SELECT]))
        for row in db.session.execute(query):
            yield row.id, row.text


def _problems(encounters: Sequence[Encounter]) -> dict[int, _Rows]:
    """Return the rows of the problem list as it stood during each stay; it supports a code and details nothing."""
    query = select(
        Fact.patient_id, Fact.encounter_id, Fact.name, Fact.code_system, Fact.code, Fact.observed_at, Fact.ended_at
    ).where(
        Fact.patient_id.in_({one.patient_id for one in encounters}), Fact.kind == "problem",
        Fact.status.not_in(NOT_EVIDENCE),
    )  # fmt: skip
    listed: dict[int, list[Row[*tuple[Any, ...]]]] = {}
    for row in rows(query.order_by(Fact.observed_at, Fact.id)):
        listed.setdefault(row.patient_id, []).append(row)
    return {stay.id: [row for row in listed.get(stay.patient_id, ()) if _holds(row, stay)] for stay in encounters}


def _holds(row: Row[*tuple[Any, ...]], stay: Encounter) -> bool:
    has_begun = stay.discharged_at is None or row.observed_at <= stay.discharged_at
    return row.encounter_id == stay.id or (
        has_begun and (row.ended_at is None or row.ended_at >= stay.admitted_at)
    )


def _listed(problems: _Rows) -> Iterator[Statement]:
    for row in problems:
        named = {one.concept for one in mentions_in(row.name)}
        if row.code_system == "icd10cm":
            named |= set(nearest(row.code))
        for concept in sorted(named):
            yield Statement(concept, concepts()[concept].codes, "affirmed", row.name, "", "Problem list", 0, 0)
