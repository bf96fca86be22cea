"""Load payer policies from a YAML or CSV file: all of it in one transaction, or none."""

from __future__ import annotations

import csv
import io
from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from query_mgr.codes.rows import FileError
from query_mgr.coding.ncci.sheet import decoded
from query_mgr.coding.payers import store
from query_mgr.coding.payers.models import Payer
from query_mgr.coding.payers.terms import PolicyError
from query_mgr.platform.db import rehearsal, unit_of_work

_LARGEST = 8 << 20  # bytes
_MOST = 5_000
_SHIPPED = Path(__file__).parent / "shipped" / "example_policies.yaml"
_PAYER_FIELDS = {"key", "name", "also_called", "is_example"}
_NESTED = {"frequency": {"count", "days"}, "ages": {"from", "to"}}


@dataclass(frozen=True)
class LoadedPolicies:
    """How many policies of a file are new, changed into a new version, or as they were."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0


def load_file(path: Path, by: str = "system", *, dry_run: bool = False) -> LoadedPolicies:
    """Load the policies of a file. Raises FileError with file, line or policy, and field."""
    counts = {"new": 0, "changed": 0, "unchanged": 0}
    try:
        text = _text(path)
        with rehearsal() if dry_run else unit_of_work():
            known, seen = dict[str, Payer](), set[tuple[str, str]]()
            for where, raw in _policies(path, text, known):
                try:
                    draft = store.draft_of(raw)
                    if (draft.payer, draft.number) in seen:
                        raise PolicyError(f"number: {draft.number} of {draft.payer} comes twice in the file")
                    seen.add((draft.payer, draft.number))
                    payer = known.get(draft.payer) or store.keep_payer(
                        draft.payer, str(raw.get("payer_name") or "")
                    )
                    counts[store.keep(draft, payer, by, note=f"loaded from {path.name}")[1]] += 1
                except PolicyError as error:
                    raise FileError(f"{where}: {error}") from None
            if not seen:
                raise FileError("holds no policy")
    except FileError as error:
        raise FileError(f"{path.name}: {error}") from None
    return LoadedPolicies(**counts)


def load_shipped(by: str = "system") -> LoadedPolicies:
    """Load the made-up example policies of made-up payers."""
    return load_file(_SHIPPED, by)


def _text(path: Path) -> str:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise FileError(f"cannot be read ({error.strerror})") from None
    if len(content) > _LARGEST:
        raise FileError(f"is larger than {_LARGEST >> 20} MB; split it")
    if content[:2] == b"PK":
        raise FileError("a ZIP or Excel file is not read; save it as CSV")
    return decoded(content, 1)


def _policies(path: Path, text: str, known: dict[str, Payer]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield where each policy stands and what it says; fill `known` with the payers that the file describes."""
    entries = _yaml(text, known) if path.suffix.lower() in (".yaml", ".yml") else _csv(text)
    for count, found in enumerate(entries, start=1):
        if count > _MOST:
            raise FileError(f"holds more than {_MOST:,} policies; split it")
        yield found


class _Loader(yaml.SafeLoader):
    """Plain YAML: no references, which can swell, and no key twice, of which one would be lost."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.AliasEvent):
            event = self.peek_event()  # type: ignore[no-untyped-call]
            raise yaml.MarkedYAMLError(
                None, None, "references (*name) are not read; write it out", event.start_mark
            )
        return super().compose_node(parent, index)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen = set[Any]()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode) and key.value in seen:
                raise yaml.MarkedYAMLError(None, None, f"the key {key.value!r} comes twice", key.start_mark)
            if isinstance(key, yaml.ScalarNode):
                seen.add(key.value)
        return super().construct_mapping(node, deep)


def _yaml(text: str, known: dict[str, Payer]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    try:
        content = yaml.load(text, Loader=_Loader)  # noqa: S506 (a SafeLoader)
    except yaml.MarkedYAMLError as error:
        raise FileError(str(error.problem), (error.problem_mark.line + 1) if error.problem_mark else 0) from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise FileError(f"is not valid YAML ({type(error).__name__})") from None
    if not isinstance(content, dict) or content.keys() - {"payers", "policies"}:
        raise FileError("write the lists `payers:` and `policies:`, and nothing else")
    for raw in _list(content, "payers"):
        try:
            key = store.payer_key(raw.get("key"))
        except PolicyError as error:
            raise FileError(str(error)) from None
        _only(raw, _PAYER_FIELDS, f"payer {key}")
        names = raw.get("also_called") or []
        if not isinstance(names, list) or not str(raw.get("name") or "").strip():
            raise FileError(f"payer {key}: say its name, and also_called as a list")
        known[key] = store.keep_payer(
            key, str(raw["name"]), map(str, names), is_example=raw.get("is_example") is True
        )
    for count, raw in enumerate(_list(content, "policies"), start=1):
        where = f"policy {count} ({str(raw.get('number') or 'without number')[:40]})"
        _only(raw, {*store.FIELDS, "payer_name", *_NESTED}, where)
        for name, parts in _NESTED.items():
            if isinstance(raw.get(name), dict):
                _only(raw[name], parts, f"{where}: {name}")
        yield where, raw


def _list(content: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    found = content.get(name) or []
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise FileError(f"`{name}:` must be a list of entries with named fields")
    return found


def _only(raw: Mapping[Any, Any], fields: set[str], where: str) -> None:
    unknown = sorted(str(name) for name in raw if name not in fields)
    if unknown:
        raise FileError(f"{where}: no field {unknown[0][:40]!r}; known are {', '.join(sorted(fields))}")


def _csv(text: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    if not text.strip():
        raise FileError("the file is empty")
    first = text.split("\n", 1)[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=first.count), strict=True)
    try:
        heading = [cell.strip().lower() for cell in next(reader)]
        _check_heading(heading)
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) != len(heading):
                raise FileError(f"has {len(cells)} cells, the heading {len(heading)}", reader.line_num)
            wrong = next((cell for cell in cells if cell.lstrip().startswith(("=", "+", "@"))), None)
            if wrong is not None:
                raise FileError(f"{wrong[:20]!r} is a formula; write values", reader.line_num)
            yield f"line {reader.line_num}", dict(zip(heading, cells, strict=True))
    except csv.Error as error:
        raise FileError(f"is not valid CSV ({error})", reader.line_num) from None


def _check_heading(heading: list[str]) -> None:
    known = {*store.FIELDS, "payer_name"}
    unknown = [name for name in heading if name not in known]
    if unknown:
        raise FileError(f"no column {unknown[0][:40]!r} is known; known are {', '.join(sorted(known))}", 1)
    twice = next((name for name in heading if heading.count(name) > 1), None)
    if twice is not None:
        raise FileError(f"the column {twice!r} comes twice", 1)
    missing = [name for name in ("payer", "number", "title", "effective_from", "codes", "citation", "text")
               if name not in heading]  # fmt: skip
    if missing:
        raise FileError(f"the column {missing[0]!r} is missing", 1)
