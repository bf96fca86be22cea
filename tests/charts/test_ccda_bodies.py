"""Bodies that are no XML: text is read, files are kept as they came, links are never followed."""

from __future__ import annotations

import base64

import pytest

from query_mgr.charts.problems import Held, Rejection
from tests.charts.ccda_documents import a_document, a_section, read, unstructured


def test_a_plain_text_is_read_with_its_sections() -> None:
    document = read(unstructured("ASSESSMENT:\r\nSepsis.\r\n\r\nPLAN:\r\nFluids.")).bundle.documents[0]
    assert document.text == "ASSESSMENT:\nSepsis.\n\nPLAN:\nFluids."
    assert [one.title for one in document.sections] == ["ASSESSMENT", "PLAN"]
    assert document.attachments == ()


def test_a_text_that_is_not_encoded_keeps_its_lines() -> None:
    assert read(unstructured("One.\n\nTwo.", is_encoded=False)).bundle.documents[0].text == "One.\n\nTwo."


def test_html_is_read_as_text_and_kept_as_a_file() -> None:
    page = "<html><head><script>alert(1)</script></head><body><p onclick='x()'>Sepsis</p></body></html>"
    document = read(unstructured(page, "text/html")).bundle.documents[0]
    assert document.text == "Sepsis"
    assert [(one.content_type, one.content) for one in document.attachments] == [("text/html", page.encode())]


def test_rtf_is_read_as_text_and_kept_as_a_file() -> None:
    source = rb"{\rtf1\ansi{\fonttbl{\f0 Calibri;}}\b Assessment:\b0\par Sepsis.}"
    document = read(unstructured(source, "text/rtf")).bundle.documents[0]
    assert document.text == "Assessment:\nSepsis."
    assert document.attachments[0].content == source


@pytest.mark.parametrize(
    ("content", "media", "found"),
    [
        (b"%PDF-1.7 x", "application/pdf", "application/pdf"),
        (b"\x89PNG\r\n\x1a\nx", "image/png", "image/png"),
        (b"\xff\xd8\xffx", "image/jpeg", "image/jpeg"),
        (b"GIF89a<script>", "image/gif", "image/gif"),
        (b"II*\0x", "image/tiff", "image/tiff"),
        (b"%PDF-1.7 x", "text/plain", "application/pdf"),
    ],
)
def test_a_file_is_kept_for_what_it_is_and_has_no_text_to_quote(content: bytes, media: str, found: str) -> None:
    reading = read(unstructured(content, media))
    document = reading.bundle.documents[0]
    assert (document.text, document.sections) == ("", ())
    assert [(one.content_type, one.content) for one in document.attachments] == [(found, content)]
    assert any(line.startswith("attachment:") for line in reading.warnings) == (media != found)


@pytest.mark.parametrize(
    "content", [b"MZ\x90\x00\x03", b"PK\x03\x04\xff\xfe", b"\x00\x01\x02", b"\xff\xfe\x00", b""]
)
def test_what_is_no_document_is_not_kept(content: bytes) -> None:
    with pytest.raises(Rejection, match="attachment"):
        read(unstructured(content, "application/pdf"))


def test_broken_base64_is_refused() -> None:
    with pytest.raises(Rejection, match="base64"):
        read(
            a_document(
                body='<nonXMLBody><text mediaType="text/plain" representation="B64">a$b</text></nonXMLBody>'
            )
        )


@pytest.mark.parametrize("target", ["file:///etc/passwd", "http://169.254.169.254/", "UD_sample.pdf"])
def test_a_link_is_held_and_never_followed(target: str) -> None:
    body = f'<nonXMLBody><text mediaType="application/pdf"><reference value="{target}"/></text></nonXMLBody>'
    with pytest.raises(Held, match="links are not followed") as caught:
        read(a_document(body=body))
    assert target not in str(caught.value)


def test_a_compressed_body_waits() -> None:
    body = (
        '<nonXMLBody><text mediaType="text/plain" representation="B64" compression="DF">eA==</text></nonXMLBody>'
    )
    with pytest.raises(Held, match="compressed"):
        read(a_document(body=body))


def a_picture(value: str) -> str:
    return (
        f'<observationMedia classCode="OBS" moodCode="EVN" ID="pic1"><value mediaType="image/png" {value}</value>'
        "</observationMedia>"
    )


def test_a_picture_inside_the_document_is_kept_with_it() -> None:
    content = b"\x89PNG\r\n\x1a\nx"
    entry = a_picture(f'representation="B64">{base64.b64encode(content).decode()}')
    text = '<paragraph>Film.</paragraph><renderMultiMedia referencedObject="pic1"/>'
    document = read(a_document(a_section("FINDINGS", text, entry))).bundle.documents[0]
    assert [(one.content_type, one.content) for one in document.attachments] == [("image/png", content)]


def test_a_picture_elsewhere_is_named_and_not_fetched() -> None:
    reading = read(a_document(a_section("FINDINGS", "Film.", a_picture('><reference value="http://h/x.png"/>'))))
    assert reading.bundle.documents[0].attachments == ()
    assert any("links are not followed" in line for line in reading.warnings)
