"""A pytest plugin for `make mutate`: every test begins with the lint's caches empty.

Each mutant is tested in a fork of a process that ran the tests before: a cached answer would hide the change, and a test
that was answered from a cache would not count among those that reach the code.
"""

from __future__ import annotations

import sys
from typing import Any

import pytest


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Forget what functions of the lint remember. What the clinical library remembers is not changed by a mutant."""
    for name in [one for one in sys.modules if one.startswith("query_mgr.queries.lint")]:
        for function in vars(sys.modules[name]).values():
            forget: Any = getattr(function, "cache_clear", None)
            if forget and getattr(function, "__module__", "").startswith("query_mgr.queries.lint"):
                forget()
