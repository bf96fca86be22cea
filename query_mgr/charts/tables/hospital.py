"""What a table is read against: the hospital's clock, its files, and what is on file already."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, tzinfo

from query_mgr.charts.problems import Rejection
from query_mgr.charts.records import (
    ChartBundle,
    DocumentRecord,
    EncounterRecord,
    PatientRecord,
    ProviderRecord,
    SentCodeRecord,
)
from query_mgr.charts.tables.row import Row


@dataclass(frozen=True)
class Stay:
    """A stay on file, as far as a table can mean it. `mrns`: every number its patient ever had here."""

    key: str
    patient_key: str
    number: str
    mrns: frozenset[str]
    coded_on: date  # what decides the code edition: the day of discharge, or today


def no_folder(name: str) -> bytes:
    """Refuse to read a note where an index came alone."""
    raise Rejection("file", name, "an index of notes is imported together with its files, as a folder or a ZIP")


@dataclass(frozen=True)
class Hospital:
    """The surroundings of a table; the defaults are a hospital that has nothing on file."""

    zone: tzinfo = UTC
    read_file: Callable[[str], bytes] = no_folder
    #: the patients on file, by source key
    patients: Callable[[Collection[str]], Mapping[str, PatientRecord]] = lambda keys: {}
    #: how many digits the numbers on file have that begin with a zero, by authority
    zero_widths: Callable[[Collection[str]], Mapping[str, int]] = lambda authorities: {}
    #: the stays on file with any of these numbers, by number
    stays: Callable[[Collection[str]], Mapping[str, Collection[Stay]]] = lambda numbers: {}
    #: why an ICD-10-CM code cannot be reported on a day, for those that cannot
    unreportable: Callable[[Collection[tuple[str, date]]], Mapping[tuple[str, date], str]] = lambda pairs: {}
    #: those of these days for which no ICD-10-CM edition is loaded
    without_edition: Callable[[Collection[date]], Collection[date]] = lambda days: ()
    #: those of these NPIs whose provider is marked inactive in the directory
    inactive_npis: Callable[[Collection[str]], Collection[str]] = lambda npis: ()


@dataclass(frozen=True, slots=True)
class Entry:
    """A row, and what it becomes where nothing is wrong with it."""

    row: Row
    record: EncounterRecord | DocumentRecord | SentCodeRecord
    patient: PatientRecord | None = None
    provider: ProviderRecord | None = None


NEVER = datetime.min.replace(tzinfo=UTC)  # stands where a time is wrong; such a row is never kept


def bundle_of(entries: Collection[Entry]) -> ChartBundle:
    """Return the rows that nothing is wrong with as one chart."""
    good = [entry for entry in entries if not entry.row.is_wrong]
    records = [entry.record for entry in good]
    return ChartBundle(
        providers=tuple({one.provider.source_key: one.provider for one in good if one.provider}.values()),
        patients=tuple({one.patient.source_key: one.patient for one in good if one.patient}.values()),
        encounters=tuple(one for one in records if isinstance(one, EncounterRecord)),
        documents=tuple(one for one in records if isinstance(one, DocumentRecord)),
        codes=tuple(one for one in records if isinstance(one, SentCodeRecord)),
    )
