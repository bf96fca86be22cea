"""The conditions a query can be about: how providers write them, what points to them, and by whose criteria."""

from __future__ import annotations

import functools
import itertools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import yaml

from query_mgr.clinical.labs import labs
from query_mgr.clinical.requirements.definition import Requirement
from query_mgr.clinical.requirements.nodes import LOADER, as_node
from query_mgr.clinical.requirements.schema import requirement

FOLDER = Path(__file__).parent / "conditions"
OPERATORS = ("<", "<=", ">", ">=")
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


def load() -> Mapping[str, Condition]:
    """Return the library by id, read once.

    Raises ValueError naming file, condition and field where a file does not fit.
    """
    return _load(FOLDER)


@functools.cache
def _load(folder: Path) -> Mapping[str, Condition]:
    return read(folder)


def read(folder: Path) -> Mapping[str, Condition]:
    """Return the conditions of every `*.yaml` in a folder; raises ValueError naming file, condition and field."""
    library: dict[str, Condition] = {}
    places: dict[str, str] = {}
    for path in sorted(folder.glob("*.yaml")):
        content = yaml.load(path.read_text(encoding="utf-8"), Loader=LOADER)  # noqa: S506 (a SafeLoader)
        if not isinstance(content, dict):
            raise ValueError(f"{path.name}: must be a mapping of condition id to its fields")
        for key, raw in content.items():
            place = f"{path.name}: {key}"
            if key in library:
                raise ValueError(f"{place}: the id is already taken in {places[key]}; choose another")
            library[key] = _condition(place, str(key), raw)
            places[key] = path.name
    for key, condition in library.items():
        _check_links(f"{places[key]}: {key}", condition, library)
    return library


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


def _condition(place: str, key: str, raw: Any) -> Condition:
    if not isinstance(raw, dict):
        raise ValueError(f"{place}: must be a mapping of fields")
    known = {field.name for field in fields(Condition)} - {"id"}
    for name in raw:
        if name not in known:
            raise ValueError(f"{place}: field {name!r} is not known; one of {', '.join(sorted(known))}")
    name = raw.get("name")
    if not isinstance(name, str) or not name.strip():
        raise ValueError(f"{place}: field 'name' must be a text")
    if not isinstance(raw.get("chronic", False), bool):
        raise ValueError(f"{place}: field 'chronic' must be true or false")
    mentions = _texts(place, raw, "mentions", needed=True)
    return Condition(
        id=key,
        name=name,
        mentions=tuple(dict.fromkeys(text for pattern in mentions for text in expand(pattern))),
        icd10cm=_codes(place, raw),
        axes=_texts(place, raw, "axes"),
        labs=tuple(_lab(place, item) for item in _items(place, raw, "labs")),
        words=_patterns(place, raw),
        criteria=tuple(_criterion(place, item) for item in _items(place, raw, "criteria", needed=True)),
        alternatives=_texts(place, raw, "alternatives"),
        kind_of=str(raw.get("kind_of", "")),
        chronic=raw.get("chronic", False),
        not_mentions=tuple(text for p in _texts(place, raw, "not_mentions") for text in expand(p)),
        rises=tuple(_lab(place, item) for item in _items(place, raw, "rises")),
    )


def _items(place: str, raw: dict[str, Any], name: str, *, needed: bool = False) -> list[Any]:
    value = raw.get(name, [])
    if not isinstance(value, list) or (needed and not value):
        raise ValueError(f"{place}: field {name!r} must be a list{' with at least one entry' if needed else ''}")
    return value


def _texts(place: str, raw: dict[str, Any], name: str, *, needed: bool = False) -> tuple[str, ...]:
    items = _items(place, raw, name, needed=needed)
    for item in items:
        if not isinstance(item, str) or not item.strip():
            raise ValueError(f"{place}: field {name!r} holds {item!r}, which is not a text; quote it")
    return tuple(items)


def _codes(place: str, raw: dict[str, Any]) -> tuple[str, ...]:
    codes = _texts(place, raw, "icd10cm", needed=True)
    for code in codes:
        if not re.fullmatch(r"[A-Z]\d[0-9A-Z](?:\.[0-9A-Z]{1,4})?", code):
            raise ValueError(f"{place}: field 'icd10cm' holds {code!r}; write a code or category such as N17.9")
    return codes


def _patterns(place: str, raw: dict[str, Any]) -> tuple[str, ...]:
    patterns = _texts(place, raw, "words")
    for pattern in patterns:
        try:
            re.compile(pattern)
        except re.error as wrong:
            raise ValueError(
                f"{place}: field 'words' holds {pattern!r}, not a regular expression: {wrong}"
            ) from None
    return patterns


def _lab(place: str, item: Any) -> LabIndicator:
    found = re.fullmatch(r"(\S+) (<=|>=|<|>) (-?\d+(?:\.\d+)?) (\S+)", item) if isinstance(item, str) else None
    if not found:
        raise ValueError(f"{place}: field 'labs' holds {item!r}; write it as 'creatinine >= 1.5 mg/dL'")
    lab, op, value, unit = found.groups()
    known = labs()
    if lab not in known:
        raise ValueError(f"{place}: field 'labs' names {lab!r}; one of {', '.join(sorted(known))}")
    if unit != known[lab].unit:
        raise ValueError(f"{place}: field 'labs' gives {lab} in {unit!r}; thresholds are in {known[lab].unit!r}")
    return LabIndicator(lab, op, float(value), unit)


def _criterion(place: str, item: Any) -> Criterion:
    if not isinstance(item, dict) or not {"text", "source"} <= set(item) <= {"text", "source", "when"}:
        raise ValueError(
            f"{place}: field 'criteria' needs 'text' and 'source' in every entry, and may have 'when'"
        )
    when = requirement(as_node(item["when"], place, "criteria.when")) if "when" in item else None
    return Criterion(str(item["text"]), str(item["source"]), when)


def _check_links(place: str, condition: Condition, library: Mapping[str, Condition]) -> None:
    if condition.kind_of and condition.kind_of not in library:
        raise ValueError(f"{place}: field 'kind_of' names {condition.kind_of!r}, which is no condition")
    for other in condition.alternatives:
        if other not in library:
            raise ValueError(f"{place}: field 'alternatives' names {other!r}, which is no condition")
