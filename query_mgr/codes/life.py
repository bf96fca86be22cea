"""How long a code was valid, and under which title, over the editions of its system."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import NamedTuple


class Stated(NamedTuple):
    """What one edition says of a code."""

    title: str
    is_billable: bool
    valid_from: date | None = None
    valid_to: date | None = None


class Edition(NamedTuple):
    """One edition: its days, and what it says of the code, None where it has none such."""

    since: date
    until: date | None
    code: Stated | None


@dataclass(frozen=True)
class Span:
    """Days in which a code was valid under one title (both ends included); `until` None: to this day."""

    since: date
    until: date | None
    title: str
    is_billable: bool


def spans(editions: Sequence[Edition]) -> list[Span]:
    """Return the life of a code over the editions, oldest first; of two of the same day the later one counts."""
    if not editions:
        return []
    in_force = [
        one
        for one, following in zip(editions, [*editions[1:], None], strict=True)
        if following is None or following.since != one.since
    ]
    found: list[Span] = []
    for one, following in zip(in_force, [*in_force[1:], None], strict=True):
        last = following.since - timedelta(days=1) if following else one.until
        if one.code is None:
            continue
        span = _span(one.since, last, one.code)
        before = found[-1] if found else None
        if before and _joins(before, span):
            found[-1] = replace(before, until=span.until)
        else:
            found.append(span)
    return found


def _span(since: date, until: date | None, code: Stated) -> Span:
    if code.valid_to is not None and (until is None or code.valid_to < until):
        until = code.valid_to
    return Span(code.valid_from or since, until, code.title, code.is_billable)


def _joins(before: Span, span: Span) -> bool:
    """Return whether one follows the other without a day between and says the same."""
    if (before.title, before.is_billable) != (span.title, span.is_billable):
        return False
    return before.until is None or before.until >= span.since - timedelta(days=1)
