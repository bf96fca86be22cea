"""The 76 public C-CDA files: what becomes of each stands in docs/interfaces/ccda.md, and their facts are those of their text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from app import create_app
from query_mgr.charts.actions import Report, import_file
from query_mgr.charts.models import Document, Fact
from query_mgr.charts.records import FactRecord
from query_mgr.platform.db import db
from tests.charts.ccda_documents import a_document, facts, read, text_of
from tests.conftest import settings_for

_PAGE = Path(__file__).parents[2] / "docs" / "interfaces" / "ccda.md"
_ROW = re.compile(r"^\| `([^`]+)` \| (imported|unchanged|held|rejected) \| ?([^|]*?) ?\|$", re.MULTILINE)


def files(shared: Path) -> list[Path]:
    return sorted((shared / "data" / "ccda").iterdir())


@pytest.fixture(scope="module")
def twice(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[dict[str, Report]]]:
    """All files in one SQLite database, imported twice for the module."""
    folder = tmp_path_factory.mktemp("ccda")
    application = create_app(settings_for(folder, f"sqlite:///{folder / 'charts.sqlite'}"))
    with application.app_context():
        db.create_all()
        yield [{path.name: import_file(path, path.name, by="tester") for path in files(shared)} for _ in range(2)]
        db.session.remove()
        db.engine.dispose()


def test_every_file_becomes_what_the_documentation_says(twice: list[dict[str, Report]]) -> None:
    told = {name: (status, reason) for name, status, reason in _ROW.findall(_PAGE.read_text())}
    assert len(told) == len(twice[0]) == 76
    for name, report in twice[0].items():
        status, reason = told[name]
        assert report.status == status, name
        assert report.status == "imported" or reason, f"{name} needs a reason"
        if report.status == "held":
            assert reason in report.warnings[0], name


def test_a_second_run_changes_nothing(twice: list[dict[str, Report]]) -> None:
    first, second = twice
    assert {
        second[name].status for name, report in first.items() if report.status in {"imported", "unchanged"}
    } == {"unchanged"}
    assert {second[name].status for name, report in first.items() if report.status == "held"} == {"held"}


def test_every_section_lies_inside_its_document(twice: list[dict[str, Report]]) -> None:
    documents = db.session.scalars(select(Document)).all()
    assert len(documents) == 8
    for one in documents:
        assert all(0 <= each["start"] < each["end"] <= len(one.text) for each in one.sections)
    assert db.session.scalar(select(Fact.id).where(Fact.name == "")) is None


def shown(found: tuple[FactRecord, ...], kind: str) -> list[str]:
    """Return facts of a kind as one would say them."""
    return [
        f"{one.name}: {one.value_text} {one.unit}".strip().removesuffix(":") for one in found if one.kind == kind
    ]


def test_the_discharge_summary_holds_what_its_text_says(shared: Path) -> None:
    content = (shared / "data" / "ccda" / "Documents_Discharge_Summary_Discharge_Summary.xml").read_bytes()
    found = facts(content)
    assert shown(found, "allergy") == [
        "penicillin G: Nausea (moderate to severe)",
        "codeine: Wheezing (moderate)",
        "Egg: Wheal (moderate), since 1998",
    ]
    assert shown(found, "problem") == [
        "Appendicitis: active, admission diagnosis",
        "Appendicitis: active, discharge diagnosis",
        "Dark stools: active",
        "Appendicitis: active",
    ]
    assert shown(found, "medication") == ["ibuprofen 600 MG Oral Tablet: 1 Oral every 6 h as needed (ordered)"]
    assert [one.rpartition(": ")[2] for one in shown(found, "vital")] == [
        "177 cm",
        "86 kg",
        "80 mm[Hg]",
        "55 mm[Hg]",
    ]
    (surgery,) = [one for one in found if one.kind == "procedure"]
    assert (surgery.name, surgery.code, surgery.observed_at.isoformat()[:16]) == (
        "Laparoscopic appendectomy",
        "0DTJ4ZZ",
        "2014-09-10T14:22",
    )
    text = text_of(content)
    assert "Penicillin | Nausea | Moderate to severe | Active\nCodeine | Wheezing | Moderate | Active" in text
    assert "1. Take all of your prescription medication as directed." in text
    bundle = read(content).bundle
    assert (bundle.encounters[0].encounter_class, bundle.documents[0].author_name) == ("inpatient", "Henry Seven")
    assert bundle.patients[0].mrn == "998991"


def test_the_history_and_physical_holds_what_its_text_says(shared: Path) -> None:
    found = facts(
        (shared / "data" / "ccda" / "Documents_History_and_Physical_History_and_Physical.xml").read_bytes()
    )
    labs = {one.name: one for one in found if one.kind == "lab"}
    assert {name: one.value_text for name, one in labs.items()} == {"HGB": "13.2", "WBC": "6.7", "PLT": "123"}
    assert (labs["PLT"].range_low, labs["PLT"].range_high, labs["PLT"].flag) == (150.0, 350.0, "L")
    assert "Father" not in " ".join(one.name for one in found)
    assert not [one for one in found if "nfarct" in one.name]  # the father's, not the patient's
    assert {"Pneumonia", "Asthma"} == {one.name for one in found if one.kind == "problem"}
    assert "Colonic polypectomy" in {one.name for one in found if one.kind == "procedure"}


def test_the_progress_note_holds_what_its_text_says(shared: Path) -> None:
    content = (shared / "data" / "ccda" / "Documents_Progress_Note_Progress_Note.xml").read_bytes()
    found = facts(content)
    assert [one for one in shown(found, "lab") if "Urea" not in one] == [
        "Hemoglobin: 13.2 g/dL", "Leukocytes: 6.7 10*9/L", "Platelets: 123 10*9/L", "Hematocrit: 35.3 %",
        "Erythrocytes: 4.21 10*12/L",
    ]  # fmt: skip
    resolved = next(one for one in found if one.name == "Pneumonia")
    assert (resolved.value_text, resolved.status, resolved.ended_at is not None) == ("resolved", "completed", True)
    assert len([one for one in found if one.kind == "vital"]) == 8


def test_the_continuity_of_care_documents_hold_what_their_texts_say(shared: Path) -> None:
    folder = shared / "data" / "ccda"
    small = facts((folder / "Documents_CCD_CCD_2_CCD.xml").read_bytes())
    assert shown(small, "lab") == ["Leukocytes [#/volume] in Blood by Manual count: pending"]
    assert not [one for one in small if one.kind in {"allergy", "problem", "medication"}]  # none known
    large = facts((folder / "converter_Patient-1.ccda").read_bytes())
    assert {(one.name, one.code) for one in large if one.kind == "problem"} == {
        ("Coronary arteriosclerosis", "I25.1"),
        ("Diabetes mellitus type 2", "E11.9"),
        ("Essential hypertension", "I10"),
        ("Acute Q wave myocardial infarction", "I21.3"),
    }
    assert [one.value_text for one in large if one.code == "4548-4"] == ["7", "6.6", "6.7"]
    assert len([one for one in large if one.kind == "medication"]) == 8


def test_the_operative_note_tells_provisional_from_found(shared: Path) -> None:
    found = facts((shared / "data" / "ccda" / "Documents_Operative_Note_Operative_Note.xml").read_bytes())
    assert {one.name: one.status for one in found if one.kind == "problem"} == {
        "Pneumonia": "active",
        "Appendicitis": "preliminary",
        "Sessile polyp": "active",
        "Diverticulosis of sigmoid colon": "active",
        "Internal hemorrhoids": "active",
    }


def whole(snippet: bytes) -> bytes:
    """Return a document around a section that came alone."""
    text = re.sub(r"^\s*<\?xml[^>]*\?>", "", snippet.decode("utf-8-sig"))
    text = re.sub(r"<!--.*?-->", "", text, flags=re.DOTALL).strip()
    inside = text if text.startswith("<component") else f"<component>{text}</component>"
    namespaces = 'xmlns="urn:hl7-org:v3" xmlns:sdtc="urn:hl7-org:sdtc" xmlns:pharm="urn:hl7-org:pharm"'
    return a_document(
        body=f"<structuredBody>{inside}</structuredBody>",
        namespaces=f'{namespaces} xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"',
    )


#: section that came alone -> the facts that a person sees in its text
SEEN = {
    "Results_Results_with_less_than": ["Natriuretic Peptide B [Mass/Volume] In Blood: <=5 pg/mL"],
    "Results_Result_with_greater_than": ["Glucose [Mass/Volume] In Capillary Blood: >500 mg/dL"],
    "Results_Result_with_non-numeric": [
        "Triglycerides: 450 mg/dL",
        "Cholesterol in LDL by calculation: Unable to calculate mg/dL",
    ],
    "Results_Results_Unit_Non-UCUM": ["Platelets [#/volume] in Blood: 152 THOUS/MCL"],
    "Results_Results_with_translation": ["Platelets [#/volume] in Blood: 152 10*3/uL"],
    "Results_Results_panel_with_pending": ["Leukocytes [#/volume] in Blood by Manual count: pending"],
    "Results_Result_with_Multiple": [
        "Nuclear Ab [Titer] in Serum by Immunofluorescence: Borderline, equal to 1:80"
    ],
    "Results_Result_with_an_unstructured": ["Color of Urine: Amber"],
    "Results_Result_COVID": [
        "SARS-CoV-2 (COVID-19) RNA [Presence] in Respiratory specimen by NAA with probe detection: Detected"
    ],
    "Problems_Patient_Does_Not_Have": ["Diabetes mellitus type 2 (disorder): refuted"],
    "Problems_No_Known": [],
    "Problems_Complete_or_Resolved": ["Acute pharyngitis: resolved"],
    "Problems_Active": ["Community acquired pneumonia: active"],
    "Medications_Medication_Refused": ["lisinopril 10 MG Oral Tablet: (not given)"],
    "Medications_No_Medications": [],
    "Medications_Med_every_4-6": [
        "pseudoephedrine hydrochloride 30 MG Oral Tablet [Sudafed]: 2 Oral every 4-6 h (ordered)"
    ],
    "Medications_Med_at_bedtime": [
        "3 ML insulin glargine 100 UNT/ML Pen Injector [Lantus]: 40 [IU] Subcutaneous at bedtime (taken)"
    ],
    "Medications_Single_administration": ["aspirin 81 MG Oral Tablet: 2 Oral (given)"],
    "Procedures_Procedure_Refused": ["Laparoscopic appendectomy: not done"],
    "Vital_Signs_Heart_Rate": ["Heart rate: 80 /min", "Heart rate rhythm: Heart irregularly irregular (finding)"],
}


@pytest.mark.parametrize(("name", "seen"), SEEN.items())
def test_a_section_tells_what_its_text_shows_once_it_comes_in_a_document(
    shared: Path, name: str, seen: list[str]
) -> None:
    (path,) = (shared / "data" / "ccda").glob(f"{name}*")
    found = facts(whole(path.read_bytes()))
    assert [f"{one.name}: {one.value_text} {one.unit}".strip() for one in found] == seen
    if "Refused" in name or "Does_Not" in name:
        assert {one.status for one in found} == {"cancelled"}


def test_every_section_that_came_alone_can_be_read_in_a_document(shared: Path) -> None:
    alone = [path for path in files(shared) if b"<ClinicalDocument" not in path.read_bytes()]
    assert len(alone) == 56
    for path in alone:
        assert read(whole(path.read_bytes())).bundle.documents, path.name


def test_visit_codes_of_an_encounter_are_listed(shared: Path) -> None:
    (path,) = (shared / "data" / "ccda").glob("Encounters_Multiple_CPT*")
    codes = read(whole(path.read_bytes())).bundle.codes
    assert [(one.origin, one.kind, one.code) for one in codes] == [
        ("list", "charge", "99408"),
        ("list", "charge", "99394"),
        ("list", "charge", "99213"),
    ]
