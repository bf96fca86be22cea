"""The browser of a provider."""

from tests.respond.conftest import client

__all__ = ["client"]
