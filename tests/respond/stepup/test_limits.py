"""How often one may be wrong."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from query_mgr.platform import limits
from query_mgr.platform.db import db, unit_of_work
from query_mgr.platform.limits import Limit, RateCount
from query_mgr.respond.models import QueryLink
from query_mgr.respond.stepup import throttle
from tests.conftest import Clock
from tests.queries.builders import PIN, a_sent_query
from tests.respond.test_answer import deliver

THREE = Limit("three", 3, timedelta(minutes=1), timedelta(minutes=10))


def take(*of: object) -> int:
    with unit_of_work():
        return limits.take(THREE, *of)


def test_who_has_used_the_tries_up_waits_from_the_last_one_on(app: Flask, time: Clock) -> None:
    assert [take("a"), take("a")] == [2, 1]
    time.advance(seconds=59)
    assert not limits.is_used_up(THREE, "a")
    assert take("a") == 0
    assert limits.is_used_up(THREE, "a")
    assert not limits.is_used_up(THREE, "b")
    time.advance(minutes=10)
    assert not limits.is_used_up(THREE, "a")
    assert take("a") == 2


def test_tries_at_once_are_counted_one_after_the_other(app: Flask, time: Clock) -> None:
    left: list[int] = []

    def one() -> None:
        with app.app_context():
            left.append(take("a"))

    threads = [threading.Thread(target=one) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(left, reverse=True) == [2, 1, 0, -1, -2, -3]


def test_counts_that_are_over_are_deleted_and_name_nobody(app: Flask, time: Clock) -> None:
    take("192.0.2.7")
    assert "192" not in str(db.session.execute(select(RateCount.key)).all())
    time.advance(minutes=2)
    limits.forget_expired()
    db.session.rollback()
    assert db.session.scalars(select(RateCount)).all() == []


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [("192.0.2.1", "192.0.2.200", True), ("192.0.2.1", "192.0.3.1", False), ("2001:db8:0:1::1", "2001:db8:0:2::9", True),
     ("2001:db8:0:1::1", "2001:db8:1::1", False), (None, "", True)],
)  # fmt: skip
def test_a_network_counts_as_one_place(one: str, other: str, is_same: bool) -> None:
    assert (throttle.network(one) == throttle.network(other)) is is_same


def wrong(client: FlaskClient, place: str, times: int) -> list[int]:
    here = {"REMOTE_ADDR": place}
    return [
        client.post("/answer/pin", data={"pin": "000000"}, environ_overrides=here).status_code
        for _ in range(times)
    ]


@pytest.mark.sqlite_only
def test_an_attacker_elsewhere_locks_themselves_out_and_not_the_physician(app: Flask, time: Clock) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    a_sent_query()
    path = deliver()
    attacker, physician = app.test_client(), app.test_client()
    attacker.post(path)
    physician.post(path)
    assert wrong(attacker, "198.51.100.1", 6) == [401] * 5 + [429]
    right = {"pin": PIN}
    assert (
        attacker.post("/answer/pin", data=right, environ_overrides={"REMOTE_ADDR": "198.51.100.9"}).status_code
        == 429
    )
    assert physician.post("/answer/pin", data=right).status_code == 303


@pytest.mark.sqlite_only
def test_then_the_link_rests_and_then_the_provider_for_the_day(client: FlaskClient, time: Clock) -> None:
    a_sent_query()
    client.post(deliver())
    assert wrong(client, "198.51.100.1", 5)[-1] == 401
    assert wrong(client, "203.0.113.1", 4) == [401] * 3 + [429]  # the eighth try rests the link
    time.advance(minutes=16)
    assert wrong(client, "203.0.113.1", 3) == [401, 401, 429]
    page = client.post("/answer/pin", data={"pin": PIN})
    assert page.status_code == 429
    assert "today" in page.text
    time.advance(days=1)
    assert client.post("/answer/pin", data={"pin": PIN}).status_code == 303


@pytest.mark.sqlite_only
def test_above_the_limit_no_pin_is_hashed_however_right(client: FlaskClient, time: Clock) -> None:
    a_sent_query()
    client.post(deliver())
    wrong(client, "127.0.0.1", 5)
    link = db.session.scalars(select(QueryLink)).one()
    with pytest.raises(throttle.LockedError):
        throttle.take(link, throttle.network("127.0.0.1"))


@pytest.mark.sqlite_only
def test_too_many_links_that_open_nothing_are_429_and_a_good_one_still_opens(
    client: FlaskClient, time: Clock
) -> None:
    a_sent_query()
    path = deliver()
    answers = [client.get(f"/r/{number:a>52}").status_code for number in range(21)]
    assert answers == [404] * 20 + [429]
    assert client.get(path).status_code == 200
    time.advance(minutes=1)
    assert client.get("/r/unknown").status_code == 404


@pytest.mark.sqlite_only
def test_a_forwarded_address_is_believed_only_from_a_proxy_of_ones_own(client: FlaskClient, time: Clock) -> None:
    a_sent_query()
    client.post(deliver())
    for number in range(5):
        client.post("/answer/pin", data={"pin": "000000"}, headers={"X-Forwarded-For": f"192.0.{number}.1"})
    assert client.post("/answer/pin", data={"pin": PIN}).status_code == 429
