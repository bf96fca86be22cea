"""What is out of the ordinary about an amendment."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from query_mgr.respond.amendments import KINDS, Policy, flags, kinds_for

LEFT = datetime(2026, 3, 1, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("policy", "after", "billed", "expected"),
    [
        (Policy(30, True), 30 * DAY, None, ()),
        (Policy(30, True), 30 * DAY + timedelta(seconds=1), None, ("late",)),
        (Policy(0, True), 900 * DAY, None, ()),
        (Policy(30, True), 5 * DAY, LEFT + 5 * DAY, ("after_bill",)),
        (Policy(30, True), 5 * DAY, LEFT + 6 * DAY, ()),
        (Policy(30, False), 5 * DAY, LEFT, ()),
        (Policy(1, True), 5 * DAY, LEFT, ("late", "after_bill")),
    ],
)
def test_what_a_site_marks(
    policy: Policy, after: timedelta, billed: datetime | None, expected: tuple[str, ...]
) -> None:
    assert flags(policy, LEFT + after, LEFT, billed) == expected


def test_a_stay_that_goes_on_is_never_late() -> None:
    assert flags(Policy(1, True), LEFT + 90 * DAY, None, None) == ()


def test_only_the_author_corrects() -> None:
    assert set(kinds_for(is_author=True)) == set(KINDS)
    assert set(kinds_for(is_author=False)) == {"addendum", "late_entry"}
