"""Files that are not what they should be: a clear word and nothing half done (assurance §4, 1-27).

Item 24 is in test_fhir_breadth, 25 in test_import, 26 (a request header) in test_fhir_post.
"""

from __future__ import annotations

import gzip
import io
import json
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from query_mgr.charts.fhir import Reading, Rejection, read_bundle
from query_mgr.charts.fhir.scan import Scan, Window
from query_mgr.charts.problems import Warnings
from tests.charts.bundles import (
    CREATININE,
    ENCOUNTER,
    NOTE,
    PATIENT,
    PRACTITIONER,
    a_bundle,
    a_chart_with,
    changed,
    encoded,
)

GOOD = encoded(a_bundle())


def read(content: Any) -> Reading:
    content = content if isinstance(content, bytes) else encoded(content)
    return read_bundle(content, ZoneInfo("America/New_York"), datetime(2026, 11, 2, tzinfo=UTC))


def refusal(content: Any) -> str:
    with pytest.raises(Rejection) as caught:
        read(content)
    return str(caught.value)


def held(content: Any) -> list[str]:
    return [f"{part.where}: {part.reason}" for part in read(content).held]


def with_encounter(kind: str = "collection", **values: Any) -> dict[str, Any]:
    return a_bundle(PATIENT, changed(ENCOUNTER, participant=None, **values), kind=kind)


@pytest.mark.parametrize("content", [b"", b"  ", b"{}", b"[]", b"null", b'"x"', b"7", b"NaN", b"-Infinity"])
def test_what_is_no_bundle_is_refused_as_structure(content: bytes) -> None:
    """Item 1."""
    assert refusal(content).startswith("structure: ")


@given(st.integers(min_value=1, max_value=len(GOOD) - 1))
def test_a_truncated_file_is_refused_with_its_byte_offset_wherever_it_ends(length: int) -> None:
    """Item 2."""
    assert f"of {length}" in refusal(GOOD[:length]) or "byte" in refusal(GOOD[:length])


@given(st.integers(min_value=2, max_value=len(gzip.compress(GOOD)) - 1))
def test_a_truncated_gzip_is_refused(length: int) -> None:
    assert refusal(gzip.compress(GOOD, mtime=0)[:length]).startswith("gzip: byte")


@given(st.binary(max_size=200))
def test_random_bytes_are_refused_and_never_crash(content: bytes) -> None:
    refusal(content)


def test_the_byte_offset_counts_bytes_not_characters() -> None:
    assert "byte 12 of" in refusal('{"é":"ü", x}'.encode())


def test_a_byte_order_mark_and_gzip_are_accepted() -> None:
    assert read(b"\xef\xbb\xbf" + GOOD).bundle == read(gzip.compress(GOOD)).bundle == read(GOOD).bundle


@pytest.mark.parametrize(
    "content",
    [
        GOOD.decode().encode("utf-16"),
        GOOD.decode().encode("utf-16-le"),
        GOOD.replace("–".encode(), b"").replace(b"Rivera", "Rivéra".encode("latin-1")),
        GOOD.replace(b"Rivera", rb"Riv\ud800era"),
        GOOD.replace(b"Rivera", b"Riv\xc0\xafera"),
    ],
)
def test_other_encodings_and_lone_surrogates_are_refused(content: bytes) -> None:
    """Item 3."""
    assert refusal(content).startswith("encoding: ")


def test_a_paired_surrogate_escape_is_a_character() -> None:
    assert read(GOOD.replace(b"Rivera", rb"R\ud83d\ude00")).bundle.patients[0].family_name == "R😀"


def test_a_nul_is_left_out_with_a_warning() -> None:
    reading = read(GOOD.replace(b"Rivera", rb"Riv\u0000era"))
    assert reading.bundle.patients[0].family_name == "Rivera"
    assert any(line.startswith("encoding: ") for line in reading.warnings)


def test_a_key_that_comes_twice_is_refused() -> None:
    """Item 4."""
    assert "comes twice" in refusal(GOOD.replace(b'"id": "p1"', b'"id": "p1", "id": "p2"'))


