"""How far a phrase lies from those who type some of its words: worked out once, when a code is loaded. Pure.

Of the phrases that have all the words that were typed, the one with the least besides comes first; what a plain term
defaults to costs nothing. So the order does not depend on what was typed, and the index can hold it.
"""

from __future__ import annotations

from query_mgr.codes.stems import STOP

#: title words that cost nothing when nobody typed them: they are what a plain term defaults to
_PLAIN = frozenset(
    [
        "unspecified", "without", "complication", "complications", "mention", "disease", "diseases",
        # of ICD-10-PCS: blood is a donor's unless somebody says otherwise
        "nonautologous", "peripheral",
    ]
)  # fmt: skip
#: what a title is *about* when it holds one of these: something that somebody would have typed
_TURNS = frozenset(
    ["history", "sequela", "subsequent", "pregnancy", "childbirth", "puerperium", "newborn", "neonatal", "maternal",
     "fetus", "fetal", "trimester", "screening", "encounter", "family", "exposure", "poisoning", "underdosing", "adverse",
     "congenital", "personal", "carrier", "drug", "induced", "postprocedural", "postoperative", "intraoperative",
     "accident", "collision", "vaccination", "contact"]
)  # fmt: skip
#: pregnancy, newborn, external causes, factors that influence health
_CHAPTERS = {"O": 6, "P": 6, "V": 8, "W": 8, "X": 8, "Y": 8, "Z": 5}
MOST = 255  # a phrase that costs more is not told apart
_NOT_BILLABLE = 4


def word_cost(word: str) -> int:
    """Return what a word costs that nobody typed."""
    if word in STOP or word in _PLAIN:
        return 0
    return 10 if word in _TURNS else 1


def code_cost(code: str, *, is_billable: bool, has_chapters: bool) -> int:
    """Return what a code costs whatever it says. has_chapters: its first sign is the chapter, as in ICD-10-CM."""
    return (0 if is_billable else _NOT_BILLABLE) + (_CHAPTERS.get(code[0], 0) if has_chapters else 0)
