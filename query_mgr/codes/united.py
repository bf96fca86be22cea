"""HCPCS from Addendum B of the OPPS: it has the codes in force without their long texts, which an older file has."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from query_mgr.codes.rows import CodeRow


class United:
    """The rows of a file with the texts of the edition before, and after them the rows that only that one has.

    A file with long texts of its own stands alone. `own_codes` are those that the file itself holds.
    """

    def __init__(self, rows: Iterable[CodeRow], older: Mapping[str, CodeRow]) -> None:
        self._rows = rows
        self._older = older
        self.own_codes: set[str] = set()

    def __iter__(self) -> Iterator[CodeRow]:
        is_addendum = True
        for row in self._rows:
            self.own_codes.add(row.code)
            is_addendum = is_addendum and _is_addendum(row)
            yield self._filled(row) if is_addendum else row
        if is_addendum:
            yield from (row for code, row in self._older.items() if code not in self.own_codes)

    def _filled(self, row: CodeRow) -> CodeRow:
        known = self._older.get(row.code)
        if known is None:
            return row
        return row._replace(
            title=known.title,
            valid_from=row.valid_from or known.valid_from,
            # That the code stands in the newer file says that it did not end.
            own=known.own | row.own,
        )


def _is_addendum(row: CodeRow) -> bool:
    return "status" in row.own and row.title == row.short_title
