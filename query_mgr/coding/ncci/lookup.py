"""Find the edits that may hold for codes on days: for the rules to judge.

An edition is all files of a kind and setting with the same first day; on a day counts the newest that has begun. A day
before the oldest is judged by the oldest, whose pairs and add-on codes carry days of their own.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date, timedelta
from itertools import product
from typing import NamedTuple

from sqlalchemy import select

from query_mgr.coding.ncci.models import NEVER, NcciAddOn, NcciFile, NcciPair, NcciUnitLimit
from query_mgr.coding.ncci.rules import AddOn, Pair, ServiceLine, UnitLimit
from query_mgr.platform.db import chunks, db, rows


class Edition(NamedTuple):
    """The files of one quarter, and the days on which they count, both included."""

    files: dict[int, NcciFile]
    since: date
    until: date


class Edits(NamedTuple):
    """What may hold for some service lines."""

    pairs: tuple[Pair, ...] = ()
    limits: tuple[UnitLimit, ...] = ()
    addons: tuple[AddOn, ...] = ()


def edits_for(lines: Sequence[ServiceLine]) -> Edits:
    """Return the pairs, limits and add-on codes of all codes of `lines` on their days."""
    pairs, limits = list[Pair](), list[UnitLimit]()
    for setting in sorted({line.setting for line in lines}):
        own = [line for line in lines if line.setting == setting]
        codes, days = {line.code for line in own}, {line.service_on for line in own}
        pairs += pairs_of(codes, days, setting)
        limits += limits_of(codes, days, setting)
    addons = addons_of({line.code for line in lines}, {line.service_on for line in lines})
    return Edits(tuple(pairs), tuple(limits), tuple(addons))


def pairs_of(codes: Collection[str], days: Collection[date], setting: str) -> list[Pair]:
    """Return the pairs within `codes` that hold on any of `days` for a setting (practitioner or hospital)."""
    if len(codes) < 2:
        return []
    table, found = NcciPair, list[Pair]()
    for edition in editions("ptp", setting, days):
        of = select(
            table.file_id, table.column1, table.column2, table.effective_on, table.deleted_on, table.modifier,
            table.rationale,
        ).where(
            table.file_id.in_(edition.files), table.modifier != 9,
            table.effective_on <= max(days), table.deleted_on >= min(days),
        )  # fmt: skip
        for first, second in product(chunks(codes), chunks(codes)):
            for one in rows(of.where(table.column1.in_(first), table.column2.in_(second))):
                since, until = max(one.effective_on, edition.since), min(one.deleted_on, edition.until)
                if any(since <= day <= until for day in days):
                    file = edition.files[one.file_id]
                    reason = file.rationales[one.rationale]
                    found.append(
                        Pair(one.column1, one.column2, one.modifier, setting, since, until, reason, file.is_sample)
                    )
    return found


def limits_of(codes: Collection[str], days: Collection[date], setting: str) -> list[UnitLimit]:
    """Return the limits of `codes` in the quarters of `days` for a setting (practitioner, hospital or dme)."""
    table, found = NcciUnitLimit, list[UnitLimit]()
    for edition in editions("mue", setting, days):
        of = select(table.file_id, table.code, table.units, table.indicator, table.rationale)
        for some in chunks(codes):
            for one in rows(of.where(table.file_id.in_(edition.files), table.code.in_(some))):
                file = edition.files[one.file_id]
                reason = file.rationales[one.rationale]
                found.append(
                    UnitLimit(one.code, one.units, one.indicator, setting, edition.since, edition.until, reason,
                              file.is_sample)
                )  # fmt: skip
    return found


def addons_of(codes: Collection[str], days: Collection[date]) -> list[AddOn]:
    """Return the add-on codes among `codes` with every code that they go with on any of `days`."""
    table, found = NcciAddOn, list[AddOn]()
    for edition in editions("addon", "", days):
        of = select(
            table.file_id, table.code, table.type, table.primary_code, table.effective_on, table.deleted_on
        ).where(table.file_id.in_(edition.files))
        for some in chunks(codes):
            for one in rows(of.where(table.code.in_(some)).order_by(table.id)):
                since, until = max(one.effective_on, edition.since), min(one.deleted_on, edition.until)
                if any(since <= day <= until for day in days):
                    sample = edition.files[one.file_id].is_sample
                    found.append(AddOn(one.code, one.type, one.primary_code, since, until, sample))
    return found


def editions(kind: str, setting: str, days: Iterable[date]) -> list[Edition]:
    """Return the editions that count on `days`, oldest first. The oldest also counts for all days before it."""
    of = select(NcciFile).where(NcciFile.kind == kind, NcciFile.setting == setting)
    files = db.session.scalars(of.order_by(NcciFile.effective_from, NcciFile.part)).all()
    begins = sorted({one.effective_from for one in files})
    found = []
    for at, first in enumerate(begins):
        since = first if at else date.min
        until = begins[at + 1] - timedelta(days=1) if at + 1 < len(begins) else NEVER
        if any(since <= day <= until for day in days):
            found.append(Edition({one.id: one for one in files if one.effective_from == first}, since, until))
    return found
