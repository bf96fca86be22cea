"""The life of a query: one table that code, pages, docs and tests read. Pure."""

from __future__ import annotations

from dataclasses import dataclass


class NotPossibleError(Exception):
    """What was asked does not fit the query's present status; the message says so in plain words."""


@dataclass(frozen=True)
class Transition:
    """From `status`, `event` caused by `role` leads to `next_status`."""

    status: str
    event: str
    role: str
    next_status: str
    effect: str


#: with its author or a lead; no provider was asked yet
UNSENT = ("draft", "awaiting_cosign")
#: asked and not yet answered
OPEN = ("sent", "delivered", "opened", "spoken", "needs_information", "undelivered", "handed_back")
#: with a signed answer
SIGNED = ("answered", "closed")
#: the provider has not written back yet, so that a question can come instead of an answer
_UNREAD = OPEN[:4]

TRANSITIONS: tuple[Transition, ...] = (
    Transition("draft", "send", "staff", "sent", "evidence is frozen, a link is made, a mail is queued"),
    Transition(
        "draft", "submit", "staff", "awaiting_cosign", "a lead sees it among what waits for a co-signature"
    ),
    Transition(
        "draft", "speak", "staff", "spoken", "a talk that took place is kept; a link to confirm it may follow"
    ),
    *(Transition(status, "cancel", "staff", "cancelled", "") for status in UNSENT),
    Transition("awaiting_cosign", "cosign", "staff", "sent", "a lead, never the author, sends it"),
    Transition("awaiting_cosign", "return", "staff", "draft", "the lead says what to change"),
    Transition("awaiting_cosign", "take_back", "staff", "draft", "its author goes on with it"),
    Transition("sent", "deliver", "system", "delivered", "the mail server, or the mailbox page, took the mail"),
    Transition("sent", "bounce", "system", "undelivered", "the coder sees that nobody got it"),
    Transition("delivered", "bounce", "system", "undelivered", "the mail came back; the provider's clock stops"),
    Transition("undelivered", "deliver", "system", "delivered", ""),
    Transition("undelivered", "resend", "staff", "sent", "a new link to the address on file"),
    Transition("spoken", "resend", "staff", "spoken", "a link to confirm what was said"),
    Transition("spoken", "bounce", "system", "undelivered", "the coder sees that nobody got it"),
    *(
        Transition(status, "open", "provider", "opened", "")
        for status in ("sent", "delivered", "spoken", "undelivered", "handed_back")
    ),
    *(Transition(status, "ask", "provider", "needs_information", "the coder is asked") for status in _UNREAD),
    *(
        Transition(status, "answer", "provider", "answered", "all links end; a code proposal is made")
        for status in OPEN
    ),
    *(
        Transition(status, "document", "staff", "answered", "the answer is a note in the chart; all links end")
        for status in OPEN
    ),
    *(
        Transition(
            status,
            "hand_back",
            "provider",
            "handed_back",
            "not theirs: all links end, the coder chooses whom to ask",
        )
        for status in OPEN[:-1]
    ),
    *(
        Transition(
            status, "reassign", "staff", "sent", "another provider is asked, as a new revision; the clock goes on"
        )
        for status in OPEN
        if status != "spoken"
    ),
    Transition("needs_information", "reply", "staff", "sent", "a new link with the coder's words"),
    *(Transition(status, "cancel", "staff", "cancelled", "all links end") for status in OPEN),
    Transition("answered", "close", "staff", "closed", "the coder has decided about the codes"),
)

_TABLE = {(one.status, one.event): one.next_status for one in TRANSITIONS}
STATUSES = tuple(dict.fromkeys([one.status for one in TRANSITIONS] + [one.next_status for one in TRANSITIONS]))
EVENTS = tuple(dict.fromkeys(one.event for one in TRANSITIONS))

#: an event that finds its work done already changes nothing, such as a second look at an opened query
_ALREADY = {("opened", "open"), ("needs_information", "open"), ("needs_information", "ask"), ("delivered", "deliver"),
            ("opened", "deliver"), ("spoken", "deliver"), ("needs_information", "deliver"), ("answered", "deliver"), ("closed", "deliver"),
            ("cancelled", "deliver"), ("opened", "bounce"), ("needs_information", "bounce"),
            ("handed_back", "deliver"), ("handed_back", "bounce"),
            ("answered", "bounce"), ("closed", "bounce"), ("cancelled", "bounce"), ("undelivered", "bounce")}  # fmt: skip


def after(status: str, event: str) -> str:
    """Return the status that `event` leads to from `status`.

    Raises NotPossibleError where the table has no such row.
    """
    if (status, event) in _ALREADY:
        return status
    try:
        return _TABLE[status, event]
    except KeyError:
        words = status.replace("_", " ")
        raise NotPossibleError(f"This query is {words}; it cannot take the step '{event}' now.") from None


#: an option's kind -> how an answer with it counts (field: agree rate counts `agreed` only)
OUTCOMES = {
    "clinical": "agreed",
    "other": "other",
    "undetermined": "undetermined",
    "not_significant": "not_significant",
    "ruled_out": "ruled_out",
}
