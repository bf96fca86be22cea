"""The conditions a query can be about: how providers write them, what points to them, and by whose criteria."""

from __future__ import annotations

import functools
import itertools
import logging
import re
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import yaml

from query_mgr.clinical.labs import labs
from query_mgr.clinical.requirements.definition import Requirement
from query_mgr.clinical.requirements.nodes import PlacedError, as_node
from query_mgr.clinical.requirements.schema import requirement
from query_mgr.platform.yamls import LOADER

FOLDER = Path(__file__).parent / "conditions"
OPERATORS = ("<", "<=", ">", ">=")
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")
_CHOICE = re.compile(r"\[([^\[\]]*)\]|\(([^()]*)\)")


@dataclass(frozen=True)
class LabIndicator:
    """A measured value that points to a condition, e.g. creatinine >= 1.5 mg/dL."""

    lab: str  # a key of labs.yaml
    op: str
    value: float
    unit: str


@dataclass(frozen=True)
class Criterion:
    """Criteria in our own words and whose they are. when: the same as data, where a chart can be held to it."""

    text: str
    source: str
    when: Requirement | None = None


@dataclass(frozen=True)
class Condition:
    """A diagnosis of the library.

    kind_of: the id of the wider condition that documentation of this one also documents ("" for none).
    rises: changes of a measured value that point to it, whichever way: a fall shows what it had risen to.
    chronic: whether "history of ..." still documents it, because the condition does not go away.
    not_mentions: phrases that contain a mention and mean something else ("DVT prophylaxis").
    group: the name of its file, such as cardiac.
    """

    id: str
    name: str
    mentions: tuple[str, ...]
    icd10cm: tuple[str, ...]
    axes: tuple[str, ...]
    labs: tuple[LabIndicator, ...]
    words: tuple[str, ...]  # regular expressions over lower-case text
    criteria: tuple[Criterion, ...]
    alternatives: tuple[str, ...]
    kind_of: str = ""
    chronic: bool = False
    not_mentions: tuple[str, ...] = ()
    rises: tuple[LabIndicator, ...] = ()
    group: str = ""


@dataclass(frozen=True)
class Contents:
    """What a folder of condition files holds: the conditions by id, and what is wrong with those that were left out."""

    conditions: Mapping[str, Condition]
    problems: tuple[str, ...]


class _FieldError(ValueError):
    """A field of a condition cannot be used."""

    def __init__(self, field: str, problem: str) -> None:
        self.field = field
        super().__init__(f"field {field!r} {problem}" if field else problem)


def load() -> Mapping[str, Condition]:
    """Return the library by id, read once, without what cannot be used."""
    return _read_once().conditions


def problems() -> tuple[str, ...]:
    """Return what is wrong in the condition files, each with file, line, condition and field."""
    return _read_once().problems


@functools.cache
def _read_once() -> Contents:
    found = read(FOLDER)
    for problem in found.problems:
        logging.getLogger(__name__).error("condition left out: %s", problem)
    return found


def read(folder: Path) -> Contents:
    """Return the conditions of every `*.yaml` in a folder. One that does not fit is left out, and said to be."""
    library: dict[str, Condition] = {}
    wrong: list[str] = []
    places: dict[str, tuple[str, _Lines]] = {}
    for path in sorted(folder.glob("*.yaml")):
        try:
            content, lines = _parsed(path)
        except ValueError as error:
            wrong.append(f"{path.name}: {error}")
            continue
        for key, raw in content.items():
            try:
                if key in places:
                    raise _FieldError("", f"the id is already taken in {places[key][0]}; choose another")
                places[key] = path.name, lines
                library[key] = _condition(str(key), raw, path.stem)
            except _FieldError as error:
                wrong.append(_placed(path.name, lines, key, error))
    for key, condition in list(library.items()):
        try:
            _check_links(condition, places)
        except _FieldError as error:
            wrong.append(_placed(*places[key], key, error))
            del library[key]
    return Contents({key: _without_gaps(one, library) for key, one in library.items()}, tuple(wrong))


#: of each condition's id: the line it starts on, and those of its fields
_Lines = Mapping[str, tuple[int, Mapping[str, int]]]


def _parsed(path: Path) -> tuple[dict[Any, Any], _Lines]:
    """Return a file's content and the lines it stands on. Raises ValueError."""
    loader = LOADER(path.read_text(encoding="utf-8"))
    try:
        node = loader.get_single_node()
        content: Any = loader.construct_document(node) if node else None
    except yaml.MarkedYAMLError as error:
        line = f"line {error.problem_mark.line + 1}: " if error.problem_mark else ""
        raise ValueError(f"{line}is not valid YAML ({error.problem}); check indent and quotes") from None
    except yaml.YAMLError as error:
        raise ValueError(f"is not valid YAML ({error}); check indent and quotes") from None
    finally:
        loader.dispose()
    if not isinstance(node, yaml.MappingNode):
        raise ValueError("must be a mapping of condition id to its fields")
    lines: dict[str, tuple[int, Mapping[str, int]]] = {}
    for key, value in node.value:
        if str(key.value) in lines:
            raise ValueError(f"line {key.start_mark.line + 1}: {key.value} stands twice; choose another id")
        inside = value.value if isinstance(value, yaml.MappingNode) else ()
        fields_at = {str(name.value): name.start_mark.line + 1 for name, _ in inside}
        lines[str(key.value)] = key.start_mark.line + 1, fields_at
    return content, lines


def _placed(file: str, lines: _Lines, key: object, error: _FieldError) -> str:
    """Return an error with its place: the field's line, or the condition's where the field is not there."""
    line, of_fields = lines.get(str(key), (1, {}))
    return f"{file}:{of_fields.get(error.field, line)}: {key}: {error}"


