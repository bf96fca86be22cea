"""The MLLP listener: an answer for every whole message, none for half of one, and nothing lost or doubled."""

from __future__ import annotations

import asyncio
import socket
import ssl
import subprocess
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from query_mgr.charts.hl7_cli import answer_for
from query_mgr.charts.hl7v2 import parse
from query_mgr.charts.mllp import END, VT, Listener, secure_context
from query_mgr.charts.models import Encounter, FeedMessage
from query_mgr.platform.db import db
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
        listener = Listener(answer_for(app), **limits)  # type: ignore[arg-type]
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
    async def send(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for byte in framed(ADMIT):
            writer.write(bytes([byte]))
            await writer.drain()
        assert (await reply(reader))[0] == "AA"

    talk(app, send)


def test_a_lost_acknowledgement_and_the_message_again_leave_one_stay(app: Flask) -> None:
    async def send_and_hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(framed(ADMIT))
        await writer.drain()

    async def send(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(framed(ADMIT))
        assert (await reply(reader))[0] == "AA"

    talk(app, send_and_hang_up, send)
    assert (count(Encounter), count(FeedMessage)) == (1, 1)


def test_half_a_message_is_none_and_others_go_on(app: Flask) -> None:
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

    from query_mgr.charts import feeds

    def away(*_: object) -> None:
        raise OperationalError("", {}, Exception("away"))

    async def send(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        monkeypatch.setattr(feeds, "store", away)
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
    app: Flask, certificate: tuple[str, str], tmp_path: Path
) -> None:
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


def test_a_taken_port_is_named(app: Flask) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        settings = replace(app.config["SETTINGS"], hl7_port=taken.getsockname()[1])
        app.config["SETTINGS"] = settings
        result = app.test_cli_runner().invoke(args=["hl7", "serve"])
    assert result.exit_code == 1
    assert "QUERY_MGR_HL7_PORT" in result.output
