"""What an installation knows of itself."""

from __future__ import annotations

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from query_mgr.platform.db import Model, db


class InstallationFact(Model):
    """A named fact about this database, such as that it holds the demo hospital."""

    __tablename__ = "installation_fact"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    value: Mapped[str] = mapped_column(String(200))


def installation_fact(name: str) -> str | None:
    """Return the value of a fact, or None where it was never set."""
    found = db.session.get(InstallationFact, name)
    return found.value if found else None


def set_installation_fact(name: str, value: str) -> None:
    """Set a fact in the running transaction."""
    db.session.merge(InstallationFact(name=name, value=value))
