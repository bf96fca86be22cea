"""What a sentence means, as classes of words in an order: who does what to whom."""

from __future__ import annotations

from query_mgr.queries.lint.grammar.patterns import Pattern, Patterns
from query_mgr.queries.lint.grammar.tokens import Tokens, tokens

__all__ = ["Pattern", "Patterns", "Tokens", "tokens"]
