"""What a query template is: the dataclasses behind a template file, and the error that explains a bad one."""

from __future__ import annotations

from dataclasses import dataclass

PURPOSES = (
    "specificity",
    "acuity",
    "clinical_validation",
    "poa",
    "cause_effect",
    "conflict",
    "new_condition",
    "procedure",
)
QUERY_TYPES = ("multiple_choice", "yes_no", "open_ended")
#: purposes for which field.md Q13 allows yes/no: they confirm what is documented already
YES_NO_PURPOSES = ("poa", "cause_effect", "clinical_validation", "conflict")
OPTION_KINDS = ("clinical", "other", "undetermined", "not_significant", "ruled_out")
OPERATIONS = ("add", "replace", "remove", "poa")
POA_VALUES = ("Y", "N", "U", "W")
RETENTION_CLASSES = ("legal_record", "business_record")
COMPOSITES = ("all", "any", "none")
FACT_KINDS = ("lab", "vital", "medication", "procedure")
REQUIREMENT_KINDS = (*FACT_KINDS, "mention", "code", "document", "conflict")
COMPARISONS = (">=", ">", "<=", "<", "=", "between", "rise", "ratio", "fall")
ASSERTIONS = ("affirmed", "negated", "uncertain", "historical", "family", "hypothetical")
#: author roles whose statement can establish a diagnosis (guideline I.A.19, I.B.14)
PROVIDER_ROLES = ("attending", "consultant", "resident", "advanced_practice")


class TemplateError(ValueError):
    """A template cannot be used. The message names the file, the line or field, and what to do."""

    def __init__(self, name: str, problem: str, line: int | None = None, field: str = "") -> None:
        self.name, self.line, self.field, self.problem = name, line, field, problem
        place = f"{name}:{line}" if line else name
        super().__init__(f"{place}: {field + ': ' if field else ''}{problem}")


@dataclass(frozen=True)
class Requirement:
    """Something a chart must hold.

    kind: one of REQUIREMENT_KINDS, or a composite of `parts` (all, any, none).
    words: whole words or phrases, in any case; a final * stands for any ending. Of facts they match the name.
    codes: ICD-10-CM prefixes (kind code), else the codes of facts (LOINC, RxNorm ...), matched whole.
    op, threshold, high, units: a comparison of numbers; a value in a unit not listed never matches.
    window_hours: for rise, ratio and fall: how far apart the two readings may be.
    """

    kind: str
    label: str
    parts: tuple[Requirement, ...] = ()
    words: tuple[str, ...] = ()
    excluding: tuple[str, ...] = ()
    value_words: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    by: tuple[str, ...] = ()
    in_documents: tuple[str, ...] = ()
    assertions: tuple[str, ...] = ("affirmed",)
    op: str = ""
    threshold: float = 0.0
    high: float = 0.0
    units: tuple[str, ...] = ()
    window_hours: float = 0.0
    within_hours_of_admission: float = 0.0
    at_least: int = 1
    #: documented | second: which placeholder this requirement's first source fills
    fills: str = ""


@dataclass(frozen=True)
class Change:
    """What accepting an option proposes to the code set. `replaces` are ICD-10-CM prefixes."""

    op: str
    code: str = ""
    replaces: tuple[str, ...] = ()
    poa: str = ""

    def as_json(self) -> dict[str, object]:
        """Return the change as `Query.options` stores it."""
        return {"op": self.op, "code": self.code, "replaces": list(self.replaces), "poa": self.poa}


@dataclass(frozen=True)
class Option:
    """One answer a provider may choose, and on which charts it is fair to offer it."""

    key: str
    label: str
    kind: str
    changes: tuple[Change, ...] = ()
    shown_when: Requirement | None = None

    def as_json(self) -> dict[str, object]:
        """Return the option as `Query.options` stores it."""
        changes = [change.as_json() for change in self.changes]
        return {"key": self.key, "label": self.label, "kind": self.kind, "changes": changes}


@dataclass(frozen=True)
class Template:
    """One query template. `body` and `question` are Jinja2 text whose placeholders are allow-listed."""

    id: str
    version: str
    title: str
    condition: str
    purpose: str
    query_type: str
    when_to_use: str
    requires: Requirement
    unless: tuple[Requirement, ...]
    options: tuple[Option, ...]
    criteria_source: str
    retention_class: str
    #: how the body names the documented condition where only a code says it
    term: str
    body: str
    question: str
    folder: str = ""
    source: str = ""


#: what a template may insert, by name; `placeholders.py` fills them from the chart
PLACEHOLDERS: dict[str, tuple[str, ...]] = {
    "documented": ("term", "by", "on", "source"),
    "second": ("term", "by", "on", "source"),
    "encounter": ("admitted_on", "discharged_on", "kind"),
}
