"""What the columns of old query libraries are called, and how their cells become fields that the lint reads."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from typing import Any

from query_mgr.clinical.library import load
from query_mgr.queries.lint.draft import PURPOSES

#: field of the lint -> names a column or label may have (small letters and digits only count)
COLUMNS: dict[str, tuple[str, ...]] = {
    "id": ("id", "query id", "template id", "number", "no", "key", "ref", "reference"),
    "title": ("title", "name", "subject", "query title", "query name", "template", "template name", "template title"),
    "body": ("body", "context", "text", "background", "introduction", "description", "message", "query text",
             "template text", "clinical scenario"),
    "question": ("question", "query", "ask", "clarification", "request", "query question", "clarification requested"),
    "options": ("options", "option", "choices", "answers", "answer options", "response options", "responses",
                "provider response", "selections"),
    "indicators": ("indicators", "clinical indicators", "clinical indicator", "evidence", "findings",
                   "clinical findings", "supporting indicators"),
    "documentation": ("documentation", "documented", "chart", "record", "provider documentation",
                      "current documentation"),
    "query_type": ("query type", "type", "format", "question type"),
    "purpose": ("purpose", "reason", "query purpose", "query reason"),
    "condition": ("condition", "diagnosis", "condition id", "topic"),
}  # fmt: skip
_FIELD_OF = {re.sub(r"[^a-z0-9]", "", name): field for field, names in COLUMNS.items() for name in names}
_NUMBERED = re.compile(r"(option|choice|answer|response|indicator)s?\d{1,2}")
_NUMBERED_FIELD = {"indicator": "indicators"}
_TYPES = {
    "multiplechoice": "multiple_choice", "mc": "multiple_choice", "choice": "multiple_choice",
    "yesno": "yes_no", "yn": "yes_no", "openended": "open_ended", "open": "open_ended", "freetext": "open_ended",
}  # fmt: skip
_PURPOSES = {re.sub("_", "", one): one for one in PURPOSES} | {
    "validation": "clinical_validation", "presentonadmission": "poa", "causeandeffect": "cause_effect",
    "conflictingdocumentation": "conflict", "newdiagnosis": "new_condition",
}  # fmt: skip
#: a box, a dot or a number before an answer; a ticked box stays, as the lint objects to it
MARK = re.compile(
    r"\s*(?:[-*•·▪◦○◯□☐➢]|\[ ?\]|\( ?\)|_{2,}|o(?=\s)|(?:\d{1,2}[.)]|[A-Za-z]\))(?=\s))\s*|\s*(?=\[[xX]\]|☑|☒)"
)
_KEPT = ("id", "title", "body", "question")


def field_of(name: str) -> str:
    """Return the field that a column's or label's name stands for, or ""."""
    plain = re.sub(r"[^a-z0-9]", "", name.casefold())
    numbered = _NUMBERED.fullmatch(plain)
    if numbered:
        return _NUMBERED_FIELD.get(numbered[1], "options")
    return _FIELD_OF.get(plain, "")


def query_from(found: Mapping[str, list[Any]]) -> dict[str, Any]:
    """Return the object that the lint reads, from the values found for each field."""
    texts = {name: [one for value in found.get(name, ()) for one in _texts(value)] for name in COLUMNS}
    query: dict[str, Any] = {name: "\n\n".join(texts[name]) for name in _KEPT}
    options = [one for text in texts["options"] for one in listed(text)]
    query["options"] = options
    query["indicators"] = _indicators(found.get("indicators", ()))
    query["documentation"] = texts["documentation"]
    query["query_type"] = _TYPES.get(_plain(texts["query_type"]), "") or _type_of(options)
    query["purpose"] = _PURPOSES.get(_plain(texts["purpose"]), "")
    query["condition"] = _condition(" ".join(texts["condition"]))
    if not query["question"]:
        query["body"], query["question"] = split_question(query["body"])
    return query


def listed(text: str) -> list[str]:
    """Return the entries of a cell: separated by | or line breaks, else by semicolons; marks before them are dropped."""
    parts = re.split(r"\s*\|\s*|\s*[\r\n]+\s*", text)
    if len(parts) == 1:
        parts = re.split(r"\s*;\s*", text)
    return [
        shown
        for part in parts
        if (shown := MARK.sub("", part, count=1).strip() if MARK.match(part) else part.strip())
    ]


def split_question(text: str) -> tuple[str, str]:
    """Return what comes before the question, and the question: from the last paragraph that asks on."""
    paragraphs = [one.strip() for one in re.split(r"\n\s*\n|\n", text) if one.strip()]
    for at in range(len(paragraphs) - 1, -1, -1):
        if asks(paragraphs[at]):
            return "\n".join(paragraphs[:at]), "\n".join(paragraphs[at:])
    return "\n".join(paragraphs[:-1]), "".join(paragraphs[-1:])


def asks(text: str) -> bool:
    """Say whether a line or paragraph puts a question."""
    return "?" in text or bool(re.search(r"\b(?:please|kindly)\b", text, re.I))


def _texts(value: Any) -> list[str]:
    if isinstance(value, list):
        return [one for part in value for one in _texts(part)]
    if isinstance(value, dict):
        return _texts(value.get("label") or value.get("text"))
    text = "" if value is None else str(value)
    return [text.strip()] if text.strip() else []


def _indicators(values: Any) -> list[dict[str, str]]:
    """Return indicators; one given as an object keeps its source and whether it is of a prior encounter."""
    found: list[dict[str, str]] = []
    for value in values:
        for one in value if isinstance(value, list) else [value]:
            if isinstance(one, dict):
                scope = "prior" if one.get("encounter") == "prior" else "current"
                texts = {name: str(one.get(name) or "") for name in ("text", "source")}
                found.append(texts | {"encounter": scope})
            else:
                found += (_sourced(text) for cell in _texts(one) for text in listed(cell))
    return found


def _sourced(text: str) -> dict[str, str]:
    """Return an indicator; what stands in brackets at its end is its source, unless it is a range."""
    found = re.fullmatch(r"(.+?)\s*\(((?!ref|normal|range|nl\b)[^()]+)\)", text, re.I)
    return {"text": found[1], "source": found[2]} if found else {"text": text}


def _type_of(options: list[str]) -> str:
    plain = {re.sub(r"[^a-z]", "", one.casefold()) for one in options}
    if {"yes", "no"} <= plain:
        return "yes_no"
    return "multiple_choice" if options else "open_ended"


def _plain(texts: list[str]) -> str:
    return re.sub(r"[^a-z]", "", " ".join(texts).casefold())


def _condition(text: str) -> str:
    """Return the id of the condition that a cell names, by its id or by one of its names."""
    return _conditions().get(text.casefold().replace("_", " "), "") if text else ""


@functools.cache
def _conditions() -> Mapping[str, str]:
    found = {name.casefold(): one.id for one in load().values() for name in one.mentions}
    return found | {
        name.casefold().replace("_", " "): one.id for one in load().values() for name in (one.id, one.name)
    }
