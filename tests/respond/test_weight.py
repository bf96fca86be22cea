"""A provider's page is light, needs no script, and leaves nothing of a patient on the phone."""

from __future__ import annotations

import base64
import gzip
import hashlib
import re
from dataclasses import replace

import pytest
from flask.testing import FlaskClient

from query_mgr.queries import actions, sending
from tests.conftest import Clock
from tests.queries.builders import PIN, a_coder, a_provider, an_encounter, an_indicator, content
from tests.respond.test_answer import deliver, with_pin

pytestmark = pytest.mark.sqlite_only

LIMIT = 14 * 1024  # bytes over the wire, compressed: what a server sends before it waits for the first answer
REQUESTS = 3
_LOADED = re.compile(r'<(?:link|script|img|iframe|source)\b[^>]*?\b(?:href|src)="([^"]+)"')


def weigh(client: FlaskClient, html: str) -> tuple[int, int]:
    """Return how many bytes a page and all that it loads have compressed, and how many requests that takes."""
    loaded = sorted(set(_LOADED.findall(html)))
    assert all(one.startswith("/") for one in loaded), loaded
    bodies = [html.encode(), *(client.get(one).data for one in loaded)]
    return sum(len(gzip.compress(one)) for one in bodies), len(bodies)


def a_long_query() -> None:
    """A query with as much evidence as one has in life: fifteen indicators, each its own words."""
    words = [hashlib.sha256(str(number).encode()).hexdigest() for number in range(15)]
    picked = tuple(replace(an_indicator(), text=f"BNP 1,840 pg/mL; EF 30 %; {one} " * 3) for one in words)
    coder = a_coder()
    draft = actions.save_draft(coder, an_encounter(), a_provider(), content(indicators=picked))
    sending.send(coder, draft, "reviewed")


def test_every_page_from_mail_to_receipt_fits_into_the_first_flight_and_runs_no_script(
    client: FlaskClient, time: Clock
) -> None:
    a_long_query()
    path = deliver()
    form = {"option": "acute", "op_id": "op-1", "pin": PIN}
    change = {"kind": "addendum", "text": "EF 25 %", "reason": "later", "op_id": "op-2"}
    pages = {"landing": client.get(path).text}
    client.post(path)
    pages["step-up"] = client.get("/answer/pin").text
    with_pin(client, path)
    pages["question"] = client.get("/answer").text
    pages["inbox"] = client.get("/answer/inbox").text
    pages["review"] = client.post("/answer", data=form).text
    pages["receipt"] = client.post("/answer/sign", data=form).text
    pages["amend"] = client.get("/answer/amend").text
    pages["amended"] = client.post("/answer/amend/sign", data=change | {"pin": PIN}).text
    for name, html in pages.items():
        weight, requests = weigh(client, html)
        assert weight <= LIMIT, (name, weight)
        assert requests <= REQUESTS, (name, requests)
        assert "<script" not in html, name
        assert not re.search(r'\son\w+="', html), name


def test_the_home_screen_app_opens_the_inbox_and_its_worker_keeps_one_page_of_nobody(
    client: FlaskClient, time: Clock
) -> None:
    a_long_query()
    with_pin(client, deliver())
    page = client.get("/answer/app")
    assert 'rel="manifest"' in page.text
    described = client.get("/answer/app.webmanifest").get_json()
    assert (described["start_url"], described["scope"], described["display"]) == (
        "/answer/inbox",
        "/answer",
        "standalone",
    )
    assert {client.get(one["src"]).status_code for one in described["icons"]} == {200}
    worker = client.get("/answer/worker.js")
    assert (worker.mimetype, worker.headers["Service-Worker-Allowed"]) == ("text/javascript", "/answer")
    kept = set(re.findall(r'"(/[^"]*)"', worker.text))
    assert kept == {"/answer/offline"}
    assert re.findall(r"cache\.(\w+)\(", worker.text) == ["add"]
    offline = client.get("/answer/offline")
    assert "No connection" in offline.text
    assert offline.text == client.application.test_client().get("/answer/offline").text
    style = re.search(r"<style>(.*?)</style>", offline.text, re.DOTALL)
    assert style
    named = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert f"style-src 'sha256-{named}'" in offline.headers["Content-Security-Policy"]
    for one in (page, offline, worker):
        assert "Testperson" not in one.text
