"""Find one code in the edition that holds on a date."""

from __future__ import annotations

from datetime import date

from sqlalchemy import or_, select

from query_mgr.codes.models import Code, CodeSet
from query_mgr.platform import clock
from query_mgr.platform.db import db


def edition_on(on: date | None = None) -> int | None:
    """Return the id of the ICD-10-CM edition in force on a date (today by default), or None."""
    day = on or clock.now().date()
    found = (
        select(CodeSet.id)
        .where(CodeSet.system == "icd10cm", CodeSet.effective_from <= day)
        .where(or_(CodeSet.effective_to.is_(None), CodeSet.effective_to >= day))
        .order_by(CodeSet.effective_from.desc(), CodeSet.id.desc())
    )
    chosen = db.session.scalar(found.limit(1))
    if chosen is None:  # a stay from before the oldest edition that was loaded is read with that one
        chosen = db.session.scalar(
            select(CodeSet.id).where(CodeSet.system == "icd10cm").order_by(CodeSet.effective_from).limit(1)
        )
    return chosen


def find(code: str, on: date | None = None) -> Code | None:
    """Return the code as of a date, or None where that edition has no such code. `code` as `normalize` writes it."""
    return db.session.scalar(select(Code).where(Code.code_set_id == edition_on(on), Code.code == code))
