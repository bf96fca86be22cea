"""Put the demo hospital into an empty database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import event, func, select

from query_mgr.accounts import actions as accounts
from query_mgr.accounts.models import Provider, User
from query_mgr.accounts.session import SYSTEM, actor_of
from query_mgr.charts.models import Encounter, Patient
from query_mgr.charts.reader import documents_of
from query_mgr.charts.store import store
from query_mgr.coding import actions as coding
from query_mgr.coding.evidence import evidence_in_document
from query_mgr.demo import billing, history, scrubber_ward
from query_mgr.demo.stays import DemoHospital, build
from query_mgr.platform import clock
from query_mgr.platform.db import db, is_postgresql, unit_of_work
from query_mgr.platform.models import installation_fact, set_installation_fact
from query_mgr.platform.web import current_settings

SEED = 20260401
PIN = "246810"  # of every demo provider; the sign-in page and `make run` say so
FACT = "demo_hospital"


class DemoError(Exception):
    """The demo hospital cannot be put into this database; the message says what to do."""


def load_demo(seed: int = SEED) -> bool:
    """Load the demo hospital; return False where it is there already.

    Raises DemoError for a database that holds something else, or half a demo.
    """
    known = installation_fact(FACT)
    if known == f"seed {seed}":
        return False
    if known is not None:
        raise DemoError("Loading the demo hospital was interrupted; delete the instance folder and start again.")
    if db.session.scalar(select(func.count(Patient.id))) or db.session.scalar(select(func.count(User.id))):
        raise DemoError("This database holds real work: set QUERY_MGR_DEMO=0, or point to another database.")
    # Notes are written and blood is drawn by the hospital's own clocks.
    now = clock.now().astimezone(ZoneInfo(current_settings().time_zone))
    with unit_of_work():
        set_installation_fact(FACT, "loading")
    with _fast_commits():
        _load(build(seed, now))
        history.play(seed, now)
        billing.play(seed, now, [actor_of(one) for one in history.people_with("coder")])
        scrubber_ward.open_ward()  # after the play: nobody asks about its examples
    with unit_of_work():
        set_installation_fact(FACT, f"seed {seed}")
    return True


@contextmanager
def _fast_commits() -> Iterator[None]:
    """Spare SQLite the wait for the disk meanwhile: an interrupted load is refused and made anew anyway."""
    if is_postgresql():
        yield
        return
    db.session.remove()
    db.engine.dispose()

    def relax(connection: object, record: object, proxy: object) -> None:
        connection.execute("PRAGMA synchronous=OFF")  # type: ignore[attr-defined]

    event.listen(db.engine, "checkout", relax)
    try:
        yield
    finally:
        event.remove(db.engine, "checkout", relax)
        db.session.remove()
        db.engine.dispose()


def _load(hospital: DemoHospital) -> None:
    for person in hospital.people:
        accounts.create_user(person.email, person.name, [person.role], by="demo", credentials=person.credentials)
    for stay in hospital.stays:
        store(stay.bundle, "demo")
    pin_hash = accounts.hash_pin(PIN)
    with unit_of_work():
        for entry in hospital.providers:
            provider = db.session.scalar(select(Provider).where(Provider.source_key == entry.record.source_key))
            if provider is not None:
                provider.email, provider.pin_hash = entry.email, pin_hash
    for stay in hospital.stays:
        _code(stay.encounter_key, stay.initial_codes)
    scrubber_ward.load_lists()


def _code(encounter_key: str, codes: tuple[tuple[str, str], ...]) -> None:
    encounter = db.session.scalars(select(Encounter).where(Encounter.source_key == encounter_key)).one()
    at: datetime = encounter.discharged_at or encounter.admitted_at
    clock.use(lambda: at)
    try:
        with unit_of_work():
            found = _documenting(encounter)
            changes = [{"op": "add", "code": code, "poa": poa} for code, poa in codes]
            coding.apply_changes(SYSTEM, encounter, changes, reason="documented in the chart", evidence=found)
    finally:
        clock.use(None)


def _documenting(encounter: Encounter) -> dict[str, object] | None:
    """Return the attending's last document, where a coder would find what is coded."""
    notes = [one for one in documents_of(encounter) if one.author_role == "attending"]
    return evidence_in_document(encounter, notes[-1].ref, None, None) if notes else None
