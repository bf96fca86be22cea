"""Code search for the type-ahead."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask import Blueprint, request

from query_mgr.accounts.permissions import requires
from query_mgr.codes.search import search

codes = Blueprint("codes", __name__)


@codes.get("/codes/search")
@requires("codes.search")
def find() -> Any:
    """Answer what was typed with the best codes, as JSON."""
    return [asdict(hit) for hit in search(request.args.get("q", ""))]
