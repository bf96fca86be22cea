"""MLLP's frames. Source: HL7 v2 Transport Specification, MLLP release 1: VT, message, FS, CR. Pure."""

from __future__ import annotations

VT, END = b"\x0b", b"\x1c\r"


class TooLong(Exception):
    """A message without an end that is longer than allowed."""


class Framer:
    """Cuts the bytes of one connection into frames, however they were cut into packets."""

    def __init__(self, longest: int) -> None:
        self._longest, self._begun, self._searched = longest, bytearray(), 0

    @property
    def is_waiting(self) -> bool:
        """Whether a message was begun and its end has not come."""
        return bool(self._begun)

    def feed(self, more: bytes) -> list[bytes]:
        """Return the frames that end in `more`, without VT, FS and CR."""
        self._begun += more
        found = []
        while (end := self._begun.find(END, self._searched)) >= 0:
            if frame := bytes(self._begun[:end]).strip(VT + b"\x1c\r\n"):
                found.append(frame)
            del self._begun[: end + len(END)]
            self._searched = 0
        if not self._begun.strip(b"\r\n"):
            self._begun.clear()  # line ends between frames begin nothing
        self._searched = max(0, len(self._begun) - 1)  # the first half of an end may be here already
        return found

    def check_length(self) -> None:
        """Raise TooLong where what was begun is longer than any message may be."""
        if len(self._begun) > self._longest:
            raise TooLong
