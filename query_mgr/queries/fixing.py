"""One click mends a finding of a draft."""

from __future__ import annotations

from dataclasses import replace

from query_mgr.accounts.session import Actor
from query_mgr.platform.db import unit_of_work
from query_mgr.queries import drafting
from query_mgr.queries.actions import QueryError
from query_mgr.queries.answers import Answer, complete
from query_mgr.queries.drafting import Words
from query_mgr.queries.lint import Draft, Finding, lint
from query_mgr.queries.lint.draft import place_of
from query_mgr.queries.lint.fixes import Change, applied, changes
from query_mgr.queries.models import Query


def key_of(finding: Finding) -> str:
    """Return a name of the finding that stays the same while its field does."""
    start, end = finding.span
    return f"{finding.rule}:{finding.field}:{start}:{end}"


def fix(actor: Actor, query: Query, key: str) -> Query:
    """Make the change that mends the finding with this key.

    Raises QueryError where the finding is gone or only the author can mend it; as drafting.write does.
    """
    words = drafting.words_of(query)
    draft = drafting.as_linted(query, words)
    findings = lint(draft)
    found = {key_of(one): change for one, change in zip(findings, changes(draft, findings), strict=True)}
    change = found.get(key)
    if change is None:
        raise QueryError("This finding is not there any more; look at the findings again.")
    fixed = applied(draft, change)
    with unit_of_work():
        query = drafting.write(actor, query, words_after(words, fixed))
        if (gone := _taken_off(change)) is not None:
            return drafting.detach(actor, query, query.indicators[gone].id)
        drafting.mark_prior(actor, query, [n for n, one in enumerate(fixed.indicators) if one.scope == "prior"])
    return query


def _taken_off(change: Change) -> int | None:
    """Return the place of the indicator that a change takes off."""
    name, at = place_of(change.field)
    return at if name == "indicators" and not change.text else None


def words_after(words: Words, fixed: Draft) -> Words:
    """Return the words of a draft as a change left them; an answer with other words changes no code any more."""
    known = {one["key"]: one for one in words.options}
    options: list[Answer] = [
        known[one.key]
        if one.key in known and known[one.key]["label"] == one.label
        else {"key": one.key, "label": one.label, "kind": one.kind, "changes": []}
        for one in fixed.options
    ]
    return replace(
        words, title=fixed.title.strip(), body=fixed.body.strip(), question=fixed.question.strip(), query_type=fixed.query_type,
        options=complete(options),
    )  # fmt: skip
