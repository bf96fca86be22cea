"""No talk of money, grouping, quality scores, denials or audits anywhere the provider can see it (Q04)."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

from query_mgr.queries.lint.grammar import tokens
from query_mgr.queries.lint.impact_words import DENIAL, GROUPING, MONEY, QUALITY
from query_mgr.queries.lint.reading import Hit, Reading, Shown
from query_mgr.queries.lint.standing import TIED
from query_mgr.queries.lint.wording import Senses, spoken_by_author

_PAID = Senses((*MONEY, *DENIAL))
_COUNTED = Senses((*GROUPING, *QUALITY))
#: digits and signs that stand for letters inside a word ("re1mbur5ement"), read as those letters, place for place
_DISGUISED = re.compile(r"(?<![a-z])[a-z]+(?:[013457@$!|][a-z]+)+")
_LETTERS = str.maketrans("013457@$!|", "oieastasii")
_LONG = 8
_SHORT = 5
_FAR = 240
_LINKING = frozenset({"of", "and", "the", "for", "to", "in", "with", "a", "an"})
_LIFE = re.compile(
    r"\b(?:he|she|his|her|patient|pt|patient's|mr|mrs|ms|wife|husband|mother|father|daughter|son|family|parents|works|worked|job|eviction|rent|home)\b"
)
_OF_A_HOUSE = re.compile(
    r"\b(?:we|us|our|ours|hospital\w*|facilit\w+|department\w*|(?:the|this|our|your|any) claims?|cod(?:e|es|ed|ing|er|ers)|drgs?|m?ccs?|this (?:stay|admission|case|encounter|account)|the (?:stay|case|admission|"
    r"encounter|account|record|chart)|quality|scores?|review\w*|audit\w*|criteria|document\w*|diagnos\w+|reimburs\w*|hccs?|raf|plan|deni\w+|severity|length of stay|los|metrics?|query|"
    r"answer\w*|clarif\w*|specif\w+|unless|otherwise|without)\b"
)


def names_impact(reading: Reading) -> Iterator[Hit]:
    """Yield talk of money, grouping, quality scores, denials or audits."""
    everything = "\n".join(shown.low for shown in reading.seen)
    named: dict[str, list[int]] = {}
    for shown in reading.seen:
        for start, end in _named(shown, everything):
            word = shown.text[start:end]
            if not _is_of_the_chart(word, reading) and not _is_written_out(word, everything):
                named.setdefault(shown.field, []).append(start)
                yield shown.hit(start, end, f"Says “{word}”, which is no clinical matter.")
    for shown in reading.written:
        for start, end in itertools.islice(spoken_by_author(shown, TIED.found(tokens(shown.low))), 1):
            if not any(start <= at < end for at in named.get(shown.field, ())):  # said already, and more closely
                said = shown.text[start:end]
                yield shown.hit(start, end, f"Ties the answer to what is no clinical matter: “{said}”.")


def _named(shown: Shown, everything: str) -> tuple[tuple[int, int], ...]:
    """Return where a text names such a matter; money and cover of the patient's own are none."""
    low = undisguised(shown.low)
    paid = (place for place in _PAID.found(low, everything) if not _is_of_the_patient(shown, *place))
    return tuple(sorted({*paid, *_COUNTED.found(low, everything)}))


def _is_of_the_chart(word: str, reading: Reading) -> bool:
    """Say whether a short form is one that the notes of this encounter use: notes speak of the patient."""
    letters = "".join(filter(str.isalpha, word))
    if len(letters) > _SHORT or not letters.isupper():
        return False
    return any(re.search(rf"(?<!\w){letters}(?!\w)", text) for text in reading.record.texts)


def _is_written_out(word: str, everything: str) -> bool:
    """Say whether a short form is explained in brackets as something else ("SOI (source of infection)")."""
    letters = "".join(filter(str.isalpha, word)).lower()
    if not 2 <= len(letters) <= _SHORT:
        return False
    for before, after in re.findall(
        rf"([\w -]{{0,60}}) ?\({letters}\)|(?<!\w){letters} \(([\w -]{{3,60}})\)", everything
    ):
        said = before or after
        words = re.findall(r"[a-z]+", said)
        initials = ("".join(one[0] for one in words), "".join(one[0] for one in words if one not in _LINKING))
        if any(one.endswith(letters) for one in initials) and not any(_COUNTED.found(said)):
            return True
    return False


def _is_of_the_patient(shown: Shown, start: int, end: int) -> bool:
    """Say whether the sentence tells of a patient's life (bills, cover, debts) and of no hospital, claim or code."""
    sentence = shown.low[slice(*_period(shown.low, start, end))]
    return bool(_LIFE.search(sentence)) and not _OF_A_HOUSE.search(sentence)


def _period(low: str, start: int, end: int) -> tuple[int, int]:
    """Return the bounds of what stands between two full stops, semicolons left aside."""
    first, last = low.rfind(". ", max(0, start - _FAR), start), low.find(". ", end, end + _FAR)
    return (first + 1 if first >= 0 else max(0, start - _FAR)), (last if last >= 0 else end + _FAR)


def undisguised(low: str) -> str:
    """Return text with the letters that digits and signs stand for in its long words; its length stays."""
    return _DISGUISED.sub(lambda word: word[0].translate(_LETTERS) if len(word[0]) >= _LONG else word[0], low)
