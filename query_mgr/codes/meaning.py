"""What somebody who types a line looks for: its terms, each with everything that may stand for it. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, product

from query_mgr.codes.main_terms import DEFAULTS
from query_mgr.codes.stems import stem, telling, words_of
from query_mgr.codes.synonyms import SYNONYMS
from query_mgr.codes.vocabulary import Vocabulary

#: what joins two conditions in one line: "AKI on CKD", "DM2 w/ CKD"
_JOINT = re.compile(r"\b(?:on|with|and|due to|secondary to|vs|w)\b|[/+,;&]")
MOST_WORDS = 12
_LONGEST_TERM = max(map(len, SYNONYMS))
_MOST_COMBINED = 24  # ways to read a line that are compared with the main terms
#: how many words that begin as typed are looked for: the more common ones
_BEGUN = 16
#: all of these words
Words = tuple[str, ...]


@dataclass(frozen=True)
class Term:
    """One word or set phrase, and what else may be written for it. `is_plain`: nothing else."""

    typed: Words
    others: tuple[Words, ...] = ()

    @property
    def is_plain(self) -> bool:
        """Return whether it is one word with no other meaning: then its beginning may have been typed."""
        return len(self.typed) == 1 and not self.others

    @property
    def readings(self) -> tuple[Words, ...]:
        """Return what may be written for it, the typed words last."""
        return (*self.others, self.typed)


def terms_of(words: Sequence[str]) -> list[Term]:
    """Return the terms of a line, the longest set phrases first: "heart attack" is one."""
    found, at = [], 0
    while at < len(words):
        for end in range(min(len(words), at + _LONGEST_TERM), at, -1):
            others = SYNONYMS.get(tuple(map(stem, words[at:end])), ())
            if others or end == at + 1:
                found.append(Term(tuple(words[at:end]), others))
                at = end
                break
    return found


def meant(typed: str) -> list[str]:
    """Return the words of a line that say something."""
    return telling(words_of(typed))[:MOST_WORDS]


def parts(typed: str) -> list[list[str]]:
    """Return the words of each condition in a line such as "AKI on CKD"; none where it is about one only."""
    found = [words for part in _JOINT.split(typed) if (words := meant(part))]
    return found if len(found) > 1 else []


#: what must be found: all of these, of each any of these, of which all of these stems
Wanted = list[list[Words]]


def exactly(terms: Sequence[Term], known: Vocabulary) -> Wanted | None:
    """Return what to look for in an edition with these words, or None where it cannot hold all terms."""
    found = []
    for term in terms:
        either = _either(term, known)
        if not either:
            return None
        found.append(either)
    return _rarest_first(found, known)


def begun(terms: Sequence[Term], known: Vocabulary) -> Wanted | None:
    """Return the same for words of which only the beginning was typed; None where nothing is added by that."""
    found, adds = [], False
    for term in terms:
        either = _either(term, known)
        if term.is_plain and len(term.typed[0]) > 1:
            more = [(one,) for one in known.begins(term.typed[0], _BEGUN) if (one,) not in either]
            adds = adds or bool(more)
            either += more
        if not either:
            return None
        found.append(either)
    return _rarest_first(found, known) if adds else None


def _rarest_first(wanted: Wanted, known: Vocabulary) -> Wanted:
    """Return the terms in the order in which an index leaves out most rows earliest."""
    if len(wanted) > 1:
        wanted.sort(key=lambda either: sum(min(known.stems[one] for one in stems) for stems in either))
    return wanted


def _either(term: Term, known: Vocabulary) -> list[Words]:
    return list(dict.fromkeys(stems for reading in term.readings if (stems := _stems(reading, known))))


def _stems(words: Words, known: Vocabulary) -> Words:
    found = tuple(map(stem, words))
    return found if all(one in known.stems for one in found) else ()


def defaults(wanted: Wanted) -> Iterator[str]:
    """Yield the codes that the Alphabetic Index gives for these words alone, in the readings' order."""
    for reading in islice(product(*wanted), _MOST_COMBINED):
        code = DEFAULTS.get(frozenset(one for words in reading for one in words))
        if code:
            yield code
