"""Any order of coming, any repetition, any size of batch: the same chart."""

from __future__ import annotations

import random
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from query_mgr.charts import hl7v2, inbox
from query_mgr.charts.models import FeedMessage
from query_mgr.platform.db import db
from tests.charts.dump import dump
from tests.charts.hl7_messages import PID, adt, mdm, message, msh, oru
from tests.charts.test_hl7_codes import CHANGE, CHARGES, FIRST, SNAPSHOT

OLD = PID.replace("000417", "000999")


def at(unit: str, text: str) -> str:
    return text.replace("PV1|1|I|", f"PV1|1|I|{unit}^1^A")


STREAM = (
    at("ED", adt("A01", "20260302050000", "a1", admitted="20260302045500", pid=OLD)),
    at("MED4", adt("A02", "20260302110000", "a2", pid=OLD)),
    adt("A08", "20260302120000", "a3", service="CARD", pid=OLD.replace("19480302", "")),
    adt("A08", "20260303120000", "a4", service='""', pid=OLD.replace("Ada", "Ada Maria")),
    oru("20260302070000", "r1", "9.9", "P").replace("000417", "000999"),
    oru("20260302080000", "r2", "2.4").replace("000417", "000999"),
    oru("20260302090000", "r3", "2.6", "C"),
    oru("20260303070000", "r4", "7.0").replace("F1^LAB", "F2^LAB"),
    oru("20260303080000", "r5", "", "W").replace("F1^LAB", "F2^LAB"),
    mdm("T02", "20260303090000", "m1", "D1", "Heart failure.").replace("000417", "000999"),
    mdm("T08", "20260303100000", "m2", "D1", "Acute heart failure."),
    mdm("T06", "20260303110000", "m3", "D2", "It was systolic.", parent="D1"),
    mdm("T10", "20260304090000", "m4", "D3", "Acute systolic heart failure.", parent="D1"),
    mdm("T02", "20260304100000", "m5", "D4", "Meant for another chart."),
    mdm("T11", "20260304110000", "m6", "D4"),
    FIRST.replace("000417", "000999"),
    SNAPSHOT,
    CHANGE,
    *CHARGES,
    at("MED4", adt("A03", "20260306150000", "a5", discharged="20260306143000")),
    adt("A13", "20260306160000", "a6"),
    adt("A03", "20260307150000", "a7", discharged="20260307143000"),
    message(msh("ADT^A40", "20260310050000", "a8"), "EVN|A40|20260310050000", PID, "MRG|000999^^^RIVERBEND^MR"),
)


def chart_after(texts: list[str], sizes: list[int]) -> Any:
    db.session.rollback()
    with db.engine.begin() as connection:
        for table in reversed(db.metadata.sorted_tables):
            connection.execute(table.delete())
    waiting = list(texts)
    while waiting:
        size = sizes[len(waiting) % len(sizes)]
        inbox.receive([one.encode() for one in waiting[:size]])
        del waiting[:size]
        inbox.catch_up("tester", size)
    while inbox.catch_up("tester"):
        pass
    assert set(db.session.scalars(select(FeedMessage.status))) == {"imported"}
    return dump("content_hash")  # it names the patient's number at the time, before or after a merge


_IN_ORDER: dict[str, Any] = {}


@pytest.fixture
def in_order(app: Flask, engine: str) -> Any:
    """The chart after the messages in their order, made once for each database."""
    if engine not in _IN_ORDER:
        _IN_ORDER[engine] = chart_after(list(STREAM), [1])
    return _IN_ORDER[engine]


@pytest.mark.parametrize("seed", range(4))
def test_f24_any_order_with_repeats_in_any_batches_ends_in_the_same_chart(in_order: Any, seed: int) -> None:
    chance = random.Random(seed)
    shuffled = [*STREAM, *chance.sample(STREAM, 5)]
    chance.shuffle(shuffled)
    found = chart_after(shuffled, [chance.randint(1, 12) for _ in range(3)])
    for table, rows in in_order.items():
        assert found[table] == rows, table


def test_f24_the_story_in_order_ends_as_told(in_order: Any) -> None:
    (stay,) = in_order["encounter"]
    shown = dict(stay)
    assert (shown["status"], shown["service_line"], shown["patient_id"]) == ("finished", "MED", "RIVERBEND|000417")
    names = [
        (dict(one)["value_text"], dict(one)["status"]) for one in in_order["fact"] if dict(one)["kind"] == "lab"
    ]
    assert sorted(names) == [("", "entered_in_error"), ("2.6", "amended")]
    notes = {dict(one)["source_key"][-2:]: dict(one)["status"] for one in in_order["document"]}
    assert notes == {"D1": "replaced", "D2": "final", "D3": "final", "D4": "entered_in_error"}


def test_a_long_stay_reads_each_of_its_messages_once(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """The 40th update of a stay folds 40 readings, and parses one message."""
    read: list[str] = []
    parse = hl7v2.parse

    def counted(text: str) -> hl7v2.Message:
        read.append(text)
        return parse(text)

    updates = [adt("A08", f"202604{n // 24 + 1:02}{n % 24:02}0000", f"long{n}") for n in range(40)]
    for one in updates:
        inbox.receive([one.encode()])
        monkeypatch.setattr(hl7v2, "parse", counted)
        inbox.catch_up("tester")
        monkeypatch.setattr(hl7v2, "parse", parse)
    assert len(read) == 40
