"""Parts of C-CDA documents: sections and entries without a patient, recognised as what they are."""

from __future__ import annotations

from lxml import etree

from query_mgr.charts.problems import Held
from query_mgr.platform.text import one_line

_STATEMENTS = {
    "entry", "organizer", "observation", "act", "procedure", "encounter", "substanceAdministration", "supply",
    "entryRelationship", "structuredBody", "nonXMLBody", "recordTarget", "author", "componentOf",
}  # fmt: skip
_CONTAINERS = {"component", "section"}
#: LOINC code -> section name; what is not listed is called by the document's own name for it
SECTION_NAMES = {
    "30954-2": "Results", "8716-3": "Vital Signs", "11450-4": "Problems", "10160-0": "Medications",
    "48765-2": "Allergies", "47519-4": "Procedures", "46240-8": "Encounters", "29762-2": "Social History",
    "18776-5": "Plan of Treatment", "8648-8": "Hospital Course", "11488-4": "Consultation Note",
    "34746-8": "Nursing Note", "11369-6": "Immunizations", "10157-6": "Family History",
}  # fmt: skip


def held_snippet(root: etree._Element) -> Held | None:
    """Return why a part of a document waits, or None where it is no such part."""
    name = etree.QName(root).localname
    if name in _CONTAINERS:
        section = root if name == "section" else next((one for one in root if _name(one) == "section"), None)
        if section is None:
            return None
        what = f"{_section_name(section)} section"
    elif name in _STATEMENTS:
        what = f"{name} element"
    else:
        return None
    article = "an" if what[0].lower() in "aeiou" else "a"
    return Held("snippet", name, f"{article} {what} alone: no patient; send the whole document")


def _section_name(section: etree._Element) -> str:
    code = next((one.get("code") or "" for one in section if _name(one) == "code"), "")
    # Only names of our own: a heading of a broken file might hold anything.
    return SECTION_NAMES.get(code) or one_line(f"C-CDA {code}"[:24] if code[:1].isdigit() else "C-CDA")


def _name(element: etree._Element) -> str:
    return etree.QName(element).localname if isinstance(element.tag, str) else ""
