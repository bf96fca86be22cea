"""Which code a text names on an encounter's dates, and whether it can be reported."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from query_mgr.charts.models import Encounter
from query_mgr.codes import icd10cm, lookup
from query_mgr.codes.models import Code
from query_mgr.codes.systems import SYSTEMS
from query_mgr.codes.written import written
from query_mgr.coding.codeset import CodingError
from query_mgr.platform import clock
from query_mgr.platform.web import current_settings


def valid_code(text: str, encounter: Encounter, system: str = "icd10cm", served_on: date | None = None) -> Code:
    """Return the reportable code that `text` names. Raises CodingError with the reason.

    ICD-10 is read in the edition of the discharge, the other systems in that of the day of the service.
    """
    try:
        code = written(text, system)
    except icd10cm.CodeError as error:
        raise CodingError(str(error)) from None
    on = coded_on(encounter)
    if SYSTEMS[system].decided_by == "service":
        on = served_on or on
    found = lookup.find(code, on, system)
    if found is None:
        raise CodingError(lookup.why_missing(code, on, system))
    why = lookup.why_not_on(code, on, system)
    if why:
        raise CodingError(why)
    if not found.is_billable:
        raise CodingError(f"{code} ({found.title}) is a category and cannot be reported; choose a code below it")
    return found


def coded_on(encounter: Encounter) -> date:
    """Return the date that decides the code edition: discharge, or today, in the hospital's own time."""
    return local_day(encounter.discharged_at or clock.now())


def local_day(moment: datetime) -> date:
    """Return the day of a moment in the hospital's own time."""
    return moment.astimezone(ZoneInfo(current_settings().time_zone)).date()
