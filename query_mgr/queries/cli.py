"""`flask queries lint`: the compliance lint for drafts made elsewhere."""

from __future__ import annotations

import json
from dataclasses import asdict, fields
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import click
from flask.cli import AppGroup

from query_mgr.queries.lint import Draft, DraftIndicator, DraftOption, is_compliant, lint
from query_mgr.queries.lint.draft import OPTION_KINDS, PURPOSES, QUERY_TYPES

queries_cli = AppGroup("queries", help="Check queries.")
Made = TypeVar("Made")
_CHOICES = {"query_type": QUERY_TYPES, "purpose": PURPOSES, "kind": OPTION_KINDS, "scope": ("current", "prior")}


@queries_cli.command("lint")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def lint_file(file: Path) -> None:
    """Check the draft in FILE (JSON); one finding per line; exit 1 where an error blocks sending, 2 on bad input."""
    try:
        draft = draft_from(json.loads(file.read_text(encoding="utf-8")))
    except (ValueError, RecursionError) as wrong:
        raise click.UsageError(f"{file}: {wrong}") from None
    findings = lint(draft)
    for finding in findings:
        click.echo(json.dumps(asdict(finding), ensure_ascii=False))
    if not is_compliant(findings):
        raise SystemExit(1)


def draft_from(content: Any) -> Draft:
    """Return a draft from decoded JSON. Raises ValueError naming the field."""
    raw = dict(_mapping(content, "draft"))
    options = [_make(DraftOption, one, f"options[{n}]") for n, one in enumerate(_list(raw, "options"))]
    indicators = [_make(DraftIndicator, one, f"indicators[{n}]") for n, one in enumerate(_list(raw, "indicators"))]
    documentation = _list(raw, "documentation")
    if not all(isinstance(text, str) for text in documentation):
        raise ValueError("documentation: every entry must be a text")
    nested = {"options": tuple(options), "indicators": tuple(indicators), "documentation": tuple(documentation)}
    plain = {key: value for key, value in raw.items() if key not in nested}
    return _make(Draft, plain, "", **nested)


def _make(kind: type[Made], raw: Any, place: str, **given: Any) -> Made:
    """Build a dataclass of texts and times from a mapping."""
    values: dict[str, Any] = {}
    known = {field.name for field in fields(kind)}  # type: ignore[arg-type]
    for name, value in _mapping(raw, place or "draft").items():
        where = f"{place}.{name}" if place else name
        if name not in known:
            raise ValueError(f"{where}: not a field; one of {', '.join(sorted(known))}")
        values[name] = _time(value, where) if name.endswith("_at") else _text(name, value, where)
    try:
        return kind(**values, **given)
    except TypeError as missing:
        raise ValueError(f"{place or 'draft'}: {str(missing).split('__init__() ')[-1]}") from None


def _text(name: str, value: Any, where: str) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{where}: must be a text")
    if name in _CHOICES and value not in _CHOICES[name]:
        raise ValueError(f"{where}: {value!r} is not one of {', '.join(_CHOICES[name])}")
    return value


def _time(value: Any, where: str) -> datetime | None:
    if value is None and where in ("admitted_at", "discharged_at"):
        return None
    try:
        return datetime.fromisoformat(value)
    except (TypeError, ValueError):
        raise ValueError(f"{where}: {value!r} is not a time such as 2026-03-02T06:10:00Z") from None


def _mapping(value: Any, where: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ValueError(f"{where}: must be an object")
    return value


def _list(raw: dict[str, Any], name: str) -> list[Any]:
    value = raw.get(name, [])
    if not isinstance(value, list):
        raise ValueError(f"{name}: must be a list")
    return value
