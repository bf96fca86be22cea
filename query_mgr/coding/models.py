"""Code assignments and their history."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Float, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from query_mgr.accounts.models import Provider
from query_mgr.charts.models import Encounter
from query_mgr.platform.db import Model, UtcDateTime
from query_mgr.platform.ids import new_ref


class CodeAssignment(Model):
    """One code of an encounter's working set: a diagnosis, a procedure or a service line, by its `system`.

    `sequence` counts within these three; 1 is the principal or first-listed diagnosis, and the principal procedure.
    """

    __tablename__ = "code_assignment"

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(16), unique=True, default=new_ref)
    encounter_id: Mapped[int] = mapped_column(ForeignKey("encounter.id"), index=True)
    #: icd10cm: a diagnosis; icd10pcs: a procedure; hcpcs or cpt: a service line
    system: Mapped[str] = mapped_column(String(20), default="icd10cm")
    code: Mapped[str] = mapped_column(String(12))
    title: Mapped[str] = mapped_column(String(400))
    sequence: Mapped[int]
    poa: Mapped[str] = mapped_column(String(1), default="")  # Y | N | U | W | 1 (exempt) | "" (not set)
    #: where it is documented: {"kind": "document"|"fact"|"answer", "ref", "start", "end", "text", "label"}
    evidence: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    assigned_by: Mapped[str] = mapped_column(String(255))
    assigned_at: Mapped[datetime] = mapped_column(UtcDateTime)
    #: the day of the procedure or service, in the hospital's own time
    served_on: Mapped[date | None]
    provider_id: Mapped[int | None] = mapped_column(ForeignKey("provider.id"))
    #: of a service line: "25 59"; units billed; whose claim; where and under which revenue code it was given
    modifiers: Mapped[str] = mapped_column(String(40), default="", server_default="")
    units: Mapped[float | None] = mapped_column(Float)
    claim: Mapped[str] = mapped_column(String(12), default="", server_default="")  # facility | professional | ""
    place: Mapped[str] = mapped_column(String(2), default="", server_default="")
    revenue: Mapped[str] = mapped_column(String(4), default="", server_default="")
    #: of a drug line, as documented: "4 mg"
    dose: Mapped[str] = mapped_column(String(40), default="", server_default="")
    wasted: Mapped[str] = mapped_column(String(40), default="", server_default="")
    #: refs of the diagnoses that the service was for, the main one first
    pointers: Mapped[list[str]] = mapped_column(JSON, default=list, server_default="[]")

    encounter: Mapped[Encounter] = relationship()
    provider: Mapped[Provider | None] = relationship()


class CodeChange(Model):
    """One change of a code set: who, when, why, and both sides. Rows are only ever added."""

    __tablename__ = "code_change"

    id: Mapped[int] = mapped_column(primary_key=True)
    encounter_id: Mapped[int] = mapped_column(ForeignKey("encounter.id"), index=True)
    assignment_ref: Mapped[str] = mapped_column(String(16), index=True)
    action: Mapped[str] = mapped_column(String(12))  # add | remove | replace | poa | sequence | evidence | detail
    before: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    after: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    reason: Mapped[str] = mapped_column(Text)
    #: the answer that supports the change, where one does
    answer_ref: Mapped[str | None] = mapped_column(String(16), index=True)
    changed_by: Mapped[str] = mapped_column(String(255))
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)


class EncounterCoding(Model):
    """How far the coding of an encounter is, and what the claim says of the stay besides its codes."""

    __tablename__ = "encounter_coding"

    encounter_id: Mapped[int] = mapped_column(ForeignKey("encounter.id"), primary_key=True)
    status: Mapped[str] = mapped_column(String(12), default="not_started", index=True)  # `status.TRANSITIONS`
    #: a key of `status.PEND_REASONS`, while pended; and when to look again
    pend_reason: Mapped[str] = mapped_column(String(20), default="")
    pend_note: Mapped[str] = mapped_column(String(500), default="")
    wake_on: Mapped[date | None]
    coder: Mapped[str] = mapped_column(String(255), default="")
    #: patient discharge status as the UB-04 has it ("01" home, "20" died); "" while nobody has said
    disposition: Mapped[str] = mapped_column(String(2), default="")
    admitting_code: Mapped[str] = mapped_column(String(12), default="")
    payer_key: Mapped[str] = mapped_column(String(60), default="")
    #: counts every change of the codes, so that a page that is behind can be told
    revision: Mapped[int] = mapped_column(default=0)
    started_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    changed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    handed_off_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    encounter: Mapped[Encounter] = relationship()


class CodingVersion(Model):
    """The code set of an encounter as it was made final: what billing gets. Rows are only ever added."""

    __tablename__ = "coding_version"
    __table_args__ = (UniqueConstraint("encounter_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(16), unique=True, default=new_ref)
    encounter_id: Mapped[int] = mapped_column(ForeignKey("encounter.id"))
    number: Mapped[int]  # 1: the first; later ones are corrections
    #: {"diagnoses": [...], "procedures": [...], "services": [...], "disposition", "admitting_code", "payer", "drg"}
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    digest: Mapped[str] = mapped_column(String(64))  # SHA-256 of `content` in canonical JSON
    reason: Mapped[str] = mapped_column(Text, default="")
    made_by: Mapped[str] = mapped_column(String(255))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)

    encounter: Mapped[Encounter] = relationship()


class CaughtError(Model):
    """A finding of the scrubber that stood on an encounter: found, then put right, or overridden with a reason."""

    __tablename__ = "caught_error"
    __table_args__ = (UniqueConstraint("encounter_id", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(16), unique=True, default=new_ref)
    encounter_id: Mapped[int] = mapped_column(ForeignKey("encounter.id"))
    key: Mapped[str] = mapped_column(String(200))
    edit: Mapped[str] = mapped_column(String(60), index=True)
    severity: Mapped[str] = mapped_column(String(10))
    codes: Mapped[list[str]] = mapped_column(JSON)
    message: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(String(12))  # open | fixed | overridden
    reason: Mapped[str] = mapped_column(Text, default="")
    found_at: Mapped[datetime] = mapped_column(UtcDateTime)
    settled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    settled_by: Mapped[str] = mapped_column(String(255), default="")


class FrequentSet(Model):
    """Codes that are often assigned together, kept by one coder or shared with all."""

    __tablename__ = "frequent_set"

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(16), unique=True, default=new_ref)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id"), index=True)
    name: Mapped[str] = mapped_column(String(80))
    is_shared: Mapped[bool] = mapped_column(default=False)
    #: [{"system", "code", "poa", "modifiers", "units"}]
    lines: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