def _without_gaps(condition: Condition, library: Mapping[str, Condition]) -> Condition:
    """Return a condition that names none of those that were left out."""
    there = tuple(other for other in condition.alternatives if other in library)
    wider = condition.kind_of if condition.kind_of in library else ""
    if (there, wider) == (condition.alternatives, condition.kind_of):
        return condition
    return replace(condition, alternatives=there, kind_of=wider)


def expand(pattern: str) -> Iterator[str]:
    """Yield what a mention stands for: `[a|b]` is optional, `(a|b)` is one of them."""
    parts: list[tuple[str, ...]] = []
    at = 0
    for found in _CHOICE.finditer(pattern):
        parts.append((pattern[at : found.start()],))
        optional = found.group(1)
        choices = (optional if optional is not None else found.group(2)).split("|")
        parts.append(tuple(choices) + (("",) if optional is not None else ()))
        at = found.end()
    parts.append((pattern[at:],))
    for words in itertools.product(*parts):
        yield " ".join("".join(words).split())


def _condition(key: str, raw: Any, group: str) -> Condition:
    if not isinstance(raw, dict):
        raise _FieldError("", "must be a mapping of fields")
    known = {field.name for field in fields(Condition)} - {"id", "group"}
    for name in raw:
        if name not in known:
            raise _FieldError(name, f"is not known; one of {', '.join(sorted(known))}")
    name = raw.get("name")
    if not isinstance(name, str) or not name.strip():
        raise _FieldError("name", "must be a text")
    if not isinstance(raw.get("chronic", False), bool):
        raise _FieldError("chronic", "must be true or false")
    mentions = _texts(raw, "mentions", needed=True)
    return Condition(
        id=key,
        name=name,
        mentions=tuple(dict.fromkeys(text for pattern in mentions for text in expand(pattern))),
        icd10cm=_codes(raw),
        axes=_texts(raw, "axes"),
        labs=tuple(_lab("labs", item) for item in _items(raw, "labs")),
        words=_patterns(raw),
        criteria=tuple(_criterion(item) for item in _items(raw, "criteria", needed=True)),
        alternatives=_texts(raw, "alternatives"),
        kind_of=str(raw.get("kind_of", "")),
        chronic=raw.get("chronic", False),
        not_mentions=tuple(text for p in _texts(raw, "not_mentions") for text in expand(p)),
        rises=tuple(_lab("rises", item) for item in _items(raw, "rises")),
        group=group,
    )


def _items(raw: dict[str, Any], name: str, *, needed: bool = False) -> list[Any]:
    value = raw.get(name, [])
    if not isinstance(value, list) or (needed and not value):
        raise _FieldError(name, f"must be a list{' with at least one entry' if needed else ''}")
    return value


def _texts(raw: dict[str, Any], name: str, *, needed: bool = False) -> tuple[str, ...]:
    items = _items(raw, name, needed=needed)
    for item in items:
        if not isinstance(item, str) or not item.strip():
            raise _FieldError(name, f"holds {item!r}, which is not a text; quote it")
    return tuple(items)


def _codes(raw: dict[str, Any]) -> tuple[str, ...]:
    codes = _texts(raw, "icd10cm", needed=True)
    for code in codes:
        if not re.fullmatch(r"[A-Z]\d[0-9A-Z](?:\.[0-9A-Z]{1,4})?", code):
            raise _FieldError("icd10cm", f"holds {code!r}; write a code or category such as N17.9")
    return codes


def _patterns(raw: dict[str, Any]) -> tuple[str, ...]:
    patterns = _texts(raw, "words")
    for pattern in patterns:
        if _CONTROL.search(pattern):
            raise _FieldError("words", f"holds {pattern!r}: write \\\\b, as \\b between quotes is a control sign")
        try:
            re.compile(pattern)
        except re.error as wrong:
            raise _FieldError("words", f"holds {pattern!r}, not a regular expression: {wrong}") from None
    return patterns


def _lab(field: str, item: Any) -> LabIndicator:
    found = re.fullmatch(r"(\S+) (<=|>=|<|>) (-?\d+(?:\.\d+)?) (\S+)", item) if isinstance(item, str) else None
    if not found:
        raise _FieldError(field, f"holds {item!r}; write it as 'creatinine >= 1.5 mg/dL'")
    lab, op, value, unit = found.groups()
    known = labs()
    if lab not in known:
        raise _FieldError(field, f"names {lab!r}; one of {', '.join(sorted(known))}")
    if unit != known[lab].unit:
        raise _FieldError(field, f"gives {lab} in {unit!r}; thresholds are in {known[lab].unit!r}")
    return LabIndicator(lab, op, float(value), unit)


def _criterion(item: Any) -> Criterion:
    if not isinstance(item, dict) or not {"text", "source"} <= set(item) <= {"text", "source", "when"}:
        raise _FieldError("criteria", "needs 'text' and 'source' in every entry, and may have 'when'")
    try:
        when = requirement(as_node(item["when"], "", "when")) if "when" in item else None
    except PlacedError as wrong:
        raise _FieldError("criteria", f"{wrong.field}: {wrong.problem}") from None
    return Criterion(str(item["text"]), str(item["source"]), when)


def _check_links(condition: Condition, known: Container[str]) -> None:
    if condition.kind_of and condition.kind_of not in known:
        raise _FieldError("kind_of", f"names {condition.kind_of!r}, which is no condition")
    for other in condition.alternatives:
        if other not in known:
            raise _FieldError("alternatives", f"names {other!r}, which is no condition")
