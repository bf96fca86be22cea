"""Code sets and their codes."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, Date, ForeignKey, Integer, String, Text, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from query_mgr.platform.db import Model, UtcDateTime


class CodeSet(Model):
    """One edition of one code system; it holds from its first day until a later one of the system begins."""

    __tablename__ = "code_set"
    __table_args__ = (UniqueConstraint("system", "edition"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    system: Mapped[str] = mapped_column(String(20))  # a key of `systems.SYSTEMS`
    edition: Mapped[str] = mapped_column(String(40))
    effective_from: Mapped[date]
    #: set only where a list ended with no other after it
    effective_to: Mapped[date | None]
    row_count: Mapped[int]
    loaded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    #: name and SHA-256 of the file, "" for a list that came with query_mgr
    file_name: Mapped[str] = mapped_column(String(200), default="", server_default="")
    file_hash: Mapped[str] = mapped_column(String(64), default="", server_default="")
    #: holds only some of the system's codes: it helps to find one, and never says that one is wrong
    is_sample: Mapped[bool] = mapped_column(default=False, server_default=false())
    #: `entries.VERSION` when its search index was made, 0 where it has none
    indexed_as: Mapped[int] = mapped_column(default=0, server_default="0")
    #: chapters and blocks, where the source has them: [{"kind", "name", "first", "last", "title", "notes"}]
    divisions: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list, server_default="[]")


class Code(Model):
    """One code of a set, with the notes a coder needs beside it."""

    __tablename__ = "code"
    __table_args__ = (UniqueConstraint("code_set_id", "code"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    code_set_id: Mapped[int] = mapped_column(ForeignKey("code_set.id", ondelete="CASCADE"), index=True)
    code: Mapped[str] = mapped_column(String(12), index=True)
    title: Mapped[str] = mapped_column(String(400))
    short_title: Mapped[str] = mapped_column(String(100), default="", server_default="")
    is_billable: Mapped[bool]
    #: the first and last day of the code itself, where its system gives them: HCPCS and CPT
    valid_from: Mapped[date | None] = mapped_column(Date, default=None)
    valid_to: Mapped[date | None] = mapped_column(Date, default=None)
    parent: Mapped[str | None] = mapped_column(String(12))
    #: {"includes": [...], "excludes1": [...], "excludes2": [...], "code_first": "...", "use_additional": "...",
    #:  "code_also": "...", "inclusion_terms": [...]} - only the keys that hold something
    notes: Mapped[dict[str, Any]] = mapped_column(JSON)
    #: what the system has of its own: "order", "coverage", "betos", "action", "status", and "long" where the text goes
    #: beyond the title
    own: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict, server_default="{}")


class CodeEntry(Model):
    """One phrase of a code in the search index, derived from `Code` by `entries.py`; see there."""

    __tablename__ = "code_entry"

    #: its rank, which is its row number too: an index that answers in the order of rows answers in the order of rank
    place: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False
    )
    code_set_id: Mapped[int] = mapped_column(ForeignKey("code_set.id", ondelete="CASCADE"), index=True)
    code: Mapped[str] = mapped_column(String(12))
    title: Mapped[str] = mapped_column(String(400))
    term: Mapped[str] = mapped_column(String(400))
    is_billable: Mapped[bool]
    valid_from: Mapped[date | None] = mapped_column(Date)
    valid_to: Mapped[date | None] = mapped_column(Date)
    words: Mapped[str] = mapped_column(Text)


class CodeWord(Model):
    """A word of an edition, and in how many phrases: what beginnings and misspellings are compared with."""

    __tablename__ = "code_word"

    code_set_id: Mapped[int] = mapped_column(ForeignKey("code_set.id", ondelete="CASCADE"), primary_key=True)
    word: Mapped[str] = mapped_column(String(400), primary_key=True)
    phrases: Mapped[int]


class CodeUse(Model):
    """A code that one person uses: when and how often it was assigned, and whether it is a favourite."""

    __tablename__ = "code_use"

    user_id: Mapped[int] = mapped_column(ForeignKey("user_account.id", ondelete="CASCADE"), primary_key=True)
    system: Mapped[str] = mapped_column(String(20), primary_key=True)
    code: Mapped[str] = mapped_column(String(12), primary_key=True)
    uses: Mapped[int] = mapped_column(default=0)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    is_favourite: Mapped[bool] = mapped_column(default=False)
