"""Templates as files: one `.md` each, as they ship, or several in a ZIP with their folders."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass, replace

from query_mgr.accounts.session import Actor
from query_mgr.charts import archive
from query_mgr.charts.problems import Rejection
from query_mgr.platform.db import unit_of_work
from query_mgr.queries.library.definition import Template, TemplateError
from query_mgr.queries.library.schema import parse
from query_mgr.queries.library.writing import fields_of
from query_mgr.queries.site_templates import SiteTemplateError, create, readable

LARGEST_FILE = 64 * 1024  # bytes
LARGEST_ZIP = 8 * 1024 * 1024
MOST_FILES = 1000
_MADE_AT = (1980, 1, 1, 0, 0, 0)  # the same templates make the same file


@dataclass(frozen=True)
class Taken:
    """What became of one file: the draft's version, or None where the template in force says the same already."""

    name: str
    key: str
    version: int | None


def packed(templates: Iterable[Template]) -> bytes:
    """Return templates as a ZIP that `unpacked` reads."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for one in sorted(templates, key=lambda one: (one.folder, one.id)):
            target.writestr(zipfile.ZipInfo(f"{one.folder}/{one.id}.md", _MADE_AT), one.source)
    return out.getvalue()


def unpacked(content: bytes, name: str) -> list[tuple[str, str]]:
    """Return the names and texts of the template files in an upload. Raises TemplateError naming the file."""
    if not archive.looks_like(content):
        return [(name, _text(content, name))]
    if len(content) > LARGEST_ZIP:
        raise TemplateError(name, f"is larger than {LARGEST_ZIP >> 20} MB; split it")
    try:
        found = archive.open_archive(content)
        if len(found.members) > MOST_FILES:
            raise TemplateError(name, f"holds more than {MOST_FILES} files; split it")
        for member, info in found.members.items():
            if not member.endswith(".md"):
                raise TemplateError(member, "is no template file; leave only .md files in the ZIP")
            if info.file_size > LARGEST_FILE:
                raise TemplateError(member, "is larger than 64 KiB; a template is a short text file")
        return [(member, _text(found.read(member), member)) for member in sorted(found.members)]
    except Rejection as problem:
        raise TemplateError(name, f"cannot be taken in: {problem.problems[0]}") from None


def _text(content: bytes, name: str) -> str:
    if len(content) > LARGEST_FILE:
        raise TemplateError(name, "is larger than 64 KiB; a template is a short text file")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise TemplateError(name, f"is not UTF-8 text (byte {error.start}); save it as UTF-8") from None


def take_files(actor: Actor, files: Iterable[tuple[str, str]]) -> list[Taken]:
    """Start a draft from each file that says something new; all of them are taken, or none.

    Raises TemplateError naming file and line; SiteTemplateError naming the file.
    """
    actor.must("template.edit")
    read = [(name, parse(source, name)) for name, source in files]
    keys = [template.id for _, template in read]
    for name, template in read:
        if keys.count(template.id) > 1:
            raise TemplateError(name, f"id {template.id!r} comes twice; keep one of the files", field="id")
    with unit_of_work():
        known = readable()
        return [_taken(actor, name, template, known.get(template.id)) for name, template in read]


def _taken(actor: Actor, name: str, template: Template, known: Template | None) -> Taken:
    if known is not None and _meaning(known) == _meaning(template):
        return Taken(name, template.id, None)
    try:
        return Taken(name, template.id, create(actor, fields_of(template)).version_number)
    except SiteTemplateError as error:
        raise SiteTemplateError(f"{name}: {error}") from None


def _meaning(template: Template) -> Template:
    """Return a template without what only tells files and versions apart."""
    return replace(template, source="", folder="", version="")
