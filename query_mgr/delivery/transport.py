"""Sending by SMTP: one connection for many mails, a timeout, a safe connection where asked for, one recipient a mail."""

from __future__ import annotations

import smtplib
import ssl
import unicodedata
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.policy import compat32
from email.utils import formataddr, formatdate
from types import TracebackType
from typing import Any

from query_mgr.accounts.address import mailbox
from query_mgr.delivery import dkim_signing, verp
from query_mgr.delivery.actions import Mail as Letter
from query_mgr.delivery.retry import UnansweredError
from query_mgr.platform.web import current_settings

_LINES = compat32.clone(linesep="\r\n")


class _Host(smtplib.SMTP):
    """smtplib's client, which remembers whether the whole message has left."""

    has_left = False

    def data(self, msg: Any) -> tuple[int, bytes]:
        """Send the message; afterwards only the server knows whether it took it."""
        self.has_left = True
        return super().data(msg)


class Smtp:
    """An SMTP connection that is opened when first needed and given up after any failure."""

    def __init__(self) -> None:
        self._host: _Host | None = None

    def __enter__(self) -> Smtp:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        self.close()

    def send(self, letter: Letter, message_id: str, ref: str) -> None:
        """Send one mail; ref: the outbox message's, by which a bounce finds back.

        Raises smtplib.SMTPException, OSError or UnansweredError; the connection is then closed.
        """
        content, recipient = composed(letter, message_id, ref), mailbox(letter.recipient)
        try:
            self._host = self._host or _connected()
            self._host.has_left = False
            self._host.sendmail(verp.envelope_sender(ref), [recipient], content)
        except (smtplib.SMTPSenderRefused, smtplib.SMTPRecipientsRefused, smtplib.SMTPDataError):
            if self._host is None or self._host.sock is None:  # smtplib hangs up itself after a 421
                self._hang_up()
            raise
        except (smtplib.SMTPServerDisconnected, TimeoutError, ConnectionError, ssl.SSLError) as error:
            is_doubtful = self._host is not None and self._host.has_left
            self._hang_up()
            if is_doubtful:
                raise UnansweredError from error
            raise
        except BaseException:
            self.close()
            raise

    def _hang_up(self) -> None:
        """Close without a word: the server does not answer."""
        host, self._host = self._host, None
        if host is not None:
            host.close()

    def close(self) -> None:
        """Take leave, if connected."""
        host, self._host = self._host, None
        if host is not None:
            try:
                host.quit()
            except (smtplib.SMTPException, OSError):
                host.close()


def _connected() -> _Host:
    """Return a connection that is as safe as the settings ask, signed in.

    Raises smtplib.SMTPNotSupportedError where the server offers no STARTTLS, ssl.SSLCertVerificationError for a
    certificate that is not to be trusted: nothing was sent then (F06).
    """
    settings = current_settings()
    host = _Host(settings.mail_server, settings.mail_port, timeout=settings.mail_timeout_seconds)
    try:
        if settings.mail_use_tls:
            _make_safe(host)
        if settings.mail_username:
            _sign_in(host)
    except BaseException:
        host.close()
        raise
    return host


def _make_safe(host: _Host) -> None:
    context = ssl.create_default_context(cafile=current_settings().mail_tls_ca or None)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        host.starttls(context=context)
    except smtplib.SMTPResponseException as error:
        raise smtplib.SMTPNotSupportedError(f"STARTTLS answered {error.smtp_code}") from None


def _sign_in(host: _Host) -> None:
    settings = current_settings()
    try:
        host.login(settings.mail_username, settings.mail_password)
    except smtplib.SMTPNotSupportedError:
        raise smtplib.SMTPAuthenticationError(530, b"the server offers no sign-in") from None


def composed(letter: Letter, message_id: str, ref: str) -> bytes:
    """Return the mail as it goes over the wire: plain text and HTML of the same content, nothing that tracks."""
    # Checked at entry and here again: the standard library's own header checks have had gaps
    # (CVE-2024-6923, CVE-2026-1299; assurance item 100).
    for value in (letter.subject, message_id):
        if any(unicodedata.category(sign) in {"Cc", "Zl", "Zp", "Cs"} for sign in value):
            raise ValueError("a mail header holds a control character")
    settings = current_settings()
    message = MIMEMultipart("alternative")
    message["From"] = formataddr((f"{settings.organization} documentation queries", settings.mail_sender))
    message["To"] = mailbox(letter.recipient)
    message["Subject"] = letter.subject
    message["Date"] = formatdate(localtime=False)
    message["Message-ID"] = message_id
    if settings.mail_bounces:
        message["Reply-To"] = verp.envelope_sender(ref)
    message["Auto-Submitted"] = "auto-generated"
    # An absence note is a signal to us where we can read it; receipts never are.
    message["X-Auto-Response-Suppress"] = "DR, RN, NRN, AutoReply" if settings.mail_bounces else "All"
    for text, kind in ((letter.text, "plain"), (letter.html, "html")):
        message.attach(MIMEText(text, kind, "us-ascii" if text.isascii() else "utf-8"))
    return dkim_signing.signed(message.as_bytes(policy=_LINES))
