"""F09, F10: an import that is killed at any statement leaves all or nothing, and the next run ends in the same chart."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import delete

from query_mgr.audit.actions import verify
from query_mgr.charts.actions import import_file
from query_mgr.platform.db import db
from tests.assurance.killed import at_every_statement, rows
from tests.charts.bundles import CREATININE, NOTE, a_chart_with, changed, encoded
from tests.charts.dump import dump
from tests.charts.hl7_messages import adt, mdm, message, msh, oru

FHIR = encoded(a_chart_with())
CORRECTED = encoded(a_chart_with(changed(CREATININE, id="o2", status="cancelled"), changed(NOTE, id="n2")))
STREAM = "".join(
    (
        adt("A01", "20260301220000", "1", admitted="20260301220000"),
        oru("20260302061000", "2", "2.4"),
        mdm("T02", "20260302090000", "3", "DOC1", "ASSESSMENT:", "Renal function is worse."),
    )
).encode()
MERGE = message(
    msh("ADT^A40", "20260307080000", "6"), "EVN|A40|20260307080000", "PID|1||000999^^^RIVERBEND^MR||Testperson^Ada",
    "MRG|000417^^^RIVERBEND^MR",
).encode()  # fmt: skip
STAYS = (
    b"mrn,family_name,encounter,class,admitted_at\n000417,Testperson,CSN1,inpatient,2026-03-01 22:00\n"
    b"000418,Otherperson,CSN2,emergency,2026-03-02 08:00\n"
)
CODES = b"encounter,code_system,code,role\nCSN1,icd10pcs,0DTJ4ZZ,principal\nCSN2,hcpcs,J1940,\n"


def take(*files: bytes) -> Callable[[], None]:
    """Return what takes the files in, one after the other."""

    def work() -> None:
        for number, content in enumerate(files):
            report = import_file(content, f"file {number}", by="tester")
            assert report.status in ("imported", "unchanged"), report.errors

    return work


def empty() -> None:
    """Take everything out of the database again."""
    db.session.rollback()
    with db.engine.begin() as connection:
        for table in reversed(db.metadata.sorted_tables):
            connection.execute(delete(table))


@pytest.mark.parametrize(
    ("before", "work"),
    [
        pytest.param((), (FHIR,), id="FHIR"),
        pytest.param((FHIR,), (CORRECTED,), id="FHIR changed"),
        pytest.param((), (STAYS,), id="CSV"),
        pytest.param((STAYS,), (CODES,), id="codes"),
        pytest.param((STREAM,), (MERGE,), id="merge"),
    ],
)
def test_a_killed_import_is_all_or_nothing_and_its_repetition_ends_the_same(
    app: Flask, before: tuple[bytes, ...], work: tuple[bytes, ...]
) -> None:
    take(*before)()
    nothing = dump()
    take(*work)()
    whole = dump()
    assert whole != nothing

    def start_anew() -> None:
        empty()
        take(*before)()

    start_anew()
    untouched = rows()
    tried = set()

    def check(nth: int) -> None:
        left, remains = dump(), rows()
        assert left in (nothing, whole), f"half done after statement {nth}"
        assert verify()[1] is None
        if remains != untouched or not tried:
            if (remains, left == whole) not in tried:  # between two commits every statement leaves the same
                tried.add((remains, left == whole))
                take(*work)()
                assert dump() == whole, f"another end after statement {nth}"
                assert verify()[1] is None
            start_anew()

    assert at_every_statement(take(*work), check) > 5
    assert tried


def test_a_stream_of_messages_killed_anywhere_ends_the_same_when_it_is_sent_again(app: Flask) -> None:
    take(STREAM)()
    whole = dump()
    empty()
    tried = set()

    def check(nth: int) -> None:
        if (remains := rows()) not in tried:
            tried.add(remains)
            take(STREAM)()
            assert dump() == whole, f"another end after statement {nth}"
            assert verify()[1] is None
        empty()

    assert at_every_statement(take(STREAM), check) > 50
    assert len(tried) > 2
