"""The XML tabular of ICD-10-CM: categories, notes, and the seventh characters written out as codes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO, NamedTuple

from lxml import etree

from query_mgr.codes.divisions import Division, division
from query_mgr.codes.rows import CodeRow, FileError, with_long_text

_NOTES = {
    "includes": "includes",
    "excludes1": "excludes1",
    "excludes2": "excludes2",
    "inclusionTerm": "inclusion_terms",
}
_TEXTS = {"codeFirst": "code_first", "useAdditionalCode": "use_additional", "codeAlso": "code_also"}
_CODE = re.compile(r"[A-Z][0-9A][0-9AB](?:\.[0-9A-Z]{1,4})?")
#: "death before regaining consciousness" (sixth character 7 or 8) has no later encounter and no sequela.
#: Source: the tabular's own note at category S06.
_ENDED = re.compile(r"S06\.[0-9A-Z]{2}[78][DS]")


#: no entities, no network, bounded depth: the file is data from outside
_SAFE: dict[str, Any] = {
    "resolve_entities": False, "no_network": True, "huge_tree": False, "load_dtd": False, "remove_comments": True,
    "remove_pis": True,
}  # fmt: skip


class Meaning(NamedTuple):
    """What a seventh character says, and the terms that it includes."""

    text: str
    inclusion_terms: list[str]


def read(stream: BinaryIO) -> Iterator[CodeRow]:
    """Yield the codes of the tabular in its own order. Raises FileError where the XML is broken or another."""
    try:
        yield from _codes(stream)
    except etree.XMLSyntaxError as error:
        raise FileError(
            f"the XML is broken or was cut off ({error.msg}); download it again", error.lineno or 0
        ) from None


def version(stream: BinaryIO) -> int | None:
    """Return the fiscal year that the tabular gives as its version."""
    head = stream.read(4096)
    stream.seek(0)
    found = re.search(rb"<version>\s*(20\d\d)\s*</version>", head)
    return int(found[1]) if found else None


def divisions(stream: BinaryIO) -> list[Division]:
    """Return the chapters and blocks with their notes; none where the XML is broken, which `read` refuses."""
    found = []
    events = etree.iterparse(stream, events=("end",), tag=("chapter", "section", "diag"), **_SAFE)
    try:
        for _, element in events:
            if element.tag != "diag":
                kind = "chapter" if element.tag == "chapter" else "block"
                name = _own(element, "name") if kind == "chapter" else element.get("id", "")
                found.append(division(kind, name, _own(element, "desc"), _notes(element)))
            element.clear()
    except etree.XMLSyntaxError:
        return []
    return [one for one in found if one]


def _codes(stream: BinaryIO) -> Iterator[CodeRow]:
    seen: set[str] = set()
    events = etree.iterparse(stream, events=("start", "end"), **_SAFE)
    depth, root = 0, None
    for event, element in events:
        if root is None:
            root = element
            if root.tag != "ICD10CM.tabular":
                raise FileError(f"<{str(root.tag)[:40]}> is not the tabular of ICD-10-CM (<ICD10CM.tabular>)", 1)
        if element.tag != "diag":
            continue
        depth += 1 if event == "start" else -1
        if event == "end" and not depth:
            for row in _below(element, None, {}):
                if row.code in seen:
                    raise FileError(f"{row.code} comes twice; download the file again", element.sourceline or 0)
                seen.add(row.code)
                yield row
            element.clear()
    if not seen:
        raise FileError("the tabular holds no code; download it again")


def _below(element: Any, parent: str | None, sevenths: Mapping[str, Meaning]) -> Iterator[CodeRow]:
    code, title = _own(element, "name"), _own(element, "desc")
    if not _CODE.fullmatch(code) or not title:
        raise FileError(f"a code is without name or title ({code[:12]!r})", element.sourceline or 0)
    defined = element.find("sevenChrDef")
    if defined is not None:
        sevenths = _extensions(defined)
    inner = element.findall("diag")
    longer = [] if inner or not sevenths or len(code) == 8 else _extended(code, title, sevenths)
    title, own = with_long_text("", title)
    yield CodeRow(code, title, not inner and not longer, parent, _notes(element), own=own)
    for one in inner:
        yield from _below(one, code, sevenths)
    yield from longer


def _extended(code: str, title: str, sevenths: Mapping[str, Meaning]) -> list[CodeRow]:
    bare = code.replace(".", "").ljust(6, "X")
    found = []
    for sign, meaning in sevenths.items():
        whole = f"{bare[:3]}.{bare[3:]}{sign}"
        if not _ENDED.fullmatch(whole):
            text, own = with_long_text("", f"{title}, {meaning.text}")
            notes = {"inclusion_terms": meaning.inclusion_terms} if meaning.inclusion_terms else {}
            found.append(CodeRow(whole, text, True, code, notes, own=own))
    return found


def _extensions(defined: Any) -> dict[str, Meaning]:
    """Return seventh character -> its meaning and the inclusion terms that follow it."""
    found: dict[str, Meaning] = {}
    sign = ""
    for one in defined:
        text = " ".join((one.text or "").split())
        if one.tag == "extension" and len(one.get("char", "")) == 1:
            sign = one.get("char")
            found[sign] = Meaning(text, [])
        elif one.tag == "note" and sign and text:
            found[sign].inclusion_terms.append(text)
    return found


def _notes(element: Any) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for tag, key in _NOTES.items():
        if lines := _lines(element, tag):
            found[key] = lines
    for tag, key in _TEXTS.items():
        if lines := _lines(element, tag):
            found[key] = "\n".join(lines)
    return found


def _lines(element: Any, tag: str) -> list[str]:
    notes = (note.text for group in element.findall(tag) for note in group.findall("note"))
    return [text.strip() for text in notes if text and text.strip()]


def _own(element: Any, tag: str) -> str:
    return " ".join((element.findtext(tag) or "").split())
