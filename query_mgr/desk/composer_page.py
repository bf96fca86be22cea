"""What the composer shows of a draft: its words, what the compliance check says of each field, and its answers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from query_mgr.accounts.models import Provider
from query_mgr.accounts.session import current_actor
from query_mgr.queries import compose, drafting
from query_mgr.queries.answers import Answer, is_fixed
from query_mgr.queries.drafting import LastChange, Words
from query_mgr.queries.edition import edition_in_force
from query_mgr.queries.fixing import key_of
from query_mgr.queries.lint import RULES, Draft, Finding, lint
from query_mgr.queries.lint.draft import place_of
from query_mgr.queries.lint.fixes import changes
from query_mgr.queries.models import Query
from query_mgr.queries.repeats import notices_of

#: field -> what the page calls it, in the page's order
FIELDS = {
    "indicators": "Clinical indicators",
    "title": "Title",
    "body": "What the record says",
    "question": "Question",
    "options": "Answers",
}
_TITLES = {rule.id: rule.title for rule in RULES}
_AROUND = 50  # characters shown on either side of the words that a finding is about


@dataclass(frozen=True)
class Shown:
    """A finding beside its field. before, words, after: the place it is about; words is "" where something is missing.

    key: names the finding among those of the draft; what: the change that one click makes, "" where only the author can.
    """

    finding: Finding
    rule: str
    before: str
    words: str
    after: str
    key: str
    what: str


@dataclass(frozen=True)
class Conflict:
    """Somebody changed the draft meanwhile. stored: their words, by what the page calls the field."""

    who: LastChange | None
    stored: dict[str, str]
    mark: str


@dataclass(frozen=True)
class Check:
    """What the compliance check says: findings by field, and how many block sending or want a reason."""

    by_field: dict[str, list[Shown]] = field(default_factory=dict)
    errors: int = 0
    warnings: int = 0


def check(draft: Draft) -> Check:
    """Return what the compliance check says of a draft."""
    findings = lint(draft, edition_in_force())
    by_field: dict[str, list[Shown]] = {name: [] for name in FIELDS}
    for one, change in zip(findings, changes(draft, findings), strict=True):
        by_field[place_of(one.field)[0]].append(_shown(one, draft, change.what if change else ""))
    errors = sum(one.severity == "error" for one in findings)
    return Check(by_field, errors, len(findings) - errors)


def _shown(finding: Finding, draft: Draft, what: str) -> Shown:
    text, (start, end) = draft.text_of(finding.field), finding.span
    before, after = text[max(0, start - _AROUND) : start], text[end : end + _AROUND]
    if start > _AROUND:
        before = "… " + before.partition(" ")[2]
    if end + _AROUND < len(text):
        after = after.rpartition(" ")[0] + " …"
    return Shown(finding, _TITLES[finding.rule], before, text[start:end], after, key_of(finding), what)


@dataclass(frozen=True)
class AnswerRow:
    """An answer that is offered or may be."""

    answer: Answer
    is_offered: bool
    is_fixed: bool


def answer_rows(words: Words, known: Sequence[Answer]) -> list[AnswerRow]:
    """Return the answers that are offered, and those that may come back."""
    offered = {one["key"]: one for one in words.options}
    rows = {one["key"]: offered.get(one["key"], one) for one in [*known, *words.options]}
    return [AnswerRow(one, key in offered, is_fixed(one, rows.values())) for key, one in rows.items()]


def said(query: Query, words: Words, **more: Any) -> dict[str, Any]:
    """Return what is said of a draft: what lint and guard find. Cheap: it answers while somebody types."""
    return {
        "query": query,
        "words": words,
        "fields": FIELDS,
        "check": check(drafting.as_linted(query, words)),
        "notices": notices_of(query),
        "seen": drafting.words_of(query).mark,
        "error": "",
        "conflict": None,
    } | more


def everything(query: Query, words: Words, people: Sequence[Provider], **more: Any) -> dict[str, Any]:
    """Return all that the draft's side of the page shows."""
    rows = answer_rows(words, compose.known_answers(query))
    return said(query, words, **more) | {"answers": rows, "people": people}


def conflict(query: Query, mine: Words, people: Iterable[Provider]) -> Conflict:
    """Return what somebody else wrote where it differs from `mine`."""
    theirs = drafting.words_of(query)
    names = {one.id: one.signature_name for one in people}
    told = {
        "To": (names.get(mine.provider_id, ""), names.get(theirs.provider_id, "")),
        **{FIELDS[name]: (getattr(mine, name), getattr(theirs, name)) for name in ("title", "body", "question")},
        FIELDS["options"]: (_labels(mine), _labels(theirs)),
        "Reasons": (_reasons(mine), _reasons(theirs)),
    }
    stored = {name: their or "(empty)" for name, (my, their) in told.items() if my != their}
    return Conflict(drafting.last_change(query, current_actor()), stored, theirs.mark)


def _reasons(words: Words) -> str:
    return "\n".join(filter(None, (words.override_reason, words.repeat_reason)))


def _labels(words: Words) -> str:
    return "\n".join(one["label"] for one in words.options)
