"""ZIP archives of charts: judged by their directory before anything is unpacked, read one member at a time in memory.

Names of members are looked up and shown, and never become paths.
"""

from __future__ import annotations

import io
import re
import stat
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from query_mgr.charts.problems import Problem, Rejection

MAX_MEMBERS = 10_000
MAX_UNPACKED = 200 * 1024 * 1024
_MAX_RATIO = 200  # text packs 3:1 to 30:1
_RATIO_FREE_BYTES = 8 * 1024 * 1024
_SHOWN = 20
_ENTRY = b"PK\x01\x02"  # opens each entry of the directory
_OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
_DRIVE = re.compile(r"[A-Za-z]:")
_PACKED = (".zip", ".gz", ".tgz", ".bz2", ".xz", ".7z", ".rar", ".jar", ".zst", ".tar")
_PACKED_CONTENT = (b"PK\x03\x04", b"\x1f\x8b", b"7z\xbc\xaf\x27\x1c", b"Rar!", b"BZh", b"\xfd7zXZ")
#: what operating systems add to a ZIP unasked
_CLUTTER = ("__MACOSX/", ".DS_Store", "Thumbs.db", "desktop.ini")
#: what zipfile and zlib raise for a file that is broken or means harm
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    OSError,
    RuntimeError,
    ValueError,
    OverflowError,
)


@dataclass(frozen=True)
class Archive:
    """A ZIP that passed every check on its directory."""

    _zip: zipfile.ZipFile
    members: dict[str, zipfile.ZipInfo]
    _unread: set[str]

    def __iter__(self) -> Iterator[str]:
        return iter(self.members)

    @property
    def indexes(self) -> tuple[str, ...]:
        """The names of the indexes of notes."""
        return tuple(name for name in self.members if name.rpartition("/")[2].lower() == "index.csv")

    def index(self) -> bytes:
        """Return the index of notes. Raises Rejection where there is none, or more than one."""
        if len(self.indexes) == 1:
            return self.read(self.indexes[0])
        if self.indexes:
            raise Rejection(
                "zip", "", f"holds {len(self.indexes)} files index.csv; pack each folder of notes by itself"
            )
        raise Rejection("zip", "", "holds no index.csv that lists notes")

    def read(self, name: str) -> bytes:
        """Return a member. Raises Rejection where there is none, or where it is broken or itself an archive."""
        info = self.members.get(_plain(name))
        self._unread.discard(_plain(name))
        if info is None:
            raise Rejection("file", name[:80], "is not in the ZIP")
        try:
            content = self._zip.read(info)
        except _BROKEN as error:
            raise Rejection(
                "zip", name[:80], f"cannot be unpacked ({type(error).__name__}); pack it again"
            ) from None
        if content.startswith(_PACKED_CONTENT):
            raise Rejection("zip", name[:80], "is an archive inside the ZIP; unpack it and pack its files")
        return content

    @property
    def unread(self) -> list[str]:
        """The names of members that nobody asked for."""
        return sorted(self._unread)

    def note(self, name: str) -> bytes:
        """Return a note by the name that the index beside it has for it."""
        folder = self.indexes[0].rpartition("/")[0]
        return self.read(f"{folder}/{_plain(name)}" if folder else name)


