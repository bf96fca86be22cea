"""Jinja2 with everything taken away but `{{ allowed.name }}`."""

from __future__ import annotations

from jinja2 import StrictUndefined, nodes
from jinja2.exceptions import TemplateSyntaxError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from query_mgr.queries.library.definition import PLACEHOLDERS, TemplateError


def environment() -> ImmutableSandboxedEnvironment:
    """Return an environment without loader, filters, tests and globals."""
    # Not HTML: the text goes into drafts, mails and PDFs; pages escape it when they show it.
    found = ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=False)
    found.globals.clear()
    found.filters.clear()
    found.tests.clear()
    return found


def known() -> tuple[str, ...]:
    """Return the names a template may insert, such as `documented.term`."""
    return tuple(f"{group}.{name}" for group, names in PLACEHOLDERS.items() for name in names)


def check_placeholders(text: str, name: str, first_line: int = 1) -> None:
    """Refuse everything but plain text and known placeholders. Raises TemplateError naming the line."""
    try:
        tree = environment().parse(text)
    except TemplateSyntaxError as error:
        problem = f"{error.message}; only placeholders like {{{{ documented.term }}}} are allowed"
        raise TemplateError(name, problem, first_line + error.lineno - 1) from None
    except RecursionError:
        raise TemplateError(name, "nests too deep; only placeholders are allowed", first_line) from None
    for statement in tree.body:
        parts = statement.nodes if isinstance(statement, nodes.Output) else [statement]
        for part in parts:
            if not isinstance(part, nodes.TemplateData) and _name(part) not in known():
                problem = (
                    f"{_name(part) or 'this expression'} may not be inserted; use one of: {', '.join(known())}"
                )
                raise TemplateError(name, problem, first_line + part.lineno - 1)


def _name(node: nodes.Node) -> str:
    """Return `group.name` of a placeholder, or "" for anything else."""
    if isinstance(node, nodes.Getattr) and isinstance(node.node, nodes.Name):
        return f"{node.node.name}.{node.attr}"
    return node.name if isinstance(node, nodes.Name) else ""
