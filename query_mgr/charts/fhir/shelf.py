"""Files too large for memory: where each resource lies in them, so that it is read again when it is wanted."""

from __future__ import annotations

import io
import tempfile
import zlib
from array import array
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from query_mgr.charts.fhir.elements import words
from query_mgr.charts.fhir.envelope import (
    RELATIVE,
    UNBUNDLED,
    Entry,
    Envelope,
    Fault,
    check_head,
    entry_of,
    fault_of,
    resource_of,
)
from query_mgr.charts.fhir.scan import MAX_VALUE, Scan, Scanned, Window, read_json, resource_bytes
from query_mgr.charts.problems import EntryError, Rejection, Warnings

MAX_FILE_BYTES = 1024 * 1024 * 1024
MAX_RESOURCES = 2_000_000
_MAX_RATIO = 200  # FHIR JSON packs 10:1 to 30:1
_STEP = 1024 * 1024
_CACHED = 1000


@dataclass(frozen=True)
class Source:
    """An open file; `name` where each of its lines is a resource, "" where it is one bundle."""

    file: BinaryIO
    size: int
    name: str = ""


def open_source(path: Path, name: str = "") -> Source:
    """Open a file, unpacked where it is gzip. Raises Rejection.

    What is unpacked lies in a file without a name, which is gone as soon as it is closed.
    """
    try:
        file: BinaryIO = path.open("rb")
        magic, size = file.read(2), path.stat().st_size
        file.seek(0)
    except OSError as error:
        raise Rejection("file", name, f"cannot be read: {error.strerror or type(error).__name__}") from None
    if magic == b"\x1f\x8b":
        with file:
            file, size = _unpacked(file, size)
    if size > MAX_FILE_BYTES:
        raise Rejection("too-large", name, f"larger than {MAX_FILE_BYTES >> 20} MB; split it by patient")
    return Source(file, size, name)


def _unpacked(packed: BinaryIO, packed_size: int) -> tuple[BinaryIO, int]:
    """Return an unnamed file of what gzip holds, and its size."""
    out, size = tempfile.TemporaryFile(), 0  # noqa: SIM115 - closed with its Source
    stream, rest = zlib.decompressobj(wbits=31), packed.read(_STEP)
    try:
        while rest:
            part = stream.decompress(rest, _STEP)
            size += len(part)
            out.write(part)
            if size > MAX_FILE_BYTES or (size > 8 * _STEP and size > packed_size * _MAX_RATIO):
                raise Rejection("too-large", "", f"inflates to more than {size >> 20} MB; split it by patient")
            rest = stream.unconsumed_tail
            if stream.eof:
                rest = stream.unused_data.lstrip(b"\0") or packed.read(_STEP)
                stream = zlib.decompressobj(wbits=31) if rest else stream
            rest = rest or packed.read(_STEP)
    except zlib.error as error:
        raise Rejection("gzip", f"byte {size} inflated", f"not valid gzip ({error}); send it again") from None
    if not stream.eof:
        raise Rejection("gzip", f"byte {size} inflated", "the gzip stream ends too early; send it again")
    out.seek(0)
    return out, size


