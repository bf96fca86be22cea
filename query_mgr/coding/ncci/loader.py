"""Load a file of the National Correct Coding Initiative: all of it in one transaction, or none."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import delete, func, select, text

from query_mgr.audit import actions as audit
from query_mgr.codes import files
from query_mgr.codes.rows import FileError
from query_mgr.coding.ncci import addon, mue, ptp
from query_mgr.coding.ncci.models import NcciAddOn, NcciFile, NcciPair, NcciUnitLimit
from query_mgr.coding.ncci.naming import Named, named
from query_mgr.platform import clock
from query_mgr.platform.db import db, is_postgresql, rehearsal, unit_of_work

_AT_ONCE = 20_000
_MOST_RATIONALES = 1_000  # CMS has a few dozen
_FEWEST = 0.9  # of the rows that the table had last: with fewer, a file was probably cut off
_SHIPPED = Path(__file__).parent / "shipped"
SHIPPED = (
    ("ptp", "practitioner", "demo_pairs_practitioner.txt"),
    ("ptp", "hospital", "demo_pairs_hospital.txt"),
    ("mue", "practitioner", "demo_units_practitioner.csv"),
    ("mue", "hospital", "demo_units_hospital.csv"),
    ("addon", None, "demo_addon.csv"),
)
_SHIPPED_FROM = date(2024, 1, 1)
_TABLES: dict[str, Any] = {"ptp": NcciPair, "mue": NcciUnitLimit, "addon": NcciAddOn}
_COLUMNS = {
    "ptp": ("file_id", "line", "column1", "column2", "effective_on", "deleted_on", "modifier", "rationale"),
    "mue": ("file_id", "code", "units", "indicator", "rationale"),
    "addon": ("file_id", "line", "code", "type", "primary_code", "effective_on", "deleted_on", "note"),
}


@dataclass(frozen=True)
class Loaded:
    """What became of a file."""

    status: str  # loaded | unchanged | checked
    kind: str
    setting: str
    part: int
    effective_from: date
    rows: int
    note: str = ""


def load_files(
    kind: str, paths: Sequence[Path], *, setting: str | None = None, effective: date | None = None,
    holds_licence: bool = False, accept_fewer: bool = False, dry_run: bool = False, by: str = "system",
) -> list[Loaded]:  # fmt: skip
    """Load the files of a kind together: where one is refused, none is kept.

    Raises FileError, which begins with the file's name. The same file again changes nothing; another one for the same
    days and part takes its place; a file of CMS takes the place of the demonstration.
    """
    with rehearsal() if dry_run else unit_of_work():
        loaded = []
        for path in paths:
            try:
                what = named(kind, path.name, setting, effective)
                loaded.append(_load(kind, path, what, by, holds_licence=holds_licence, accept_fewer=accept_fewer))
            except FileError as error:
                raise FileError(f"{path.name}: {error}") from None
        note = _missing_parts(loaded)
        if is_postgresql() and not dry_run:  # without figures of a table this large it reads all of it
            db.session.execute(text(f"ANALYZE {_TABLES[kind].__tablename__}"))
    status = "checked" if dry_run else ""
    return [
        Loaded(status or one.status, one.kind, one.setting, one.part, one.effective_from, one.rows,
               "; ".join(filter(None, (one.note, note))))
        for one in loaded
    ]  # fmt: skip


def load_shipped(by: str = "system") -> int:
    """Load the made-up demonstration tables, each where no table of its kind and setting is; return their rows."""
    count = 0
    with unit_of_work():
        for kind, setting, name in SHIPPED:
            of = NcciFile.setting == (setting or "")
            if not db.session.scalar(select(NcciFile.id).where(NcciFile.kind == kind, of).limit(1)):
                what = Named(setting or "", _SHIPPED_FROM)
                count += _load(kind, _SHIPPED / name, what, by, holds_licence=False, is_sample=True).rows
    return count


def _load(
    kind: str, path: Path, what: Named, by: str, *, holds_licence: bool, accept_fewer: bool = True,
    is_sample: bool = False,
) -> Loaded:  # fmt: skip
    digest = files.hash_of(path)
    there = db.session.scalar(
        select(NcciFile).where(
            NcciFile.kind == kind, NcciFile.setting == what.setting, NcciFile.part == what.part,
            NcciFile.effective_from == what.effective_from,
        )
    )  # fmt: skip
    if there is not None and there.file_hash == digest:
        return Loaded("unchanged", kind, what.setting, what.part, what.effective_from, there.row_count)
    note = f"takes the place of {there.file_name}" if there is not None else ""
    before = _rows_before(kind, what)
    if not is_sample:
        _forget(kind, select(NcciFile.id).where(NcciFile.kind == kind, NcciFile.setting == what.setting,
                                                NcciFile.is_sample.is_(True)))  # fmt: skip
    if there is not None:
        _forget(kind, select(NcciFile.id).where(NcciFile.id == there.id))
    row = NcciFile(
        kind=kind, setting=what.setting, effective_from=what.effective_from, part=what.part, row_count=0,
        loaded_at=clock.now(), file_name=path.name[:200], file_hash=digest, rationales=[], is_sample=is_sample,
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    row.row_count, row.rationales = _insert(kind, row.id, path, what, holds_licence=holds_licence)
    _check_whole(kind, row, before, accept_fewer=accept_fewer)
    audit.record(
        by, "ncci.loaded", "ncci_file", f"{kind} {what.setting} {what.effective_from}", rows=row.row_count
    )
    return Loaded("loaded", kind, what.setting, what.part, what.effective_from, row.row_count, note)


def _rows_before(kind: str, what: Named) -> int:
    """Return how many rows the same part has in this or the last quarter before it, 0 where none is loaded."""
    return db.session.scalar(
        select(NcciFile.row_count)
        .where(NcciFile.kind == kind, NcciFile.setting == what.setting, NcciFile.part == what.part)
        .where(NcciFile.effective_from <= what.effective_from, NcciFile.is_sample.is_(False))
        .order_by(NcciFile.effective_from.desc())
        .limit(1)
    ) or 0  # fmt: skip


def _forget(kind: str, ids: Any) -> None:
    found = db.session.scalars(ids).all()
    if found:
        table = _TABLES[kind]
        db.session.execute(delete(table).where(table.file_id.in_(found)))
        db.session.execute(delete(NcciFile).where(NcciFile.id.in_(found)))


def _insert(kind: str, file_id: int, path: Path, what: Named, *, holds_licence: bool) -> tuple[int, list[str]]:
    """Insert the rows as they are read; return how many, and their rationales in the order of their numbers."""
    rationales = dict[str, int]()

    def number(reason: str) -> int:
        if reason not in rationales and len(rationales) >= _MOST_RATIONALES:
            raise FileError(f"has more than {_MOST_RATIONALES} different rationales; the columns are shifted")
        return rationales.setdefault(reason, len(rationales))

    rows = iter(_values(kind, file_id, path, what, number, holds_licence=holds_licence))
    put, count = _putter(kind), 0
    while chunk := list(islice(rows, _AT_ONCE)):
        put(chunk)
        count += len(chunk)
    return count, list(rationales)


def _values(
    kind: str, file_id: int, path: Path, what: Named, number: Callable[[str], int], *, holds_licence: bool
) -> Iterable[tuple[Any, ...]]:
    """Yield the values of each row in the order of `_COLUMNS`."""
    if kind == "ptp":
        for *pair, reason in ptp.read(path, holds_licence=holds_licence):
            yield file_id, *pair, number(reason)
    elif kind == "mue":
        for limit in mue.read(path, what.setting, holds_licence=holds_licence):
            yield file_id, limit.code, limit.units, limit.indicator, number(limit.rationale)
    else:
        for one in addon.read(path, holds_licence=holds_licence):
            yield (file_id, one.line, one.code, one.type, one.primary_code,
                   one.effective_on.isoformat(), one.deleted_on.isoformat(), one.note)  # fmt: skip


def _putter(kind: str) -> Callable[[list[tuple[Any, ...]]], None]:
    """Return what inserts rows fastest: COPY on PostgreSQL, one prepared statement on SQLite."""
    table, columns = _TABLES[kind].__tablename__, _COLUMNS[kind]
    connection = db.session.connection()
    if not is_postgresql():
        places = ", ".join("?" * len(columns))
        statement = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({places})"
        return lambda chunk: _discard(connection.exec_driver_sql(statement, chunk))

    def copy(chunk: list[tuple[Any, ...]]) -> None:
        driver: Any = connection.connection.driver_connection
        with driver.cursor().copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as stream:
            for values in chunk:
                stream.write_row(values)

    return copy


def _discard(result: object) -> None:
    """Take a result that nobody reads."""


def _check_whole(kind: str, row: NcciFile, before: int, *, accept_fewer: bool) -> None:
    """Raise FileError where rows come twice, or many fewer than in the quarter before."""
    if kind == "ptp":
        twice = db.session.execute(_twice(row.id)).first()
        if twice is not None:
            raise FileError(
                f"the row {twice.column1} with {twice.column2} comes twice; download it again", twice.line
            )
    if row.row_count < before * _FEWEST and not accept_fewer:
        raise FileError(
            f"has {row.row_count:,} rows, the same table as it was loaded last {before:,}: it was cut off. If it is "
            "right, add --accept-fewer"
        )


def _twice(file_id: int) -> Any:
    """Ask for a row that is there twice. Few pairs have two rows at all, and those are found in the order of the key."""
    several = (
        select(NcciPair.column1, NcciPair.column2)
        .where(NcciPair.file_id == file_id)
        .group_by(NcciPair.column1, NcciPair.column2)
        .having(func.count() > 1)
        .subquery()
    )
    keys = (NcciPair.column1, NcciPair.column2, NcciPair.effective_on, NcciPair.deleted_on, NcciPair.modifier,
            NcciPair.rationale)  # fmt: skip
    same = (NcciPair.column1 == several.c.column1) & (NcciPair.column2 == several.c.column2)
    return (
        select(NcciPair.column1, NcciPair.column2, func.max(NcciPair.line).label("line"))
        .join(several, same)
        .where(NcciPair.file_id == file_id)
        .group_by(*keys)
        .having(func.count() > 1)
        .limit(1)
    )


def _missing_parts(loaded: Sequence[Loaded]) -> str:
    """Return which parts of the code pairs are not there, as far as the numbers of the others say it."""
    if not loaded or loaded[0].kind != "ptp" or not loaded[0].part:
        return ""
    whose, day = loaded[0].setting, loaded[0].effective_from
    of = select(NcciFile.part).where(NcciFile.kind == "ptp", NcciFile.setting == whose)
    there = set(db.session.scalars(of.where(NcciFile.effective_from == day)))
    ever = set(db.session.scalars(of))
    lacking = sorted(set(range(1, max(there | ever) + 1)) - there)
    return f"part {', '.join(map(str, lacking))} of {day} is not loaded yet" if lacking else ""


def inventory() -> Iterator[NcciFile]:
    """Yield the files that are loaded, the newest first within kind and setting."""
    yield from db.session.scalars(
        select(NcciFile).order_by(NcciFile.kind, NcciFile.setting, NcciFile.effective_from.desc(), NcciFile.part)
    )
