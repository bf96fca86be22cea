"""Clinical indicators: there (Q01), cited (Q02), of this encounter or pertinent to it (Q17). Never a number (Q03)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from query_mgr.clinical.assertions import AFFIRMED, assertion
from query_mgr.queries.lint.authors import speaks_of_elsewhere
from query_mgr.queries.lint.draft import DraftIndicator
from query_mgr.queries.lint.findings import tells
from query_mgr.queries.lint.reading import Hit, Reading
from query_mgr.queries.lint.support import from_prior_only, supported

#: care in the emergency department before the admission order belongs to the stay
_BEFORE_ADMISSION = timedelta(hours=24)
#: records may be completed within 30 days after discharge (42 CFR 482.24(c)(4)(vii)): a late discharge summary
_LATE_DOCUMENT = timedelta(days=30)
_PERTINENT = re.compile(
    r"\b(?:baseline|pertinent|relevan\w+|most recent|no (?:\w+ ){1,2}(?:was |were |is )?(?:repeated|done|available|obtained|this stay|in this stay)|"
    r"(?:listed|cited|quoted|shown|given|used|included) (?:here )?(?:because|since|as|for)(?! completeness)|(?:rests|bears|depends|builds) on|still|unchanged|ongoing|persist\w+|recurr\w+|new since|since then|only (?:echo\w*|biopsy|study|imaging|mri|ct)|compar\w+|trend\w*|chang\w+ (?:from|since)|in (?:the )?light of|"
    r"(?:from|at|on|during|in) (?:the |a |an )?(?:prior|previous|earlier|last) (?:visit|encounter|admission|stay|"
    r"hospitali[sz]ation|echo\w*|study|year))"
)


def without_indicators(reading: Reading) -> Iterator[Hit]:
    """Yield a query without patient-specific indicators; an indicator without source as a warning."""
    if not any(tells(shown.text) for shown in reading.indicators):
        if not reading.findings_in_body:
            excerpt = " | ".join(shown.text.strip() for shown in reading.indicators)[:120]
            yield Hit("indicators", excerpt, "The query shows no clinical indicator from this patient's record.")
        return
    for shown, label in zip(reading.indicators, reading.labels, strict=True):
        if not tells(shown.text):
            yield Hit(shown.field, shown.text.strip()[:120], "This indicator says nothing to judge by.", "warning")
        elif not label.text.strip():
            yield Hit(
                shown.field, shown.text.strip()[:120], "This indicator does not say where it stands.", "warning"
            )


def from_elsewhere(reading: Reading) -> Iterator[Hit]:
    """Yield indicators outside the encounter that are not marked so, and prior ones whose bearing is not told."""
    draft = reading.draft
    for shown, indicator in zip(reading.indicators, draft.indicators, strict=True):
        if indicator.scope != "prior" and not _within(indicator, draft.admitted_at, draft.discharged_at):
            at = f"{indicator.observed_at:%Y-%m-%d %H:%M}"
            message = f"Observed {at}, outside this encounter, and not marked prior."
            yield Hit(shown.field, shown.text.strip()[:120], message)
    yield from _prior(reading)


def _prior(reading: Reading) -> Iterator[Hit]:
    """Yield what rests on a prior encounter alone, and a prior indicator whose bearing is not told."""
    prior = [indicator for indicator in reading.draft.indicators if indicator.scope == "prior"]
    for option, name in from_prior_only(reading):
        said = option.shown.text[name.start : name.end]
        yield Hit(option.shown.field, option.shown.text.strip(), f"Only a prior encounter points to “{said}”.")
    for name in reading.body.names:
        sentence = reading.body.sentence(name.start)
        if assertion(reading.body.text, (name.start, name.end)) != AFFIRMED:
            continue
        if speaks_of_elsewhere(sentence) and not reading.record.names(name) and not supported(name, reading.facts):
            said = reading.body.text[name.start : name.end]
            yield reading.body.hit(
                name.start, name.end, f"“{said}” is of a prior encounter and nothing in this one points to it."
            )
    if not prior:
        return
    if len(prior) == len(reading.draft.indicators) and not reading.findings_in_body:
        yield Hit("indicators", prior[0].text[:120], "Every indicator is from a prior encounter.")
    elif not (_PERTINENT.search(reading.body.low) or _PERTINENT.search(reading.question.low)):
        message = "Uses a prior encounter without saying why it matters to this one."
        yield Hit("body", prior[0].text[:120], message, "warning" if _follows_on(reading) else "")


def _follows_on(reading: Reading) -> bool:
    """Say whether the query is about a diagnosis documented in this encounter, which what is told of a prior one follows."""
    return any(
        reading.record.names(name)
        for shown in (
            reading.title,
            reading.question,
            reading.body,
            *(option.shown for option in reading.clinical_options),
        )
        for name in shown.names
    )


def _within(indicator: DraftIndicator, admitted_at: datetime | None, discharged_at: datetime | None) -> bool:
    if indicator.observed_at is None:
        return True
    observed = _aware(indicator.observed_at)
    if admitted_at and observed < _aware(admitted_at) - _BEFORE_ADMISSION:
        return False
    late = _LATE_DOCUMENT if indicator.source_kind == "document" else timedelta()
    return not discharged_at or observed <= _aware(discharged_at) + late


def _aware(time: datetime) -> datetime:
    return time if time.tzinfo else time.replace(tzinfo=UTC)
