"""C-CDA documents into the database: once, in any order, and never over what others know better."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree
from sqlalchemy import select

from app import create_app
from query_mgr.charts.actions import import_file
from query_mgr.charts.intake.models import Intake, IntakePart
from query_mgr.charts.models import Attachment, Document, Encounter, Fact, Patient, SentCode
from query_mgr.platform.db import db
from tests.charts.bundles import ENCOUNTER as FHIR_ENCOUNTER
from tests.charts.bundles import PATIENT as FHIR_PATIENT
from tests.charts.bundles import a_bundle, changed, encoded
from tests.charts.ccda_documents import (
    ICD10,
    PATIENT,
    STAY,
    a_document,
    a_problem,
    a_section,
    an_observation,
    unstructured,
)
from tests.charts.hl7_messages import adt
from tests.conftest import settings_for


def taken(content: bytes, name: str = "doc.xml") -> str:
    report = import_file(content, name, by="tester")
    return report.status


def a_result_document(**changes: str) -> bytes:
    return a_document(
        a_section("RESULTS", "<paragraph>Creatinine 2.4</paragraph>", an_observation(), code="30954-2"), **changes
    )


def all_of(model: type[Any]) -> list[Any]:
    return list(db.session.scalars(select(model).order_by(model.id)))


def test_a_document_is_imported_whole_and_a_second_time_changes_nothing(app: Flask) -> None:
    report = import_file(a_result_document(), "doc.xml", by="tester")
    assert (report.status, report.patients, report.encounters, report.documents, report.facts) == (
        "imported",
        1,
        1,
        1,
        1,
    )
    (document,), (fact,) = all_of(Document), all_of(Fact)
    assert (document.text, document.author.name if hasattr(document, "author") else document.author_name) == (
        "RESULTS\nCreatinine 2.4",
        "Alma Reyes",
    )
    assert fact.encounter_id == document.encounter_id == all_of(Encounter)[0].id
    assert taken(a_result_document()) == "unchanged"


def test_a_replacement_counts_whichever_came_first(app: Flask) -> None:
    related = (
        '<relatedDocument typeCode="RPLC"><parentDocument><id root="1.2.3.4" extension="doc-1"/>'
        "</parentDocument></relatedDocument>"
    )
    newer = a_document(id_='<id root="1.2.3.4" extension="doc-2"/>', related=related, made="202603021100-0500")
    taken(newer)
    taken(a_document())
    assert {one.source_key: one.status for one in all_of(Document)} == {
        "CDA 1.2.3.4|doc-2": "final",
        "CDA 1.2.3.4|doc-1": "replaced",
    }


def test_two_documents_under_one_id_are_both_kept(app: Flask) -> None:
    other = a_document(a_section("HISTORY", "Something else."))
    assert [taken(a_document()), taken(other), taken(a_document()), taken(other)] == [
        "imported",
        "imported",
        "unchanged",
        "unchanged",
    ]
    assert len({one.text for one in all_of(Document)}) == 2


def test_what_the_later_document_tells_of_a_problem_stays_in_any_order(app: Flask) -> None:
    def told(number: int, made: str, high: str) -> bytes:
        when = f'<effectiveTime><low value="202603010900-0500"/>{high}</effectiveTime>'
        section = a_section(
            "PROBLEMS", f"<paragraph>Version {number}.</paragraph>", a_problem(when=when), code="11450-4"
        )
        return a_document(section, id_=f'<id root="1.2.3.4" extension="doc-{number}"/>', made=made)

    ended = '<high value="202603031000-0500"/>'
    documents = [
        told(1, "202603020900-0500", ""),
        told(2, "202603030900-0500", ended),
        told(3, "202603040900-0500", ended),
    ]
    for order in (documents, documents[::-1], documents[1:] + documents[:1], documents[2:] + documents[:2]):
        for model in (Fact, Document, Encounter, Patient):
            db.session.query(model).delete()
        db.session.commit()
        for content in order:
            taken(content)
        (fact,) = all_of(Fact)
        assert (fact.value_text, fact.status) == ("resolved", "completed")
        assert [taken(content) for content in order] == ["unchanged"] * 3


def test_a_later_document_that_repeats_the_first_word_takes_it_back(app: Flask) -> None:
    def told(number: int, value: str) -> bytes:
        shown = f'<value xsi:type="PQ" value="{value}" unit="mg/dL"/>'
        section = a_section(
            "RESULTS", f"<paragraph>{number}</paragraph>", an_observation(value=shown), code="30954-2"
        )
        return a_document(
            section, id_=f'<id root="1.2.3.4" extension="doc-{number}"/>', made=f"2026030{number}0900-0500"
        )

    for number, value in ((2, "2.4"), (4, "2.4"), (3, "24")):
        taken(told(number, value))
    (fact,) = all_of(Fact)
    assert fact.value_text == "2.4"


def test_a_document_of_no_stay_takes_nothing_out_of_one(app: Flask) -> None:
    summary = a_result_document(
        code="34133-9", id_='<id root="1.2.3.4" extension="ccd"/>', made="202603100900-0500", stay=""
    )
    for order in ((a_result_document(), summary), (summary, a_result_document())):
        for model in (Fact, Document, Encounter, Patient):
            db.session.query(model).delete()
        db.session.commit()
        for content in order:
            assert taken(content) == "imported"
        (fact,) = all_of(Fact)
        assert fact.encounter_id == all_of(Encounter)[0].id


def test_the_number_of_somebody_else_waits_for_a_human(app: Flask) -> None:
    taken(a_document())
    stranger = PATIENT.replace("Rivera", "Crawford").replace("19500203", "19430903")
    report = import_file(a_document(patient=stranger), "doc.xml", by="tester")
    assert report.status == "held"
    assert "another name and birth date" in report.warnings[0]
    assert "Crawford" not in str(report)
    assert [one.status for one in all_of(IntakePart)] == ["held"]


def test_a_new_name_alone_is_noted_and_the_one_on_file_stays(app: Flask) -> None:
    taken(a_document())
    married = a_document(patient=PATIENT.replace("Rivera", "Stone"), id_='<id root="1.2.3.4" extension="doc-2"/>')
    report = import_file(married, "doc.xml", by="tester")
    assert report.status == "imported"
    assert any("name differs" in line for line in report.warnings)
    assert all_of(Patient)[0].family_name == "Rivera"


def test_a_stay_on_file_is_filled_where_it_has_a_gap_and_never_overwritten(app: Flask) -> None:
    open_stay = STAY.replace('<high value="202603051200-0500"/>', '<high nullFlavor="NI"/>')
    taken(a_document(stay=open_stay))
    assert all_of(Encounter)[0].discharged_at is None
    taken(a_document(id_='<id root="1.2.3.4" extension="doc-2"/>'))
    first = all_of(Encounter)[0]
    assert (first.discharged_at.day, first.status) == (5, "finished")
    taken(a_document(id_='<id root="1.2.3.4" extension="doc-3"/>', stay=open_stay))
    assert all_of(Encounter)[0].discharged_at is not None


def test_the_stay_and_patient_of_hl7_v2_are_those_of_the_document(app: Flask) -> None:
    import_file(adt("A01", "20260301220000", "1").encode(), "adt.hl7", by="tester")
    (patient,), (stay,) = all_of(Patient), all_of(Encounter)
    authority, _, mrn = patient.source_key.partition("|")
    visit_authority, _, number = stay.source_key.removeprefix("visit ").partition("|")
    same = (
        f'<recordTarget><patientRole><id root="1.2.3" extension="{mrn}" assigningAuthorityName="{authority}"/>'
        f"<patient><name><family>{patient.family_name}</family></name></patient></patientRole></recordTarget>"
    )
    visit = STAY.replace(
        'root="2.16.840.1.113883.19.7" extension="V77"',
        f'root="1.2.4" extension="{number}" assigningAuthorityName="{visit_authority}"',
    )
    assert taken(a_document(patient=same, stay=visit)) == "imported"
    assert len(all_of(Patient)) == len(all_of(Encounter)) == 1
    (document,) = all_of(Document)
    assert (document.patient_id, document.encounter_id) == (patient.id, stay.id)
    assert all_of(Encounter)[0].admitted_at == stay.admitted_at


def test_a_stay_that_fhir_brought_is_known_by_its_number_and_time(app: Flask) -> None:
    identifier = [{"system": "urn:oid:2.16.840.1.113883.19.5", "value": "0001234"}]
    stay = changed(FHIR_ENCOUNTER, identifier=[{"value": "V77"}])
    import_file(encoded(a_bundle(changed(FHIR_PATIENT, identifier=identifier), stay)), "b.json", by="tester")
    assert taken(a_result_document()) == "imported"
    (encounter,) = all_of(Encounter)
    assert encounter.source_key == "Encounter/e1"
    assert all_of(Document)[0].encounter_id == all_of(Fact)[0].encounter_id == encounter.id
    assert taken(a_result_document()) == "unchanged"
    other_year = STAY.replace("20260301", "20250301").replace("20260305", "20250305")
    taken(a_result_document(stay=other_year, id_='<id root="1.2.3.4" extension="d2"/>', made="202503020900-0500"))
    assert len(all_of(Encounter)) == 2


def test_an_object_identifier_is_the_same_patient_in_fhir(app: Flask) -> None:
    identifier = [{"system": "urn:oid:2.16.840.1.113883.19.5", "value": "0001234"}]
    import_file(encoded(a_bundle(changed(FHIR_PATIENT, identifier=identifier))), "b.json", by="tester")
    taken(a_document())
    assert len(all_of(Patient)) == 1


def test_a_stay_number_of_another_patient_links_nothing(app: Flask) -> None:
    taken(a_result_document())
    other = PATIENT.replace("0001234", "0009999")
    report = import_file(
        a_result_document(patient=other, id_='<id root="1.2.3.4" extension="d2"/>'), "d.xml", by="tester"
    )
    assert report.status == "imported"
    assert any("on file for another patient" in line for line in report.warnings)
    assert "on file for another patient" in all_of(Intake)[1].reason
    document = all_of(Document)[1]
    assert document.encounter_id is None
    assert all_of(Fact)[1].encounter_id is None


def test_a_pdf_is_kept_with_its_document_which_has_no_text_to_quote(app: Flask) -> None:
    assert taken(unstructured(b"%PDF-1.4 rest", "application/pdf")) == "imported"
    (document,), (attachment,) = all_of(Document), all_of(Attachment)
    assert (document.text, document.sections) == ("", [])
    assert (attachment.content, attachment.content_type, attachment.document_id) == (
        b"%PDF-1.4 rest",
        "application/pdf",
        document.id,
    )


def test_codes_of_an_encounter_entry_are_listed_beside_the_coders_own(app: Flask) -> None:
    diagnosis = f'<value xsi:type="CD" code="I50.9" {ICD10} displayName="Heart failure, unspecified"/>'
    visit = (
        '<encounter classCode="ENC" moodCode="EVN"><id root="1.2.7" extension="V1"/>'
        '<code code="99223" codeSystem="2.16.840.1.113883.6.12"/>'
        '<effectiveTime><low value="202603010800-0500"/></effectiveTime>'
        f"<entryRelationship>{a_problem(diagnosis)}</entryRelationship></encounter>"
    )
    content = a_document(a_section("ENCOUNTERS", "<paragraph>x</paragraph>", visit, code="46240-8"))
    assert taken(content) == "imported"
    assert {(one.origin, one.kind, one.code_system, one.code) for one in all_of(SentCode)} == {
        ("list", "charge", "cpt", "99223"),
        ("list", "diagnosis", "icd10cm", "I50.9"),
    }
    assert taken(content) == "unchanged"


@pytest.fixture(scope="module")
def one_database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """One SQLite database for all examples: whatever came before, a file must be taken in or refused whole."""
    folder = tmp_path_factory.mktemp("ccda-fuzz")
    application = create_app(settings_for(folder, f"sqlite:///{folder / 'charts.sqlite'}"))
    with application.app_context():
        db.create_all()
        yield
        db.session.remove()
        db.engine.dispose()


_ODD = (
    "",
    "-1",
    "1e999",
    "A" * 300,
    "2.16.840.1.113883.4.6",
    "20260230",
    "true",
    "#p",
    "IVL_PQ",
    "UNK",
    "visit |",
)


@settings(
    max_examples=40, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.data())
def test_a_damaged_document_is_taken_in_or_refused_and_a_second_time_changes_nothing(
    one_database: None, data: st.DataObject
) -> None:
    root = etree.fromstring(a_result_document(stay=STAY))
    for _ in range(data.draw(st.integers(1, 5))):
        elements = list(root.iter(etree.Element))[1:]
        chosen = elements[data.draw(st.integers(0, len(elements) - 1))]
        parent = chosen.getparent()
        if parent is not None and data.draw(st.booleans()):
            parent.remove(chosen)
        elif chosen.attrib:
            name = data.draw(st.sampled_from(sorted(map(str, chosen.attrib))))
            chosen.set(name, data.draw(st.sampled_from(_ODD)))
    content = etree.tostring(root)
    first, second = taken(content), taken(content)
    assert (first, second) in {
        ("imported", "unchanged"),
        ("unchanged", "unchanged"),
        ("held", "held"),
        ("rejected", "rejected"),
    }
