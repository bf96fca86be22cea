"""The templates that come with the product, read from `templates/query_templates`."""

from __future__ import annotations

import logging
from collections.abc import Container
from dataclasses import replace
from functools import cache
from pathlib import Path

from query_mgr.queries.library.definition import Template, TemplateError
from query_mgr.queries.library.schema import parse

FOLDER = Path(__file__).resolve().parents[3] / "templates" / "query_templates"


@cache
def _read_once() -> tuple[dict[str, Template], tuple[TemplateError, ...]]:
    found, wrong = read_folder(FOLDER)
    for error in wrong:
        logging.getLogger(__name__).error("template left out: %s", error)
    return found, wrong


def shipped() -> dict[str, Template]:
    """Return the shipped templates by id, in order of folder and file name, without those that cannot be used."""
    return _read_once()[0]


def problems() -> tuple[str, ...]:
    """Return what is wrong in the shipped template files, each with file, line and field."""
    return tuple(str(error) for error in _read_once()[1])


def read_folder(folder: Path) -> tuple[dict[str, Template], tuple[TemplateError, ...]]:
    """Return the templates under `folder` by id, and what is wrong with those that were left out."""
    found: dict[str, Template] = {}
    wrong: list[TemplateError] = []
    for path in sorted(folder.rglob("*.md")):
        try:
            template = _template(path, path.relative_to(folder).as_posix(), found)
        except TemplateError as error:
            wrong.append(error)
        else:
            found[template.id] = template
    return found, tuple(wrong)


def _template(path: Path, name: str, others: Container[str]) -> Template:
    """Return the template in a file, which must carry its id as its name. Raises TemplateError."""
    try:
        source = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise TemplateError(name, "is not UTF-8 text; save it as UTF-8") from None
    template = parse(source, name)
    if template.id != path.stem:
        raise TemplateError(name, f"id {template.id!r} differs from the file's name; make them equal", field="id")
    if template.id in others:
        raise TemplateError(name, f"id {template.id!r} is used twice; rename one", field="id")
    return replace(template, folder=path.parent.name)
