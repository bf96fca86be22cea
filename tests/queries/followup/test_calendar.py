"""Business hours, holidays and quiet hours, where clocks jump and years end (assurance F27 and item 105)."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from query_mgr.queries.followup.calendar import Calendar, is_between
from query_mgr.queries.followup.duty import Away, Duty, Pause, Roster
from query_mgr.queries.followup.holidays import FEDERAL, HolidayError, by_day, parse

SITE = Calendar()
AROUND_THE_CLOCK = Calendar(weekdays=frozenset(range(7)), opens=time(0), closes=time(23, 59), holidays=())


def at(text: str) -> datetime:
    """A moment as the clocks of New York show it: "2026-11-02 09:00", the first of two where it comes twice."""
    return SITE.instant(date.fromisoformat(text[:10]), time.fromisoformat(text[11:]))


def shown(moment: datetime | None) -> str:
    assert moment is not None
    return f"{SITE.local(moment):%a %Y-%m-%d %H:%M}"


@pytest.mark.parametrize(
    ("year", "days"),
    [
        (2026, "01-01 01-19 02-16 05-25 06-19 07-03 09-07 10-12 11-11 11-26 12-25"),  # 4 July is a Saturday
        (
            2027,
            "01-01 01-18 02-15 05-31 06-18 07-05 09-06 10-11 11-11 11-25 12-24 12-31",
        ),  # New Year 2028: Saturday
    ],
)
def test_federal_holidays_fall_on_the_days_that_the_office_of_personnel_management_lists(
    year: int, days: str
) -> None:
    found = sorted(f"{day:%m-%d}" for day in by_day(parse(FEDERAL), year))
    assert found == days.split()


@pytest.mark.parametrize(
    "line", ["Christmas", "13-01 X", "02-30 X", "5 Mon 01 X", "4 Foo 11 X", "2026-02-29 X", "12-25", "x" * 200]
)
def test_a_line_that_names_no_day_is_quoted(line: str) -> None:
    with pytest.raises(HolidayError, match="names no day"):
        parse(f"12-24 Eve\n{line}")


def test_item_105_a_leap_day_is_a_holiday_in_leap_years_only() -> None:
    leap = parse("02-29 Leap day")
    assert (len(by_day(leap, 2028)), len(by_day(leap, 2027))) == (1, 0)


@pytest.mark.parametrize(
    ("start", "hours", "end"),
    [
        ("2026-11-02 09:00", 9, "Tue 2026-11-03 09:00"),
        ("2026-11-06 16:00", 2, "Mon 2026-11-09 09:00"),  # over a weekend
        ("2026-11-10 16:00", 2, "Thu 2026-11-12 09:00"),  # over Veterans Day
        ("2026-11-02 03:00", 1, "Mon 2026-11-02 09:00"),  # before the doors open
        ("2026-11-02 08:00", 9, "Mon 2026-11-02 17:00"),  # to the last minute
        ("2026-12-31 16:00", 2, "Mon 2027-01-04 09:00"),  # over the end of the year
        ("2028-02-28 16:00", 2, "Tue 2028-02-29 09:00"),  # into a leap day
        ("2026-03-06 16:00", 2, "Mon 2026-03-09 09:00"),  # over the night that loses an hour
        ("2026-10-30 16:00", 2, "Mon 2026-11-02 09:00"),  # over the night that gains one
    ],
)
def test_f27_business_hours_are_added_in_the_sites_own_time(start: str, hours: float, end: str) -> None:
    assert shown(Duty(SITE).add_hours(at(start), hours)) == end


def test_f27_hours_that_count_are_elapsed_hours_where_the_clocks_jump() -> None:
    duty = Duty(AROUND_THE_CLOCK)
    assert shown(duty.add_hours(at("2026-03-08 01:00"), 2)) == "Sun 2026-03-08 04:00"
    assert shown(duty.add_hours(at("2026-11-01 00:30"), 2)) == "Sun 2026-11-01 01:30"  # the second 01:30


@pytest.mark.parametrize(
    ("day", "clock", "utc"),
    [
        ("2026-03-08", "02:30", "07:30"),  # does not exist: as long after the jump, 03:30
        ("2026-11-01", "01:30", "05:30"),  # comes twice: the first
    ],
)
def test_item_105_a_time_in_a_jump_of_the_clocks_is_one_documented_moment(day: str, clock: str, utc: str) -> None:
    assert f"{SITE.instant(date.fromisoformat(day), time.fromisoformat(clock)):%H:%M}" == utc


@pytest.mark.parametrize(
    ("begin", "end", "inside", "outside"),
    [("19:00", "07:00", "03:00", "07:00"), ("12:00", "13:00", "12:00", "13:00")],
)
def test_quiet_hours_may_run_over_midnight(begin: str, end: str, inside: str, outside: str) -> None:
    first, last = time.fromisoformat(begin), time.fromisoformat(end)
    assert is_between(time.fromisoformat(inside), first, last)
    assert not is_between(time.fromisoformat(outside), first, last)


def test_f27_quiet_hours_that_end_within_a_jump_of_the_clocks_end() -> None:
    spring, autumn = Calendar(quiet_to=time(2, 30)), Calendar(quiet_to=time(1, 30))
    assert shown(spring.after_quiet(at("2026-03-08 01:00"))) == "Sun 2026-03-08 03:30"
    second_one = datetime(2026, 11, 1, 6, 10, tzinfo=UTC)  # 01:10 for the second time
    assert autumn.after_quiet(second_one) == datetime(2026, 11, 1, 6, 30, tzinfo=UTC)


def test_a_week_off_by_the_roster_does_not_count_and_says_so() -> None:
    duty = Duty(SITE, roster=Roster(date(2026, 11, 2), 7, 7))  # on duty 2 to 8 November, weekend included
    assert shown(duty.add_hours(at("2026-11-06 16:00"), 2)) == "Sat 2026-11-07 09:00"
    assert shown(duty.add_hours(at("2026-11-08 16:00"), 2)) == "Mon 2026-11-16 09:00"
    assert [f"{one.why} {shown(one.since)} to {shown(one.until)}" for one in duty.pauses(at("2026-11-08 16:00"), at("2026-11-17 09:00"))] \
        == ["off duty by the roster Mon 2026-11-09 08:00 to Sun 2026-11-15 17:00"]  # fmt: skip


def test_an_absence_stops_the_clock_and_one_without_an_end_stops_it_for_good() -> None:
    away = Away(at("2026-11-03 12:00"), at("2026-11-05 10:00"), "away")
    duty = Duty(SITE, (away,))
    assert shown(duty.add_hours(at("2026-11-03 10:00"), 4)) == "Thu 2026-11-05 12:00"
    assert duty.hours_between(at("2026-11-03 10:00"), at("2026-11-05 12:00")) == 4
    assert duty.pauses(at("2026-11-02 09:00"), at("2026-11-04 09:00")) == (Pause(away.since, away.until, "away"),)
    assert Duty(SITE, (Away(at("2026-11-03 12:00"), None, "away"),)).add_hours(at("2026-11-03 10:00"), 4) is None


def test_a_site_that_is_never_open_has_no_due_time_and_ends() -> None:
    closed = Calendar(weekdays=frozenset())
    assert Duty(closed).add_hours(at("2026-11-02 09:00"), 1) is None
    assert Duty(closed).mail_time(at("2026-11-02 09:00")) is None


def test_item_105_each_site_counts_by_its_own_clocks_whatever_its_zone_is_called() -> None:
    late = at("2026-11-06 22:00")  # Friday evening in New York, Friday afternoon in Honolulu
    assert shown(Duty(SITE).add_hours(late, 1)) == "Mon 2026-11-09 09:00"
    assert shown(Duty(Calendar("US/Eastern")).add_hours(late, 1)) == "Mon 2026-11-09 09:00"
    assert shown(Duty(Calendar("Pacific/Honolulu")).add_hours(late, 1)) == "Mon 2026-11-09 14:00"
    assert shown(Duty(Calendar("Pacific/Honolulu")).add_hours(at("2026-11-06 21:00"), 1)) == "Fri 2026-11-06 22:00"


ZONES = st.sampled_from(
    ["America/New_York", "America/St_Johns", "Pacific/Honolulu", "Europe/London", "Australia/Lord_Howe"]
)
TIMES = st.times().map(lambda one: one.replace(microsecond=0))
MOMENTS = st.datetimes(datetime(2025, 1, 1), datetime(2029, 12, 31), timezones=st.just(UTC))
HOURS = st.floats(0.1, 100)


@st.composite
def calendars(draw: st.DrawFn) -> Calendar:
    opens = draw(st.integers(0, 20))
    return Calendar(
        draw(ZONES), frozenset(draw(st.sets(st.integers(0, 6), min_size=1))), time(opens), time(draw(st.integers(opens + 1, 23))),
        draw(TIMES), draw(TIMES), tuple(draw(st.lists(TIMES, min_size=1, max_size=3))),
    )  # fmt: skip


@st.composite
def duties(draw: st.DrawFn) -> Duty:
    begins = draw(st.lists(MOMENTS, max_size=3))
    away = tuple(Away(one, one + timedelta(hours=draw(st.integers(1, 400))), "away") for one in begins)
    roster = draw(
        st.none()
        | st.builds(Roster, st.dates(date(2026, 1, 1), date(2026, 2, 1)), st.integers(1, 14), st.integers(0, 14))
    )
    return Duty(draw(calendars()), away, roster)


@settings(max_examples=60, deadline=None)
@given(duties(), MOMENTS, HOURS, HOURS)
def test_hours_in_pieces_are_the_hours_at_once_and_more_hours_end_later(
    duty: Duty, start: datetime, one: float, two: float
) -> None:
    first, both = duty.add_hours(start, one), duty.add_hours(start, one + two)
    if first is None or both is None:
        return
    again = duty.add_hours(first, two)
    assert again is not None
    assert abs(again - both) < timedelta(seconds=1)
    assert start < first < both
    assert abs(duty.hours_between(start, both) - one - two) < 0.001


@settings(max_examples=60, deadline=None)
@given(duties(), MOMENTS, st.timedeltas(timedelta(0), timedelta(days=30)), HOURS)
def test_what_starts_later_is_never_due_earlier(
    duty: Duty, start: datetime, wait: timedelta, hours: float
) -> None:
    early, late = duty.add_hours(start, hours), duty.add_hours(start + wait, hours)
    assert early is None or late is None or early <= late


@settings(max_examples=100, deadline=None)
@given(duties(), MOMENTS)
def test_no_reminder_goes_out_in_quiet_hours_or_to_somebody_who_is_away(duty: Duty, start: datetime) -> None:
    sent = duty.mail_time(start)
    if sent is not None:
        assert sent >= start
        assert not duty.calendar.is_quiet(sent)
        assert not duty.is_away(sent)
        assert duty.is_working_day(duty.calendar.day_of(sent))


@settings(max_examples=100, deadline=None)
@given(calendars(), MOMENTS)
def test_the_end_of_quiet_hours_is_the_next_moment_that_is_not_quiet(calendar: Calendar, start: datetime) -> None:
    end = calendar.after_quiet(start)
    assert start <= end <= start + timedelta(hours=26)
    assert not calendar.is_quiet(end)
