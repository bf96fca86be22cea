"""A draft read once: every shown text normalised, the conditions it names, and what is documented."""

from __future__ import annotations

import bisect
import functools
import re
from dataclasses import dataclass
from functools import cached_property

from query_mgr.clinical.library import load
from query_mgr.clinical.mentions import Mention, mentions
from query_mgr.clinical.requirements.definition import PROVIDER_ROLES
from query_mgr.clinical.terms.names import Name, distinct, names, qualities_in, same_words
from query_mgr.queries.lint.authors import speaks_of_elsewhere
from query_mgr.queries.lint.documented import Record
from query_mgr.queries.lint.draft import Draft, DraftOption
from query_mgr.queries.lint.findings import tells_with_source
from query_mgr.queries.lint.kinds import kind_of
from query_mgr.queries.lint.normalise import lowered, normalised, without_tags

_SPACE = re.compile(r"\s+")
_SENTENCE = re.compile(r"[^.!?\n;]+(?:\.(?=\S)[^.!?\n;]*)*")


@dataclass(frozen=True)
class Shown:
    """One text that the provider sees. `marked` keeps HTML tags; `text` does not; `low` is `text` lower-cased."""

    field: str
    marked: str
    text: str
    low: str

    @property
    def mentions(self) -> tuple[Mention, ...]:
        """The conditions of the library that it names."""
        return mentions(self.text)

    @property
    def names(self) -> tuple[Name, ...]:
        """The diagnoses that it names, of the library or not, each as often as it is narrowed otherwise."""
        return distinct(names(self.text))

    @property
    def qualities(self) -> frozenset[str]:
        """What in it narrows a diagnosis: acuity, severity, type, stage."""
        return qualities_in(same_words(self.text))

    @property
    def sentences(self) -> tuple[str, ...]:
        """Its sentences in lower case."""
        return tuple(self.low[start:end] for start, end in _spans(self.low))

    def sentence(self, at: int) -> str:
        """Return the sentence that holds the character at `at`, in lower case."""
        start, end = self.span_of(at)
        return self.low[start:end]

    def span_of(self, at: int) -> tuple[int, int]:
        """Return the bounds of the sentence that holds the character at `at`."""
        spans = _spans(self.low)
        return spans[max(0, bisect.bisect_right(spans, at, key=lambda span: span[0]) - 1)]

    def excerpt(self, start: int, end: int) -> str:
        """Return the words at `start:end` with a little of what stands around them."""
        left = self.text.rfind(" ", 0, max(0, start - 25)) + 1 if start > 25 else 0
        right = self.text.find(" ", end + 25)
        return _SPACE.sub(" ", self.text[max(left, start - 60) : right if 0 <= right < end + 60 else end + 40])[
            :220
        ].strip()

    def hit(self, start: int, end: int, message: str, severity: str = "") -> Hit:
        """Return what a check found at `text[start:end]`."""
        return Hit(self.field, self.excerpt(start, end), message, severity, (start, end))


@dataclass(frozen=True)
class Option:
    """An answer option with its text as read and its kind as the provider would understand it."""

    shown: Shown
    kind: str
    key: str

    @property
    def is_clinical(self) -> bool:
        """Whether it asserts something clinical, rather than other, undetermined, ruled out, not significant."""
        return self.kind == "clinical"


@dataclass(frozen=True)
class Hit:
    """What a check found; `severity` overrides the rule's, "" leaves it.

    span: where in the field's text as read; None for all of it.
    """

    field: str
    excerpt: str
    message: str
    severity: str = ""
    span: tuple[int, int] | None = None


