"""What every reader of a code file makes, and how it says no."""

from __future__ import annotations

from datetime import date
from typing import Any, NamedTuple

LONGEST_TITLE = 400


class CodeRow(NamedTuple):
    """One code as it is loaded."""

    code: str
    title: str
    is_billable: bool
    parent: str | None
    notes: dict[str, Any]
    short_title: str = ""
    #: the dates of the code itself, where its system has them (both ends included)
    valid_from: date | None = None
    valid_to: date | None = None
    #: what the system has of its own: order number, coverage, long text beyond a title's length
    own: dict[str, Any] = {}


class FileError(ValueError):
    """A code file that cannot be loaded: what is wrong in which line, and what to do."""

    def __init__(self, message: str, line: int = 0) -> None:
        super().__init__(f"line {line}: {message}" if line else message)
        self.line = line


def with_long_text(short: str, long: str) -> tuple[str, dict[str, Any]]:
    """Return the title, and what of the long text does not fit into one."""
    text = long or short
    if len(text) <= LONGEST_TITLE:
        return text, {}
    return text[: LONGEST_TITLE - 1] + "…", {"long": text}
