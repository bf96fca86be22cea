"""Whatever comes in is written down: what became of it, and what of it waits."""

from __future__ import annotations

import gzip
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from query_mgr.charts import inbox
from query_mgr.charts.actions import import_file
from query_mgr.charts.intake import Arrival, Intake, IntakePart
from query_mgr.charts.models import Encounter
from query_mgr.charts.records import HeldPart
from query_mgr.charts.report import Report
from query_mgr.platform.db import db, unit_of_work
from tests.charts.bundles import a_bundle, encoded
from tests.charts.hl7_messages import adt
from tests.conftest import Clock

ADMIT = adt("A01", "20260302050000", "1", admitted="20260302045500")
UNREAD = ADMIT.replace("ADT^A01", "ADT^A99").replace("|1|P", "|8|P")


def rows() -> list[Intake]:
    db.session.rollback()
    return list(db.session.scalars(select(Intake).order_by(Intake.id)))


def parts() -> list[IntakePart]:
    db.session.rollback()
    return list(db.session.scalars(select(IntakePart).order_by(IntakePart.id)))


def payload(part: IntakePart) -> bytes:
    return gzip.decompress(part.payload or b"")


def test_an_imported_file_leaves_one_row_with_its_counts_and_no_copy_of_itself(app: Flask, time: Clock) -> None:
    import_file(encoded(a_bundle()), "/home/somebody/chart.json", by="cli")
    (row,) = rows()
    assert (row.feed, row.name, row.format, row.status) == ("files", "chart.json", "FHIR", "imported")
    assert row.counts == {"patients": 1, "encounters": 1, "documents": 1, "facts": 1, "providers": 1}
    assert (row.received_at, row.times_seen, row.by) == (time(), 1, "cli")
    assert parts() == []


def test_the_same_file_again_counts_on_its_row_which_still_says_what_became_of_it(app: Flask, time: Clock) -> None:
    for _ in range(3):
        import_file(encoded(a_bundle()), "chart.json", by="cli")
        time.advance(hours=1)
    (row,) = rows()
    assert (row.status, row.times_seen, row.counts["facts"]) == ("imported", 3, 1)
    assert row.last_seen_at - row.received_at == timedelta(hours=2)


@pytest.mark.parametrize("content", [b"nothing of ours", b"{", UNREAD.encode()])
def test_a_refused_file_is_kept_with_its_reason(app: Flask, content: bytes) -> None:
    report = import_file(content, "odd", by="cli")
    (row,), (part,) = rows(), parts()
    assert (report.status, row.status, part.status, part.where) == ("rejected", "rejected", "rejected", "")
    assert part.reason in "; ".join(report.errors)
    assert payload(part) == content


def test_each_message_of_a_file_that_does_not_come_in_is_a_part_of_its_own(app: Flask) -> None:
    charge = ADMIT.replace("ADT^A01", "DFT^P03").replace("|1|P", "|9|P")
    import_file((ADMIT + UNREAD + charge).encode(), "feed.hl7", by="cli")
    (row,) = rows()
    assert (row.status, row.counts) == ("rejected", {"patients": 1, "encounters": 1, "providers": 1})
    refused = parts()[0]
    assert (refused.where, refused.status) == ("message 2", "rejected")
    assert payload(refused).decode().strip() == UNREAD.strip()


@pytest.mark.parametrize("status", ["imported", "unchanged"])
def test_a_part_that_comes_in_with_a_later_try_is_settled(app: Flask, status: str) -> None:
    for report in (Report("x", "rejected", errors=("a: b",)), Report("x", status)):
        with unit_of_work():
            Arrival("files", "x", "cli", b"the same").note(report)
    (row,), (part,) = rows(), parts()
    assert (row.status, row.times_seen, part.settlement) == (status, 2, "came_in")


def test_two_parts_at_one_place_are_both_kept(app: Flask) -> None:
    with unit_of_work():
        held = [HeldPart("row 2", "why", b"1"), HeldPart("row 2", "why", b"2")]
        Arrival("files", "x", "cli", b"all").note(Report("x", "imported"), held)
    assert [(one.where, payload(one)) for one in parts()] == [("row 2", b"1"), ("row 2 (2)", b"2")]


def test_every_message_over_mllp_leaves_a_row_in_the_transaction_that_takes_it_in(app: Flask) -> None:
    inbox.receive([ADMIT.encode(), UNREAD.encode(), b"no message"])
    while inbox.catch_up("hl7 feed"):
        pass
    found = sorted((one.feed, one.name, one.status) for one in rows())
    assert found == [
        ("MLLP", "message", "rejected"),
        ("MLLP EPIC/RIVERBEND", "ADT^A01 1", "imported"),
        ("MLLP EPIC/RIVERBEND", "ADT^A99 8", "rejected"),
    ]
    assert sorted(map(payload, parts())) == sorted([UNREAD.strip().encode(), b"no message"])


def test_a_chart_and_its_row_stand_or_fall_together(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(*args: object) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr("query_mgr.charts.intake.ledger._keep_parts", failing)
    monkeypatch.setattr("query_mgr.charts.intake.ledger.Arrival._upserted", failing)
    for content in (ADMIT.encode(), encoded(a_bundle())):
        with pytest.raises(OSError, match="full"):
            import_file(content, "x", by="cli")
    assert db.session.scalar(select(func.count(Encounter.id))) == 0


def test_an_unreadable_file_says_so_on_its_row(app: Flask, tmp_path: Path) -> None:
    import_file(tmp_path, "folder.json", by="cli")
    (row,), (part,) = rows(), parts()
    assert ("cannot be read" in row.reason, part.payload) == (True, None)
