"""What is posted and should not have been: assurance §4, items 1-8, 9-12, 14-16, 21-23 and 27, over HTTP."""

from __future__ import annotations

import gzip
import io
import resource
import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import requests
from flask import Flask
from waitress import create_server

from config.settings import Settings
from query_mgr.platform.db import db
from tests.charts.bundles import CREATININE, ENCOUNTER, NOTE, PATIENT, a_bundle, a_chart_with, changed, encoded
from tests.charts.fhir_posts import Sender, accepted, refused, rows, statuses

GOOD = encoded(a_bundle(kind="transaction"))
NOTHING = [0, 0, 0, 0, 0]


@pytest.fixture
def sender(app: Flask) -> Sender:
    return Sender(app)


@pytest.fixture
def small_limit(app: Flask) -> int:
    """A limit of 1 MB, so that what is beyond it is quickly made."""
    settings = app.config["SETTINGS"]
    assert isinstance(settings, Settings)
    app.config["SETTINGS"] = replace(settings, fhir_post_max_mb=1)
    return 1 << 20


def test_item_1_what_is_no_bundle_is_a_structure_fault(sender: Sender) -> None:
    for content in [b"", b"  ", b"{}", b"[]", b"null", b'"x"', b"7", b"NaN", b"-Infinity"]:
        refused(sender.post(content), 400, "structure", "structure")


def test_item_2_a_body_cut_anywhere_is_refused_at_its_byte_and_leaves_nothing(sender: Sender) -> None:
    for length in range(1, len(GOOD), 333):
        assert "byte" in refused(sender.post(GOOD[:length]), 400, "structure")
    assert rows() == NOTHING


def test_item_3_another_encoding_is_named(sender: Sender) -> None:
    for content in [
        GOOD.decode().encode("utf-16"),
        GOOD.replace("–".encode(), b"").replace(b"Rivera", "Rivéra".encode("latin-1")),
        GOOD.replace(b"Rivera", rb"Riv\ud800era"),
        GOOD.replace(b"Rivera", b"Riv\xc0\xafera"),
        gzip.compress(GOOD),
    ]:
        refused(sender.post(content), 400, "structure", "encoding")


def test_item_3_a_byte_order_mark_is_accepted(sender: Sender) -> None:
    assert statuses(sender.post(b"\xef\xbb\xbf" + GOOD)) == ["201"] * 5


def test_item_4_a_key_that_comes_twice_is_refused(sender: Sender) -> None:
    assert "twice" in refused(
        sender.post(GOOD.replace(b'"id": "p1"', b'"id": "p1", "id": "p2"')), 400, "structure"
    )


def test_item_5_nesting_of_any_depth_is_answered(sender: Sender) -> None:
    for depth in [450, 100_000]:
        for kind in ["transaction", "batch"]:
            deep = b'{"a":' * depth + b"1" + b"}" * depth
            body = encoded(a_bundle_failing(kind)).replace(b'"deep"', deep)
            response = sender.post(body)
            if response.status_code != 200:
                refused(response, 400)


def a_bundle_failing(kind: str) -> dict[str, Any]:
    bundle = a_chart_with({"resourceType": "Basic", "id": "b", "x": "deep"}, kind=kind)
    if kind == "batch":  # so that it is written anew without the entry that fails
        bundle["entry"].append({"request": {"method": "DELETE", "url": "Patient/p1"}})
    return bundle


def test_item_6_numbers_out_of_bounds_are_refused(sender: Sender) -> None:
    for number in ["9" * 4000, "1e999", "-1e999", "1." + "0" * 5000]:
        refused(sender.post(GOOD.replace(b"2.4", number.encode())), 400, "value", "number")


def test_item_6_minus_zero_is_a_number(sender: Sender) -> None:
    assert statuses(sender.post(GOOD.replace(b"2.4", b"-0"))) == ["201"] * 5


def streamed(sender: Sender, body: Any, **environ: Any) -> Any:
    return sender.post(b"", environ_overrides={"wsgi.input": body, "CONTENT_LENGTH": ""} | environ)


def test_item_7_a_length_beyond_the_limit_is_refused_before_a_byte_is_read(
    sender: Sender, small_limit: int
) -> None:
    class Unread(io.RawIOBase):
        def readinto(self, buffer: Any) -> int:
            raise AssertionError("was read")

    response = streamed(sender, Unread(), CONTENT_LENGTH=str(1 << 30))
    text = refused(response, 413, "too-long", "too-large")
    assert "1 MB" in text
    assert "split" in text


class Endless(io.RawIOBase):
    """A body without end."""

    taken = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self.taken += len(buffer)
        buffer[:] = b" " * len(buffer)
        return len(buffer)


