"""What may be added to a signed answer: kinds, who may, and what is out of the ordinary. Pure.

Source: CMS Transmittal 442 (Program Integrity Manual ch. 3 §3.3.2.5): an amendment, correction or delayed entry is
named as such, with its date and author, and the original stays.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True)
class Kind:
    """A way to amend. is_authors_own: only whoever signed the answer may."""

    label: str
    when: str
    meaning: str
    is_authors_own: bool = False


KINDS: dict[str, Kind] = {
    "addendum": Kind(
        "Addendum",
        "Something new: it was not known when the answer was signed.",
        "authored addendum to a signed answer",
    ),
    "late_entry": Kind("Late entry", "It was known then and left out.", "authored late entry to a signed answer"),
    "correction": Kind(
        "Correction",
        "What was signed is wrong. It stays legible, struck through, with this beside it.",
        "authored correction of a signed answer",
        is_authors_own=True,
    ),
}

#: what reviewers ask about an amendment; shown beside it, and never a reason to refuse it
FLAGS = {
    "late": "Signed after the late-entry window of this site",
    "after_bill": "Signed after the account went to billing",
}


@dataclass(frozen=True)
class Policy:
    """What a site marks. window_days: days after discharge, 0 marks none."""

    window_days: int
    marks_after_bill: bool


def kinds_for(is_author: bool) -> dict[str, Kind]:
    """Return the kinds that somebody may choose: others than the author correct nothing in their name."""
    return {key: one for key, one in KINDS.items() if is_author or not one.is_authors_own}


def flags(
    policy: Policy, at: datetime, discharged_at: datetime | None, billed_at: datetime | None
) -> tuple[str, ...]:
    """Return the keys of FLAGS that hold for an amendment signed at `at`. billed_at: when billing took the account."""
    window = timedelta(days=policy.window_days)
    is_late = bool(policy.window_days and discharged_at and at > discharged_at + window)
    is_billed = bool(policy.marks_after_bill and billed_at and billed_at <= at)
    return tuple(name for name, holds in (("late", is_late), ("after_bill", is_billed)) if holds)
