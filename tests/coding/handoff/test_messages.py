"""What billing is sent: HL7 v2.5.1 that an independent parser takes, FHIR R4 that validates, CSV that runs nothing."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from fhir.resources.R4B.claim import Claim
from hl7apy.consts import VALIDATION_LEVEL
from hl7apy.core import Message
from hl7apy.parser import parse_message

from query_mgr.coding.handoff.bar import bar_p12
from query_mgr.coding.handoff.claim import claim
from query_mgr.coding.handoff.dft import dft_p03
from query_mgr.coding.handoff.hl7 import escaped, number, short
from query_mgr.coding.handoff.sheet import Sheet
from query_mgr.coding.handoff.table import COLUMNS, handoff_csv
from tests.coding.handoff.builders import DRUG, KIDNEY, PICC, SEPSIS, VISIT
from tests.coding.handoff.sheets import TO, a_sheet, codes
from tests.services import ROOT

SYSTEM = "http://localhost/coding/hand-offs"


def fields(message: str, name: str) -> list[list[str]]:
    """Return the segments with a name, each as its fields, counted from 0 (the name)."""
    return [line.split("|") for line in message.split("\r") if line.startswith(name)]


def strict(message: str) -> Message:
    """Return what hl7apy makes of a message; DG1-26 is of v2.6 and not in its tables of v2.5.1."""
    lines = ["|".join(line.split("|")[:22]) if line.startswith("DG1") else line for line in message.split("\r")]
    found = parse_message("\r".join(lines), validation_level=VALIDATION_LEVEL.STRICT, find_groups=True)
    assert found.validate()
    return found


def dft(sheet: Sheet) -> str:
    found = dft_p03(sheet, TO)
    assert found is not None
    return found


def a_claim(kind: str, sheet: Sheet) -> dict[str, Any]:
    found = claim(sheet, kind, TO, SYSTEM)
    assert found is not None
    Claim.model_validate(found)
    return found


def test_an_independent_parser_takes_the_codes_as_bar_p12() -> None:
    message = bar_p12(a_sheet(drg={"code": "871", "title": "Septicemia", "version": "44"}), TO)
    found = strict(message)
    names = [child.name for child in found.children]
    assert names == ["MSH", "EVN", "PID", "PV1", "DG1", "DG1", "DG1", "DRG", "BAR_P12_PROCEDURE"]
    assert (found.msh.msh_9.value, found.msh.msh_12.value) == ("BAR^P12^BAR_P12", "2.5.1")
    assert message.split("\r")[0].split("|")[17] == "UNICODE UTF-8"
    principal = found.children[4]
    assert principal.dg1_3.value == "A41.9^Sepsis, unspecified organism^I10"
    assert (principal.dg1_6.value, principal.dg1_15.value, principal.dg1_21.value) == ("F", "1", "A")
    assert [line[26] if len(line) > 26 else "" for line in fields(message, "DG1")] == ["Y", "N", ""]
    assert [(line[6], line[15]) for line in fields(message, "DG1")] == [("F", "1"), ("F", "2"), ("A", "0")]
    assert fields(message, "DRG")[0][1] == "871^Septicemia^MS-DRG 44"
    procedure = fields(message, "PR1")[0]
    assert procedure[3].endswith("^I10P")
    assert (procedure[5], procedure[14], procedure[20]) == ("20261029", "1", "A")


def test_an_independent_parser_takes_the_charges_as_dft_p03() -> None:
    message = dft(a_sheet(services=[VISIT | {"provider": 1}, DRUG]))
    found = strict(message)
    assert [child.name for child in found.children][4:] == ["DFT_P03_FINANCIAL", "DFT_P03_FINANCIAL"]
    visit, drug = fields(message, "FT1")
    assert (visit[4], visit[6], visit[10], visit[17]) == ("20261030", "CG", "2", "P")
    assert visit[25] == "99991^Made-up visit \\T\\ talk \\F\\ longer^C4"
    assert (visit[26], visit[16]) == ("25~GT", "^^^^^21")
    assert [one.split("^")[0] for one in visit[19].split("~")] == ["N17.9", "A41.9"]
    assert visit[20].startswith("1234567893^Adams^Ann^")
    assert drug[7] == "J2405^Ondansetron hcl injection^HCPCS^0636^^NUBC"
    assert drug[17] == "F"
    assert len({visit[2], drug[2]}) == 2
    assert all(len(one[2]) <= 12 for one in (visit, drug))


def test_a_name_full_of_delimiters_stays_one_name() -> None:
    message = bar_p12(a_sheet(), TO)
    assert fields(message, "PID")[0][5] == "O'Brien\\F\\Núñez\\S\\\\T\\\\R\\\\E\\^María^^^^^L"
    assert fields(message, "PID")[0][3] == "000123^^^RIVER^MR"
    assert escaped("two\rlines\n and a \x0b") == "two lines and a"


def test_what_a_short_field_cannot_hold_is_cut_between_words() -> None:
    assert short("Hospital Medicine and Surgery") == "Hospital Medicine"
    assert short("Riverbend") == "Riverbend"
    assert short("x" * 30) == "x" * 20
    assert [number(one) for one in (1, 2.0, 0.5, 99999)] == ["1", "2", "0.5", "99999"]


def test_a_correction_holds_the_full_set_and_says_what_to_do_with_each_code() -> None:
    shock = {"ref": "dx3", "sequence": 2, "code": "R65.21", "title": "Severe sepsis with septic shock", "poa": "Y"}
    septic = SEPSIS | {"code": "A41.51", "title": "Sepsis due to Escherichia coli [E. coli]"}
    message = bar_p12(
        a_sheet(codes(), number=2, diagnoses=[septic, shock, KIDNEY | {"sequence": 3}], procedures=[]), TO
    )
    strict(message)
    assert [(line[3].split("^")[0], line[15], line[21]) for line in fields(message, "DG1")] == [
        ("A41.51", "1", "A"), ("R65.21", "2", "A"), ("N17.9", "3", "U"), ("R65.20", "0", "U"), ("A41.9", "1", "D"),
    ]  # fmt: skip
    assert [(line[3].split("^")[0], line[20]) for line in fields(message, "PR1")] == [("02HV33Z", "D")]


def test_a_changed_charge_is_taken_back_under_its_own_transaction_and_posted_anew() -> None:
    first = dft(a_sheet())
    second = dft(a_sheet(codes(), number=2, services=[VISIT | {"units": 1.0}, DRUG]))
    strict(second)
    charged, (credit, charge) = fields(first, "FT1")[0], fields(second, "FT1")
    assert (credit[6], credit[2], credit[10]) == ("CD", charged[2], "2")
    assert (charge[6], charge[10]) == ("CG", "1")
    assert charge[2] != charged[2]


def test_charges_that_did_not_change_are_not_sent_again() -> None:
    assert dft_p03(a_sheet(codes(), number=2, diagnoses=[KIDNEY | {"ref": "dx2"}, SEPSIS]), TO) is None
    assert dft_p03(a_sheet(services=[]), TO) is None


def test_a_line_that_changes_and_changes_back_is_charged_under_a_transaction_of_its_own() -> None:
    other = codes(2, services=[VISIT | {"units": 1.0}, DRUG])
    first, third = fields(dft(a_sheet()), "FT1")[0], fields(dft(a_sheet(codes(), other, number=3)), "FT1")
    assert [one[6] for one in third] == ["CD", "CG"]
    assert len({first[2], third[0][2], third[1][2]}) == 3


@pytest.mark.parametrize("kind", ["claim", "professional"])
def test_a_claim_is_fhir_r4(kind: str) -> None:
    found = a_claim(kind, a_sheet(services=[VISIT | {"provider": 1}, DRUG], drg={"code": "871"}))
    assert found["identifier"][0] == {"system": SYSTEM, "value": TO.control_id}
    assert "related" not in found
    assert found["insurance"][0]["coverage"]["display"] == "Blue Plan"


def test_the_institutional_claim_holds_the_stay_and_the_professional_one_its_lines() -> None:
    sheet = a_sheet(services=[VISIT | {"provider": 1}, DRUG])
    stay, visit = a_claim("claim", sheet), a_claim("professional", sheet)
    assert [one["diagnosisCodeableConcept"]["coding"][0]["code"] for one in stay["diagnosis"]] == [
        "A41.9", "N17.9", "R65.20",
    ]  # fmt: skip
    assert stay["diagnosis"][0]["onAdmission"]["coding"][0]["code"] == "Y"
    assert [one["productOrService"]["coding"][0]["code"] for one in stay["item"]] == ["J2405"]
    assert stay["supportingInfo"][0]["code"]["coding"][0]["code"] == "01"
    assert [one["productOrService"]["coding"][0]["code"] for one in visit["item"]] == ["99991"]
    assert visit["item"][0]["diagnosisSequence"] == [2, 1]
    assert "procedure" not in visit
    assert "onAdmission" not in visit["diagnosis"][0]


def test_a_corrected_claim_names_the_one_before_and_an_unchanged_one_is_not_sent_again() -> None:
    sheet = a_sheet(codes(), number=2, procedures=[])
    found = a_claim("claim", sheet)
    assert found["related"][0]["claim"]["identifier"]["value"] == "priorpriorprior2"
    assert found["related"][0]["relationship"]["coding"][0]["code"] == "prior"
    assert claim(sheet, "professional", TO, SYSTEM) is None


def test_a_claim_that_no_longer_holds_anything_is_cancelled_once() -> None:
    gone = a_sheet(codes(), number=2, services=[DRUG])
    assert a_claim("professional", gone)["status"] == "cancelled"
    assert claim(a_sheet(codes(), gone.codes, number=3, services=[DRUG]), "professional", TO, SYSTEM) is None
    assert claim(a_sheet(services=[DRUG]), "professional", TO, SYSTEM) is None


def test_a_visit_with_professional_lines_only_makes_no_institutional_claim() -> None:
    assert claim(a_sheet(kind="ambulatory", services=[VISIT]), "claim", TO, SYSTEM) is None
    assert claim(a_sheet(kind="ambulatory", services=[]), "claim", TO, SYSTEM) is not None


def test_no_cell_of_the_csv_is_a_formula() -> None:
    titles = ["=cmd|'/C calc'!A0", "+1", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "\x00=1", "  =1", "＝1", "plain"]
    lines = [KIDNEY | {"ref": f"r{at}", "sequence": at, "title": one} for at, one in enumerate(titles, 1)]
    rows = list(csv.DictReader(io.StringIO(handoff_csv(a_sheet(diagnoses=lines), TO.zone))))
    shown = [row["title"] for row in rows if row["kind"] == "diagnosis"]
    assert shown[-1] == "plain"
    assert all(one.startswith("'") for one in shown[:-1])
    assert rows[0]["mrn"] == "000123"


def test_the_csv_has_a_row_for_every_code() -> None:
    text = handoff_csv(a_sheet(procedures=[PICC | {"provider": 1}]), TO.zone)
    rows = list(csv.DictReader(io.StringIO(text)))
    assert list(rows[0]) == list(COLUMNS)
    assert [(row["kind"], row["code"]) for row in rows] == [
        ("diagnosis", "A41.9"), ("diagnosis", "N17.9"), ("admitting", "R65.20"), ("procedure", "02HV33Z"),
        ("service", "99991"), ("service", "J2405"),
    ]  # fmt: skip
    assert (rows[3]["provider"], rows[3]["npi"], rows[3]["served_on"]) == (
        "Adams, Ann",
        "1234567893",
        "2026-10-29",
    )
    assert (rows[4]["modifiers"], rows[4]["pointers"], rows[4]["units"]) == ("25 GT", "N17.9 A41.9", "2")


def test_the_columns_are_documented_as_they_are() -> None:
    page = (ROOT / "docs" / "interfaces" / "handoff.md").read_text()
    for name, meaning in COLUMNS.items():
        assert f"| `{name}` | {meaning} |" in page
