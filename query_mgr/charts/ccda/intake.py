"""From bytes to one ClinicalDocument, with every entity, network and style sheet feature off."""

from __future__ import annotations

import codecs
import re

from lxml import etree

from query_mgr.charts.ccda.snippets import held_snippet
from query_mgr.charts.problems import Rejection

#: libxml2 refuses a single text above 10 MB anyway; a C-CDA of this size is an archive, not a document
MAX_BYTES = 25 * 1024 * 1024
MAX_ELEMENTS = 500_000
MAX_ATTRIBUTES = 800_000
MAX_DEPTH = 100  # C-CDA documents nest about 25 deep
V3_NAMESPACE = "urn:hl7-org:v3"
_XINCLUDE = "{http://www.w3.org/2001/XInclude}"
_DECLARATION = re.compile(r"""<\?xml\s[^?]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["'][^?]{0,200}\?>""")
_ENCODINGS = {
    "utf-8": "utf-8", "us-ascii": "ascii", "ascii": "ascii", "iso-8859-1": "iso-8859-1", "latin-1": "iso-8859-1",
    "windows-1252": "cp1252", "cp1252": "cp1252",
}  # fmt: skip
_OUT_OF_BOUNDS = 114
_KIND_OF_ERROR = {201: "namespace", _OUT_OF_BOUNDS: "too-large"}
#: libxml2 error codes -> what the sender must do
_REASONS = {
    4: "the file is empty",
    5: "text follows the end of the document; one file holds one document",
    9: "holds a control character that XML does not allow",
    26: "uses an entity that is not defined; only &amp; &lt; &gt; &quot; &apos; and numeric ones are known",
    42: "an element has the same attribute twice",
    76: "an end tag does not match its start tag",
    77: "the document ends too early; send it again",
    114: "is nested too deeply, or a single text or tag is too long, to be a C-CDA document",
    201: "uses a namespace prefix that is not declared (xmlns:...)",
}


def looks_like(content: bytes) -> bool:
    """Return whether a file is XML, which among charts means C-CDA."""
    head = content[:200].replace(b"\0", b"")
    for mark in (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        head = head.removeprefix(mark)
    return head.lstrip()[:1] == b"<"


def document_root(content: bytes) -> etree._Element:
    """Return the ClinicalDocument of a file.

    Raises Rejection for what is no well-formed C-CDA document within bounds, Held for a part of one.
    """
    if len(content) > MAX_BYTES:
        raise Rejection("too-large", "", f"is larger than {MAX_BYTES >> 20} MB; send documents one by one")
    text = _decoded(content)
    _refuse_doctype(text)
    _check_size(text)
    try:
        root = etree.fromstring(text.encode(), _parser())
    except etree.XMLSyntaxError as error:
        raise _refused(error, text) from None
    name, namespace = etree.QName(root).localname, etree.QName(root).namespace or ""
    if name != "ClinicalDocument":
        raise held_snippet(root) or Rejection(
            "structure", "", "is XML but no C-CDA document: its root must be ClinicalDocument"
        )
    if namespace != V3_NAMESPACE:
        said = "no namespace" if not namespace else "another namespace"
        raise Rejection("namespace", "ClinicalDocument", f'is in {said}; C-CDA says xmlns="{V3_NAMESPACE}"')
    _check_tree(root)
    return root


def _parser(*, recover: bool = False) -> etree.XMLParser:
    return etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
        recover=recover,
        encoding="utf-8",
    )


def _decoded(content: bytes) -> str:
    """Return the text without its XML declaration, decoded as it declares and by nothing else."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _strictly(content, "utf-16")
    if b"\0" in content[:4]:
        raise Rejection("encoding", "byte 0", "is UTF-16 or UTF-32 without a byte order mark; send it as UTF-8")
    content = content.removeprefix(codecs.BOM_UTF8)
    declared = _DECLARATION.search(content[:400].decode("latin-1"))
    name = declared[1].lower() if declared else "utf-8"
    if name not in _ENCODINGS:
        raise Rejection(
            "encoding", "xml declaration", f"says {name[:40]}, which is not what the bytes are; send UTF-8"
        )
    return _strictly(content, _ENCODINGS[name])


def _strictly(content: bytes, name: str) -> str:
    try:
        text = content.decode(name)
    except UnicodeDecodeError as error:
        raise Rejection(
            "encoding", f"byte {error.start}", f"is not {name}, which the document declares; send it as UTF-8"
        ) from None
    return re.sub(r"^\s*<\?xml\b[^?]{0,400}\?>", "", text, count=1)


def _refuse_doctype(text: str) -> None:
    """Raise Rejection where anything before the root element is a DOCTYPE."""
    at = 0
    while (at := text.find("<", at)) >= 0:
        if text.startswith("<!--", at):
            at = text.find("-->", at)
        elif text.startswith("<?", at):
            at = text.find("?>", at)
        elif text.startswith("<!", at):
            line = text.count("\n", 0, at) + 1
            raise Rejection("doctype", f"line {line}", "a C-CDA document has no DOCTYPE; remove it")
        else:
            return
        if at < 0:
            return


def _check_size(text: str) -> None:
    if text.count("<") > 2 * MAX_ELEMENTS or text.count("=") > MAX_ATTRIBUTES:
        raise Rejection("too-large", "", f"has more than {MAX_ELEMENTS} elements or {MAX_ATTRIBUTES} attributes")


def _check_tree(root: etree._Element) -> None:
    depth = 0
    for event, element in etree.iterwalk(root, events=("start", "end")):
        depth += 1 if event == "start" else -1
        if depth > MAX_DEPTH:
            raise Rejection("depth", f"line {element.sourceline}", f"is nested more than {MAX_DEPTH} deep")
        if event == "start" and str(element.tag).startswith(_XINCLUDE):
            raise Rejection(
                "include", f"line {element.sourceline}", "XInclude is not followed; send the whole document"
            )


def _refused(error: etree.XMLSyntaxError, text: str) -> Exception:
    """Return why a file that is not well-formed cannot be read; never with words of its content.

    A part of a document, which mostly lacks the declarations of the whole, is recognised as what it is.
    """
    code = int(getattr(error, "code", 0) or 0)
    # What is recovered only tells what the file is; nothing of it is kept.
    is_recoverable = code != _OUT_OF_BOUNDS and "<!DOCTYPE" not in text and "<!ENTITY" not in text
    root = _recovered(text) if is_recoverable else None
    snippet = held_snippet(root) if root is not None else None
    if snippet is not None:
        return snippet
    return Rejection(
        _KIND_OF_ERROR.get(code, "structure"),
        f"line {error.lineno or 1}",
        _REASONS.get(code, "is not well-formed XML; correct it where it is made and send it again"),
    )


def _recovered(text: str) -> etree._Element | None:
    try:
        root: etree._Element | None = etree.fromstring(text.encode(), _parser(recover=True))
    except etree.XMLSyntaxError:
        return None
    return root
