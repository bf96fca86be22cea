"""What is wrong in the condition and template files that ship; the rest of them is used."""

from __future__ import annotations

import click

from query_mgr.clinical import library as conditions
from query_mgr.platform.serve import before_serving
from query_mgr.queries.library import files


def register() -> None:
    """Hook into `flask serve`."""
    before_serving(_say)


def problems() -> tuple[str, ...]:
    """Return each problem with its file, line and field, and what to do."""
    return (
        *(f"query_mgr/clinical/conditions/{one}" for one in conditions.problems()),
        *(f"templates/query_templates/{one}" for one in files.problems()),
    )


def _say() -> None:
    for problem in problems():
        click.echo(f"Left out: {problem}", err=True)
