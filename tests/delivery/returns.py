"""Mails as they come back."""

from __future__ import annotations


def a_bounce(to: str, action: str = "failed", status: str = "5.1.1", number: int = 1) -> bytes:
    """A delivery status notification to `to`. number: what makes another copy of it different."""
    return f"""Return-Path: <>
Received: by mx.example with number {number}
From: MAILER-DAEMON@mx.example
To: {to}
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

This is the mail system. Action: delivered. Status: 2.0.0

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example

Final-Recipient: rfc822; Rosa@riverbend.example
Action: {action}
Status: {status} (bad destination)
Diagnostic-Code: smtp; 550 no such user

--b
Content-Type: message/rfc822

Subject: Documentation query waiting

--b--
""".replace("\n", "\r\n").encode()


def a_mail(
    to: str, text: str = "Yes, it was sepsis.", sender: str = "rosa@riverbend.example", **headers: str
) -> bytes:
    """A mail that somebody, or something, wrote back. headers: underscores stand for dashes."""
    more = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
    return f"From: {sender}\r\nTo: Queries <{to}>\r\nSubject: Re: query\r\n{more}\r\n{text}\r\n".encode()


def a_complaint(to: str) -> bytes:
    """Somebody pressed "this is junk"."""
    return (
        f"From: abuse@mx.example\r\nTo: {to}\r\n"
        'Content-Type: multipart/report; report-type=feedback-report; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: message/feedback-report\r\n\r\nFeedback-Type: abuse\r\n\r\n--b--\r\n"
    ).encode()
