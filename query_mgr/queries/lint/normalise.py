"""Text as the rules read it, so that no spelling trick hides a word from them (and from the author)."""

from __future__ import annotations

import base64
import functools
import html
import re
import unicodedata

#: letters of other scripts that look like Latin ones (after Unicode TS 39, the ones a keyboard offers)
_CONFUSABLES = str.maketrans(
    dict(
        zip(
            "асеорхуіјѕһԁԛԝкмтвнгпАВСЕНІЈКМОРЅТХУԌαορινκτυχεηγβΑΒΕΖΗΙΚΜΝΟΡΤΥΧϲıɑɡⅼ",
            "aceopxyijshdqwkmtbhrnABCEHIJKMOPSTXYGaopivktuxenyBABEZHIKMNOPTYXciagl",
            strict=True,
        )
    )
    | {
        "‐": "-",
        "‑": "-",
        "‒": "-",
        "–": "-",
        "—": "-",
        "−": "-",
        "’": "'",
        "‘": "'",
        "“": '"',
        "”": '"',
        "∕": "/",
    }
)
#: Unicode categories that show nothing: format, control, combining marks, surrogates
_UNSEEN = frozenset({"Cf", "Cc", "Mn", "Me", "Cs"})
#: a word spelt letter by letter, with the same sign between all of them
_SPELT = re.compile(r"(?<![\w.])[A-Za-z](?:([ .*_\u00b7-])[A-Za-z])(?:\1[A-Za-z])+(?!\w)")
#: a word of base64; read where it hides plain text
_ENCODED = re.compile(r"(?<![\w+/=])(?:[A-Za-z0-9+/]{4}){4,}(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?(?![\w+/=])")
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
TAG = re.compile(r"</?[a-zA-Z][^<>]{0,120}>|<!--[^<>]{0,200}-->")
_PASSES = 4  # "&amp;amp;..." is unfolded this often


@functools.lru_cache(maxsize=1024)
def normalised(text: str) -> str:
    """Return text in compatibility form, entities resolved, without unseen characters and look-alike letters.

    Equal for NFC, NFD and any text with zero-width characters put in.
    """
    for _ in range(_PASSES):
        unfolded = html.unescape(_seen(text))
        if unfolded == text:
            break
        text = unfolded
    return _SPELT.sub(_joined, _ENCODED.sub(_decoded, _seen(text)))


def without_tags(text: str) -> str:
    """Return text with HTML tags taken out, so that `re<b></b>imbursement` is one word."""
    return TAG.sub("", text) if "<" in text else text


def lowered(text: str) -> str:
    """Return text in lower case, character by character, so that offsets stay the same."""
    low = text.lower()
    return low if len(low) == len(text) else "".join(c.lower() if len(c.lower()) == 1 else c for c in text)


def _joined(spelt: re.Match[str]) -> str:
    return spelt[0].replace(spelt[1], "")


def _decoded(word: re.Match[str]) -> str:
    """Return what base64 spells where that is text, else the word itself."""
    hidden = base64.b64decode(word[0])
    return hidden.decode("ascii") if hidden.isascii() and hidden.decode("ascii").isprintable() else word[0]


def _seen(text: str) -> str:
    if text.isascii():
        return _CONTROLS.sub("", text)
    decomposed = unicodedata.normalize("NFKD", text)
    kept = "".join(c for c in decomposed if c in "\n\t" or unicodedata.category(c) not in _UNSEEN)
    return unicodedata.normalize("NFKC", kept.translate(_CONFUSABLES))
