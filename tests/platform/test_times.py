"""Times on pages."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from flask import Flask

from query_mgr.platform.web import local


@pytest.mark.parametrize(
    ("at", "shown"),
    [
        (datetime(2026, 3, 8, 6, 59, tzinfo=UTC), "Mar 08, 2026 01:59 EST"),  # the minute before the gap
        (datetime(2026, 3, 8, 7, 0, tzinfo=UTC), "Mar 08, 2026 03:00 EDT"),
        (datetime(2026, 11, 1, 5, 30, tzinfo=UTC), "Nov 01, 2026 01:30 EDT"),  # the hour that comes twice
        (datetime(2026, 11, 1, 6, 30, tzinfo=UTC), "Nov 01, 2026 01:30 EST"),
        ("2026-07-04T03:10:00+00:00", "Jul 03, 2026 23:10 EDT"),
    ],
)
def test_times_are_shown_as_the_hospitals_clocks_showed_them(app: Flask, at: datetime | str, shown: str) -> None:
    assert local(at) == shown
