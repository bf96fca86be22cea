"""What higher slices do when a source changes its chart: they register here, so that imports keep running one way."""

from __future__ import annotations

from collections.abc import Callable

Listener = Callable[[frozenset[str]], None]
_listeners: list[Listener] = []


def when_changed(listener: Listener) -> None:
    """Call `listener` with the refs of documents and facts that an import changed, in its transaction."""
    if listener not in _listeners:
        _listeners.append(listener)


def publish_changed(refs: frozenset[str]) -> None:
    """Tell every listener."""
    for listener in _listeners:
        listener(refs)
