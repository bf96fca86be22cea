"""Email addresses: one mailbox, said plainly, or a reason (assurance §4 items 100-102)."""

from __future__ import annotations

import unicodedata

from email_validator import EmailNotValidError, validate_email


class AddressError(ValueError):
    """Not an address that mail may be sent to; the message says why, without repeating it."""


def one_line(text: str, what: str, limit: int = 120) -> str:
    """Return `text` trimmed, in NFC; refuse control, format and line-separating signs.

    Raises AddressError naming `what`. Source: assurance items 74, 75, 77 and 100.
    """
    if any(unicodedata.category(sign) in {"Cc", "Zl", "Zp", "Cs"} for sign in text):
        raise AddressError(f"{what} contains a control character or line break; type it without")
    text = "".join(sign for sign in unicodedata.normalize("NFC", text) if unicodedata.category(sign) != "Cf")
    text = " ".join(text.split())
    if not text:
        raise AddressError(f"{what} is empty")
    if len(text) > limit:
        raise AddressError(f"{what} is longer than {limit} characters")
    if "=?" in text:
        raise AddressError(f"{what} contains an encoded word (=?...?=); type it in plain letters")
    return text


def mailbox(address: str) -> str:
    """Return the one mailbox that `address` names, its domain in lower case.

    Raises AddressError for anything else: lists, display names, quoted or local parts, hosts without a domain.
    """
    if len(address) > 254 or any(ord(sign) < 33 or ord(sign) == 127 for sign in address):
        raise AddressError("the email address is too long or contains blanks or control characters")
    if any(sign in address for sign in '",;:<>()[]\\') or address.count("@") != 1 or address.endswith("."):
        raise AddressError("the email address must be a single one such as name@hospital.org")
    try:
        found = validate_email(address, check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        raise AddressError("the email address must be a single one such as name@hospital.org") from None
    if "." not in found.ascii_domain:
        raise AddressError("the email address needs a full domain such as hospital.org")
    return f"{found.local_part}@{found.ascii_domain.lower()}"
