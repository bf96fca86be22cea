"""Who is asking."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

from flask import request, session
from flask_login import current_user
from flask_security.utils import login_user, logout_user

from query_mgr.accounts.models import User
from query_mgr.accounts.permissions import NotAllowedError, may
from query_mgr.platform import limits
from query_mgr.platform.db import unit_of_work
from query_mgr.platform.ids import new_ref
from query_mgr.platform.limits import Limit

_ID = "session_id"


@dataclass(frozen=True)
class Actor:
    """A signed-in member of staff, as actions see them."""

    email: str
    name: str
    role_names: frozenset[str]
    user_id: int | None

    def must(self, action: str) -> None:
        """Raise NotAllowedError unless this person's roles permit `action`."""
        if not may(self.role_names, action):
            raise NotAllowedError(f"{self.name} may not do this ({action})")


SYSTEM = Actor("system", "query_mgr", frozenset(), None)


def current_actor() -> Actor:
    """Return the signed-in person. Routes guarded by `requires` always have one."""
    return actor_of(current_user)


def actor_of(user: User) -> Actor:
    """Return somebody of the staff as the one who acts."""
    return Actor(user.email, user.name, user.role_names, user.id)


#: a cookie of ours cannot be taken back: that its session was ended is kept for as long as it could be shown again
_ENDED = Limit("session ended", 1, timedelta(hours=12))


def begin_session(user: User) -> None:
    """Sign in under a session that nothing of an earlier one is carried into: forms of another person fail (item 99)."""
    session.clear()
    login_user(user)
    session[_ID] = new_ref()
    session.permanent = True


def end_session() -> None:
    """Sign out, here and for whoever kept a copy of the cookie (C19)."""
    key = session.get(_ID)
    logout_user()
    session.clear()
    if key:
        with unit_of_work():
            limits.take(_ENDED, key)


def refuse_ended() -> None:
    """Sign nobody in by a cookie whose session was ended: asked before every request that brings one."""
    if request.endpoint == "static":
        return
    key = session.get(_ID)
    if key and limits.is_used_up(_ENDED, key):
        session.clear()


def safe_next(target: str | None, default: str) -> str:
    """Return `target` if it is a path on this site, else `default` (assurance §4 item 94)."""
    if not target or not target.startswith("/") or target.startswith("//"):
        return default
    if any(ord(sign) < 33 or sign == "\\" for sign in target):
        return default
    parts = urlsplit(target)
    return default if parts.scheme or parts.netloc else target
