"""The word lists of this folder (wordlists.yaml), read once."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

from query_mgr.platform import yamls

_FILE = Path(__file__).with_name("wordlists.yaml")


@functools.cache
def says_nothing() -> frozenset[str]:
    """Return the words that name a place of the record or a kind of result, and not what was found."""
    return frozenset(_lists()["says_nothing"])


@functools.cache
def says_no_more() -> frozenset[str]:
    """Return the words that an answer such as "another diagnosis, please specify" is made of."""
    return frozenset(_lists()["says_no_more"])


@functools.cache
def _lists() -> Any:
    return yamls.load(_FILE)
