"""The part of a chart that requirements look at, and what they find in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import NamedTuple

from query_mgr.clinical.requirements.definition import PROVIDER_ROLES, Requirement
from query_mgr.clinical.requirements.measures import ChartFact, Reading, readings

__all__ = ["ChartFact"]

#: documents that only providers write; an unknown author of one counts as a provider
_PROVIDER_DOCUMENTS = (
    "discharge_summary",
    "history_and_physical",
    "progress_note",
    "consult_note",
    "operative_note",
    "emergency_note",
)


class ChartDocument(NamedTuple):
    """One document: `text` is what offsets count in."""

    ref: str
    text: str
    author_role: str
    kind: str
    authored_at: datetime

    def is_by(self, roles: tuple[str, ...]) -> bool:
        """Return whether one of `roles` wrote it; `provider` stands for all who may document a diagnosis."""
        if not roles or self.author_role in roles:
            return True
        of_provider = self.author_role in PROVIDER_ROLES or (
            self.author_role in ("", "other") and self.kind in _PROVIDER_DOCUMENTS
        )
        return "provider" in roles and of_provider


@dataclass(frozen=True)
class ChartContext:
    """One encounter as requirements see it. `codes` are the ICD-10-CM codes assigned or on the problem list.

    documented_codes: those that a provider put there (the problem list); None where all are. A code that a coder
    assigned documents nothing, and a query that names it would lead.
    """

    documents: tuple[ChartDocument, ...] = ()
    facts: tuple[ChartFact, ...] = ()
    codes: tuple[str, ...] = ()
    encounter_class: str = "inpatient"
    admitted_at: datetime | None = None
    discharged_at: datetime | None = None
    documented_codes: tuple[str, ...] | None = None
    sex: str = "unknown"  # female | male | other | unknown
    age_years: float | None = None  # at admission

    @cached_property
    def measured(self) -> Mapping[str, tuple[Reading, ...]]:
        """The readings by key of labs.yaml in its units, oldest first; worked out once."""
        return readings(self.facts)

    @cached_property
    def by_kind(self) -> Mapping[str, tuple[ChartFact, ...]]:
        """The facts by kind, oldest first."""
        found: dict[str, list[ChartFact]] = {}
        for fact in sorted(self.facts, key=lambda one: (one.observed_at, one.ref)):
            found.setdefault(fact.kind, []).append(fact)
        return {kind: tuple(all_of) for kind, all_of in found.items()}

    @cached_property
    def facts_by_ref(self) -> Mapping[str, ChartFact]:
        """The facts by their ref."""
        return {one.ref: one for one in self.facts}

    @cached_property
    def documents_by_ref(self) -> Mapping[str, ChartDocument]:
        """The documents by their ref."""
        return {one.ref: one for one in self.documents}

    @cached_property
    def newest_first(self) -> tuple[ChartDocument, ...]:
        """The documents, newest first."""
        return tuple(sorted(self.documents, key=lambda one: (one.authored_at, one.ref), reverse=True))

    @cached_property
    def all_text(self) -> str:
        """All documents as one text: what is not in it is in none of them."""
        return "\n".join(one.text for one in self.newest_first)


@dataclass(frozen=True)
class Source:
    """Where in the chart something was found. A code has no `ref`.

    Of a document, `text` is the sentence from `start` to `end` (characters), and `term` the words that matched.
    """

    kind: str  # document | fact | code
    ref: str
    text: str
    start: int | None = None
    end: int | None = None
    term: str = ""


@dataclass(frozen=True)
class Evidence:
    """A single requirement that is met, and the sources that meet it (at most eight, newest first)."""

    requirement: Requirement
    sources: tuple[Source, ...]
