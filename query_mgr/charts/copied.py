"""Text that a note repeats from an earlier one: weak evidence, because nobody may have looked again. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from query_mgr.charts.models import Document

#: a shorter line is a phrase that every note has ("Vitals stable.")
_SHORTEST = 40
_LINE = re.compile(r"[^\n]+")


@dataclass(frozen=True)
class Piece:
    """A stretch of a document; `origin` is the earlier document that it was copied from, or None."""

    text: str
    origin: Document | None = None


def pieces(documents: Iterable[Document]) -> dict[str, tuple[Piece, ...]]:
    """Return, per document's ref, its whole text in pieces: copied lines apart from the rest.

    A line counts as copied where an earlier document of the chart has the same one, white space and case aside.
    """
    first: dict[str, Document] = {}
    result = {}
    for document in sorted(documents, key=lambda one: (one.authored_at, one.id)):
        result[document.ref] = _pieces(document, first)
        for line in _LINE.findall(document.text):
            if (key := _key(line)) and len(key) >= _SHORTEST:
                first.setdefault(key, document)
    return result


def _pieces(document: Document, first: dict[str, Document]) -> tuple[Piece, ...]:
    found: list[Piece] = []
    at = 0
    for line in _LINE.finditer(document.text):
        origin = first.get(_key(line.group()))
        if origin is not None:
            if line.start() > at:
                found.append(Piece(document.text[at : line.start()]))
            found.append(Piece(line.group(), origin))
            at = line.end()
    if at < len(document.text):
        found.append(Piece(document.text[at:]))
    return tuple(found)


def _key(line: str) -> str:
    return " ".join(line.split()).casefold()
