"""What an edit is, what it finds, and how severe that may be. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from query_mgr.coding.scrub.case import Case, Diagnosis, Procedure, Service

GUIDELINES = "ICD-10-CM Official Guidelines for Coding and Reporting"
MCE = "CMS, Definitions of Medicare Code Edits"


@dataclass(frozen=True)
class Severity:
    """What a finding of this weight does to the encounter."""

    name: str
    blocks: bool  # the encounter cannot be made final while it stands
    may_be_overridden: bool  # with a reason, which is kept


SEVERITIES = {
    "error": Severity("Must be fixed", blocks=True, may_be_overridden=False),
    "warning": Severity("Fix it, or say why not", blocks=True, may_be_overridden=True),
    "advice": Severity("Worth a look", blocks=False, may_be_overridden=True),
}

#: where a finding is put right -> the words of its link
PLACES = {
    "code": "Go to the code",
    "poa": "Set the POA indicator",
    "evidence": "Link its documentation",
    "line": "Go to the service line",
    "sequence": "Change the order",
    "add": "Add a code",
    "stay": "Check the stay's details",
    "chart": "Open the passage",
    "query": "Open the query",
    "policy": "Read the policy",
}

Line = Diagnosis | Procedure | Service


@dataclass(frozen=True)
class Hit:
    """One thing that a check found. `at` is the ref of the line (or document, query, policy) that `place` leads to."""

    codes: tuple[str, ...]
    message: str
    place: str = "code"
    at: str = ""
    #: tells findings of one edit on the same codes apart, such as two service lines
    mark: str = ""
    #: a passage of the document `at`, where `place` is chart
    start: int | None = None
    end: int | None = None


@dataclass(frozen=True)
class Edit:
    """One edit, one row. `check` yields a Hit for everything it finds; `fix` says in a sentence what to do.

    source: the official rule with its section. kinds: encounters it applies to, all where empty.
    """

    id: str
    title: str
    severity: str  # a key of SEVERITIES
    source: str
    check: Callable[[Case], Iterable[Hit]]
    fix: str
    kinds: frozenset[str] = field(default_factory=frozenset)

    def __post_init__(self) -> None:
        """Refuse a row that the tables above do not know. Raises KeyError."""
        SEVERITIES[self.severity]


@dataclass(frozen=True)
class Finding:
    """A hit with what its edit says of it. `key` is the same each time the same thing is found."""

    edit: str
    title: str
    severity: str
    codes: tuple[str, ...]
    message: str
    fix: str
    source: str
    place: str
    at: str
    start: int | None = None
    end: int | None = None
    mark: str = ""

    @property
    def key(self) -> str:
        """What tells this finding from others of the encounter."""
        return "|".join((self.edit, *sorted(self.codes), self.mark))[:200]


INPATIENT = frozenset({"inpatient"})
OUTPATIENT = frozenset({"emergency", "observation", "ambulatory", "other"})


def run(case: Case, edits: Sequence[Edit]) -> tuple[Finding, ...]:
    """Return what `edits` find in `case`, the most severe first, else in the order of the edits."""
    found = [
        Finding(edit.id, edit.title, edit.severity, hit.codes, hit.message, edit.fix, edit.source, hit.place,
                hit.at, hit.start, hit.end, hit.mark)
        for edit in edits
        if not edit.kinds or case.kind in edit.kinds
        for hit in edit.check(case)
    ]  # fmt: skip
    order = list(SEVERITIES)
    return tuple(sorted(found, key=lambda one: order.index(one.severity)))


def hit(line: Line, message: str, place: str = "", *others: str) -> Hit:
    """Return a hit on one line; `others` are further codes that it is about."""
    where = place or ("line" if isinstance(line, Service) else "code")
    mark = line.ref if isinstance(line, Service) else ""
    return Hit((line.code, *others), message, where, line.ref, mark)
