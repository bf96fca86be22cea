"""What the chart side of a page shows, for the encounter workspace and the composer alike."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from flask import abort, request
from sqlalchemy import select

from query_mgr.accounts.session import current_actor
from query_mgr.audit import actions as audit
from query_mgr.charts import contents, courses, looks, reader, results
from query_mgr.charts.finding import search_chart
from query_mgr.charts.models import Document, Encounter, SentCode
from query_mgr.charts.origins import Origin, copies_in
from query_mgr.charts.passages import Passage, Span, passages
from query_mgr.charts.search import spans, wanted
from query_mgr.charts.story import Happening, Stay, story
from query_mgr.desk.asked import Asked, asked_in
from query_mgr.platform import clock
from query_mgr.platform.db import db, unit_of_work
from query_mgr.platform.web import current_settings

#: the fetch of a document into a page that is open; without JavaScript the same address gives the whole page
PART = "text/x-part"
#: a longer document is cut on the chart page, and whole behind a link
FIRST_PART = 40_000
_MOST_TESTS = 60
_MOST_MARKS = 200


@dataclass(frozen=True)
class Opened:
    """The open document. counts: it may be evidence; is_cut: only its beginning is shown."""

    document: Document
    passages: tuple[Passage, ...]
    origins: list[Origin]
    kin: contents.Kin
    counts: bool
    is_cut: bool


@dataclass(frozen=True)
class Reading:
    """Somebody reads a chart: what they asked for, the document that is open, and since when things are new to them."""

    encounter: Encounter
    asked: Asked
    document: Document | None
    since: Any


def is_part() -> bool:
    """Return whether the page only wants the open document."""
    return request.headers.get("Accept") == PART


def begin_reading(find: Any) -> Reading:
    """Note in the audit trail, and for the marks of what is new, that this person reads the chart that `find` returns.

    A GET that writes: who read which chart must be on record (45 CFR 164.312(b)), and reading is what makes it known.
    """
    asked, actor = asked_in(request.args), current_actor()
    with unit_of_work():
        encounter: Encounter = find()
        document = contents.opened(encounter, asked.doc)
        if asked.doc and document is None:
            abort(404)
        detail = {"document": document.ref} if document else {}
        audit.record(actor.email, "chart.read", "encounter", encounter.ref, **detail)
        assert actor.user_id is not None
        since = looks.look_at(actor.user_id, "encounter", encounter.id)
        if document:
            looks.look_at(actor.user_id, "document", document.id)
    return Reading(encounter, asked, document, since)


def document_part(reading: Reading, whole: bool = False) -> dict[str, Any]:
    """Return what the open document shows."""
    return {"asked": reading.asked, "open": _opened(reading, whole), "encounter": reading.encounter}


def chart(reading: Reading) -> dict[str, Any]:
    """Return what the chart side of a page shows."""
    encounter, asked = reading.encounter, reading.asked
    user_id = current_actor().user_id
    assert user_id is not None
    listed = contents.contents_of(encounter, asked.wanted, user_id, reading.since)
    tests = results.series_of(encounter)
    things = courses.courses_of(encounter)
    is_empty = not (listed.total or listed.taken_back or listed.kinds or tests or things)
    return document_part(reading) | {
        "listed": listed,
        "found": search_chart(encounter, asked.find),
        "tests": _first(tests) if "all" not in request.args.getlist("results") else tests,
        "test_count": sum(len(rows) for panels in tests.values() for _, rows in panels),
        "shown_tests": _MOST_TESTS,
        "courses": things,
        "problems": reader.problems_of(encounter),
        "news": looks.news(encounter, reading.since),
        "story": "" if is_empty else story_of(encounter, things),
        "sent_codes": sent_codes(encounter),
        "is_empty": is_empty,
    }


def _first(tests: results.Panels) -> dict[str, Any]:
    """Return the first tests of every kind, so that a chart with very many still opens at once."""
    shown: dict[str, Any] = {}
    left = _MOST_TESTS
    for kind, panels in tests.items():
        kept = []
        for title, rows in panels:
            if left > 0:
                kept.append((title, rows[:left]))
            left -= len(rows)
        if kept:
            shown[kind] = tuple(kept)
    return shown


def _opened(reading: Reading, whole: bool) -> Opened | None:
    document = reading.document
    if document is None:
        return None
    text = document.text if whole or reading.asked.place else document.text[:FIRST_PART]
    copies, origins = copies_in(document)
    numbers = {one.ref: str(n) for n, one in enumerate(origins, 1)}
    return Opened(
        document,
        passages(
            text,
            copied=[Span(one.start, one.end, numbers.get(one.origin, "")) for one in copies],
            marks=_marks(text, reading.asked),
            anchors=[Span(one["start"], one["end"], f"section-{n}") for n, one in enumerate(document.sections, 1)],
        ),
        origins,
        contents.kin_of(document),
        document.status not in contents.TAKEN_BACK and document.status != "replaced",
        len(text) < len(document.text),
    )


def _marks(text: str, asked: Asked) -> list[Span]:
    """Return the words that were looked for, and the place that was asked for, which has the id "hit"."""
    looked_for = wanted(asked.find)
    places = (
        [place for place, _ in zip(spans(text, looked_for), range(_MOST_MARKS), strict=False)]
        if looked_for
        else []
    )
    chosen = asked.place or (places[0] if places else None)
    if chosen is None or not 0 <= chosen[0] < chosen[1] <= len(text):
        return [Span(*place) for place in places]
    others = [place for place in places if place[1] <= chosen[0] or place[0] >= chosen[1]]
    return sorted([Span(*chosen, "hit"), *(Span(*place) for place in others)], key=lambda one: one.start)


def story_of(encounter: Encounter, things: dict[str, tuple[courses.Course, ...]]) -> str:
    """Return the stay in one sentence."""
    stay = Stay(
        encounter.encounter_class, encounter.admitted_at, encounter.discharged_at, clock.now(), encounter.reason,
        encounter.service_line,
        places=[Happening(one.name, one.first_at, one.ended_at) for one in things.get("location", ())],
        procedures=[Happening(one.name, one.first_at, one.ended_at) for one in things.get("procedure", ())],
        deceased_at=encounter.patient.deceased_at,
    )  # fmt: skip
    return story(stay, ZoneInfo(current_settings().time_zone))


def sent_codes(encounter: Encounter) -> list[Any]:
    """Return the codes that other systems assigned to the stay, as they sent them."""
    query = select(
        SentCode.origin, SentCode.kind, SentCode.code_system, SentCode.code, SentCode.name, SentCode.sequence,
        SentCode.role, SentCode.poa, SentCode.modifiers, SentCode.units,
    ).where(SentCode.encounter_id == encounter.id, SentCode.status == "final")  # fmt: skip
    order = (SentCode.origin, SentCode.kind, SentCode.sequence.is_(None), SentCode.sequence, SentCode.id)
    return list(db.session.execute(query.order_by(*order)).all())
