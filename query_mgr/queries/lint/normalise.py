"""Text as the rules read it, so that no spelling trick hides a word from them (and from the author)."""

from __future__ import annotations

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
    return _seen(text)


def without_tags(text: str) -> str:
    """Return text with HTML tags taken out, so that `re<b></b>imbursement` is one word."""
    return TAG.sub("", text) if "<" in text else text


def lowered(text: str) -> str:
    """Return text in lower case, character by character, so that offsets stay the same."""
    low = text.lower()
    return low if len(low) == len(text) else "".join(c.lower() if len(c.lower()) == 1 else c for c in text)


def _seen(text: str) -> str:
    if text.isascii():
        return _CONTROLS.sub("", text)
    decomposed = unicodedata.normalize("NFKD", text)
    kept = "".join(c for c in decomposed if c in "\n\t" or unicodedata.category(c) not in _UNSEEN)
    return unicodedata.normalize("NFKC", kept.translate(_CONFUSABLES))
