"""Narrative XHTML and plain notes into text with sections. Markup never survives, so it can never run."""

from __future__ import annotations

import re
from collections.abc import Iterable
from html.parser import HTMLParser

from query_mgr.charts.records import Section

_SILENT = {"script", "style", "iframe", "svg", "object", "embed", "head", "template", "math", "noscript"}
_VOID_SILENT = {"embed"}
_LINE = {
    "p",
    "div",
    "br",
    "tr",
    "li",
    "ul",
    "ol",
    "table",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "pre",
    "dt",
    "dd",
}
_HEADING = re.compile(
    r"^[ \t]*(?:"
    r"\[(?P<boxed>[^\]\n]{2,60})\][^\n]*$"
    r"|(?P<capitals>[A-Z][A-Z0-9 /&,()'-]{2,58}[A-Z)]):?[ \t]*$"
    r"|(?P<titled>[A-Z][A-Za-z0-9 /&,()'-]{2,60}):[ \t]*$"
    r"|(?P<soap>[SOAP]|A/P|A&P)[:.](?=[ \t]))",
    re.MULTILINE,
)
_SOAP = {"S": "Subjective", "O": "Objective", "A": "Assessment", "P": "Plan"}


class _Text(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._silent: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SILENT - _VOID_SILENT:
            self._silent.append(tag)
        elif tag in _LINE:
            self.parts.append("\n")
        elif tag in {"td", "th"}:
            self.parts.append("\t")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _LINE:
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in self._silent:
            while self._silent.pop() != tag:
                pass
        elif tag in _LINE:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        if not self._silent:
            # A line break in the source is white space in HTML.
            self.parts.append(re.sub(r"[ \t\r\n\f]+", " ", data))


def html_to_text(markup: str) -> str:
    """Return the readable text of (X)HTML; scripts, styles, frames and drawings are left out with their content."""
    parser = _Text()
    parser.feed(markup)
    parser.close()
    lines = (re.sub(r"[ \t\xa0]+", " ", line).strip() for line in "".join(parser.parts).split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def clean_text(text: str) -> str:
    """Return a plain note with one kind of line end and without control characters."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\f", "\n").replace("\ufeff", "")
    return re.sub(r"[\x00-\x08\x0b\x0e-\x1f\x7f]", "", text).strip()


def assemble(parts: Iterable[tuple[str, str]]) -> tuple[str, tuple[Section, ...]]:
    """Join (heading, body) pairs into one text; return it and where each body lies."""
    text, sections = "", []
    for title, body in parts:
        if text:
            text += "\n\n"
        if title:
            text += f"{title}\n"
        if body:
            sections.append(Section(title, len(text), len(text) + len(body)))
            text += body
    return text, tuple(sections)


def find_sections(text: str) -> tuple[Section, ...]:
    """Return the sections of a plain note, by its heading lines ("ASSESSMENT:", "[Findings]", "A: ...")."""
    headings = list(_HEADING.finditer(text))
    found = []
    for place, heading in enumerate(headings):
        end = headings[place + 1].start() if place + 1 < len(headings) else len(text)
        start = heading.end()
        body = text[start:end]
        start += len(body) - len(body.lstrip())
        end = start + len(body.strip())
        title = heading["boxed"] or heading["capitals"] or heading["titled"] or ""
        title = title or _SOAP.get(heading["soap"], "Assessment and plan")
        if end > start:
            found.append(Section(title.strip(), start, end))
    return tuple(found)
