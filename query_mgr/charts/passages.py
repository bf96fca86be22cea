"""A document's text in passages: where a section begins, what was copied, what was looked for. Pure."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise


@dataclass(frozen=True)
class Span:
    """`text[start:end]`; `label` says what of: a number of an origin, or the id of a place."""

    start: int
    end: int
    label: str = ""


@dataclass(frozen=True)
class Passage:
    """A stretch of text that is all copied or not, marked or not.

    copied: the label of its origin, or ""; mark: the label of what was looked for, None where it was not;
    anchors: what begins here.
    """

    text: str
    copied: str = ""
    mark: str | None = None
    anchors: tuple[str, ...] = ()


def passages(
    text: str, *, copied: Sequence[Span] = (), marks: Sequence[Span] = (), anchors: Iterable[Span] = ()
) -> tuple[Passage, ...]:
    """Return `text` cut wherever something begins or ends; joined together they are `text` again.

    copied, marks: each in order, none overlapping another of its own kind. Places outside the text are cut off.
    """
    begins: dict[int, list[str]] = {}
    for one in anchors:
        begins.setdefault(min(max(one.start, 0), len(text)), []).append(one.label)
    cuts = {0, len(text), *begins}
    for one in (*copied, *marks):
        cuts |= {min(max(one.start, 0), len(text)), min(max(one.end, 0), len(text))}
    places = sorted(cuts)
    copied_from, marked_from = [one.start for one in copied], [one.start for one in marks]
    found = []
    for start, end in pairwise(places):
        copy, mark = _over(copied, copied_from, start), _over(marks, marked_from, start)
        found.append(
            Passage(
                text[start:end],
                copy.label if copy else "",
                mark.label if mark else None,
                tuple(begins.get(start, ())),
            )
        )
    if (left := begins.get(len(text))) and text:
        found.append(Passage("", anchors=tuple(left)))
    return tuple(found)


def _over(spans: Sequence[Span], starts: Sequence[int], at: int) -> Span | None:
    nth = bisect_right(starts, at) - 1
    return spans[nth] if nth >= 0 and at < spans[nth].end else None
