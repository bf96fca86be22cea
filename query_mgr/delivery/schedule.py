"""Chores that the worker does from time to time, such as deleting what has expired."""

from __future__ import annotations

import time
from collections.abc import Callable

_CHORES: dict[str, tuple[float, Callable[[], object]]] = {}


def register(name: str, seconds: float, chore: Callable[[], object]) -> None:
    """Have every worker do `chore` at its start and then every `seconds`. It must bear being done twice at once."""
    _CHORES[name] = (seconds, chore)


class Schedule:
    """When one worker did which chore last."""

    def __init__(self) -> None:
        self._done: dict[str, float] = {}

    def run_due(self) -> None:
        """Do the chores whose time has come."""
        for name, (seconds, chore) in _CHORES.items():
            now = time.monotonic()
            if now - self._done.get(name, -seconds) >= seconds:
                self._done[name] = now
                chore()
