"""CDA elements and data types: paths, identifiers, codes, names."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

from query_mgr.platform.text import one_line

V3 = "{urn:hl7-org:v3}"
SDTC = "{urn:hl7-org:sdtc}"
_XSI_TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"
_LONGEST_CODE = 40  # what is longer is no code of any system
#: object identifiers of code systems -> the short names that `Fact.code_system` uses
CODE_SYSTEMS = {
    "2.16.840.1.113883.6.1": "loinc",
    "2.16.840.1.113883.6.88": "rxnorm",
    "2.16.840.1.113883.6.96": "snomed",
    "2.16.840.1.113883.6.90": "icd10cm",
    "2.16.840.1.113883.6.4": "icd10pcs",
    "2.16.840.1.113883.6.12": "cpt",
    "2.16.840.1.113883.6.14": "hcpcs",
    "2.16.840.1.113883.6.285": "hcpcs",
}


@dataclass(frozen=True)
class Code:
    """A code of a system; `system` is "" for one that is not ours."""

    system: str = ""
    code: str = ""
    name: str = ""


def find(element: etree._Element | None, path: str) -> etree._Element | None:
    """Return the first element at a path of CDA names ("patientRole/id"), or None."""
    return next(find_all(element, path), None)


def find_all(element: etree._Element | None, path: str) -> Iterator[etree._Element]:
    """Yield the elements at a path of CDA names."""
    if element is not None:
        yield from element.iterfind("/".join(V3 + name for name in path.split("/")))


def local(element: etree._Element) -> str:
    """Return the element's name without its namespace; "" for comments and the like."""
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


def words(element: etree._Element | None) -> str:
    """Return all text of an element on one line."""
    return one_line(" ".join(text_of(element).split())) if element is not None else ""


def text_of(element: etree._Element) -> str:
    """Return all text of an element as it stands."""
    return "".join(str(part) for part in element.itertext())


def said(element: etree._Element | None, name: str) -> str:
    """Return an attribute on one line, "" where it or the element is missing."""
    return one_line(element.get(name) or "") if element is not None else ""


def value_type(element: etree._Element) -> str:
    """Return the data type that xsi:type gives: "PQ", "CD", ..."""
    return (element.get(_XSI_TYPE) or "").rpartition(":")[2]


def templates(element: etree._Element) -> set[str]:
    """Return the object identifiers of the element's templates, whatever their version."""
    return {said(one, "root") for one in find_all(element, "templateId")}


def codes_of(element: etree._Element | None) -> list[Code]:
    """Return the code of a CD and those of its translations, in their order."""
    found = []
    for one in [element, *find_all(element, "translation")] if element is not None else []:
        code = said(one, "code")
        if code and len(code) <= _LONGEST_CODE and one is not None and not one.get("nullFlavor"):
            found.append(Code(CODE_SYSTEMS.get(said(one, "codeSystem"), ""), code, said(one, "displayName")))
    return found


def code_of(element: etree._Element | None, preferred: tuple[str, ...]) -> Code:
    """Return the first code of the `preferred` systems, else of any known one, else an empty Code."""
    known = [one for one in codes_of(element) if one.system]
    return next((one for wanted in preferred for one in known if one.system == wanted), (known or [Code()])[0])


def person_name(element: etree._Element | None) -> tuple[str, str, str]:
    """Return (family, given, suffix) of the name in use: legal or none-said before others, never an old one."""
    rank = {"L": 0, "": 1, "C": 1}
    names = [one for one in find_all(element, "name") if one.get("use") not in {"OLD", "BAD"}]
    chosen = min(names, key=lambda one: rank.get(one.get("use") or "", 2), default=None)
    family = " ".join(words(one) for one in find_all(chosen, "family") if one.get("qualifier") != "BR")
    given = " ".join(words(one) for one in find_all(chosen, "given"))
    suffix = ", ".join(filter(None, (words(one).strip(" ,") for one in find_all(chosen, "suffix"))))
    if not family and not given:
        family = words(chosen)
    return family, given, suffix
