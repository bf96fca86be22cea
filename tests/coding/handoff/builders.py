"""A finished encounter, and the receivers that billing could have."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import Any

from flask import Flask

from query_mgr.accounts.models import Provider
from query_mgr.accounts.session import Actor
from query_mgr.charts.framing import END, VT, Framer
from query_mgr.charts.models import Encounter, Patient
from query_mgr.coding.finishing import digest
from query_mgr.coding.models import CodingVersion, EncounterCoding
from query_mgr.coding.work import coding_of
from query_mgr.platform import clock
from query_mgr.platform.db import db, unit_of_work

CODER = Actor("coder@riverbend.example", "Cora Coder", frozenset({"coder"}), 1)
BILLER = Actor("biller@riverbend.example", "Bill Biller", frozenset({"biller"}), 2)

SEPSIS = {"ref": "dx1", "sequence": 1, "code": "A41.9", "title": "Sepsis, unspecified organism", "poa": "Y"}
KIDNEY = {"ref": "dx2", "sequence": 2, "code": "N17.9", "title": "Acute kidney failure, unspecified", "poa": "N"}
PICC = {
    "ref": "px1", "sequence": 1, "system": "icd10pcs", "code": "02HV33Z",
    "title": "Insertion of Infusion Device into Superior Vena Cava, Percutaneous Approach", "served_on": "2026-10-29",
    "provider": None, "modifiers": "", "units": None, "claim": "", "place": "", "revenue": "", "dose": "",
    "wasted": "", "pointers": [],
}  # fmt: skip
#: made up: AMA's descriptors are not ours to ship
VISIT = {
    "ref": "sv1", "sequence": 1, "system": "cpt", "code": "99991", "title": "Made-up visit & talk | longer",
    "served_on": "2026-10-30", "provider": None, "modifiers": "25 GT", "units": 2.0, "claim": "professional",
    "place": "21", "revenue": "", "dose": "", "wasted": "", "pointers": ["dx2", "dx1"],
}  # fmt: skip
DRUG = {
    "ref": "sv2", "sequence": 2, "system": "hcpcs", "code": "J2405", "title": "Ondansetron hcl injection",
    "served_on": "2026-10-30", "provider": None, "modifiers": "", "units": 4.0, "claim": "facility", "place": "",
    "revenue": "0636", "dose": "4 mg", "wasted": "", "pointers": ["dx1"],
}  # fmt: skip


def content(**changes: Any) -> dict[str, Any]:
    """Return the content of a version: an inpatient stay with two diagnoses, a procedure and two services."""
    return {
        "coded_on": "2026-11-01", "disposition": "01", "admitting_code": "R65.20", "payer": "Blue Plan",
        "diagnoses": [SEPSIS, KIDNEY], "procedures": [PICC], "services": [VISIT, DRUG],
    } | changes  # fmt: skip


def a_stay(number: str = "CSN-1", **changes: Any) -> Encounter:
    """Store and return a discharged inpatient stay of a patient with an awkward name."""
    with unit_of_work():
        provider = db.session.query(Provider).filter_by(npi="1234567893").one_or_none() or Provider(
            name="Ann Adams", credentials="MD", npi="1234567893", created_at=clock.now()
        )
        patient = Patient(
            source_key=f"RIVER|000{number}", content_hash="0", mrn=f"000{number}", family_name="O'Brien|Núñez^&~\\",
            given_names="María", birth_on=date(1960, 2, 3), sex="female",
        )  # fmt: skip
        found = Encounter(
            source_key=f"visit RIVER|{number}", content_hash="0", patient=patient, number=number,
            encounter_class="inpatient", admitted_at=datetime(2026, 10, 28, 9, tzinfo=UTC),
            discharged_at=datetime(2026, 11, 1, 16, tzinfo=UTC), attending=provider, facility="Riverbend",
            service_line="Medicine", **changes,
        )  # fmt: skip
        db.session.add_all([provider, patient, found])
    return found


def finished(encounter: Encounter, reason: str = "", **changes: Any) -> CodingVersion:
    """Store a version of an encounter as `finalize` does, whatever the edits say of its codes."""
    with unit_of_work():
        coding = coding_of(encounter)
        coding.status, coding.finished_at, coding.coder = "final", clock.now(), CODER.email
        db.session.flush()
        number = db.session.query(CodingVersion).filter_by(encounter_id=encounter.id).count() + 1
        made = content(**changes)
        version = CodingVersion(
            encounter_id=encounter.id, number=number, content=made, digest=digest(made), reason=reason,
            made_by=CODER.email, made_at=clock.now(),
        )  # fmt: skip
        db.session.add(version)
    return version


def status_of(encounter: Encounter) -> str:
    """Return the status of an encounter as the database has it."""
    db.session.rollback()
    found = db.session.get(EncounterCoding, encounter.id)
    assert found is not None
    return found.status


def with_settings(app: Flask, **changes: Any) -> None:
    """Let the application run with other settings."""
    from dataclasses import replace

    app.config["SETTINGS"] = replace(app.config["SETTINGS"], **changes)


def ack(message: str, code: str = "AA", text: str = "", control_id: str = "") -> str:
    """Return an acknowledgement of `message`."""
    given = control_id or message.split("\r")[0].split("|")[9]
    return f"MSH|^~\\&|BILLING|RIVER|QUERY_MGR||20261102||ACK|1|P|2.5.1\rMSA|{code}|{given}|{text}\r"


#: what a receiver does with a message: bytes to answer, or None to hang up
Behaviour = Callable[[str], str | list[str] | None]


class Receiver:
    """An MLLP receiver that does what its script says, message by message, and then accepts everything."""

    def __init__(self, *script: Behaviour, secure: ssl.SSLContext | None = None) -> None:
        self._secure = secure
        self.script, self.messages, self._lock = list(script), [], threading.Lock()
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    @property
    def control_ids(self) -> list[str]:
        """MSH-10 of what came, in order."""
        return [one.split("\r")[0].split("|")[9] for one in self.messages]

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            threading.Thread(target=self._talk, args=(connection,), daemon=True).start()

    def _talk(self, connection: socket.socket) -> None:
        framer = Framer(1 << 20)
        if self._secure:
            try:
                connection = self._secure.wrap_socket(connection, server_side=True)
            except OSError:
                connection.close()
                return
        with connection:
            while packet := connection.recv(65536):
                for frame in framer.feed(packet):
                    message = frame.decode()
                    with self._lock:
                        self.messages.append(message)
                        behaviour = self.script.pop(0) if self.script else ack
                    answer = behaviour(message)
                    if answer is None:
                        return
                    for one in [answer] if isinstance(answer, str) else answer:
                        connection.sendall(VT + one.encode() + END)

    def close(self) -> None:
        """Stop listening."""
        self._socket.close()


@contextmanager
def a_receiver(app: Flask, *script: Behaviour, **settings: Any) -> Iterator[Receiver]:
    """Let billing be a receiver that follows `script`."""
    receiver = Receiver(*script)
    defaults = {
        "billing_hl7_host": "127.0.0.1", "billing_hl7_port": receiver.port, "billing_messages": "bar",
        "billing_timeout_seconds": 5,
    }  # fmt: skip
    with_settings(app, **(defaults | settings))
    try:
        yield receiver
    finally:
        receiver.close()
