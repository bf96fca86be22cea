"""What a person asked to see: checked before anything reads it. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, tzinfo

DEFAULT_MONTHS = 6
MOST_MONTHS = 60
_MONTH = re.compile(r"[0-9]{4}-(?:0[1-9]|1[0-2])")


class FilterError(ValueError):
    """A filter that cannot be read; the message names the field and what it takes."""


@dataclass(frozen=True)
class Filters:
    """A range of months ("2026-11", both included) by the day of sending; "" stands for all."""

    first: str
    last: str
    service_line: str = ""
    provider: str = ""

    @property
    def months(self) -> list[str]:
        """Every month of the range, in order."""
        low, high = _number(self.first), _number(self.last)
        return [_month(n) for n in range(low, high + 1)]

    def bounds(self, zone: tzinfo) -> tuple[datetime, datetime]:
        """Return the range in UTC: from the first instant, up to but not with the last."""
        return _begin(self.first, zone), _begin(_month(_number(self.last) + 1), zone)

    def args(self, **changes: str) -> dict[str, str]:
        """Return the filters, with `changes`, as a URL's query takes them."""
        new = replace(self, **changes)
        found = {"from": new.first, "to": new.last, "service_line": new.service_line, "provider": new.provider}
        return {key: value for key, value in found.items() if value}


def parse(args: Mapping[str, str], today: date) -> Filters:
    """Return the filters in a request; without any, the last six months.

    Raises FilterError for a month that is none, a range that runs backwards or is over five years long.
    """
    this_month = _number(f"{today:%Y-%m}")
    last = _checked("to", args.get("to", "").strip() or _month(this_month))
    first = _checked("from", args.get("from", "").strip() or _month(_number(last) - DEFAULT_MONTHS + 1))
    if _number(first) > _number(last):
        raise FilterError(f"the range runs backwards: from {first} to {last}; swap the two months")
    if _number(last) - _number(first) >= MOST_MONTHS:
        raise FilterError(f"the range is longer than {MOST_MONTHS} months; choose a later first month")
    return Filters(first, last, _text(args, "service_line", 80), _text(args, "provider", 16))


def page_number(text: str, size: int, total: int) -> int:
    """Return the page asked for, held between the first and the last. Raises FilterError where it is no number."""
    if not re.fullmatch(r"-?[0-9]{1,20}", text):
        raise FilterError("page takes a whole number")
    return max(1, min(int(text), max(1, -(-total // size))))


def _checked(name: str, month: str) -> str:
    if not _MONTH.fullmatch(month) or not 1990 <= int(month[:4]) <= 2200:
        raise FilterError(f"{name} takes a month such as 2026-11")
    return month


def _text(args: Mapping[str, str], name: str, longest: int) -> str:
    text = args.get(name, "").strip()
    if len(text) > longest or any(ord(sign) < 32 for sign in text):
        raise FilterError(f"{name} takes at most {longest} ordinary characters")
    return text


def _number(month: str) -> int:
    return int(month[:4]) * 12 + int(month[5:]) - 1


def _month(number: int) -> str:
    return f"{number // 12:04d}-{number % 12 + 1:02d}"


def _begin(month: str, zone: tzinfo) -> datetime:
    return datetime(int(month[:4]), int(month[5:]), 1, tzinfo=zone).astimezone(UTC)
