"""How the query speaks: no blame and no pressure (Q26), no emphasis on one answer (Q06), a question one can answer."""

from __future__ import annotations

import re
from collections.abc import Iterator

from query_mgr.queries.lint.reading import Hit, Reading, Shown, plain

_JUDGING = re.compile(
    r"\b(?:(?:you|provider|physician|doctor|team)(?: have| has)? (?:failed|neglected|forgot|omitted|overlooked)\b|"
    r"fail(?:ed|ure) to (?:document|specify|clarify|respond|answer|note|mention|address|write)|"
    r"(?:poor|inadequate|sloppy|careless|deficient|substandard|lazy|bad|inaccurate|improper|unacceptable|insufficient|"
    r"incorrect) (?:documentation|charting|note\b|record-?keeping)|(?:your )?(?:documentation|charting|note) (?:is|was|"
    r"remains) (?:poor|inadequate|sloppy|deficient|wrong|incorrect|unacceptable|insufficient|careless|inaccurate)|"
    r"why (?:did you not|didn't you|have you not|haven't you|was this not|did you (?:write|call|document))|"
    r"(?:once again|yet again|as (?:we )?(?:previously|already|repeatedly) (?:requested|asked|told|stated))|"
    r"you (?:should have|ought to have|are (?:wrong|mistaken|incorrect|delinquent|non-?compliant))|"
    r"(?:incorrectly|wrongly|erroneously|mistakenly|improperly) (?:documented|charted|diagnosed|written)|"
    r"(?:final|last) (?:notice|warning)|(?:you will be|this will be) (?:reported|escalated|suspended|disciplined)|"
    r"suspension of (?:your )?privileges|delinquent (?:list|query|queries|record|chart))"
)
_MARKUP = re.compile(
    r"\*\*[^*\n]{1,120}\*\*|__[^_\n]{1,120}__|</?(?:b|strong|u|em|i|mark|big|font|h[1-6])\b[^<>]{0,80}>"
)
_PRESELECTED = re.compile(
    r"\[\s?[xX✓✔]\s?\]|[☑☒✓✔✅⭐★►➤👉]|\((?:x|X)\)\s|"
    r"\((?:recommended|preferred|suggested|most likely|likely|best (?:answer|fit)|default|favou?red|correct)\)|<-{1,2}|!{2,}",
    re.IGNORECASE,
)
_CAPITALS = re.compile(r"\b[A-Z]{6,}\b")
#: abbreviations of six capitals and more that are no shouting
_ABBREVIATIONS = frozenset(
    {"NSTEMI", "HFIMPEF", "HFMRED", "CABGX", "ASPEN", "PCWP", "LVEDP", "COVID", "MRSA", "SIRS", "HELLP"}
)
_SAYS_LITTLE = re.compile(
    r"(?:please |kindly )?(?:clarify|advise|address|review|respond|see|see below|see above|comment|update|addend|"
    r"specify|document|help|answer|reply|query|question)"
    r"(?: (?:and|this|that|the|below|above|your|attached|query|chart|note|notes|record|documentation|diagnosis|"
    r"diagnoses|further|asap|as needed|accordingly|respond|advise|clarify|as appropriate|status|condition|patient's|"
    r"patient)){0,8}\W*"
)


def judges(reading: Reading) -> Iterator[Hit]:
    """Yield blame and pressure."""
    for shown in reading.written:
        if found := _JUDGING.search(shown.low):
            words = shown.text[found.start() : found.end()]
            yield shown.hit(*found.span(), f"“{words}” judges the provider or presses.")


def emphasises(reading: Reading) -> Iterator[Hit]:
    """Yield marks, capitals or ticks that make one answer stand out."""
    for option in reading.options:
        yield from _marks(option.shown)
        if len(reading.options) > 1:
            yield from _shouts(option.shown)
    for shown in (reading.title, reading.question):
        yield from _marks(shown)
    for shown in (reading.title, reading.question, reading.body):
        yield from _shouted_conditions(shown)
    for found in _MARKUP.finditer(reading.body.marked):
        inside = reading.body.marked[found.start() : found.end() + 60].lower()
        if any(reading.body.low[m.start : m.end] in inside for m in reading.body.mentions):
            yield Hit("body", found.group()[:120], "A named condition is set apart from the rest of the text.")


def is_vague(reading: Reading) -> Iterator[Hit]:
    """Yield a question that does not say what it asks."""
    text = plain(reading.question.text)
    if not re.search(r"\w", text):
        yield Hit("question", "", "There is no question.", "error")
    elif len(text.split()) < 3 or _SAYS_LITTLE.fullmatch(text):
        yield Hit("question", reading.question.text.strip()[:120], "The question does not say what is unclear.")


def _marks(shown: Shown) -> Iterator[Hit]:
    for pattern in (_MARKUP, _PRESELECTED):
        if found := pattern.search(shown.marked):
            yield Hit(shown.field, shown.marked.strip()[:120], f"“{found.group()}” makes this stand out.")


def _shouts(shown: Shown) -> Iterator[Hit]:
    for found in _CAPITALS.finditer(shown.text):
        if found.group() not in _ABBREVIATIONS:
            yield shown.hit(*found.span(), f"“{found.group()}” in capitals makes this stand out.")
            return


def _shouted_conditions(shown: Shown) -> Iterator[Hit]:
    for mention in shown.mentions:
        name = shown.text[mention.start : mention.end]
        line = shown.text[shown.text.rfind("\n", 0, mention.start) + 1 :].split("\n", 1)[0]
        if _CAPITALS.search(name) and name not in _ABBREVIATIONS and any(c.islower() for c in line):
            yield shown.hit(mention.start, mention.end, f"“{name}” in capitals stands out.")
