"""How what is told of a case bears on a diagnosis: what it needs, and what speaks against it."""

from __future__ import annotations

from query_mgr.clinical.bearing.rows import Row, rows
from query_mgr.clinical.bearing.weighing import Bearing, Weight, says, weigh

__all__ = ["Bearing", "Row", "Weight", "rows", "says", "weigh"]
