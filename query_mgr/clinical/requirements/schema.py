"""From YAML to requirements, or an error that says what to do."""

from __future__ import annotations

from dataclasses import fields as dataclass_fields

from query_mgr.clinical.labs import labs
from query_mgr.clinical.requirements import definition, short
from query_mgr.clinical.requirements.definition import Requirement
from query_mgr.clinical.requirements.nodes import Node

_REQUIREMENT_FIELDS = tuple(
    {"units": "unit"}.get(field.name, field.name)
    for field in dataclass_fields(Requirement)
    if field.name != "parts"
)


def requirement(node: Node) -> Requirement:
    """Return one requirement; a bare list means all of it, a bare line one of the short forms."""
    if isinstance(node.value, str):
        return short.line(node)
    if isinstance(node.value, dict) and len(node.value) == 1 and (key := next(iter(node.value))) in short.WORDED:
        return short.worded(key, node.value[key])
    if isinstance(node.value, list):
        return Requirement("all", "all of these", tuple(requirement(item) for item in node.value))
    composite = [kind for kind in definition.COMPOSITES if isinstance(node.value, dict) and kind in node.value]
    if composite:
        field = node.fields((*definition.COMPOSITES, "label", "at_least"))
        if len(composite) > 1:
            raise node.error(f"has {' and '.join(composite)}; use one, and nest the other inside it")
        parts = tuple(requirement(item) for item in field[composite[0]].items())
        label = field["label"].text() if "label" in field else _composite_label(composite[0], parts)
        count = int(field["at_least"].number()) if "at_least" in field else 1
        if ("at_least" in field) != (composite[0] == "some") or not 1 <= count <= len(parts):
            raise node.error("'some' needs 'at_least' with a number of its parts, and nothing else takes it")
        if composite[0] == "some":
            label = field["label"].text() if "label" in field else f"at least {count} of: {label}"
        return Requirement(composite[0], label, parts, at_least=count)
    return _single(node)


def _composite_label(kind: str, parts: tuple[Requirement, ...]) -> str:
    joined = {"all": " and ", "any": " or ", "some": "; ", "none": " or "}[kind].join(part.label for part in parts)
    return f"none of: {joined}" if kind == "none" else joined


def _single(node: Node) -> Requirement:
    field = node.fields(_REQUIREMENT_FIELDS, ("kind", "label"))
    kind = field["kind"].choice(definition.REQUIREMENT_KINDS)

    def texts(key: str, default: tuple[str, ...] = ()) -> tuple[str, ...]:
        return field[key].texts() if key in field else default

    def number(key: str) -> float:
        return field[key].number() if key in field else 0.0

    found = Requirement(
        kind=kind,
        label=field["label"].text(),
        words=texts("words"),
        excluding=texts("excluding"),
        value_words=texts("value_words"),
        codes=texts("codes"),
        by=texts("by"),
        in_documents=texts("in_documents"),
        assertions=texts("assertions", ("affirmed",)),
        op=field["op"].choice(definition.COMPARISONS) if "op" in field else "",
        threshold=number("threshold"),
        high=number("high"),
        units=tuple("" if unit == "none" else unit for unit in texts("unit")),
        window_hours=number("window_hours"),
        within_hours_of_admission=number("within_hours_of_admission"),
        at_least=int(number("at_least")) or 1,
        lab=field["lab"].choice(tuple(labs())) if "lab" in field else "",
        for_hours=number("for_hours"),
        sex=field["sex"].choice(("female", "male")) if "sex" in field else "",
        age_from=number("age_from"),
        age_to=number("age_to"),
        fills=field["fills"].choice(("documented", "second")) if "fills" in field else "",
    )
    _check_single(found, field, node)
    return found


def _check_single(found: Requirement, field: dict[str, Node], node: Node) -> None:
    needs = {
        "code": "codes",
        "document": "in_documents",
        "mention": "words",
        "conflict": "words",
        "measure": "lab",
    }.get(found.kind)
    if needs and not getattr(found, needs):
        raise node.error(f"kind {found.kind} needs the field {needs!r}")
    if found.kind in definition.FACT_KINDS and not (found.words or found.codes):
        raise node.error(f"kind {found.kind} needs 'words' or 'codes'")
    if found.op and not ("threshold" in field and "unit" in field):
        raise node.error("a comparison needs 'threshold' and 'unit'; readings in other units are not compared")
    if found.op == "between" and found.high <= found.threshold:
        raise node.error("'between' needs 'high' above 'threshold'")
    if found.op in definition.CHANGES and not found.window_hours:
        raise node.error(f"{found.op!r} needs 'window_hours'")
    for role in found.by:
        if role not in (*definition.PROVIDER_ROLES, "provider", "nurse", "dietitian", "therapist", "radiologist"):
            raise field["by"].error(f"{role!r} is not an author role")
    for assertion in found.assertions:
        if assertion not in definition.ASSERTIONS:
            raise field["assertions"].error(f"{assertion!r} is not one of {', '.join(definition.ASSERTIONS)}")