class Reading:
    """A draft with what the rules need of it, each worked out once."""

    def __init__(self, draft: Draft) -> None:
        self.draft = draft
        self.title = _shown("title", draft.title)
        self.question = _shown("question", draft.question)
        self.body = _shown("body", draft.body)
        self.options = tuple(_option(number, option) for number, option in enumerate(draft.options))
        self.indicators = tuple(_shown(f"indicators[{n}]", i.text) for n, i in enumerate(draft.indicators))
        self.labels = tuple(_shown(f"indicators[{n}]", i.source_label) for n, i in enumerate(draft.indicators))
        self.library = load()

    @cached_property
    def written(self) -> tuple[Shown, ...]:
        """What the author wrote: title, question, body, options."""
        return (self.title, self.question, self.body, *(option.shown for option in self.options))

    @cached_property
    def seen(self) -> tuple[Shown, ...]:
        """All that the provider sees, the quoted indicators included."""
        return (*self.written, *self.indicators, *self.labels)

    @cached_property
    def told(self) -> frozenset[str]:
        """The words by which title, indicators and documentation describe the case."""
        texts = (self.title.text, *(shown.text for shown in self.indicators), *self.record.texts)
        return frozenset().union(*map(_words_of, texts))

    @cached_property
    def clinical_options(self) -> tuple[Option, ...]:
        """The options that assert something clinical."""
        return tuple(option for option in self.options if option.is_clinical)

    @cached_property
    def record(self) -> Record:
        """What providers documented in this encounter, in a note or in an excerpt that an indicator quotes."""
        quoted = (
            indicator.text
            for indicator in self.draft.indicators
            if indicator.source_kind == "document"
            and indicator.author_role in PROVIDER_ROLES
            and indicator.scope == "current"
        )
        return Record(normalised(text) for text in (*self.draft.documentation, *quoted))

    @cached_property
    def findings_in_body(self) -> tuple[str, ...]:
        """The sentences of the body that tell a finding and where it stands, in lower case: they are indicators too."""
        return tuple(one for one in self.body.sentences if tells_with_source(one) and not speaks_of_elsewhere(one))

    @cached_property
    def facts(self) -> tuple[str, ...]:
        """What of this encounter may point to a diagnosis, in lower case; nothing where the query shows no indicator."""
        if not self.current and not self.findings_in_body and not self.prior_facts:
            return ()
        return (*self.current, *self.findings_in_body, *(lowered(text) for text in self.record.texts))

    @cached_property
    def told_here(self) -> tuple[str, ...]:
        """All that is told of this encounter, in lower case: what was found, title, question and body."""
        body = (one for one in self.body.sentences if not speaks_of_elsewhere(one))
        return tuple(dict.fromkeys((*self.found_here, self.title.low, self.question.low, *body)))

    @cached_property
    def found_here(self) -> tuple[str, ...]:
        """The facts of this encounter and what others than providers wrote in it, in lower case."""
        return (*self.facts, *(lowered(normalised(text)) for text in self.draft.others))

    @cached_property
    def current(self) -> tuple[str, ...]:
        """The indicators of this encounter, in lower case."""
        pairs = zip(self.indicators, self.draft.indicators, strict=True)
        return tuple(shown.low for shown, indicator in pairs if indicator.scope != "prior")

    @cached_property
    def prior_facts(self) -> tuple[str, ...]:
        """The indicators of prior encounters and what the body tells of them, in lower case."""
        pairs = zip(self.indicators, self.draft.indicators, strict=True)
        listed = (shown.low for shown, indicator in pairs if indicator.scope == "prior")
        return (*listed, *(one for one in self.body.sentences if speaks_of_elsewhere(one)))


@functools.lru_cache(maxsize=2048)  # a few kilobytes for a note, whose words with their places take a hundred
def _words_of(text: str) -> frozenset[str]:
    return frozenset(same_words(text))


@functools.lru_cache(maxsize=64)
def _spans(text: str) -> tuple[tuple[int, int], ...]:
    return tuple(found.span() for found in _SENTENCE.finditer(text))


def plain(text: str) -> str:
    """Return text in lower case with single spaces."""
    return _SPACE.sub(" ", lowered(text)).strip()


def _shown(field: str, raw: str) -> Shown:
    marked = normalised(raw)
    text = without_tags(marked)
    return Shown(field, marked, text, lowered(text))


def _option(number: int, option: DraftOption) -> Option:
    shown = _shown(f"options[{number}]", option.label)
    kind = kind_of(option.kind, plain(shown.text), names_diagnosis=bool(shown.names))
    return Option(shown, kind, option.key)
