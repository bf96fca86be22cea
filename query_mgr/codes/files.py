"""Which reader reads a code file."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from query_mgr.codes import hcpcs, order_file, tables, tabular_xml
from query_mgr.codes.divisions import Division
from query_mgr.codes.rows import CodeRow, FileError
from query_mgr.codes.systems import SYSTEMS

LICENSED = {
    "cpt": (
        "CPT is copyright American Medical Association, and no part of it comes with query_mgr. Load it only from a "
        "file that the AMA licensed to you: add --i-hold-a-licence"
    ),
    "revenue": (
        "Revenue codes are licensed by the National Uniform Billing Committee, and none come with query_mgr. Load "
        "them only from a list that was licensed to you: add --i-hold-a-licence"
    ),
}


def needs_licence(system: str, *, held: bool) -> None:
    """Raise FileError with the licence notice for a licensed system whose licence nobody claims to hold."""
    if system in LICENSED and not held:
        raise FileError(LICENSED[system])


@contextmanager
def opened(path: Path) -> Iterator[BinaryIO]:
    """Open a code file, also one that is packed with gzip. Raises FileError where it cannot be read."""
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as stream:
            yield cast(BinaryIO, stream)
    except (OSError, EOFError) as error:
        reason = getattr(error, "strerror", None) or str(error) or "cut off"
        raise FileError(f"{path.name} cannot be read ({reason})") from None


def hash_of(path: Path) -> str:
    """Return the SHA-256 of what the file holds."""
    with opened(path) as stream:
        digest = hashlib.sha256()
        while block := stream.read(1 << 20):
            digest.update(block)
        return digest.hexdigest()


def version_of(path: Path, system: str) -> int | None:
    """Return the year that a file gives itself, where its layout has one."""
    with opened(path) as stream:
        return tabular_xml.version(stream) if system == "icd10cm" and _is_xml(stream) else None


def read(stream: BinaryIO, system: str) -> Iterator[CodeRow]:
    """Yield the codes of a file of `system`, whichever of its layouts it has."""
    if system not in SYSTEMS:
        raise FileError(f"{system[:20]!r} is none of: {', '.join(SYSTEMS)}")
    if _is_xml(stream):
        if system != "icd10cm":
            raise FileError(f"XML is read for icd10cm only; load the text file of {SYSTEMS[system].name}")
        return tabular_xml.read(stream)
    head = stream.read(12)
    stream.seek(0)
    if head[:2] == b"PK":
        raise FileError("a ZIP or Excel file is not read; unpack it, or save it as CSV")
    if system == "icd10cm" or (system == "icd10pcs" and head[:3].isdigit()):
        return order_file.read(stream, system)
    if system in ("hcpcs", "modifier") and head[5:10].isdigit():
        return hcpcs.read(stream, system)
    return tables.read(stream, system)


def divisions(path: Path, system: str) -> list[Division]:
    """Return the chapters and blocks of a file, where its layout has them: the XML tabular."""
    with opened(path) as stream:
        return tabular_xml.divisions(stream) if system == "icd10cm" and _is_xml(stream) else []


def _is_xml(stream: BinaryIO) -> bool:
    head = stream.read(64)
    stream.seek(0)
    return head.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"<")