@pytest.mark.parametrize("opening", [b"[", b'{"a":'])
def test_bottomless_nesting_is_refused(opening: bytes) -> None:
    """Item 5."""
    assert refusal(opening * 100_000).startswith("depth: ")


@pytest.mark.parametrize("number", ["9" * 4000, "1e999", "-1e999", "1." + "0" * 5000])
def test_numbers_out_of_bounds_are_refused(number: str) -> None:
    """Item 6."""
    assert refusal(GOOD.replace(b"2.4", number.encode())).startswith("number: ")


def test_minus_zero_is_a_number() -> None:
    assert read(GOOD.replace(b"2.4", b"-0")).bundle.facts[0].value_number == 0


def test_a_gzip_bomb_is_refused_by_its_inflated_size() -> None:
    """Item 8."""
    assert refusal(gzip.compress(b" " * 30_000_000)).startswith("too-large: ")


def test_too_many_entries_are_refused_with_advice() -> None:
    """Item 9, of what is read in memory."""
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": [{}] * 100_001}
    assert "split" in refusal(bundle)


def test_two_entries_of_one_identity_sink_a_transaction_naming_both() -> None:
    """Item 10."""
    twin = changed(PATIENT, gender="male")
    assert refusal(a_bundle(PATIENT, twin, kind="transaction")).startswith("duplicate: entry[0] and entry[1]")


@pytest.mark.parametrize("kind", ["batch", "collection", "searchset"])
def test_two_entries_of_one_identity_both_wait_elsewhere_and_so_does_what_hangs_on_them(kind: str) -> None:
    reading = read(a_bundle(PATIENT, changed(PATIENT, gender="male"), ENCOUNTER, PRACTITIONER, kind=kind))
    assert [part.where.split()[0] for part in reading.held] == ["entry[1]", "entry[0]", "entry[2]"]
    assert "entry[0] and entry[1] are both Patient/p1" in reading.held[0].reason
    assert "its patient" in reading.held[2].reason
    assert [len(rows) for rows in (reading.bundle.patients, reading.bundle.providers)] == [0, 1]


def test_an_entry_that_repeats_another_is_taken_once() -> None:
    reading = read(a_bundle(PATIENT, PATIENT, kind="searchset"))
    assert (len(reading.bundle.patients), reading.held) == (1, ())
    assert any(line.startswith("duplicate: entry[1]") for line in reading.warnings)


def test_two_entries_of_one_full_url_are_refused_naming_both() -> None:
    """Item 10."""
    bundle = a_bundle(PATIENT, changed(PATIENT, id="p2"), kind="transaction")
    for entry in bundle["entry"]:
        entry["fullUrl"] = "urn:uuid:1"
    assert "entry[0] and entry[1]" in refusal(bundle)


def lost() -> dict[str, Any]:
    return changed(CREATININE, id="o2", encounter={"reference": "urn:uuid:gone"})


def test_a_missing_urn_uuid_sinks_a_transaction() -> None:
    """Item 11."""
    assert refusal(a_chart_with(lost(), kind="transaction")).startswith(
        "reference: entry[5] Observation.encounter"
    )


def test_a_missing_urn_uuid_holds_its_entry_of_a_batch() -> None:
    """Item 11."""
    assert held(a_chart_with(lost(), kind="batch")) == [
        "entry[5] Observation.encounter: reference: points to urn:uuid:gone, which the bundle does not hold"
    ]


@pytest.mark.parametrize("kind", ["collection", "searchset"])
def test_a_missing_urn_uuid_is_a_warning_elsewhere(kind: str) -> None:
    reading = read(a_chart_with(lost(), kind=kind))
    assert any("urn:uuid:gone" in line for line in reading.warnings)
    assert reading.bundle.facts[1].encounter_key is None


