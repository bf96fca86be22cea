"""The compliance lint: the same rules for every query, however it was made."""

from __future__ import annotations

from query_mgr.queries.lint.draft import (
    Charted,
    Draft,
    DraftIndicator,
    DraftOption,
    Finding,
    Identity,
    is_compliant,
)
from query_mgr.queries.lint.editions import Edition
from query_mgr.queries.lint.rules import RULES, Rule, lint

__all__ = [
    "RULES",
    "Charted",
    "Draft",
    "DraftIndicator",
    "DraftOption",
    "Edition",
    "Finding",
    "Identity",
    "Rule",
    "is_compliant",
    "lint",
]
