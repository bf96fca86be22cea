"""The code systems, one row each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class System:
    """One code system: how it is called, what year its editions follow, and which date of a stay decides."""

    key: str
    name: str
    #: fiscal: from 1 October, updated 1 April; calendar: from 1 January, updated each quarter; open: no yearly file
    year: str
    #: discharge: the day of discharge; service: the day of the service
    decided_by: str
    #: where a hospital gets its list, said where none is loaded
    source: str


SYSTEMS = {
    one.key: one
    for one in (
        System("icd10cm", "ICD-10-CM", "fiscal", "discharge",
               "FY2026 (April 2026) comes with query_mgr; later editions are the order file or the XML tabular of CMS"),
        System("icd10pcs", "ICD-10-PCS", "fiscal", "discharge",
               "no list comes with query_mgr; load icd10pcs_order_YYYY.txt of CMS"),
        System("hcpcs", "HCPCS Level II", "calendar", "service",
               "a small demonstration list comes with query_mgr; load the quarterly alpha-numeric file of CMS"),
        System("cpt", "CPT", "calendar", "service",
               "no list comes with query_mgr; load the file that the American Medical Association licensed to you"),
        System("modifier", "Modifiers", "open", "service",
               "a short list in our own words comes with query_mgr; load your full list as CSV"),
        System("pos", "Place of service", "open", "service", "the list of CMS comes with query_mgr"),
        System("revenue", "Revenue codes", "open", "service",
               "no list comes with query_mgr; load the list that NUBC licensed to you as CSV"),
        System("carc", "Claim adjustment reason codes", "open", "service",
               "a short list in our own words comes with query_mgr; load your full list as CSV"),
        System("rarc", "Remittance advice remark codes", "open", "service",
               "a short list in our own words comes with query_mgr; load your full list as CSV"),
    )
}  # fmt: skip


def fiscal_year(on: date) -> int:
    """Return the federal fiscal year of a day: 1 October 2026 begins FY2027."""
    return on.year + (on.month >= 10)


def year_of(system: str, on: date) -> int:
    """Return the year that names the edition in force on a day."""
    return fiscal_year(on) if SYSTEMS[system].year == "fiscal" else on.year
