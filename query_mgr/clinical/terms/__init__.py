"""The diagnoses that a text names, in the library or not, and how far they are the same."""

from __future__ import annotations

from query_mgr.clinical.terms.names import Name, names
from query_mgr.clinical.terms.signs import system_of, touches

__all__ = ["Name", "names", "system_of", "touches"]
