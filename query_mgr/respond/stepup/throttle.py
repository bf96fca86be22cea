"""How often a provider may be wrong: the browser's address first, then the link, then the provider (assurance §1.2 item 13)."""

from __future__ import annotations

from datetime import timedelta
from ipaddress import ip_address

from query_mgr.audit import actions as audit
from query_mgr.delivery import actions as delivery
from query_mgr.platform import limits
from query_mgr.platform.db import unit_of_work
from query_mgr.platform.limits import Limit
from query_mgr.respond.models import QueryLink

LOCK_MINUTES = 15
_LOCK, _DAY = timedelta(minutes=LOCK_MINUTES), timedelta(days=1)

#: somebody else's tries lock their own address out before they can lock the provider out
PAIR = Limit("step-up of a link from one address", 5, _LOCK, _LOCK)
LINK = Limit("step-up of a link", 8, _LOCK, _LOCK)
PROVIDER = Limit("step-up of a provider", 10, _DAY, _DAY)
#: PIN checks are dear, so a flood of them is bounded whoever sends it
EVERYBODY = Limit("step-ups", 600, timedelta(minutes=1))
UNKNOWN = Limit("links that open nothing, from one address", 20, timedelta(minutes=1))
RENEWALS = Limit("new links asked for from one address", 20, timedelta(hours=1))


class LockedError(Exception):
    """Too many wrong tries; the message says what to do."""


def network(address: str | None) -> str:
    """Return the network that counts as one place: IPv4 /24, IPv6 /56."""
    try:
        ip = ip_address(address or "")
    except ValueError:
        return "nowhere"
    return str(int(ip) >> (8 if ip.version == 4 else 72))


def _counts(link: QueryLink, place: str) -> tuple[tuple[Limit, tuple[object, ...]], ...]:
    return ((PAIR, (link.ref, place)), (LINK, (link.ref,)), (PROVIDER, (link.provider_id,)), (EVERYBODY, ()))


def take(link: QueryLink, place: str) -> bool:
    """Take a try before anything costly is checked; True: it is the last one of a lock.

    Raises LockedError where none is left. Two tries at once cannot both be the fifth.
    """
    counts = _counts(link, place)
    if any(limits.is_used_up(limit, *of) for limit, of in counts):
        raise LockedError(_words(link))
    with unit_of_work():
        left = [limits.take(limit, *of) for limit, of in counts]
    if min(left) < 0:
        raise LockedError(_words(link))
    return 0 in left[:3]


def _words(link: QueryLink) -> str:
    if limits.is_used_up(PROVIDER, link.provider_id):
        return "Too many wrong tries today. Call the coder, who can help you further."
    return f"Too many wrong tries. Try again in {LOCK_MINUTES} minutes, or call the coder."


def right(link: QueryLink, place: str) -> None:
    """Count a right try as none, in the running transaction. What others got wrong today stays counted."""
    pair, of_link, provider, everybody = _counts(link, place)
    limits.forget(pair[0], *pair[1])
    limits.forget(of_link[0], *of_link[1])
    limits.give_back(provider[0], *provider[1])
    limits.give_back(everybody[0])


def locked(link: QueryLink) -> None:
    """Write a lock down and tell the coder, once a lock."""
    with unit_of_work():
        audit.record(f"provider:{link.provider.ref}", "link.locked", "query", link.query.ref)
        delivery.enqueue("link_locked", {"link": link.ref})


def missed(place: str) -> bool:
    """Count a link that opens nothing; True where this address has asked for too many of them."""
    if limits.is_used_up(UNKNOWN, place):
        return True
    with unit_of_work():
        return limits.take(UNKNOWN, place) < 0


def may_renew(place: str) -> bool:
    """Return whether this address may ask for one more new link, and count it."""
    if limits.is_used_up(RENEWALS, place):
        return False
    with unit_of_work():
        return limits.take(RENEWALS, place) >= 0
