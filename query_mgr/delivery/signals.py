"""What mail tells that is no delivery: higher slices register here, so that imports keep running one way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class AutoReply:
    """A mailbox answered by itself, as for an absence. kind, payload: those of the message that it answers."""

    outbox_ref: str
    kind: str
    payload: dict[str, Any]
    at: datetime


Listener = Callable[[AutoReply], None]
_listeners: list[Listener] = []


def on_auto_reply(listener: Listener) -> None:
    """Call `listener` in the transaction that notes an automatic reply."""
    if listener not in _listeners:
        _listeners.append(listener)


def publish(signal: AutoReply) -> None:
    """Tell every listener."""
    for listener in _listeners:
        listener(signal)
