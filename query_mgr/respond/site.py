"""The provider's site as a whole: every module that adds pages to it is named here."""

from __future__ import annotations

from query_mgr.respond import amend_routes, answer_routes
from query_mgr.respond.routes import respond

PAGES = (answer_routes, amend_routes)
__all__ = ["PAGES", "respond"]
