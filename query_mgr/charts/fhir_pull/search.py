"""Fetch by search: each type's pages one after the other, and single resources that others point to."""

from __future__ import annotations

import base64
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote, urljoin

from query_mgr.charts.fhir_pull.problems import AnsweredError, PullError
from query_mgr.charts.fhir_pull.server import FHIR_JSON, Server
from query_mgr.charts.fhir_pull.stage import Stage, read_object

TYPES = (
    "Organization", "Location", "Practitioner", "PractitionerRole", "Patient", "Coverage", "Encounter", "Condition",
    "AllergyIntolerance", "Procedure", "MedicationRequest", "MedicationAdministration", "Observation",
    "DiagnosticReport", "DocumentReference", "Composition", "CarePlan", "Claim", "ExplanationOfBenefit",
)  # fmt: skip
_PAGE = 200
_ROUNDS = 5  # a role points to a practitioner, who points to nobody
#: what other clocks and commits in flight may differ by; what comes twice changes nothing
OVERLAP = timedelta(minutes=2)
_PASSED_OVER = {400, 403, 404, 405, 501}


def instant(at: datetime) -> str:
    """Return a moment as a FHIR instant."""
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def types_of(server: Server) -> tuple[str, ...]:
    """Return the types that the server says it has, of those that are read; all where it does not say."""
    try:
        statement = server.json(f"{server.base_url}/metadata", "its metadata")
    except AnsweredError:
        return TYPES
    rest = statement.get("rest")
    listed = {
        each.get("type")
        for part in (rest if isinstance(rest, list) else [])
        if isinstance(part, dict) and isinstance(part.get("resource"), list)
        for each in part["resource"]
        if isinstance(each, dict)
    }
    return tuple(kind for kind in TYPES if kind in listed) if listed else TYPES


def search_all(server: Server, stage: Stage, types: tuple[str, ...], since_at: datetime | None) -> list[str]:
    """Bring all pages of all types to the stage, going on where an earlier run stopped; return what was left out."""
    left_out = []
    for kind in types:
        url = stage.noted(f"next {kind}")
        if url is None:
            changed = f"&_lastUpdated=gt{quote(instant(since_at))}" if since_at else ""
            url = f"{server.base_url}/{kind}?_count={_PAGE}{changed}"
        seen: set[str] = set()
        while url:
            if url in seen:
                raise PullError(f"{server.host} names the same page of {kind} twice")
            seen.add(url)
            try:
                page = _page(server, url, f"a search for {kind}")
            except AnsweredError as error:
                if error.status not in _PASSED_OVER or len(seen) > 1:
                    raise
                left_out.append(f"{kind}: {error}; none of this type was fetched")
                break
            url = _keep(stage, page, kind, server)
    return left_out


def _page(server: Server, url: str, step: str) -> dict[str, Any]:
    content, _ = server.content(url, step)
    try:
        page = read_object(content)
    except (ValueError, RecursionError):
        page = {}
    if page.get("resourceType") != "Bundle":
        raise PullError(f"{server.host} answered 200 to {step}, but no FHIR Bundle")
    return page


def _keep(stage: Stage, page: dict[str, Any], kind: str, server: Server) -> str:
    """Keep a page together with where the next one is; return that address, or ""."""
    links, entries = page.get("link"), page.get("entry")
    following = ""
    for link in links if isinstance(links, list) else []:
        if isinstance(link, dict) and link.get("relation") == "next" and isinstance(link.get("url"), str):
            following = urljoin(f"{server.base_url}/", link["url"])
    with stage:
        for entry in entries if isinstance(entries, list) else []:
            resource = entry.get("resource") if isinstance(entry, dict) else None
            if isinstance(resource, dict) and resource.get("resourceType") != "OperationOutcome":
                stage.add(resource)
        stage.note(f"next {kind}", following)
    return following


def fetch_missing(server: Server, stage: Stage) -> int:
    """Bring what the resources on the stage point to; return how much of that the server does not give out."""
    count = 0
    for _ in range(_ROUNDS):
        wanted = stage.wanted()
        if not wanted:
            break
        for kind, given in wanted:
            try:
                resource = _read(server, kind, given)
            except AnsweredError as error:
                if error.status not in {*_PASSED_OVER, 410}:
                    raise
                resource = None
            with stage:
                if resource is None or not stage.add(resource):
                    stage.miss(kind, given)
                    count += 1
    return count


def _read(server: Server, kind: str, given: str) -> dict[str, Any] | None:
    """Return one resource, or None where something else came; a Binary may come as the bytes themselves."""
    content, media = server.content(f"{server.base_url}/{kind}/{given}", f"a read of one {kind}")
    if kind == "Binary" and media not in {FHIR_JSON, "application/json"}:
        return {
            "resourceType": "Binary", "id": given, "contentType": media, "data": base64.b64encode(content).decode(),
        }  # fmt: skip
    try:
        resource = read_object(content)
    except (ValueError, RecursionError):
        return None
    return resource if (resource.get("resourceType"), resource.get("id")) == (kind, given) else None
