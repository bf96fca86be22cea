"""Sending through Flask-Mail: one connection for many mails, a timeout, one recipient a mail."""

from __future__ import annotations

import smtplib
import unicodedata
from email.utils import formataddr
from types import TracebackType

from flask import Flask, current_app
from flask_mail import Connection, Mail, Message

from config.settings import Settings
from query_mgr.accounts.address import mailbox
from query_mgr.delivery.actions import Mail as Letter
from query_mgr.platform.web import current_settings

_mail = Mail()


def init_mail(app: Flask, settings: Settings) -> None:
    """Configure Flask-Mail from our settings."""
    app.config.update(
        MAIL_SERVER=settings.mail_server or "127.0.0.1",
        MAIL_PORT=settings.mail_port,
        MAIL_USERNAME=settings.mail_username or None,
        MAIL_PASSWORD=settings.mail_password or None,
        MAIL_USE_TLS=settings.mail_use_tls,
        MAIL_DEFAULT_SENDER=settings.mail_sender,
        MAIL_SUPPRESS_SEND=False,
    )
    _mail.init_app(app)


class _Connection(Connection):
    """Flask-Mail's connection with a timeout, which the library has no setting for."""

    def configure_host(self) -> smtplib.SMTP:
        settings = current_settings()
        host = smtplib.SMTP(settings.mail_server, settings.mail_port, timeout=settings.mail_timeout_seconds)
        if settings.mail_use_tls:
            host.starttls()
        if settings.mail_username:
            host.login(settings.mail_username, settings.mail_password)
        return host


class Smtp:
    """An SMTP connection that is opened when first needed and given up after any failure."""

    def __init__(self) -> None:
        self._connection: _Connection | None = None

    def __enter__(self) -> Smtp:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        self.close()

    def send(self, letter: Letter, message_id: str) -> None:
        """Send one mail. Raises smtplib.SMTPException or OSError; the connection is then closed."""
        message = _message(letter, message_id)
        try:
            if self._connection is None:
                connection = _Connection(current_app.extensions["mail"])
                connection.__enter__()
                self._connection = connection
            self._connection.send(message)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Hang up, if connected."""
        connection, self._connection = self._connection, None
        if connection is not None and connection.host is not None:
            try:
                connection.host.quit()
            except (smtplib.SMTPException, OSError):
                connection.host.close()


def _message(letter: Letter, message_id: str) -> Message:
    # Checked at entry and here again: the standard library's own header checks have had gaps
    # (CVE-2024-6923, CVE-2026-1299; assurance item 100).
    for value in (letter.subject, message_id):
        if any(unicodedata.category(sign) in {"Cc", "Zl", "Zp", "Cs"} for sign in value):
            raise ValueError("a mail header holds a control character")
    settings = current_settings()
    message = Message(
        subject=letter.subject,
        recipients=[mailbox(letter.recipient)],
        body=letter.text,
        html=letter.html,
        sender=formataddr((f"{settings.organization} documentation queries", settings.mail_sender)),
        extra_headers={"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All"},
    )
    message.msgId = message_id
    return message
