"""The one place that knows what time it is, so that tests can move it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime


def _system() -> datetime:
    return datetime.now(UTC)


_source: Callable[[], datetime] = _system


def now() -> datetime:
    """Return the current time, aware, in UTC."""
    return _source()


def use(source: Callable[[], datetime] | None) -> None:
    """Read the time from `source` from now on; None returns to the system clock."""
    global _source
    _source = source or _system
