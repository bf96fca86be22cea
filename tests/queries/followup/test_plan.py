"""What follows a query: the policy that applies, its clock, its steps, and what it waits for."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from query_mgr.queries import lifecycle
from query_mgr.queries.followup.calendar import Calendar
from query_mgr.queries.followup.duty import Away, Duty, Roster
from query_mgr.queries.followup.plan import CLOCK, STILL, ClockEvent, Plan, plan, to_do
from query_mgr.queries.followup.policy import SHIPPED, FollowUpError, Policy, Scope, check, in_force
from tests.queries.followup.test_calendar import MOMENTS, SITE, at, duties, shown

POLICY = Policy(due=27, reminders=(9, 18), lead=27, advisor=45)
MONDAY = "2026-11-02 10:00"


def planned(*events: str, duty: Duty | None = None, policy: Policy = POLICY, until: str = MONDAY) -> Plan:
    """Plan after events such as "deliver 2026-11-02 10:00"."""
    happened = [ClockEvent(one.split(" ", 1)[0], at(one.split(" ", 1)[1])) for one in events]
    return plan(policy, duty or Duty(SITE), happened, at(until))


def steps(found: Plan) -> list[str]:
    return [f"{one.key} to {one.recipient} {shown(one.at)}" for one in found.steps]


def test_reminders_then_the_lead_then_the_advisor_by_business_hours_after_delivery() -> None:
    found = planned("send 2026-11-02 09:00", f"deliver {MONDAY}")
    assert steps(found) == [
        "reminder_1 to provider Tue 2026-11-03 14:00",  # nine hours are over at 10:00; the next mail goes at 14:00
        "reminder_2 to provider Wed 2026-11-04 14:00",
        "lead to lead Thu 2026-11-05 14:00",
        "advisor to advisor Mon 2026-11-09 14:00",
    ]
    assert (found.round, shown(found.due_at), found.state) == (1, "Thu 2026-11-05 10:00", "")


def test_nothing_counts_before_delivery_and_a_bounce_voids_what_had_passed() -> None:
    waiting = planned("send 2026-11-02 09:00")
    assert (waiting.steps, waiting.due_at, waiting.state) == ((), None, "not delivered yet")
    bounced = planned(f"deliver {MONDAY}", "bounce 2026-11-02 12:00")
    assert (bounced.steps, bounced.due_at, bounced.state) == ((), None, "the mail came back: nobody got it")
    mended = planned(
        f"deliver {MONDAY}", "bounce 2026-11-02 12:00", "resend 2026-11-05 09:00", "deliver 2026-11-05 10:00"
    )
    assert (mended.round, shown(mended.due_at)) == (2, "Tue 2026-11-10 10:00")
    assert [(one.why, shown(one.until)) for one in mended.pauses] == [
        ("the mail came back: nobody got it", "Thu 2026-11-05 09:00")
    ]


def test_a_query_that_is_handed_back_rests_and_goes_on_with_the_next_provider_under_the_same_clock() -> None:
    back = planned(f"deliver {MONDAY}", "hand_back 2026-11-02 12:00")
    assert (back.steps, back.is_over) == ((), True)
    assert back.state == "handed back as not theirs; the coder is to choose whom to ask"
    on = planned(
        f"deliver {MONDAY}", "hand_back 2026-11-02 12:00", "reassign 2026-11-03 09:00", "deliver 2026-11-03 09:01"
    )
    straight = planned(f"deliver {MONDAY}")
    assert (on.round, on.due_at, on.steps, on.state) == (1, straight.due_at, straight.steps, "")


def test_a_question_back_is_a_response_and_the_reply_begins_a_new_clock() -> None:
    asked = planned(f"deliver {MONDAY}", "ask 2026-11-02 12:00")
    assert (asked.steps, asked.is_over, asked.state) == (
        (),
        True,
        "the provider asked for more; the coder is to reply",
    )
    replied = planned(
        f"deliver {MONDAY}", "ask 2026-11-02 12:00", "reply 2026-11-03 09:00", "deliver 2026-11-03 10:00"
    )
    assert (replied.round, shown(replied.due_at), len(replied.steps)) == (2, "Fri 2026-11-06 10:00", 4)


@pytest.mark.parametrize("event", ["answer", "document", "cancel", "bill"])
def test_nothing_follows_an_answer_a_withdrawal_or_a_bill(event: str) -> None:
    for more in ((), ("deliver 2026-11-03 10:00",), ("bounce 2026-11-03 10:00",)):
        found = planned(f"deliver {MONDAY}", f"{event} 2026-11-02 12:00", *more)
        assert (found.steps, found.is_over, found.state) == ((), True, STILL[event])


def test_the_query_goes_to_whoever_covers_once_the_absence_is_known() -> None:
    away = Away(at("2026-11-01 00:00"), at("2026-11-08 00:00"), "away", "a1", 7, noted_at=at("2026-11-03 11:00"))
    found = planned(f"deliver {MONDAY}", duty=Duty(SITE, (away,)))
    assert steps(found)[0] == "cover_a1 to cover Tue 2026-11-03 14:00"
    assert steps(found)[1] == "reminder_1 to provider Tue 2026-11-10 09:00"  # nine hours from Monday the 9th
    assert [(one.why, shown(one.until)) for one in found.pauses] == [
        ("away", "Sun 2026-11-08 00:00"), ("holiday: Veterans Day", "Wed 2026-11-11 17:00"),  # until it is due
    ]  # fmt: skip


def test_a_seven_on_seven_off_hospitalist_is_charged_no_day_off() -> None:
    roster = Roster(date(2026, 10, 27), 7, 7)  # the last day on duty is Monday
    found = planned(f"deliver {MONDAY}", duty=Duty(SITE, roster=roster))
    assert steps(found)[0] == "reminder_1 to provider Tue 2026-11-10 14:00"
    assert found.pauses[0].why == "off duty by the roster"


def test_the_first_mail_can_wait_for_the_next_mail_of_reminders() -> None:
    later = replace(POLICY, first_send="with_digest")
    assert steps(planned("send 2026-11-02 20:00", policy=later)) == ["first to provider Tue 2026-11-03 09:00"]
    assert planned("send 2026-11-02 20:00").steps == ()


def test_of_reminders_that_were_missed_only_the_last_is_sent() -> None:
    found = planned(f"deliver {MONDAY}")
    now, left_out = to_do(found.steps, frozenset(), at("2026-11-06 09:00"))
    assert ([one.key for one in now], [one.key for one in left_out]) == (["reminder_2", "lead"], ["reminder_1"])
    assert to_do(found.steps, frozenset({"reminder_1", "reminder_2", "lead"}), at("2026-11-06 09:00")) == ((), ())


def test_the_most_specific_row_decides() -> None:
    rows = [
        (Scope(), "all"),
        (Scope("North"), "north"),
        (Scope("", "Surgery", "urgent"), "urgent surgery"),
        (Scope("North", "Surgery"), "north surgery"),
    ]
    for scope, name in (
        (Scope("South", "Medicine", "routine"), "all"),
        (Scope("North", "Medicine", "urgent"), "north"),
        (Scope("South", "Surgery", "urgent"), "urgent surgery"),
        (Scope("North", "Surgery", "urgent"), "north surgery"),
    ):
        found = in_force(rows, scope)
        assert found is not None
        assert found[1] == name


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"due": 0}, "answer due"), ({"due": float("nan")}, "answer due"), ({"reminders": (9, 9)}, "later than"),
        ({"reminders": (1, 2, 3, 4, 5, 6)}, "At most 5"), ({"lead": 5}, "before the provider"), ({"advisor": 20}, "before the department"),
        ({"first_send": "never"}, "none of"), ({"advisor": 1e9}, "physician advisor"),
    ],
)  # fmt: skip
def test_a_policy_that_says_something_odd_is_refused(changes: dict[str, object], words: str) -> None:
    with pytest.raises(FollowUpError, match=words):
        check(replace(POLICY, **changes))


def test_what_ships_is_a_policy_and_every_event_of_the_clock_is_one_of_the_lifecycle() -> None:
    for _, one in SHIPPED:
        check(one)
    assert set(CLOCK) - {"bill"} <= set(lifecycle.EVENTS)
    assert set(STILL) == {event for event, effect in CLOCK.items() if effect not in ("starts", "goes on")}


EVENTS = st.lists(st.tuples(st.sampled_from(sorted(CLOCK)), MOMENTS), max_size=6)


@settings(max_examples=100, deadline=None)
@given(duties(), EVENTS, MOMENTS, MOMENTS)
def test_a_plan_never_mails_in_quiet_hours_or_before_its_start_and_does_not_depend_on_when_it_is_asked(
    duty: Duty, happened: list[tuple[str, datetime]], one: datetime, two: datetime
) -> None:
    events = [ClockEvent(*each) for each in sorted(happened, key=lambda each: each[1])]
    found = plan(POLICY, duty, events, one)
    assert found.steps == plan(POLICY, duty, events, two).steps
    assert len({step.key for step in found.steps}) == len(found.steps)
    for step in found.steps:
        assert not duty.calendar.is_quiet(step.at)
        assert found.started_at is None or step.at >= found.started_at
    assert not (found.is_over and found.steps)


def test_a_calendar_of_one_hour_a_week_still_plans_every_step() -> None:
    narrow = Calendar(weekdays=frozenset({2}), opens=time(9), closes=time(10), mail_times=(time(9, 30),))
    found = planned(f"deliver {MONDAY}", duty=Duty(narrow))
    assert len(found.steps) == 4
