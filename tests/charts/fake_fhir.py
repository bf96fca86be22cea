"""A FHIR server on a loopback port: it checks every token request, exports, pages, and fails when told to."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qs

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey
from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

from query_mgr.platform import clock

Resource = dict[str, Any]
CLIENT_ID = "query-mgr-at-riverbend"
KEY_ID = "2026-11"
#: the time that the server itself has; `meta.lastUpdated` of resources is compared with it
EPOCH = "2026-11-01T00:00:00Z"


class FakeFhir:
    """What the server holds, how it behaves, and what it was asked."""

    def __init__(self, key: RSAKey | ECKey) -> None:
        self.key = key
        self.resources: list[Resource] = []
        self.has_export = True
        self.polls = 2  # answers of 202 before an export is ready
        self.page = 3
        self.transaction_time = "2026-11-02T12:00:00.123Z"
        self.answer_once: dict[str, Response] = {}  # path -> what it answers the first time
        self.answer_always: dict[str, Response] = {}
        self.manifest_extra: dict[str, Any] = {}
        self.asked: list[str] = []  # "GET /r4/Patient?..."
        self.tokens: set[str] = set()
        self.token_seconds = 300
        self.jtis: set[str] = set()
        self.exports: dict[str, dict[str, Any]] = {}
        self.faults: list[str] = []  # what a client did that it must not do
        self.port = 0
        self.die_at = 0  # the request, counted from 1, at which `died` is called
        self.died: Any = None

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/r4"

    def add(self, *resources: Resource, at: str = EPOCH) -> None:
        """Put resources on the server, in place of older versions, as changed at a time."""
        for resource in resources:
            self.resources = [each for each in self.resources if _name(each) != _name(resource)]
            self.resources.append(resource | {"meta": {"lastUpdated": at}})

    def __call__(self, environ: Any, start: Any) -> Any:
        request = Request(environ)
        self.asked.append(f"{request.method} {request.full_path.rstrip('?')}")
        return self._answer(request)(environ, start)

    def _answer(self, request: Request) -> Response:
        path = request.path.removeprefix("/r4")
        if path in self.answer_once:
            return self.answer_once.pop(path)
        if path in self.answer_always:
            return self.answer_always[path]
        if path == "/.well-known/smart-configuration":
            return _json({"token_endpoint": f"{self.base_url}/token"}, "application/json")
        if path == "/token":
            return self._token(request)
        if path == "/metadata":
            return _json(self._metadata())
        if request.headers.get("Authorization", "").removeprefix("Bearer ") not in self.tokens:
            return Response(status=401)
        if path.endswith("$export"):
            return self._kick_off(request)
        if path.startswith(("/status/", "/file/")):
            return self._export(request, *path.strip("/").split("/"))
        return self._read_or_search(request, *path.strip("/").split("/"))

    def _token(self, request: Request) -> Response:
        form = {name: values[0] for name, values in parse_qs(request.get_data(as_text=True)).items()}
        try:
            token = jwt.decode(form["client_assertion"], self.key, algorithms=["RS384", "ES384"])
            claims, seconds = token.claims, token.claims["exp"] - clock.now().timestamp()
            assert form["grant_type"] == "client_credentials"
            assert form["client_assertion_type"] == "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
            assert claims["iss"] == claims["sub"] == CLIENT_ID
            assert claims["aud"] == f"{self.base_url}/token"
            assert 0 < seconds <= 300
            assert claims["jti"] not in self.jtis
            assert token.header["kid"] == KEY_ID
            assert form["scope"]
        except (AssertionError, KeyError, ValueError, JoseError):
            return _json({"error": "invalid_client"}, "application/json", 400)
        self.jtis.add(claims["jti"])
        given = f"token-{len(self.jtis)}"
        self.tokens.add(given)
        return _json(
            {"access_token": given, "token_type": "bearer", "expires_in": self.token_seconds}, "application/json"
        )

    def _metadata(self) -> Resource:
        kinds = sorted({each["resourceType"] for each in self.resources})
        rest = [{"mode": "server", "resource": [{"type": kind} for kind in kinds]}]
        return {"resourceType": "CapabilityStatement", "rest": rest}

    def _changed(self, since: str | None) -> list[Resource]:
        return [each for each in self.resources if not since or each["meta"]["lastUpdated"] > since]

    def _kick_off(self, request: Request) -> Response:
        if not self.has_export:
            return Response(status=404)
        if request.headers.get("Prefer") != "respond-async":
            self.faults.append("no Prefer: respond-async")
        number = str(len(self.exports) + 1)
        kinds = request.args["_type"].split(",")
        held = [each for each in self._changed(request.args.get("_since")) if each["resourceType"] in kinds]
        self.exports[number] = {"polls": self.polls, "resources": held}
        return Response(status=202, headers={"Content-Location": f"{self.base_url}/status/{number}"})

    def _export(self, request: Request, what: str, number: str, kind: str = "") -> Response:
        export = self.exports.get(number)
        if export is None:
            return Response(status=404)
        if request.method == "DELETE":
            del self.exports[number]
            return Response(status=202)
        if what == "file":
            lines = [json.dumps(each) for each in export["resources"] if each["resourceType"] == kind]
            return Response("\n".join(lines) + "\n", content_type="application/fhir+ndjson")
        if export["polls"]:
            export["polls"] -= 1
            return Response(status=202, headers={"Retry-After": "7", "X-Progress": "working"})
        kinds = sorted({each["resourceType"] for each in export["resources"]})
        output = [{"type": each, "url": f"{self.base_url}/file/{number}/{each}"} for each in kinds]
        manifest = {
            "transactionTime": self.transaction_time, "request": "x", "requiresAccessToken": True, "output": output,
            "error": [],
        }  # fmt: skip
        return _json(manifest | self.manifest_extra, "application/json")

    def _read_or_search(self, request: Request, kind: str, given: str = "") -> Response:
        if given:
            found = [each for each in self.resources if _name(each) == (kind, given)]
            return _json(found[0]) if found else Response(status=404)
        since = request.args.get("_lastUpdated", "").removeprefix("gt")
        held = [each for each in self._changed(since or None) if each["resourceType"] == kind]
        at = int(request.args.get("at", 0))
        links = []
        if at + self.page < len(held):
            links.append(
                {"relation": "next", "url": f"{self.base_url}/{kind}?at={at + self.page}&_lastUpdated=gt{since}"}
            )
        entries = [{"resource": each} for each in held[at : at + self.page]]
        return _json({"resourceType": "Bundle", "type": "searchset", "link": links, "entry": entries})


def _name(resource: Resource) -> tuple[str, str]:
    return resource["resourceType"], resource["id"]


def _json(body: Any, kind: str = "application/fhir+json", status: int = 200) -> Response:
    return Response(json.dumps(body), status, content_type=kind)


@contextmanager
def serving(fake: FakeFhir) -> Iterator[FakeFhir]:
    """Let the server answer on a port of its own."""
    server = make_server("127.0.0.1", 0, fake, threaded=True)
    fake.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield fake
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
