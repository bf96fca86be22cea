"""Which document, of whom, by whom, of which stay."""

from __future__ import annotations

from datetime import UTC, date, datetime
from html import escape

import pytest

from query_mgr.charts.problems import Held, Rejection
from tests.charts.ccda_documents import (
    AUTHOR,
    PATIENT,
    STAY,
    a_document,
    a_section,
    read,
)


def test_a_document_is_read_with_its_patient_stay_author_and_facility() -> None:
    bundle = read(a_document()).bundle
    (patient,), (stay,), (document,), (provider,) = (
        bundle.patients,
        bundle.encounters,
        bundle.documents,
        bundle.providers,
    )
    assert (patient.mrn, patient.family_name, patient.given_names, patient.sex) == (
        "0001234",
        "Rivera",
        "Ana M",
        "female",
    )
    assert patient.source_key == "2.16.840.1.113883.19.5|0001234"
    assert patient.birth_on == date(1950, 2, 3)
    assert (stay.source_key, stay.number) == ("visit 2.16.840.1.113883.19.7|V77", "V77")
    assert (stay.encounter_class, stay.facility, stay.status) == ("inpatient", "North Hospital", "finished")
    assert stay.admitted_at == datetime(2026, 3, 1, 13, tzinfo=UTC)
    assert stay.discharged_at == datetime(2026, 3, 5, 17, tzinfo=UTC)
    assert (document.kind, document.author_name, document.author_role) == (
        "progress_note",
        "Alma Reyes",
        "attending",
    )
    assert document.text == "HISTORY\nFeels weak."
    assert document.encounter_key == stay.source_key
    assert document.author_key == provider.source_key == "http://hl7.org/fhir/sid/us-npi|1234567893"
    assert provider.npi == "1234567893"


@pytest.mark.parametrize(
    ("code", "title", "kind"),
    [
        ("18842-5", "Discharge summary", "discharge_summary"),
        ("34117-2", "History and physical", "history_and_physical"),
        ("11506-3", "Progress note", "progress_note"),
        ("11488-4", "Consultation note", "consult_note"),
        ("11504-8", "Surgical operation note", "operative_note"),
        ("28570-0", "Procedure note", "operative_note"),
        ("18748-4", "Diagnostic imaging study", "imaging_report"),
        ("34746-8", "Nurse note", "nursing_note"),
        ("34133-9", "Summary of episode note", "other"),
        ("18761-7", "Transfer summary", "other"),
        ("52521-2", "Plan of care", "other"),
        ("57133-1", "Referral note", "other"),
    ],
)
def test_the_kind_follows_from_the_loinc_type(code: str, title: str, kind: str) -> None:
    assert read(a_document(code=code, title=title)).bundle.documents[0].kind == kind


def test_nobody_documents_a_diagnosis_in_a_summary_that_a_system_put_together() -> None:
    document = read(a_document(code="34133-9", title="Continuity of care document")).bundle.documents[0]
    assert (document.author_name, document.author_role) == ("Alma Reyes", "other")


@pytest.mark.parametrize(
    ("code", "words", "suffix", "role"),
    [
        ("163W00000X", "Nursing Service Providers; Registered Nurse", "RN", "nurse"),
        ("363LA2100X", "Nurse Practitioner, Acute Care", "NP", "advanced_practice"),
        ("363A00000X", "Physician Assistants and Advanced Practice Nursing Providers", "", "advanced_practice"),
        ("390200000X", "Student in an Organized Health Care Education/Training Program", "MD", "resident"),
        ("207ZP0101X", "Anatomic Pathology", "MD", "pathologist"),
        ("2085R0202X", "Diagnostic Radiology", "MD", "radiologist"),
        ("133V00000X", "Dietitian, Registered", "RD", "dietitian"),
        ("225100000X", "Physical Therapist", "PT", "therapist"),
        ("207RC0000X", "Allopathic & Osteopathic Physicians", "M.D.", "consultant"),
    ],
)
def test_the_role_follows_from_credentials_and_taxonomy(code: str, words: str, suffix: str, role: str) -> None:
    author = f"""<author><time value="202603020900-0500"/><assignedAuthor><id root="1.2" extension="77"/>
      <code code="{code}" codeSystem="2.16.840.1.113883.6.101" displayName="{words.replace("&", "&amp;")}"/>
      <assignedPerson><name><given>Kim</given><family>Lee</family><suffix>{suffix}</suffix></name></assignedPerson>
    </assignedAuthor></author>"""
    assert read(a_document(author=author)).bundle.documents[0].author_role == role


def test_a_device_or_the_patient_as_author_documents_nothing() -> None:
    device = (
        "<author><assignedAuthor><assignedAuthoringDevice><softwareName>EHR 1</softwareName>"
        "</assignedAuthoringDevice></assignedAuthor></author>"
    )
    oneself = (
        '<author><assignedAuthor><id root="1.2" extension="5"/>'
        '<code code="ONESELF" codeSystem="2.16.840.1.113883.5.111"/>'
        "<assignedPerson><name>Ana Rivera</name></assignedPerson></assignedAuthor></author>"
    )
    for author, name in ((device, "EHR 1"), (oneself, "Ana Rivera")):
        bundle = read(a_document(author=author, stay="")).bundle
        assert (bundle.documents[0].author_name, bundle.documents[0].author_role) == (name, "other")
        assert bundle.providers == ()


