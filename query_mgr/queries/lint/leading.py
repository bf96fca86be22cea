"""Wording that steers to one answer (Q06), names what no provider has documented (Q07), or orders words (Q06)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from query_mgr.queries.lint.reading import Hit, Reading, Shown, plain

_STEERING = re.compile(
    r"\b(?:do(?:n't| not)? you (?:not )?(?:agree|think|feel|believe|concur)|(?:would|wouldn't|will|can) you (?:not )?"
    r"(?:agree|concur|say)|(?:isn't|wasn't|aren't|doesn't|hasn't) (?:this|that|it|the patient|he|she)\b|"
    r"is it (?:not )?(?:possible|fair|safe|reasonable|correct) (?:that|to (?:say|assume|conclude|document))|"
    r"(?:please )?(?:confirm|verify|agree|acknowledge|attest) that\b(?! (?:the|this) (?:date|time|note|entry))|"
    r"(?:clearly|obviously|undoubtedly|certainly|surely|evidently) (?:has|had|meets?|met|shows?|showed|indicates?|"
    r"qualif\w+|is|was|septic)|as you know|"
    r"(?:meets?|met|fulfil+s?|satisf(?:y|ies)) (?:[\w-]{1,30} ){0,4}criteria for|"
    r"(?:we|i) (?:believe|think|feel|suspect|recommend|suggest|would like you to)|"
    r"(?:best|most appropriate|most accurate|correct|right|expected|preferred) (?:answer|response|option|choice)|"
    r"(?:can|could|would|will) (?:you|we) (?:please )?(?:add|document|write|include|use|call (?:this|it))\b|"
    r"(?:could|might|would) (?:this|it) (?:also )?be (?:called|documented as|considered|termed)|"
    r"(?:would|should) be (?:documented|called|described|considered) as|"
    r"(?:be|is) (?:better|best|more accurately) (?:described|documented|termed) as|inherent (?:to|in))"
)
_ORDER = re.compile(
    r"\b(?:document|add|include|write|record|chart|enter|list|code|state|specify|diagnose|carry|put|use)"
    r"(?:\W+(?:a|an|the|this|that|patient|patient's|pt|as|of|diagnos[ei]s|dx|term|word|words|has|had|have|is|was|it|"
    r"with|for|down|in|your|note|final|new|acute|chronic|severe|moderate|mild|systolic|diastolic|secondary|primary|"
    r"clinical|hypoxic|hypercapnic|likely|probable|possible)){0,8}\W{1,3}\Z"
)
_MUST = re.compile(
    r"\b(?:you (?:must|have to|need to|should|are required to|are expected to|ought to)|"
    r"must (?:be )?(?:document|add|chang|remov|updat)\w*|(?:needs?|has|ought) to (?:be )?(?:document|add|chang|remov|updat)ed|"
    r"make sure (?:to|you|that you)|be sure to (?:document|add|include|write)|"
    r"(?:please )?(?:remove|delete|retract|change|replace|amend|revise|upgrade|downgrade) (?:the |this |your |that )?"
    r"(?:diagnos[ei]s|documentation|term|wording|entry|note|it|problem)\b|"
    r"(?:isn't|is not|aren't|not) (?:met|supported|valid)[^.?!\n]{0,20}(?:please )?(?:remove|delete|retract|take out)|"
    r"do not (?:document|use|write|select|choose)|(?:please )?(?:select|choose|pick|check|tick|mark) (?:option|answer|box) "
    r"(?:[a-e1-9]\b|the first|one))"
)
_BEFORE = 120


def title_leads(reading: Reading) -> Iterator[Hit]:
    """Yield what the title gives away: an undocumented diagnosis, or one of the options word for word."""
    yield from _names_undocumented(reading, reading.title)
    yield from _repeats_option(reading, reading.title)


def question_leads(reading: Reading) -> Iterator[Hit]:
    """Yield turns of phrase that steer, in question and body, and a question that repeats one option only."""
    for shown in (reading.question, reading.body):
        for found in _STEERING.finditer(shown.low):
            words = shown.text[found.start() : found.end()]
            yield shown.hit(*found.span(), f"“{words}” steers to an answer.")
    yield from _repeats_option(reading, reading.question)


def names_undocumented(reading: Reading) -> Iterator[Hit]:
    """Yield diagnoses in question and body that no provider has documented in this encounter."""
    yield from _names_undocumented(reading, reading.question)
    offered = {m.condition for option in reading.clinical_options for m in option.shown.mentions}
    in_body = {m.condition for m in reading.body.mentions}
    for hit, condition in _undocumented(reading, reading.body):
        if condition not in offered:
            yield hit
        elif not offered <= in_body | reading.documented:
            # a table of definitions is fine where it treats every option alike (Q16)
            yield Hit(hit.field, hit.excerpt, f"{hit.message} The other options are not described.", "warning")


def orders(reading: Reading) -> Iterator[Hit]:
    """Yield orders: to write a named diagnosis, to remove one, or to answer in a given way."""
    for shown in (reading.title, reading.question, reading.body):
        for mention in shown.mentions:
            start = max(0, mention.start - _BEFORE)
            if found := _ORDER.search(shown.low[start : mention.start]):
                name = shown.text[mention.start : mention.end]
                yield shown.hit(start + found.start(), mention.end, f"Tells the provider to write “{name}”.")
        if found := _MUST.search(shown.low):
            words = shown.text[found.start() : found.end()]
            yield shown.hit(*found.span(), f"“{words}” orders an answer.")


def _undocumented(reading: Reading, shown: Shown) -> Iterator[tuple[Hit, str]]:
    named = set()
    for mention, condition in reading.undocumented(shown):
        if condition.id not in named:
            named.add(condition.id)
            message = f"Names {condition.name.lower()}, which no provider has documented in this encounter."
            yield shown.hit(mention.start, mention.end, message), condition.id


def _names_undocumented(reading: Reading, shown: Shown) -> Iterator[Hit]:
    for hit, _ in _undocumented(reading, shown):
        yield hit


def _repeats_option(reading: Reading, shown: Shown) -> Iterator[Hit]:
    """Yield the option that a text repeats word for word while it leaves the others out.

    Only an option that names a condition and is not already in the record steers; all options together do not.
    """
    if reading.draft.query_type == "yes_no":
        return
    text = f" {plain(shown.text)} "
    labels = [(plain(o.shown.text), bool(o.shown.mentions)) for o in reading.clinical_options]
    repeated = [label for label, _ in labels if label and label in text]
    if not repeated or (len(repeated) == len(labels) > 1):
        return
    for label, names_condition in labels:
        if label in repeated and names_condition and label not in reading.documentation:
            at = shown.low.find(label)
            yield shown.hit(
                max(at, 0),
                at + len(label) if at >= 0 else len(shown.text),
                f"Repeats the option “{label}” and none of the others.",
            )
