"""Was this asked before, and is one provider asked too often? Pure.

ACDIS/AHIMA 2022: a clear reply is not asked for again in changed words; only new evidence reopens a question
(field.md Q29).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from query_mgr.queries.lifecycle import OPEN

FATIGUE_DAYS = 7
_ANSWERED = ("answered", "closed")
#: statuses in which a query counts as asked
COUNTED = ("awaiting_cosign", *OPEN, *_ANSWERED)


@dataclass(frozen=True)
class Asked:
    """A query of the encounter, as the guard sees it."""

    ref: str
    title: str
    condition: str
    purpose: str
    template_key: str
    status: str


@dataclass(frozen=True)
class Follows:
    """The query that is asked again: the refs of its thread, and when it was answered last."""

    refs: frozenset[str] = frozenset()
    answered_at: datetime | None = None


@dataclass(frozen=True)
class Load:
    """How many queries a provider got in the last FATIGUE_DAYS, and from how many on that is said; 0: never."""

    sent: int = 0
    limit: int = 0


@dataclass(frozen=True)
class Notice:
    """What the author should know before sending. kind: open | answered | no_new_evidence | fatigue."""

    kind: str
    text: str
    needs_reason: bool
    refs: tuple[str, ...] = ()


def is_same_question(one: Asked, other: Asked) -> bool:
    """Return whether two queries ask the same: one condition for one purpose, or one template."""
    same_topic = bool(one.condition) and (one.condition, one.purpose) == (other.condition, other.purpose)
    return same_topic or (bool(one.template_key) and one.template_key == other.template_key)


def notices(
    query: Asked, others: Sequence[Asked], newest_evidence: datetime | None, follows: Follows, load: Load
) -> tuple[Notice, ...]:
    """Return what speaks against sending `query` now; `others` are the queries of its encounter."""
    same = [one for one in others if one.status in COUNTED and is_same_question(query, one)]
    is_open = [one for one in same if one.status not in _ANSWERED]
    is_answered = [one for one in same if one.status in _ANSWERED and one.ref not in follows.refs]
    found = []
    if is_open:
        text = f"“{is_open[0].title}” asks the same on this encounter and is not answered yet."
        found.append(Notice("open", text, True, _refs(is_open)))
    if is_answered:
        text = f"“{is_answered[0].title}” asked the same on this encounter and was answered."
        found.append(Notice("answered", text, True, _refs(is_answered)))
    if follows.answered_at and (newest_evidence is None or newest_evidence <= follows.answered_at):
        text = "No clinical indicator is newer than the answer that was given; attach what is new."
        found.append(Notice("no_new_evidence", text, True, tuple(sorted(follows.refs))))
    if 0 < load.limit <= load.sent:
        text = f"This provider got {load.sent} queries in the last {FATIGUE_DAYS} days."
        found.append(Notice("fatigue", text, False))
    return tuple(found)


def _refs(queries: Sequence[Asked]) -> tuple[str, ...]:
    return tuple(one.ref for one in queries)
