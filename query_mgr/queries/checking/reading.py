"""Queries read from a CSV file, JSON lines or plain text. A query that cannot be read is named, and the rest goes on."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from query_mgr.queries.checking.fields import MARK, asks, field_of, listed, query_from

FORMATS = ("csv", "jsonl", "text")
LARGEST = 2 * 1024 * 1024  # bytes
MOST = 1000  # queries in one file
_BREAK = re.compile(r"\s*(?:-{3,}|={3,}|_{5,}|\*{3,})\s*")
_LABEL = re.compile(r"\s*#*\s*([A-Za-z][A-Za-z /-]{1,30}?)\s*:\s*(.*)", re.S)


class UnreadableError(ValueError):
    """A file or a query in it cannot be read; the message says where and what to do."""


@dataclass(frozen=True)
class Found:
    """A query of the file, or why it cannot be read. line: where it begins."""

    line: int
    query: dict[str, Any] = field(default_factory=dict)
    error: str = ""


def read(content: bytes, kind: str) -> list[Found]:
    """Return the queries of a file. kind: one of FORMATS. Raises UnreadableError where nothing can be read."""
    if len(content) > LARGEST:
        raise UnreadableError(f"The file is larger than {LARGEST >> 20} MiB; split it.")
    text = decoded(content)
    if "\x00" in text:
        line = text[: text.index("\x00")].count("\n") + 1
        raise UnreadableError(f"Line {line} holds a NUL character: this is no text file. Save it as UTF-8 text.")
    found: list[Found] = []
    for one in _READERS[kind](text.replace("\r\n", "\n").replace("\r", "\n")):
        if len(found) == MOST:
            raise UnreadableError(f"The file holds more than {MOST} queries (line {one.line}); split it.")
        found.append(one)
    if not found:
        raise UnreadableError("The file holds no query.")
    return found


def kind_of(name: str, content: bytes) -> str:
    """Return the format of a file by the ending of its name, else by how it begins."""
    ending = name.rpartition(".")[2].casefold()
    if ending in ("csv", "tsv"):
        return "csv"
    if ending in ("jsonl", "ndjson", "json") or content.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"{"):
        return "jsonl"
    return "text"


def decoded(content: bytes) -> str:
    """Return text: UTF-8 or UTF-16 by its mark, else UTF-8, else Windows-1252, in which old exports are written."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            return content.decode("utf-16")
        except UnicodeDecodeError:
            raise UnreadableError(
                "The file begins as UTF-16 and ends as something else; save it as UTF-8."
            ) from None
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def _csv(text: str) -> Iterator[Found]:
    lead = len(text) - len(text.lstrip("\n"))
    head = text.lstrip("\n").partition("\n")[0]
    delimiter = max(",;\t", key=head.count)
    rows = csv.reader(io.StringIO(text[lead:]), delimiter=delimiter, strict=True)
    fields = [field_of(name) for name in next(_cells(rows, lead), (0, []))[1]]
    if not {"question", "body"} & set(fields):
        names = ", ".join(one.strip() for one in head.split(delimiter) if one.strip())[:200] or "nothing"
        raise UnreadableError(
            f"Line {lead + 1} must name the columns; one of them question or body. It holds: {names}."
        )
    for line, cells in _cells(rows, lead):
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) > len(fields) and any(cell.strip() for cell in cells[len(fields) :]):
            yield Found(
                line, error=f"has {len(cells)} cells, the header {len(fields)}; put quotes around the text"
            )
            continue
        values: dict[str, list[Any]] = {}
        for name, cell in zip(fields, cells, strict=False):
            values.setdefault(name, []).append(cell)
        yield _query(line, values)


def _cells(rows: Any, lead: int) -> Iterator[tuple[int, list[str]]]:
    """Yield each row with the line it begins on. Raises UnreadableError naming the line."""
    while True:
        line = rows.line_num + lead + 1
        try:
            yield line, next(rows)
        except StopIteration:
            return
        except csv.Error as wrong:
            raise UnreadableError(f"Line {line}: {wrong}; check the quotes of this row.") from None


def _jsonl(text: str) -> Iterator[Found]:
    for line, raw in enumerate(text.split("\n"), 1):
        if not raw.strip():
            continue
        try:
            content = json.loads(raw)
        except RecursionError:
            yield Found(line, error="is nested too deeply")
            continue
        except ValueError as wrong:
            yield Found(line, error=f"is no JSON: {wrong}")
            continue
        if not isinstance(content, dict):
            yield Found(line, error="must be an object in braces, one query a line")
            continue
        values: dict[str, list[Any]] = {}
        for name, value in content.items():
            values.setdefault(field_of(name), []).append(value)
        yield _query(line, values)


def _text(text: str) -> Iterator[Found]:
    lines = text.split("\n")
    if any(_BREAK.fullmatch(one) for one in lines):
        ends: Callable[[str], object] = _BREAK.fullmatch
    else:
        ends = lambda one: not one.strip()  # noqa: E731
    block: list[str] = []
    for number, line in enumerate([*lines, ""], 1):
        is_end = number > len(lines) or ends(line)
        if not is_end:
            block.append(line)
        elif any(one.strip() for one in block):
            first = number - len(block)
            first += next(at for at, one in enumerate(block) if one.strip())
            yield _query(first, _block(block))
            block = []
        else:
            block = []


def _block(lines: list[str]) -> dict[str, list[Any]]:
    """Return the fields of one pasted query: labels, marked answers, and the first short line as title."""
    values: dict[str, list[Any]] = {}
    prose: list[str] = []
    label = ""
    for line in lines:
        found = _LABEL.fullmatch(line)
        if found and field_of(found[1]):
            label = field_of(found[1])
            values.setdefault(label, []).extend([found[2]] if found[2].strip() else [])
        elif MARK.match(line) and MARK.sub("", line, count=1).strip():
            values.setdefault(label if label == "indicators" else "options", []).append(line)
        elif line.strip() and label in ("body", "question"):
            values[label].append(line)
        elif line.strip() and label in ("options", "indicators", "documentation") and not asks(line):
            values[label].extend(listed(line))
        else:
            label = ""
            prose.append(line)
    told = [one for one in prose if one.strip()]
    if len(told) > 1 and "title" not in values and len(told[0]) <= 120 and not re.search(r"[.?!]\s*\Z", told[0]):
        values["title"] = [told[0]]
        prose.remove(told[0])
    if any(one.strip() for one in prose):
        values.setdefault("body", []).insert(0, "\n".join(prose))
    return values


def _query(line: int, values: dict[str, list[Any]]) -> Found:
    query = query_from(values)
    if not query["question"] and not query["body"]:
        return Found(line, error="has neither a question nor a text; fill one of them")
    return Found(line, query | {"id": query["id"] or f"line {line}"})


_READERS: dict[str, Callable[[str], Iterator[Found]]] = {"csv": _csv, "jsonl": _jsonl, "text": _text}
