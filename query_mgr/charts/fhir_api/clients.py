"""Interface clients: made and disabled by an administrator, recognised by their key."""

from __future__ import annotations

import hashlib
import hmac
from datetime import timedelta

from sqlalchemy import select

from query_mgr.audit import actions as audit
from query_mgr.charts.fhir_api.models import InterfaceClient
from query_mgr.platform import clock
from query_mgr.platform.db import db, unit_of_work
from query_mgr.platform.ids import new_token
from query_mgr.platform.text import one_line
from query_mgr.platform.web import current_settings

_KEY_PREFIX = "qm_"  # so that secret scanners and people recognise a key that lies about
_NOTED_EVERY = timedelta(minutes=1)


class ClientError(Exception):
    """What was asked about a client cannot be done; the message says why."""


def key_hash(secret: str, key: str) -> str:
    """Return the keyed hash under which a client is found by its key, as hex."""
    return hmac.new(secret.encode(), f"interface-client:{key}".encode(), hashlib.sha256).hexdigest()


def add(name: str, *, by: str) -> str:
    """Make a client and return its key, which nobody can read again. Raises ClientError."""
    name, key = one_line(name), _KEY_PREFIX + new_token()
    if not 0 < len(name) <= 80:
        raise ClientError("a client's name has 1 to 80 characters")
    with unit_of_work():
        if _named(name):
            raise ClientError(f"there is a client {name!r} already; choose another name")
        hashed = key_hash(current_settings().secret_key, key)
        db.session.add(InterfaceClient(name=name, key_hash=hashed, created_at=clock.now(), created_by=by))
        audit.record(by, "client.created", "interface_client", name)
    return key


def disable(name: str, *, by: str) -> None:
    """Let a client in no more. A second time changes nothing. Raises ClientError for one that does not exist."""
    with unit_of_work():
        client = _named(one_line(name))
        if client is None:
            raise ClientError(f"there is no client {name!r}")
        if client.disabled_at is None:
            client.disabled_at = clock.now()
            audit.record(by, "client.disabled", "interface_client", client.name)


def everyone() -> list[InterfaceClient]:
    """Return all clients, the disabled ones among them, by name."""
    return list(db.session.scalars(select(InterfaceClient).order_by(InterfaceClient.name)))


def find(key: str) -> InterfaceClient | None:
    """Return the client with this key, disabled or not, and note that it was used."""
    hashed = key_hash(current_settings().secret_key, key)
    found = db.session.scalar(select(InterfaceClient).where(InterfaceClient.key_hash == hashed))
    if found and (found.last_used_at is None or found.last_used_at + _NOTED_EVERY <= clock.now()):
        with unit_of_work():
            found.last_used_at = clock.now()
    return found


def _named(name: str) -> InterfaceClient | None:
    return db.session.scalar(select(InterfaceClient).where(InterfaceClient.name == name))