class Shelf(Envelope):
    """The entries of large files. It keeps about 50 bytes of each, and the few that were looked up last."""

    def __init__(self) -> None:
        super().__init__(UNBUNDLED)
        self._sources: list[Source] = []
        self._source, self._index = array("H"), array("L")
        self._start, self._end = array("Q"), array("Q")
        self._rows: dict[str, array[int]] = {}  # type -> its entries
        # Hashes instead of names: Python salts them, so nobody can aim at a collision, and a hit is read and compared.
        self._names: dict[str, array[int]] = {"id": array("q"), "url": array("q")}
        self._order: dict[str, array[int]] = {}
        self._twins: set[int] = set()
        self._found: dict[str, Entry | None] = {}

    def close(self) -> None:
        """Close all files."""
        for source in self._sources:
            source.file.close()

    def add_bundle(self, source: Source, warnings: Warnings) -> Iterator[Fault]:
        """Note the entries of a bundle and its type; yield what cannot be read. Raises Rejection."""
        scan = Scan(Window(source.file, source.size), warnings)
        yield from self._noted(
            source, (entry_of(index, one, warnings) for index, one in enumerate(scan.entries()))
        )
        self.type = check_head(scan.members)

    def add_lines(self, source: Source, warnings: Warnings) -> Iterator[Fault]:
        """Note the resources of an NDJSON file, one a line; yield the lines that cannot be read."""
        yield from self._noted(source, _lines(source, warnings))

    def _noted(self, source: Source, found: Iterator[Entry | Fault | None]) -> Iterator[Fault]:
        number = len(self._sources)
        self._sources.append(source)
        for one in found:
            if isinstance(one, Fault):
                one.payload = self._bytes(number, one.entry.start, one.entry.end)
                yield one
            elif one is not None:
                self._note(one, number)

    def _note(self, entry: Entry, number: int) -> None:
        row = len(self._index)
        if row >= MAX_RESOURCES:
            raise Rejection("too-large", entry.place, f"more than {MAX_RESOURCES} resources; split it by patient")
        self._rows.setdefault(entry.kind, array("L")).append(row)
        self._source.append(number)
        self._index.append(entry.index)
        self._start.append(entry.start)
        self._end.append(entry.end)
        self._names["id"].append(hash(entry.identity) if entry.identity else 0)
        self._names["url"].append(hash(entry.full_url) if entry.full_url else 0)

    def settle(self, warnings: Warnings) -> Iterator[Fault]:
        """Put the names in order; yield entries that claim to be one resource and are not.

        Raises Rejection for them in a transaction.
        """
        for kind, names in self._names.items():
            order = self._order[kind] = array("L", sorted(range(len(names)), key=names.__getitem__))
            for place in range(1, len(order)):
                first, second = order[place - 1], order[place]
                if names[first] and names[first] == names[second]:
                    yield from self._compared(first, second, kind, warnings)

    def _compared(self, first: int, second: int, kind: str, warnings: Warnings) -> Iterator[Fault]:
        one, other = self._read(first), self._read(second)
        name = one.identity if kind == "id" else one.full_url
        if second in self._twins or name != (other.identity if kind == "id" else other.full_url):
            return
        text = f"are both {name[:100]}"
        if not self.is_entrywise:
            raise Rejection("duplicate", f"{one.place} and {other.place}", text)
        self._twins.add(second)
        if one.resource == other.resource:
            warnings.add("duplicate", other.place, f"repeats {one.place} ({name[:100]})")
            return
        yield Fault(other, EntryError("duplicate", "", f"{one.place} and {other.place} {text}"))
        if first not in self._twins:
            self._twins.add(first)
            text = "another entry says that it is the same resource, with other content"
            yield Fault(one, EntryError("duplicate", "", text))

    @property
    def kinds(self) -> dict[str, int]:
        """How many resources of each type there are."""
        return {kind: len(rows) for kind, rows in self._rows.items()}

    def of_kind(self, *kinds: str) -> Iterator[Entry]:
        """Yield the entries of the given resource types, type by type, each in the order of the files."""
        for kind in kinds:
            for row in self._rows.get(kind, ()):
                if row not in self._twins:
                    yield self._read(row)

    def find(self, reference: object) -> Entry | None:
        """Return the entry that a Reference (or its string) points to, if the files hold it."""
        url = words(reference.get("reference")) if isinstance(reference, dict) else words(reference)
        if not url:
            return None
        if url not in self._found:
            if len(self._found) >= _CACHED:
                self._found.clear()
            match = RELATIVE.fullmatch(url)
            self._found[url] = self._looked_up("url", url) or (
                self._looked_up("id", f"{match[1]}/{match[2]}") if match else None
            )
        return self._found[url]

    def _looked_up(self, kind: str, name: str) -> Entry | None:
        names, order = self._names[kind], self._order.get(kind, array("L"))
        wanted = hash(name)
        place = bisect_left(order, wanted, key=names.__getitem__)
        while place < len(order) and names[order[place]] == wanted:
            entry = self._read(order[place])
            if name == (entry.identity if kind == "id" else entry.full_url):
                return entry
            place += 1
        return None

    def _read(self, row: int) -> Entry:
        number, start, end = self._source[row], self._start[row], self._end[row]
        content = self._bytes(number, start, end)
        scanned = Scanned(read_json(content, Warnings()), start, end, content.decode("utf-8-sig"))
        name = self._sources[number].name
        if name:
            found = resource_of(self._index[row], scanned, name)
        else:
            found = entry_of(self._index[row], scanned, Warnings()) or fault_of(0, scanned, "", "")
        if isinstance(found, Fault):
            raise Rejection("file", found.entry.place, "the file changed while it was read; import it again")
        return found

    def _bytes(self, number: int, start: int, end: int) -> bytes:
        file = self._sources[number].file
        place = file.tell()
        file.seek(start)
        content = file.read(end - start)
        file.seek(place)
        return content

    def payload(self, entry: Entry) -> bytes:
        """Return the resource's own bytes, as they came."""
        number = next((n for n, source in enumerate(self._sources) if source.name == entry.file), 0)
        content = self._bytes(number, entry.start, entry.end)
        return content if entry.file else resource_bytes(content)


def _lines(source: Source, warnings: Warnings) -> Iterator[Entry | Fault | None]:
    start, index = 0, -1
    while line := source.file.readline(MAX_VALUE):
        index += 1
        end = start + len(line)
        body = line.strip()
        scanned = Scanned(None, start, end, "")
        if body:
            try:
                value = read_json(line.rstrip(b"\r\n"), warnings)
                text = body.decode("utf-8-sig")
                yield resource_of(index, Scanned(value, start, end, text), source.name)
            except Rejection as refused:
                problem = refused.problems[0]
                yield fault_of(index, scanned, "", f"{problem.where}: {problem.text}".removeprefix(": "),
                               source.name, problem.code)  # fmt: skip
        start = end


def is_packed(path: Path) -> bool:
    """Return whether a file is gzip, whatever its name says."""
    with path.open("rb") as file:
        return file.read(2) == b"\x1f\x8b"


def is_large(path: Path, limit: int) -> bool:
    """Return whether a file, or what it says that it unpacks to, is larger than `limit` bytes."""
    size = path.stat().st_size
    if size > limit or not is_packed(path):
        return size > limit
    with path.open("rb") as file:
        file.seek(-4, io.SEEK_END)
        return int.from_bytes(file.read(4), "little") > limit
