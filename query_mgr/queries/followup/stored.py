"""Policies and calendars as they are kept: plain values in and out. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import time
from typing import Any
from zoneinfo import ZoneInfo

from query_mgr.queries.followup.calendar import Calendar, is_between
from query_mgr.queries.followup.holidays import DAYS, FEDERAL, HolidayError, parse
from query_mgr.queries.followup.policy import FollowUpError, Policy, check

MOST_MAIL_TIMES = 6
LONGEST_HOLIDAYS = 8000  # characters
#: what a site's calendar is while it has none of its own; its zone is the setting QUERY_MGR_TIME_ZONE
BLANK_CALENDAR: dict[str, str] = {
    "zone": "", "weekdays": "Mon Tue Wed Thu Fri", "opens": "08:00", "closes": "17:00", "quiet_from": "19:00",
    "quiet_to": "07:00", "mail_times": "09:00, 14:00", "holidays": FEDERAL,
}  # fmt: skip


def policy_of(terms: Mapping[str, Any]) -> Policy:
    """Return the policy that `as_stored` made `terms` of."""
    return Policy(**{**terms, "reminders": tuple(terms["reminders"])})


def as_stored(policy: Policy) -> dict[str, Any]:
    """Return a policy as JSON holds it."""
    return asdict(policy) | {"reminders": list(policy.reminders)}


def policy_from(typed: Mapping[str, str]) -> Policy:
    """Return the policy in a form. Raises FollowUpError naming the field."""
    found = Policy(
        due=_hours("answer due", typed.get("due", "")) or 0,
        reminders=tuple(
            _hours("reminders", one) or 0 for one in typed.get("reminders", "").split(",") if one.strip()
        ),
        lead=_hours("department lead", typed.get("lead", "")),
        advisor=_hours("physician advisor", typed.get("advisor", "")),
        first_send=typed.get("first_send", ""),
        needs_cosignature=bool(typed.get("needs_cosignature")),
    )
    check(found)
    return found


def typed_policy(policy: Policy) -> dict[str, str]:
    """Return a policy as its form shows it."""
    return {
        "due": f"{policy.due:g}",
        "reminders": ", ".join(f"{one:g}" for one in policy.reminders),
        "lead": "" if policy.lead is None else f"{policy.lead:g}",
        "advisor": "" if policy.advisor is None else f"{policy.advisor:g}",
        "first_send": policy.first_send,
        "needs_cosignature": "y" if policy.needs_cosignature else "",
    }


def _hours(name: str, text: str) -> float | None:
    if not text.strip():
        return None
    try:
        if len(text) > 20 or not text.isascii():
            raise ValueError
        return float(text)
    except ValueError:
        raise FollowUpError(f"“{name}” takes business hours as numbers, such as 9 or 13.5.") from None


def calendar_of(terms: Mapping[str, str], zone: str) -> Calendar:
    """Return the calendar in a form or a kept version. zone: for one that names none.

    Raises FollowUpError naming the field.
    """
    mail_times = tuple(_time("mail times", one) for one in terms.get("mail_times", "").split(",") if one.strip())
    found = Calendar(
        zone=_zone(terms.get("zone", "").strip() or zone),
        weekdays=_weekdays(terms.get("weekdays", "")),
        opens=_time("opens", terms.get("opens", "")),
        closes=_time("closes", terms.get("closes", "")),
        quiet_from=_time("quiet from", terms.get("quiet_from", "")),
        quiet_to=_time("quiet to", terms.get("quiet_to", "")),
        mail_times=mail_times,
        holidays=_holidays(terms.get("holidays", "")),
    )
    _check_calendar(found)
    return found


def _check_calendar(calendar: Calendar) -> None:
    if calendar.opens >= calendar.closes:
        raise FollowUpError("Business hours must end after they begin, on the same day.")
    if not 0 < len(set(calendar.mail_times)) <= MOST_MAIL_TIMES or len(set(calendar.mail_times)) < len(
        calendar.mail_times
    ):
        raise FollowUpError(f"Give one to {MOST_MAIL_TIMES} different times for mail, such as 09:00, 14:00.")
    loud = [one for one in calendar.mail_times if not is_between(one, calendar.quiet_from, calendar.quiet_to)]
    if len(loud) < len(calendar.mail_times):
        raise FollowUpError("A time for mail lies in the quiet hours; move one of them.")


def _time(name: str, text: str) -> time:
    try:
        found = time.fromisoformat(text.strip())
        if found.tzinfo is not None:
            raise ValueError
    except ValueError:
        raise FollowUpError(f"“{name}” takes a time such as 08:30.") from None
    return found.replace(second=0, microsecond=0)


def _weekdays(text: str) -> frozenset[int]:
    words = text.replace(",", " ").split()
    if not words or not set(words) <= set(DAYS):
        raise FollowUpError(f"Business days are one or more of {', '.join(DAYS)}.")
    return frozenset(DAYS.index(one) for one in words)


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise FollowUpError(f"“{name[:40]}” is no IANA time zone, such as America/Chicago.") from None
    return name


def _holidays(text: str) -> Any:
    if len(text) > LONGEST_HOLIDAYS:
        raise FollowUpError("The list of holidays is too long; leave out the past ones.")
    try:
        return parse(text)
    except HolidayError as error:
        raise FollowUpError(f"Holidays: {error}.") from None
