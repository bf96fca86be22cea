"""The CDA narrative block as readable text. No attribute and no link survives, so nothing in it can ever run."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree

from query_mgr.charts.ccda.elements import Code, find, find_all, local, said, words
from query_mgr.charts.problems import Warnings
from query_mgr.platform.text import one_line

_BLOCKS = {"paragraph", "caption", "table", "text", "div", "p"}
_SILENT = {"script", "style", "iframe", "object", "embed", "svg", "template", "noscript"}
_CELL = " | "
_LINE_END = (
    "\x1d"  # the end of a row or item: two of them are one line end, where blocks are set apart by a blank line
)
_INDENT = "\x1f"

_LONGEST_NAME = 250
#: LOINC codes that senders leave unnamed, because the name is always the same
COMMON_NAMES = {
    "72166-2": "Tobacco smoking status", "11367-0": "History of tobacco use", "8480-6": "Systolic blood pressure",
    "8462-4": "Diastolic blood pressure", "8867-4": "Heart rate", "9279-1": "Respiratory rate",
    "8310-5": "Body temperature", "59408-5": "Oxygen saturation by pulse oximetry", "8302-2": "Body height",
    "29463-7": "Body weight", "39156-5": "Body mass index",
}  # fmt: skip


def block_text(element: etree._Element | None, warnings: Warnings | None = None) -> str:
    """Return a narrative block as lines: a paragraph, list item or table row each its own, cells parted by " | "."""
    if element is None:
        return ""
    text = re.sub(f" *(?:{_LINE_END} *)+", "\n", "".join(_pieces(element, warnings or Warnings(), "")))
    lines = (re.sub(r"[ \t\r\f\v\xa0]+", " ", line).strip(" ") for line in text.split("\n"))
    text = "\n".join(line.replace(_INDENT, "  ") for line in lines)
    return re.sub(r"\n{3,}", "\n\n", text).strip()


def _pieces(element: etree._Element, warnings: Warnings, prefix: str) -> Iterator[str]:
    name = local(element)
    if name in _SILENT:
        warnings.add("markup", f"line {element.sourceline}", f"a {name} element was left out with its content")
        return
    if element.get("revised") == "delete":
        warnings.add("deleted", f"line {element.sourceline}", "text marked as deleted was left out")
        return
    if name == "tr":
        yield _LINE_END + _row(element, warnings) + _LINE_END
    elif name == "br":
        yield "\n"
    elif name == "list":
        yield from _list(element, warnings, prefix)
    elif name in {"sup", "footnote", "renderMultiMedia"}:
        yield _marked(name, "".join(_inside(element, warnings, prefix)).strip())
    elif name in _BLOCKS:
        yield "\n"
        yield from _inside(element, warnings, prefix)
        yield "\n"
    else:
        yield from _inside(element, warnings, prefix)


def _inside(element: etree._Element, warnings: Warnings, prefix: str) -> Iterator[str]:
    yield _flat(element.text)
    for child in element:
        if isinstance(child.tag, str):
            yield from _pieces(child, warnings, prefix)
        yield _flat(child.tail)


def _flat(text: str | None) -> str:
    """Return text with line breaks of the source as blanks, without control characters that XML allows."""
    return re.sub(r"[ \t\r\n\x0b\x0c\x1c-\x1f\x7f]+", " ", text or "")


def _marked(name: str, text: str) -> str:
    """Return what a reader must see of a mark: 10<sup>3</sup> is not 103."""
    if name == "sup":
        return f"^{text}" if text else ""
    if name == "footnote":
        return f" [note: {text}]" if text else ""
    return f"[picture: {text}]" if text else "[picture]"


def _list(element: etree._Element, warnings: Warnings, prefix: str) -> Iterator[str]:
    is_ordered = element.get("listType") == "ordered"
    number = 0
    yield _LINE_END if prefix else "\n"
    for child in element:
        if local(child) == "item":
            number += 1
            mark = f"{number}. " if is_ordered else "- "
            body = "".join(_inside(child, warnings, prefix + _INDENT)).strip(f" \n{_LINE_END}")
            if body:
                yield f"{_LINE_END}{prefix}{mark}{body}{_LINE_END}"
        elif local(child):
            yield from _pieces(child, warnings, prefix)
    yield _LINE_END if prefix else "\n"


def _row(row: etree._Element, warnings: Warnings) -> str:
    cells = [" ".join("".join(_inside(cell, warnings, "")).split()) for cell in row if local(cell) in {"td", "th"}]
    while cells and not cells[-1]:
        cells.pop()
    return _CELL.join(cells)


class Narrative:
    """Finds what entries refer to: "#problem1" is the text of the element with that ID."""

    def __init__(self, root: etree._Element) -> None:
        self._by_id: dict[str, etree._Element] | None = None
        self._root = root

    def referred(self, element: etree._Element | None) -> str:
        """Return the text that an element's `reference` points to inside the document, else its own text."""
        if element is None:
            return ""
        reference = find(element, "reference")
        target = said(reference, "value").removeprefix("#") if reference is not None else ""
        found = self._ids().get(target)
        if found is not None:
            return one_line(block_text(found))
        return words(element)

    def _ids(self) -> dict[str, etree._Element]:
        if self._by_id is None:
            self._by_id = {}
            for one in self._root.iter(etree.Element):
                if one.get("ID"):
                    self._by_id.setdefault(str(one.get("ID")), one)
        return self._by_id

    def name_of(self, element: etree._Element | None, chosen: Code) -> str:
        """Return what a coded element is called: its own name, the words it was made from, the chosen code's name."""
        if element is None:
            return ""
        names = [said(element, "displayName") if not element.get("nullFlavor") else ""]
        original = self.referred(find(element, "originalText"))
        names.append(original if len(original) <= _LONGEST_NAME else "")
        names.append(chosen.name)
        names += [said(one, "displayName") for one in find_all(element, "translation")]
        names += [COMMON_NAMES.get(chosen.code, ""), chosen.code, said(element, "code")]
        return next(filter(None, names), "")


def sections_of(body: etree._Element, warnings: Warnings) -> Iterator[tuple[str, str]]:
    """Yield (title, text) of every section in document order, those inside others too."""
    for section in find_all(body, "component/section"):
        title = words(find(section, "title")) or said(find(section, "code"), "displayName")
        text = block_text(find(section, "text"), warnings)
        if text:
            yield title or "Section", text
        yield from sections_of(section, warnings)
