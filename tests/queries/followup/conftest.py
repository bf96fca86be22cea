"""A browser, on a Monday in New York."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.conftest import Clock
from tests.queries.followup.test_calendar import at


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser whose forms need no token."""
    app.config["WTF_CSRF_ENABLED"] = False
    return app.test_client()


@pytest.fixture
def monday(time: Clock) -> Clock:
    """It is Monday, 2 November 2026, 10:00 in New York."""
    time.time = at("2026-11-02 10:00")
    return time
