"""What the lint reads (a draft of a query, as the provider would see it) and what it says (findings)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

QUERY_TYPES = ("multiple_choice", "yes_no", "open_ended")
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
OPTION_KINDS = ("clinical", "other", "undetermined", "not_significant", "ruled_out")
#: what can have become of the place that an indicator was picked from; the words that pages show
SOURCE_STATES = {
    "withdrawn": "withdrawn from the chart since it was picked",
    "changed": "corrected in the chart since it was picked",
}


@dataclass(frozen=True)
class Charted:
    """What the chart holds where an indicator says it stands.

    texts: the place it was picked from; for one typed by hand, the values and notes of its stated time.
    """

    texts: tuple[str, ...]
    is_picked: bool


@dataclass(frozen=True)
class DraftIndicator:
    """A clinical indicator as the query shows it: what, when, where in the chart, by whom.

    charted: None where no chart is at hand. source_state: a key of SOURCE_STATES, "" where its source stands.
    """

    text: str
    observed_at: datetime | None  # None where the draft does not say
    source_label: str
    author_role: str = ""
    scope: str = "current"  # current | prior
    source_kind: str = "fact"  # document | fact | trend
    charted: Charted | None = None
    source_state: str = ""


@dataclass(frozen=True)
class DraftOption:
    """An answer the provider may choose."""

    key: str
    label: str
    kind: str  # one of OPTION_KINDS


@dataclass(frozen=True)
class Identity:
    """What tells who the patient is. numbers: record and account number, birth date in the ways it is written."""

    family_name: str = ""
    given_names: str = ""
    numbers: tuple[str, ...] = ()


@dataclass(frozen=True)
class Draft:
    """A query before it is sent, with what providers have documented in the encounter.

    condition: an id of the clinical library, or "".
    documentation: texts of provider-authored documents and names on the problem list; nothing else documents
    a diagnosis. others: what it holds of others' words in this encounter (nurses, dietitians, reports): findings, which
    document nothing. elsewhere: what it holds of relatives and of other encounters.
    """

    title: str
    body: str
    question: str
    query_type: str  # one of QUERY_TYPES
    purpose: str  # one of PURPOSES
    condition: str = ""
    options: tuple[DraftOption, ...] = ()
    indicators: tuple[DraftIndicator, ...] = ()
    documentation: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    elsewhere: tuple[str, ...] = ()
    admitted_at: datetime | None = None
    discharged_at: datetime | None = None
    identity: Identity = Identity()

    def text_of(self, field: str) -> str:
        """Return the text that spans of `field` count in, as its author wrote it; "" for a list as a whole."""
        name, at = place_of(field)
        if at is None:
            return str(getattr(self, name)) if name in ("title", "body", "question") else ""
        return self.options[at].label if name == "options" else self.indicators[at].text


def place_of(field: str) -> tuple[str, int | None]:
    """Return the list that a finding's field names, and the place in it: ("options", 2) of `options[2]`, else None."""
    name, _, number = field.rstrip("]").partition("[")
    return name, int(number) if number else None


@dataclass(frozen=True)
class Finding:
    """One thing to change. `excerpt` is the text as read, that is after normalisation.

    span: where it stands in the field as written, [start, end); (0, 0) where something is missing.
    """

    rule: str
    severity: str  # error (blocks sending) | warning (needs the author's reason)
    field: str  # title | question | body | options | options[2] | indicators | indicators[0]
    excerpt: str
    message: str
    fix: str
    source: str
    span: tuple[int, int] = (0, 0)


def is_compliant(findings: tuple[Finding, ...]) -> bool:
    """Say whether the query may be sent: no finding is an error."""
    return not any(finding.severity == "error" for finding in findings)
