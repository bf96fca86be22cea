"""A provider's browser."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser whose forms need no token."""
    app.config["WTF_CSRF_ENABLED"] = False
    return app.test_client()
