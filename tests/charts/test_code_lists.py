"""Codes that other systems assigned, as a CSV: every cell checked, and nothing put right in silence."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from flask import Flask
from sqlalchemy import select

from query_mgr.charts.actions import import_file
from query_mgr.charts.models import SentCode
from query_mgr.charts.problems import Held, Rejection
from query_mgr.charts.records import SentCodeRecord
from query_mgr.charts.tables import Hospital, read
from query_mgr.charts.tables.hospital import Stay
from query_mgr.codes.loader import CodeRow, load_rows
from query_mgr.platform.db import db
from tests.charts.test_tables import ADA, MANY, table
from tests.codes.builders import some_codes

HEAD = "encounter,code_system,code,role,sequence,poa,modifiers,units,served_on,name"
DAY = date(2026, 3, 6)
CSN1 = Stay("visit table|CSN1", "table|000417", "CSN1", frozenset({"000417", "A9"}), DAY)


def a_hospital(*stays: Stay, why: dict[str, str] | None = None) -> Hospital:
    """A hospital that has these stays on file, and knows why some codes cannot be reported."""
    found: dict[str, list[Stay]] = {}
    for stay in stays or (CSN1,):
        found.setdefault(stay.number, []).append(stay)
    reasons = why or {}
    return Hospital(
        stays=lambda numbers: {number: found[number] for number in numbers if number in found},
        unreportable=lambda pairs: {pair: reasons[pair[0]] for pair in pairs if pair[0] in reasons},
    )


def codes_of(*rows: str, head: str = HEAD, hospital: Hospital | None = None) -> tuple[SentCodeRecord, ...]:
    content = "\n".join((head, *rows)).encode()
    return read(content, hospital or a_hospital()).bundle.codes


def refusal(*rows: str, head: str = HEAD, hospital: Hospital | None = None) -> list[str]:
    with pytest.raises(Rejection) as refused:
        codes_of(*rows, head=head, hospital=hospital)
    return [str(problem) for problem in refused.value.problems]


def test_a_list_of_codes_is_kept_beside_the_stay(app: Flask) -> None:
    some_codes()
    import_file(table(ADA, MANY), "stays.csv", by="tester")
    content = "\n".join((
        HEAD,
        "CSN1,ICD-10-CM,i5021,principal,1,Y,,,,Acute systolic heart failure",
        "CSN1,icd10cm,I50.21,admitting,,,,,,",
        "CSN1,icd10pcs,4a023n7,principal,1,,,,2026-03-03,",
        "CSN2,cpt,99213,,1,,25 59,1,03/02/2026,words that are the AMA's",
        "CSN2,hcpcs,j1940,,2,,,2.5,2026-03-02,",
    )).encode()  # fmt: skip
    report = import_file(content, "codes.csv", by="tester")
    assert (report.status, report.codes, report.errors) == ("imported", 5, ())
    assert report.warnings == ("license: row 5: the words of a CPT code are the AMA's and are not kept",)
    rows = db.session.scalars(select(SentCode).order_by(SentCode.id)).all()
    kept = [(one.origin, one.kind, one.code_system, one.code, one.role, one.poa) for one in rows]
    assert kept == [
        ("list", "diagnosis", "icd10cm", "I50.21", "principal", "Y"),
        ("list", "diagnosis", "icd10cm", "I50.21", "admitting", ""),
        ("list", "procedure", "icd10pcs", "4A023N7", "principal", ""),
        ("list", "charge", "cpt", "99213", "", ""),
        ("list", "charge", "hcpcs", "J1940", "", ""),
    ]
    assert [(one.modifiers, one.units, one.name) for one in rows[3:]] == [("25 59", 1.0, ""), ("", 2.5, "")]
    assert rows[2].served_at == datetime(2026, 3, 3, 5, tzinfo=UTC)  # midnight in New York
    assert all(one.encounter_id for one in rows)
    assert import_file(content, "codes.csv", by="tester").status == "unchanged"
    assert import_file(content.replace(b",Y,", b",N,"), "codes.csv", by="tester").status == "imported"
    db.session.rollback()
    assert [one.poa for one in db.session.scalars(select(SentCode).order_by(SentCode.id))][:2] == ["N", ""]


@pytest.mark.parametrize(
    ("written", "kept"),
    [("e11.9 ", "E11.9"), ("E119", "E11.9"), ("Ｅ１１．９", "E11.9"), ("s83.4xxa", "S83.4XXA"), ("i10", "I10")],
)
def test_item_65_and_66_a_code_is_written_as_its_system_writes_it(written: str, kept: str) -> None:
    """Items 65 and 66: case, blanks, full width and a missing dot are put right."""
    assert codes_of(f"CSN1,icd10cm,{written},,,,,,,")[0].code == kept


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ('"E11,9"', "Did you mean E11.9?"),
        ("Е11.9", "cyrillic capital letter ie"),
        ("110", "Did you mean I10?"),
        ("I5O.9", "Did you mean I50.9?"),
        ("250.00", "ICD-9-CM, which ended on 30 September 2015"),
        ("0DTJ4ZZ", "ICD-10-PCS procedure"),
        ("1E10", "turned into a number"),
        ("1.00E+10", "turned into a number"),
        ("3-Jan", "turned into a date"),
        ("Mar-24", "turned into a date"),
        ("#N/A", "error of a formula"),
        ("", "is empty"),
        ("x" * 300, "too long"),
    ],
)
def test_item_60_65_and_67_a_diagnosis_that_is_no_code_is_refused_with_a_hint(written: str, words: str) -> None:
    """Items 60, 65 and 67: comma, homoglyph, ICD-9, PCS, I for 1, O for 0, and what spreadsheets do."""
    found = refusal(f"CSN1,icd10cm,{written},,,,,,,")
    assert len(found) == 1
    assert found[0].startswith("cell: row 2, code: ")
    assert words in found[0]


@pytest.mark.parametrize(
    ("system", "code", "words"),
    [
        ("icd10pcs", "ODTJ4ZZ", "Did you mean 0DTJ4ZZ?"),
        ("icd10pcs", "E11.9", "looks like icd10cm"),
        ("cpt", "J1940", "looks like hcpcs"),
        ("cpt", "9921", "five digits"),
        ("hcpcs", "99213", "looks like cpt"),
        ("hcpcs", "W1234", "a letter from A to V"),
        ("cpt", "٩٩٢١٣", "five digits"),
    ],
)
def test_item_67_a_code_of_another_system_is_named(system: str, code: str, words: str) -> None:
    """Item 67, for procedures and charges."""
    assert words in refusal(f"CSN1,{system},{code},,,,,,,")[0]


def test_item_64_the_words_of_a_cpt_code_are_not_kept() -> None:
    """Item 64: a notice of the license; the words of other code systems stay as they were sent."""
    content = f"{HEAD}\nCSN1,cpt,99213,,,,,,,some words\nCSN1,hcpcs,J1940,,,,,,,other words".encode()
    reading = read(content, a_hospital())
    assert [one.name for one in reading.bundle.codes] == ["", "other words"]
    assert reading.warnings == ("license: row 2: the words of a CPT code are the AMA's and are not kept",)


@pytest.mark.parametrize("code", ["99213", "0001F", "0042T", "0016M", "0001U"])
def test_a_cpt_code_is_held_to_its_form_only(code: str) -> None:
    assert codes_of(f"CSN1,cpt,{code},,,,,,,")[0].code == code


@pytest.mark.parametrize(
    ("row", "where"),
    [
        ("CSN1,icd11,E11.9,,,,,,,", "code_system: 'icd11' is none of"),
        ("CSN1,icd10cm,E11.9,main,,,,,,", "role: 'main' is none of"),
        ("CSN1,icd10pcs,0DTJ4ZZ,admitting,,,,,,", "role: 'admitting' is none of: principal, secondary"),
        ("CSN1,cpt,99213,principal,,,,,,", "role: belongs to diagnoses"),
        ("CSN1,icd10cm,E11.9,,0,,,,,", "sequence: '0' is no number"),
        ("CSN1,icd10cm,E11.9,,²,,,,,", "sequence: '²' is no number"),
        ("CSN1,icd10cm,E11.9,,,X,,,,", "poa: 'X' is none of: Y, N, U, W, 1"),
        ("CSN1,cpt,99213,,,Y,,,,", "poa: belongs to diagnoses"),
        ("CSN1,cpt,99213,,,,25 5,,,", "modifiers: are up to 4"),
        ("CSN1,icd10cm,E11.9,,,,25,,,", "modifiers: belong to CPT"),
        ("CSN1,cpt,99213,,,,,-1,,", "units: '-1' is no number above 0"),
        ("CSN1,cpt,99213,,,,,nan,,", "units: 'nan' is no number above 0"),
        ("CSN1,cpt,99213,,,,,,2026-02-30,", "served_on: '2026-02-30' is no time"),
    ],
)
def test_a_wrong_cell_is_named(row: str, where: str) -> None:
    assert f"row 2, {where}" in refusal(row)[0]


def test_item_66_and_68_the_edition_of_the_discharge_date_decides(app: Flask) -> None:
    """Items 66 and 68: a category, a missing placeholder, and a code of another year's edition are row errors."""
    some_codes()
    later = (
        CodeRow("T45.0X1A", "Poisoning by antiallergic drugs", True, None, {}),
        CodeRow("E11", "Type 2 diabetes mellitus", False, None, {}),
    )
    load_rows(later, "2027", effective_from=date(2026, 10, 1))
    stays = [ADA, ADA.replace("CSN1", "CSN9").replace("2026-03-06T14:30:00-05:00", "2026-10-01 00:30")]
    assert import_file(table(*stays), "stays.csv", by="tester").status == "imported"

    def why(*rows: str) -> tuple[str, ...]:
        return import_file("\n".join((HEAD, *rows)).encode(), "codes.csv", by="tester").errors

    assert "is a category and cannot be reported" in why("CSN1,icd10cm,E11,,,,,,,")[0]
    assert "T45.0X1A is not in the ICD-10-CM edition for 2026-03-06" in why("CSN1,icd10cm,T45.0X1A,,,,,,,")[0]
    assert why("CSN9,icd10cm,T45.0X1A,,,,,,,") == ()
    assert "Did you mean T45.0X1A?" in why("CSN9,icd10cm,T45.01A,,,,,,,")[0]
    assert "E11.9 is not in the ICD-10-CM edition for 2026-10-01" in why("CSN9,icd10cm,E11.9,,,,,,,")[0]


