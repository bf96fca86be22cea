"""YAML as plain values that remember their file, line and field: strings, lists and mappings only."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

import yaml

from query_mgr.platform.yamls import LOADER

_MAX_SOURCE = 64 * 1024
_DEEPEST = 30


class PlacedError(ValueError):
    """A file cannot be used. The message names the file, the line or field, and what to do."""

    def __init__(self, name: str, problem: str, line: int | None = None, field: str = "") -> None:
        self.name, self.line, self.field, self.problem = name, line, field, problem
        place = f"{name}:{line}" if line else name
        super().__init__(f"{place}: {field + ': ' if field else ''}{problem}")


@dataclass(frozen=True)
class Node:
    """A YAML value with its place. `value` is str, list[Node] or dict[str, Node]; nothing is guessed from text,
    so `Yes`, `1.0` and `on` stay what the author wrote."""

    value: Any
    line: int
    file: str
    field: str

    def error(self, problem: str) -> PlacedError:
        """Return the error that names this place."""
        return PlacedError(self.file, problem, self.line, self.field)

    def text(self) -> str:
        """Return a non-empty string."""
        if not isinstance(self.value, str) or not self.value.strip():
            raise self.error("must be text; write a value after the colon")
        if "\x00" in self.value:
            raise self.error("contains a NUL character; type it again without")
        return self.value.strip()

    def choice(self, allowed: tuple[str, ...]) -> str:
        """Return a string that is one of `allowed`."""
        if (found := self.text()) not in allowed:
            raise self.error(f"{found!r} is not known; use one of: {', '.join(allowed)}")
        return found

    def number(self) -> float:
        """Return a finite number."""
        try:
            found = float(self.text())
        except ValueError:
            raise self.error(f"{self.value!r} is not a number; write digits without a unit") from None
        if found != found or abs(found) == float("inf"):
            raise self.error("must be a finite number")
        return found

    def items(self) -> list[Node]:
        """Return the members of a list; a single value counts as a list of one."""
        if isinstance(self.value, list):
            return self.value
        return [self]

    def texts(self) -> tuple[str, ...]:
        """Return a list of strings."""
        return tuple(item.text() for item in self.items())

    def fields(self, allowed: tuple[str, ...], required: tuple[str, ...] = ()) -> dict[str, Node]:
        """Return a mapping whose keys are all known and which lacks no required one."""
        if not isinstance(self.value, dict):
            raise self.error("must be a list of `name: value` fields")
        for key, node in self.value.items():
            if key not in allowed:
                near = get_close_matches(key, allowed, 1)
                hint = f"did you mean {near[0]!r}?" if near else f"use: {', '.join(allowed)}"
                raise node.error(f"unknown field {key!r}; {hint}")
        for key in required:
            if key not in self.value:
                raise self.error(f"field {key!r} is missing; add it")
        found: dict[str, Node] = self.value
        return found


def as_node(value: object, file: str, field: str) -> Node:
    """Return values that a YAML reader made already as nodes without lines; numbers become text again."""
    if isinstance(value, list):
        return Node([as_node(one, file, f"{field}[{n}]") for n, one in enumerate(value, 1)], 0, file, field)
    if isinstance(value, dict):
        return Node({str(key): as_node(one, file, f"{field}.{key}") for key, one in value.items()}, 0, file, field)
    return Node(str(value), 0, file, field)


def split(source: str, name: str) -> tuple[Node, str, int]:
    """Return the front matter, the body, and the number of the body's first line."""
    if len(source) > _MAX_SOURCE:
        raise PlacedError(name, f"is longer than {_MAX_SOURCE} characters; shorten it")
    if "\x00" in source:
        line = source[: source.index("\x00")].count("\n") + 1
        raise PlacedError(name, "contains a NUL character; type it again without", line)
    lines = source.splitlines()
    if not lines or lines[0].strip() != "---":
        raise PlacedError(name, "front matter is missing; start the file with a line of three dashes", 1)
    ends = [number for number, line in enumerate(lines[1:], 1) if line.strip() == "---"]
    if not ends:
        raise PlacedError(name, "front matter has no end; close it with a line of three dashes", len(lines))
    front = "\n".join(["", *lines[1 : ends[0]]])  # the empty line keeps line numbers those of the file
    return front_matter(front, name), "\n".join(lines[ends[0] + 1 :]), ends[0] + 2


def front_matter(text: str, name: str) -> Node:
    """Return YAML text as nodes. Raises PlacedError naming the line."""
    if len(text) > _MAX_SOURCE:
        raise PlacedError(name, f"is longer than {_MAX_SOURCE} characters; shorten it")
    try:
        try:
            return _read(text, name, LOADER)
        except yaml.YAMLError:  # the slow reader says better where and what
            return _read(text, name, yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else None
        raise PlacedError(name, f"is not valid YAML ({error.problem}); check indent and quotes", line) from None
    except yaml.YAMLError as error:
        raise PlacedError(name, f"is not valid YAML ({type(error).__name__}); check the front matter") from None


def _read(text: str, name: str, loader: Any) -> Node:
    _check_events(text, name, loader)
    root = yaml.compose(text, Loader=loader)
    if root is None:
        raise PlacedError(name, "front matter is empty; add at least `id:`", 1)
    return _node(root, name, "")


def _check_events(text: str, name: str, loader: Any) -> None:
    """Refuse what makes a small file expensive to read: aliases and deep nesting."""
    depth = 0
    for event in yaml.parse(text, Loader=loader):
        line = event.start_mark.line + 1 if event.start_mark else None
        if isinstance(event, yaml.AliasEvent):
            raise PlacedError(name, "YAML aliases (*name) are not allowed; write the value out", line)
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > _DEEPEST:
            raise PlacedError(name, f"nests deeper than {_DEEPEST} levels; make it flatter", line)


def _node(node: yaml.Node, name: str, field: str) -> Node:
    line = node.start_mark.line + 1
    if isinstance(node, yaml.ScalarNode):
        return Node(node.value, line, name, field)
    if isinstance(node, yaml.SequenceNode):
        return Node(
            [_node(item, name, f"{field}[{n}]") for n, item in enumerate(node.value, 1)], line, name, field
        )
    found: dict[str, Node] = {}
    for key, value in node.value:
        if not isinstance(key, yaml.ScalarNode):
            raise PlacedError(name, "a field's name must be plain text", key.start_mark.line + 1, field)
        inner = f"{field}.{key.value}" if field else key.value
        if key.value in found:
            raise PlacedError(name, "field appears twice; keep one", key.start_mark.line + 1, inner)
        found[key.value] = _node(value, name, inner)
    return Node(found, line, name, field)
