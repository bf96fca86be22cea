"""`parse`: a template file's text into a `Template`, or an error that says what to do."""

from __future__ import annotations

import re

from query_mgr.clinical.requirements.nodes import Node, split
from query_mgr.clinical.requirements.schema import requirement
from query_mgr.queries.library import definition
from query_mgr.queries.library.definition import Change, Option, Template, TemplateError
from query_mgr.queries.library.placeholders import check_placeholders

_REQUIRED = ("id", "version", "title", "condition", "purpose", "query_type", "when_to_use", "requires")
_FIELDS = (*_REQUIRED, "options", "unless", "criteria_source", "retention_class", "term")
_CODE = re.compile(r"[A-Z][0-9][0-9A-Z](\.[0-9A-Z]{1,4})?")
_KEY = re.compile(r"[a-z][a-z0-9_]{0,39}")


def parse(source: str, name: str) -> Template:
    """Return the template that `source` holds.

    name: the file's name, for messages. Raises TemplateError.
    """
    front, body, first_line = split(source, name)
    field = front.fields(_FIELDS, _REQUIRED)
    context, question = _parts(body, name, first_line)
    options = tuple(_option(node) for node in field["options"].items()) if "options" in field else ()
    template = Template(
        id=_matching(field["id"], _KEY, "lower case letters, digits and _"),
        version=field["version"].text(),
        title=field["title"].text(),
        condition=_matching(field["condition"], _KEY, "a condition's id, such as heart_failure"),
        purpose=field["purpose"].choice(definition.PURPOSES),
        query_type=field["query_type"].choice(definition.QUERY_TYPES),
        when_to_use=field["when_to_use"].text(),
        requires=requirement(field["requires"]),
        unless=tuple(requirement(node) for node in field["unless"].items()) if "unless" in field else (),
        options=options,
        criteria_source=field["criteria_source"].text() if "criteria_source" in field else "",
        retention_class=(
            field["retention_class"].choice(definition.RETENTION_CLASSES)
            if "retention_class" in field
            else "legal_record"
        ),
        term=field["term"].text() if "term" in field else "",
        body=context,
        question=question,
        source=source,
    )
    _check(template, field, front)
    return template


def _parts(body: str, name: str, first_line: int) -> tuple[str, str]:
    """Return the texts under `## Context` and `## Question`, both checked for what they insert."""
    found: dict[str, tuple[int, list[str]]] = {}
    current: list[str] | None = None
    for number, line in enumerate(body.splitlines(), first_line):
        if line.startswith("## "):
            heading = line[3:].strip()
            if heading not in ("Context", "Question") or heading in found:
                raise TemplateError(
                    name, f"heading {heading!r}: use ## Context and ## Question, once each", number
                )
            current = []
            found[heading] = (number + 1, current)
        elif current is not None:
            current.append(line)
        elif line.strip():
            raise TemplateError(name, "text before ## Context; move it below the heading", number)
    texts = []
    for heading in ("Context", "Question"):
        line_number, content = found.get(heading, (first_line, []))
        text = "\n".join(content).strip()
        if not text:
            raise TemplateError(name, f"## {heading} is missing or empty; add it", line_number)
        check_placeholders("\n".join(content), name, line_number)
        texts.append(text)
    return texts[0], texts[1]


def _matching(node: Node, pattern: re.Pattern[str], what: str) -> str:
    if not pattern.fullmatch(node.text()):
        raise node.error(f"{node.text()!r} does not fit; use {what}")
    return node.text()


def _option(node: Node) -> Option:
    field = node.fields(("key", "label", "kind", "changes", "shown_when"), ("key", "label", "kind"))
    return Option(
        key=_matching(field["key"], _KEY, "lower case letters, digits and _"),
        label=field["label"].text(),
        kind=field["kind"].choice(definition.OPTION_KINDS),
        changes=tuple(_change(item) for item in field["changes"].items()) if "changes" in field else (),
        shown_when=requirement(field["shown_when"]) if "shown_when" in field else None,
    )


def _change(node: Node) -> Change:
    field = node.fields(("op", "code", "replaces", "poa"), ("op",))
    op = field["op"].choice(definition.OPERATIONS)
    needed = {
        "add": ("code",),
        "replace": ("code", "replaces"),
        "remove": ("replaces",),
        "poa": ("replaces", "poa"),
    }
    node.fields(("op", "code", "replaces", "poa"), needed[op])
    code = _matching(field["code"], _CODE, "a dotted ICD-10-CM code, such as I50.33") if "code" in field else ""
    poa = field["poa"].choice(definition.POA_VALUES) if "poa" in field else ""
    return Change(op, code, field["replaces"].texts() if "replaces" in field else (), poa)


def _check(template: Template, field: dict[str, Node], front: Node) -> None:
    """Hold the rules that no single field can break (field.md Q10, Q13-Q15)."""
    place = field.get("options", front)
    keys = [option.key for option in template.options]
    if len(set(keys)) < len(keys):
        raise place.error("two options share a key; give each its own")
    kinds = {option.kind for option in template.options}
    if template.query_type != "open_ended":
        for kind, label in (("other", "Other (please specify)"), ("undetermined", "Unable to determine")):
            if not any(option.kind == kind and option.shown_when is None for option in template.options):
                raise place.error(f"an always shown option of kind {kind!r} is missing; add {label!r}")
    if template.query_type == "yes_no" and template.purpose not in definition.YES_NO_PURPOSES:
        raise field["query_type"].error("yes/no may only confirm what is documented; use multiple_choice")
    if template.purpose == "clinical_validation" and "ruled_out" not in kinds:
        raise place.error("a clinical validation query must offer an option of kind 'ruled_out'")
    if len(template.title) > 120:
        raise field["title"].error("is longer than 120 characters; shorten it")
