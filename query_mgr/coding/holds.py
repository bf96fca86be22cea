"""What above this slice keeps an encounter from being final: higher slices register it."""

from __future__ import annotations

from collections.abc import Callable, Collection

from query_mgr.coding.scrub.case import OpenQuestion

Asked = Callable[[Collection[int]], dict[int, tuple[OpenQuestion, ...]]]

_asked: list[Asked] = []


def when_asked(find: Asked) -> None:
    """Let a higher slice say which questions are open, by encounter id."""
    if find not in _asked:
        _asked.append(find)


def open_questions(encounter_ids: Collection[int]) -> dict[int, tuple[OpenQuestion, ...]]:
    """Return the open questions of encounters, by id; encounters without one are left out."""
    found: dict[int, tuple[OpenQuestion, ...]] = {}
    for find in _asked:
        for encounter_id, questions in find(encounter_ids).items():
            found[encounter_id] = (*found.get(encounter_id, ()), *questions)
    return found
