"""What of a file waits while the rest is taken in."""

from __future__ import annotations

from dataclasses import dataclass, field

from query_mgr.charts.records import HeldPart

#: with more faults than this a file is sent again, not mended part by part
MOST_PARTS = 1000
MOST_BYTES = 20 * 1024 * 1024


@dataclass
class Waiting:
    """Parts that wait, as many as a person will look at; the rest is counted."""

    _parts: list[HeldPart] = field(default_factory=list)
    _size: int = 0
    _more: int = 0

    def __len__(self) -> int:
        return len(self._parts) + self._more

    def add(self, where: str, reason: str, payload: bytes) -> None:
        """Note a part and keep its bytes while there is room."""
        if len(self._parts) >= MOST_PARTS:
            self._more += 1
            return
        has_room = self._size + len(payload) <= MOST_BYTES
        self._size += len(payload) if has_room else 0
        self._parts.append(HeldPart(where, reason, payload if has_room else b""))

    def parts(self) -> tuple[HeldPart, ...]:
        """Return the parts, with a last one that counts those beyond the limit."""
        if not self._more:
            return tuple(self._parts)
        more = f"held: and {self._more} more; mend what is wrong with all of them and send the file again"
        return (*self._parts, HeldPart("", more, b""))