def test_item_69_twins_and_two_principal_codes_are_reported() -> None:
    """Item 69: duplicates are reported, not silently fixed."""
    found = refusal(
        "CSN1,icd10cm,E11.9,principal,,,,,,", "CSN1,icd10cm,e119,,,,,,,", "CSN1,icd10cm,I10,principal,,,,,,"
    )
    assert found == [
        "cell: row 3, code: E11.9 comes twice on this stay, first in row 2",
        "cell: row 4, role: row 2 is the principal diagnosis of this stay already",
    ]


def test_a_procedure_done_twice_is_two_rows() -> None:
    rows = ("CSN1,cpt,99232,,1,,,,2026-03-03,", "CSN1,cpt,99232,,2,,,,2026-03-04,")
    assert len({one.source_key for one in codes_of(*rows)}) == 2


def test_codes_wait_for_their_stay() -> None:
    with pytest.raises(Held) as held:
        codes_of("CSN7,icd10cm,E11.9,,,,,,,", "CSN8,icd10cm,E11.9,,,,,,,")
    assert str(held.value) == (
        "waits: row 2, encounter: no stay CSN7 is on file here; import the stay first (so do 1 more)"
    )


def test_a_stay_is_found_by_its_number_alone_where_only_one_has_it() -> None:
    fhir = Stay("Encounter/enc-1", "http://h|1", "CSN3", frozenset({"1"}), DAY)
    assert codes_of("CSN3,icd10cm,I10,,,,,,,", hospital=a_hospital(fhir))[0].encounter_key == "Encounter/enc-1"
    twin = Stay("Encounter/enc-2", "http://h|2", "CSN3", frozenset({"2"}), DAY)
    found = refusal("CSN3,icd10cm,I10,,,,,,,", hospital=a_hospital(fhir, twin))
    assert "several stays on file have this number" in found[0]
    head, hospital = "encounter,mrn,code_system,code", a_hospital(fhir, twin)
    assert codes_of("CSN3,2,icd10cm,I10", head=head, hospital=hospital)[0].encounter_key == "Encounter/enc-2"


def test_a_number_of_before_a_merge_still_names_the_patient() -> None:
    head = "encounter,mrn,code_system,code"
    assert codes_of("CSN1,A9,icd10cm,I10", head=head)[0].patient_key == "table|000417"
    assert "mrn: is not the patient of this stay" in refusal("CSN1,A8,icd10cm,I10", head=head)[0]


def test_the_rows_that_are_right_can_be_taken_alone() -> None:
    content = f'{HEAD}\nCSN1,icd10cm,E11.9,,,,,,,\nCSN1,icd10cm,"E11,9",,,,,,,\nCSN7,icd10cm,I10,,,,,,,'.encode()
    reading = read(content, a_hospital(), good_rows=True)
    assert [one.code for one in reading.bundle.codes] == ["E11.9"]
    assert [(part.where, part.reason.split(":")[0].split(" ")[0]) for part in reading.held] == [
        ("row 3", "code"),
        ("row 4", "encounter"),
    ]
    assert reading.held[1].payload == f"{HEAD}\nCSN7,icd10cm,I10,,,,,,,\r\n".encode()
