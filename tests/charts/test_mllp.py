"""The MLLP listener: an answer for every whole message, none for half of one, and nothing lost or doubled."""

from __future__ import annotations

import asyncio
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from query_mgr.audit import actions as audit
from query_mgr.charts import inbox
from query_mgr.charts.actions import import_file
from query_mgr.charts.framing import END, VT
from query_mgr.charts.hl7_cli import FeedInbox
from query_mgr.charts.hl7v2 import parse
from query_mgr.charts.mllp import Listener, OncePerMinute, secure_context
from query_mgr.charts.models import Encounter, FeedMessage
from query_mgr.platform.db import db
from tests.bench.house import an_app
from tests.charts.dump import dump
from tests.charts.hl7_messages import PID, adt, message, msh
from tests.conftest import settings_for

ADMIT = adt("A01", "20260302050000", "1")
LEAVE = adt("A03", "20260306150000", "3")
Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def framed(text: str) -> bytes:
    return VT + text.encode() + END


def talk(
    app: Flask,
    *conversations: Talk,
    secure: ssl.SSLContext | None = None,
    client: ssl.SSLContext | None = None,
    **limits: float,
) -> None:
    """Run a listener, and conversations with it one after the other, each on a connection of its own."""

    async def run() -> None:
        listener = Listener(FeedInbox(app), **limits)  # type: ignore[arg-type]
        port = await listener.start("127.0.0.1", 0, secure)
        try:
            for conversation in conversations:
                reader, writer = await asyncio.open_connection(
                    "127.0.0.1", port, ssl=client, server_hostname="localhost" if client else None
                )
                await conversation(reader, writer)
                writer.close()
        finally:
            await listener.stop()

    db.session.rollback()
    asyncio.run(run())
    db.session.rollback()


async def reply(reader: asyncio.StreamReader) -> tuple[str, str, str]:
    """Return acknowledgement code, the control id it answers, and the error's text."""
    frame = await asyncio.wait_for(reader.readuntil(END), 20)
    found = parse(frame.strip(VT + END).decode())
    error = found.first("ERR")
    msa = next(found.of("MSA"))
    return msa.text(1), msa.text(2), error.text(8) if error else ""


def count(model: type[Encounter] | type[FeedMessage]) -> int | None:
    return db.session.scalar(select(func.count(model.id)))


