"""The templates that come with the product, read from `templates/query_templates`."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

from query_mgr.queries.library.definition import Template, TemplateError
from query_mgr.queries.library.schema import parse

FOLDER = Path(__file__).resolve().parents[3] / "templates" / "query_templates"


@cache
def shipped() -> dict[str, Template]:
    """Return the shipped templates by id, in order of folder and file name. Raises TemplateError."""
    return read_folder(FOLDER)


def read_folder(folder: Path) -> dict[str, Template]:
    """Return the templates under `folder` by id; a file must carry its template's id as its name."""
    found: dict[str, Template] = {}
    for path in sorted(folder.rglob("*.md")):
        name = path.relative_to(folder).as_posix()
        try:
            source = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            raise TemplateError(name, "is not UTF-8 text; save it as UTF-8") from None
        template = parse(source, name)
        if template.id != path.stem:
            raise TemplateError(
                name, f"id {template.id!r} differs from the file's name; make them equal", field="id"
            )
        if template.id in found:
            raise TemplateError(name, f"id {template.id!r} is used twice; rename one", field="id")
        found[template.id] = replace(template, folder=path.parent.name)
    return found
