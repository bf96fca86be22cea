"""Whether a text tells a finding of this patient, rather than pointing to where one might stand (Q01)."""

from __future__ import annotations

import re

from query_mgr.queries.lint.wordlists import says_nothing

#: when and where, which says nothing of what
_WHEN = re.compile(
    r"\b\d{4}-\d{2}-\d{2}\b|\b\d{1,2}/\d{1,2}(?:/\d{2,4})?\b|\b\d{1,2}:\d{2}\b|\b(?:hospital |post-?op(?:erative)? )?day \d+\b|\b(?:hd|pod|dol|ppd) ?#?\d+\b|"
    r"\b\d+[- ]?(?:year|yr|y|month|mo|day|week|wk)s?[- ]?(?:/o|old|o)\b"
)
#: a year alone is of the past and no value
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_WORD = re.compile(r"[^\W\d_]+")
_NUMBER = re.compile(r"\d")
_QUOTED = re.compile(r"\"[^\"]{3,}\"")
_SOURCE = re.compile(
    r"\b(?:note|op note|lab|nurs\w*|rn|mar|cxr|ct|cta|mri|x-?ray|ultrasound|echo\w*|ecg|ekg|eeg|tele\w*|path\w*|biops\w*|culture|exam|flowsheet|"
    r"report|radiolog\w*|anesthesia|record|ed|h&p|dietitian|rd|pharmac\w*|therap\w*|monitor|screen\w*|per|wocn|or|triage|poc|service|clinic|scan|pft|summary|strip|log|tracing|film|dictation|consult|sheet)\b|\([^()]+\)"
)
#: a diagnosis that somebody wrote is no finding
_ONLY_DOCUMENTED = re.compile(
    r"\A[^,;:]{3,60} (?:is|are|was|were) (?:documented|listed|diagnosed|charted)\b[^,;:]{0,40}\Z"
)
_ENOUGH_WORDS = 3


def without_times(text: str) -> str:
    """Return a text (lower case) with blanks where it says when, and every other character in its place."""
    return _WHEN.sub(lambda found: " " * len(found[0]), text)


def tells(text: str) -> bool:
    """Say whether a text tells something to judge by: a value, or words that are not only about the record."""
    rest = _YEAR.sub(" ", _WHEN.sub(" ", text.lower()))
    return bool(_NUMBER.search(rest)) or any(True for word in _WORD.findall(rest) if word not in says_nothing())


def tells_with_source(sentence: str) -> bool:
    """Say whether a sentence of the body tells a finding and when or where it was found (lower case)."""
    rest = _WHEN.sub(" ", sentence)
    if _ONLY_DOCUMENTED.search(rest) and not _NUMBER.search(rest):
        return False
    if _YEAR.search(rest) or (rest == sentence and not _SOURCE.search(sentence)):
        return False
    if _NUMBER.search(rest) or _QUOTED.search(rest):
        return True
    told = [word for word in _WORD.findall(rest) if word not in says_nothing()]
    return rest != sentence and len(told) >= _ENOUGH_WORDS
