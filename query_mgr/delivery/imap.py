"""Fetch what came back from a mailbox, by IMAP over TLS. What was taken in is deleted there: it may hold PHI."""

from __future__ import annotations

import imaplib
import re
import ssl

from flask import current_app

from query_mgr.delivery import inbound, intake
from query_mgr.platform.web import current_settings

_MOST_AT_ONCE = 200
_SIZE = re.compile(rb"RFC822\.SIZE (\d+)")


def fetch() -> int:
    """Take in what waits in the configured mailbox and delete it there; return how many mails that were.

    What is too large is refused unread. A mailbox that does not answer is tried again next time.
    """
    settings = current_settings()
    if not settings.mail_imap_server:
        return 0
    context = ssl.create_default_context(cafile=settings.mail_tls_ca or None)
    try:
        with imaplib.IMAP4_SSL(
            settings.mail_imap_server, settings.mail_imap_port, ssl_context=context,
            timeout=settings.mail_timeout_seconds,
        ) as box:  # fmt: skip
            box.login(settings.mail_imap_username, settings.mail_imap_password)
            box.select(_quoted(settings.mail_imap_folder))
            return _empty(box)
    except (imaplib.IMAP4.error, OSError) as error:
        current_app.logger.warning("bounce mailbox: %s", type(error).__name__)
        return 0


def _quoted(name: str) -> str:
    return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _empty(box: imaplib.IMAP4_SSL) -> int:
    _, found = box.uid("SEARCH", "UNDELETED")
    uids = (found[0] or b"").split()[:_MOST_AT_ONCE]
    for uid in uids:
        intake.take_in(_mail(box, uid.decode("ascii")))
        box.uid("STORE", uid.decode("ascii"), "+FLAGS.SILENT", "(\\Deleted)")
    if uids:
        box.expunge()
    return len(uids)


def _mail(box: imaplib.IMAP4_SSL, uid: str) -> bytes:
    """Return a mail, or of one that is too large as many bytes as make that known."""
    _, sized = box.uid("FETCH", uid, "(RFC822.SIZE)")
    size = _SIZE.search(b" ".join(one for one in sized if isinstance(one, bytes)))
    if size and int(size[1]) > inbound.LARGEST:
        return uid.encode().ljust(inbound.LARGEST + 1)
    _, parts = box.uid("FETCH", uid, "(BODY.PEEK[])")
    return next((one[1] for one in parts if isinstance(one, tuple)), b"")
