"""How a provider gets a PIN: by invitation, or anew by way of the coder's desk. Never by a mailed link alone.

An invitation asks for the NPI. A reset is asked for on the page, approved by staff who call the number that the hospital
has, and wants the code that is told on that call: whoever only reads the provider's mail gets neither.
"""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select

from query_mgr.accounts import actions as accounts
from query_mgr.accounts.models import Provider
from query_mgr.accounts.npi import is_valid_npi
from query_mgr.accounts.pins import problem
from query_mgr.accounts.session import Actor
from query_mgr.audit import actions as audit
from query_mgr.delivery import actions as delivery
from query_mgr.platform import clock, limits
from query_mgr.platform.db import db, unit_of_work
from query_mgr.platform.limits import Limit
from query_mgr.platform.web import current_settings
from query_mgr.respond.models import QueryLink
from query_mgr.respond.stepup.models import ProviderInvite
from query_mgr.respond.stepup.throttle import LockedError
from query_mgr.respond.tokens import cleaned, keyed_hash, token_for

#: purpose -> how long its mail is good for
LASTS = {"enrol": timedelta(days=7), "reset": timedelta(days=1)}
_WHILE = timedelta(minutes=10)
TRIES = Limit("choosing a PIN", 5, timedelta(minutes=15), timedelta(minutes=15))
ASKED = Limit("asking for a new PIN", 3, timedelta(hours=1))


class EnrolmentError(ValueError):
    """What was typed does not do; the message says what to do."""


@dataclass(frozen=True)
class Choice:
    """What a provider typed to choose a PIN. call_code: told on the phone, for a reset only."""

    npi: str
    pin: str
    again: str
    call_code: str = ""


def token_of(invite: ProviderInvite) -> str:
    """Return the token that the mail of an invitation carries."""
    return token_for(current_settings().secret_key, f"invite:{invite.ref}")


def _hash(purpose: str, text: str) -> str:
    return keyed_hash(current_settings().secret_key, purpose, text)


def find(text: str) -> ProviderInvite | None:
    """Return the invitation that a token opens now, or None. Reads only."""
    token = cleaned(text)
    if token is None:
        return None
    found = db.session.scalar(select(ProviderInvite).where(ProviderInvite.token_hash == _hash("invite", token)))
    return found if found is not None and is_open(found) else None


def is_open(invite: ProviderInvite) -> bool:
    """Return whether an invitation still lets its provider choose a PIN."""
    return (
        invite.token_hash is not None
        and invite.used_at is None
        and invite.ended_at is None
        and invite.expires_at is not None
        and clock.now() < invite.expires_at
        and invite.provider.is_active
        and invite.provider.email == invite.address
    )


def just_used(text: str) -> ProviderInvite | None:
    """Return the invitation by which its provider chose a PIN a moment ago: a passkey may be made with it, too."""
    token = cleaned(text)
    if token is None:
        return None
    found = db.session.scalar(select(ProviderInvite).where(ProviderInvite.token_hash == _hash("invite", token)))
    is_new = found is not None and found.used_at is not None and clock.now() - found.used_at <= _WHILE
    return found if found is not None and is_new and found.provider.is_active else None


def passkey_challenge(invite: ProviderInvite) -> bytes:
    """Return what a passkey made with an invitation must answer: recomputed, so that nothing need be kept."""
    return bytes.fromhex(_hash("passkey of an invitation", f"{invite.ref}:{invite.used_at}"))


def waiting(provider: Provider | None = None) -> list[ProviderInvite]:
    """Return the resets that wait for somebody to call back, the oldest first."""
    found = select(ProviderInvite).where(
        ProviderInvite.purpose == "reset", ProviderInvite.approved_at.is_(None), ProviderInvite.ended_at.is_(None)
    )
    if provider is not None:
        found = found.where(ProviderInvite.provider_id == provider.id)
    return list(db.session.scalars(found.order_by(ProviderInvite.id)))


def _end_open(provider: Provider) -> None:
    """End what was mailed or asked for before, in the running transaction."""
    found = select(ProviderInvite).where(
        ProviderInvite.provider_id == provider.id,
        ProviderInvite.used_at.is_(None),
        ProviderInvite.ended_at.is_(None),
    )
    for one in db.session.scalars(found):
        one.ended_at = clock.now()


def _mail(invite: ProviderInvite, by: str) -> None:
    now = clock.now()
    invite.approved_at, invite.approved_by, invite.expires_at = now, by, now + LASTS[invite.purpose]
    db.session.flush()
    invite.token_hash = _hash("invite", token_of(invite))
    delivery.enqueue("provider_invite", {"invite": invite.ref})
    audit.record(by, f"{invite.purpose}.mailed", "provider", invite.provider.ref, invite=invite.ref)