def test_a_message_is_on_the_disk_before_it_is_acknowledged(app: Flask) -> None:
    async def send(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(framed(ADMIT))
        assert await reply(reader) == ("AA", "1", "")

    talk(app, send)
    assert (count(Encounter), count(FeedMessage)) == (1, 1)


def test_many_messages_in_one_packet_are_answered_in_order(app: Flask) -> None:
    messages = [adt("A08", f"2026030205{n:02}00", str(n)) for n in range(20)]

    async def send(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"".join(map(framed, messages)))
        assert [await reply(reader) for _ in messages] == [("AA", str(n), "") for n in range(20)]

    talk(app, send)
    assert count(FeedMessage) == 20


def test_a_message_may_come_byte_by_byte(app: Flask) -> None:
    """Bad input 33."""

    async def send(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for byte in framed(ADMIT):
            writer.write(bytes([byte]))
            await writer.drain()
        assert (await reply(reader))[0] == "AA"

    talk(app, send)


def test_a_lost_acknowledgement_and_the_message_again_leave_one_stay(app: Flask) -> None:
    """F25: the sender repeats and gets AA again."""

    async def send_and_hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(framed(ADMIT))
        await writer.drain()

    async def send(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(framed(ADMIT))
        assert (await reply(reader))[0] == "AA"

    talk(app, send_and_hang_up, send)
    assert (count(Encounter), count(FeedMessage)) == (1, 1)


def test_half_a_message_is_none_and_others_go_on(app: Flask) -> None:
    """F25, bad input 32."""

    async def drop(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(framed(ADMIT)[:200])
        await writer.drain()

    async def stall(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(framed(ADMIT).removesuffix(END) + b"\r")
        assert await asyncio.wait_for(reader.read(), 20) == b""  # no answer, the connection is closed

    async def send(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(framed(LEAVE))
        assert (await reply(reader))[0] == "AA"

    talk(app, drop, stall, send, patience=0.3)
    assert count(FeedMessage) == 1


def test_a_message_without_end_is_refused_at_the_limit(app: Flask) -> None:
    """Bad input 33: the limit is 50 MB."""

    async def send(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(VT + b"MSH|" + b"x" * 100_000)
        assert (await reply(reader))[0] == "AR"
        assert await reader.read() == b""

    talk(app, send, longest=10_000)
    assert count(FeedMessage) == 0


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        (message(msh("ADT^A99", "20260302", "7"), PID), "AR", "is not read"),
        (message(msh("ORM^O01", "20260302", "7"), PID), "AR", "is not read"),
        (message(msh("ADT^A01", "", "7"), PID), "AE", "says no time"),
        ("nothing of HL7", "AR", "no MSH segment"),
        (ADMIT.replace("PID|1||000417^^^RIVERBEND^MR~", "PID|1||"), "AA", ""),
        (ADMIT.replace("ADT^A01", "DFT^P03"), "AA", ""),
        (message(msh("ACK^A01", "20260302", "7"), "MSA|AA|1"), "AA", ""),
    ],
)
def test_the_acknowledgement_says_what_became_of_a_message(app: Flask, text: str, code: str, words: str) -> None:
    async def send(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(framed(text))
        found = await reply(reader)
        assert found[0] == code
        assert words in found[2]

    talk(app, send)


def test_a_control_id_with_other_content_is_refused_and_the_first_stays(app: Flask) -> None:
    async def send(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(framed(ADMIT) + framed(ADMIT.replace("Testperson", "Otherperson")) + framed(ADMIT))
        assert [(await reply(reader))[0] for _ in range(3)] == ["AA", "AE", "AA"]

    talk(app, send)
    assert db.session.scalars(select(Encounter)).one().patient.family_name == "Testperson"


def test_a_database_that_is_away_acknowledges_nothing(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    from sqlalchemy.exc import OperationalError

    def away(*_: object) -> None:
        raise OperationalError("", {}, Exception("away"))

    async def send(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        monkeypatch.setattr(inbox, "_keep", away)
        writer.write(framed(ADMIT))
        assert (await reply(reader))[0] == "AE"
        monkeypatch.undo()
        writer.write(framed(ADMIT))
        assert (await reply(reader))[0] == "AA"

    talk(app, send)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    folder = tmp_path_factory.mktemp("tls")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
         "-addext", "subjectAltName=DNS:localhost", "-keyout", folder / "key.pem", "-out", folder / "cert.pem"],
        check=True, capture_output=True,
    )  # fmt: skip
    return str(folder / "cert.pem"), str(folder / "key.pem")


def test_tls_lets_in_who_has_a_certificate_and_nobody_else(
    app: Flask, certificate: tuple[str, str], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Bad input 48: who is turned away is noted."""
    cert, key = certificate
    settings = replace(
        settings_for(tmp_path, "sqlite:///:memory:"),
        hl7_tls_certificate=cert,
        hl7_tls_key=key,
        hl7_tls_client_ca=cert,
    )
    secure = secure_context(settings)
    known = ssl.create_default_context(cafile=cert)
    known.load_cert_chain(cert, key)

    async def send(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(framed(ADMIT))
        assert (await reply(reader))[0] == "AA"

    talk(app, send, secure=secure, client=known)

    async def refused(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with pytest.raises((ssl.SSLError, ConnectionError, asyncio.IncompleteReadError)):
            writer.write(framed(LEAVE))
            await reply(reader)

    talk(app, refused, secure=secure, client=ssl.create_default_context(cafile=cert))

    async def plain(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(framed(LEAVE))
        with pytest.raises((ConnectionError, asyncio.IncompleteReadError)):
            await reply(reader)

    talk(app, plain, secure=secure)
    assert count(FeedMessage) == 1
    complaints = [one.getMessage() for one in caplog.records if one.name == "query_mgr.charts.mllp"]
    assert complaints == ["a connection without valid TLS was closed (1 in the last minute)"] * 2


def test_a_taken_port_is_named(app: Flask) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        settings = replace(app.config["SETTINGS"], hl7_port=taken.getsockname()[1])
        app.config["SETTINGS"] = settings
        result = app.test_cli_runner().invoke(args=["hl7", "serve"])
    assert result.exit_code == 1
    assert "QUERY_MGR_HL7_PORT" in result.output


def test_messages_that_were_acknowledged_before_a_crash_reach_their_charts_at_the_next_start(app: Flask) -> None:
    inbox.receive([ADMIT.encode(), LEAVE.encode()])
    assert (count(FeedMessage), count(Encounter)) == (2, 0)
    talk(app)
    assert db.session.scalars(select(Encounter)).one().status == "finished"


def test_one_message_that_cannot_go_in_costs_only_itself(app: Flask) -> None:
    other = adt(
        "A01", "20260302050000", "8", pid=PID.replace("000417", "000500")
    )  # the same stay, another patient
    messages = [ADMIT, *(adt("A08", f"2026030206{n:02}00", f"u{n}") for n in range(5)), other, LEAVE]
    inbox.receive([one.encode() for one in messages])
    while inbox.catch_up("tester"):
        pass
    found = db.session.execute(select(FeedMessage.control_id, FeedMessage.status, FeedMessage.reason)).all()
    assert [one.control_id for one in found if one.status != "imported"] == ["8"]
    (aside,) = [one for one in found if one.control_id == "8"]
    assert (aside.status, "already on file for another patient" in aside.reason) == ("held", True)
    assert db.session.scalars(select(Encounter)).one().status == "finished"


def test_a_circle_of_merges_is_kept_as_refused_with_its_reason(app: Flask) -> None:
    """Bad input 42: the circle is seen when the chart is, after the AA."""
    there = message(msh("ADT^A40", "20260310050000", "40"), PID, "MRG|000999^^^RIVERBEND^MR")
    back = message(
        msh("ADT^A40", "20260311050000", "41"), PID.replace("000417", "000999"), "MRG|000417^^^RIVERBEND^MR"
    )
    inbox.receive([there.encode(), back.encode()])
    while inbox.catch_up("tester"):
        pass
    rows = db.session.execute(select(FeedMessage.status, FeedMessage.reason).order_by(FeedMessage.id)).all()
    assert [one.status for one in rows] == ["imported", "rejected"]
    assert "unmerge them first" in rows[1].reason


def test_what_gathers_during_one_commit_shares_the_next(app: Flask) -> None:
    """Eight connections, each with 20 messages: fewer transactions than messages, every answer in its order."""
    taken: list[int] = []

    class Counting(FeedInbox):
        def receive(self, frames: Sequence[bytes]) -> list[list[bytes]]:
            taken.append(len(frames))
            return super().receive(frames)

    async def run() -> None:
        listener = Listener(Counting(app))
        port = await listener.start("127.0.0.1", 0)

        async def send(name: int) -> None:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            for n in range(20):
                writer.write(framed(adt("A08", f"202603020{name}{n:02}00", f"{name}-{n}")))
                assert (await reply(reader))[:2] == ("AA", f"{name}-{n}")
            writer.close()

        await asyncio.gather(*(send(name) for name in range(8)))
        await listener.stop()

    db.session.rollback()
    asyncio.run(run())
    db.session.rollback()
    assert (sum(taken), count(FeedMessage)) == (160, 160)
    assert max(taken) > 1
    assert len(taken) < 120
    assert count(Encounter) == 1


def test_ten_thousand_messages_at_once_are_answered_in_order_within_bounds() -> None:
    """Bad input 33: a sender that waits for no answer is read only as fast as messages are kept."""
    unread: list[int] = []

    class Slow:
        def receive(self, frames: Sequence[bytes]) -> list[list[bytes]]:
            unread.append(listener._unanswered)
            return [[frame] for frame in frames]

        def catch_up(self) -> bool:
            return False

    listener = Listener(Slow())

    async def run() -> None:
        port = await listener.start("127.0.0.1", 0)
        reader, writer = await asyncio.open_connection("127.0.0.1", port)

        async def send() -> None:
            for n in range(10_000):
                writer.write(framed(f"MSH|{n}|" + "x" * 1000))
                await writer.drain()

        sending = asyncio.create_task(send())
        for n in range(10_000):
            assert (await reader.readuntil(END)).startswith(VT + f"MSH|{n}|".encode())
        await sending
        writer.close()
        await listener.stop()

    asyncio.run(run())
    assert max(unread) < 200_000


def test_complaints_are_logged_once_a_minute(caplog: pytest.LogCaptureFixture) -> None:
    """Bad input 48."""
    now = [0.0]
    sparse = OncePerMinute(lambda: now[0])
    for now[0] in (0.0, 1.0, 59.0, 61.0):
        sparse.complain("a connection without valid TLS was closed")
    assert [one.getMessage()[-23:] for one in caplog.records] == [
        "d (1 in the last minute)"[-23:],
        "d (3 in the last minute)"[-23:],
    ]


def test_kill_minus_9_at_any_moment_loses_and_doubles_nothing(tmp_path: Path) -> None:
    """F25: the listener is killed again and again; the sender repeats what got no answer."""
    app = an_app(tmp_path)
    messages = [
        adt(("A08", "A01", "A03")[n % 3], f"202603{n // 24 + 1:02}{n % 24:02}0000", f"k{n}").replace(
            "CSN1", f"CSN{n % 4}"
        )
        for n in range(60)
    ]
    # where it is killed, and how long after the message was sent: at once, while it writes, while charts follow
    deaths = {9: 0.0, 21: 0.001, 34: 0.003, 50: 0.03}
    waiting = list(messages)
    while waiting:
        with _listening(tmp_path) as (process, port), suppress(OSError), _connected(port) as sender:
            while waiting:
                sender.sendall(framed(waiting[0]))
                if (moment := deaths.pop(len(messages) - len(waiting), None)) is not None:
                    time.sleep(moment)
                    process.kill()
                answer = b""
                while not answer.endswith(END):
                    more = sender.recv(65536)
                    if not more:
                        raise ConnectionAbortedError
                    answer += more
                assert b"MSA|AA|" in answer
                waiting.pop(0)
    assert not deaths
    with app.app_context():
        while inbox.catch_up("tester"):
            pass
        assert (count(FeedMessage), count(Encounter)) == (60, 4)
        assert set(db.session.scalars(select(FeedMessage.status))) == {"imported"}
        assert audit.verify()[1] is None
        killed = dump()
        db.session.remove()
    other = tmp_path / "other"
    other.mkdir()
    with an_app(other).app_context():
        for one in messages:
            import_file(one.encode(), "feed.hl7", by="tester")
        assert dump() == killed
        db.session.remove()


def _connected(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=20)


@contextmanager
def _listening(folder: Path) -> Iterator[tuple[subprocess.Popen[str], int]]:
    command = [sys.executable, "-m", "tests.bench.mllp_server", "ours", str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        yield process, int(process.stdout.readline())
        process.kill()
