"""Flask-Security: password hashing and sessions. Its own pages stay off; ours stand in routes.py."""

from __future__ import annotations

from typing import Any

from flask import Flask
from flask_security import Security, SQLAlchemyUserDatastore, UserMixin
from sqlalchemy import bindparam, select
from sqlalchemy.orm import joinedload

from config.settings import Settings
from query_mgr.accounts.models import Role, User
from query_mgr.accounts.session import refuse_ended
from query_mgr.platform.db import db

#: asked with every request of staff, so written once and answered with the roles in one row set
_BY_KEY = select(User).where(User.fs_uniquifier == bindparam("key")).options(joinedload(User.roles))


class Datastore(SQLAlchemyUserDatastore):
    """People as Flask-Security looks them up."""

    def find_user(self, case_insensitive: bool = False, **kwargs: Any) -> UserMixin | None:
        """Return the one user that fits, or None."""
        if kwargs.keys() == {"fs_uniquifier"}:
            rows = db.session.scalars(_BY_KEY, {"key": kwargs["fs_uniquifier"]})
            return rows.unique().one_or_none()
        return super().find_user(case_insensitive, **kwargs)


datastore = Datastore(db, User, Role)


def init_security(app: Flask, settings: Settings) -> None:
    """Register Flask-Security with argon2 and without its routes."""
    app.config.update(
        SECURITY_PASSWORD_HASH="argon2",  # noqa: S106 (the name of the algorithm)
        SECURITY_PASSWORD_SALT=settings.secret_key,
        SECURITY_PASSWORD_LENGTH_MIN=12,
        SECURITY_REGISTER_BLUEPRINT=False,
        SECURITY_SEND_REGISTER_EMAIL=False,
        SECURITY_EMAIL_VALIDATOR_ARGS={"check_deliverability": False, "test_environment": True},
        PERMANENT_SESSION_LIFETIME=12 * 3600,
    )
    # Before whatever looks who is there: Flask-Security's own hooks do.
    app.before_request(refuse_ended)
    Security(app, datastore, register_blueprint=False)
    # Flask-Security looks for a token in every JSON body, and reads all of it to do so. People sign in by session only.
    app.login_manager.request_loader(lambda request: None)  # type: ignore[attr-defined]
    app.login_manager.login_view = "accounts.sign_in"  # type: ignore[attr-defined]
