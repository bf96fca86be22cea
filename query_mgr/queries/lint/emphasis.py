"""Marks, capitals and remarks that set one answer apart (Q06, Q16). What all answers share sets none apart."""

from __future__ import annotations

import functools
import itertools
import re
import unicodedata
from collections.abc import Iterator

from query_mgr.clinical.library import load
from query_mgr.queries.lint.grammar import tokens
from query_mgr.queries.lint.marking import SET_APART
from query_mgr.queries.lint.reading import Hit, Option, Reading, Shown
from query_mgr.queries.lint.wording import Sense, Senses, spoken_by_author

_MARKUP = re.compile(
    r"\*\*[^*\n]{1,120}\*\*|__[^_\n]{1,120}__|</?(?:b|strong|u|em|i|mark|big|font|span|h[1-6])\b[^<>]{0,80}>|"
    r"(?<![\w*])\*(?![\s*])[^*\n]{1,120}(?<!\s)\*(?!\w)|(?<![\w_])_(?![\s_])[^_\n]{1,120}(?<!\s)_(?!\w)"
)
_TICKED = re.compile(r"[\[({]\s?[xX✓✔√*•●]\s?[\])}]|^\s*[xX]\s{1,3}(?=\S)|^\s*[*+#!>]+(?=\s?\w)|\s[*#]+\s*$")
_ARROWS = re.compile(
    r"<{1,3}[-=~]*(?=\s|$)|<[-=]+|[-=]+>|>{2,}|<{2,}|={2,}|~{2,}|!{2,}|\^{2,}|\*{3,}|(?<=\w)!\s*$"
)
#: signs for boxes, bullets and units that stand before every answer or belong to a value
_PLAIN_SIGNS = frozenset("°®™©☐□○◯❏❑▢◻•·●▪■◦‣⁃℃℉µ")
_CAPITALS = re.compile(r"\b[A-Z]{4,}\b")
#: words that shout wherever they stand in capitals; every word of the library's names does as well
_LOUD = (
    "acute chronic severe moderate mild only definitely must surely clearly obviously best recommended "
    "likely present absent true correct preferred this answer pick choose select here confirmed extreme "
    "critical serious highest "
)
_SHOUTED = frozenset(_LOUD.split())
_REMARKS = Senses((
    Sense(r"\((?:\w+ ){0,3}?(?:recommended|preferred|suggested|most likely|likely answer|best(?: \w+)?|default|favou?red|correct|expected|advised|ideal|first choice|our \w+|cdi \w+|coder \w+|supported|most \w+|strongest|top)(?: \w+){0,4}?\)"),
    Sense(r"(?:recommended|preferred|suggested|favou?red|expected|advised|default|correct|best|right|first|top|our|cdi'?s?|ideal)(?: \w+)? (?:answer|choice|option|pick|fit|selection|response|match)|best supported|fits? (?:the \w+ )?best|(?:please |just )?(?:pick|choose|select|check|tick) (?:this|me|here)(?: one)?|"
          r"(?:highly |strongly )?recommended|this one|number one|[-\u2013:,] ?(?:best|preferred|most likely|suggested|likely|favou?red|correct|expected|default)\s*$|^(?:preferred|suggested|best|most likely|recommended|correct|expected|default)\s*[-:\u2013]|pre-?selected|"
          r"as (?:shown|supported|indicated|evidenced|demonstrated) by (?:the |all )?|clearly supported|(?:meets|met) (?:all )?(?:the )?(?:\w+ )?criteria"),
))  # fmt: skip
#: how much of a line tells whether it is written in capitals
_LINE = 80
_PRESELECTED = Senses((
    Sense(r"(?:pre-?|already |have |has |been |is |are |we )(?:selected|checked|ticked|marked|circled|highlighted|chosen|bolded|filled in)(?! (?:on|from|to be|for|as positive|by))",
          beside=r"option|answer|box|choice|for you|below|response|selection|one|your", unless=r"checked (?:on|at)|labs?|glucose|not been|report|result\w*"),
    Sense(r"(?:likely|likeliest|probable|suggested|preferred|recommended|best|favou?red|expected|right|correct|supported|most \w+|fitting) (?:\w+ )?(?:answers?|options?|choices?|responses?|diagnos[ei]s) (?:\w+ )?(?:is|are|stands?|comes?|appears?) (?:\w+ )?(?:listed|shown|given|placed|put|printed|written|set|marked|in|at|on|first|flagged|underlined)|(?:listed|ordered|sorted|ranked|arranged|given) (?:\w+ )?(?:by|in (?:the )?order of|according to) (?:\w+ )?(?:likelihood|probability|preference|plausibility|fit)|(?:underlined|bolded|highlighted|starred|circled|ticked|checked|marked|capitali[sz]ed|first|top) (?:option|answer|choice|one)(?= |\.|,|$)(?! (?:applies|per))|^default\s*:"
          , unless=r"please (?:check|mark|tick|circle)|check one|per (?:day|line)|lab|report|result"),
    Sense(r"pre-?(?:selected|checked|ticked|filled|populated|marked)|(?:defaults?|defaulted|default(?:s|ed)?) (?:to|answer|option|choice)|(?:is|in) (?:bold|highlighted(?! in the (?:lab|report|result))|starred|underlined|yellow|red)|marked with (?:a|an) (?:star|arrow|asterisk)|(?:first|top) (?:option|answer|choice) is"),
))  # fmt: skip