def test_a_person_among_the_authors_counts_before_the_device() -> None:
    device = "<author><assignedAuthor><assignedAuthoringDevice/></assignedAuthor></author>"
    assert read(a_document(author=device + AUTHOR)).bundle.documents[0].author_name == "Alma Reyes"


def test_a_wrong_npi_is_noted_and_left_out() -> None:
    reading = read(a_document(author=AUTHOR.replace("1234567893", "1234567890"), stay=""))
    assert reading.bundle.providers == ()
    assert any("no valid NPI" in line for line in reading.warnings)


def test_an_authority_with_a_name_is_called_by_it_as_in_hl7_v2() -> None:
    named = PATIENT.replace('extension="0001234"', 'extension="0001234" assigningAuthorityName="NORTH"')
    assert read(a_document(patient=named)).bundle.patients[0].source_key == "NORTH|0001234"


@pytest.mark.parametrize(
    "outside",
    ['root="2.16.840.1.113883.4.1" extension="999-00-0000"', 'root="2.16.840.1.113883.4.3.36" extension="D1"',
     'nullFlavor="UNK"', 'root="2.16.840.1.113883.9.9.9" extension="a@direct.example"'],
)  # fmt: skip
def test_a_patient_without_a_number_of_the_hospitals_waits(outside: str) -> None:
    patient = f"<recordTarget><patientRole><id {outside}/><patient/></patientRole></recordTarget>"
    with pytest.raises(Held, match="medical record number"):
        read(a_document(patient=patient))


@pytest.mark.parametrize(("patient", "why"), [("", "no patient"), (PATIENT * 2, "2 patients")])
def test_a_document_about_nobody_or_two_is_refused(patient: str, why: str) -> None:
    with pytest.raises(Rejection, match=why):
        read(a_document(patient=patient))


def test_a_replacement_and_an_addendum_name_their_document() -> None:
    for code, relation in (("RPLC", "replaces"), ("APND", "addendum")):
        related = (
            f'<relatedDocument typeCode="{code}"><parentDocument><id root="1.2.3.4" extension="doc-0"/>'
            "</parentDocument></relatedDocument>"
        )
        document = read(a_document(related=related)).bundle.documents[0]
        assert (document.related_key, document.relation) == ("CDA 1.2.3.4|doc-0", relation)


def test_a_transformation_of_another_document_takes_nothings_place() -> None:
    related = (
        '<relatedDocument typeCode="XFRM"><parentDocument><id root="1.2.3.4" extension="doc-0"/>'
        "</parentDocument></relatedDocument>"
    )
    assert read(a_document(related=related)).bundle.documents[0].related_key is None


def test_a_document_that_claims_to_replace_itself_replaces_nothing() -> None:
    related = (
        '<relatedDocument typeCode="RPLC"><parentDocument><id root="1.2.3.4" extension="doc-1"/>'
        "</parentDocument></relatedDocument>"
    )
    assert read(a_document(related=related)).bundle.documents[0].relation == ""


def test_a_document_without_id_or_time_is_refused() -> None:
    with pytest.raises(Rejection, match="must have an id"):
        read(a_document(id_=""))
    with pytest.raises(Rejection, match="when it was made"):
        read(a_document(made="", author=AUTHOR.replace('value="202603020900-0500"', "")))


def test_the_only_encounter_entry_around_the_document_is_its_stay() -> None:
    visit = (
        '<encounter classCode="ENC" moodCode="EVN"><id root="1.2.7" extension="{}"/>'
        '<code code="99213" codeSystem="2.16.840.1.113883.6.12"/>'
        '<effectiveTime><low value="{}"/></effectiveTime></encounter>'
    )
    entries = [visit.format("V1", "202603020830-0500"), visit.format("V0", "20250101")]
    content = a_document(a_section("ENCOUNTERS", "x", *entries, code="46240-8"), stay="")
    (stay,) = read(content).bundle.encounters
    assert (stay.number, stay.encounter_class) == ("V1", "ambulatory")
    twice = a_document(
        a_section("ENCOUNTERS", "x", entries[0], entries[0].replace("V1", "V2"), code="46240-8"), stay=""
    )
    assert read(twice).bundle.encounters == ()


def test_a_stay_without_a_beginning_is_linked_by_its_number_only() -> None:
    content = a_document(stay=STAY.replace('<low value="202603010800-0500"/>', '<low nullFlavor="UNK"/>'))
    bundle = read(content).bundle
    assert bundle.encounters == ()
    assert bundle.documents[0].encounter_key == "visit 2.16.840.1.113883.19.7|V77"


def test_a_nullified_document_is_entered_in_error() -> None:
    content = a_document(stay=STAY + '<sdtc:statusCode code="nullified"/>')
    assert read(content).bundle.documents[0].status == "entered_in_error"


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("O'Brien", "O'Brien"),
        ("Robert'); DROP TABLE patient;--", "Robert'); DROP TABLE patient;--"),
        ("שלום Cohen", "שלום Cohen"),
        ("Ad\u202ea\u2066", "Ada"),
        ("Ada\u2028Test", "Ada Test"),
        ("Jose\u0301", "José"),
        ("🩺 Emoji", "🩺 Emoji"),
        ("   wide   blanks ", "wide blanks"),
        ("<script>", "<script>"),
    ],
)
def test_a_name_is_kept_as_a_person_would_write_it(sent: str, kept: str) -> None:
    patient = PATIENT.replace("Rivera", escape(sent))
    assert read(a_document(patient=patient)).bundle.patients[0].family_name == kept
