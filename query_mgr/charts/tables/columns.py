"""The kinds of table and their columns."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Columns:
    """A kind of table: what a person calls it, the columns it must and may have, and other names for them."""

    name: str
    title: str
    needed: tuple[str, ...]
    optional: tuple[str, ...]
    aliases: Mapping[str, str] = field(default_factory=dict)

    @property
    def known(self) -> tuple[str, ...]:
        """All columns, the needed first."""
        return self.needed + self.optional

    def canonical(self, name: str) -> str:
        """Return the column that a header cell names, "" where it names none."""
        plain = "_".join(name.strip().lower().replace("-", " ").split())
        plain = self.aliases.get(plain, plain)
        return plain if plain in self.known else ""

    def nearest(self, name: str) -> str:
        """Return the column that somebody probably meant, or ""."""
        return next(iter(difflib.get_close_matches(name.strip().lower()[:40], self.known, 1, 0.75)), "")


_NUMBERS = {
    "csn": "encounter",
    "account": "encounter",
    "account_number": "encounter",
    "medical_record_number": "mrn",
}
STAYS = Columns(
    "stays", "Stays",
    ("mrn", "family_name", "encounter", "class", "admitted_at"),
    ("given_names", "birth_on", "sex", "discharged_at", "attending_npi", "attending_name", "service_line", "payer",
     "facility", "reason", "disposition", "authority"),
    {**_NUMBERS, "discharge_status": "disposition", "last_name": "family_name", "first_name": "given_names", "birth_date": "birth_on", "dob": "birth_on"},
)  # fmt: skip
CODES = Columns(
    "codes", "Code assignments",
    ("encounter", "code_system", "code"),
    ("mrn", "authority", "role", "sequence", "poa", "modifiers", "units", "served_on", "name", "status"),
    {**_NUMBERS, "kind": "role", "system": "code_system", "code_name": "name"},
)  # fmt: skip
INDEX = Columns(
    "notes", "Index of notes",
    ("file", "mrn", "authored_at"),
    ("encounter", "kind", "title", "author_name", "author_role", "family_name", "given_names", "birth_on", "sex",
     "authority"),
    _NUMBERS,
)  # fmt: skip
KINDS = (STAYS, CODES, INDEX)
#: the column that only one kind has: with it, the table is of that kind however few others it has
_TELLING = {"admitted_at": STAYS, "code": CODES, "code_system": CODES, "file": INDEX}


def kind_of(header: Iterable[str]) -> Columns | None:
    """Return the kind of table that a header fits best, None where it names no known column."""
    names = list(header)
    fits = {kind.name: sum(bool(kind.canonical(name)) for name in names) for kind in KINDS}
    told = {_TELLING[name].name for name in (one.strip().lower() for one in names) if name in _TELLING}
    best = max(KINDS, key=lambda kind: (kind.name in told, fits[kind.name]))
    return best if fits[best.name] else None
