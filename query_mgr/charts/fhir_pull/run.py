"""One run: bring all that changed to the disk, import it patient by patient, and only then move on."""

from __future__ import annotations

import fcntl
import json
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import select

from query_mgr.audit import actions as audit
from query_mgr.charts.actions import import_bundle
from query_mgr.charts.fhir_pull import export, search
from query_mgr.charts.fhir_pull.models import FhirPull
from query_mgr.charts.fhir_pull.problems import PullError
from query_mgr.charts.fhir_pull.server import Server
from query_mgr.charts.fhir_pull.stage import Stage, bundle_of
from query_mgr.charts.intake import Arrival
from query_mgr.charts.report import Report
from query_mgr.platform import clock
from query_mgr.platform.db import db, unit_of_work

_DIRECTORY_AT_ONCE = 2000


@dataclass(frozen=True)
class Asked:
    """From when on: everything, from a time, or (neither) from where the last run ended."""

    everything: bool = False
    since_at: datetime | None = None


@dataclass
class Run:
    """What a run has to do with: the server, a folder of its own, and whom to tell."""

    server: Server
    folder: Path
    operation: str
    tell: Callable[[Report], None]
    warnings: list[str] = field(default_factory=list)


def pull(run: Run, asked: Asked) -> FhirPull:
    """Fetch and import what changed; return the finished run. Raises PullError; the next run then goes on."""
    with _alone(run.folder):
        row = _begun(run, asked)
        place = run.folder / row.ref
        place.mkdir(mode=0o700, exist_ok=True)
        stage = Stage(place / "stage.sqlite", run.server.base_url)
        try:
            if stage.noted("loaded") is None:
                _load(run, row, stage, place)
            totals = _import_all(run, row, stage)
            _finish(run, row, stage, totals)
        finally:
            stage.close()
        shutil.rmtree(place)
        return row


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Let one pull run at a time. Raises PullError."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (folder / "lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise PullError("another pull is running") from None
        yield


def _begun(run: Run, asked: Asked) -> FhirPull:
    """Return the run that was begun and not finished, or a new one."""
    ours = select(FhirPull).where(FhirPull.base_url == run.server.base_url)
    is_asked_anew = asked.everything or asked.since_at is not None
    with unit_of_work():
        for row in db.session.scalars(ours.where(FhirPull.state == "running").order_by(FhirPull.id)):
            if not is_asked_anew and (run.folder / row.ref).is_dir():
                return row
            row.state = "dropped"  # its time has not been moved, so nothing is lost
            shutil.rmtree(run.folder / row.ref, ignore_errors=True)
        done = ours.where(FhirPull.state == "done").order_by(FhirPull.id.desc()).limit(1)
        last = db.session.scalar(done)
        since_at = asked.since_at or (None if asked.everything or last is None else last.until_at)
        new = FhirPull(base_url=run.server.base_url, since_at=since_at, started_at=clock.now())
        db.session.add(new)
        db.session.flush()
        (run.folder / new.ref).mkdir(mode=0o700)
    return new


def _load(run: Run, row: FhirPull, stage: Stage, place: Path) -> None:
    """Bring everything to the stage, by export where the server has that, else by search."""
    types = search.types_of(run.server)
    manifest = None
    if row.method != "search":
        manifest = _manifest(run, row, stage, types)
    if manifest is not None:
        _set(row, until_at=datetime.fromisoformat(manifest["transactionTime"]))
        run.warnings += export.take_files(run.server, stage, manifest, place)
    else:
        if row.method != "search":
            _set(row, method="search", until_at=(run.server.seen_at or clock.now()) - search.OVERLAP)
        run.warnings += search.search_all(run.server, stage, types, row.since_at)
    missing = search.fetch_missing(run.server, stage)
    if missing:
        run.warnings.append(f"{missing} resource(s) that others point to are not given out by the server")
    with stage:
        stage.note("loaded", json.dumps(run.warnings))


def _manifest(run: Run, row: FhirPull, stage: Stage, types: tuple[str, ...]) -> dict[str, Any] | None:
    """Return the manifest of an export that is ready, or None where the server has no exports."""
    for _ in range(2):
        if not row.status_url:
            url = export.ask(run.server, run.operation, types, row.since_at) if run.operation else None
            if url is None:
                return None
            _set(row, method="export", status_url=url)
        try:
            return export.wait_for(run.server, row.status_url)
        except export.ExportGoneError:  # asked for too long ago: what came of it is fetched once more
            with stage:
                stage.clear()
            _set(row, status_url="")
    raise PullError(f"{run.server.host} forgets its exports before they are ready")


def _set(row: FhirPull, **values: object) -> None:
    with unit_of_work():
        for name, value in values.items():
            setattr(row, name, value)


def _import_all(run: Run, row: FhirPull, stage: Stage) -> Counter[str]:
    """Import the directory, then each patient's chart, those that an earlier run did not come to."""
    run.warnings[:] = json.loads(stage.noted("loaded") or "[]")
    totals: Counter[str] = Counter(json.loads(stage.noted("totals") or "{}"))
    stray = stage.stray()
    if stray:
        run.warnings.append(f"{stray} resource(s) belong to no patient and were left out")
    people = stage.directory()
    number = 0
    while texts := list(islice(people, _DIRECTORY_AT_ONCE)):
        _import(run, row, stage, totals, f"directory {number}", texts)
        number += 1
    for patient in stage.patients():
        if stage.noted(f"done Patient/{patient}") is None:
            _import(run, row, stage, totals, f"Patient/{patient}", stage.chart(patient))
    return totals


def _import(run: Run, row: FhirPull, stage: Stage, totals: Counter[str], name: str, texts: list[str]) -> None:
    if stage.noted(f"done {name}"):
        return
    host = run.server.host
    arrival = Arrival(f"pull {host}", f"{name.replace('/', ' ')}.json", f"fhir {host}", format="FHIR")
    report = import_bundle(bundle_of(texts), f"{host} {name}", by=arrival.by, arrival=arrival)
    if not arrival.is_noted:  # refused as a whole: it will not come again, and waits there to be mended
        with unit_of_work():
            arrival.note(report)
    totals[report.status] += 1
    with stage:
        stage.note(f"done {name}", report.status)
        stage.note("totals", json.dumps(totals))
    run.tell(report)


def _finish(run: Run, row: FhirPull, stage: Stage, totals: Counter[str]) -> None:
    """Move the time on, now that everything before it is in the database."""
    with unit_of_work():
        row.state, row.finished_at = "done", clock.now()
        row.resources, row.rejected = stage.count(), totals["rejected"]
        audit.record(
            "cli",
            "chart.pulled",
            "fhir_pull",
            row.ref,
            method=row.method,
            resources=row.resources,
            charts=dict(totals),
        )
    if row.status_url:
        try:
            with run.server.answer("DELETE", row.status_url, "the end of the export", expected=(200, 202, 204)):
                pass
        except PullError:
            pass  # the server ends it by itself in time