def emphasises(reading: Reading) -> Iterator[Hit]:
    """Yield marks, capitals or remarks that make one answer stand out."""
    yield from _among_options(reading)
    for shown in (reading.title, reading.question):
        if found := _MARKUP.search(shown.marked) or re.search(r"!{2,}", shown.marked):
            yield Hit(shown.field, shown.marked.strip()[:120], f"“{found.group()}” makes this stand out.")
    for shown in (reading.question, reading.body):
        places = (*_PRESELECTED.found(shown.low), *SET_APART.found(tokens(shown.low)))
        for place in itertools.islice(spoken_by_author(shown, places), 1):
            yield shown.hit(*place, f"“{shown.text[slice(*place)]}” sets an answer apart.")
    for shown in (reading.title, reading.question, reading.body):
        yield from _shouted_conditions(shown)
    yield from _marked_in_body(reading.body)


def _among_options(reading: Reading) -> Iterator[Hit]:
    """Yield options with a mark that not every option has."""
    options = [option for option in reading.options if option.kind not in ("other", "undetermined")] or list(
        reading.options
    )
    marks = [_marks(option.shown) for option in options]
    shared = (
        frozenset.intersection(*(frozenset(kind for kind, _ in one) for one in marks))
        if len(options) > 1
        else frozenset()
    )
    for option, found in zip(options, marks, strict=True):
        telling = [mark for kind, mark in found if kind not in shared]
        if telling:
            yield Hit(
                option.shown.field, option.shown.marked.strip()[:120], f"“{telling[0]}” makes this stand out."
            )
        elif shouted := _shouted(option, options):
            yield option.shown.hit(*shouted.span(), f"“{shouted.group()}” in capitals makes this stand out.")


def _marks(shown: Shown) -> tuple[tuple[str, str], ...]:
    """Return kind and text of what marks an option."""
    found = [
        (kind, match.group().strip())
        for kind, pattern in (("markup", _MARKUP), ("tick", _TICKED), ("arrow", _ARROWS))
        if (match := pattern.search(shown.marked))
    ]
    found += [("sign", sign) for sign in shown.marked if _is_sign(sign)]
    if place := _REMARKS.first(shown):
        found.append(("remark", shown.text[place[0] : place[1]]))
    return tuple(found)


def _is_sign(sign: str) -> bool:
    """Say whether a character is a picture or an arrow."""
    return (
        ord(sign) > 127
        and sign not in _PLAIN_SIGNS
        and (unicodedata.category(sign) == "So" or 0x2190 <= ord(sign) <= 0x21FF or 0x2700 <= ord(sign) <= 0x27BF)
    )


def _shouted(option: Option, options: list[Option]) -> re.Match[str] | None:
    """Return a word in capitals where the other options are not written so."""
    others = [one for one in options if one is not option]
    if not others or all(_is_capital(one.shown.text) for one in others):
        return None
    return next((found for found in _CAPITALS.finditer(option.shown.text) if _is_plain_word(found.group())), None)


def _is_capital(text: str) -> bool:
    return text.isupper()


def _is_plain_word(word: str) -> bool:
    """Say whether capitals make a word loud, rather than spell an abbreviation."""
    return word.lower() in _SHOUTED or word.lower() in _vocabulary()


@functools.cache
def _vocabulary() -> frozenset[str]:
    """Return the words that the library's names write in small letters."""
    names = (condition.name for condition in load().values())
    return frozenset(word for name in names for word in re.findall(r"\b[a-z]{4,}\b", name[:1].lower() + name[1:]))


def _shouted_conditions(shown: Shown) -> Iterator[Hit]:
    for mention in shown.mentions:
        name = shown.text[mention.start : mention.end]
        line = shown.text[max(0, mention.start - _LINE) : mention.end + _LINE]
        loud = any(_is_plain_word(word.group()) for word in _CAPITALS.finditer(name))
        if loud and sum(c.islower() for c in line) > sum(c.isupper() for c in line) - len(name):
            yield shown.hit(mention.start, mention.end, f"“{name}” in capitals stands out.")


def _marked_in_body(body: Shown) -> Iterator[Hit]:
    for found in _MARKUP.finditer(body.marked):
        inside = body.marked[found.start() : found.end() + 60].lower()
        if any(body.low[m.start : m.end] in inside for m in body.mentions):
            yield Hit("body", found.group()[:120], "A named condition is set apart from the rest of the text.")
