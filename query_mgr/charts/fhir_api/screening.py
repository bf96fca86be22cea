"""What of a posted bundle may be kept, decided under the import lock."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from itertools import chain
from typing import TypeVar

from sqlalchemy import delete, or_, select

from query_mgr.accounts.models import Provider
from query_mgr.charts.fhir_api.entries import Submission, written
from query_mgr.charts.fhir_api.models import FhirSubmission
from query_mgr.charts.fhir_api.versions import on_file, versions
from query_mgr.charts.identity import with_survivors
from query_mgr.charts.intake import Arrival
from query_mgr.charts.problems import Problem, Rejection
from query_mgr.charts.records import (
    ChartBundle,
    ChartRecord,
    DocumentRecord,
    EncounterRecord,
    FactRecord,
    HeldPart,
    Reading,
    SentCodeRecord,
)
from query_mgr.platform import clock
from query_mgr.platform.db import db

_REMEMBERED = timedelta(days=30)
_Owned = EncounterRecord | DocumentRecord | FactRecord | SentCodeRecord
_Record = TypeVar("_Record", bound=ChartRecord)


@dataclass
class Screening:
    """Looks at one bundle before it is stored: what is stale, what is new, and whether it came before."""

    submission: Submission
    client_id: int
    digest: str
    arrival: Arrival
    created: set[int] = field(default_factory=set)  # entries that are new here
    keys: dict[int, str] = field(default_factory=dict)  # entry -> "Observation/o1", of those that become rows
    patients: set[str] = field(default_factory=set)
    earlier: tuple[str, str] | None = None  # ref and marks of the same bundle when it came before

    def __call__(self, reading: Reading) -> ChartBundle:
        """Return what to store. Raises Rejection where the bundle is one transaction and not all of it can be."""
        self.created.clear()
        self.keys.clear()
        bundle, index_of = with_survivors(reading.bundle), self.submission.index_of()
        if not self.submission.is_batch:
            _refuse_losses(reading)
        known = on_file(record.source_key for record in _records(bundle))
        bundle = self._matching(bundle, index_of)
        self._note(bundle, known, index_of)
        self.arrival.refused = tuple(_refused_entries(self.submission))
        return bundle

    def _matching(self, bundle: ChartBundle, index_of: dict[str, int]) -> ChartBundle:
        """Leave out what was changed here since its sender looked."""
        seen = self.submission.if_match()
        if not seen:
            return bundle
        keys = {index_of.get(_base(record)): _base(record) for record in _records(bundle)}
        now = versions(
            (keys[index] for index in seen if index in keys), (one.patient_key for one in _owned(bundle))
        )
        for index, version in seen.items():
            if index in self.submission.faults or now.get(keys.get(index, "")) == version:
                continue
            text = "was changed since, or is not on file; read the ETag of your last post and send it again"
            self._fail(index, Problem("if-match", self.submission.where(index), text))
        return self._without_failed(bundle, index_of)

    def _fail(self, index: int, problem: Problem) -> None:
        if not self.submission.is_batch:
            raise Rejection(problem.code, problem.where, problem.text)
        if index not in self.submission.faults:
            self.submission.fail(index, problem)

    def _without_failed(self, bundle: ChartBundle, index_of: dict[str, int]) -> ChartBundle:
        failed = self.submission.faults

        def kept(records: tuple[_Record, ...]) -> tuple[_Record, ...]:
            return tuple(each for each in records if index_of.get(_base(each)) not in failed)

        return replace(
            bundle,
            patients=kept(bundle.patients),
            encounters=kept(bundle.encounters),
            documents=kept(bundle.documents),
            facts=kept(bundle.facts),
            codes=kept(bundle.codes),
        )

    def _note(self, bundle: ChartBundle, known: dict[str, int], index_of: dict[str, int]) -> None:
        """Write down, with the chart, what is new in it, so that the same bundle again gets the same answer."""
        self.patients = {one.patient_key for one in _owned(bundle)}
        providers = {one.source_key: one.npi for one in bundle.providers}
        for key in [each.source_key for each in _records(bundle)] + list(providers):
            index = index_of.get(key.partition("#")[0])
            if index is not None:
                self.keys[index] = key.partition("#")[0]
        known_providers = _providers_on_file(providers)
        self.created |= {index_of[_base(each)] for each in _records(bundle) if each.source_key not in known
                         and _base(each) in index_of}  # fmt: skip
        self.created |= {index_of[key] for key in providers.keys() - known_providers if key in index_of}
        row = find_submission(self.client_id, self.digest)
        self.earlier = (row.ref, row.created) if row else None
        if row is None:
            now = clock.now()
            db.session.execute(delete(FhirSubmission).where(FhirSubmission.received_at < now - _REMEMBERED))
            db.session.add(
                FhirSubmission(client_id=self.client_id, digest=self.digest, received_at=now, created=self.marks())
            )

    def marks(self) -> str:
        """Return a sign per entry: 1 where it is new here."""
        return "".join("1" if index in self.created else "0" for index in range(len(self.submission.entries)))


def find_submission(client_id: int, digest: str) -> FhirSubmission | None:
    """Return what is remembered of a bundle that this client sent before."""
    wanted = select(FhirSubmission).where(FhirSubmission.client_id == client_id, FhirSubmission.digest == digest)
    return db.session.scalar(wanted)


def _refused_entries(submission: Submission) -> Iterator[HeldPart]:
    """Yield what was left out, each as something that can be mended and sent once more."""
    for index, faults in submission.faults.items():
        payload = written(submission.resource(index) or submission.entries[index])
        yield HeldPart(submission.where(index), "; ".join(map(str, faults)), payload, "rejected")


def _refuse_losses(reading: Reading) -> None:
    for part in reading.held:
        code, _, text = part.reason.partition(": ")
        raise Rejection(code, part.where, text)


def _base(record: ChartRecord) -> str:
    return record.source_key.partition("#")[0]


def _records(bundle: ChartBundle) -> Iterator[ChartRecord]:
    return chain(bundle.patients, _owned(bundle))


def _owned(bundle: ChartBundle) -> Iterator[_Owned]:
    return chain(bundle.encounters, bundle.documents, bundle.facts, bundle.codes)


def _providers_on_file(wanted: dict[str, str | None]) -> set[str]:
    npis = {npi: key for key, npi in wanted.items() if npi}
    rows = select(Provider.source_key, Provider.npi).where(
        or_(Provider.source_key.in_(list(wanted)), Provider.npi.in_(list(npis)))
    )
    found = list(db.session.execute(rows))
    return {row.source_key for row in found if row.source_key} | {
        npis[row.npi] for row in found if row.npi in npis
    }