def test_item_7_a_body_without_end_is_read_to_the_limit_and_no_further(sender: Sender, small_limit: int) -> None:
    body = Endless()
    response = streamed(sender, body, **{"wsgi.input_terminated": True})
    refused(response, 413, "too-long")
    assert body.taken <= small_limit + 2 * 64 * 1024


def test_item_7_a_body_shorter_than_its_length_is_refused(sender: Sender) -> None:
    for packed in [False, True]:
        body = gzip.compress(GOOD) if packed else GOOD
        packing = {"HTTP_CONTENT_ENCODING": "gzip"} if packed else {}
        response = streamed(sender, io.BytesIO(body[:500]), CONTENT_LENGTH=str(len(body)), **packing)
        assert "shorter than Content-Length" in refused(response, 400, "structure")
        assert rows() == NOTHING


def test_item_7_a_body_longer_than_its_length_is_cut_and_refused(sender: Sender) -> None:
    refused(streamed(sender, io.BytesIO(GOOD), CONTENT_LENGTH=str(len(GOOD) - 100)), 400, "structure")
    assert rows() == NOTHING


def gzipped(sender: Sender, body: bytes) -> Any:
    headers = {"Authorization": f"Bearer {sender.key}", "Content-Encoding": "gzip"}
    return sender.post(body, headers=headers)


def test_item_8_a_gzip_bomb_is_refused_at_the_limit_in_bounded_memory(sender: Sender, small_limit: int) -> None:
    bomb = gzip.compress(b" " * (64 << 20))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    text = refused(gzipped(sender, bomb), 413, "too-long", "too-large")
    assert "inflates" in text
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 16 * 1024  # kB


def test_a_gzip_body_is_taken_also_in_several_members(sender: Sender) -> None:
    assert statuses(gzipped(sender, gzip.compress(GOOD[:700]) + gzip.compress(GOOD[700:]))) == ["201"] * 5


def test_what_is_no_whole_gzip_is_refused(sender: Sender) -> None:
    for body in [b"no gzip", gzip.compress(GOOD)[:300], b""]:
        refused(gzipped(sender, body), 400, "structure", "gzip")


def test_another_packing_is_refused(sender: Sender) -> None:
    for encoding in ["br", "deflate", "gzip, gzip"]:
        headers = {"Authorization": f"Bearer {sender.key}", "Content-Encoding": encoding}
        response = sender.post(GOOD, headers=headers)
        refused(response, 415, "not-supported", "media-type")
        assert response.headers["Accept-Encoding"] == "gzip"


def test_another_media_type_is_refused(sender: Sender) -> None:
    for kind in [
        "",
        "text/plain",
        "application/fhir+xml",
        "application/fhir+json; charset=latin-1",
        "multipart/form-data",
    ]:
        response = sender.post(GOOD, content_type=kind)
        refused(response, 415, "not-supported", "media-type")
        assert "application/fhir+json" in response.headers["Accept-Post"]


def test_item_9_too_many_entries_are_refused_with_limit_and_advice(sender: Sender) -> None:
    body = b'{"resourceType":"Bundle","type":"batch","entry":[' + b"{}," * 100_000 + b"{}]}"
    text = refused(sender.post(body), 413, "too-long", "too-large")
    assert "100000" in text
    assert "split" in text


def test_item_10_one_identity_twice_in_a_transaction_names_both_entries(sender: Sender) -> None:
    twin = changed(PATIENT, gender="male")
    response = sender.post(a_bundle(PATIENT, twin, kind="transaction"))
    assert "entry[0] and entry[1]" in refused(response, 400, "duplicate", "duplicate")
    assert response.json["issue"][0]["expression"] == ["Bundle.entry[0]", "Bundle.entry[1]"]
    other = changed(PATIENT, id="p2")
    same_url = {"resourceType": "Bundle", "type": "transaction", "entry": [
        {"fullUrl": "urn:uuid:1", "resource": PATIENT}, {"fullUrl": "urn:uuid:1", "resource": other},
    ]}  # fmt: skip
    refused(sender.post(same_url), 400, "duplicate")
    assert statuses(sender.post(a_bundle(PATIENT, twin, kind="batch"))) == ["201", "422"]


def test_item_11_a_missing_urn_uuid_sinks_a_transaction_and_fails_alone_in_a_batch(sender: Sender) -> None:
    lost = changed(CREATININE, id="o2", encounter={"reference": "urn:uuid:gone"})
    response = sender.post(a_chart_with(lost, kind="transaction"))
    refused(response, 400, "not-found", "reference")
    assert response.json["issue"][0]["expression"] == ["Bundle.entry[5].resource.encounter"]
    assert rows() == NOTHING
    assert statuses(sender.post(a_chart_with(lost, kind="batch"))) == ["201"] * 5 + ["422"]


