"""What a table or ZIP would become, before anything of it is kept."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from query_mgr.charts import archive, tables
from query_mgr.charts.problems import Rejection
from query_mgr.charts.records import EncounterRecord
from query_mgr.charts.tables.notes import not_a_note
from query_mgr.charts.tables.on_file import the_hospital
from query_mgr.charts.tables.shown import SHOWN
from query_mgr.platform.web import current_settings

SHOWN_ROWS = 20
_SHOWN_BYTES = 50 * 1024 * 1024  # of the tables of one ZIP; looking at more would fill the memory


@dataclass(frozen=True)
class Cell:
    """One cell as it would be stored, or as it was sent where something is wrong with it."""

    text: str
    is_wrong: bool = False


@dataclass(frozen=True)
class PreviewRow:
    """One row, and what is wrong with it."""

    place: str
    cells: tuple[Cell, ...]
    errors: tuple[str, ...]


@dataclass(frozen=True)
class TablePreview:
    """One table: how it was read, its columns, its first rows, and everything that stands against taking it."""

    name: str
    table: tables.Table
    headings: tuple[str, ...]
    rows: tuple[PreviewRow, ...]
    stay_keys: frozenset[str]

    @property
    def count(self) -> int:
        """All its rows."""
        return len(self.table.rows)

    @property
    def wrong(self) -> int:
        """Its rows that something is wrong with."""
        return len(self.table.findings.rows)

    @property
    def good(self) -> int:
        """Its rows that could be taken; none where the table as a whole is refused."""
        return 0 if self.table.refused else self.count - self.wrong

    @property
    def is_clean(self) -> bool:
        """True where nothing stands against taking all of it."""
        return not (self.table.refused or self.table.unknown or self.wrong)


@dataclass(frozen=True)
class Preview:
    """An upload, looked at. `others`: files of a ZIP that are no tables, or too many to show; importing judges them."""

    tables: tuple[TablePreview, ...] = ()
    others: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()

    @property
    def is_clean(self) -> bool:
        """True where all of it could be taken."""
        return not self.refused and all(one.is_clean for one in self.tables)

    @property
    def has_good_rows(self) -> bool:
        """True where some of it could be taken."""
        return not self.refused and bool(self.others or any(one.good for one in self.tables))


def look_at(content: bytes, name: str) -> Preview:
    """Return what a file would become. Never raises for what is wrong with it, and keeps nothing."""
    try:
        if archive.looks_like(content):
            return _packed(archive.open_archive(content), name)
        if not tables.looks_like(content):
            raise Rejection("file", "", f"{_what(content)}. Choose a table saved as CSV, or a ZIP")
        return Preview((_table(content, name),))
    except Rejection as refused:
        return Preview(refused=tuple(map(str, refused.problems)))


def _packed(packed: archive.Archive, name: str) -> Preview:
    if packed.indexes:
        return Preview((_table(packed.index(), packed.indexes[0], packed),))
    found = list(_members(packed))
    return Preview(
        tuple(one for one in found if isinstance(one, TablePreview)),
        tuple(one for one in found if isinstance(one, str)),
    )


def _members(packed: archive.Archive) -> Iterator[TablePreview | str]:
    left = _SHOWN_BYTES
    for member, info in packed.members.items():
        content = packed.read(member) if info.file_size <= left else b""
        if tables.looks_like(content):
            left -= len(content)
            yield _table(content, member)
        else:
            yield member


def _table(content: bytes, name: str, packed: archive.Archive | None = None) -> TablePreview:
    zone = ZoneInfo(current_settings().time_zone)
    hospital = the_hospital(zone, packed.note) if packed else the_hospital(zone)
    table = tables.read_table(content)
    entries = {entry.row.number: entry for entry in tables.entries_of(table, hospital)}
    if packed and packed.unread:
        table.warnings.add("file", "", f"{len(packed.unread)} file(s) of the ZIP stand in no row of the index")
    columns = [one for one in SHOWN[table.kind.name] if one.is_derived or one.column in table.matched]
    rows = []
    for row in table.rows[:SHOWN_ROWS]:
        said = table.findings.by_row.get(row.number, [])
        wrong = {column for column, _ in said}
        entry = None if row.is_wrong else entries.get(row.number)
        cells = (
            Cell(one.text(entry, zone)) if entry else Cell(row.text(one.column)[:80], one.column in wrong)
            for one in columns
        )
        rows.append(
            PreviewRow(row.place, tuple(cells), tuple(f"{column} {what}".strip() for column, what in said))
        )
    good = [entry for entry in entries.values() if not entry.row.is_wrong]
    return TablePreview(name, table, tuple(one.heading for one in columns), tuple(rows), _stay_keys(good))


def _stay_keys(entries: Collection[tables.Entry]) -> frozenset[str]:
    """Return the stays that rows make or belong to."""
    keys = (
        one.record.source_key if isinstance(one.record, EncounterRecord) else one.record.encounter_key
        for one in entries
    )
    return frozenset(key for key in keys if key)


def _what(content: bytes) -> str:
    """Say what a file is that cannot be taken here. Its content decides, whatever its name."""
    if not content.strip():
        return "The file is empty"
    if what := not_a_note(content):
        return f"The file is {what}"
    if content.lstrip()[:1] in (b"{", b"["):
        return "The file is JSON; FHIR bundles come in over their interface, or packed as a ZIP"
    return "The file is no table: its first row names no columns"
