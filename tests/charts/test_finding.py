"""Finding words and conditions in one encounter's chart."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from query_mgr.charts.finding import Found, search_chart
from query_mgr.charts.models import Encounter
from query_mgr.charts.records import ChartBundle, DocumentRecord, EncounterRecord, FactRecord, PatientRecord
from query_mgr.charts.store import store
from query_mgr.platform.db import db

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
PATIENT = PatientRecord("made-up|1", "1", "Testperson")
NOTES = (
    "HOSPITAL COURSE:\nAdmitted with congestive heart failure, no pneumonia.",
    "FAMILY HISTORY:\nFather had pneumonia.\nASSESSMENT:\nCHF improving on furosemide.",
)


def _a_chart(key: str, *texts: str) -> Encounter:
    stay = EncounterRecord(f"e/{key}", PATIENT.source_key, key, "inpatient", AT)
    documents = tuple(
        DocumentRecord(f"d/{key}{n}", PATIENT.source_key, stay.source_key, "progress_note", f"Note {n}", text, AT + timedelta(days=n))
        for n, text in enumerate(texts)
    )  # fmt: skip
    drug = FactRecord(
        f"f/{key}", PATIENT.source_key, stay.source_key, "medication", "Furosemide 40 MG Injection", AT
    )
    later = replace(drug, source_key=f"f/{key}2", observed_at=AT + timedelta(days=1))
    wrong = replace(drug, source_key=f"f/{key}3", status="entered_in_error", name="Furosemide 80 MG")
    store(
        ChartBundle(patients=(PATIENT,), encounters=(stay,), documents=documents, facts=(drug, later, wrong)), "t"
    )
    return db.session.scalars(select(Encounter).where(Encounter.source_key == stay.source_key)).one()


@pytest.fixture
def stay(app: Flask) -> Encounter:
    _a_chart("other", "Pneumonia, certainly.")
    return _a_chart("mine", *NOTES)


def _said(stay: Encounter, words: str) -> list[tuple[str, str]]:
    return [(hit.text, hit.said) for hit in search_chart(stay, words).hits]


@pytest.mark.parametrize("words", ["CHF", "heart failure", "congestive heart failure"])
def test_a_condition_is_found_under_all_its_names_the_newest_note_first(stay: Encounter, words: str) -> None:
    assert _said(stay, words) == [("CHF", "affirmed"), ("heart failure", "affirmed")]


def test_hits_of_this_chart_only_and_what_they_say(stay: Encounter) -> None:
    assert _said(stay, "pneumonia") == [("pneumonia", "family"), ("pneumonia", "negated")]


def test_the_beginning_of_a_word_finds_documents_and_facts_that_count(stay: Encounter) -> None:
    found = search_chart(stay, "furos")
    assert [hit.text for hit in found.hits] == ["furos"]
    assert [(one.kind, one.name, one.count, one.latest_at) for one in found.facts] == [
        ("medication", "Furosemide 40 MG Injection", 2, AT + timedelta(days=1))
    ]


def test_a_text_that_its_source_changes_is_found_by_what_it_says_now(stay: Encounter) -> None:
    _a_chart("mine", "Nothing of it.", "Now sepsis.")
    assert _said(stay, "CHF") == []
    assert _said(stay, "sepsis") == [("sepsis", "affirmed")]


@pytest.mark.parametrize(
    "words",
    ["", " ", '"', "*", "NEAR(a b)", "text:", "a OR b", "' OR 1=1--", "%", "_", "\\", "(a+)+$", "x" * 5000, "é"],
)
def test_anything_typed_is_taken_literally(stay: Encounter, words: str) -> None:
    assert search_chart(stay, words) == Found()
