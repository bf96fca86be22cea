"""The bell brings haste and nothing else (F23)."""

from __future__ import annotations

import threading

import pytest
from flask import Flask

from query_mgr.delivery import leasing
from query_mgr.delivery.wakeup import Bell
from query_mgr.platform.db import is_postgresql
from tests.delivery import notices
from tests.delivery.test_outbox import enqueue

STOPPING = threading.Event()


@pytest.fixture(autouse=True)
def _kind() -> None:
    notices.register()


def test_a_new_message_rings_where_the_database_can_and_is_found_anyway(app: Flask) -> None:
    bell = Bell()
    assert not bell.wait(STOPPING, 0.01)
    ref = enqueue()
    assert bell.wait(STOPPING, 5 if is_postgresql() else 0.01) is is_postgresql()
    assert [one.ref for one in leasing.lease()] == [ref]
    bell.close()


def test_f23_without_its_bell_a_worker_looks_by_itself_and_listens_again(app: Flask) -> None:
    bell = Bell()
    bell.wait(STOPPING, 0.01)
    if bell._connection is not None:
        bell._connection.close()  # as when the server was restarted
    ref = enqueue()
    assert not bell.wait(STOPPING, 0.05)
    assert [one.ref for one in leasing.lease()] == [ref]
    bell.wait(STOPPING, 0.01)
    enqueue()
    assert bell.wait(STOPPING, 5 if is_postgresql() else 0.01) is is_postgresql()
    bell.close()