def test_a_patient_elsewhere_is_left_for_the_store_to_find() -> None:
    """Item 12; what the store does is in test_import."""
    stranger = changed(
        CREATININE, id="o2", subject={"reference": "https://other.example/fhir/Patient/77"}, encounter=None
    )
    assert read(a_bundle(stranger)).bundle.facts[0].patient_key == "Patient/77"


def test_part_of_loops_are_not_followed() -> None:
    """Item 13."""
    assert len(read(with_encounter(partOf={"reference": "Encounter/e1"})).bundle.encounters) == 1


def test_a_chain_of_a_thousand_part_ofs_is_read_in_a_line() -> None:
    """Item 13."""
    stays = [
        changed(ENCOUNTER, id=f"s{n}", participant=None, partOf={"reference": f"Encounter/s{n + 1}"})
        for n in range(1000)
    ]
    assert len(read(a_bundle(PATIENT, *stays)).bundle.encounters) == 1000


@pytest.mark.parametrize("kind", [None, "history", "document", "message", "Transaction", ["batch"], 3])
def test_other_bundle_types_are_refused(kind: Any) -> None:
    """Item 14."""
    assert "Bundle.type" in refusal(a_bundle(PATIENT, kind=kind))


@pytest.mark.parametrize("kind", ["patient", "Sasquatch"])
def test_unknown_types_are_counted_and_ignored(kind: str) -> None:
    """Item 15."""
    reading = read(a_chart_with({"resourceType": kind, "id": "x"}, {"resourceType": kind, "id": "y"}))
    assert f"ignored: {kind}: 2 resource(s) of a type that is not read" in reading.warnings


@pytest.mark.parametrize(
    ("resource", "release"),
    [
        (changed(ENCOUNTER, **{"class": [{"coding": [{"code": "IMP"}]}]}), "R5"),
        (changed(ENCOUNTER, period=None, actualPeriod={"start": "2026-01-01"}), "R5"),
        (changed(CREATININE, context={"reference": "Encounter/e1"}), "STU3"),
        ({"resourceType": "Condition", "id": "c", "clinicalStatus": "active"}, "STU3"),
    ],
)
def test_another_fhir_release_is_named(resource: dict[str, Any], release: str) -> None:
    """Item 16."""
    text = refusal(a_bundle(PATIENT, resource))
    assert text.startswith("version: entry[1]")
    assert release in text


@pytest.mark.parametrize(
    ("period", "path"),
    [
        (None, "period.start"),
        ({"end": "2026-03-05"}, "period.start"),
        ({"start": "2026-03-05T00:00:00Z", "end": "2026-03-04T00:00:00Z"}, "period.end"),
        ({"start": "2199-01-01T00:00:00Z"}, "period.start"),
        ({"start": "0001-01-01T00:00:00Z"}, "period.start"),
        ({"start": "2026-02-30"}, "period.start"),
        ({"start": "2026-13"}, "period.start"),
        ({"start": "2026-03-01T24:00:00Z"}, "period.start"),
        ({"start": "2026-03-01T08:00:00+99:00"}, "period.start"),
        ({"start": 20260301}, "period.start"),
    ],
)
def test_a_wrong_time_is_refused_at_its_field(period: Any, path: str) -> None:
    """Items 17 and 18."""
    assert f"entry[1] Encounter.{path}" in refusal(with_encounter("transaction", period=period))
    assert held(with_encounter(period=period))[0].startswith(f"entry[1] Encounter.{path}: ")


@pytest.mark.parametrize("kind", ["batch", "searchset", "collection"])
def test_a_wrong_stay_costs_itself_and_its_rows_only(kind: str) -> None:
    bad = changed(ENCOUNTER, id="e9", period=None)
    under_it = changed(CREATININE, id="o9", encounter={"reference": "Encounter/e9"})
    reading = read(a_chart_with(bad, under_it, kind=kind))
    assert [each.source_key for each in reading.bundle.encounters] == ["Encounter/e1"]
    assert [each.source_key for each in reading.bundle.facts] == ["Observation/o1"]
    assert [part.where for part in reading.held] == [
        "entry[5] Encounter.period.start", "entry[6] Observation.encounter"
    ]  # fmt: skip
    assert "entry[5]" in reading.held[1].reason
    assert json.loads(reading.held[0].payload) == bad


