"""What is remembered of a chart's facts is never older than they are."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from query_mgr.charts import courses, identity, remembered, results
from query_mgr.charts.models import Encounter
from query_mgr.charts.records import ChartBundle, EncounterRecord, FactRecord, PatientRecord
from query_mgr.charts.store import store
from query_mgr.platform.db import db, unit_of_work
from tests.accounts.builders import a_user, signed_in
from tests.charts.bundles import CREATININE, a_bundle, changed, encoded
from tests.conftest import Clock

AT = datetime(2026, 3, 2, 5, tzinfo=UTC)
PATIENTS = tuple(PatientRecord(f"R|{n}", str(n), "Testperson", "Ada", date(1948, 3, 2), "female") for n in (1, 2))
STAYS = tuple(EncounterRecord(f"V{n}", f"R|{n}", str(n), "inpatient", AT) for n in (1, 2))
LAB = FactRecord(
    "F1", "R|1", "V1", "lab", "Creatinine", AT, value_text="2.4", value_number=2.4, unit="mg/dL", range_high=1.3, flag="H"
)  # fmt: skip
DRUG = FactRecord("F2", "R|1", "V1", "medication", "Furosemide", AT, value_text="40 (given)", unit="mg")
WAITING = replace(LAB, source_key="F3", encounter_key=None)


@pytest.fixture
def kept(app: Flask) -> None:
    store(ChartBundle(patients=PATIENTS, encounters=STAYS, facts=(LAB, DRUG, WAITING)), "tester")


def send(*facts: FactRecord) -> None:
    store(ChartBundle(facts=facts), "tester")


def merge() -> None:
    with unit_of_work():
        identity.merge("R|1", "R|2", "ann", is_decided=True)


def unmerge() -> None:
    with unit_of_work():
        identity.unmerge("R|1", "ann")


def stay(key: str = "V1") -> Encounter:
    db.session.rollback()
    return db.session.scalars(select(Encounter).where(Encounter.source_key == key)).one()


def versions() -> list[str]:
    return [stay(key).facts_version for key in ("V1", "V2")]


def shown() -> set[str]:
    """Return the values and things that a chart shows, as the page asks for them."""
    tests = results.series_of(stay()).values()
    values = {one.value_text for panels in tests for _, rows in panels for row in rows for one in row.readings}
    return values | {one.value for rows in courses.courses_of(stay()).values() for one in rows}


@pytest.mark.parametrize(
    ("change", "touched"),
    [
        pytest.param(lambda: send(replace(LAB, source_key="new")), (True, False), id="new"),
        pytest.param(lambda: send(replace(LAB, value_text="2.5")), (True, False), id="corrected"),
        pytest.param(lambda: send(replace(LAB, status="cancelled")), (True, False), id="cancelled"),
        pytest.param(lambda: send(replace(LAB, encounter_key=None)), (True, False), id="taken-out"),
        pytest.param(lambda: send(replace(WAITING, encounter_key="V1")), (True, False), id="linked"),
        pytest.param(lambda: send(LAB, DRUG), (False, False), id="the-same-again"),
        pytest.param(merge, (True, True), id="merged"),
    ],
)
def test_every_way_to_change_facts_gives_their_stays_another_version(
    kept: None, change: Callable[[], None], touched: tuple[bool, bool]
) -> None:
    before = versions()
    change()
    assert tuple(old != new for old, new in zip(before, versions(), strict=True)) == touched


def test_a_fact_that_moves_to_another_stay_gives_both_another_version(kept: None) -> None:
    store(ChartBundle(encounters=(replace(STAYS[0], source_key="V3", number="3"),)), "tester")
    before = [stay("V1").facts_version, stay("V3").facts_version]
    send(replace(LAB, encounter_key="V3"))
    after = [stay("V1").facts_version, stay("V3").facts_version]
    assert all(old != new for old, new in zip(before, after, strict=True))


def test_unmerging_takes_what_was_shown_out_of_the_chart_at_once(kept: None) -> None:
    merge()
    send(replace(LAB, source_key="F4", patient_key="R|2", value_text="9.9"))
    assert "9.9" in shown()
    before = versions()
    unmerge()
    assert all(old != new for old, new in zip(before, versions(), strict=True))
    assert "9.9" not in shown()


def test_a_corrected_value_is_shown_at_once_and_a_cancelled_one_no_more(kept: None) -> None:
    assert shown() == {"2.4", "40 mg"}
    send(replace(LAB, value_text="2.6", value_number=2.6))
    assert shown() == {"2.6", "40 mg"}
    send(replace(LAB, status="cancelled"), replace(DRUG, value_text="20 (given)"))
    assert shown() == {"20 mg"}


def test_what_is_known_is_not_worked_out_again_until_facts_change(kept: None) -> None:
    assert results.series_of(stay()) is results.series_of(stay())
    known = results.series_of(stay())
    send(replace(LAB, value_text="2.6"))
    assert results.series_of(stay()) is not known


def test_what_a_transaction_took_back_is_not_remembered(kept: None) -> None:
    def fail() -> None:
        with unit_of_work():
            store(ChartBundle(facts=(replace(LAB, value_text="6.6"),)), "tester")
            found = db.session.scalars(select(Encounter).where(Encounter.source_key == "V1")).one()
            assert "6.6" in str(results.series_of(found))
            raise RuntimeError

    assert "2.4" in shown()
    with pytest.raises(RuntimeError):
        fail()
    assert shown() == {"2.4", "40 mg"}


def test_the_bar_of_a_running_stay_goes_on_with_the_clock(kept: None, time: Clock) -> None:
    time.time = AT + timedelta(hours=10)
    send(replace(DRUG, ended_at=AT + timedelta(hours=5)))
    early = courses.courses_of(stay())["medication"][0].bar
    time.advance(hours=10)
    assert courses.courses_of(stay())["medication"][0].bar.width < early.width


def test_the_memory_is_bounded(kept: None) -> None:
    for number in range(1000):
        remembered.remembered(Encounter(id=number, facts_version="one"), str)
    assert len(remembered._memory) <= 192
    remembered.forget()


def test_what_another_process_brings_is_on_the_page(app: Flask, tmp_path: Path) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    _import(app, tmp_path, a_bundle())
    client = signed_in(app.test_client(), a_user("coder"))
    assert ">2.4" in _results(client)
    corrected = changed(CREATININE, valueQuantity={"value": 3.7, "unit": "mg/dL"})
    _import(app, tmp_path, a_bundle(corrected))
    assert ">2.4" not in _results(client)
    assert ">3.7" in _results(client)


def _results(client: FlaskClient) -> str:
    ref = db.session.scalars(select(Encounter.ref)).one()
    db.session.remove()
    return client.get(f"/encounters/{ref}").text.partition('id="results"')[2].partition("</section>")[0]


def _import(app: Flask, folder: Path, bundle: object) -> None:
    (folder / "chart.json").write_bytes(encoded(bundle))
    settings = app.config["SETTINGS"]
    environ = os.environ | {
        "QUERY_MGR_INSTANCE_DIR": str(folder),
        "QUERY_MGR_DATABASE_URL": settings.database_url,
        "QUERY_MGR_SECRET_KEY": settings.secret_key,
        "QUERY_MGR_BASE_URL": settings.base_url,
    }
    command = [sys.executable, "-m", "flask", "--app", "app", "charts", "import", str(folder / "chart.json")]
    db.session.remove()
    done = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
