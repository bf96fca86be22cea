"""A question that does not say what it asks (Q01)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from query_mgr.queries.lint.reading import Hit, Reading


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


#: words that carry a request and nothing of its object
_EMPTY = _words(
    """
    a an the this that these those it its of for to in on at by with from as and or so if is are was be been
    do does did can could would will may might you your yours we us our i me my he she his her they their
    patient patient's patients please kindly thanks thank thx pls plz asap now today soon further furthermore
    more additional any some all also just clarify clarification clarifications advise advice address review
    reviewed respond response reply answer see above below attached comment comments update addend addendum
    amend specify document documentation documented help query queries question questions chart charts note
    notes record records provide give info information detail details elaborate elaboration explain
    explanation input thoughts thought opinion feedback look into check confirm complete need needed needs
    want require required appropriate accordingly necessary possible when have has had get let know matter
    issue thing things stuff here there regarding about re fyi needful action take regards best entry
    entries section following same previous earlier findings indicators discuss expand something anything
    think ideas idea say tell add help out make specificity choose pick select best fit fits option options answer applies update updates
    view views thanks kindly share hear appreciate grateful insight guidance assist assistance clear up sort straighten figure resolve fix handle go line quick take another back
    accurate correct unclear incomplete else anyone anybody someone specific specificity whatever way whole overall last time moment minute
    story out one like change changed one-liner word words refer reference happened going happening what's
    """
)
#: what a question may ask without naming more: the options give the rest
_ASKS = _words(
    """
    which what where when who whose why how whether
    """
)
#: too general to be the whole object of a question that starts with "please clarify"
_GENERAL = _words(
    """
    diagnosis diagnoses condition status situation case problem finding
    """
)
_WORD = re.compile(r"\w[\w&/%+.'-]*")


def is_vague(reading: Reading) -> Iterator[Hit]:
    """Yield a question that does not say what it asks."""
    words = [word.strip(".'-") for word in _WORD.findall(reading.question.low)]
    if not words:
        yield Hit("question", "", "There is no question.")
    elif not _object(reading, words) or _only_names(reading, words):
        yield Hit("question", reading.question.text.strip()[:120], "The question does not say what is unclear.")


def _object(reading: Reading, words: list[str]) -> bool:
    """Say whether the words name something to answer about."""
    told = [word for word in words if word not in _EMPTY and word not in _ASKS]
    if any(word not in _GENERAL for word in told):
        return True
    asks = any(word in _ASKS for word in words)
    return bool(reading.clinical_options) and ((bool(told) and len(words) > 1) or (asks and "one" in words))


def _only_names(reading: Reading, words: list[str]) -> bool:
    """Say whether the question is the name of a diagnosis and nothing else."""
    rest = reading.question.low
    for mention in reversed(reading.question.mentions):
        rest = rest[: mention.start] + rest[mention.end :]
    return bool(reading.question.mentions) and not re.search(r"\w", rest)
