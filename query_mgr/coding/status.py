"""How far the coding of an encounter is: one table that code, pages, docs and tests read. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from query_mgr.coding.codeset import CodingError

STATUSES = {
    "not_started": "Not started",
    "in_progress": "In progress",
    "pended": "Pended",
    "ready": "Ready",
    "final": "Final",
    "handed_off": "Handed off",
    "returned": "Returned by billing",
    "correcting": "Being corrected",
    "rebilled": "Rebilled",
}

#: why an encounter waits -> what it waits for. While it does, its bill is held.
PEND_REASONS = {
    "query": "An open query",
    "documentation": "Missing documentation",
    "signature": "A missing signature",
    "pathology": "A pathology or culture result",
    "charges": "Missing or late charges",
    "second_review": "A second review",
    "registration": "A registration or insurance question",
    "code_set": "A code or grouper edition that is not loaded",
    "other": "Another reason, said in the note",
}


@dataclass(frozen=True)
class Transition:
    """From `status`, `event` leads to `next_status`; `action` is what the permission table calls it."""

    status: str
    event: str
    next_status: str
    action: str
    effect: str


_OPEN = ("not_started", "in_progress", "returned", "correcting")

TRANSITIONS: tuple[Transition, ...] = (
    Transition("not_started", "change", "in_progress", "coding.edit", "somebody assigned, changed or removed a code"),
    *(Transition(one, "change", one, "coding.edit", "") for one in ("in_progress", "returned", "correcting")),
    Transition("pended", "change", "pended", "coding.edit", ""),
    *(Transition(one, "pend", "pended", "coding.edit", "it waits, with a reason; the bill is held")
      for one in (*_OPEN, "ready")),
    Transition("pended", "resume", "in_progress", "coding.edit", "the wait is over"),
    *(Transition(one, "ready", "ready", "coding.edit", "coded, no error left; a second look or the final step is next")
      for one in ("in_progress", "returned", "correcting")),
    *(Transition(one, "finalize", "final", "coding.finalize", "the code set is frozen as a version")
      for one in ("in_progress", "ready", "returned", "correcting")),
    *(Transition(one, "reopen", "in_progress", "coding.edit", "before billing has it, the codes are opened again")
      for one in ("ready", "final")),
    Transition("final", "hand_off", "handed_off", "coding.hand_off", "billing has taken the first version"),
    Transition("final", "rebill", "rebilled", "coding.hand_off", "billing has taken a correction"),
    *(Transition(one, "return", "returned", "coding.return", "billing sends it back with a reason")
      for one in ("handed_off", "rebilled")),
    *(Transition(one, "correct", "correcting", "coding.finalize", "a late change becomes a new version, with a reason")
      for one in ("handed_off", "rebilled")),
)  # fmt: skip

_TABLE = {(one.status, one.event): one for one in TRANSITIONS}
#: why the codes of an encounter in this state cannot be changed, and what to do
_CLOSED = {
    "ready": "it is marked ready; open it again first",
    "final": "it is final; open it again first",
    "handed_off": "billing has it; start a correction first",
    "rebilled": "billing has it; start a correction first",
}
#: with billing
WITH_BILLING = ("handed_off", "rebilled")


def after(status: str, event: str) -> Transition:
    """Return the row of the table for `event` in `status`. Raises CodingError where it has none."""
    found = _TABLE.get((status, event))
    if found is None and event == "change":
        raise CodingError(f"The codes of this encounter cannot be changed: {_CLOSED[status]}.")
    if found is None:
        words = event.replace("_", " ")
        raise CodingError(
            f"This encounter is “{STATUSES[status].lower()}”; it cannot take the step “{words}” now."
        )
    return found


def events_from(status: str) -> tuple[str, ...]:
    """Return what can be done next, in the order of the table."""
    return tuple(one.event for one in TRANSITIONS if one.status == status and one.event != "change")
