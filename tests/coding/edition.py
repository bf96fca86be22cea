"""The codes that tests need out of the edition that comes with query_mgr, with all that stands around them."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache

from query_mgr.codes.loader import _default_rows, load_rows, load_shipped
from query_mgr.codes.rows import CodeRow


@cache
def _all() -> dict[str, CodeRow]:
    return {row.code: row for row in _default_rows()}


@cache
def _below() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for row in _all().values():
        if row.parent:
            found.setdefault(row.parent, []).append(row.code)
    return found


def rows_for(codes: Iterable[str]) -> list[CodeRow]:
    """Return the rows of `codes`, of everything above them, and of their siblings; codes that are none are left out."""
    wanted: set[str] = set()
    for code in codes:
        at = _all().get(code)
        while at is not None and at.code not in wanted:
            wanted.add(at.code)
            wanted.update(_below().get(at.parent or "", ()))
            at = _all().get(at.parent or "")
    # What is written like a code and is none is explained by its neighbours.
    return [row for code, row in _all().items() if code in wanted]


def load_editions(codes: Iterable[str]) -> None:
    """Load those codes as the whole of ICD-10-CM, and the short lists that come with query_mgr."""
    load_rows(rows_for(codes))
    load_shipped()
