"""The MS-DRG of an inpatient stay, what each code adds to it, and which codes carry it.

The decision is drgpy's, by CMS' MS-DRG Definitions Manual of the version in force on the discharge date, and
where drgpy leaves out a decision of the manual, that of `completed`. docs/grouping.md says what neither knows.
"""

from __future__ import annotations

from typing import Any

from query_mgr.coding.grouping.cautions import cautions, stale, unknown_principal
from query_mgr.coding.grouping.engine import engine_for
from query_mgr.coding.grouping.question import UNGROUPABLE, Question, bare, put
from query_mgr.coding.grouping.stay import CodeSeverity, Grouping, Stay, WhatIf
from query_mgr.coding.grouping.versions import NoVersion, version_on
from query_mgr.coding.grouping.weight import severities, what_ifs

__all__ = ["UNGROUPABLE", "CodeSeverity", "Grouping", "Stay", "WhatIf", "bare", "group"]


def group(stay: Stay) -> Grouping:
    """Group a stay by the MS-DRG version in force on its discharge date.

    Never raises for what a stay holds: without a principal diagnosis or a version there is no DRG, with a
    principal diagnosis that the version does not know the DRG is 999, and `messages` say so.
    """
    if not any(code.strip() for code, _ in stay.diagnoses):
        return Grouping(messages=("no principal diagnosis yet; the stay is not grouped",))
    try:
        version = version_on(stay.discharged_on)
    except NoVersion as error:
        return Grouping(messages=(str(error),))
    asked = put(engine_for(version), stay)
    is_stale = stay.discharged_on > version.last_day
    said = (stale(version, stay.discharged_on),) if is_stale else ()
    if not asked.engine.knows(asked.principal):
        text = unknown_principal(asked.names[asked.principal], version)
        return _result(asked, UNGROUPABLE, is_stale=is_stale, engine_drg=UNGROUPABLE, messages=(*said, text))
    drg, own = asked.drg, _engine_drg(asked)
    rows = severities(asked, drg)
    return _result(
        asked,
        drg,
        is_stale=is_stale,
        engine_drg=own,
        messages=(*said, *cautions(asked, drg, own, rows)),
        severities=tuple(rows.values()),
        by_sex=asked.by_sex if len(set(asked.by_sex.values())) > 1 else {},
        work_out=lambda: tuple(what_ifs(asked, drg, rows)),
    )


def _engine_drg(asked: Question) -> str:
    """Return what drgpy alone says, asked again only where it can be another DRG."""
    is_completed = any(decision.rules for decision in asked.decisions.values())
    if is_completed or asked.not_acquired or any(map(asked.engine.is_added, asked.diagnoses)):
        return asked.own_drg()
    return asked.drg


def _result(asked: Question, drg: str, **more: Any) -> Grouping:
    engine, version = asked.engine, asked.engine.version
    return Grouping(
        drg=drg,
        title=engine.title(drg),
        mdc=engine.mdc(drg, asked.principal),
        kind=engine.kind(drg),
        version=version.name,
        first_day=version.first_day,
        **more,
    )
