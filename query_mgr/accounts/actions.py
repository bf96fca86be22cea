"""What can be done to people: create users, keep the provider directory, check a PIN."""

from __future__ import annotations

import uuid

import argon2
from sqlalchemy import select

from query_mgr.accounts.address import AddressError, mailbox, one_line
from query_mgr.accounts.models import Provider, Role, User
from query_mgr.accounts.npi import is_valid_npi
from query_mgr.accounts.permissions import PERMISSIONS
from query_mgr.accounts.pins import problem
from query_mgr.accounts.session import Actor
from query_mgr.audit import actions as audit
from query_mgr.platform import clock
from query_mgr.platform.db import db, unit_of_work

ROLE_NAMES = tuple(sorted({name for names in PERMISSIONS.values() for name in names} | {"provider"}))
# PINs are short: the cost is what slows a guesser, beside the lock after five tries.
_hasher = argon2.PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)


class AccountError(ValueError):
    """A person's data is not acceptable; the message names the field."""


def create_user(
    email: str, name: str, roles: list[str], *, by: str, password_hash: str | None = None, credentials: str = ""
) -> User:
    """Create a member of staff with `roles`.

    Raises AccountError for an unknown role, a wrong address or one that is taken.
    """
    try:
        email, name = mailbox(email), one_line(name, "The name")
    except AddressError as error:
        raise AccountError(str(error)) from None
    unknown = sorted(set(roles) - set(ROLE_NAMES))
    if unknown or not roles:
        raise AccountError(f"role {', '.join(unknown) or '(none)'}: choose from {', '.join(ROLE_NAMES)}")
    with unit_of_work():
        if db.session.scalar(select(User.id).where(User.email == email)):
            raise AccountError("somebody with this email address exists already")
        user = User(
            email=email,
            name=name,
            credentials=credentials,
            active=True,
            password=password_hash,
            fs_uniquifier=uuid.uuid4().hex,
            roles=[_role(role) for role in roles],
        )
        db.session.add(user)
        db.session.flush()
        audit.record(by, "user.created", "user", str(user.id), roles=sorted(roles))
    return user


def _role(name: str) -> Role:
    role = db.session.scalar(select(Role).where(Role.name == name))
    if role is None:
        role = Role(name=name)
        db.session.add(role)
    return role


def save_provider(
    provider: Provider | None,
    *,
    actor: Actor,
    name: str,
    credentials: str,
    npi: str,
    email: str,
    specialty: str,
    service_line: str,
    is_active: bool = True,
    pin: str = "",
) -> Provider:
    """Create or change a directory entry; an empty `pin` keeps the one on file.

    Raises AccountError where a field is wrong or the NPI belongs to somebody else; NotAllowedError.
    """
    actor.must("provider.edit")
    try:
        name, email = one_line(name, "The name"), mailbox(email.strip())
        credentials = one_line(credentials, "Credentials", 40) if credentials.strip() else ""
        specialty = one_line(specialty, "The specialty", 80) if specialty.strip() else ""
        service_line = one_line(service_line, "The service line", 80) if service_line.strip() else ""
    except AddressError as error:
        raise AccountError(str(error)) from None
    if not is_valid_npi(npi):
        raise AccountError("the NPI must have 10 digits and a right check digit")
    if pin and (wrong := problem(pin)):
        raise AccountError(wrong)
    with unit_of_work():
        holder = db.session.scalar(select(Provider).where(Provider.npi == npi))
        if holder is not None and (provider is None or holder.id != provider.id):
            raise AccountError("this NPI belongs to another provider in the directory")
        if provider is None:
            provider = Provider(created_at=clock.now())
            db.session.add(provider)
        provider.name, provider.credentials, provider.npi, provider.email = name, credentials, npi, email
        provider.specialty, provider.service_line, provider.is_active = specialty, service_line, is_active
        if pin:
            provider.pin_hash = hash_pin(pin)
        db.session.flush()
        audit.record(
            actor.email, "provider.saved", "provider", provider.ref, is_active=is_active, new_pin=bool(pin)
        )
    return provider


def hash_pin(pin: str) -> str:
    """Return the argon2 hash of a PIN."""
    return _hasher.hash(pin)


def pin_matches(provider: Provider, pin: str) -> bool:
    """Return whether `pin` is the provider's. A provider without one costs the same time as a wrong PIN."""
    stored = provider.pin_hash or _NO_PIN
    try:
        return _hasher.verify(stored, pin) and provider.pin_hash is not None
    except argon2.exceptions.VerificationError:
        return False


_NO_PIN = _hasher.hash(uuid.uuid4().hex)


def spend_time_of_a_check(password: str) -> None:
    """Cost an unknown user the time of a known one, so that answers do not tell them apart (ASVS 6.3.8)."""
    try:
        _hasher.verify(_NO_PIN, password[:1024])
    except argon2.exceptions.VerificationError:
        return
