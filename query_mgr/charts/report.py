"""What an import says of one file."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Report:
    """What became of one file; the numbers are what the file held; `held` names the parts that wait.

    status: imported | unchanged | held (understood, waits for something named) | ignored (valid, nothing of a chart
    in it) | rejected.
    """

    file: str
    status: str
    patients: int = 0
    encounters: int = 0
    documents: int = 0
    facts: int = 0
    providers: int = 0
    codes: int = 0
    held: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    errors: tuple[str, ...] = ()
