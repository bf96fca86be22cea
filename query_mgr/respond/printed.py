"""The record of a query on paper: as sent, as answered, what was added, what was signed. A tagged PDF (PDF/UA-1).

The same record gives the same bytes. Nothing of codes or payment is in it: it is made from what the provider was shown.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import typst

from config.settings import ROOT
from query_mgr.charts import sensitivity
from query_mgr.platform.text import spelled
from query_mgr.platform.web import current_settings, local
from query_mgr.queries.models import Query
from query_mgr.respond.amendments import FLAGS, KINDS
from query_mgr.respond.countersigning import AnswerCosignature, cosignature_of
from query_mgr.respond.manifest import Manifest
from query_mgr.respond.models import Amendment, Answer

_PAGE = ROOT / "templates" / "respond" / "record.typ"
_WHEN = "%b %d, %Y %H:%M:%S %Z"
#: field of a manifest -> what it is called on paper, in this order; what an older form lacks is left out
FIELDS = {
    "name": "Signed by",
    "credentials": "Credentials",
    "npi": "NPI",
    "signed_at": "Time, UTC",
    "signed_at_local": "Time, local",
    "meaning": "Meaning",
    "method": "Known by",
    "document": "Note in the chart",
    "revision": "Revision of the query",
    "query_hash": "Hash of the query as sent",
    "shown_hash": "Hash of the page as shown",
    "answer_hash": "Hash of the words",
    "previous_hash": "Hash of the manifest before",
    "answer_manifest": "Hash of the answer's manifest",
}


def record_pdf(query: Query, answer: Answer | None, difference: str) -> bytes:
    """Return the PDF of a query that was sent. difference: what is not as it was signed, "" where all is."""
    content = json.dumps(_spelled(content_of(query, answer, difference)))
    made_at = int(_latest(query, answer).timestamp())
    try:
        return _compiled(content, made_at, ["ua-1"])
    except typst.TypstError:
        # A sign that no font of ours shows must not keep the record from being printed: tagged, but not by the standard.
        return _compiled(content, made_at, [])


def _compiled(content: str, made_at: int, standards: list[Any]) -> bytes:
    made = typst.compile(
        str(_PAGE), root=str(_PAGE.parent), ignore_system_fonts=True, format="pdf", sys_inputs={"record": content},
        pdf_standards=standards, timestamp=made_at,
    )  # fmt: skip
    assert isinstance(made, bytes)
    return made


def _latest(query: Query, answer: Answer | None) -> datetime:
    signed = [answer.signed_at, *(one.signed_at for one in answer.amendments)] if answer else []
    cosigned = cosignature_of(answer)
    signed += [cosigned.signed_at] if cosigned and cosigned.signed_at else []
    assert query.sent_at is not None
    return max([query.sent_at, *signed])


def _spelled(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _spelled(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_spelled(one) for one in value]
    return spelled(value) if isinstance(value, str) else value


def content_of(query: Query, answer: Answer | None, difference: str) -> dict[str, Any]:
    """Return all that stands on paper, as plain JSON."""
    sent = query.snapshot or {}
    patient, stay = sent["patient"], sent["encounter"]
    return {
        "title": "Documentation query and answer",
        "organization": current_settings().organization,
        "ref": query.mail_ref,
        "patient": f"{patient['name']} · MRN {patient['mrn']} · {stay['number']}",
        "notice": sensitivity.notice(query.encounter.sensitivity),
        "about": _about(query, sent),
        "query_title": sent["title"],
        "indicators": [
            {"text": one["text"], "source": _source(one)} for one in sent["indicators"]
        ],
        "body": [line for line in sent["body"].splitlines() if line.strip()],
        "question": sent["question"],
        "options": [one["label"] for one in sent["options"]],
        "answer": _answer(answer) if answer else None,
        "cosigned": _cosigned(cosignature_of(answer)),
        "amendments": [_amendment(one) for one in answer.amendments] if answer else [],
        "messages": [
            {"by": one.author_name, "at": local(one.created_at, _WHEN), "text": one.text} for one in query.comments
        ],
        "checked": _checked(query, answer, difference),
    }  # fmt: skip


def _about(query: Query, sent: dict[str, Any]) -> list[list[str]]:
    patient, stay, asked_at = sent["patient"], sent["encounter"], query.sent_at
    rows = [
        ("Patient", f"{patient['name']}, MRN {patient['mrn']}"),
        ("Born", patient["birth_on"]),
        ("Encounter", f"{stay['class'].capitalize()} {stay['number']}"),
        ("Admitted", local(stay["admitted_at"])),
        ("Discharged", local(stay["discharged_at"]) if stay["discharged_at"] else ""),
        ("Asked by", sent["author"]),
        ("Co-signed by", sent["cosigner"]),
        ("Asked of", sent["provider"]),
        ("Sent", local(asked_at, _WHEN) if asked_at else ""),
        ("Template", sent["template"]),
        ("Asked in a talk", _talk(sent["talk"]) if sent.get("talk") else ""),
        ("Hash of the query as sent", query.snapshot_hash),
    ]
    return [[name, value] for name, value in rows if value]


def _talk(talk: dict[str, str]) -> str:
    told = f" Told then: {talk['told']}" if talk["told"] else ""
    return f"{talk['asked_by']}, {talk['how'].replace('_', ' ')}, {local(talk['at'])}.{told}"


def _source(one: dict[str, str]) -> str:
    prior = " · prior encounter" if one["scope"] == "prior" else ""
    return f"{one['source']} · {local(one['observed_at'])}{prior}"


def _said(row: Answer | Amendment) -> str:
    return ": ".join(filter(None, (row.option_label, row.text)))


def _manifest(signed: Manifest, its_hash: str) -> list[list[str]]:
    rows = [[words, str(signed[name])] for name, words in FIELDS.items() if signed.get(name)]
    return [*rows, ["Hash of this manifest", its_hash]]


def _answer(answer: Answer) -> dict[str, Any]:
    return {
        "text": _said(answer),
        "struck": answer.corrected_by is not None,
        "manifest": _manifest(answer.manifest, answer.manifest_hash),
    }


def _cosigned(row: AnswerCosignature | None) -> dict[str, Any] | None:
    if row is None:
        return None
    if row.manifest is None:
        return {"words": f"Waits for the signature of {row.asked.signature_name}.", "manifest": []}
    return {"words": "", "manifest": _manifest(row.manifest, row.manifest_hash)}


def _amendment(one: Amendment) -> dict[str, Any]:
    return {
        "label": f"{KINDS[one.kind].label} (amendment {one.number})",
        "flags": ". ".join(FLAGS[flag] for flag in one.flags),
        "text": _said(one),
        "reason": one.reason,
        "manifest": _manifest(one.manifest, one.manifest_hash),
    }


def _checked(query: Query, answer: Answer | None, difference: str) -> str:
    if difference:
        return f"NOT AS SIGNED when this was printed: {difference}."
    what = "the query as sent, the answer and what was added" if answer else "the query as sent"
    how = f"flask --app app answers verify {query.mail_ref}"
    return (
        f"When this was printed, every hash of {what} was computed again and is as it was signed. To check: {how}"
    )
