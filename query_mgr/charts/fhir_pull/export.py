"""Fetch by Bulk Data: ask for an export, wait for it, and take its files.

Source: HL7 FHIR Bulk Data Access 2.0, $export.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote, urljoin

import requests

from query_mgr.charts.fhir_pull.problems import AnsweredError, PullError
from query_mgr.charts.fhir_pull.search import instant
from query_mgr.charts.fhir_pull.server import FHIR_JSON, Server, retry_after
from query_mgr.charts.fhir_pull.stage import Stage, read_object
from query_mgr.platform import clock

_NOT_THERE = {400, 403, 404, 405, 501}
_LINES_AT_ONCE = 500
_FILE_TRIES = 3


class ExportGoneError(Exception):
    """The server has forgotten the export; it must be asked for anew."""


def ask(server: Server, operation: str, types: tuple[str, ...], since_at: datetime | None) -> str | None:
    """Ask for an export; return the address that tells how far it is, or None where the server has no exports."""
    changed = f"&_since={quote(instant(since_at))}" if since_at else ""
    url = f"{server.base_url}/{operation}?_outputFormat={quote('application/fhir+ndjson')}&_type={','.join(types)}"
    headers = {"Accept": FHIR_JSON, "Prefer": "respond-async"}
    step = "the request for an export"
    try:
        with server.answer("GET", url + changed, step, headers=headers, expected=(202,)) as response:
            status_url = urljoin(url, response.headers.get("Content-Location", ""))
    except AnsweredError as error:
        if error.status in _NOT_THERE:
            return None
        raise
    if not status_url or status_url == url:
        raise PullError(f"{server.host} answered 202 to {step} without Content-Location")
    server.check(status_url, "the state of the export")
    return status_url


def wait_for(server: Server, status_url: str) -> dict[str, Any]:
    """Return the manifest once the export is ready. Raises PullError, or ExportGoneError."""
    ends_at = clock.now() + timedelta(hours=server.patience.export_hours)
    headers = {"Accept": "application/json"}
    step = "the state of the export"
    while clock.now() < ends_at:
        try:
            with server.answer("GET", status_url, step, headers=headers, expected=(200, 202)) as response:
                if response.status_code == 200:
                    return _manifest(server, response, step)
                named = retry_after(response)
        except AnsweredError as error:
            if error.status in {404, 410}:
                raise ExportGoneError from None
            raise
        server.patience.sleep(min(server.patience.poll if named is None else named, server.patience.longest_wait))
    raise PullError(f"{server.host} has not finished the export in {server.patience.export_hours:g} hours")


def _manifest(server: Server, response: requests.Response, step: str) -> dict[str, Any]:
    try:
        manifest = json.loads(response.content)
        datetime.fromisoformat(manifest["transactionTime"])
        assert all(isinstance(each["url"], str) for each in [*manifest["output"], *manifest.get("error", [])])
    except (ValueError, KeyError, TypeError, AssertionError):
        raise PullError(f"{server.host} answered {step} with no export manifest") from None
    return dict(manifest)


def take_files(server: Server, stage: Stage, manifest: dict[str, Any], folder: Path) -> list[str]:
    """Bring all files of an export to the stage, those that are not there yet; return what to warn of."""
    warnings = []
    with_token = manifest.get("requiresAccessToken") is not False
    for number, one in enumerate(manifest["output"]):
        server.check(one["url"], "a file of the export")
        if stage.noted(f"file {number}") is None:
            path = folder / f"{number:05d}.ndjson"
            _download(server, one["url"], path, with_token)
            odd = _take(stage, path, number)
            path.unlink()
            if odd:
                warnings.append(f"{odd} line(s) of a file of {str(one.get('type'))[:40]} were no resources")
    for one in manifest.get("error", []):
        path = folder / "error.ndjson"
        _download(server, one["url"], path, with_token)
        warnings.append(f"the export names {sum(1 for _ in _lines(path))} error(s) of its own")
        path.unlink()
    if manifest.get("deleted"):
        warnings.append("the export names deleted resources; nothing is deleted here")
    return warnings


def _download(server: Server, url: str, path: Path, with_token: bool) -> None:
    """Write a file to the disk, from its beginning again where the connection breaks."""
    step, tries, wait = "a file of the export", 0, server.patience.first_wait
    headers = {"Accept": "application/fhir+ndjson"}
    while True:
        tries += 1
        try:
            with (
                server.answer("GET", url, step, headers=headers, with_token=with_token) as response,
                path.open("wb") as file,
            ):
                for piece in response.iter_content(1 << 16):
                    file.write(piece)
            return
        except AnsweredError:
            raise
        except PullError:
            if tries >= _FILE_TRIES:
                raise
            server.patience.sleep(wait)
            wait *= 2


def _take(stage: Stage, path: Path, number: int) -> int:
    """Bring the lines of a file to the stage; return how many were no resources."""
    odd = 0
    with stage:
        for line in _lines(path):
            try:
                text = line.decode().strip()
                odd += not stage.add(read_object(text), text)
            except (ValueError, RecursionError):
                odd += 1
        stage.note(f"file {number}", "done")
    return odd


def _lines(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        yield from (line for line in file if line.strip())