def test_item_13_a_stay_within_itself_and_a_long_chain_are_bounded(sender: Sender) -> None:
    stays = [
        changed(
            ENCOUNTER, id=f"s{number}", participant=None, partOf={"reference": f"Encounter/s{(number + 1) % 300}"}
        )
        for number in range(300)
    ]
    assert set(statuses(sender.post(a_bundle(PATIENT, *stays, kind="transaction")))) == {"201"}


def test_item_14_another_bundle_type_is_refused_at_its_element(sender: Sender) -> None:
    for kind in [None, "history", "document", "searchset", "collection", "Batch", ["batch"], 3]:
        response = sender.post(a_bundle(kind=kind))
        refused(response, 400, "structure", "structure")
        assert response.json["issue"][0]["expression"] == ["Bundle.type"]
        assert rows() == NOTHING


def test_item_15_a_type_that_is_not_read_is_passed_over_and_counted(sender: Sender) -> None:
    for name in ["patient", "Sasquatch"]:
        answers = accepted(sender.post(a_chart_with({"resourceType": name, "id": "x"}, kind="transaction")))
        assert any(f"{name}: 1 resource" in issue["diagnostics"] for issue in answers[0]["outcome"]["issue"])


def test_item_16_another_fhir_release_is_named(sender: Sender) -> None:
    r5 = changed(ENCOUNTER, id="e5", **{"class": [{"coding": [{"code": "IMP"}]}]})
    text = refused(sender.post(a_chart_with(r5, kind="transaction")), 400, "not-supported", "version")
    assert "R5" in text
    assert statuses(sender.post(a_chart_with(r5, kind="batch"))) == ["201"] * 5 + ["422"]


ATTACHMENTS = (
    {"contentType": "text/plain", "data": "%%%"},
    {"contentType": "text/plain", "data": "JVBERi0xLjQ="},
    {"contentType": "text/plain", "url": "file:///etc/passwd"},
    {"contentType": "text/plain", "url": "http://169.254.169.254/latest/meta-data"},
)


