"""`python -m query_mgr.queries.library`: names what is wrong in the condition and template files that ship."""

from __future__ import annotations

import sys

import click

from query_mgr.queries.library.problems import problems

if __name__ == "__main__":
    for problem in problems():
        click.echo(problem, err=True)
    sys.exit(1 if problems() else 0)
