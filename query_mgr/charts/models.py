"""The chart. `source_key` is the sending system's own identity of a row ("Encounter/enc-1")."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Float, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from query_mgr.accounts.models import Provider
from query_mgr.clinical.units import amount
from query_mgr.platform import clock
from query_mgr.platform.db import Model, UtcDateTime
from query_mgr.platform.ids import new_ref


def _awaiting(table: str) -> Index:
    """Return the index of rows whose encounter has not come; they are few."""
    is_set = text("awaited_key IS NOT NULL")
    return Index(f"ix_{table}_awaited", "awaited_key", sqlite_where=is_set, postgresql_where=is_set)


class Patient(Model):
    """One patient of one facility."""

    __tablename__ = "patient"

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(16), unique=True, default=new_ref)
    source_key: Mapped[str] = mapped_column(String(200), unique=True)
    content_hash: Mapped[str] = mapped_column(String(64))
    mrn: Mapped[str] = mapped_column(String(64), index=True)  # leading zeros kept
    family_name: Mapped[str] = mapped_column(String(120))
    given_names: Mapped[str] = mapped_column(String(160), default="")
    birth_on: Mapped[date | None] = mapped_column(index=True)
    sex: Mapped[str] = mapped_column(String(10), default="unknown")  # female | male | other | unknown
    deceased_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    @property
    def display_name(self) -> str:
        """Family name first, as charts are filed."""
        return f"{self.family_name}, {self.given_names}" if self.given_names else self.family_name


class Encounter(Model):
    """One stay or visit."""

    __tablename__ = "encounter"

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(16), unique=True, default=new_ref)
    source_key: Mapped[str] = mapped_column(String(200), unique=True)
    content_hash: Mapped[str] = mapped_column(String(64))
    patient_id: Mapped[int] = mapped_column(ForeignKey("patient.id"), index=True)
    #: the identity under which its source sent it, where that was merged into the patient's own
    own_patient_key: Mapped[str | None] = mapped_column(String(200))
    number: Mapped[str] = mapped_column(String(64), index=True)  # account number / CSN
    encounter_class: Mapped[str] = mapped_column(
        String(20)
    )  # inpatient | emergency | observation | ambulatory | other
    status: Mapped[str] = mapped_column(String(20), default="finished")  # FHIR Encounter.status
    admitted_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    discharged_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    attending_id: Mapped[int | None] = mapped_column(ForeignKey("provider.id"))
    service_line: Mapped[str] = mapped_column(String(80), default="")
    payer: Mapped[str] = mapped_column(String(120), default="")
    facility: Mapped[str] = mapped_column(String(160), default="")
    reason: Mapped[str] = mapped_column(String(300), default="")
    #: patient discharge status as the UB-04 has it ("01" home, "20" died); "" where nobody says
    disposition: Mapped[str] = mapped_column(String(2), default="", server_default="")
    #: labels of what is held apart, with blanks between: see charts.sensitivity
    sensitivity: Mapped[str] = mapped_column(String(40), default="", server_default="")
    #: another one whenever a fact of the stay comes, changes or goes (query_mgr.charts.remembered)
    facts_version: Mapped[str] = mapped_column(String(16), default=new_ref, server_default="")

    patient: Mapped[Patient] = relationship(lazy="joined")
    attending: Mapped[Provider | None] = relationship(lazy="joined")


class Document(Model):
    """One document of a chart: its plain text, and where its sections lie in it."""

    __tablename__ = "document"
    __table_args__ = (
        Index("ix_document_encounter_authored", "encounter_id", "authored_at"),
        _awaiting("document"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(16), unique=True, default=new_ref)
    source_key: Mapped[str] = mapped_column(String(200), unique=True)
    content_hash: Mapped[str] = mapped_column(String(64))
    patient_id: Mapped[int] = mapped_column(ForeignKey("patient.id"), index=True)
    #: the identity under which its source sent it, where that was merged into the patient's own
    own_patient_key: Mapped[str | None] = mapped_column(String(200))
    encounter_id: Mapped[int | None] = mapped_column(ForeignKey("encounter.id"))
    #: source_key of an encounter that it names and that has not come
    awaited_key: Mapped[str | None] = mapped_column(String(200))
    #: discharge_summary | history_and_physical | progress_note | consult_note | operative_note | imaging_report |
    #: nursing_note | nutrition_note | therapy_note | emergency_note | other
    kind: Mapped[str] = mapped_column(String(30))
    title: Mapped[str] = mapped_column(String(200))
    author_name: Mapped[str] = mapped_column(String(120), default="")
    #: attending | consultant | resident | advanced_practice | nurse | dietitian | therapist | radiologist |
    #: pathologist | other - who may document a diagnosis follows from it
    author_role: Mapped[str] = mapped_column(String(20), default="other")
    author_id: Mapped[int | None] = mapped_column(ForeignKey("provider.id"))
    authored_at: Mapped[datetime] = mapped_column(UtcDateTime)
    #: final | preliminary | amended | replaced (by another document that counts) | entered_in_error
    status: Mapped[str] = mapped_column(String(20), default="final")
    #: what its source says of it, whether or not it was replaced since
    own_status: Mapped[str] = mapped_column(String(20), default="final")
    text: Mapped[str] = mapped_column(Text)
    #: [{"title": str, "start": int, "end": int}] - offsets into `text`, in characters
    sections: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    #: source_key of the document that this one is an addendum to or replaces, whether or not that one came
    related_key: Mapped[str | None] = mapped_column(String(200), index=True)
    relation: Mapped[str] = mapped_column(String(10), default="")  # addendum | replaces | ""
    #: when it came here, and when it last said something else; None: before that was noted
    arrived_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=clock.now)
    changed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class DocumentVersion(Model):
    """What a document said before its source changed it in place."""

    __tablename__ = "document_version"

    id: Mapped[int] = mapped_column(primary_key=True)
    document_id: Mapped[int] = mapped_column(ForeignKey("document.id"), index=True)
    content_hash: Mapped[str] = mapped_column(String(64))
    title: Mapped[str] = mapped_column(String(200))
    status: Mapped[str] = mapped_column(String(20))
    authored_at: Mapped[datetime] = mapped_column(UtcDateTime)
    text: Mapped[str] = mapped_column(Text)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Attachment(Model):
    """A file that came with a document. It is handed out as it came and never shown, opened or run here."""

    __tablename__ = "attachment"

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(16), unique=True, default=new_ref)
    document_id: Mapped[int] = mapped_column(ForeignKey("document.id"), index=True)
    content_type: Mapped[str] = mapped_column(String(100))
    name: Mapped[str] = mapped_column(String(200), default="")
    size: Mapped[int]  # bytes
    digest: Mapped[str] = mapped_column(String(64))  # SHA-256
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)


class Fact(Model):
    """One measured or recorded thing."""

    __tablename__ = "fact"
    __table_args__ = (
        Index("ix_fact_encounter_kind", "encounter_id", "kind", "observed_at"),
        # What a chart holds, name by name, without reading its rows; and the latest of each name without the others.
        Index("ix_fact_encounter_name", "encounter_id", "kind", "name", "observed_at", "status"),
        Index(None, "patient_id", "kind"),
        Index(None, "encounter_id", "arrived_at"),
        _awaiting("fact"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(16), unique=True, default=new_ref)
    source_key: Mapped[str] = mapped_column(String(200), unique=True)
    content_hash: Mapped[str] = mapped_column(String(64))
    patient_id: Mapped[int] = mapped_column(ForeignKey("patient.id"))
    #: the identity under which its source sent it, where that was merged into the patient's own
    own_patient_key: Mapped[str | None] = mapped_column(String(200))
    encounter_id: Mapped[int | None] = mapped_column(ForeignKey("encounter.id"))
    #: source_key of an encounter that it names and that has not come
    awaited_key: Mapped[str | None] = mapped_column(String(200))
    kind: Mapped[str] = mapped_column(
        String(12)
    )  # lab | vital | medication | procedure | finding | problem | allergy | location (a unit of the stay)
    code_system: Mapped[str] = mapped_column(
        String(60), default=""
    )  # loinc | rxnorm | snomed | icd10cm | cpt | ""
    code: Mapped[str] = mapped_column(String(40), default="")
    name: Mapped[str] = mapped_column(String(250))
    value_text: Mapped[str] = mapped_column(String(500), default="")
    value_number: Mapped[float | None] = mapped_column(Float)
    unit: Mapped[str] = mapped_column(String(40), default="")
    range_low: Mapped[float | None] = mapped_column(Float)
    range_high: Mapped[float | None] = mapped_column(Float)
    flag: Mapped[str] = mapped_column(String(4), default="")  # "", L, H, LL, HH, A
    observed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    #: final | preliminary | amended | active | completed | stopped | cancelled | entered_in_error
    status: Mapped[str] = mapped_column(String(20), default="final")
    #: when the document was made that told it last, where a document did; an older one changes nothing
    told_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    arrived_at: Mapped[datetime | None] = mapped_column(UtcDateTime, default=clock.now)  # here; None: not noted

    @property
    def display_value(self) -> str:
        """The value with its unit, as a clinical indicator quotes it."""
        return amount(self.value_text, self.unit)


class SentCode(Model):
    """A code that another system of the hospital already assigned: on a claim, an account or a charge.

    It is shown beside the coder's own set and never becomes part of it unasked.
    """

    __tablename__ = "sent_code"
    __table_args__ = (_awaiting("sent_code"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(16), unique=True, default=new_ref)
    source_key: Mapped[str] = mapped_column(String(200), unique=True)
    content_hash: Mapped[str] = mapped_column(String(64))
    patient_id: Mapped[int] = mapped_column(ForeignKey("patient.id"), index=True)
    #: the identity under which its source sent it, where that was merged into the patient's own
    own_patient_key: Mapped[str | None] = mapped_column(String(200))
    encounter_id: Mapped[int | None] = mapped_column(ForeignKey("encounter.id"), index=True)
    #: source_key of an encounter that it names and that has not come
    awaited_key: Mapped[str | None] = mapped_column(String(200))
    origin: Mapped[str] = mapped_column(
        String(10)
    )  # claim (was billed) | account (BAR) | charge (DFT) | list (CSV)
    kind: Mapped[str] = mapped_column(String(10))  # diagnosis | procedure | charge
    code_system: Mapped[str] = mapped_column(
        String(60)
    )  # icd10cm | icd10pcs | icd9cm | cpt | hcpcs | snomed | revenue | ""
    code: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(250), default="")  # as sent
    sequence: Mapped[int | None]
    role: Mapped[str] = mapped_column(String(12), default="")  # principal | secondary | admitting | ""
    poa: Mapped[str] = mapped_column(String(1), default="")  # Y | N | U | W | 1 (exempt) | ""
    modifiers: Mapped[str] = mapped_column(String(40), default="")  # "25 59"
    units: Mapped[float | None] = mapped_column(Float)
    served_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    status: Mapped[str] = mapped_column(String(20), default="final")  # final | cancelled | entered_in_error


class Look(Model):
    """When somebody last looked at a chart or a document, so that the next time shows what is new."""

    __tablename__ = "look"

    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(10), primary_key=True)  # encounter | document
    subject_id: Mapped[int] = mapped_column(primary_key=True)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
    #: the last look of the sitting before this one; what came after it is new all through this sitting
    before_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class FeedMessage(Model):
    """One interface message as it came: what was sent, what became of it, and when it says that it happened."""

    __tablename__ = "feed_message"
    __table_args__ = (
        Index("ix_feed_message_patient", "patient_key", "event_at"),
        Index("ix_feed_message_control", "sender", "control_id"),
        Index(
            "ix_feed_message_received",
            "id",
            sqlite_where=text("status = 'received'"),
            postgresql_where=text("status = 'received'"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(16), unique=True, default=new_ref)
    digest: Mapped[str] = mapped_column(String(64), unique=True)  # SHA-256 of `text`: the same message counts once
    sender: Mapped[str] = mapped_column(String(200), default="")
    control_id: Mapped[str] = mapped_column(String(200), default="")
    kind: Mapped[str] = mapped_column(String(20), default="")  # "ADT^A01"
    patient_key: Mapped[str] = mapped_column(String(200), default="")
    event_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    received_at: Mapped[datetime] = mapped_column(UtcDateTime)
    #: received (on the disk, not yet in a chart) | imported | held | ignored | rejected
    status: Mapped[str] = mapped_column(String(10))
    reason: Mapped[str] = mapped_column(Text, default="")
    text: Mapped[str] = mapped_column(Text)

    subjects: Mapped[list[FeedSubject]] = relationship(cascade="all, delete-orphan")


class FeedSubject(Model):
    """Something that a message speaks of: a stay, an order, a document. All messages about it make it together."""

    __tablename__ = "feed_subject"

    id: Mapped[int] = mapped_column(primary_key=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("feed_message.id", ondelete="CASCADE"), index=True)
    key: Mapped[str] = mapped_column(String(200), index=True)


class ResourceName(Model):
    """By what name ("Patient/77") files of a sender refer to a patient or provider, whose own key is another."""

    __tablename__ = "resource_name"
    __table_args__ = (UniqueConstraint("name", "source_key", name="uq_resource_name_name_source_key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    source_key: Mapped[str] = mapped_column(String(200))


class PatientAlias(Model):
    """A patient's identity that was merged into another one's."""

    __tablename__ = "patient_alias"

    id: Mapped[int] = mapped_column(primary_key=True)
    source_key: Mapped[str] = mapped_column(String(200), unique=True)
    survivor_key: Mapped[str] = mapped_column(String(200), index=True)
    merged_at: Mapped[datetime] = mapped_column(UtcDateTime)


class IdentityPair(Model):
    """Two identities that may be one person, and what somebody decided about them. `first_key` sorts before the other."""

    __tablename__ = "identity_pair"
    __table_args__ = (UniqueConstraint("first_key", "second_key", name="uq_identity_pair_keys"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(16), unique=True, default=new_ref)
    first_key: Mapped[str] = mapped_column(String(200))
    second_key: Mapped[str] = mapped_column(String(200), index=True)
    score: Mapped[int]
    reasons: Mapped[list[str]] = mapped_column(JSON)
    found_at: Mapped[datetime] = mapped_column(UtcDateTime)
    verdict: Mapped[str] = mapped_column(String(10), default="", index=True)  # "" open | merged | different
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decided_by: Mapped[str] = mapped_column(String(200), default="")


class Upload(Model):
    """A file that somebody uploaded and has not decided about yet; deleted on the decision, or when it expires."""

    __tablename__ = "upload"

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str] = mapped_column(String(16), unique=True, default=new_ref)
    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(120))  # to be shown, never a path
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
