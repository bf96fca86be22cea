"""All pages of the provider's side, on one blueprint."""

from query_mgr.respond import (
    amend_routes,
    answer_routes,
    app_routes,
    away_routes,
    cosign_routes,
    record_routes,
    routes,
    waiting_routes,
)
from query_mgr.respond.blueprint import respond
from query_mgr.respond.stepup import access_routes, enrol_routes, passkey_routes, sso_routes

__all__ = [
    "access_routes",
    "amend_routes",
    "answer_routes",
    "app_routes",
    "away_routes",
    "cosign_routes",
    "enrol_routes",
    "passkey_routes",
    "record_routes",
    "respond",
    "routes",
    "sso_routes",
    "waiting_routes",
]
