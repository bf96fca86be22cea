"""A template as the fields of a form, and the file that the fields make. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import yaml

from query_mgr.clinical.requirements.nodes import Node, front_matter, split
from query_mgr.queries.library.definition import Change, Template, TemplateError
from query_mgr.queries.library.schema import parse

_TEXTS = (
    "title",
    "condition",
    "purpose",
    "query_type",
    "when_to_use",
    "criteria_source",
    "retention_class",
    "term",
)
_CHANGES = "add CODE, replace CODE CODE, remove CODE, poa CODE Y|N|U|W; separate several with a semicolon"


@dataclass(frozen=True)
class OptionFields:
    """One answer as it is typed. `changes` is text such as "replace I50.9 I50.21; remove I11.9"."""

    key: str = ""
    label: str = ""
    kind: str = "clinical"
    changes: str = ""
    shown_when: str = ""  # YAML of a requirement


@dataclass(frozen=True)
class Fields:
    """What somebody types to make a template. `requires` and `unless` are YAML lists of requirements."""

    id: str = ""
    title: str = ""
    condition: str = ""
    purpose: str = "specificity"
    query_type: str = "multiple_choice"
    when_to_use: str = ""
    criteria_source: str = ""
    retention_class: str = "legal_record"
    term: str = ""
    requires: str = ""
    unless: str = ""
    body: str = ""
    question: str = ""
    options: tuple[OptionFields, ...] = ()


#: where nobody has typed anything yet: the two answers that every query offers, and one worked requirement
BLANK = Fields(
    requires="- {kind: mention, label: the documented condition, words: [write it here], by: provider, fills: documented}\n",
    body="The record of the stay that began on {{ encounter.admitted_on }} documents {{ documented.term }}.",
    question="Based on your clinical judgment, please clarify the documented {{ documented.term }}.",
    options=(
        OptionFields("other", "Other (please specify)", "other"),
        OptionFields("undetermined", "Unable to determine", "undetermined"),
    ),
)


def fields_of(template: Template) -> Fields:
    """Return a template as the fields of the form. `source` must be the file it was parsed from."""
    front, _, _ = split(template.source, template.id)
    shown = {option.key: option for option in template.options}
    options = tuple(
        OptionFields(
            key := _plain(node)["key"],
            shown[key].label,
            shown[key].kind,
            "; ".join(_change_text(change) for change in shown[key].changes),
            _yaml(node.value["shown_when"]) if "shown_when" in node.value else "",
        )
        for node in (front.value["options"].items() if "options" in front.value else ())
    )
    return Fields(
        id=template.id,
        **{name: getattr(template, name) for name in _TEXTS},
        requires=_yaml(front.value["requires"]),
        unless=_yaml(front.value["unless"]) if "unless" in front.value else "",
        body=template.body,
        question=template.question,
        options=options,
    )


def file_of(fields: Fields, version: str) -> str:
    """Return the template file that the fields make. Raises TemplateError naming the field."""
    front: dict[str, Any] = {"id": fields.id.strip(), "version": version}
    front |= {name: value.strip() for name in _TEXTS if (value := getattr(fields, name)).strip()}
    for name in ("requires", "unless"):
        if text := getattr(fields, name).strip():
            front[name] = _plain(front_matter(text, name))
    options = [_option(one, number) for number, one in enumerate(fields.options, 1) if one.label.strip()]
    front |= {"options": _with_keys(options)} if options else {}
    head = yaml.safe_dump(front, sort_keys=False, allow_unicode=True, width=110, default_flow_style=None)
    return f"---\n{head}---\n## Context\n{_text(fields.body)}\n\n## Question\n{_text(fields.question)}\n"


def read(fields: Fields, version: str) -> Template:
    """Return the template that the fields make. Raises TemplateError naming the field, without line or file."""
    try:
        return parse(file_of(fields, version), "template")
    except TemplateError as error:
        # Lines are those of a file that nobody typed; the field is what the form shows.
        if error.name != "template":  # the YAML of one field, whose lines are those that were typed
            where = f"{error.name}, line {error.line}" if error.line else error.name
        else:
            where = error.field or "template"
        raise TemplateError(where, error.problem) from None


def _option(one: OptionFields, number: int) -> dict[str, Any]:
    made: dict[str, Any] = {"key": one.key.strip(), "label": one.label.strip(), "kind": one.kind}
    if one.changes.strip():
        made["changes"] = [_change(part, number) for part in one.changes.split(";") if part.strip()]
    if one.shown_when.strip():
        made["shown_when"] = _plain(front_matter(one.shown_when, f"answer {number}, offered when"))
    return made


def _with_keys(options: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Give every answer without a key one from its label, so that later wording leaves it the same answer."""
    taken = {one["key"] for one in options}
    for one in options:
        if not one["key"]:
            base = re.sub(r"[^a-z0-9]+", "_", one["label"].lower()).strip("_")[:36]
            base = base if base[:1].isalpha() else f"a_{base}".rstrip("_")
            one["key"] = next(key for n in range(1, 99) if (key := base if n == 1 else f"{base}_{n}") not in taken)
            taken.add(one["key"])
    return options


def _change(text: str, number: int) -> dict[str, Any]:
    match text.split():
        case ["add", code, *poa] if len(poa) < 2:
            made: dict[str, Any] = {"op": "add", "code": code.upper()}
        case ["replace", old, code, *poa] if len(poa) < 2:
            made = {"op": "replace", "code": code.upper(), "replaces": old.upper().split(",")}
        case ["remove", old]:
            made, poa = {"op": "remove", "replaces": old.upper().split(",")}, []
        case ["poa", old, value]:
            made, poa = {"op": "poa", "replaces": old.upper().split(",")}, [value]
        case _:
            raise TemplateError(f"answer {number}", f"{text.strip()[:60]!r} is no code change; write {_CHANGES}")
    return made | ({"poa": poa[0].upper()} if poa else {})


def _change_text(change: Change) -> str:
    words = (change.op, ",".join(change.replaces), change.code, change.poa)
    return " ".join(word for word in words if word)


def _plain(node: Node) -> Any:
    """Return a node as strings, lists and mappings."""
    if isinstance(node.value, list):
        return [_plain(one) for one in node.value]
    if isinstance(node.value, dict):
        return {key: _plain(one) for key, one in node.value.items()}
    return node.value


def _yaml(node: Node) -> str:
    found = _plain(node)
    text: str = yaml.safe_dump(found, sort_keys=False, allow_unicode=True, width=100, default_flow_style=None)
    return text


def _text(text: str) -> str:
    return text.replace("\r\n", "\n").strip()
