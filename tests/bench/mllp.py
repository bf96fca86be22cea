"""B5: HL7 v2 over MLLP with a durable answer for each message, beside a split and one FULL commit per message."""

from __future__ import annotations

import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from query_mgr.platform.db import db
from tests.bench.house import an_app
from tests.bench.timing import NO_TARGET, Row, in_turn

END = b"\x1c\r"
_CONNECTIONS = 8
_RESULTS = 17  # with MSH, PID, PV1 and OBR: 21 segments


def a_result(number: int) -> bytes:
    """Return an ORU of 21 segments; every tenth patient's stay is admitted before its results."""
    patient = number // 10
    head = f"MSH|^~\\&|LAB|RIVERBEND|QM|QM|202603020700{number % 60:02}||ORU^R01|R{number}|P|2.5.1"
    pid = f"PID|1||{patient:06}^^^RIVERBEND^MR||Testperson^Ada^M||19480302|F"
    lines = [head, pid, _pv1(patient), f"OBR|1|P{number}|F{number}^LAB|24323-8^Panel^LN|||20260302061000"]
    lines += [
        f"OBX|{n}|NM|{2000 + n}-0^Test {n}^LN||{number % 90 + n}.5|mg/dL^^UCUM|0.6-{n + 40}.3|H|||F|||20260302061000"
        for n in range(1, _RESULTS + 1)
    ]
    return ("\x0b" + "\r".join(lines) + "\r\x1c\r").encode()


def an_admission(patient: int) -> bytes:
    """Return the A01 of a stay."""
    head = f"MSH|^~\\&|ADT|RIVERBEND|QM|QM|20260302050000||ADT^A01|A{patient}|P|2.5.1"
    pid = f"PID|1||{patient:06}^^^RIVERBEND^MR||Testperson^Ada^M||19480302|F"
    return ("\x0b" + "\r".join((head, "EVN|A01|20260302050000", pid, _pv1(patient))) + "\r\x1c\r").encode()


def _pv1(patient: int) -> str:
    doctor = "1234567893^Medina^Rosa^^^^MD^^&2.16.840.1.113883.4.6&ISO^^^^NPI"
    return f"PV1|1|I|MED4^12^A||||{doctor}|||MED|||||||||CSN{patient}^^^RIVERBEND"


@contextmanager
def _server(name: str, folder: Path) -> Iterator[int]:
    command = [sys.executable, "-m", "tests.bench.mllp_server", name, str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        try:
            yield int(process.stdout.readline())
        finally:
            process.kill()


class _Sender:
    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def send(self, frame: bytes) -> None:
        """Send one message and wait for its AA."""
        self._socket.sendall(frame)
        reply = b""
        while not reply.endswith(END):
            reply += self._socket.recv(65536)
        assert b"MSA|AA|" in reply, reply


def run(folder: Path, rounds: int, together: int = 100) -> list[Row]:
    """Time one message at a time beside the floor, then eight connections beside one; then compare what is kept."""
    with an_app(folder).app_context():
        db.engine.dispose()
    with _server("ours", folder) as port, _server("floor", folder) as floor_port:
        ours, floor = _Sender(port), _Sender(floor_port)
        single = in_turn(lambda n: ours.send(a_result(n)), lambda n: floor.send(a_result(n)), rounds)
        sent = rounds + 1
        started = time.perf_counter()
        for patient in range(sent // 10 + 1):
            ours.send(an_admission(patient))
        _until_charts_are_right(folder, sent)
        charts = [(time.perf_counter() - started) * 1000 / sent]
        senders = [_Sender(port) for _ in range(_CONNECTIONS)]
        eight: list[float] = []
        one: list[float] = []
        with ThreadPoolExecutor(_CONNECTIONS) as pool:
            for _ in range(5):
                frames = [a_result(n) for n in range(sent, sent + 2 * together)]
                sent += 2 * together
                start = time.perf_counter()
                list(pool.map(_send_all, senders, [frames[n:together:_CONNECTIONS] for n in range(_CONNECTIONS)]))
                eight.append((time.perf_counter() - start) * 1000 / together)
                start = time.perf_counter()
                _send_all(ours, frames[together:])
                one.append((time.perf_counter() - start) * 1000 / together)
                _until_charts_are_right(folder, sent)
    return [
        Row("B5", "message over MLLP, durable / split + 1 commit", rounds, *single, 1 / 0.6),
        Row("B5", "eight connections / one, a message", together, eight, one, 0.5),
        Row(
            "B5",
            "message with its chart / split + 1 commit",
            rounds,
            _sum(single[0], charts),
            single[1],
            NO_TARGET,
        ),
    ]


def _sum(times: list[float], more: list[float]) -> list[float]:
    return [one + more[0] for one in times]


def _send_all(sender: _Sender, frames: list[bytes]) -> None:
    for frame in frames:
        sender.send(frame)


def _until_charts_are_right(folder: Path, results: int) -> None:
    """Wait until every message that was sent is in its chart, each of its values once."""
    deadline = time.monotonic() + 60
    with sqlite3.connect(folder / "bench.sqlite") as raw:
        while raw.execute("SELECT count(*) FROM feed_message WHERE status = 'received'").fetchone()[0]:
            assert time.monotonic() < deadline, "charts do not follow"
            time.sleep(0.005)
        kept = raw.execute(
            "SELECT count(*), count(DISTINCT text) FROM feed_message WHERE kind = 'ORU^R01'"
        ).fetchone()
        facts = raw.execute("SELECT count(*) FROM fact WHERE kind = 'lab' AND value_number IS NOT NULL").fetchone()
    assert kept == (results, results), kept
    assert facts[0] == results * _RESULTS, facts
