"""Write the message of a channel."""

from __future__ import annotations

import json
from zoneinfo import ZoneInfo

from config.settings import Settings
from query_mgr.coding.handoff.bar import bar_p12
from query_mgr.coding.handoff.claim import claim
from query_mgr.coding.handoff.dft import dft_p03
from query_mgr.coding.handoff.hl7 import Envelope
from query_mgr.coding.handoff.sheet import Sheet
from query_mgr.coding.handoff.table import handoff_csv
from query_mgr.platform import clock


def numbering(settings: Settings) -> str:
    """Return the URI under which our hand-offs are numbered in FHIR."""
    return f"{settings.base_url.rstrip('/')}/coding/hand-offs"


def written(format: str, sheet: Sheet, ref: str, settings: Settings) -> str | None:
    """Return what a format says of a sheet under the control id `ref`, or None where it has nothing to say."""
    zone = ZoneInfo(settings.time_zone)
    to = Envelope(
        ref, clock.now(), zone, settings.billing_hl7_sender or settings.organization, settings.billing_hl7_application,
        settings.billing_hl7_facility, "T" if settings.demo else "P",
    )  # fmt: skip
    match format:
        case "bar":
            return bar_p12(sheet, to)
        case "dft":
            return dft_p03(sheet, to)
        case "csv":
            return handoff_csv(sheet, zone)
    found = claim(sheet, format, to, numbering(settings))
    return json.dumps(found, ensure_ascii=False, indent=1) if found else None
