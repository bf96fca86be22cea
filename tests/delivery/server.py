"""An SMTP server that keeps what it takes, and misbehaves as it is told."""

from __future__ import annotations

import asyncio
import email
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from email.message import Message
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult
from flask import Flask

OK, DROP, HANG = "250 OK", "drop", "hang"


class Server:
    """What it answers is a script, used up reply by reply; then everything is fine. DROP: hang up; HANG: say nothing."""

    def __init__(self) -> None:
        self.mails: list[Message] = []
        self.senders: list[str] = []
        self.recipients: list[str] = []
        self.sessions: set[int] = set()
        self.to_rcpt: list[str] = []
        self.to_data: list[str] = []
        self.greeting = ""
        self.passwords: set[str] = set()
        self.port = 0

    @property
    def ids(self) -> list[str]:
        """The Message-ID of each copy, in order."""
        return [str(mail["Message-ID"]) for mail in self.mails]

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        reply = self.to_rcpt.pop(0) if self.to_rcpt else OK
        if reply == OK:
            envelope.rcpt_tos.append(address)
        return reply

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.sessions.add(id(session))
        reply = self.to_data.pop(0) if self.to_data else OK
        if reply in (OK, DROP, HANG):
            self.mails.append(email.message_from_bytes(envelope.content))
            self.senders.append(envelope.mail_from)
            self.recipients += envelope.rcpt_tos
        if reply == DROP:
            server.transport.abort()
        if reply == HANG:
            await asyncio.sleep(60)
        return reply

    def knows(self, server: Any, session: Any, envelope: Any, mechanism: str, login: Any) -> AuthResult:
        """Let in whoever has one of the passwords."""
        return AuthResult(success=login.password.decode() in self.passwords, handled=False)


class _Talk(SMTP):
    def connection_made(self, transport: Any) -> None:
        greeting = self.event_handler.greeting
        if not greeting:
            super().connection_made(transport)
        else:
            transport.write(f"{greeting}\r\n".encode())
            transport.close()


class _House(Controller):
    def factory(self) -> SMTP:
        return _Talk(self.handler, **self.SMTP_kwargs)


@contextmanager
def a_server(tls: ssl.SSLContext | None = None, **options: Any) -> Iterator[Server]:
    """Run one on a free port. tls: offer STARTTLS with it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = Server()
    server.port = port
    if options.pop("asks_password", False):
        options |= {"authenticator": server.knows, "auth_required": True, "auth_require_tls": False}
    house = _House(server, hostname="127.0.0.1", port=port, tls_context=tls, **options)
    house.start()
    try:
        yield server
    finally:
        house.stop(no_assert=True)


def with_smtp(app: Flask, port: int, **more: Any) -> None:
    """Let the application send to a server on `port` of this machine."""
    values = {"mail_server": "127.0.0.1", "mail_port": port, "mail_timeout_seconds": 5} | more
    app.config["SETTINGS"] = replace(app.config["SETTINGS"], **values)
