"""A draft read once: every shown text normalised, the conditions it names, and what is documented."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from query_mgr.clinical.assertions import documented_in
from query_mgr.clinical.library import Condition, load
from query_mgr.clinical.mentions import Mention, mentions
from query_mgr.queries.lint.draft import Draft, DraftOption
from query_mgr.queries.lint.normalise import lowered, normalised, without_tags

PROVIDERS = frozenset({"attending", "consultant", "resident", "advanced_practice"})
_OTHER = re.compile(
    r"other\s*(?:[:(,_.\u2026-]|\Z|please|diagnos|condition|explanation|free|clinical|\w{0,3}specify)"
)
_UNDETERMINED = re.compile(
    r"(?:clinically )?(?:un(?:able to (?:be )?(?:clinically )?determined?|determined|known)|"
    r"(?:cannot|can not|can't) (?:be )?(?:clinically )?determined?|indeterminate)"
)
_SPACE = re.compile(r"\s+")


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
    def clinical_options(self) -> tuple[Option, ...]:
        """The options that assert something clinical."""
        return tuple(option for option in self.options if option.is_clinical)

    @cached_property
    def documented(self) -> frozenset[str]:
        """Ids of the conditions that providers documented in this encounter, in a note or in a quoted excerpt."""
        quoted = (
            indicator.text
            for indicator in self.draft.indicators
            if indicator.source_kind == "document"
            and indicator.author_role in PROVIDERS
            and indicator.scope == "current"
        )
        texts = (*self.draft.documentation, *quoted)
        return frozenset().union(*(documented_in(normalised(text)) for text in texts))

    @cached_property
    def documentation(self) -> str:
        """The documentation in lower case with single spaces, for looking up an option's exact words."""
        return "\n".join(plain(normalised(text)) for text in self.draft.documentation)

    def written_as(self, field: str) -> str:
        """Return the text of a field as the author wrote it; "" for a list as a whole."""
        name, _, number = field.rstrip("]").partition("[")
        if not number:
            return str(getattr(self.draft, name)) if name in ("title", "question", "body") else ""
        at = int(number)
        return self.draft.options[at].label if name == "options" else self.draft.indicators[at].text

    def undocumented(self, shown: Shown) -> Iterator[tuple[Mention, Condition]]:
        """Yield the conditions that a text names and no provider has documented."""
        for mention in shown.mentions:
            if mention.condition not in self.documented:
                yield mention, self.library[mention.condition]


def plain(text: str) -> str:
    """Return text in lower case with single spaces."""
    return _SPACE.sub(" ", lowered(text)).strip()


def _shown(field: str, raw: str) -> Shown:
    marked = normalised(raw)
    text = without_tags(marked)
    return Shown(field, marked, text, lowered(text))


def _option(number: int, option: DraftOption) -> Option:
    shown = _shown(f"options[{number}]", option.label)
    return Option(shown, _kind(option.kind, plain(shown.text), bool(shown.mentions)), option.key)


def _kind(kind: str, label: str, names_condition: bool) -> str:
    """Return the kind as read: a label may be plain "Other: ___" whatever its kind, a diagnosis never is."""
    if kind in ("other", "undetermined") and names_condition:
        return "clinical"
    if kind == "clinical" and not names_condition:
        if _OTHER.match(label):
            return "other"
        if _UNDETERMINED.match(label):
            return "undetermined"
    return kind