def test_item_21_an_attachment_that_cannot_be_read_is_an_error_and_never_fetched(
    sender: Sender, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_network(*args: Any, **more: Any) -> None:
        raise AssertionError("a connection was opened")

    if db.engine.dialect.name == "sqlite":  # the other database is itself behind a socket
        monkeypatch.setattr(socket.socket, "connect", no_network)
    bad = [
        changed(NOTE, id=f"bad{number}", content=[{"attachment": each}]) for number, each in enumerate(ATTACHMENTS)
    ]
    for each in bad:
        refused(sender.post(a_chart_with(each, kind="transaction")), 400, "value", "attachment")
        assert rows() == NOTHING
    assert statuses(sender.post(a_chart_with(*bad, kind="batch"))) == ["201"] * 5 + ["422"] * len(bad)


def test_item_22_markup_never_comes_back(sender: Sender) -> None:
    composition = {
        "resourceType": "Composition", "id": "c1", "status": "final", "date": "2026-03-02T09:00:00Z",
        "subject": {"reference": "Patient/p1"}, "title": "H&P",
        "section": [{"title": "HPI", "text": {"div": "<div>Weak<script>alert(1)</script></div>"}}],
    }  # fmt: skip
    response = sender.post(a_chart_with(composition, kind="transaction"))
    assert statuses(response) == ["201"] * 6
    assert "script" not in response.text
    assert response.headers["X-Content-Type-Options"] == "nosniff"


def test_item_23_a_modifier_that_is_not_known_is_an_error(sender: Sender) -> None:
    bomb = changed(CREATININE, id="o2", modifierExtension=[{"url": "http://x/not"}] * 10_000)
    refused(sender.post(a_chart_with(bomb, kind="transaction")), 400, "extension", "modifier")
    assert statuses(sender.post(a_chart_with(bomb, kind="batch"))) == ["201"] * 5 + ["422"]


def test_item_27_a_malformed_id_is_refused_in_the_resource_and_in_the_url(sender: Sender) -> None:
    for wrong in ["a" * 65, "../x", "a%00b", "a b", "", "a/b", 7, None]:
        bundle = a_bundle(PATIENT, changed(CREATININE, encounter=None), kind="transaction")
        bundle["entry"][1]["request"] = {"method": "PUT", "url": f"Observation/{wrong}"}
        refused(sender.post(bundle), 400, "value", "id")
        if wrong is not None:
            bad = changed(CREATININE, id=wrong, encounter=None)
            for kind in ("Observation", "Organization"):
                refused(
                    sender.post(a_bundle(PATIENT, bad | {"resourceType": kind}, kind="transaction")), 400, "value"
                )
        assert rows() == NOTHING


def test_another_method_in_an_entry_is_not_supported(sender: Sender) -> None:
    others = [
        {"request": {"method": method, "url": "Patient/p1"}} for method in ("GET", "HEAD", "DELETE", "PATCH")
    ]
    for entry in others:
        bundle = a_bundle(kind="transaction")
        bundle["entry"].append(entry)
        assert entry["request"]["method"] in refused(sender.post(bundle), 400, "not-supported", "not-supported")
        assert rows() == NOTHING
    bundle = a_bundle(kind="batch")
    bundle["entry"] += others
    assert statuses(sender.post(bundle)) == ["201"] * 5 + ["405"] * 4


def test_a_request_that_asks_for_more_than_is_done_is_refused(sender: Sender) -> None:
    for request_, code in [
        ({"method": "put"}, "value"),
        ({"method": ["PUT"], "url": 7}, "id"),
        ({"method": "POST", "url": "Patient"}, "id"),
        ({"method": "POST", "url": "Observation/o1"}, "id"),
        ({"method": "PUT", "url": "Observation?identifier=x"}, "not-supported"),
        ({"method": "POST", "url": "Observation", "ifNoneExist": "identifier=x"}, "not-supported"),
        ({"method": "PUT", "url": "Observation/o1", "ifNoneMatch": "*"}, "not-supported"),
        ({"method": "PUT", "url": "Observation/o1", "ifMatch": "1"}, "value"),
    ]:
        bundle = a_bundle(kind="transaction")
        bundle["entry"][3]["request"] = request_
        refused(sender.post(bundle), 400, detail=code)
        assert rows() == NOTHING


def test_an_entry_of_any_shape_is_answered(sender: Sender) -> None:
    odd: list[Any] = [None, 7, [], {}, {"resource": 7}, {"resource": {"id": "x"}}, {"resource": []}]
    for entry in odd:
        bundle = a_bundle(kind="transaction")
        bundle["entry"].append(entry)
        refused(sender.post(bundle), 400, "structure")
    bundle = a_bundle(kind="batch")
    bundle["entry"] += odd
    assert statuses(sender.post(bundle)) == ["201"] * 5 + ["422"] * len(odd)
    for entries in (None, 7, {}, "x"):
        refused(sender.post({"resourceType": "Bundle", "type": "batch", "entry": entries}), 400, "structure")


@pytest.fixture
def port(app: Flask) -> Iterator[int]:
    """The web server of `flask serve`, in a thread."""
    server = create_server(app, host="127.0.0.1", port=0, threads=2)

    def run() -> None:
        with suppress(OSError):  # its sockets are closed under it in the end
            server.run()

    thread = threading.Thread(target=run)
    thread.start()
    yield server.effective_port
    server.close()
    thread.join(10)


def posted(port: int, sender: Sender, pieces: list[bytes]) -> tuple[int, Any]:
    """Post a body in chunks over the wire; return status and answer."""
    response = requests.post(
        f"http://127.0.0.1:{port}/fhir",
        data=iter(pieces),
        headers={"Authorization": f"Bearer {sender.key}", "Content-Type": "application/fhir+json"},
        timeout=20,
    )
    assert response.headers["Content-Type"].startswith("application/fhir+json")
    return response.status_code, response.json()


def test_over_the_wire_chunks_are_taken_and_too_many_are_refused_in_fhir(
    sender: Sender, port: int, small_limit: int
) -> None:
    pieces = [GOOD[at : at + 500] for at in range(0, len(GOOD), 500)]
    status, answer = posted(port, sender, pieces)
    assert (status, answer["type"]) == (200, "transaction-response")
    status, answer = posted(port, sender, [b" " * 65536] * 33)
    assert (status, answer["issue"][0]["code"]) == (413, "too-long")


def test_a_whole_synthea_chart_is_answered_in_valid_fhir_and_the_second_time_the_same(
    sender: Sender, shared: Path
) -> None:
    path = min(shared.glob("data/fhir-synthea/*_*.json.gz"), key=lambda each: each.stat().st_size)
    first = gzipped(sender, path.read_bytes())
    assert {"200", "201"} == set(statuses(first))
    second = gzipped(sender, path.read_bytes())
    assert second.json == first.json
    assert second.headers["Query-Mgr-Import"] == "unchanged"
