"""Read C-CDA documents into chart records. Pure: no database, no network, no style sheet is ever run."""

from query_mgr.charts.ccda.intake import looks_like
from query_mgr.charts.ccda.reader import read_document

__all__ = ["looks_like", "read_document"]
