"""How a file that came with a document is handed out: as a download, under a safe name, and as what it is. Pure."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import quote

_UNKNOWN = "application/octet-stream"
#: what may keep its type: how its content begins, and what its name ends in
_KNOWN: dict[str, tuple[tuple[bytes, ...], str]] = {
    "application/pdf": ((b"%PDF-",), ".pdf"),
    "image/png": ((b"\x89PNG\r\n\x1a\n",), ".png"),
    "image/jpeg": ((b"\xff\xd8\xff",), ".jpg"),
    "application/rtf": ((b"{\\rtf",), ".rtf"),
    "text/rtf": ((b"{\\rtf",), ".rtf"),
    "text/plain": ((), ".txt"),
}
_LONGEST = 100
#: names of devices that Windows opens instead of a file
_DEVICE = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?", re.IGNORECASE)
_BINARY = re.compile(rb"[\x00-\x08\x0e-\x1f]")
_MARKUP = re.compile(rb"<(?:!doctype|html|script|svg|\?xml|body|head|iframe)", re.IGNORECASE)


def served_type(declared: str, content: bytes) -> str:
    """Return the type to serve: the declared one where it is known here and the content begins like it."""
    name = declared.partition(";")[0].strip().lower()
    if name not in _KNOWN:
        return _UNKNOWN
    beginnings, _ = _KNOWN[name]
    if name == "text/plain":
        is_text = not _BINARY.search(content[:4096]) and not _MARKUP.search(content[:4096])
        return "text/plain; charset=utf-8" if is_text else _UNKNOWN
    return name if content.startswith(beginnings) else _UNKNOWN


def safe_name(name: str, served: str, otherwise: str = "attachment") -> str:
    """Return a file name without folders, control and direction signs, that ends as `served` does."""
    plain = "".join(sign for sign in unicodedata.normalize("NFC", name) if unicodedata.category(sign)[0] != "C")
    plain = re.sub(r'[<>:"|?*]+', "_", re.split(r"[/\\]", plain)[-1]).strip(" .")
    ending = _KNOWN.get(served.partition(";")[0], ((), ".bin"))[1]
    stem = plain
    if ending == ".jpg" and plain.lower().endswith(".jpeg"):
        stem = plain[:-5]
    elif plain.lower().endswith(ending):
        stem = plain[: -len(ending)]
    stem = stem[:_LONGEST].strip(" .") or otherwise
    return (f"_{stem}" if _DEVICE.fullmatch(stem) else stem) + ending


def disposition(name: str) -> str:
    """Return the Content-Disposition of a download (RFC 6266): the name in ASCII, and exactly."""
    ascii_name = name.encode("ascii", "replace").decode().replace("?", "_").replace('"', "_")
    exact = quote(name, safe="")
    return f"attachment; filename=\"{ascii_name}\"; filename*=UTF-8''{exact}"
