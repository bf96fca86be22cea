"""Plain text out of RTF. No object, picture, field or link of it is ever followed."""

from __future__ import annotations

import codecs
import re

_TOKEN = re.compile(
    r"\\([a-zA-Z]{1,32})(-?\d{1,10})?[ ]?"  # control word
    r"|\\'([0-9a-fA-F]{2})"  # a byte of the document's code page
    r"|\\([^a-zA-Z])"  # control symbol
    r"|([{}])"
    r"|[\r\n]+"
    r"|([^\\{}\r\n]+)"
)
#: groups that hold no text of the document; deleted and hidden text is none either
_SILENT = {
    "fonttbl", "colortbl", "stylesheet", "info", "pict", "object", "objdata", "header", "footer", "headerl", "headerr",
    "footerl", "footerr", "generator", "listtable", "listoverridetable", "rsidtbl", "themedata", "datastore",
    "fldinst", "xmlnstbl", "latentstyles", "filetbl", "revtbl", "bkmkstart", "bkmkend",
}  # fmt: skip
_HIDING = {"v", "deleted"}
_SIGNS = {
    "par": "\n", "line": "\n", "sect": "\n", "page": "\n", "row": "\n", "tab": "\t", "cell": " | ",
    "emdash": "—", "endash": "–", "lquote": "‘", "rquote": "’", "ldblquote": "“", "rdblquote": "”", "bullet": "•",
    "emspace": " ", "enspace": " ",
}  # fmt: skip
_SYMBOLS = {"~": "\xa0", "_": "-", "\\": "\\", "{": "{", "}": "}", "\n": "\n", "\r": "\n"}
_MAX_DEPTH = 1000
_MOST_SKIPPED = 10


def looks_like(content: bytes) -> bool:
    """Return whether content is RTF."""
    return content.lstrip()[:5] == b"{\\rtf"


def rtf_to_text(content: bytes) -> str:
    """Return the text of an RTF document, table rows as lines with their cells apart."""
    source = content.decode("latin-1")
    reader = _Reader(_code_page(source))
    for token in _TOKEN.finditer(source):
        word, number, byte, symbol, brace, plain = token.groups()
        if byte is None:
            reader.flush()
        if brace:
            reader.group(brace)
        elif word:
            reader.word(word, number)
        elif symbol == "*":
            reader.is_silent = True
        elif byte:
            reader.byte(int(byte, 16))
        else:
            reader.text(plain or _SYMBOLS.get(symbol or "", ""))
    reader.flush()
    return _tidied("".join(reader.parts))


class _Reader:
    """What was read of a document, and what the groups around the next token say of it."""

    def __init__(self, encoding: str) -> None:
        self.parts: list[str] = []
        self.is_silent = False
        self._encoding = encoding
        self._bytes = bytearray()  # decoded together: some signs need two
        self._groups: list[tuple[bool, int]] = []
        self._stand_ins = 1  # signs that follow a Unicode one for readers that know none (\\uc)
        self._to_skip = 0

    def flush(self) -> None:
        """Turn the bytes so far into text."""
        self.parts.append(self._bytes.decode(self._encoding, "replace"))
        self._bytes.clear()

    def group(self, brace: str) -> None:
        """Begin or end a group; what it changed ends with it."""
        if brace == "{" and len(self._groups) < _MAX_DEPTH:
            self._groups.append((self.is_silent, self._stand_ins))
        elif brace == "}" and self._groups:
            self.is_silent, self._stand_ins = self._groups.pop()
        self._to_skip = 0

    def word(self, word: str, number: str | None) -> None:
        """Do what a control word says."""
        if word in _HIDING:
            outside = bool(self._groups) and self._groups[-1][0]
            self.is_silent = outside if number == "0" else True
        elif word in _SILENT:
            self.is_silent = True
        elif word == "uc" and number:
            self._stand_ins = min(max(int(number), 0), _MOST_SKIPPED)
        elif word == "u" and number:
            self._say(_unit(int(number)))
            self._to_skip = self._stand_ins
        else:
            self._say(_SIGNS.get(word, ""))

    def byte(self, value: int) -> None:
        """Take a byte of the code page, unless it stands in for a sign."""
        if self._to_skip:
            self._to_skip -= 1
        elif not self.is_silent:
            self._bytes.append(value)

    def text(self, text: str) -> None:
        """Take text, without what of it stands in for a sign."""
        skipped = min(self._to_skip, len(text))
        self._to_skip -= skipped
        self._say(text[skipped:])

    def _say(self, text: str) -> None:
        if not self.is_silent:
            self.parts.append(text)


def _unit(number: int) -> str:
    """Return a UTF-16 unit; negative numbers are those above 32767."""
    value = number + 0x10000 if number < 0 else number
    return chr(value) if 0 <= value <= 0xFFFF else "\ufffd"


def _tidied(text: str) -> str:
    """Return text with UTF-16 halves joined, single halves replaced, and without control characters."""
    text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    text = re.sub(r"[\x00-\x08\x0b-\x1f\x7f]", "", text)
    text = "\n".join(re.sub(r"[ \xa0]+", " ", line).strip() for line in text.split("\n"))
    return re.sub(r"\n{3,}", "\n\n", text).strip()


def _code_page(source: str) -> str:
    found = re.search(r"\\ansicpg(\d{1,5})", source[:2000])
    name = f"cp{found[1]}" if found else "cp1252"
    try:
        codecs.lookup(name)
    except LookupError:
        return "cp1252"
    return name
