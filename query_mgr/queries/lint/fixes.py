"""The change that mends a finding, where an honest one exists. Pure.

A change is proposed only where the lint, asked again, finds less of the same and nothing new: so one click never makes a
query worse.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from query_mgr.clinical.library import load
from query_mgr.queries.lint.draft import Draft, DraftOption, Finding, place_of
from query_mgr.queries.lint.reading import Reading
from query_mgr.queries.lint.rules import lint

NEUTRAL_TITLE = "Documentation clarification"
OTHER = "Other (please specify)"
UNDETERMINED = "Unable to determine"
RULED_OUT = "Ruled out"


@dataclass(frozen=True)
class Change:
    """One step that mends a finding. what: it in words, as a button says it.

    field: `title`, `body` or `question`, of which `span` becomes `text`; `options[2]` likewise, taken off where nothing is
    left of it; `options` gets `text` as one more; `query_type` becomes `text`, an open
    question losing its answers; `indicators[0]` gets the scope `text`, and is taken off where there is none.
    """

    field: str
    span: tuple[int, int]
    text: str
    what: str


def changes(draft: Draft, findings: Sequence[Finding]) -> tuple[Change | None, ...]:
    """Return for each finding the change that mends it, None where only the author can."""
    now = Counter(one.rule for one in findings)
    return tuple(next(_that_mend(draft, one, now), None) for one in findings)


def applied(draft: Draft, change: Change) -> Draft:
    """Return the draft with one change made."""
    name, at = place_of(change.field)
    if name == "query_type":
        options = () if change.text == "open_ended" else draft.options
        return replace(draft, query_type=change.text, options=options)
    if name == "indicators" and at is not None:
        marked = (replace(draft.indicators[at], scope=change.text),) if change.text else ()
        return replace(draft, indicators=(*draft.indicators[:at], *marked, *draft.indicators[at + 1 :]))
    if name != "options":
        words: dict[str, Any] = {name: _spliced(getattr(draft, name), change)}
        return replace(draft, **words)
    if at is None:
        return replace(draft, options=(*draft.options, _option(draft, change.text)))
    label = _spliced(draft.options[at].label, change).strip()
    kept = (replace(draft.options[at], label=label),) if label else ()
    return replace(draft, options=(*draft.options[:at], *kept, *draft.options[at + 1 :]))


def _spliced(text: str, change: Change) -> str:
    start, end = change.span
    return text[:start] + change.text + text[end:]


def _option(draft: Draft, label: str) -> DraftOption:
    kinds = {OTHER: "other", UNDETERMINED: "undetermined", RULED_OUT: "ruled_out"}
    keys = {one.key for one in draft.options}
    key = next(key for n in range(1, len(keys) + 2) if (key := f"added{n}") not in keys)
    return DraftOption(key, label, kinds.get(label, "clinical"))


def _that_mend(draft: Draft, finding: Finding, now: Counter[str]) -> Iterator[Change]:
    for change in _CANDIDATES.get(finding.rule, _none)(draft, finding):
        left = Counter(one.rule for one in lint(applied(draft, change)))
        if left <= now and left[finding.rule] < now[finding.rule]:
            yield change


def _none(draft: Draft, finding: Finding) -> Iterator[Change]:
    yield from ()


def _add(label: str) -> Callable[[Draft, Finding], Iterator[Change]]:
    def candidates(draft: Draft, finding: Finding) -> Iterator[Change]:
        yield Change("options", (0, 0), label, f"Add “{label}”")

    return candidates


def _reword(draft: Draft, finding: Finding) -> Iterator[Change]:
    """Leave out the sentence, else ask neutrally; take an answer off."""
    text = draft.text_of(finding.field)
    if finding.field.startswith("options["):
        yield Change(finding.field, (0, len(text)), "", "Take this answer off")
    elif finding.field in ("title", "body", "question"):
        span = _sentence(text, finding.span)
        if (text[: span[0]] + text[span[1] :]).strip() or finding.field == "body":
            yield Change(finding.field, span, "", "Leave this sentence out")
        if finding.field == "title":
            yield Change("title", (0, len(text)), NEUTRAL_TITLE, f"Title it “{NEUTRAL_TITLE}”")
        elif finding.field == "question":
            neutral = _neutral_question(draft)
            yield Change("question", (0, len(text)), neutral, f"Ask “{neutral}”")


def _plain(draft: Draft, finding: Finding) -> Iterator[Change]:
    """Write it without marks and capitals: the words, else all of the field; else leave the words out."""
    text, (start, end) = draft.text_of(finding.field), finding.span
    yield Change(finding.field, (start, end), _unmarked(text[start:end]), "Write it plainly")
    yield Change(finding.field, (0, len(text)), _unmarked(text), "Write it plainly")
    yield Change(finding.field, (start, end), "", "Leave these words out")


def _unmarked(text: str) -> str:
    plain = _CAPITALS.sub(lambda found: found[0].lower(), _MARKS.sub("", text)).strip()
    return plain[:1].upper() + plain[1:] if text[:1].isupper() or not text[:1].isalpha() else plain


_MARKS = re.compile(r"</?\w[^<>]*>|<?[-=]{1,3}>|<[-=]{1,3}|[*_!→←►▶✓✔☑★⭐➡]+|\[x\]", re.I)
_CAPITALS = re.compile(r"\b[A-Z]{4,}\b")


def _no_yes_no(draft: Draft, finding: Finding) -> Iterator[Change]:
    """Offer the answers as a choice; where they are only yes and no, ask openly."""
    if all(
        one.kind in ("other", "undetermined") or _YES_NO.match(one.shown.text) for one in Reading(draft).options
    ):
        yield Change("query_type", (0, 0), "open_ended", "Make it an open question")
    else:
        yield Change("query_type", (0, 0), "multiple_choice", "Make it multiple choice")


_YES_NO = re.compile(r"\W*(?:yes|no)\b", re.I)


def _prior(draft: Draft, finding: Finding) -> Iterator[Change]:
    if finding.field.startswith("indicators["):
        yield Change(finding.field, (0, 0), "prior", "Mark it as from a prior encounter")
    yield from _reword(draft, finding)


def _take_off(draft: Draft, finding: Finding) -> Iterator[Change]:
    yield Change(finding.field, (0, 0), "", "Take this indicator off")


_CANDIDATES: dict[str, Callable[[Draft, Finding], Iterator[Change]]] = {
    "missing_other": _add(OTHER),
    "missing_undetermined": _add(UNDETERMINED),
    "missing_ruled_out": _add(RULED_OUT),
    "yes_no_new_diagnosis": _no_yes_no,
    "prior_encounter_misuse": _prior,
    "evidence_withdrawn": _take_off,
    "indicator_not_in_chart": _take_off,
    "emphasis_or_preselect": _plain,
} | dict.fromkeys(
    (
        "leading_title", "leading_question", "undocumented_diagnosis_in_question", "financial_or_quality_impact",
        "unsupported_option", "directive_language", "urging_severity", "judgmental_tone", "vague_question",
    ),
    _reword,
)  # fmt: skip


def _neutral_question(draft: Draft) -> str:
    """Return a question that names no more than what is documented."""
    documented = load().get(draft.condition)
    if documented and documented.id in Reading(draft).record.concepts:
        return f"Based on your clinical judgment, please clarify the documented {_spoken(documented.name)}."
    return (
        "Based on your clinical judgment, please clarify the condition, if any, that these clinical indicators "
        "represent or that was treated."
    )


def _spoken(name: str) -> str:
    first = name.partition(" ")[0]
    return name if first.isupper() else name[:1].lower() + name[1:]


_END = re.compile(r"[.!?](?=\s|\Z)\s*|\n+")


def _sentence(text: str, span: tuple[int, int]) -> tuple[int, int]:
    """Return the sentences around `span`, with the blanks behind them."""
    ends = [0, *(found.end() for found in _END.finditer(text)), len(text)]
    start = max(one for one in ends if one <= span[0])
    return start, min((one for one in ends if one >= span[1] and one > start), default=len(text))