def looks_like(content: bytes) -> bool:
    """Return whether a file is a ZIP, a workbook or another Office document."""
    return content.startswith((b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08", _OLD_OFFICE))


def open_archive(content: bytes) -> Archive:
    """Return a ZIP whose directory holds nothing but plain files. Raises Rejection; nothing was unpacked then."""
    if content.startswith(_OLD_OFFICE):
        raise _workbook("an old or encrypted Office document")
    if content.count(_ENTRY) > MAX_MEMBERS:
        raise Rejection("zip", "", f"holds more than {MAX_MEMBERS:,} files; split it")
    try:
        opened = zipfile.ZipFile(io.BytesIO(content))
        infos = opened.infolist()
    except _BROKEN as error:
        raise Rejection("zip", "", f"is no readable ZIP ({type(error).__name__}); pack it again") from None
    _refuse_workbook(infos)
    files = [info for info in infos if not info.is_dir() and not _is_clutter(info.filename)]
    problems = [Problem("zip", _shown(info.orig_filename), what) for info in infos if (what := _fault(info))]
    problems += _twins(files)
    if problems:
        refused = Rejection("zip", "", "")
        more = len(problems) - _SHOWN
        rest = (Problem("zip", "", f"and {more:,} more like these"),) if more > 0 else ()
        refused.problems = (*problems[:_SHOWN], *rest)
        raise refused
    _refuse_bomb(infos, len(content))
    if not files:
        raise Rejection("zip", "", "holds no file")
    members = {_plain(info.filename): info for info in files}
    return Archive(opened, members, set(members))


def _fault(info: zipfile.ZipInfo) -> str:
    """Return why a member is refused, or ""."""
    name, mode = info.orig_filename, info.external_attr >> 16
    parts = name.replace("\\", "/").split("/")
    if any(unicodedata.category(sign) in {"Cc", "Cf", "Cs"} for sign in name):
        return "has a control or direction sign in its name"
    if parts[0] == "" or _DRIVE.match(name):
        return "has an absolute path; pack the folder, not the disk"
    if ".." in parts:
        return "leads out of the folder (..)"
    if stat.S_IFMT(mode) not in {0, stat.S_IFREG, stat.S_IFDIR}:
        return "is a link or a device, not a file"
    if info.flag_bits & 0x2041:
        return "is encrypted; pack it without a password"
    if info.compress_type not in _METHODS:
        return "is packed in a way that is not read here; use the plain ZIP method (deflate)"
    if name.lower().endswith(_PACKED):
        return "is an archive inside the ZIP; unpack it and pack its files"
    return ""


def _twins(files: list[zipfile.ZipInfo]) -> list[Problem]:
    seen: set[str] = set()
    found = []
    for info in files:
        name = _plain(info.filename).casefold()
        if name in seen:
            found.append(
                Problem("zip", _shown(info.filename), "comes twice; two files of one name cannot be told apart")
            )
        seen.add(name)
    return found


def _refuse_bomb(infos: list[zipfile.ZipInfo], packed: int) -> None:
    unpacked = sum(info.file_size for info in infos)
    if unpacked > MAX_UNPACKED:
        raise Rejection("too-large", "", f"unpacks to more than {MAX_UNPACKED >> 20} MB; split it")
    if unpacked > _RATIO_FREE_BYTES and unpacked > packed * _MAX_RATIO:
        raise Rejection("too-large", "", f"unpacks to more than {_MAX_RATIO} times its size, as no chart does")


def _refuse_workbook(infos: list[zipfile.ZipInfo]) -> None:
    names = {info.filename for info in infos[:100]}
    if "[Content_Types].xml" in names:
        raise _workbook(
            "an Excel workbook" if any(name.startswith("xl/") for name in names) else "an Office document"
        )
    if "mimetype" in names and "content.xml" in names:
        raise _workbook("an OpenDocument file")


def _workbook(what: str) -> Rejection:
    advice = "it was not opened. In the spreadsheet choose File, Save as, CSV UTF-8 and send that"
    return Rejection("workbook", "", f"is {what}; {advice}")


def _is_clutter(name: str) -> bool:
    return name.startswith(_CLUTTER[0]) or name.rpartition("/")[2] in _CLUTTER


def _plain(name: str) -> str:
    """Return a name as members are looked up by: composed, with one kind of slash."""
    return unicodedata.normalize("NFC", name.replace("\\", "/")).removeprefix("./")


def _shown(name: str) -> str:
    return "".join(sign if sign.isprintable() else "�" for sign in name[:80])
