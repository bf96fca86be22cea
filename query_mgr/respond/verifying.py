"""Whether a signed answer is still what was signed: its query as sent, its words, its manifest, what was added. Pure.

What differs first is named; the audit trail says what was signed, so that a row written anew with hashes that fit it
is found out, too (21 CFR 11.70: a signature cannot be excised, copied or transferred).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain, pairwise

from query_mgr.queries.models import Query
from query_mgr.queries.snapshot import digest
from query_mgr.respond.amending import content_of
from query_mgr.respond.countersigning import AnswerCosignature
from query_mgr.respond.manifest import Manifest, answer_content, hash_of, text_hash
from query_mgr.respond.models import Amendment, Answer


@dataclass(frozen=True)
class Told:
    """What the audit trail says was signed of one query: refs with the hashes of their manifests; a co-signature by its answer's."""

    answers: Mapping[str, str] = field(default_factory=dict)
    amendments: Mapping[str, str] = field(default_factory=dict)
    cosignatures: Mapping[str, str] = field(default_factory=dict)


def _is_as_sent(query: Query) -> bool:
    return query.snapshot is not None and digest(query.snapshot) == query.snapshot_hash


def _was_shown(answer: Answer) -> bool:
    return answer.manifest.get("shown_hash", "") in ("", text_hash(answer.query.snapshot_html))


def _content(row: Answer | Amendment) -> dict[str, str]:
    option = {"key": row.option_key, "label": row.option_label} if row.option_key else None
    if isinstance(row, Amendment):
        return content_of(row.kind, option, row.text, row.reason)
    return answer_content(option, row.text)


def _was_offered(row: Answer | Amendment, query: Query) -> bool:
    offered = {(one["key"], one["label"]) for one in (query.snapshot or {}).get("options", ())}
    return not row.option_key or (row.option_key, row.option_label) in offered


def _names_signer(row: Answer | Amendment) -> bool:
    return bool(row.manifest.get("signer", row.signer.ref) == row.signer.ref)


#: of an answer, in this order: what is wrong, and how that is known
OF_ANSWER: tuple[tuple[str, Callable[[Answer], bool]], ...] = (
    ("the query as sent is not what was frozen", lambda one: _is_as_sent(one.query)),
    ("the query is not the one that was signed", lambda one: one.manifest.get("query_hash") == one.query.snapshot_hash),
    ("the page as shown is not the one that was signed", _was_shown),
    ("the answer belongs to another revision of the query",
     lambda one: one.manifest.get("revision", one.revision) == one.revision == one.query.revision),
)  # fmt: skip
#: of an answer and of an amendment
OF_BOTH: tuple[tuple[str, Callable[[Answer | Amendment, Query], bool]], ...] = (
    ("the words are not those that were signed",
     lambda one, query: one.manifest.get("answer_hash") == hash_of(_content(one), one.manifest)),
    ("the option is not one that was shown", _was_offered),
    ("the time is not the one that was signed", lambda one, query: one.manifest.get("signed_at") == one.signed_at.isoformat()),
    ("the signer is not the one who signed", lambda one, query: _names_signer(one)),
    ("the manifest is not what its hash says", lambda one, query: digest(one.manifest) == one.manifest_hash),
)  # fmt: skip


def difference(answer: Answer, told: Told, cosigned: AnswerCosignature | None = None) -> str:
    """Return the first thing about an answer that is not as it was signed, "" where all of it is."""
    return next(chain(_differences(answer, told), _of_cosignature(answer, told, cosigned)), "")


#: of a co-signature: what is wrong, and how that is known
OF_COSIGNATURE: tuple[tuple[str, Callable[[Manifest, AnswerCosignature], bool]], ...] = (
    ("is of another answer", lambda signed, row: signed.get("answer_manifest") == row.answer.manifest_hash),
    ("is of other words", lambda signed, row: signed.get("answer_hash") == hash_of(_content(row.answer), signed)),
    ("has another time than was signed",
     lambda signed, row: row.signed_at is not None and signed.get("signed_at") == row.signed_at.isoformat()),
    ("has a manifest that is not what its hash says", lambda signed, row: digest(signed) == row.manifest_hash),
)  # fmt: skip


def _of_cosignature(answer: Answer, told: Told, row: AnswerCosignature | None) -> Iterator[str]:
    given = told.cosignatures.get(answer.ref)
    if row is None or row.manifest is None:
        if given is not None:
            yield "the co-signature that was given is missing"
        return
    signed = row.manifest
    yield from (f"the co-signature {words}" for words, holds in OF_COSIGNATURE if not holds(signed, row))
    if given != row.manifest_hash:
        yield "the audit trail does not know the co-signature"


def _differences(answer: Answer, told: Told) -> Iterator[str]:
    query = answer.query
    yield from (words for words, holds in OF_ANSWER if not holds(answer))
    yield from (words for words, holds in OF_BOTH if not holds(answer, query))
    if told.answers.get(answer.ref) != answer.manifest_hash:
        yield "the audit trail does not know this signature"
    rows = answer.amendments
    for row in rows:
        yield from (f"amendment {row.number}: {words}" for words, holds in OF_BOTH if not holds(row, query))
        if told.amendments.get(row.ref) != row.manifest_hash:
            yield f"amendment {row.number}: the audit trail does not know this signature"
    yield from _breaks(answer.manifest_hash, [(one.number, one.manifest, one.manifest_hash) for one in rows])
    if missing := set(told.amendments) - {one.ref for one in rows}:
        yield f"an amendment that was signed is missing ({', '.join(sorted(missing))})"


def _breaks(first: str, rows: list[tuple[int, Manifest, str]]) -> Iterator[str]:
    for before, (number, signed, _) in pairwise([(0, {}, first), *rows]):
        if number != before[0] + 1 or signed.get("previous_hash") != before[2]:
            yield f"amendment {number} does not follow what was signed before it"


def missing(query: Query, answer: Answer | None, told: Told) -> str:
    """Return what is wrong with a query that should have an answer and does not, or that changed after it was sent."""
    if answer is None and told.answers:
        return f"an answer that was signed is missing ({', '.join(sorted(told.answers))})"
    return "" if answer or _is_as_sent(query) else "the query as sent is not what was frozen"
