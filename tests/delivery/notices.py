"""A kind of message for tests."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from query_mgr.delivery import actions

heard: list[tuple[str, str]] = []


def _render(payload: dict[str, Any]) -> actions.Mail | None:
    if payload.get("withdrawn"):
        return None
    body = f"Reference {payload['ref']}"
    return actions.Mail(payload.get("to", "dr@riverbend.example"), "Documentation query waiting", body)


def _sent(payload: dict[str, Any], at: datetime) -> None:
    heard.append((payload["ref"], "sent"))


def _failed(payload: dict[str, Any], reason: str) -> None:
    heard.append((payload["ref"], reason))


def register() -> None:
    """Register the kind "notice"."""
    heard.clear()
    actions.register("notice", actions.Kind(_render, _sent, _failed))
