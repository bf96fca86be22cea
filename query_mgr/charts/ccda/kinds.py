"""What kind of document a C-CDA is, and what its authors' role can be."""

from __future__ import annotations

from query_mgr.charts.ccda.elements import Code
from query_mgr.charts.fhir.documents import document_kind

#: LOINC document types that C-CDA adds to those which every format shares; "other" where no kind of ours fits
_KIND_OF_LOINC = {
    "34133-9": "other",  # CCD
    "18761-7": "other", "28616-1": "other",  # transfer summary
    "57133-1": "other", "57113-1": "other",  # referral note
    "52521-2": "other",  # care plan
    "18776-5": "other",
    "34112-3": "progress_note",
    "28568-4": "emergency_note",
    "81218-0": "discharge_summary",
    "34105-7": "discharge_summary", "34106-5": "discharge_summary",
    "68608-9": "other",
}  # fmt: skip
#: Documents that a system puts together from the record. Whoever is named as author documented nothing in them.
SYSTEM_MADE = {"34133-9"}


def kind_of(code: Code, title: str) -> str:
    """Return the kind by the LOINC type, else by the words of its name and title."""
    if code.code in _KIND_OF_LOINC:
        return _KIND_OF_LOINC[code.code]
    coding = [{"system": "http://loinc.org", "code": code.code}] if code.code else []
    return document_kind({"text": code.name, "coding": coding}, title)
