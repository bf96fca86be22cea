"""Whether the policies of a payer cover what was done, for whom, why, where and how often. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from query_mgr.coding.ncci.rules import ServiceLine
from query_mgr.coding.payers.terms import Terms

_SHOWN = 8  # diagnoses that a message lists


@dataclass(frozen=True)
class Policy:
    """A version of a policy and the days on which it counts, both included."""

    ref: str
    payer: str
    number: str
    version: int
    title: str
    terms: Terms
    since: date
    until: date
    citation: str = ""
    is_example: bool = False

    @property
    def name(self) -> str:
        """How messages call it."""
        return f"{self.payer} {self.number}" + (" (made-up example)" if self.is_example else "")


@dataclass(frozen=True)
class Linked:
    """A service line with the diagnosis codes that it is linked to, and where it was given."""

    line: ServiceLine
    diagnoses: tuple[str, ...]
    place: str = ""


@dataclass(frozen=True)
class Reason:
    """Why a policy does not cover a line: unlinked | diagnosis | frequency | age | sex | place | modifier."""

    kind: str
    text: str


@dataclass(frozen=True)
class Verdict:
    """What the policies say of a line: the one that fits best, and why it does not cover; no reason: it covers."""

    line: ServiceLine
    policy: Policy
    reasons: tuple[Reason, ...]

    @property
    def is_covered(self) -> bool:
        """Whether the policy covers the line."""
        return not self.reasons


def necessity(
    lines: Sequence[Linked], born: date | None, sex: str, earlier: Mapping[str, Collection[date]],
    policies: Sequence[Policy],
) -> list[Verdict]:  # fmt: skip
    """Return a verdict for every line that a policy concerns on its day; lines without a policy have none.

    born: the patient's day of birth, for the age at the service. earlier: per procedure code the days before on which the patient had it.
    Where several policies concern a line, one that covers it is enough: payers add coverage in further policies.
    An age or sex that is not known is not held against anybody.
    """
    found = []
    for one in lines:
        day = one.line.service_on
        concerning = [
            policy
            for policy in policies
            if policy.since <= day <= policy.until and policy.terms.concern(one.line.code)
        ]
        verdicts = [
            Verdict(
                one.line, policy, tuple(_reasons(one, _age(born, day), sex, _days(policy, lines, earlier), policy))
            )
            for policy in concerning
        ]
        if verdicts:
            found.append(min(verdicts, key=lambda verdict: len(verdict.reasons)))
    return found


def _age(born: date | None, on: date) -> int | None:
    """Return the completed years on a day, None where the birth is unknown or later."""
    if born is None or born > on:
        return None
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))


def _days(policy: Policy, lines: Sequence[Linked], earlier: Mapping[str, Collection[date]]) -> set[date]:
    """Return the days on which the patient had anything that falls under the policy."""
    own = {one.line.service_on for one in lines if policy.terms.concern(one.line.code)}
    return own | {day for code, days in earlier.items() if policy.terms.concern(code) for day in days}


def _reasons(one: Linked, age: int | None, sex: str, days: set[date], policy: Policy) -> list[Reason]:
    line, terms, found = one.line, policy.terms, list[Reason]()
    if terms.diagnoses and not one.diagnoses:
        text = f"{line.code} is linked to no diagnosis; {policy.name} covers it for {_listed(terms)}."
        found.append(Reason("unlinked", text))
    elif not any(terms.cover(code) for code in one.diagnoses) and terms.diagnoses:
        linked = ", ".join(one.diagnoses)
        text = f"{policy.name} covers {line.code} for {_listed(terms)}; it is linked to {linked}."
        found.append(Reason("diagnosis", text))
    if terms.frequency is not None:
        found += _too_often(line, days, policy)
    if age is not None and not (terms.age_from or 0) <= age <= (terms.age_to if terms.age_to is not None else 999):
        found.append(Reason("age", f"{policy.name} covers {line.code} {terms.ages}; the patient is {age}."))
    if terms.sex and sex in ("female", "male") and sex != terms.sex:
        text = f"{policy.name} covers {line.code} for {terms.sex} patients; this one is recorded as {sex}."
        found.append(Reason("sex", text))
    if terms.places and one.place not in terms.places:
        said = f"it says {one.place}" if one.place else "the line says none"
        text = f"{policy.name} covers {line.code} at place of service {', '.join(terms.places)}; {said}."
        found.append(Reason("place", text))
    if terms.modifiers and not set(terms.modifiers) & set(line.modifiers):
        text = f"{policy.name} asks for modifier {' or '.join(terms.modifiers)} on {line.code}."
        found.append(Reason("modifier", text))
    return found


def _too_often(line: ServiceLine, days: set[date], policy: Policy) -> list[Reason]:
    """Return the reason where the day of the line is one too many of the period that ends with it."""
    frequency = policy.terms.frequency
    if frequency is None:
        return []
    first = date.min if frequency.days is None else line.service_on - timedelta(days=frequency.days - 1)
    within = sorted(day for day in days if first <= day <= line.service_on)
    if len(within) <= frequency.count:
        return []
    before = ", ".join(f"{day:%b %d, %Y}" for day in within[:-1][-3:])
    text = f"{policy.name} covers {line.code} {frequency}; the patient had it on {before}."
    return [Reason("frequency", text)]


def _listed(terms: Terms) -> str:
    shown = [one.written for one in terms.diagnoses[:_SHOWN]]
    more = len(terms.diagnoses) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more else "")
