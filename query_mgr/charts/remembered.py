"""What was worked out from a stay's facts, remembered until one of them changes.

Whoever writes facts says so with `facts_changed`, in the same transaction. A version is random and never comes twice, so
neither a transaction that was taken back nor a restored backup makes an old memory look new. What depends on anything
but the facts (the clock, the times of the stay, who reads) does not belong here.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable
from threading import Lock
from typing import Any, TypeVar

from sqlalchemy import update

from query_mgr.charts.models import Encounter
from query_mgr.platform.db import db
from query_mgr.platform.ids import new_ref

_MOST = 192  # three a chart; the longest charts take about 2 MB
_IDS_PER_UPDATE = 500
_Found = TypeVar("_Found")
_Key = tuple[int, Callable[[int], Any]]

_memory: OrderedDict[_Key, tuple[str, Any]] = OrderedDict()
_lock = Lock()


def remembered(encounter: Encounter, work_out: Callable[[int], _Found]) -> _Found:
    """Return what `work_out` (a function of a module) says of an encounter's id; nobody may change it.

    The version was read with the encounter, so before the facts: a change in between is at worst worked out once more.
    """
    key, version = (encounter.id, work_out), encounter.facts_version
    with _lock:
        known, found = _memory.get(key, ("", None))
        if known == version:
            _memory.move_to_end(key)
            return found  # type: ignore[no-any-return]
    found = work_out(encounter.id)
    with _lock:
        _memory[key] = version, found
        _memory.move_to_end(key)
        while len(_memory) > _MOST:
            _memory.popitem(last=False)
    return found


def forget() -> None:
    """Remember nothing, as after a start."""
    with _lock:
        _memory.clear()


def facts_changed(encounter_ids: Iterable[int | None]) -> None:
    """Say, in the running transaction, that these encounters got, changed or lost facts."""
    ids = sorted({one for one in encounter_ids if one is not None})
    for at in range(0, len(ids), _IDS_PER_UPDATE):
        among = Encounter.id.in_(ids[at : at + _IDS_PER_UPDATE])
        db.session.execute(update(Encounter).where(among).values(facts_version=new_ref()))
