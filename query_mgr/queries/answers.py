"""Which answers a query offers: what may be taken off, and what may not. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from query_mgr.platform.text import one_line
from query_mgr.queries.lint import Draft, DraftOption
from query_mgr.queries.lint.reading import Reading

Answer = dict[str, Any]  # as `Query.options` stores it

LONGEST_LABEL = 200
#: kind -> the answer that every choice offers (ACDIS/AHIMA 2022, multiple choice and yes/no; Q10, Q14)
ALWAYS = {
    "other": {"key": "other", "label": "Other (please specify)", "kind": "other", "changes": []},
    "undetermined": {"key": "undetermined", "label": "Unable to determine", "kind": "undetermined", "changes": []},
}


class AnswersError(ValueError):
    """Such a set of answers must not be offered; the message says why, and what to do."""


def is_fixed(answer: Answer, among: Iterable[Answer]) -> bool:
    """Return whether the answer cannot be taken off: it is the only one of a kind that every choice offers."""
    return answer["kind"] in ALWAYS and sum(one["kind"] == answer["kind"] for one in among) == 1


def offered(known: Sequence[Answer], keep: Collection[str], added: str = "") -> tuple[Answer, ...]:
    """Return the answers with a key in `keep`, one more where `added` is a label, and those that every choice offers.

    known: the answers offered until now, and what may come back. Raises AnswersError where that would leave no answer
    but "Other" and "Unable to determine", or for a label that is there already or too long.
    """
    wanted = {one["key"] for one in known if one["key"] in keep}
    for kind in ALWAYS:
        same = [one["key"] for one in known if one["kind"] == kind]
        if same and wanted.isdisjoint(same):
            wanted.add(same[0])
    kept = [one for one in known if one["key"] in wanted]
    label = one_line(added)
    if label:
        kept = with_label(kept, label, known)
    if (known or kept) and all(one["kind"] in ALWAYS for one in kept):
        raise AnswersError(
            "Keep at least one answer besides “Other” and “Unable to determine”: those two alone ask nothing."
        )
    return complete(kept)


def with_label(kept: Sequence[Answer], label: str, known: Sequence[Answer] = ()) -> list[Answer]:
    """Return `kept` with an answer that the author wrote, before those that every choice offers.

    One that the template offers under this label comes back as it was. Raises AnswersError.
    """
    if len(label) > LONGEST_LABEL:
        raise AnswersError(f"An answer may have {LONGEST_LABEL} characters; shorten it.")
    if any(one["label"].casefold() == label.casefold() for one in kept):
        raise AnswersError(f"“{label}” is offered already.")
    own = next((one for one in known if one["label"].casefold() == label.casefold()), None)
    # A label that somebody wrote anew carries no code change: the coder decides after the answer.
    own = own or {"key": _free_key([*kept, *known]), "label": label, "kind": kind_of(label), "changes": []}
    at = next((place for place, one in enumerate(kept) if one["kind"] in ALWAYS), len(kept))
    return [*kept[:at], own, *kept[at:]]


def complete(answers: Iterable[Answer]) -> tuple[Answer, ...]:
    """Return the answers with "Other" and "Unable to determine" at the end, where there are any and these lack."""
    found = list(answers)
    kinds = {one["kind"] for one in found}
    return tuple(found + [dict(one) for kind, one in ALWAYS.items() if kind not in kinds]) if found else ()


def kind_of(label: str) -> str:
    """Return what an answer is by its words, as the compliance check reads them."""
    draft = Draft("", "", "", "multiple_choice", "specificity", options=(DraftOption("own", label, "clinical"),))
    kind = Reading(draft).options[0].kind
    if kind == "clinical":
        plain = label.casefold()
        return next((one for words, one in _BY_WORDS.items() if plain.startswith(words)), kind)
    return kind


_BY_WORDS = {"ruled out": "ruled_out", "not confirmed": "ruled_out"}


def _free_key(taken: Sequence[Answer]) -> str:
    keys = {one["key"] for one in taken}
    number = 1
    while f"own{number}" in keys:
        number += 1
    return f"own{number}"
