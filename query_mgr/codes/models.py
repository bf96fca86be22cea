"""Code sets and their codes."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from query_mgr.platform.db import Model, UtcDateTime


class CodeSet(Model):
    """One edition of one code system and the dates of service it holds for (both ends included)."""

    __tablename__ = "code_set"
    __table_args__ = (UniqueConstraint("system", "edition"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    system: Mapped[str] = mapped_column(String(20))  # icd10cm
    edition: Mapped[str] = mapped_column(String(40))
    effective_from: Mapped[date]
    effective_to: Mapped[date | None]
    row_count: Mapped[int]
    loaded_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Code(Model):
    """One code of a set, with the notes a coder needs beside it."""

    __tablename__ = "code"
    __table_args__ = (UniqueConstraint("code_set_id", "code"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    code_set_id: Mapped[int] = mapped_column(ForeignKey("code_set.id", ondelete="CASCADE"), index=True)
    code: Mapped[str] = mapped_column(String(12), index=True)
    title: Mapped[str] = mapped_column(String(400))
    is_billable: Mapped[bool]
    parent: Mapped[str | None] = mapped_column(String(12))
    #: {"includes": [...], "excludes1": [...], "excludes2": [...], "code_first": "...", "use_additional": "...",
    #:  "code_also": "...", "inclusion_terms": [...]} - only the keys that hold something
    notes: Mapped[dict[str, Any]] = mapped_column(JSON)
    #: the words the search reads: title, inclusion terms, synonyms and abbreviations
    search_text: Mapped[str] = mapped_column(Text)
