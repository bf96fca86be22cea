"""The browser of a provider."""

from tests.respond.test_answer import client

__all__ = ["client"]
