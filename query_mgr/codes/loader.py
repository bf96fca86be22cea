"""Load an edition of a code system: all of it in one transaction, or none."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import delete, insert, select

from query_mgr.audit import actions as audit
from query_mgr.codes import dating, files, indexing
from query_mgr.codes.divisions import Division, division
from query_mgr.codes.models import Code, CodeSet
from query_mgr.codes.rows import CodeRow, FileError
from query_mgr.codes.systems import SYSTEMS
from query_mgr.codes.united import United
from query_mgr.platform import clock
from query_mgr.platform.db import db, unit_of_work

__all__ = ["CodeRow", "Loaded", "load_default", "load_file", "load_rows", "package_rows"]

EDITION = "2026-04"
#: FY2026 began on this day; the April 2026 release repeats it with additions. It stays open until the next is loaded.
EFFECTIVE_FROM = date(2025, 10, 1)
_AT_ONCE = 4_000
_SHIPPED = Path(__file__).parent / "shipped"
#: the lists that come with query_mgr: system -> whether it holds all of the system's codes
SHIPPED = {"pos": True, "modifier": False, "carc": False, "rarc": False, "hcpcs": False}
_BEGINNING = date(2000, 1, 1)
_CODES = insert(Code.__table__)  # type: ignore[arg-type]


@dataclass(frozen=True)
class Loaded:
    """What became of a code file."""

    status: str  # loaded, unchanged, checked
    system: str
    edition: str
    effective_from: date
    codes: int
    note: str = ""


def load_rows(
    rows: Iterable[CodeRow],
    edition: str = EDITION,
    *,
    effective_from: date = EFFECTIVE_FROM,
    by: str = "system",
    system: str = "icd10cm",
    is_sample: bool = False,
    divisions: Iterable[Division] = (),
) -> int:
    """Load an edition in one transaction; return its number of codes, 0 where it was there already."""
    with unit_of_work():
        if db.session.scalar(select(CodeSet.id).where(CodeSet.system == system, CodeSet.edition == edition)):
            return 0
        code_set = CodeSet(
            system=system, edition=edition, effective_from=effective_from, is_sample=is_sample,
            divisions=[one._asdict() for one in divisions],
        )  # fmt: skip
        return len(_insert(code_set, {row.code: row for row in rows}.values(), by))


def load_file(
    system: str,
    path: Path,
    *,
    effective: date | None = None,
    holds_licence: bool = False,
    accept_fewer: bool = False,
    dry_run: bool = False,
    by: str = "system",
) -> Loaded:
    """Load an edition from a publisher's file.

    Raises FileError, and leaves every edition as it was, where the file is not whole, not in order, of another year
    or of another system. The same file for the same day again changes nothing.
    """
    if system not in SYSTEMS:
        raise FileError(f"{system[:20]!r} is none of: {', '.join(SYSTEMS)}")
    files.needs_licence(system, held=holds_licence)
    begins = dating.first_day(path.name, system, files.version_of(path, system), effective)
    digest = files.hash_of(path)
    try:
        with unit_of_work():
            same = _loaded_before(system, begins, digest)
            if same is not None:
                return Loaded("unchanged", system, same.edition, begins, same.row_count)
            found = _keep(system, path, begins, digest, by, accept_fewer=accept_fewer)
            if dry_run:
                raise _Undo(found)
            return found
    except _Undo as undo:
        found = undo.found
        return Loaded("checked", system, found.edition, begins, found.codes, found.note)


class _Undo(Exception):
    """Ends a dry run: what was loaded is rolled back."""

    def __init__(self, found: Loaded) -> None:
        super().__init__()
        self.found = found


def _loaded_before(system: str, begins: date, digest: str) -> CodeSet | None:
    return db.session.scalar(
        select(CodeSet).where(
            CodeSet.system == system, CodeSet.effective_from == begins, CodeSet.file_hash == digest
        )
    )


def _keep(system: str, path: Path, begins: date, digest: str, by: str, *, accept_fewer: bool) -> Loaded:
    before, after = _beside(system, begins)
    replaced = db.session.scalar(
        select(CodeSet.edition)
        .where(CodeSet.system == system, CodeSet.effective_from == begins, CodeSet.is_sample.is_(False))
        .order_by(CodeSet.id.desc())
        .limit(1)
    )
    _forget_sample(system)
    code_set = CodeSet(
        system=system, edition=_label(system, begins), effective_from=begins,
        file_name=path.name[:200], file_hash=digest, divisions=[one._asdict() for one in files.divisions(path, system)],
    )  # fmt: skip
    with files.opened(path) as stream:
        rows = United(files.read(stream, system), _rows_of(before) if system == "hcpcs" else {})
        _insert(code_set, rows, by)
    doubt = dating.doubt(
        system, rows.own_codes, _codes_of(before), _codes_of(after),
        fewer_is_right=accept_fewer or len(rows.own_codes) < code_set.row_count,
    )  # fmt: skip
    if doubt:
        raise FileError(doubt)
    note = f"from {begins} it takes the place of edition {replaced}" if replaced else ""
    return Loaded("loaded", system, code_set.edition, begins, code_set.row_count, note)


def _beside(system: str, begins: date) -> tuple[CodeSet | None, CodeSet | None]:
    """Return the edition that this one follows or replaces, and the next one."""
    known = select(CodeSet).where(CodeSet.system == system, CodeSet.is_sample.is_(False))
    before = db.session.scalar(
        known.where(CodeSet.effective_from <= begins)
        .order_by(CodeSet.effective_from.desc(), CodeSet.id.desc())
        .limit(1)
    )
    after = db.session.scalar(
        known.where(CodeSet.effective_from > begins).order_by(CodeSet.effective_from, CodeSet.id.desc()).limit(1)
    )
    return before, after


def _codes_of(code_set: CodeSet | None) -> set[str]:
    if code_set is None:
        return set()
    return set(db.session.scalars(select(Code.code).where(Code.code_set_id == code_set.id)))


def _rows_of(code_set: CodeSet | None) -> dict[str, CodeRow]:
    if code_set is None:
        return {}
    columns = [getattr(Code, name) for name in CodeRow._fields]
    found = db.session.execute(select(*columns).where(Code.code_set_id == code_set.id).order_by(Code.code))
    return {row[0]: CodeRow(*row) for row in found}


def _label(system: str, begins: date) -> str:
    plain = f"{begins:%Y-%m}" if begins.day == 1 else begins.isoformat()
    taken = set(db.session.scalars(select(CodeSet.edition).where(CodeSet.system == system)))
    return next(
        name for n in range(1, len(taken) + 2) if (name := plain if n == 1 else f"{plain}.{n}") not in taken
    )


def _forget_sample(system: str) -> None:
    for sample in db.session.scalars(select(CodeSet).where(CodeSet.system == system, CodeSet.is_sample.is_(True))):
        db.session.execute(delete(Code).where(Code.code_set_id == sample.id))
        db.session.delete(sample)


def _insert(code_set: CodeSet, rows: Iterable[CodeRow], by: str) -> list[str]:
    """Insert the rows as they are read, so many at once; return their codes."""
    code_set.row_count, code_set.loaded_at = 0, clock.now()
    db.session.add(code_set)
    db.session.flush()
    connection, codes = db.session.connection(), list[str]()
    index = indexing.Index(connection, code_set)
    rest = iter(rows)
    while chunk := list(islice(rest, _AT_ONCE)):
        connection.execute(_CODES, [{**row._asdict(), "code_set_id": code_set.id} for row in chunk])
        index.add(chunk)
        codes += [row.code for row in chunk]
    if not codes:
        raise FileError("the file holds no code; download it again")
    index.finish()
    code_set.row_count = len(codes)
    audit.record(by, "codes.loaded", "code_set", f"{code_set.system} {code_set.edition}", rows=len(codes))
    return codes


def load_default(by: str = "system") -> int:
    """Load what comes with query_mgr; return how many codes of ICD-10-CM, 0 where they were there already."""
    count = 0
    if not db.session.scalar(select(CodeSet.id).where(CodeSet.system == "icd10cm", CodeSet.edition == EDITION)):
        rows, divisions = _default()
        count = load_rows(rows, by=by, divisions=divisions)
    load_shipped(by)
    return count


def load_shipped(by: str = "system") -> None:
    """Load the small lists that come with query_mgr, each where its system has no edition yet."""
    for system, is_whole in SHIPPED.items():
        if not db.session.scalar(select(CodeSet.id).where(CodeSet.system == system)):
            with files.opened(_SHIPPED / f"{system}.csv") as stream:
                load_rows(
                    files.read(stream, system), "query_mgr", effective_from=_BEGINNING, by=by, system=system,
                    is_sample=not is_whole,
                )  # fmt: skip


def _default() -> tuple[Iterator[CodeRow], list[Division]]:
    # A process of its own: the package takes 190 MB that the web server would otherwise keep for life.
    reader = subprocess.run(
        [sys.executable, "-m", "query_mgr.codes.loader"], check=True, stdout=subprocess.PIPE, encoding="utf-8"
    )
    divisions, _, codes = reader.stdout.partition("\n")
    return (CodeRow(*json.loads(line)) for line in codes.splitlines()), [
        Division(*one) for one in json.loads(divisions)
    ]


def _default_rows() -> Iterator[CodeRow]:
    return _default()[0]


def package_rows() -> Iterator[CodeRow]:
    """Read the codes of the package `simple_icd_10_cm`, each once.

    A block such as C00-C96 that has no categories of its own is a leaf to the package, but never billable. A block
    of one category, such as P84, bears that category's name and is listed twice.
    """
    import simple_icd_10_cm as package

    for code in dict.fromkeys(package.get_all_codes()):
        if package.is_chapter(code) or "-" in code:
            continue
        notes = _package_notes(code)
        parent = package.get_parent(code)
        above = None if not parent or package.is_chapter(parent) or "-" in parent or parent == code else parent
        kept = {name: note for name, note in notes.items() if note}
        yield CodeRow(code, package.get_description(code), bool(package.is_leaf(code)), above, kept)


def package_divisions() -> Iterator[Division]:
    """Read the chapters and blocks of the package."""
    import simple_icd_10_cm as package

    for name in package.get_all_codes():
        if package.is_chapter(name) or "-" in name:
            kind = "chapter" if package.is_chapter(name) else "block"
            found = division(kind, name, package.get_description(name), _package_notes(name))
            if found:
                yield found


def _package_notes(code: str) -> dict[str, Any]:
    import simple_icd_10_cm as package

    return {
        "includes": package.get_includes(code),
        "excludes1": package.get_excludes1(code),
        "excludes2": package.get_excludes2(code),
        "inclusion_terms": package.get_inclusion_term(code),
        "code_first": package.get_code_first(code),
        "use_additional": package.get_use_additional_code(code),
        "code_also": package.get_code_also(code),
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(list(package_divisions())) + "\n")
    for found in package_rows():
        sys.stdout.write(json.dumps(found) + "\n")
