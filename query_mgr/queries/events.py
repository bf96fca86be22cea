"""What higher slices do when a query moves: they register here, so that imports keep running one way."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from query_mgr.queries.models import Query

Listener = Callable[[Sequence[Query]], None]
_listeners: dict[str, list[Listener]] = {"sent": [], "revoked": []}
_when_moved: list[Callable[[Query, str], None]] = []


def when(event: str, listener: Listener) -> None:
    """Call `listener` in the transaction of `event`: "sent" (one link is wanted) or "revoked" (all links end)."""
    if listener not in _listeners[event]:
        _listeners[event].append(listener)


def publish(event: str, *queries: Query) -> None:
    """Tell every listener of `event`. Queries that are sent together stand together."""
    for listener in _listeners[event]:
        listener(queries)


def when_moved(listener: Callable[[Query, str], None]) -> None:
    """Call `listener` with a query and the lifecycle event that it has just taken, in the transaction of that event."""
    if listener not in _when_moved:
        _when_moved.append(listener)


def moved(query: Query, event: str) -> None:
    """Tell that `query` has taken a step of its life."""
    for listener in _when_moved:
        listener(query, event)