def invite(actor: Actor, provider: Provider) -> ProviderInvite:
    """Mail `provider` an invitation to choose a PIN; one from before opens nothing any more.

    Raises EnrolmentError where the directory lacks what is needed; NotAllowedError.
    """
    actor.must("provider.access")
    with unit_of_work():
        provider = db.session.get_one(Provider, provider.id)
        if not (provider.is_active and provider.email and provider.npi):
            raise EnrolmentError("An invitation needs an active provider with an NPI and an email address.")
        if provider.pin_hash:
            raise EnrolmentError("This provider has a PIN. A new one is asked for on the page of a query.")
        _end_open(provider)
        made = ProviderInvite(
            provider_id=provider.id,
            provider=provider,
            purpose="enrol",
            address=provider.email,
            asked_at=clock.now(),
        )
        db.session.add(made)
        _mail(made, actor.email)
    return made


def ask_reset(link: QueryLink) -> None:
    """Ask the coder's desk for a new PIN; asked again while one waits, or too often, nothing more is done."""
    provider = link.provider
    with unit_of_work():
        if limits.take(ASKED, provider.id) < 0 or waiting(provider):
            return
        made = ProviderInvite(
            provider_id=provider.id, purpose="reset", address=provider.email or "", asked_at=clock.now()
        )
        db.session.add(made)
        db.session.flush()
        audit.record(f"provider:{provider.ref}", "reset.asked", "provider", provider.ref, invite=made.ref)
        delivery.enqueue("reset_asked", {"link": link.ref})


def approve(actor: Actor, ref: str, *, has_called_back: bool) -> str:
    """Approve a reset after calling the provider back; return the code to tell them on that call, shown once.

    Raises EnrolmentError; NotAllowedError.
    """
    actor.must("provider.access")
    if not has_called_back:
        raise EnrolmentError("Call the provider at the number that the hospital has, and say that you did.")
    code = f"{secrets.randbelow(10**6):06d}"
    with unit_of_work():
        asked = _asked(ref)
        asked.call_code_hash = _hash("call", f"{asked.ref}:{code}")
        asked.address = asked.provider.email or ""
        _mail(asked, actor.email)
    return code


def decline(actor: Actor, ref: str) -> None:
    """Turn a reset down. Raises EnrolmentError; NotAllowedError."""
    actor.must("provider.access")
    with unit_of_work():
        asked = _asked(ref)
        asked.ended_at = clock.now()
        audit.record(actor.email, "reset.declined", "provider", asked.provider.ref, invite=asked.ref)


def _asked(ref: str) -> ProviderInvite:
    found = next((one for one in waiting() if one.ref == ref), None)
    if found is None:
        raise EnrolmentError("Somebody has decided on this request already.")
    return found


def choose(invite: ProviderInvite, choice: Choice, place: str) -> None:
    """Set the PIN; whatever was trusted before, devices and open visits, is over.

    Raises EnrolmentError for anything that does not do, LockedError after too many tries.
    """
    if limits.is_used_up(TRIES, invite.ref, place):
        raise LockedError("Too many wrong tries. Try again in 15 minutes, or call the coder.")
    with unit_of_work():
        if limits.take(TRIES, invite.ref, place) < 0:
            raise LockedError("Too many wrong tries. Try again in 15 minutes, or call the coder.")
    _check(invite, choice)
    hashed = accounts.hash_pin(choice.pin)
    with unit_of_work():
        row = db.session.get_one(ProviderInvite, invite.id, with_for_update=True, populate_existing=True)
        if not is_open(row):
            raise EnrolmentError("This link was used meanwhile.")
        provider = row.provider
        provider.pin_hash, row.used_at = hashed, clock.now()
        _end_open(provider)
        limits.forget(TRIES, row.ref, place)
        audit.record(f"provider:{provider.ref}", "pin.chosen", "provider", provider.ref, invite=row.ref)


def _check(invite: ProviderInvite, choice: Choice) -> None:
    npi = "".join(choice.npi.split())
    if not is_valid_npi(npi):
        raise EnrolmentError("This is no NPI: ten digits, the last of which is a check digit.")
    told = _hash("call", f"{invite.ref}:{''.join(choice.call_code.split())}")
    is_told = invite.purpose != "reset" or hmac.compare_digest(told, invite.call_code_hash)
    if npi != invite.provider.npi or not is_told:
        raise EnrolmentError(
            "What you typed does not fit what the hospital has. Look at it again, or call the coder."
        )
    if wrong := problem(choice.pin, npi):
        raise EnrolmentError(f"{wrong[0].upper()}{wrong[1:]}.")
    if choice.pin != choice.again:
        raise EnrolmentError("The two PINs differ. Type the same one twice.")
