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
#: groups that hold no text of the document
_SILENT = {
    "fonttbl", "colortbl", "stylesheet", "info", "pict", "object", "objdata", "header", "footer", "headerl", "headerr",
    "footerl", "footerr", "generator", "listtable", "listoverridetable", "rsidtbl", "themedata", "datastore",
    "fldinst", "xmlnstbl", "latentstyles", "filetbl", "revtbl", "bkmkstart", "bkmkend", "deleted",
}  # fmt: skip
_SIGNS = {
    "par": "\n", "line": "\n", "sect": "\n", "page": "\n", "row": "\n", "tab": "\t", "cell": " | ",
    "emdash": "—", "endash": "–", "lquote": "‘", "rquote": "’", "ldblquote": "“", "rdblquote": "”", "bullet": "•",
    "emspace": " ", "enspace": " ",
}  # fmt: skip
_SYMBOLS = {"~": "\xa0", "_": "-", "\\": "\\", "{": "{", "}": "}", "\n": "\n", "\r": "\n"}
_MAX_DEPTH = 1000


def looks_like(content: bytes) -> bool:
    """Return whether content is RTF."""
    return content.lstrip()[:5] == b"{\\rtf"


def rtf_to_text(content: bytes) -> str:
    """Return the text of an RTF document; deleted (\\deleted, \\v hidden) text and all that is no text is left out."""
    source = content.decode("latin-1")
    encoding = _code_page(source)
    parts: list[str] = []
    pending = bytearray()  # bytes of the code page, decoded together: some need two
    stack: list[tuple[bool, int]] = []
    is_silent, skip_after, to_skip = False, 1, 0

    def flush() -> None:
        if pending:
            parts.append(pending.decode(encoding, "replace"))
            pending.clear()

    for token in _TOKEN.finditer(source):
        word, number, byte, symbol, brace, plain = token.groups()
        if byte is None:
            flush()
        if brace == "{" and len(stack) < _MAX_DEPTH:
            stack.append((is_silent, skip_after))
            to_skip = 0
        elif brace == "}" and stack:
            is_silent, skip_after = stack.pop()
            to_skip = 0
        elif word:
            if word in _SILENT or (word in {"v", "deleted"} and number != "0"):
                is_silent = True
            elif word == "v" and number == "0":
                is_silent = stack[-1][0] if stack else False
            elif word == "uc" and number:
                skip_after = min(max(int(number), 0), 10)
            elif word == "u" and number and not is_silent:
                parts.append(_sign(int(number)))
                to_skip = skip_after
            elif not is_silent:
                parts.append(_SIGNS.get(word, ""))
        elif symbol == "*":
            is_silent = True
        elif byte or symbol or plain:
            text = plain or (_SYMBOLS.get(symbol, "") if symbol else "")
            if to_skip:
                text, byte, to_skip = text[to_skip:], None, max(0, to_skip - (len(text) or 1))
            if not is_silent and byte:
                pending.append(int(byte, 16))
            elif not is_silent:
                parts.append(text)
    flush()
    return _paired("".join(parts))


def _sign(number: int) -> str:
    """Return a UTF-16 unit; negative numbers are those above 32767."""
    value = number + 0x10000 if number < 0 else number
    return chr(value) if 0 <= value <= 0xFFFF else "\ufffd"


def _paired(text: str) -> str:
    """Return text with UTF-16 halves joined, and single halves replaced."""
    text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    lines = (
        re.sub(r"[ \xa0]+", " ", line).strip()
        for line in re.sub(r"[\x00-\x08\x0b-\x1f\x7f]", "", text).split("\n")
    )
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _code_page(source: str) -> str:
    found = re.search(r"\\ansicpg(\d{1,5})", source[:2000])
    name = f"cp{found[1]}" if found else "cp1252"
    try:
        codecs.lookup(name)
    except LookupError:
        return "cp1252"
    return name
