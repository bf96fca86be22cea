"""`POST /fhir` and `GET /fhir/metadata`. Every answer is FHIR JSON, whatever happens."""

from __future__ import annotations

import json
from typing import Any

from flask import Blueprint, Response, request
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException

from query_mgr.charts.fhir_api import clients
from query_mgr.charts.fhir_api.body import MEDIA_TYPES, read_body
from query_mgr.charts.fhir_api.capability import capability_statement
from query_mgr.charts.fhir_api.models import InterfaceClient
from query_mgr.charts.fhir_api.outcome import FhirError, refusal
from query_mgr.charts.fhir_api.submit import submit
from query_mgr.charts.problems import Problem
from query_mgr.platform import web
from query_mgr.platform.web import csrf, current_settings

fhir = Blueprint("fhir", __name__, url_prefix="/fhir")
csrf.exempt(fhir)  # a bearer key is no cookie: no other site can make a browser send it
_ALL_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "TRACE", "CONNECT"]


@fhir.post("")
@fhir.post("/", endpoint="post_slash")
def post() -> Response:
    """Take in a transaction or batch."""
    client = _client()
    answer = submit(read_body(request, _limit()), client)
    headers = {"Query-Mgr-Import": "unchanged" if answer.is_repeated else "imported"}
    return _json(answer.bundle, 200, headers)


@fhir.get("/metadata")
def metadata() -> Response:
    """Say what can be done here."""
    settings = current_settings()
    return _json(capability_statement(settings.base_url.rstrip("/"), settings.organization, _limit()), 200)


@fhir.route("", endpoint="other", methods=_ALL_METHODS)
@fhir.route("/", endpoint="other_slash", methods=_ALL_METHODS)
@fhir.route("/metadata", endpoint="other_metadata", methods=_ALL_METHODS)
def other() -> Response:
    """Refuse what cannot be done at an address that exists."""
    allowed = "GET, HEAD, OPTIONS" if request.path.endswith("/metadata") else "POST, OPTIONS"
    problem = Problem("method", "", f"{request.method} cannot be done here; {allowed} can")
    raise FhirError(problem, headers={"Allow": allowed})


@fhir.route("/<path:rest>", methods=_ALL_METHODS)
def nowhere(rest: str) -> Response:
    """Refuse what does not exist, without saying the address back."""
    text = "there is nothing at this address; POST a transaction or batch to /fhir, or GET /fhir/metadata"
    raise FhirError(Problem("not-found", "", text))


@fhir.errorhandler(FhirError)
def refused(error: FhirError) -> Response:
    """Answer a request that was refused."""
    return _json(refusal(error), error.status, error.headers)


@fhir.errorhandler(HTTPException)
def http_error(error: HTTPException) -> Response:
    """Answer what the web server itself refused."""
    code = {404: "not-found", 405: "method", 413: "too-large"}.get(error.code or 400, "structure")
    return _json(refusal(FhirError(Problem(code, "", error.name))), error.code or 400)


@fhir.errorhandler(OperationalError)
def database_away(error: OperationalError) -> Response:
    """Answer while the database is away or busy: the sender keeps the bundle and sends it again."""
    number = web.logged(error)
    text = f"the database cannot be reached; send it again later (fault {number})"
    return _json(refusal(FhirError(Problem("unavailable", "", text))), 503, {"Retry-After": "30"})


@fhir.errorhandler(Exception)
def fault(error: Exception) -> Response:
    """Answer a fault without a word of the inside or of a chart."""
    text = f"nothing was changed; tell the administrator the fault number {web.logged(error)}"
    return _json(refusal(FhirError(Problem("fault", "", text))), 500)


def _client() -> InterfaceClient:
    """Return who sends this. Raises FhirError. A signed-in person is nobody here: only the key counts."""
    scheme, _, key = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not key.strip():
        problem = Problem("login", "", "send Authorization: Bearer KEY with the key of an interface client")
        raise FhirError(problem, headers={"WWW-Authenticate": 'Bearer realm="query_mgr"'})
    client = clients.find(key.strip())
    if client is None:
        challenge = 'Bearer realm="query_mgr", error="invalid_token"'
        raise FhirError(Problem("login", "", "this key is not known"), headers={"WWW-Authenticate": challenge})
    if client.disabled_at:
        raise FhirError(Problem("forbidden", "", "this client is disabled; ask the administrator"))
    return client


def _limit() -> int:
    return current_settings().fhir_post_max_mb << 20


def _json(body: dict[str, Any], status: int, headers: dict[str, str] | None = None) -> Response:
    response = Response(
        json.dumps(body, ensure_ascii=False), status, content_type=f"{MEDIA_TYPES[0]}; charset=utf-8"
    )
    response.headers.update({"Cache-Control": "no-store", **(headers or {})})
    return response
