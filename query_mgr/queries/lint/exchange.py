"""Drafts and findings as JSON, the same on the command line and over HTTP (docs/interfaces/lint.md)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from typing import Any

from query_mgr.queries.lint.authors import parted
from query_mgr.queries.lint.draft import (
    OPTION_KINDS,
    PURPOSES,
    QUERY_TYPES,
    Draft,
    DraftIndicator,
    DraftOption,
    is_compliant,
)
from query_mgr.queries.lint.editions import Edition
from query_mgr.queries.lint.fixes import changes
from query_mgr.queries.lint.rules import DEFAULT_EDITION, lint

_SCOPES = ("current", "prior")


def answered(content: Any, brief: Edition = DEFAULT_EDITION) -> dict[str, Any]:
    """Return `id`, `compliant` and `findings` of one draft. Raises ValueError naming the field that is wrong."""
    draft = draft_from(content)
    findings = lint(draft, brief)
    return {
        "id": content.get("id"),
        "compliant": is_compliant(findings),
        "findings": [
            {
                "rule": one.rule,
                "severity": one.severity,
                "field": one.field,
                "span": list(one.span),
                "message": one.message,
                "citation": one.source,
                "fix": one.fix,
                "change": asdict(change) if change else None,
            }
            for one, change in zip(findings, changes(draft, findings), strict=True)
        ],
    }


def answered_lines(lines: Iterable[bytes], brief: Edition = DEFAULT_EDITION) -> Iterator[dict[str, Any]]:
    """Yield an answer for every line that is not blank; `line` and `error` for one that cannot be read."""
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            yield answered(json.loads(line.decode("utf-8-sig")), brief)
        except RecursionError:
            yield {"line": number, "error": "nested too deeply"}
        except ValueError as wrong:
            yield {"line": number, "error": str(wrong)}


def draft_from(content: Any) -> Draft:
    """Return a draft from decoded JSON; keys that the lint does not read are left. Raises ValueError naming the field."""
    if not isinstance(content, dict):
        raise ValueError("a draft must be an object")
    if not isinstance(content.get("id"), str | int | None):
        raise ValueError("id: must be a text or a number")
    query_type = _choice(content, "query_type", QUERY_TYPES)
    if not query_type:
        raise ValueError(f"query_type: is missing; one of {', '.join(QUERY_TYPES)}")
    documentation = content.get("documentation")
    texts = documentation if isinstance(documentation, list) else [documentation]
    told = [parted(_text({"documentation": one}, "documentation")) for one in texts]
    return Draft(
        title=_text(content, "title"),
        body=_text(content, "body"),
        question=_text(content, "question"),
        query_type=query_type,
        purpose=_choice(content, "purpose", PURPOSES),
        condition=_text(content, "condition"),
        options=tuple(_option(n, one) for n, one in enumerate(_list(content, "options"))),
        indicators=tuple(_indicator(n, one) for n, one in enumerate(_list(content, "indicators"))),
        documentation=tuple(one.providers for one in told),
        others=tuple(one.others for one in told if one.others),
        elsewhere=tuple(one.elsewhere for one in told if one.elsewhere),
    )


def _option(number: int, raw: Any) -> DraftOption:
    place = f"options[{number}]"
    if isinstance(raw, str):
        raw = {"label": raw}
    if not isinstance(raw, dict):
        raise ValueError(f"{place}: must be a text")
    kind = _choice(raw, "kind", OPTION_KINDS, place) or "clinical"
    return DraftOption(_text(raw, "key", place) or f"option{number}", _text(raw, "label", place), kind)


def _indicator(number: int, raw: Any) -> DraftIndicator:
    place = f"indicators[{number}]"
    if isinstance(raw, str):
        raw = {"text": raw}
    if not isinstance(raw, dict):
        raise ValueError(f"{place}: must be an object")
    scope = _choice(raw, "encounter", _SCOPES, place) or "current"
    return DraftIndicator(_text(raw, "text", place), None, _text(raw, "source", place), scope=scope)


def _text(raw: dict[str, Any], name: str, place: str = "") -> str:
    value = raw.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise ValueError(f"{place}{'.' if place else ''}{name}: must be a text")
    return value


def _choice(raw: dict[str, Any], name: str, allowed: tuple[str, ...], place: str = "") -> str:
    value = _text(raw, name, place)
    if value and value not in allowed:
        raise ValueError(f"{place}{'.' if place else ''}{name}: must be one of {', '.join(allowed)}")
    return value


def _list(raw: dict[str, Any], name: str) -> list[Any]:
    value = raw.get(name)
    if value is None:
        return []
    if not isinstance(value, list):
        raise ValueError(f"{name}: must be a list")
    return value
