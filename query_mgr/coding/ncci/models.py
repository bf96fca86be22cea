"""What was loaded of the National Correct Coding Initiative: one row per file, and its edits."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import JSON, ForeignKey, Index, Integer, SmallInteger, String, Text, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from query_mgr.platform.db import Model, UtcDateTime

#: stands for "not deleted": a row that has no end is found by the same comparison as one that has
NEVER = date(9999, 12, 31)


class NcciFile(Model):
    """One file of one quarter. Those of a kind and setting with the same first day together are its edition."""

    __tablename__ = "ncci_file"
    __table_args__ = (UniqueConstraint("kind", "setting", "effective_from", "part"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(10))  # ptp | mue | addon
    #: practitioner | hospital | dme; "" for add-on codes, whose table holds for all
    setting: Mapped[str] = mapped_column(String(20))
    effective_from: Mapped[date]
    part: Mapped[int] = mapped_column(
        SmallInteger
    )  # code pairs come in numbered files; 0 where the file is the whole
    row_count: Mapped[int]
    loaded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    file_name: Mapped[str] = mapped_column(String(200))
    file_hash: Mapped[str] = mapped_column(String(64))
    #: CMS's reasons, in the order in which the rows of the file number them
    rationales: Mapped[list[str]] = mapped_column(JSON)
    #: made up for demonstration: it finds, but is never taken for CMS's
    is_sample: Mapped[bool] = mapped_column(default=False, server_default=false())


class NcciPair(Model):
    """A pair of codes that are not reported together. Clustered by what it is looked up with."""

    __tablename__ = "ncci_pair"
    __table_args__ = ({"sqlite_with_rowid": False},)

    file_id: Mapped[int] = mapped_column(ForeignKey("ncci_file.id", ondelete="CASCADE"), primary_key=True)
    column1: Mapped[str] = mapped_column(String(5), primary_key=True)
    column2: Mapped[str] = mapped_column(String(5), primary_key=True)
    line: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    effective_on: Mapped[date]
    deleted_on: Mapped[date]  # the last day; NEVER where there is none
    modifier: Mapped[int] = mapped_column(SmallInteger)  # 0 | 1 | 9
    rationale: Mapped[int] = mapped_column(SmallInteger)  # its place in the file's `rationales`


class NcciUnitLimit(Model):
    """The most units of a code that are likely to be right."""

    __tablename__ = "ncci_unit_limit"
    __table_args__ = ({"sqlite_with_rowid": False},)

    file_id: Mapped[int] = mapped_column(ForeignKey("ncci_file.id", ondelete="CASCADE"), primary_key=True)
    code: Mapped[str] = mapped_column(String(5), primary_key=True)
    units: Mapped[int]
    indicator: Mapped[int] = mapped_column(SmallInteger)  # 1 | 2 | 3
    rationale: Mapped[int] = mapped_column(SmallInteger)


class NcciAddOn(Model):
    """A code that goes with another, and one code that it goes with."""

    __tablename__ = "ncci_addon"
    __table_args__ = (Index("ix_ncci_addon_file_id_code", "file_id", "code"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    file_id: Mapped[int] = mapped_column(ForeignKey("ncci_file.id", ondelete="CASCADE"))
    line: Mapped[int]
    code: Mapped[str] = mapped_column(String(5))
    type: Mapped[int] = mapped_column(SmallInteger)  # 1 | 2 | 3
    primary_code: Mapped[str] = mapped_column(String(5))  # "" where the contractor defines them
    effective_on: Mapped[date]
    deleted_on: Mapped[date]
    note: Mapped[str] = mapped_column(Text, default="", server_default="")
