"""What somebody asked to see of a chart: all of it stands in the address, so that every view is a link. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from query_mgr.charts.contents import Wanted
from query_mgr.platform.text import one_line

_WORD = re.compile(r"[a-z_]{1,30}")
_REF = re.compile(r"\w{1,16}", re.ASCII)
_PLACE = re.compile(r"(\d{1,9})-(\d{1,9})", re.ASCII)
_PAGE = re.compile(r"[1-9]\d{0,5}", re.ASCII)


@dataclass(frozen=True)
class Asked:
    """The parts of an address. find: words; kind, role: of documents; order: "" or "stay"; doc, at: what is open, and where."""

    find: str = ""
    kind: str = ""
    role: str = ""
    order: str = ""
    page: str = ""
    doc: str = ""
    at: str = ""

    @property
    def wanted(self) -> Wanted:
        """Which documents to list."""
        return Wanted(self.kind, self.role, self.order == "stay", int(self.page or 1))

    @property
    def place(self) -> tuple[int, int] | None:
        """The passage to show, in characters."""
        found = _PLACE.fullmatch(self.at)
        return (int(found[1]), int(found[2])) if found else None

    def link(self, **changes: str) -> str:
        """Return the address of this page with some parts changed."""
        parts = {name: value for name, value in vars(replace(self, **changes)).items() if value}
        return f"?{urlencode(parts)}" if parts else "?"


def asked_in(args: Mapping[str, str]) -> Asked:
    """Return what an address asks for; what makes no sense counts as not asked."""

    def fitting(name: str, pattern: re.Pattern[str]) -> str:
        value = args.get(name, "")
        return value if pattern.fullmatch(value) else ""

    return Asked(
        find=one_line(args.get("find", ""))[:80],
        kind=fitting("kind", _WORD),
        role=fitting("role", _WORD),
        order="stay" if args.get("order") == "stay" else "",
        page=fitting("page", _PAGE),
        doc=fitting("doc", _REF),
        at=fitting("at", _PLACE),
    )
