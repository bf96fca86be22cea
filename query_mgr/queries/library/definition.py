"""What a query template is: the dataclasses behind a template file."""

from __future__ import annotations

from dataclasses import dataclass

from query_mgr.clinical.requirements.definition import Requirement
from query_mgr.clinical.requirements.nodes import PlacedError as TemplateError

__all__ = ["TemplateError"]

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

#: what a template may be about besides a condition of the library: a matter of documentation, whatever the condition
TOPICS = {
    "abbreviation_meaning": "an abbreviation with several meanings",
    "conflicting_documentation": "notes that say different things",
    "consultant_only_diagnosis": "a diagnosis that only a consultant wrote",
    "current_or_past_condition": "a condition that may be current or past",
    "discharge_summary_omission": "a diagnosis that the discharge summary leaves out",
    "early_diagnosis_not_carried": "a diagnosis of the first days that later notes leave out",
    "imaging_finding_significance": "what an imaging finding means for the patient",
    "present_on_admission_unclear": "whether a condition was present on admission",
    "treatment_without_diagnosis": "what a treatment is given for",
}


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
