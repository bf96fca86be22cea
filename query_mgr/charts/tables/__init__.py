"""Read charts that come as tables: stays as CSV, and folders of plain-text notes with a CSV index."""

from query_mgr.charts.tables.encounters import read_encounters
from query_mgr.charts.tables.notes import read_notes
from query_mgr.charts.tables.rows import Row, looks_like, read_rows

__all__ = ["Row", "looks_like", "read_encounters", "read_notes", "read_rows"]
