"""All pages of the provider's side, on one blueprint."""

from query_mgr.respond import amend_routes, answer_routes, record_routes, routes
from query_mgr.respond.blueprint import respond

__all__ = ["amend_routes", "answer_routes", "record_routes", "respond", "routes"]
