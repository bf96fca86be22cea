"""The follow-up policy: one table of rows by site, service line and priority. Pure.

The most specific row decides; the shipped row stands for every place that no row names.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVar

Row = TypeVar("Row")
PRIORITIES = {"routine": "Routine", "urgent": "Urgent"}
#: when the first mail goes -> what that means
FIRST_SENDS = {
    "at_once": "When it is sent, at any hour",
    "after_quiet": "When it is sent; in quiet hours, at their end",
    "with_digest": "With the next mail of reminders",
}
#: who a step is meant for -> how pages call it
RECIPIENTS = {
    "provider": "the provider",
    "cover": "the covering provider",
    "lead": "the department lead",
    "advisor": "the physician advisor",
}
MOST_REMINDERS = 5
MOST_HOURS = 400.0  # business hours, some nine weeks


class FollowUpError(ValueError):
    """A policy, calendar or absence that cannot be kept; the message names the field."""


@dataclass(frozen=True)
class Scope:
    """Which queries a row is for; "" stands for any."""

    site: str = ""
    service_line: str = ""
    priority: str = ""

    def covers(self, other: Scope) -> bool:
        """Return whether this row is for a query of `other`, which names all three."""
        pairs = zip(self.parts, other.parts, strict=True)
        return all(own in ("", asked) for own, asked in pairs)

    @property
    def parts(self) -> tuple[str, str, str]:
        """Site, service line and priority, in the order in which they weigh."""
        return self.site, self.service_line, self.priority

    @property
    def weight(self) -> tuple[bool, bool, bool]:
        """How specific a row is: a site weighs more than a service line, that more than a priority."""
        return bool(self.site), bool(self.service_line), bool(self.priority)


@dataclass(frozen=True)
class Policy:
    """Business hours after delivery until each step; None: this step is never taken.

    reminders: to the provider. lead, advisor: told that no answer came. due: when the answer is due.
    needs_cosignature: whether what a resident answers for an attending needs the attending's signature too.
    """

    due: float = 27.0
    reminders: tuple[float, ...] = (9.0, 18.0)
    lead: float | None = 27.0
    advisor: float | None = 45.0
    first_send: str = "at_once"
    needs_cosignature: bool = False

    @property
    def steps(self) -> tuple[tuple[str, str, float], ...]:
        """The steps as (key, recipient, hours), in order of time."""
        found = [(f"reminder_{n}", "provider", hours) for n, hours in enumerate(self.reminders, 1)]
        found += [
            (name, name, hours) for name in ("lead", "advisor") if (hours := getattr(self, name)) is not None
        ]
        return tuple(sorted(found, key=lambda one: one[2]))


#: what ships; a site's own rows come before these
SHIPPED: tuple[tuple[Scope, Policy], ...] = (
    (Scope(), Policy()),
    (Scope(priority="urgent"), Policy(due=9.0, reminders=(4.5,), lead=9.0, advisor=18.0)),
)


def check(policy: Policy) -> None:
    """Refuse a policy that would do something else than it says. Raises FollowUpError naming the field."""
    if policy.first_send not in FIRST_SENDS:
        raise FollowUpError(f"The first mail {policy.first_send!r} is none of: {', '.join(FIRST_SENDS)}.")
    if len(policy.reminders) > MOST_REMINDERS:
        raise FollowUpError(f"At most {MOST_REMINDERS} reminders; more of them are read less.")
    named = [("answer due", policy.due), ("department lead", policy.lead), ("physician advisor", policy.advisor)]
    named += [("reminder", hours) for hours in policy.reminders]
    for name, hours in named:
        if hours is not None and not 0 < hours <= MOST_HOURS:
            raise FollowUpError(f"The hours of “{name}” must be more than 0 and at most {MOST_HOURS:g}.")
    if list(policy.reminders) != sorted(set(policy.reminders)):
        raise FollowUpError("Each reminder must come later than the one before.")
    for name, hours in named[1:3]:
        if hours is not None and policy.reminders and hours < policy.reminders[0]:
            raise FollowUpError(f"The {name} is told before the provider was reminded once; choose later hours.")
    if policy.lead is not None and policy.advisor is not None and policy.advisor < policy.lead:
        raise FollowUpError("The physician advisor is told before the department lead; choose later hours.")


def in_force(rows: Iterable[tuple[Scope, Row]], asked: Scope) -> tuple[Scope, Row] | None:
    """Return the most specific of `rows` that is for `asked`, or None."""
    fitting = [one for one in rows if one[0].covers(asked)]
    return max(fitting, key=lambda one: one[0].weight, default=None)
