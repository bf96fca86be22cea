"""The forms of a word: "deny~" is deny, denies, denied, denying; "score*" is score, scores."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

#: past tense and participle where they are not made with -ed
_IRREGULAR = {
    one.split()[0]: one.split()[1:]
    for one in (
        "be am is are was were been being", "bear bore borne", "beat beaten", "become became", "bring brought", "build built",
        "catch caught", "choose chose chosen", "come came", "cost", "cut", "do does did done", "draw drew drawn",
        "drive drove driven", "eat ate eaten", "fall fell fallen", "feel felt", "fight fought", "find found", "fit fitted",
        "forget forgot forgotten", "get got gotten", "give gave given", "go goes went gone", "have has had", "hear heard",
        "hit", "hold held", "hurt", "keep kept", "know knew known", "lead led", "lean leant", "leave left", "let", "lose lost",
        "make made", "mean meant", "meet met", "pay paid", "put", "read", "rise rose risen", "say said", "see saw seen",
        "seek sought", "sell sold", "send sent", "set", "shoot shot", "show showed shown", "sink sank sunk", "speak spoke spoken",
        "spell spelt", "spend spent", "stand stood", "stick stuck", "strike struck", "take took taken", "teach taught",
        "tell told", "think thought", "understand understood", "win won", "write wrote written", "rewrite rewrote rewritten",
        "undersell undersold", "overpay overpaid", "underpay underpaid", "withdraw withdrew withdrawn", "withhold withheld",
        "misread", "bet", "bid", "foresee foresaw foreseen", "overtake overtook overtaken", "undertake undertook undertaken",
    )
}  # fmt: skip
_DOUBLED = frozenset(
    [
        "stop",
        "drop",
        "step",
        "bump",
        "drag",
        "slip",
        "ship",
        "trim",
        "dip",
        "lag",
        "tag",
        "flag",
        "plan",
        "chop",
        "skip",
        "tip",
        "rob",
        "scrap",
        "strip",
        "submit",
        "omit",
        "commit",
        "admit",
        "refer",
        "bar",
        "war",
        "put",
        "set",
        "get",
        "let",
        "cut",
        "hit",
        "win",
        "begin",
        "forget",
        "run",
        "sit",
        "bet",
        "rub",
        "dub",
        "nod",
        "pin",
        "beg",
        "fit",
        "ding",
    ]
)
_VOWELS = frozenset("aeiou")


def forms(phrase: str) -> Iterator[tuple[str, ...]]:
    """Yield each form of a phrase as its words."""
    yield from itertools.product(*map(_of_word, phrase.split()))


def _of_word(word: str) -> tuple[str, ...]:
    if word.endswith("~"):
        return tuple(dict.fromkeys(_conjugated(word[:-1])))
    if word.endswith("*"):
        return word[:-1], _plural(word[:-1])
    return (word,)


def _conjugated(verb: str) -> Iterator[str]:
    yield verb
    yield _plural(verb)
    stem = verb[:-1] if verb.endswith("e") and not verb.endswith(("ee", "oe", "ye")) else verb
    if verb in _DOUBLED and not verb.endswith("ding"):
        stem = verb + verb[-1]
    yield f"{stem}ing"
    if verb in _IRREGULAR:
        yield from _IRREGULAR[verb]
    elif verb.endswith("y") and verb[-2] not in _VOWELS:
        yield f"{verb[:-1]}ied"
    else:
        yield f"{stem}d" if stem.endswith("e") else f"{stem}ed"


def _plural(word: str) -> str:
    if word.endswith("y") and word[-2:-1] not in _VOWELS:
        return f"{word[:-1]}ies"
    return f"{word}es" if word.endswith(("s", "x", "z", "ch", "sh")) else f"{word}s"
