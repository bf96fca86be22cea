"""Assurance §4 items 49-56: what is no C-CDA document is told why, quickly, and nothing outside is ever touched."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from query_mgr.charts import ccda, hl7v2, tables
from query_mgr.charts.problems import Held, Ignored, Rejection
from tests.charts.ccda_documents import (
    STAY,
    a_document,
    a_drug_entry,
    a_problem,
    a_section,
    an_observation,
    read,
    results,
    text_of,
    unstructured,
)

_EVENTS = {"open", "socket.connect", "socket.getaddrinfo", "urllib.Request", "subprocess.Popen", "os.system"}
_watched: list[str] | None = None


def _watch(event: str, arguments: tuple[Any, ...]) -> None:
    if _watched is not None and event in _EVENTS:
        _watched.append(f"{event} {arguments[:1]}")


sys.addaudithook(_watch)


def touched(content: bytes) -> list[str]:
    """Return what reading a file opened or called, having refused or taken it."""
    global _watched
    _watched = []
    try:
        read(content)
    except (Rejection, Held):
        pass
    finally:
        found, _watched = _watched, None
    return found


def refused(content: bytes) -> str:
    with pytest.raises(Rejection) as caught:
        read(content)
    return str(caught.value)


def with_doctype(subset: str) -> bytes:
    return a_document(prolog=f'<?xml version="1.0"?>\n<!DOCTYPE ClinicalDocument {subset}>')


DOCTYPES = {
    "external entity": with_doctype('[<!ENTITY x SYSTEM "file:///etc/passwd">]'),
    "http entity": with_doctype('[<!ENTITY x SYSTEM "http://169.254.169.254/">]'),
    "parameter entity": with_doctype('[<!ENTITY % p SYSTEM "http://127.0.0.1:9/x.dtd"> %p;]'),
    "external subset": with_doctype('SYSTEM "http://127.0.0.1:9/cda.dtd"'),
    "html": with_doctype('PUBLIC "-//W3C//DTD XHTML 1.0//EN" "http://www.w3.org/TR/xhtml1.dtd"'),
    "billion laughs": with_doctype(
        "[" + "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10 if n else "ha"}">' for n in range(10)) + "]"
    ),
    "quadratic": with_doctype(f'[<!ENTITY a "{"x" * 100_000}">]'),
    "behind a comment": b"<!-- c --><?pi?> <!DOCTYPE a [<!ENTITY x 'y'>]>" + a_document(prolog=""),
}


@pytest.mark.parametrize("content", DOCTYPES.values(), ids=DOCTYPES.keys())
def test_a_doctype_of_any_kind_is_refused_and_nothing_is_opened(content: bytes) -> None:
    started = time.perf_counter()
    assert refused(content).startswith("doctype: line ")
    assert time.perf_counter() - started < 0.2
    assert touched(content) == []


def test_an_include_is_refused_and_never_followed() -> None:
    include = '<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="file:///etc/passwd" parse="text"/>'
    content = a_document(a_section("A", include))
    assert refused(content).startswith("include: line ")
    assert touched(content) == []


def test_a_style_sheet_a_schema_and_links_open_nothing() -> None:
    schema = 'xsi:schemaLocation="urn:hl7-org:v3 http://127.0.0.1:9/CDA.xsd"'
    content = a_document(
        a_section(
            "A", '<linkHtml href="http://127.0.0.1:9/">x</linkHtml><renderMultiMedia referencedObject="a"/>'
        ),
        prolog='<?xml version="1.0"?><?xml-stylesheet type="text/xsl" href="http://127.0.0.1:9/CDA.xsl"?>',
        namespaces='xmlns="urn:hl7-org:v3" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
        f'xmlns:sdtc="urn:hl7-org:sdtc" {schema}',
    )
    assert touched(content) == []
    assert read(content).bundle.documents


def test_the_watch_sees_a_file_that_is_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(f"{__name__}.read", lambda content: open("/dev/null", "rb").close())
    assert touched(b"") == ["open ('/dev/null',)"]


HUGE = {
    "a million attributes": lambda: (
        b"<ClinicalDocument " + b" ".join(b'a%d="1"' % n for n in range(10**6)) + b"/>"
    ),
    "depth 100000": lambda: b"<ClinicalDocument xmlns='urn:hl7-org:v3'>" + b"<a>" * 10**5,
    "depth 100000, closed": lambda: (
        b"<ClinicalDocument>" + b"<a>" * 10**5 + b"</a>" * 10**5 + b"</ClinicalDocument>"
    ),
    "depth 200": lambda: a_document(body="<structuredBody>" + "<a>" * 200 + "</a>" * 200 + "</structuredBody>"),
    "a text of 11 MB": lambda: a_document(a_section("A", "x" * 11_000_000)),
    "26 MB": lambda: b"<ClinicalDocument>" + b"x" * (26 << 20),
    "two million elements": lambda: a_document(body="<structuredBody>" + "<a/>" * 2_000_000 + "</structuredBody>"),
    "an entity that is not defined": lambda: a_document(a_section("A", "&laughs;" * 1000)),
}


@pytest.mark.parametrize("made", HUGE.values(), ids=HUGE.keys())
def test_a_file_out_of_all_bounds_is_refused_at_once(made: Callable[[], bytes]) -> None:
    content = made()
    started = time.process_time()
    refused(content)
    assert time.process_time() - started < 0.5  # 0.2 s on a machine of its own


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (a_document(namespaces='xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'), "namespace: ClinicalDocument: is in no"),
        (a_document(namespaces='xmlns="urn:hl7-org:v2"'), "namespace"),
        (results(an_observation()).replace(b' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"', b""), "prefix that is not declared"),
        (a_document(title="Café").replace("Café".encode(), b"Caf\xe9"), "encoding: byte "),
        (a_document(prolog='<?xml version="1.0" encoding="UTF-16"?>'), "encoding: xml declaration"),
        (a_document(prolog='<?xml version="1.0" encoding="Shift_JIS"?>'), "encoding: xml declaration"),
        (a_document(prolog='<?xml version="1.0" encoding="us-ascii"?>', title="Café"), "encoding: byte "),
        (a_document().decode().encode("utf-16-le"), "encoding: byte 0"),
        (a_document()[:-30], "structure: line "),
        (a_document() + a_document(prolog=""), "one file holds one document"),
        (a_document(a_section("A", "&#0;")), "structure"),
        (b"<html><body>Login</body></html>", "its root must be ClinicalDocument"),
        (b"<", "structure"),
        (a_document(body="<x/>"), "neither a structuredBody nor a nonXMLBody"),
        (a_document(body="<structuredBody/>"), "holds no text"),
    ],
)  # fmt: skip
def test_what_is_no_document_is_told_why(content: bytes, message: str) -> None:
    assert message in refused(content)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "iso-8859-1", "windows-1252"])
def test_a_document_is_read_in_the_encoding_that_it_declares(encoding: str) -> None:
    declared = encoding.removesuffix("-sig")
    content = a_document(a_section("A", "Café"), prolog=f'<?xml version="1.0" encoding="{declared}"?>')
    assert text_of(content.decode().encode(encoding)) == "A\nCafé"


def test_no_word_of_a_broken_file_is_repeated() -> None:
    broken = a_document(a_section("A", "<Rivera>0001234</Other>"))
    assert "Rivera" not in refused(broken)
    assert "0001234" not in refused(broken)


@pytest.mark.parametrize(
    ("snippet", "told"),
    [
        (
            '<section><code code="30954-2"/><title>X</title><value xsi:type="PQ"/></section>',
            "a Results section alone",
        ),
        ('<component><section><code code="8716-3"/></section></component>', "a Vital Signs section alone"),
        (
            '<?xml version="1.0"?><!-- c --><section><code code="46240-8"/></section>',
            "an Encounters section alone",
        ),
        ('<entry><act xsi:type="a"/></entry>', "an entry element alone"),
        ('<section><code code="12345-6"/></section>', "a C-CDA 12345-6 section alone"),
        ("<section/>", "a C-CDA section alone"),
    ],
)
def test_a_part_of_a_document_waits_for_the_whole(snippet: str, told: str) -> None:
    with pytest.raises(Held, match="no patient; send the whole document") as caught:
        read(snippet.encode())
    assert told in str(caught.value)


def test_xml_is_told_from_the_other_formats() -> None:
    for content in (a_document(), b"\xef\xbb\xbf  " + a_document(), a_document().decode().encode("utf-16")):
        assert ccda.looks_like(content)
        assert not hl7v2.looks_like(content)
        assert not tables.looks_like(content)
    assert not ccda.looks_like(b'{"resourceType": "Bundle"}')
    assert not ccda.looks_like(b"")


RICH = a_document(
    a_section("PROBLEMS", '<list><item ID="p">Sepsis</item></list>', a_problem(), code="11450-4"),
    a_section("RESULTS", "<table><tbody><tr><td>K</td></tr></tbody></table>", an_observation(), code="30954-2"),
    a_section("MEDICATIONS", "<paragraph>Drug</paragraph>", a_drug_entry(), code="10160-0"),
    stay=STAY,
)
DECLARED = (Rejection, Held, Ignored)
_FUZZ = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)


@_FUZZ
@given(st.data())
def test_a_document_with_elements_lost_doubled_or_moved_is_read_or_refused(data: st.DataObject) -> None:
    root = etree.fromstring(RICH)
    for _ in range(data.draw(st.integers(1, 6))):
        elements = list(root.iter(etree.Element))[1:]
        if not elements:
            break
        chosen = elements[data.draw(st.integers(0, len(elements) - 1))]
        parent = chosen.getparent()
        assert parent is not None
        what = data.draw(st.sampled_from(["delete", "double", "move", "attribute", "text", "rename"]))
        if what == "delete":
            parent.remove(chosen)
        elif what == "double":
            parent.append(etree.fromstring(etree.tostring(chosen)))
        elif what == "move":
            target = elements[data.draw(st.integers(0, len(elements) - 1))]
            if target is not chosen and chosen not in target.iterancestors():
                target.append(chosen)
        elif what == "attribute" and chosen.attrib:
            name = data.draw(st.sampled_from(sorted(map(str, chosen.attrib))))
            chosen.set(name, data.draw(st.text(st.characters(categories=["L", "N", "P", "Zs"]), max_size=30)))
        elif what == "text":
            chosen.text = data.draw(st.text(st.characters(categories=["L", "N", "P", "Zs", "Cf"]), max_size=50))
        elif what == "rename":
            chosen.tag = elements[data.draw(st.integers(0, len(elements) - 1))].tag
    try:
        bundle = read(etree.tostring(root)).bundle
    except DECLARED:
        return
    document = bundle.documents[0]
    assert all(0 <= one.start < one.end <= len(document.text) for one in document.sections)
    assert len({one.source_key for one in bundle.facts}) == len(bundle.facts)
    assert all(
        len(one.source_key) <= 200 for one in (*bundle.facts, *bundle.documents, *bundle.patients, *bundle.codes)
    )


@_FUZZ
@given(st.integers(0, len(RICH) - 1), st.binary(max_size=12), st.integers(0, 40))
def test_a_document_with_damaged_bytes_is_read_or_refused(at: int, inserted: bytes, cut: int) -> None:
    with suppress(*DECLARED):
        read(RICH[:at] + inserted + RICH[at + cut :])


@_FUZZ
@given(st.binary(max_size=300), st.sampled_from(["text/plain", "application/pdf", "text/rtf", "text/html", ""]))
def test_any_content_of_an_unstructured_document_is_read_or_refused(content: bytes, media: str) -> None:
    with suppress(*DECLARED):
        read(unstructured(content, media))
