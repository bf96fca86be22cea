"""`flask audit verify`."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from query_mgr.audit import actions

audit_cli = AppGroup("audit", help="Check who did what.")


@audit_cli.command("verify")
def verify() -> None:
    """Recompute the chain of audit events; exit 1 and name the row where it breaks."""
    count, found = actions.verify()
    if found:
        click.echo(f"audit chain broken at row {found.seq}: {found.reason}", err=True)
        raise SystemExit(1)
    click.echo(f"audit chain intact: {count} events")
