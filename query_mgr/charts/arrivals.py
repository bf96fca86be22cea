"""What higher slices do when a stay's chart grows or changes: they register here, so that imports keep running one way."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

#: encounter id -> the refs of facts that came or changed and of documents that came; None: anything may have changed
Arrived = Mapping[int, Sequence[str] | None]
Listener = Callable[[Arrived], None]
_listeners: list[Listener] = []


def when_arrived(listener: Listener) -> None:
    """Call `listener` with what came or changed, by encounter, in the transaction in which it did."""
    if listener not in _listeners:
        _listeners.append(listener)


def publish_arrived(rows: Iterable[tuple[int | None, str | None]]) -> None:
    """Tell every listener of (encounter id, ref) pairs; a ref of None speaks of the whole stay."""
    by_stay: dict[int, list[str] | None] = {}
    for encounter_id, ref in rows:
        if encounter_id is None:
            continue
        refs = by_stay.setdefault(encounter_id, [])
        if ref is None or refs is None:
            by_stay[encounter_id] = None
        else:
            refs.append(ref)
    if by_stay:
        for listener in _listeners:
            listener(by_stay)
