"""Find words and conditions in one encounter's chart: its documents by full-text index, and its facts by name."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Text as TextType
from sqlalchemy import bindparam, func, literal, select, text, tuple_

from query_mgr.charts.evidence import NOT_EVIDENCE, short_name
from query_mgr.charts.models import Document, Encounter, Fact
from query_mgr.charts.search import MOST_HITS, Hit, Wanted, find, wanted
from query_mgr.platform.db import UtcDateTime, db, is_postgresql

_MOST_DOCUMENTS = MOST_HITS  # each holds a hit, so more would not be shown
_MOST_FACTS, _MOST_NAMES = 20, 200
_WORD = re.compile(r"\w+")
#: The scope is a term of the index, so that a common word in a million charts costs no more than in one.
_SQLITE = """
SELECT document.ref, document.title, document.authored_at, document.text FROM document_search
JOIN document ON document.id = document_search.rowid
WHERE document_search MATCH :match AND document.status <> 'entered_in_error'
ORDER BY document.authored_at DESC, document.id DESC LIMIT :most
"""


@dataclass(frozen=True)
class FoundFact:
    """A test, drug, procedure or problem of the chart whose name holds the words, however often it came."""

    kind: str
    name: str
    count: int
    latest_at: datetime


@dataclass(frozen=True)
class Found:
    """What a search within a chart found: places in documents, the newest document first, and facts."""

    hits: tuple[Hit, ...] = ()
    facts: tuple[FoundFact, ...] = ()


def search_chart(encounter: Encounter, typed: str) -> Found:
    """Return where the encounter's chart holds `typed`, or another name of the condition that it names."""
    looked_for = wanted(typed)
    if looked_for is None or not _WORD.search(looked_for.words):
        return Found()
    hits = find(_documents(encounter.id, looked_for), typed)
    return Found(tuple(hits), tuple(_facts(encounter.id, looked_for)))


def _documents(encounter_id: int, looked_for: Wanted) -> Sequence[Any]:
    if is_postgresql():
        # The encounter's index leaves a few hundred rows, which a pattern reads faster than an index would be kept.
        pattern = "|".join(_as_regex(phrase) for phrase in (looked_for.words, *looked_for.phrases))
        query = select(Document.ref, Document.title, Document.authored_at, Document.text).where(
            Document.encounter_id == encounter_id,
            Document.status != "entered_in_error",
            Document.text.regexp_match(literal(pattern), flags="i"),
        )
        newest = query.order_by(Document.authored_at.desc(), Document.id.desc()).limit(_MOST_DOCUMENTS)
        return db.session.execute(newest).all()
    statement = text(_SQLITE).columns(ref=TextType, title=TextType, authored_at=UtcDateTime, text=TextType)
    values = {"match": _match(encounter_id, looked_for), "most": _MOST_DOCUMENTS}
    return db.session.execute(statement.bindparams(bindparam("match"), bindparam("most")), values).all()


def _as_regex(phrase: str) -> str:
    return r"\m" + r"\W+".join(_WORD.findall(phrase))


def _match(encounter_id: int, looked_for: Wanted) -> str:
    """Return the FTS5 query: in this encounter, any of the phrases, the last word of each as a beginning."""
    phrases = (" ".join(_WORD.findall(phrase)) for phrase in (looked_for.words, *looked_for.phrases))
    return f"scope:e{encounter_id} AND text:({' OR '.join(f'{_quoted(one)} *' for one in phrases)})"


def _quoted(phrase: str) -> str:
    return f'"{phrase}"'  # of word characters only, so nothing in it needs an escape


def _facts(encounter_id: int, looked_for: Wanted) -> list[FoundFact]:
    # Names repeat by the hundred: the index tells the few different ones apart without reading a row.
    different = select(Fact.kind, Fact.name).where(Fact.encounter_id == encounter_id).distinct()
    named = [tuple(row) for row in db.session.execute(different) if looked_for.pattern.search(row.name)]
    latest = func.max(Fact.observed_at).label("latest_at")
    query = (
        select(Fact.kind, Fact.name, func.count(), latest)
        .where(Fact.encounter_id == encounter_id, Fact.status.not_in(NOT_EVIDENCE))
        .where(tuple_(Fact.kind, Fact.name).in_(named[:_MOST_NAMES]))
        .group_by(Fact.kind, Fact.name)
        .order_by(latest.desc(), Fact.name)
        .limit(_MOST_FACTS)
    )
    rows = db.session.execute(query).all() if named else []
    return [FoundFact(kind, short_name(name), count, at) for kind, name, count, at in rows]
