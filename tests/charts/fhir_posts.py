"""Posting bundles, for tests."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from fhir.resources.R4B.bundle import Bundle
from fhir.resources.R4B.operationoutcome import OperationOutcome
from flask import Flask
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from query_mgr.accounts.models import Provider
from query_mgr.charts.fhir_api import clients
from query_mgr.charts.models import Document, Encounter, Fact, Patient
from query_mgr.platform.db import db

TABLES = (Patient, Encounter, Document, Fact, Provider)


def rows() -> list[int | None]:
    """Return how many rows the chart's tables have."""
    db.session.rollback()
    return [db.session.scalar(select(func.count()).select_from(table)) for table in TABLES]


class Sender:
    """An interface client with its key."""

    def __init__(self, app: Flask, name: str = "epic-prod") -> None:
        self.name, self.key = name, clients.add(name, by="tester")
        self.http = app.test_client()

    def post(self, bundle: Any, **more: Any) -> TestResponse:
        """Post a bundle, or bytes as they are."""
        content = bundle if isinstance(bundle, bytes) else json.dumps(bundle, ensure_ascii=False).encode()
        headers = {"Authorization": f"Bearer {self.key}"} | more.pop("headers", {})
        return self.http.post(
            "/fhir", **({"data": content, "content_type": "application/fhir+json", "headers": headers} | more)
        )


def refused(response: TestResponse, status: int, code: str = "", detail: str = "") -> str:
    """Check that a response is a valid OperationOutcome with that status; return what it says."""
    assert response.status_code == status, response.text
    assert response.mimetype == "application/fhir+json"
    OperationOutcome.model_validate(response.json)
    issue = response.json["issue"][0]
    assert issue["severity"] in {"error", "fatal"}
    if code:
        assert issue["code"] == code, issue
    if detail:
        assert issue["details"]["coding"][0]["code"] == detail, issue
    return str(issue["diagnostics"])


def accepted(response: TestResponse) -> list[dict[str, Any]]:
    """Check that a response is a valid response bundle; return what it says of each entry."""
    assert response.status_code == 200, response.text
    assert response.mimetype == "application/fhir+json"
    Bundle.model_validate(response.json)
    return list(_responses(response.json))


def _responses(bundle: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for entry in bundle.get("entry", []):
        if "outcome" in entry["response"]:
            OperationOutcome.model_validate(entry["response"]["outcome"])
        yield entry["response"]


def statuses(response: TestResponse) -> list[str]:
    """Return the number of each entry's status."""
    return [each["status"][:3] for each in accepted(response)]
