"""How the interface console says things: reasons, what to do about them, and how long ago. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

#: code of a problem -> what it means, what to do
ADVICE = {
    "patient": ("It does not say for certain whose it is.", "Correct the number and replay it, or dismiss it."),
    "snippet": ("It is a piece of a document.", "Ask the sender for the whole document, then dismiss it."),
    "identity": ("It merges people whom somebody called different.", "Decide in the identity queue."),
    "merge": ("It contradicts how patients are merged.", "Look at the two patients in the identity queue."),
    "reference": ("It is about a patient or stay who is not here.", "Import the patient first, then replay it."),
    "conflict": ("It contradicts what is on file.", "Correct it where it comes from, or edit and replay it."),
    "unsupported": ("This kind of message is not read.", "Ask the sender to stop it, then dismiss it."),
    "processing": ("It is marked as a test.", "Ask the sender why tests come here, then dismiss it."),
    "control-id": ("Its control id was used before.", "Ask the sender which of the two counts."),
    "date": ("A time is missing or wrong.", "Edit the time and replay it."),
    "structure": ("It is broken.", "Ask the sender to send it again, or edit and replay it."),
    "encoding": ("Its characters cannot be read.", "Ask the sender to send it as UTF-8."),
    "cell": ("A cell of the table is wrong.", "Correct the row and replay it."),
    "too-large": ("It is too large.", "Split it and send it again."),
    "file": ("It could not be read.", "Check the file and its permissions, then import it again."),
    "internal": ("query_mgr stumbled over it.", "Report it to whoever maintains query_mgr, then replay it."),
}
_ASSIGN = ("It does not say whose it is.", "Assign it to a patient in the identity queue.")
_OTHER = ("It could not be taken in.", "Read the reason; edit and replay it, or dismiss it.")
_SEGMENT = re.compile(r"\b([A-Z][A-Z0-9]{2})-\d|\bsegment (\d+)\b")


def advice(reason: str) -> tuple[str, str]:
    """Return what a reason means and what to do about it."""
    if reason.startswith("patient: PID"):  # the queue can write a number into an HL7 v2 message only
        return _ASSIGN
    return ADVICE.get(reason.partition(":")[0], _OTHER)


@dataclass(frozen=True)
class Line:
    """One line of a payload; `is_named`: the reason speaks of it."""

    text: str
    is_named: bool


def lines_of(text: str, reason: str) -> tuple[Line, ...]:
    """Return a payload line by line, each segment of HL7 v2 on its own."""
    found = _SEGMENT.search(reason)
    is_hl7 = text.lstrip("\ufeff\x0b").startswith(("MSH", "FHS", "BHS"))
    name, number = (found[1], found[2]) if found and is_hl7 else (None, None)
    lines = re.split(r"\r\n|\r|\n", text)
    return tuple(
        Line(line, bool(name and line.startswith(name)) or number == str(at)) for at, line in enumerate(lines, 1)
    )


def span(duration: timedelta) -> str:
    """Return how long something takes: "45 s", "12 min", "3 h", "2 days"."""
    seconds = max(int(duration.total_seconds()), 0)
    for size, unit in ((86400, "day"), (3600, "h"), (60, "min")):
        if seconds >= size:
            count = seconds // size
            return f"{count} {unit}{'s' if unit == 'day' and count > 1 else ''}"
    return f"{seconds} s"


def state(last_at: datetime, now: datetime, shown: str, hour: int, errors: int) -> str:
    """Return how a feed does; `shown` is the time of its last message on the hospital's clocks."""
    if now - last_at > timedelta(hours=1):
        return f"quiet for {span(now - last_at)}: last message {shown}"
    trouble = f", {errors} refused today" if errors else ""
    return f"active: {hour} in the last hour{trouble}"


def left(done: int, total: int, running: timedelta) -> str:
    """Return how long a run will still take, "" before anything is known."""
    return f"about {span(running / done * (total - done))} left" if 0 < done < total else ""


def bars(
    counts: Sequence[int], width: int = 120, height: int = 24
) -> tuple[tuple[float, float, float, float], ...]:
    """Return (x, y, width, height) of a sparkline's bars, the oldest first."""
    step, most = width / max(len(counts), 1), max(counts, default=0) or 1
    sizes = [max(count / most * height, 1.0) if count else 0.0 for count in counts]
    return tuple(
        (round(at * step, 1), round(height - size, 1), round(step - 1, 1), round(size, 1))
        for at, size in enumerate(sizes)
    )