def test_what_waits_keeps_its_own_bytes() -> None:
    content = encoded(a_bundle(PATIENT, changed(CREATININE, status="sure", encounter=None)))
    content = content.replace(b"2.4,", b"2.40,")
    assert read(content).held[0].payload in content
    assert b"2.40," in read(content).held[0].payload


def test_what_waits_is_kept_up_to_a_limit_and_then_counted() -> None:
    bad = [changed(CREATININE, id=f"x{number}", status="sure") for number in range(1005)]
    lines = held(a_chart_with(*bad))
    assert len(lines) == 1001
    assert "and 5 more" in lines[-1]


@pytest.mark.parametrize(
    ("written", "utc", "code"),
    [
        ("2026", "2026-01-01T05:00:00+00:00", "partial-date"),
        ("2026-03-01", "2026-03-01T05:00:00+00:00", "partial-date"),
        ("2026-03-01T08:00:00", "2026-03-01T13:00:00+00:00", "no-offset"),
        ("2026-03-01T08:00:00-00:00", "2026-03-01T08:00:00+00:00", "no-offset"),
        ("2026-03-01T23:59:60Z", "2026-03-01T23:59:59.999999+00:00", "date"),
    ],
)
def test_a_time_that_leaves_something_open_is_read_and_flagged(written: str, utc: str, code: str) -> None:
    """Items 17 and 18."""
    reading = read(with_encounter(period={"start": written}))
    assert reading.bundle.encounters[0].admitted_at.isoformat() == utc
    assert any(
        line.startswith(f"{code}: entry[1] Encounter.period.start") or code in line for line in reading.warnings
    )


def test_the_hospitals_number_and_the_official_name_are_taken_with_leading_zeros() -> None:
    """Item 19."""
    patient = read(GOOD).bundle.patients[0]
    assert (patient.mrn, patient.family_name, patient.given_names) == ("0001234", "Rivera", "Ana M")
    assert patient.source_key == "http://h.example/mrn|0001234"


def test_a_stay_after_death_is_a_warning() -> None:
    """Item 20."""
    reading = read(
        a_bundle(changed(PATIENT, deceasedDateTime="2020-01-01T00:00:00Z"), changed(ENCOUNTER, participant=None))
    )
    assert any(line.startswith("deceased: ") for line in reading.warnings)


@pytest.mark.parametrize(
    "attachment",
    [
        {"contentType": "text/plain", "data": "%%%"},
        {"contentType": "text/plain", "data": "JVBERi0xLjQ="},
        {"contentType": "text/plain", "data": "/////w=="},
        {"contentType": "application/pdf", "data": "UEsDBAo="},
        {"contentType": "application/zip", "data": "UEsDBAo="},
        {"contentType": "text/plain", "url": "file:///etc/passwd"},
        {"contentType": "text/plain", "url": "http://169.254.169.254/latest/meta-data"},
    ],
)
def test_an_attachment_that_cannot_be_read_costs_its_document_and_is_never_fetched(
    attachment: dict[str, str],
) -> None:
    """Item 21."""
    reading = read(a_chart_with(changed(NOTE, id="n2", content=[{"attachment": attachment}])))
    assert len(reading.bundle.documents) == 1
    assert reading.held[0].where.startswith("entry[5] DocumentReference.content.attachment")
    assert reading.held[0].reason.startswith("attachment: ")


