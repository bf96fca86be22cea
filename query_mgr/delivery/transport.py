"""Sending by SMTP: one connection for many mails, a timeout, a safe connection where asked for, one recipient a mail."""

from __future__ import annotations

import base64
import secrets
import smtplib
import ssl
import unicodedata
from email.header import Header
from email.utils import formataddr, formatdate
from functools import lru_cache
from types import TracebackType
from typing import Any

from query_mgr.accounts.address import mailbox
from query_mgr.delivery import verp
from query_mgr.delivery.actions import Mail as Letter
from query_mgr.delivery.retry import UnansweredError
from query_mgr.platform.web import current_settings

_MOST_LINE = 900  # characters; RFC 5322 §2.1.1 allows 998
#: one validated mailbox out of an address; what was validated a moment ago is not validated again
_mailbox = lru_cache(maxsize=4096)(mailbox)


class _Host(smtplib.SMTP):
    """smtplib's client, which remembers whether the message has left: then only the server knows whether it took it."""

    has_left = False

    def send(self, s: Any) -> None:
        """Send a command, which is text, or the message itself, which is bytes."""
        self.has_left = self.has_left or isinstance(s, bytes)
        super().send(s)


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
        content, recipient = composed(letter, message_id, ref), _mailbox(letter.recipient)
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
    headers = (
        ("From", formataddr((f"{settings.organization} documentation queries", settings.mail_sender))),
        ("To", _mailbox(letter.recipient)),
        ("Subject", letter.subject),
        ("Date", formatdate(localtime=False)),
        ("Message-ID", message_id),
        *((("Reply-To", verp.envelope_sender(ref)),) if settings.mail_bounces else ()),
        ("Auto-Submitted", "auto-generated"),
        # An absence note is a signal to us where we can read it; receipts never are.
        ("X-Auto-Response-Suppress", "DR, RN, NRN, AutoReply" if settings.mail_bounces else "All"),
        ("MIME-Version", "1.0"),
    )
    boundary = f"=_{secrets.token_hex(12)}"
    lines = [*(_header(name, value) for name, value in headers)]
    lines += [f'Content-Type: multipart/alternative; boundary="{boundary}"', ""]
    for text, kind in ((letter.text, "plain"), (letter.html, "html")):
        lines += [f"--{boundary}", *_part(text, kind)]
    return "\r\n".join([*lines, f"--{boundary}--", ""]).encode("ascii")


# The standard library's own classes take half a millisecond a mail, as long as all else that we do with it.
def _header(name: str, value: str) -> str:
    is_encoded_word = name == "Subject" and "=?" in value
    if value.isascii() and not is_encoded_word and len(name) + len(value) < _MOST_LINE:
        return f"{name}: {value}"
    return f"{name}: {Header(value, 'utf-8', header_name=name).encode(linesep=chr(13) + chr(10))}"


def _part(text: str, kind: str) -> list[str]:
    """Return the lines of one body: as it is where every server may pass that on, else as base64."""
    lines = text.splitlines()
    if text.isascii() and all(len(line) < _MOST_LINE and line.isprintable() for line in lines):
        return [f"Content-Type: text/{kind}; charset=us-ascii", "Content-Transfer-Encoding: 7bit", "", *lines]
    packed = base64.encodebytes("\r\n".join(lines).encode()).decode("ascii").split()
    return [f"Content-Type: text/{kind}; charset=utf-8", "Content-Transfer-Encoding: base64", "", *packed]
