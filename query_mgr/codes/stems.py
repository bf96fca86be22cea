"""Words as the search compares them: folded, with the forms of a word brought together, and how they sound. Pure.

Both databases are given stems and nothing else, so that they cannot differ in what they find.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_WORD = re.compile(r"[a-z0-9]+")
#: words that say nothing about what is meant
STOP = frozenset(
    ["a", "an", "and", "are", "as", "at", "be", "by", "due", "for", "from", "if", "in", "into", "is", "it", "no", "nos",
     "not", "of", "on", "or", "other", "s", "secondary", "such", "that", "the", "their", "then", "these", "they", "this",
     "to", "was", "will", "with", "w"]
)  # fmt: skip
#: ending -> what stays of it, the longest first: diabetes and diabetic, cirrhosis and cirrhotic, anemia and anemic
_FAMILIES = (
    ("plegic", "pleg"), ("plegia", "pleg"), ("trophic", "troph"), ("trophy", "troph"), ("ments", ""), ("ment", ""),
    ("emic", "em"), ("emia", "em"), ("oxic", "ox"), ("oxia", "ox"), ("etic", "et"), ("etes", "et"), ("otic", "os"),
    ("osis", "os"), ("oses", "os"), ("itic", "it"), ("itis", "it"), ("ings", ""), ("ing", ""), ("ions", ""),
    ("ion", ""), ("ives", ""), ("ive", ""), ("ies", "i"), ("als", ""), ("al", ""), ("ed", ""),
)  # fmt: skip
#: letters that must stay before such an ending: a region is no "reg"
_STAYS = {
    "ment": 6,
    "ments": 6,
    "ion": 5,
    "ions": 5,
    "ive": 5,
    "ives": 5,
    "al": 6,
    "als": 6,
    "ing": 4,
    "ings": 4,
    "ed": 5,
}


def fold(text: str) -> str:
    """Return `text` in lower case without accents: "Ménière" reads as "meniere"."""
    if text.isascii():
        return text.lower()
    return "".join(sign for sign in unicodedata.normalize("NFKD", text.lower()) if not unicodedata.combining(sign))


def words_of(text: str) -> list[str]:
    """Return the words of `text`, folded."""
    return _WORD.findall(fold(text))


def telling(words: list[str]) -> list[str]:
    """Return the words that say something, each once; a last "a" does: hepatitis A."""
    found = [word for word in dict.fromkeys(words) if word not in STOP]
    return [*found, "a"] if len(words) > 1 and words[-1] == "a" else found


@lru_cache(maxsize=65536)
def stem(word: str) -> str:
    """Return what the forms of a word share: one for ulcer and ulcers, obstruction and obstructive, artery and arterial."""
    if len(word) < 4 or not word.isalpha():
        return word
    for ending, rest in _FAMILIES:
        if word.endswith(ending) and len(word) - len(ending) >= _STAYS.get(ending, 3):
            return _bare(word[: len(word) - len(ending)] + rest)
    if word.endswith(("sses", "xes", "ches", "shes")):
        return _bare(word[:-2])
    if word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return _bare(word[:-1])
    return _bare(word)


def _bare(word: str) -> str:
    """Drop a mute e, and write a last y as i: disease and diseas, artery and arteri are one each."""
    if len(word) > 4 and word[-1] == "e":
        return word[:-1]
    return word[:-1] + "i" if len(word) > 4 and word[-1] == "y" else word


_SOUNDS = (
    (re.compile(r"^ps"), "s"), (re.compile(r"^pn"), "n"), (re.compile(r"ph"), "f"), (re.compile(r"rh"), "r"),
    (re.compile(r"sch"), "sk"), (re.compile(r"th"), "t"), (re.compile(r"[ao]e"), "e"), (re.compile(r"our\b"), "or"),
    (re.compile(r"qu"), "kw"), (re.compile(r"exc"), "ec"), (re.compile(r"x"), "ks"), (re.compile(r"ck"), "k"),
    (re.compile(r"c(?=[eiy])"), "s"), (re.compile(r"c"), "k"), (re.compile(r"y"), "i"), (re.compile(r"z"), "s"),
    (re.compile(r"(?:ou|ow|oo)"), "u"), (re.compile(r"(?:ea|ee|ei|ie)"), "e"), (re.compile(r"(.)\1+"), r"\1"),
)  # fmt: skip


def sound(word: str) -> str:
    """Return how a word sounds, roughly: one for hemorrhage and haemorrage, diarrhea and diarrhoea, celiac and coeliac."""
    for pattern, written in _SOUNDS:
        word = pattern.sub(written, word)
    return word
