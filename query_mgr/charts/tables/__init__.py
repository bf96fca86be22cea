"""Read charts that come as tables: stays and codes as CSV, and plain-text notes with a CSV index."""

from __future__ import annotations

from collections.abc import Callable

from query_mgr.charts.records import Reading
from query_mgr.charts.tables.codes import read_codes
from query_mgr.charts.tables.columns import CODES, INDEX, STAYS
from query_mgr.charts.tables.encounters import read_stays
from query_mgr.charts.tables.hospital import Entry, Hospital, bundle_of
from query_mgr.charts.tables.notes import read_notes
from query_mgr.charts.tables.table import Table, looks_like, read_table

__all__ = ["Entry", "Hospital", "Table", "entries_of", "looks_like", "read", "read_table"]

#: a kind of table -> what reads its rows
READERS: dict[str, Callable[[Table, Hospital], list[Entry]]] = {
    STAYS.name: read_stays,
    CODES.name: read_codes,
    INDEX.name: read_notes,
}


def entries_of(table: Table, hospital: Hospital) -> list[Entry]:
    """Return what the rows of a table become, and note in the table what is wrong with them. Empty if it is refused."""
    return [] if table.refused else READERS[table.kind.name](table, hospital)


def read(content: bytes, hospital: Hospital, *, good_rows: bool = False) -> Reading:
    """Return a table as a chart: all of it, or with `good_rows` what nothing is wrong with, the rest held.

    Raises Rejection with every cell that is wrong, or Held where only something is missing here; nothing is taken then.
    """
    table = read_table(content)
    entries = entries_of(table, hospital)
    table.refuse(good_rows=good_rows)
    for name in table.unknown:
        table.warnings.add("column", "row 1", f"the column {name[:40]!r} is not known and was left out")
    return Reading(bundle_of(entries), table.warnings.lines(), table.left_out())
