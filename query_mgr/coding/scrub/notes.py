"""Read the tabular's instructional notes: which codes each line names, and under what condition. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from query_mgr.coding.scrub.case import Diagnosis
from query_mgr.coding.scrub.claim import Claim

_PARENTHESES = re.compile(r"\(([^()]*)\)")
_CODE = r"[A-Z][0-9A][0-9AB](?:\.[0-9A-Z]{0,4})?\.?-?"
_ONE = re.compile(rf"({_CODE})(?:\s*(?:-|to)\s*({_CODE}))?")
#: "E08-E13 with .22": the part of the code from its dot
_WITH_DOT = re.compile(rf"({_CODE})\s*-\s*({_CODE}) with (\.[0-9A-Z]+)-?")
#: "T36-T50 with fifth or sixth character 5", "... 1-4": how a drug did harm
_WITH_INTENT = re.compile(
    rf"({_CODE})(?:\s*-\s*({_CODE}))?,? with (?:fifth or )?six(?:th)? character (\d)(?:-(\d))?"
)
#: words that make a note hold only sometimes, or name examples
_CONDITION = re.compile(
    r"\b(if|any|when|where|such as|associated|applicable|known|present|presence|adverse)\b", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Span:
    """Codes from `low` to `high` without dots; `tail` begins what follows the dot, `intents` the drug's fifth sign."""

    low: str
    high: str
    line: str
    tail: str = ""
    intents: str = ""

    def covers(self, one: Diagnosis) -> bool:
        """Return whether the code lies within."""
        bare = one.code.replace(".", "")
        return (
            self.low <= bare
            and bare[: len(self.high)] <= self.high
            and one.code[3:].startswith(self.tail)
            and (not self.intents or intent(one.code) in self.intents)
        )


@dataclass(frozen=True)
class Named:
    """What a note names. prefixes: beginning of a code -> the line that names it. is_open: it gives examples only.

    is_conditional: it holds "if applicable", "if known", for "any associated" condition or "when specified".
    """

    prefixes: dict[str, str] = field(default_factory=dict)
    spans: tuple[Span, ...] = ()
    is_open: bool = False
    is_conditional: bool = False
    text: str = ""

    def on(self, claim: Claim) -> Iterator[tuple[Diagnosis, str]]:
        """Yield the diagnoses of a claim that the note names, with the line that does."""
        if self.prefixes:
            for prefix in self.prefixes.keys() & claim.index.keys():
                for one in claim.index[prefix]:
                    yield one, self.prefixes[prefix]
        for span in self.spans:
            for one in claim.diagnoses:
                if span.covers(one):
                    yield one, span.line

    @property
    def names_codes(self) -> bool:
        """Whether any code is named at all."""
        return bool(self.prefixes or self.spans)


@lru_cache(maxsize=20_000)
def read(lines: tuple[str, ...]) -> Named:
    """Return what the lines of one kind of note name; a part under a condition that is not understood is left out."""
    prefixes: dict[str, str] = {}
    spans: list[Span] = []
    for line in lines:
        shown = line.lstrip(" ,")
        for group in _PARENTHESES.findall(line):
            for part in re.split(r"[,;](?!\s*with)", group):
                found = _part(part.strip(" ."), shown)
                if isinstance(found, Span):
                    spans.append(found)
                elif found:
                    prefixes.setdefault(found, shown)
    text = " ".join(lines)
    words = _PARENTHESES.sub("", text)
    is_open = "such as" in words.lower()
    conditions = {word.lower() for word in _CONDITION.findall(words)} - {"such as"}
    return Named(prefixes, tuple(spans), is_open, bool(conditions), "; ".join(line.lstrip(" ,") for line in lines))


def _part(part: str, line: str) -> Span | str | None:
    one = _ONE.fullmatch(part)
    if one:
        low, high = _dotted(one[1]), one[2]
        return low if high is None else Span(_bare(low), _bare(high), line)
    dotted = _WITH_DOT.fullmatch(part)
    if dotted:
        return Span(_bare(dotted[1]), _bare(dotted[2]), line, tail=dotted[3])
    drug = _WITH_INTENT.fullmatch(part)
    if drug:
        low, high, first, last = drug.groups()
        intents = "".join(str(n) for n in range(int(first), int(last or first) + 1))
        return Span(_bare(low), _bare(high or low), line, intents=intents)
    return None


def _dotted(code: str) -> str:
    return code.rstrip("-.")


def _bare(code: str) -> str:
    return code.replace(".", "").rstrip("-")


def intent(code: str) -> str:
    """Return how a drug or substance of T36-T65 did harm: 1-4 poisoning, 5 adverse effect, 6 underdosing, or "".

    The sixth character of the code, or its fifth where the sixth is the placeholder X. Source: tabular, T36-T65.
    """
    if not "T36" <= code[:3] <= "T65":
        return ""
    bare = code.replace(".", "")
    sign = bare[5:6] if bare[5:6] not in ("", "X") else bare[4:5]
    return sign if sign in "123456" else ""


def excluded(one: Diagnosis, other: Diagnosis) -> bool:
    """Return whether an Excludes1 note of either keeps the two apart, which is an edit of its own."""
    return any(
        any(read(lines).on(Claim((second,))))
        for first, second in ((one, other), (other, one))
        if (lines := first.notes.get("excludes1"))
    )