def test_markup_in_a_narrative_never_survives() -> None:
    """Item 22."""
    div = (
        "<div>Before<script>alert(1)</script><iframe src='http://x'>in</iframe><svg onload='x'><text>svg</text></svg>"
        "<a href='javascript:alert(1)'>link</a><p onclick='x'>Na &lt; 130 &amp; falling</p></div>"
    )
    composition = {
        "resourceType": "Composition", "id": "c1", "status": "final", "date": "2026-03-02T09:00:00Z",
        "subject": {"reference": "Patient/p1"}, "title": "H&P", "section": [{"title": "HPI", "text": {"div": div}}],
    }  # fmt: skip
    document = read(a_bundle(PATIENT, composition)).bundle.documents[0]
    assert document.text == "HPI\nBeforelink\nNa < 130 & falling"
    assert document.kind == "history_and_physical"


@pytest.mark.parametrize(
    "extra", [{"modifierExtension": [{"url": "http://x/not"}] * 100_000}, {"implicitRules": "http://x"}]
)
def test_a_meaning_that_an_unknown_modifier_may_turn_round_is_not_read(extra: dict[str, Any]) -> None:
    """Item 23."""
    reading = read(a_chart_with(changed(CREATININE, id="o2", **extra)))
    assert [each.source_key for each in reading.bundle.facts] == ["Observation/o1"]
    assert reading.held[0].where.startswith("entry[5] Observation")
    assert reading.held[0].reason.startswith("modifier: ")


@pytest.mark.parametrize("wrong", ["a" * 65, "../x", "a%00b", "a b", "", 7])
def test_a_malformed_id_is_refused(wrong: Any) -> None:
    """Item 27."""
    bundle = a_bundle(PATIENT, changed(CREATININE, id=wrong, encounter=None), kind="transaction")
    assert "Observation.id" in refusal(bundle)


def test_ten_thousand_like_warnings_make_a_short_report() -> None:
    odd = [changed(CREATININE, id=f"x{number}", code={}) for number in range(300)]
    reading = read(a_chart_with(*odd))
    assert len(reading.warnings) < 10
    assert "code: and 295 more like these" in reading.warnings


def test_a_wrong_value_names_its_field() -> None:
    wrong = changed(CREATININE, id="o2", valueQuantity={"value": "2.4"})
    assert "Observation.valueQuantity.value" in refusal(a_chart_with(wrong, kind="transaction"))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text(max_size=5), lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.sampled_from(["reference", "coding", "code", "value", "start", "text", "div"]), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip


@given(st.sampled_from([PATIENT, ENCOUNTER, CREATININE, NOTE, PRACTITIONER]), st.data())
def test_any_shape_in_any_element_is_read_or_refused_but_never_crashes(
    resource: dict[str, Any], data: Any
) -> None:
    name = data.draw(st.sampled_from([each for each in resource if each != "resourceType"]))
    others = [each for each in (PATIENT, ENCOUNTER) if each is not resource]
    content = json.dumps(a_bundle(*others, resource | {name: data.draw(JSON)})).encode()
    try:
        read(content)
    except Rejection as refused:
        assert str(refused)


@given(st.data())
def test_a_bundle_with_any_bytes_changed_is_read_or_refused_but_never_crashes(data: Any) -> None:
    content = bytearray(GOOD)
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(content) - 1))
        content[at : at + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3))
    try:
        read(bytes(content))
    except Rejection as refused:
        assert str(refused)


@given(st.lists(JSON, max_size=5), st.integers(1, 40))
def test_a_window_of_any_size_reads_the_same_entries(values: list[Any], step: int) -> None:
    content = json.dumps({"a": 1, "entry": values, "z": [2]}, ensure_ascii=False).encode()
    scan = Scan(Window(io.BytesIO(content), len(content), step), Warnings())
    found = list(scan.entries())
    assert [one.value for one in found] == values
    assert [json.loads(content[one.start : one.end]) for one in found] == values
    assert scan.members == {"a": 1, "entry": [], "z": [2]}


@given(st.integers(1, len(GOOD) - 1), st.integers(1, 300))
def test_a_window_of_any_size_refuses_a_cut_file(length: int, step: int) -> None:
    scan = Scan(Window(io.BytesIO(GOOD[:length]), length, step), Warnings())
    with pytest.raises(Rejection, match="byte"):
        list(scan.entries())
