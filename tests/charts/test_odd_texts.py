"""Assurance §4 items 74-76: odd names and texts through every importer, alike on both databases."""

from __future__ import annotations

import base64
import csv
import io
from collections.abc import Callable
from datetime import date

import pytest
from flask import Flask
from sqlalchemy import select

from query_mgr.charts.actions import import_file
from query_mgr.charts.models import Document, Patient
from query_mgr.platform.db import db
from tests.charts.bundles import ENCOUNTER, NOTE, PATIENT, PRACTITIONER, a_bundle, changed, encoded
from tests.charts.hl7_messages import PID, adt, mdm
from tests.charts.rendered.as_ccda import as_ccda
from tests.charts.rendered.made import ADMITTED, MadeChart, Note


def _fhir(name: str) -> bytes:
    return encoded(a_bundle(PRACTITIONER, changed(PATIENT, name=[{"family": name, "given": ["Ada"]}]), ENCOUNTER))


def _hl7(name: str) -> bytes:
    escaped = name.replace("\\", "\\E\\")
    for sign, written in (("|", "\\F\\"), ("^", "\\S\\"), ("&", "\\T\\"), ("~", "\\R\\")):
        escaped = escaped.replace(sign, written)
    return adt("A01", "20260301220000", "1", pid=PID.replace("Testperson", escaped)).encode("utf-8")


def _csv(name: str) -> bytes:
    out = io.StringIO()
    head = ("mrn", "family_name", "given_names", "encounter", "class", "admitted_at")
    csv.writer(out).writerows([head, ("000417", name, "Ada", "CSN1", "inpatient", "2026-03-01 22:00")])
    return out.getvalue().encode()


def _ccda(name: str) -> bytes:
    note = Note("1", ADMITTED, (("Assessment", "Improving."),))
    return as_ccda(MadeChart("000417", name, "Ada", date(1950, 2, 3), "female", "CSN1", None, (), (note,)))[0]


IMPORTERS = pytest.mark.parametrize(
    "written",
    [
        pytest.param(_fhir, id="FHIR"),
        pytest.param(_hl7, id="HL7"),
        pytest.param(_ccda, id="C-CDA"),
        pytest.param(_csv, id="CSV"),
    ],
)
#: as sent -> as kept
NAMES = {
    "O'Brien": "O'Brien",
    "Null": "Null",
    "True": "True",
    "X": "X",
    "Robert'); DROP TABLE patient;--": "Robert'); DROP TABLE patient;--",
    "../../x": "../../x",
    "CON": "CON",
    "=cmd|'/C calc'!A0": "=cmd|'/C calc'!A0",
    "שלום Cohen": "שלום Cohen",
    "Ad\u202ea\u2066": "Ada",
    "\ufeffAda\u200d": "Ada",
    "Ada\u2028Test": "Ada Test",
    "Jose\u0301": "José",
    "🩺 Emoji": "🩺 Emoji",
    "   wide   blanks ": "wide blanks",
}


@IMPORTERS
@pytest.mark.parametrize(("sent", "kept"), NAMES.items())
def test_a_name_is_kept_as_a_person_would_write_it(
    app: Flask, written: Callable[[str], bytes], sent: str, kept: str
) -> None:
    report = import_file(written(sent), "made", by="tester")
    assert report.status == "imported", report.errors
    assert db.session.scalars(select(Patient.family_name)).one() == kept


@IMPORTERS
def test_an_endless_name_is_shortened_and_a_name_of_marks_is_bounded(
    app: Flask, written: Callable[[str], bytes]
) -> None:
    report = import_file(written("e" + "\u0301" * 500 + "x" * 10_000), "made", by="tester")
    assert report.status == "imported", report.errors
    assert len(db.session.scalars(select(Patient.family_name)).one()) <= 120


@pytest.mark.parametrize("text", ["שלום \u202eevil\u202c", "👩\u200d⚕️ saw pt", "a\u2028b", "z" + "\u0301" * 500])
def test_a_clinical_text_keeps_every_sign_of_its_author(app: Flask, text: str) -> None:
    data = base64.b64encode(text.encode()).decode()
    note = changed(NOTE, content=[{"attachment": {"contentType": "text/plain", "data": data}}])
    assert import_file(encoded(a_bundle(PRACTITIONER, PATIENT, ENCOUNTER, note)), "f", by="t").errors == ()
    assert import_file(mdm("T02", "20260302090000", "3", "D1", text).encode(), "h", by="t").errors == ()
    assert [one.text for one in db.session.scalars(select(Document))] == [text, text]


@pytest.mark.parametrize("sign", ["\x00", "\x01", "\x1b", "\x7f"])
def test_control_characters_leave_a_text_alike_on_both_databases(app: Flask, sign: str) -> None:
    report = import_file(mdm("T02", "20260302090000", "3", "D1", f"sep{sign}sis").encode(), "h", by="t")
    assert report.status == "imported", report.errors
    assert db.session.scalars(select(Document.text)).one() == "sepsis"
