"""The template library in the browser: read, draft, check, approve, retire, take in and out as files."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from werkzeug.datastructures import MultiDict

from query_mgr.accounts.permissions import requires
from query_mgr.accounts.session import current_actor
from query_mgr.clinical import library as clinical
from query_mgr.insight.read import rows as rows_of
from query_mgr.insight.routes import chosen_filters
from query_mgr.insight.templates import by_version
from query_mgr.platform import clock
from query_mgr.platform.text import one_line
from query_mgr.platform.web import current_settings
from query_mgr.queries import retirement, site_templates
from query_mgr.queries.edition import edition_in_force
from query_mgr.queries.library import check, definition
from query_mgr.queries.library.definition import Template, TemplateError
from query_mgr.queries.library.files import shipped
from query_mgr.queries.library.placeholders import known
from query_mgr.queries.library.writing import BLANK, Fields, OptionFields, fields_of, read
from query_mgr.queries.lifecycle import NotPossibleError
from query_mgr.queries.lint import RULES
from query_mgr.queries.models import SiteTemplate
from query_mgr.queries.template_files import LARGEST_ZIP, packed, take_files, unpacked

template_desk = Blueprint("template_desk", __name__)
ERRORS = (TemplateError, site_templates.SiteTemplateError, NotPossibleError)
SPARE = 3  # empty rows for further answers


@template_desk.get("/templates")
@requires("template.view")
def library() -> Any:
    """List what is in force, and above it what waits for somebody."""
    gone = retirement.retired()
    found = sorted(site_templates.readable().values(), key=lambda one: (one.folder, one.title))
    return render_template(
        "desk/templates.html", templates=[one for one in found if one.id not in gone], retired=gone,
        gone=[one for one in found if one.id in gone], undecided=site_templates.undecided(), shipped=shipped(),
    )  # fmt: skip


def _readable(key: str) -> Template:
    found = site_templates.readable().get(key)
    if found is None:
        abort(404)
    return found


def _version(key: str, number: int) -> SiteTemplate:
    found = site_templates.version(key, number)
    if found is None:
        abort(404)
    return found


@template_desk.get("/templates/<key>")
@requires("template.view")
def template(key: str) -> Any:
    """Show the template in force, and the versions this site made of it."""
    rows = site_templates.versions(key)
    found = site_templates.readable().get(key)
    if found is None and not rows:
        abort(404)
    return _page(key, found, rows, None)


@template_desk.get("/templates/<key>/<int(max=2147483647):number>")
@requires("template.view")
def version(key: str, number: int) -> Any:
    """Show one version of the site's, and what can be done with it."""
    row = _version(key, number)
    try:
        found = site_templates.template_of(row)
    except TemplateError as error:
        flash(f"This version can no longer be read: {error}", "error")
        found = None
    return _page(key, found, site_templates.versions(key), row)


def _page(key: str, found: Template | None, rows: Any, row: SiteTemplate | None) -> Any:
    return render_template(
        "desk/template.html", key=key, template=found, versions=rows, row=row, me=current_actor().user_id,
        shipped=shipped().get(key), retired=retirement.retired().get(key), **(_checked(found) if found else {}),
    )  # fmt: skip


def _checked(found: Template) -> dict[str, Any]:
    return {
        "sample": check.sample(found),
        "findings": check.findings(found, edition_in_force()),
        "condition": clinical.load().get(found.condition),
        "topics": definition.TOPICS,
        "rule_titles": {rule.id: rule.title for rule in RULES},
    }


@template_desk.route("/templates/new", methods=["GET", "POST"])
@requires("template.edit")
def new() -> Any:
    """Start a draft, from nothing or from a template in force."""
    if request.method == "GET":
        like = request.args.get("like", "")
        return _form(fields_of(_readable(like)) if like else BLANK, None)
    fields = _typed(request.form)
    if request.form.get("do") == "check":
        return _check(fields, None)
    try:
        row = site_templates.create(current_actor(), fields)
    except ERRORS as error:
        return _form(fields, None, error), 400
    flash("The draft is kept. Submit it when it is ready for a second person.", "success")
    return redirect(url_for("template_desk.version", key=row.key, number=row.version_number), 303)


@template_desk.route("/templates/<key>/<int(max=2147483647):number>/edit", methods=["GET", "POST"])
@requires("template.edit")
def edit(key: str, number: int) -> Any:
    """Change a draft of one's own."""
    row = _version(key, number)
    if request.method == "GET":
        return _form(fields_of(site_templates.template_of(row)), row)
    fields = replace(_typed(request.form), id=key)
    if request.form.get("do") == "check":
        return _check(fields, row)
    try:
        site_templates.save(current_actor(), row, fields, request.form.get("base", "").replace("\r\n", "\n"))
    except ERRORS as error:
        return _form(fields, _version(key, number), error), 400
    flash("Saved.", "success")
    return redirect(url_for("template_desk.version", key=key, number=number), 303)


