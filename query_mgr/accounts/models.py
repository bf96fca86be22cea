"""Users, roles and the provider directory."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask_security import AsaList, RoleMixin, UserMixin
from sqlalchemy import Boolean, Column, ForeignKey, Integer, String, Table, Text
from sqlalchemy.ext.mutable import MutableList
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from query_mgr.platform.db import Model, UtcDateTime
from query_mgr.platform.ids import new_ref

user_role = Table(
    "user_role",
    Model.metadata,
    Column("user_id", ForeignKey("user_account.id", ondelete="CASCADE"), primary_key=True),
    Column("role_id", ForeignKey("role.id", ondelete="CASCADE"), primary_key=True),
)


class Role(Model, RoleMixin):
    """A role; what it may do stands in `permissions.PERMISSIONS`."""

    __tablename__ = "role"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    name: Mapped[str] = mapped_column(String(40), unique=True)
    description: Mapped[str] = mapped_column(String(200), default="")


class User(Model, UserMixin):
    """Somebody who signs in to the staff pages."""

    __tablename__ = "user_account"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    email: Mapped[str] = mapped_column(String(255), unique=True)
    username: Mapped[str | None] = mapped_column(String(255), unique=True)
    password: Mapped[str | None] = mapped_column(String(255))
    name: Mapped[str] = mapped_column(String(120))
    credentials: Mapped[str] = mapped_column(String(60), default="")
    active: Mapped[bool] = mapped_column(Boolean, default=True)
    fs_uniquifier: Mapped[str] = mapped_column(String(64), unique=True)
    mf_recovery_codes: Mapped[list[str] | None] = mapped_column(MutableList.as_mutable(AsaList()), nullable=True)
    roles: Mapped[list[Role]] = relationship(  # type: ignore[assignment]
        secondary=user_role, lazy="selectin", order_by="Role.name"
    )

    @property
    def role_names(self) -> frozenset[str]:
        """The names of the roles this person has."""
        return frozenset(role.name for role in self.roles)


class Provider(Model):
    """Somebody who may document diagnoses and be asked: physician, NP or PA."""

    __tablename__ = "provider"

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(16), unique=True, default=new_ref)
    name: Mapped[str] = mapped_column(String(120))
    credentials: Mapped[str] = mapped_column(String(40), default="")
    npi: Mapped[str | None] = mapped_column(String(10), unique=True)
    email: Mapped[str | None] = mapped_column(String(255))
    specialty: Mapped[str] = mapped_column(String(80), default="")
    service_line: Mapped[str] = mapped_column(String(80), default="")
    is_active: Mapped[bool] = mapped_column(default=True)
    pin_hash: Mapped[str | None] = mapped_column(String(255))
    #: "system|value" of the source system's own identifier, such as a FHIR Practitioner's
    source_key: Mapped[str | None] = mapped_column(String(200), unique=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("user_account.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    notes: Mapped[str] = mapped_column(Text, default="")
    #: moves on with every change of address or PIN and with every end of access: what was trusted before is over
    epoch: Mapped[int] = mapped_column(default=1, server_default="1")

    @validates("email", "pin_hash", "is_active")
    def _moves_epoch(self, name: str, value: Any) -> Any:
        if self.id is not None and value != getattr(self, name):
            self.epoch = (self.epoch or 1) + 1
        return value

    @property
    def signature_name(self) -> str:
        """Name and credentials as they stand under a signed answer."""
        return f"{self.name}, {self.credentials}" if self.credentials else self.name
