"""How a pull says no: one line that names host and status, never a token, an address with its query, or a chart."""

from __future__ import annotations


class PullError(Exception):
    """The pull stops here; what was fetched stays, and the next run goes on from it."""


class AnsweredError(PullError):
    """The server answered with a status that ends this request."""

    def __init__(self, host: str, status: int, step: str) -> None:
        self.status = status
        super().__init__(f"{host} answered {status} to {step}")
