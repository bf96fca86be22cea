"""`flask coding load ...` and `flask coding tables`: what service lines are checked against."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import click
from flask.cli import AppGroup, with_appcontext
from sqlalchemy import func, select

from query_mgr.codes.rows import FileError
from query_mgr.coding.ncci import loader as ncci
from query_mgr.coding.ncci.naming import KINDS, SETTINGS
from query_mgr.coding.payers import files as policies
from query_mgr.coding.payers.models import PayerPolicy
from query_mgr.platform.db import db

load_cli = AppGroup("load", help="Load the tables of the National Correct Coding Initiative, and payer policies.")

_DAY = click.DateTime(formats=["%Y-%m-%d"])
_FILES = click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
_EFFECTIVE = click.option("--effective", type=_DAY, help="The first day it holds, where the name does not say it.")
_LICENCE = click.option(
    "--i-hold-a-licence", "licence", is_flag=True, help="You accepted the AMA's licence for CPT."
)
_FEWER = click.option("--accept-fewer", is_flag=True, help="It rightly has many fewer rows than the one before.")
_DRY_RUN = click.option("--dry-run", is_flag=True, help="Check the files and keep nothing.")


def _setting(*known: str) -> Callable[[Callable[..., None]], Callable[..., None]]:
    return click.option(
        "--setting", type=click.Choice(known), help="Whose claims, where the name does not say it."
    )


def _load_ncci(kind: str, files: tuple[Path, ...], effective: datetime | None, **how: bool | str | None) -> None:
    first_day: date | None = effective.date() if effective else None
    try:
        for one in ncci.load_files(kind, files, effective=first_day, by="cli", **how):  # type: ignore[arg-type]
            whose = f" for {SETTINGS[one.setting]}" if one.setting else ""
            part = f", part {one.part}" if one.part else ""
            note = f" ({one.note})" if one.note else ""
            click.echo(
                f"{KINDS[kind]}{whose}{part}, from {one.effective_from}: {one.rows:,} rows {one.status}{note}"
            )
    except FileError as error:
        raise click.ClickException(f"{error}. Nothing was changed.") from None


@load_cli.command("ncci-ptp")
@_FILES
@_setting("practitioner", "hospital")
@_EFFECTIVE
@_LICENCE
@_FEWER
@_DRY_RUN
def load_pairs(
    files: tuple[Path, ...], setting: str | None, effective: datetime | None, licence: bool, accept_fewer: bool,
    dry_run: bool,
) -> None:  # fmt: skip
    """Load code pairs (ccipra-v... or ccioph-v..., text or Excel): all FILES together, or none."""
    _load_ncci("ptp", files, effective, setting=setting, holds_licence=licence, accept_fewer=accept_fewer,
               dry_run=dry_run)  # fmt: skip


@load_cli.command("ncci-mue")
@_FILES
@_setting(*SETTINGS)
@_EFFECTIVE
@_LICENCE
@_FEWER
@_DRY_RUN
def load_limits(
    files: tuple[Path, ...], setting: str | None, effective: datetime | None, licence: bool, accept_fewer: bool,
    dry_run: bool,
) -> None:  # fmt: skip
    """Load unit limits (MCR_MUE_...Services_Eff_MM-DD-YYYY, CSV or Excel)."""
    _load_ncci("mue", files, effective, setting=setting, holds_licence=licence, accept_fewer=accept_fewer,
               dry_run=dry_run)  # fmt: skip


@load_cli.command("ncci-addon")
@_FILES
@_EFFECTIVE
@_LICENCE
@_FEWER
@_DRY_RUN
def load_addons(
    files: tuple[Path, ...], effective: datetime | None, licence: bool, accept_fewer: bool, dry_run: bool
) -> None:
    """Load add-on codes (AOC_V...-MCR.xlsx, or its sheet as CSV)."""
    _load_ncci("addon", files, effective, holds_licence=licence, accept_fewer=accept_fewer, dry_run=dry_run)


@load_cli.command("policies")
@click.argument("file", type=click.Path(path_type=Path))
@_DRY_RUN
def load_policies(file: Path, dry_run: bool) -> None:
    """Load payer policies from YAML or CSV; one that says something else than before becomes a new version."""
    try:
        found = policies.load_file(file, "cli", dry_run=dry_run)
    except FileError as error:
        raise click.ClickException(f"{error}. Nothing was changed.") from None
    done = " (checked, nothing kept)" if dry_run else ""
    click.echo(f"{found.new} new, {found.changed} changed, {found.unchanged} unchanged{done}")


@load_cli.command("demo-tables")
def load_demo_tables() -> None:
    """Load the made-up demonstration tables and policies, each table where none of its kind is loaded."""
    click.echo(f"{ncci.load_shipped('cli')} made-up rows and {policies.load_shipped('cli').new} policies loaded.")


@click.command("tables")
@with_appcontext
def tables() -> None:
    """List what is loaded of the National Correct Coding Initiative."""
    found = False
    for one in ncci.inventory():
        found = True
        part = f"part {one.part}" if one.part else ""
        sample = "made up for demonstration" if one.is_sample else one.file_name
        click.echo(f"{one.kind:7}{one.setting:14}{one.effective_from} {part:8}{one.row_count:>10,}  {sample}")
    policies = db.session.scalar(select(func.count()).select_from(PayerPolicy))
    if policies:
        click.echo(f"policies: {policies:,} versions")
    if not found:
        click.echo("Nothing is loaded. Load the files of CMS: flask coding load ncci-ptp, ncci-mue, ncci-addon.")
