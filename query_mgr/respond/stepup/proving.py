"""Check a factor that a provider gives by hand, within the limits; what is right opens the query."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from query_mgr.accounts import actions as accounts
from query_mgr.accounts.models import Provider
from query_mgr.platform import clock
from query_mgr.platform.db import db, unit_of_work
from query_mgr.platform.web import current_settings
from query_mgr.respond import actions
from query_mgr.respond.models import QueryLink
from query_mgr.respond.stepup import factors, passkeys, sessions, throttle
from query_mgr.respond.stepup.levels import TABLE, Need, offered, opens
from query_mgr.respond.stepup.models import StepUp


@dataclass(frozen=True)
class Given:
    """What was given: the kind of factor, what was typed or signed, and the network it came from."""

    kind: str
    value: str
    place: str


def need_of(link: QueryLink) -> Need:
    """Return what this site asks for the link's query."""
    is_sensitive = bool(link.query.encounter.sensitivity)
    return TABLE[current_settings().step_up_level, is_sensitive]


def offers(link: QueryLink) -> tuple[str, ...]:
    """Return the factors that may be given for the link's query. The PIN is asked for even where none is set."""
    return offered(need_of(link), _enrolled(link.provider))


def suffices(link: QueryLink, factor: str) -> bool:
    """Return whether `factor`, given in this visit, shows the link's query: another stay may ask for more."""
    return opens(need_of(link), _enrolled(link.provider), factor)


def _enrolled(provider: Provider) -> set[str]:
    enrolled = {one.kind for one in factors.of(provider)} | {"pin"}
    return enrolled | {"sso"} if current_settings().oidc_issuer else enrolled


def _is_pin(visit: StepUp, value: str) -> bool:
    return accounts.pin_matches(visit.provider, value[:64])


#: kind -> check of what was typed or signed; single sign-on is checked where it comes back
CHECKS: dict[str, Callable[[StepUp, str], bool]] = {
    "pin": _is_pin,
    "totp": factors.check_totp,
    "passkey": passkeys.check,
}


def prove(visit: StepUp, link: QueryLink, given: Given) -> str | None:
    """Return the cookie's new secret where `given` is right, None where it is wrong.

    link: of the query that is to be shown or signed; the first right factor opens it.
    Raises throttle.LockedError, before anything costly is done.
    """
    is_last = throttle.take(link, given.place)
    check = CHECKS.get(given.kind) if given.kind in offers(link) else None
    good = check is not None and check(visit, given.value)
    if not good:
        if is_last:
            throttle.locked(link)
        return None
    return accepted(visit, link, given)


def accepted(visit: StepUp, link: QueryLink, given: Given) -> str:
    """Take a factor that was checked: return the cookie's new secret, open the query."""
    visit_id, link_id = visit.id, link.id
    with unit_of_work():
        visit = db.session.get_one(StepUp, visit_id)
        link = db.session.get_one(QueryLink, link_id)
        throttle.right(link, given.place)
        for factor in factors.of(visit.provider):
            if factor.kind == given.kind:
                factor.used_at = clock.now()
        if actions.is_live(link):
            actions.opened(link)
        return sessions.proven(visit, given.kind)
