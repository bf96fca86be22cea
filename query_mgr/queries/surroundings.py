"""What stands around a quoted passage in its note: frozen with the query, shown on demand, and nothing more of the chart."""

from __future__ import annotations

import re

from sqlalchemy import select

from query_mgr.charts.evidence import NOT_EVIDENCE
from query_mgr.charts.models import Document
from query_mgr.platform.db import db
from query_mgr.queries.models import Query

REACH = 200  # characters to either side, at most
Around = tuple[str, str]
_END = re.compile(r"(?<=[.!?])\s+|\n+")


def around(text: str, start: int, end: int) -> Around:
    """Return the words before and after `text[start:end]`: whole sentences where they fit in REACH, else whole words."""
    before = text[max(0, start - REACH) : start]
    if start > REACH:
        cuts = [cut.end() for cut in _END.finditer(before)]
        before = before[cuts[0] :] if cuts else before.partition(" ")[2]
    after = text[end : end + REACH]
    if end + REACH < len(text):
        stops = [stop.start() for stop in _END.finditer(after)]
        after = after[: stops[-1]] if stops else after.rpartition(" ")[0]
    return before.lstrip(), after.rstrip()


def surroundings_of(query: Query) -> dict[int, Around]:
    """Return what stands around each passage that the query quotes, by the indicator's position.

    A value has none, and so has a passage whose note says something else by now.
    """
    quoted = [one for one in query.indicators if one.source_kind == "document"]
    wanted = select(Document).where(
        Document.ref.in_({one.source_ref for one in quoted}), Document.status.not_in(NOT_EVIDENCE)
    )
    texts = {one.ref: one.text for one in db.session.scalars(wanted)} if quoted else {}
    found = {}
    for one in quoted:
        text, start, end = texts.get(one.source_ref, ""), one.start, one.end
        if start is not None and end is not None and text[start:end] == one.text != "":
            found[one.position] = around(text, start, end)
    return {position: words for position, words in found.items() if any(words)}
