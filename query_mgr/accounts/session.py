"""Who is asking."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from flask_login import current_user

from query_mgr.accounts.models import User
from query_mgr.accounts.permissions import NotAllowedError, may


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


def safe_next(target: str | None, default: str) -> str:
    """Return `target` if it is a path on this site, else `default` (assurance §4 item 94)."""
    if not target or not target.startswith("/") or target.startswith("//"):
        return default
    if any(ord(sign) < 33 or sign == "\\" for sign in target):
        return default
    parts = urlsplit(target)
    return default if parts.scheme or parts.netloc else target
