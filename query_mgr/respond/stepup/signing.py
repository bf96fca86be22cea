"""A factor for every signature: the one given just now, or one given with it (assurance §1.2 item 14, C20)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from query_mgr.platform import clock
from query_mgr.platform.db import unit_of_work
from query_mgr.respond.models import QueryLink
from query_mgr.respond.stepup import cookies, guard, proving, sessions, throttle

Signed = TypeVar("Signed")


class FactorError(Exception):
    """The signature wants a factor, or the one given is wrong; the message says which, `status` is the page's."""

    def __init__(self, words: str, status: int = 401) -> None:
        super().__init__(words)
        self.status = status


def wants_factor(link: QueryLink) -> tuple[str, ...]:
    """Return the factors of which one must be given with the signature; none where one was given for it just now."""
    here = guard.visit()  # what it was proven by suffices for this link: nobody came here past the guard otherwise
    return () if here is not None and sessions.is_fresh(here, clock.now()) else guard.offered(link)


def signed(link: QueryLink, sign: Callable[[str], Signed]) -> Signed:
    """Return what `sign` makes, in one transaction with the factor that it uses up.

    sign: is told how the signer was known, for the manifest; what it raises leaves the factor unused.
    Raises FactorError.
    """
    if wants_factor(link):
        _prove(link)
    here = guard.visit()
    assert here is not None
    try:
        with unit_of_work():
            return sign(sessions.spend(here))
    except sessions.NotFreshError:
        raise FactorError("Another signature was quicker. Please show again who you are.") from None


def _prove(link: QueryLink) -> None:
    here, given = guard.visit(), guard.given()
    if here is None or not given.value:
        raise FactorError("Each signature asks once more who you are.")
    try:
        secret = proving.prove(here, link, given)
    except throttle.LockedError as locked:
        raise FactorError(str(locked), 429) from None
    if secret is None:
        raise FactorError("That was wrong. Nothing was signed; try again.")
    cookies.write("step", secret)
    guard.hold(sessions.find(secret))
