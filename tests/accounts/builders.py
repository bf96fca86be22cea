"""People for tests."""

from __future__ import annotations

from flask.testing import FlaskClient
from flask_security.utils import hash_password

from query_mgr.accounts import actions
from query_mgr.accounts.models import User
from query_mgr.accounts.session import Actor

PASSWORD = "correct horse battery"


def a_user(*roles: str, email: str = "ann@h.test", with_password: bool = False) -> User:
    """Create a member of staff."""
    hashed = hash_password(PASSWORD) if with_password else None
    return actions.create_user(email, "Ann Coder", list(roles), by="test", password_hash=hashed)


def actor(user: User) -> Actor:
    """Return `user` as actions see them."""
    return Actor(user.email, user.name, user.role_names, user.id)


def signed_in(client: FlaskClient, user: User) -> FlaskClient:
    """Give `client` a session of `user`."""
    with client.session_transaction() as session:
        session["_user_id"], session["_fresh"] = user.fs_uniquifier, True
    return client
