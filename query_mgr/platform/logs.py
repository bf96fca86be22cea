"""What must never reach a log, whichever library writes it."""

from __future__ import annotations

import logging
import re
from typing import Any

#: the path of an answer link or an invitation
_LINK = re.compile(r"(/[re]/)[^/\s\"'?#]+")
#: 256 bits in base32, as every token and cookie of ours has them, wherever they stand
_TOKEN = re.compile(r"(?<![A-Za-z0-9])[A-Za-z2-7]{52}(?![A-Za-z0-9])")


def masked(text: str) -> str:
    """Return `text` without the secrets of links and cookies (assurance §1.2 item 10)."""
    return _TOKEN.sub("****", _LINK.sub(r"\1****", text))


class _Record(logging.LogRecord):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.exc_info and self.exc_info[0] is not None:
            # What is set here is what every formatter prints: an error's own words may quote an address.
            self.exc_text = masked(logging.Formatter().formatException(self.exc_info))

    def getMessage(self) -> str:
        """Return the message, masked."""
        return masked(super().getMessage())


def mask_tokens() -> None:
    """Mask secrets in the records of all loggers of this process, the web servers' access logs among them."""
    # A filter on a logger or handler would miss those that are set up later; the factory makes every record.
    logging.setLogRecordFactory(_Record)
