"""Code files as their publishers lay them out, with made-up codes."""

from __future__ import annotations

import string
from collections.abc import Iterable
from pathlib import Path


def order_lines(codes: Iterable[tuple[str, str, bool]]) -> list[str]:
    """Lines of an order file: code without dot, title, whether it may be reported."""
    return [
        f"{number:05} {code:7} {int(billable)} {title[:60]:60} {title}"
        for number, (code, title, billable) in enumerate(codes, start=1)
    ]


def some_cm(without: Iterable[str] = (), **titles: str) -> list[tuple[str, str, bool]]:
    """A category and four codes for each letter; `titles` renames and adds, by code without its dot."""
    codes = {}
    for letter in string.ascii_uppercase:
        codes[f"{letter}10"] = (f"Made-up category {letter}", False)
        codes |= {f"{letter}10{n}": (f"Made-up condition {letter} {n}", True) for n in range(1, 5)}
    codes |= {code: (title, len(code) > 3) for code, title in titles.items()}
    return [(code, *codes[code]) for code in sorted(codes) if code not in set(without)]


def written_to(path: Path, lines: Iterable[str], end: str = "\r\n") -> Path:
    """Write the lines, each ended as CMS does, and return the path."""
    path.write_bytes("".join(line + end for line in lines).encode())
    return path


def hcpcs_line(code: str, kind: str, long: str, short: str = "", *, number: int = 100, added: str = "", ended: str = "") -> str:  # fmt: skip
    """A line of 320 characters of the alpha-numeric file; a modifier stands in columns 4-5."""
    head = f"{code:>5}{number:05}{kind}{long:80}"
    if kind in "48":
        return head.ljust(320)
    tail = f"{short:28}{'':110}C{'':26}{'Z2 ':3}{'':9}{added:8}{added:8}{ended:8}N"
    return (head + tail).ljust(320)