def _typed(form: MultiDict[str, str]) -> Fields:
    """Return what was typed, lines ending as everywhere else."""
    columns = [form.getlist(f"option_{name}") for name in ("key", "label", "kind", "changes", "shown_when")]
    texts = {name: form.get(name, "") for name in Fields.__dataclass_fields__ if name != "options"}
    plain = {name: text.replace("\r\n", "\n") for name, text in texts.items()}
    options = tuple(OptionFields(*row) for row in zip(*columns, strict=False) if row[1].strip())
    return Fields(**plain, options=options)


def _check(fields: Fields, row: SiteTemplate | None) -> Any:
    """Show the form with what the check says, and keep nothing."""
    try:
        found = read(fields, "draft")
    except TemplateError as error:
        return _form(fields, row, error), 400
    return _form(fields, row, checked=_checked(found))


def _form(
    fields: Fields, row: SiteTemplate | None, error: Exception | None = None, checked: dict[str, Any] | None = None
) -> str:
    spare = () if error else tuple(OptionFields() for _ in range(SPARE))
    text = str(error) if error else ""
    # The message opens with the field; `template: ` only says that it is about the whole.
    return render_template(
        "desk/template_form.html", fields=fields, options=fields.options + (spare or (OptionFields(),) * SPARE),
        row=row, error=text.removeprefix("template: "), conditions=sorted({*clinical.load(), *definition.TOPICS}),
        definition=definition, placeholders=known(), base=row.source if row else "", **(checked or {}),
    )  # fmt: skip


@template_desk.post(
    "/templates/<key>/<int(max=2147483647):number>/<any(submit, approve, return, withdraw, retire):event>"
)
@requires("template.view")
def take_step(key: str, number: int, event: str) -> Any:
    """Take a step in the life of a version; the action itself checks who may."""
    row = _version(key, number)
    try:
        site_templates.take_step(current_actor(), row, event, request.form.get("note", ""))
        flash(DONE[event], "success")
    except ERRORS as error:
        flash(str(error), "error")
    return redirect(url_for("template_desk.version", key=key, number=number), 303)


DONE = {
    "submit": "Submitted. A CDI manager or physician advisor decides.",
    "approve": "Approved. Coders use this version from now on.",
    "return": "Returned to its author.",
    "withdraw": "Withdrawn.",
    "retire": "Retired. Queries already sent keep what they said.",
}


@template_desk.post("/templates/import")
@requires("template.edit")
def take_file() -> Any:
    """Start a draft from a file, or from each in a ZIP; all of them, or none."""
    upload = request.files.get("file")
    content = upload.read(LARGEST_ZIP + 1) if upload else b""
    try:
        if not upload or not content:
            raise site_templates.SiteTemplateError("Choose a template file (.md), or a ZIP of them, first.")
        taken = take_files(current_actor(), unpacked(content, one_line(upload.filename or "the file")[:80]))
    except ERRORS as error:
        flash(f"Nothing was taken in. {error}", "error")
        return redirect(url_for("template_desk.library"), 303)
    drafts = [one for one in taken if one.version]
    if len(taken) == len(drafts) == 1:
        return redirect(url_for("template_desk.version", key=drafts[0].key, number=drafts[0].version), 303)
    flash(f"{len(drafts)} drafts; {len(taken) - len(drafts)} files say what is in force already.", "success")
    return redirect(url_for("template_desk.library"), 303)


@template_desk.post("/templates/<key>/<any(retire, restore):event>")
@requires("template.approve")
def retire(key: str, event: str) -> Any:
    """Offer a template to nobody any more, or again."""
    try:
        if event == "retire":
            retirement.retire(current_actor(), key, request.form.get("reason", ""))
            flash("Retired. It stays readable, and nobody is offered it.", "success")
        else:
            retirement.restore(current_actor(), key)
            flash("Offered again.", "success")
    except ERRORS as error:
        flash(str(error), "error")
    return redirect(url_for("template_desk.template", key=key), 303)


@template_desk.get("/templates/figures")
@requires("insight.view")
def figures() -> Any:
    """Show how each template did in the range of months, version by version."""
    filters, zone = chosen_filters(), ZoneInfo(current_settings().time_zone)
    found = by_version(rows_of(filters, zone), clock.now())
    return render_template(
        "desk/template_figures.html", filters=filters, figures=found, known=site_templates.readable(),
        retired=retirement.retired(),
    )  # fmt: skip


@template_desk.get("/templates.zip")
@requires("template.view")
def export_all() -> Response:
    """Hand out every template in force as a ZIP that `import` takes."""
    content = packed(site_templates.in_force().values())
    headers = {"Content-Disposition": 'attachment; filename="query-templates.zip"'}
    return Response(content, mimetype="application/zip", headers=headers)


@template_desk.get("/templates/<key>.md")
@template_desk.get("/templates/<key>/<int(max=2147483647):number>.md")
@requires("template.view")
def export(key: str, number: int | None = None) -> Response:
    """Hand out a template as the file that `import` takes."""
    source = _version(key, number).source if number else _readable(key).source
    name = f"{key}-{site_templates.version_of(number)}.md" if number else f"{key}.md"
    return Response(
        source, mimetype="text/markdown", headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )
