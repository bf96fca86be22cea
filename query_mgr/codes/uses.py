"""The codes that one person uses: favourites, and what was assigned of late."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from query_mgr.codes import lookup
from query_mgr.codes.models import Code, CodeUse
from query_mgr.codes.search import Hit
from query_mgr.codes.systems import SYSTEMS
from query_mgr.platform import clock
from query_mgr.platform.db import db, is_postgresql, rows, unit_of_work

FAVOURITE, RECENT = "favourite", "recent"
_MOST_RECENT = 15
_MOST_FAVOURITES = 200
#: how many places a code of one's own goes up among what was found: slightly, the best find stays in sight
_UP = {FAVOURITE: 4, RECENT: 2, "": 0}
Key = tuple[str, str]  # system, code


def note_use(user_id: int, system: str, code: str) -> None:
    """Remember that somebody assigned a code now. To be called by whoever assigns it, within its unit of work.

    Raises KeyError for a system that is none.
    """
    key = {"user_id": user_id, "system": SYSTEMS[system].key, "code": code[:12]}
    new = (postgresql if is_postgresql() else sqlite).insert(CodeUse)
    now = clock.now()
    with unit_of_work():
        db.session.execute(
            new.values(**key, uses=1, used_at=now, is_favourite=False).on_conflict_do_update(
                index_elements=["user_id", "system", "code"],
                set_={"uses": CodeUse.uses + 1, "used_at": now},
            )
        )


def set_favourite(user_id: int, system: str, code: str, *, wanted: bool) -> bool:
    """Make a code a favourite of somebody, or none; return whether it is one now.

    Raises KeyError for a system that is none. At most 200: one more is not taken.
    """
    key = (CodeUse.user_id == user_id, CodeUse.system == SYSTEMS[system].key, CodeUse.code == code[:12])
    with unit_of_work():
        if not wanted:
            db.session.execute(update(CodeUse).where(*key).values(is_favourite=False))
            db.session.execute(delete(CodeUse).where(*key, CodeUse.uses == 0))
            return False
        held = select(func.count()).select_from(CodeUse).where(CodeUse.user_id == user_id, CodeUse.is_favourite)
        if (db.session.scalar(held) or 0) >= _MOST_FAVOURITES:
            return False
        known = db.session.scalar(select(CodeUse.uses).where(*key))
        if known is None:
            values = {"user_id": user_id, "system": system, "code": code[:12], "uses": 0, "is_favourite": True}
            db.session.execute(insert(CodeUse).values(values))
        else:
            db.session.execute(update(CodeUse).where(*key).values(is_favourite=True))
    return True


def marks_of(user_id: int) -> dict[Key, str]:
    """Return the codes of one's own, each with its mark: favourites first, then the recent ones, the latest first."""
    own = select(CodeUse.system, CodeUse.code, CodeUse.is_favourite).where(CodeUse.user_id == user_id)
    liked = rows(own.where(CodeUse.is_favourite).order_by(CodeUse.uses.desc(), CodeUse.system, CodeUse.code))
    recent = rows(
        own.where(CodeUse.used_at.is_not(None), CodeUse.is_favourite.is_(False))
        .order_by(CodeUse.used_at.desc(), CodeUse.system, CodeUse.code)
        .limit(_MOST_RECENT)
    )
    return {(row[0], row[1]): FAVOURITE if row[2] else RECENT for row in (*liked, *recent)}


def raised(hits: Sequence[Hit], marks: Mapping[Key, str]) -> list[Hit]:
    """Return the hits with the codes of one's own slightly up. Pure."""
    places = {hit: number - _UP[marks.get((hit.system, hit.code), "")] for number, hit in enumerate(hits)}
    return sorted(hits, key=places.__getitem__)


def own_hits(marks: Mapping[Key, str], systems: Sequence[str], on: date | None, limit: int) -> list[Hit]:
    """Return the codes of one's own that exist on a day, for an empty box."""
    day, known = on or clock.now().date(), dict[Key, Hit]()
    for system in systems:
        wanted = [code for held, code in marks if held == system]
        if wanted:
            edition = lookup.edition_on(day, system)
            found = db.session.scalars(select(Code).where(Code.code_set_id == edition, Code.code.in_(wanted)))
            known |= {(system, one.code): Hit(one.code, one.title, one.is_billable, system) for one in found}
    return [known[key] for key in marks if key in known][:limit]
