"""What this server can do, as a CapabilityStatement. Pure."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from typing import Any

from query_mgr.charts.fhir_api.body import MEDIA_TYPES

_DATE = "2026-11-24"  # of the last change of what is said here


def capability_statement(base_url: str, organization: str, limit: int) -> dict[str, Any]:
    """Return what POST /fhir takes, and nothing that it does not."""
    try:
        ours = version("query_mgr")
    except PackageNotFoundError:  # run from a checkout
        ours = ""
    software = {"name": "query_mgr"} | ({"version": ours} if ours else {})
    documentation = (
        f"Takes charts as transaction or batch, {limit >> 20} MB at most, plain or gzip; nothing can be read, searched "
        "or deleted here. PUT and POST entries do the same: a resource is known by the id that its sender gave it, "
        "patients and practitioners by their identifier. ifMatch is honoured. The same bundle again changes nothing "
        "and gets the same answer."
    )
    return {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": _DATE,
        "kind": "instance",
        "software": software,
        "implementation": {"description": f"Charts for queries at {organization}", "url": f"{base_url}/fhir"},
        "fhirVersion": "4.0.1",
        "format": list(MEDIA_TYPES),
        "rest": [
            {
                "mode": "server",
                "documentation": documentation,
                "security": {"cors": False, "description": "A bearer key that the administrator hands out"},
                "interaction": [{"code": "transaction"}, {"code": "batch"}],
            }
        ],
    }
