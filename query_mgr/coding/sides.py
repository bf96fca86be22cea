"""Codes of an unspecified side, and the codes that say the side: read from the titles of the edition."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from sqlalchemy import or_, select

from query_mgr.codes.models import Code
from query_mgr.codes.stems import stem
from query_mgr.platform.db import db

SIDES = ("right", "left", "bilateral")
_UNSAID = "unspecified"
_WORD = re.compile(r"[a-z]+")
#: edition and when it was loaded -> code -> side -> code
_known: dict[tuple[int, datetime], dict[str, Mapping[str, str]]] = {}


def siblings_in(code: str, title: str, near: Mapping[str, str]) -> dict[str, str]:
    """Return side -> code among `near` (code -> title) for a code whose side is unspecified. Pure.

    A sibling says the same as the title with "right" or "left" in the place of one "unspecified"; "bilateral" may
    leave the part out ("Otitis externa, bilateral") or put it in the plural. This is stricter than
    `query_mgr.codes.laterality`, which serves browsing: an unspecified finger is no right index finger.
    """
    words = Counter(_WORD.findall(title.lower()))
    if not words[_UNSAID]:
        return {}
    found: dict[str, str] = {}
    place = None
    for side in ("right", "left"):
        wanted = words + Counter([side]) - Counter([_UNSAID])
        for other, its_title in near.items():
            if Counter(_WORD.findall(its_title.lower())) == wanted and _differs_at(code, other) is not None:
                found[side], place = other, _differs_at(code, other)
    if len(found) < 2:
        return {}
    for other, its_title in near.items():
        theirs = _WORD.findall(its_title.lower())
        if "bilateral" in theirs and _differs_at(code, other) == place and _adds_nothing(theirs, words):
            found["bilateral"] = other
    return found


def _adds_nothing(words: Iterable[str], known: Iterable[str]) -> bool:
    """Say whether a bilateral title says nothing more than another one, number aside."""
    said = {stem(word) for word in known}
    return all(stem(word) in said for word in words if word != "bilateral")


def _differs_at(code: str, other: str) -> int | None:
    """Return the one place at which two codes of equal length differ."""
    if len(code) != len(other):
        return None
    places = [at for at in range(len(code)) if code[at] != other[at]]
    return places[0] if len(places) == 1 else None


def sides_of(
    codes: Iterable[tuple[str, str]], edition: tuple[int, datetime] | None
) -> dict[str, Mapping[str, str]]:
    """Return, for those of `codes` (code, title) whose side is unspecified, side -> code in the same edition.

    edition: its id and when it was loaded, for which what was found is remembered.
    """
    if edition is None:
        return {}
    known = _known.setdefault(edition, {})
    found = {}
    for code, title in codes:
        if code not in known:
            known[code] = (
                siblings_in(code, title, dict(_near(code, edition[0]))) if _UNSAID in title.lower() else {}
            )
        if known[code]:
            found[code] = known[code]
    return found


def _near(code: str, edition: int) -> Iterator[tuple[str, str]]:
    """Yield the codes that differ from `code` in one character behind the category."""
    patterns = [f"{code[:at]}_{code[at + 1 :]}" for at in range(4, len(code))]
    if not patterns:
        return
    query = select(Code.code, Code.title).where(
        Code.code_set_id == edition, Code.code >= code[:3], Code.code < f"{code[:3]}~", Code.is_billable.is_(True),
        or_(*(Code.code.like(one) for one in patterns)),
    )  # fmt: skip
    for row in db.session.execute(query):
        yield row.code, row.title
