"""What staff see of a mail that did not reach its provider, and how it is made anew. Nothing of a patient is said."""

from __future__ import annotations

from collections.abc import Sequence

from query_mgr.delivery.actions import About, Way
from query_mgr.queries import actions as queries
from query_mgr.queries import events
from query_mgr.queries.sending import locked_in_order
from query_mgr.respond.models import QueryLink


def about_links(links: Sequence[QueryLink]) -> About:
    """Return whom the mail of `links` was for and what it asked; over once no query of it is undelivered."""
    if not links:
        return About("nobody", "a link that is gone", is_over=True)
    provider, refs = links[0].provider, ", ".join(one.query.mail_ref for one in links)
    what = f"{'a documentation query' if len(links) == 1 else 'documentation queries'} (ref {refs})"
    ways = (
        Way("Mend the address", "accounts.provider", {"ref": provider.ref}, "provider.edit"),
        Way("Open the query, or ask another way", "query_desk.query", {"ref": links[0].query.ref}, "query.view"),
    )
    is_over = not any(one.query.status == "undelivered" for one in links)
    return About(provider.signature_name, what, is_over, ways)


def again(links: Sequence[QueryLink], by: str) -> bool:
    """Send what is still undelivered of a mail anew, to the address that is on file now; False where nothing is."""
    held = locked_in_order(*(one.query for one in links))
    waiting = [one for one in held if one.status == "undelivered"]
    for one in waiting:
        queries.move(one, "resend", by)
    if waiting:
        events.publish("sent", *waiting)
    return bool(waiting)
