"""What `make run` does before the first page: migrate, load codes, and in demo mode the demo hospital."""

from __future__ import annotations

import click
from flask_migrate import upgrade
from sqlalchemy import select

from query_mgr.accounts.models import User
from query_mgr.codes.loader import load_default
from query_mgr.demo.load import FACT, PIN, DemoError, load_demo
from query_mgr.platform.db import db
from query_mgr.platform.models import installation_fact
from query_mgr.platform.serve import before_serving, greeting
from query_mgr.platform.web import current_settings


def register() -> None:
    """Hook into `flask serve`."""
    before_serving(_prepare)
    greeting(_people)


def _prepare() -> None:
    upgrade()
    load_default()
    if not current_settings().demo:
        if installation_fact(FACT) is not None:
            raise click.ClickException(
                "This database holds the demo hospital; point QUERY_MGR_DATABASE_URL to another."
            )
        return
    if installation_fact(FACT) is None:
        click.echo("Loading the demo hospital (once) ...")
    try:
        load_demo()
    except DemoError as error:
        raise click.ClickException(str(error)) from None
    db.session.remove()


def _people() -> str:
    if not current_settings().demo:
        return ""
    users = db.session.scalars(select(User).order_by(User.id)).all()
    lines = [f"    {', '.join(sorted(user.role_names)):20} {user.name}" for user in users]
    text = "\n".join(
        ["  Demo people (one click on the sign-in page):", *lines, f"  Demo providers answer with PIN {PIN}."]
    )
    db.session.remove()
    return text
