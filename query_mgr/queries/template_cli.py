"""`flask queries templates`: the template library as files."""

from __future__ import annotations

from pathlib import Path

import click
from flask.cli import AppGroup
from sqlalchemy import select

from query_mgr.accounts.models import User
from query_mgr.accounts.permissions import NotAllowedError
from query_mgr.accounts.session import actor_of
from query_mgr.platform.db import db
from query_mgr.queries.library.definition import TemplateError
from query_mgr.queries.site_templates import SiteTemplateError, in_force
from query_mgr.queries.template_files import packed, take_files, unpacked

templates_cli = AppGroup("templates", help="Query templates as files.")


@templates_cli.command("export")
@click.argument("target", type=click.Path(dir_okay=False, path_type=Path))
@click.argument("keys", nargs=-1)
def export(target: Path, keys: tuple[str, ...]) -> None:
    """Write the templates in force, or those of KEYS, to the ZIP file TARGET."""
    known = in_force()
    for key in keys:
        if key not in known:
            raise click.ClickException(f"{key}: no template of this id is in force")
    chosen = [known[key] for key in keys] or list(known.values())
    target.write_bytes(packed(chosen))
    click.echo(f"{len(chosen)} templates in {target}")


@templates_cli.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--as", "email", required=True, help="Whose drafts they become; a second person approves them.")
def import_(file: Path, email: str) -> None:
    """Start a draft from the template FILE (.md), or from each in a ZIP; all of them, or none."""
    user = db.session.scalar(select(User).where(User.email == email, User.active))
    if user is None:
        raise click.ClickException(f"{email}: nobody signs in with this address")
    actor = actor_of(user)
    try:
        for one in take_files(actor, unpacked(file.read_bytes(), file.name)):
            click.echo(f"{one.name}: " + (f"draft {one.version}" if one.version else "unchanged"))
    except (TemplateError, SiteTemplateError, NotAllowedError) as error:
        raise click.ClickException(f"nothing was taken in: {error}") from None
