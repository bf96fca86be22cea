"""BAR and DFT: codes and charges of an account, whatever the order in which the messages come."""

from __future__ import annotations

import itertools

import pytest
from flask import Flask
from sqlalchemy import select

from query_mgr.charts.actions import import_file
from query_mgr.charts.models import Encounter, SentCode
from query_mgr.platform.db import db
from tests.charts.hl7_messages import PID, adt, message, msh, pv1

ADMIT = adt("A01", "20260302050000", "1", admitted="20260302045500")


def take(*messages: str) -> list[str]:
    return [import_file(text.encode(), "feed.hl7", by="tester").status for text in messages]


def dg1(
    number: int,
    code: str,
    *,
    kind: str = "F",
    priority: str = "",
    poa: str = "",
    action: str = "",
    method: str = "I10",
) -> str:
    fields = [""] * 27
    fields[0:4] = ["DG1", str(number), "", f"{code}^as sent^{method}"]
    fields[5], fields[6], fields[15], fields[21], fields[26] = "20260303", kind, priority, action, poa
    return "|".join(fields).rstrip("|")


def pr1(number: int, code: str, *, method: str = "I10", on: str = "20260304", modifiers: str = "") -> str:
    return f"PR1|{number}||{code}^as sent^{method}||{on}|||||||||{number}||{modifiers}".rstrip("|")


def bar(trigger: str, at: str, control: str, *segments: str) -> str:
    return message(msh(f"BAR^{trigger}", at, control), f"EVN|{trigger}|{at}", PID, pv1(), *segments)


def dft(at: str, control: str, *segments: str) -> str:
    return message(msh("DFT^P03", at, control), f"EVN|P03|{at}", PID, pv1(), *segments)


def ft1(transaction: str, kind: str, code: str, quantity: str = "1", *, why: str = "", modifiers: str = "") -> str:
    fields = [""] * 27
    fields[0:3], fields[4], fields[6], fields[7] = ["FT1", "1", transaction], "20260304", kind, "CDM1^Room"
    fields[10], fields[13], fields[19], fields[25], fields[26] = quantity, "RAD^Radiology", why, code, modifiers
    return "|".join(fields).rstrip("|")


def codes(**only: str) -> list[SentCode]:
    db.session.rollback()
    found = select(SentCode).filter_by(**only).order_by(SentCode.kind, SentCode.sequence, SentCode.code)
    return list(db.session.scalars(found))


def test_an_accounts_codes_keep_role_order_poa_and_method(app: Flask) -> None:
    take(
        ADMIT,
        bar(
            "P01", "20260307050000", "2", dg1(1, "R07.9", kind="A"), dg1(2, "I50.21", priority="1", poa="Y"),
            dg1(3, "N17.9", priority="2", poa="N"), pr1(1, "4A023N7"), pr1(2, "93458", method="C4", modifiers="26~59"),
        ),
    )  # fmt: skip
    assert {one.origin for one in codes()} == {"account"}
    assert [(one.code, one.code_system, one.role, one.poa, one.sequence) for one in codes(kind="diagnosis")] == [
        ("I50.21", "icd10cm", "principal", "Y", 1),
        ("R07.9", "icd10cm", "admitting", "", 1),
        ("N17.9", "icd10cm", "secondary", "N", 2),
    ]
    assert [(one.code, one.code_system, one.modifiers) for one in codes(kind="procedure")] == [
        ("4A023N7", "icd10pcs", ""),
        ("93458", "cpt", "26 59"),
    ]
    assert {one.encounter_id for one in codes()} == {db.session.scalars(select(Encounter)).one().id}


@pytest.mark.parametrize(
    ("method", "system"),
    [
        ("I9", "icd9cm"),
        ("I10C", "icd10cm"),
        ("ICD-10-CM", "icd10cm"),
        ("SCT", "snomed"),
        ("HCPCS", "hcpcs"),
        ("?", ""),
    ],
)
def test_a_coding_method_names_its_code_system(app: Flask, method: str, system: str) -> None:
    take(bar("P01", "20260307050000", "2", dg1(1, "X1", method=method)))
    assert [one.code_system for one in codes()] == [system]


FIRST = bar(
    "P01", "20260307050000", "2", dg1(1, "I50.9", priority="1"), dg1(2, "N17.9", priority="2"), pr1(1, "4A023N7")
)
SNAPSHOT = bar("P12", "20260308050000", "3", dg1(1, "I50.21", priority="1"), dg1(2, "N17.9", priority="2"))
CHANGE = bar("P12", "20260309050000", "4", dg1(1, "N17.9", action="D"), dg1(2, "E87.1", action="A", priority="3"))


@pytest.mark.parametrize("order", list(itertools.permutations(range(4))))
def test_a_later_code_set_takes_the_place_of_the_earlier_whenever_it_comes(
    app: Flask, order: tuple[int, ...]
) -> None:
    messages = (ADMIT, FIRST, SNAPSHOT, CHANGE)
    assert take(*(messages[n] for n in order)) == ["imported"] * 4
    found = {one.code: one.status for one in codes()}
    assert found == {
        "I50.9": "cancelled",
        "I50.21": "final",
        "N17.9": "cancelled",
        "E87.1": "final",
        "4A023N7": "final",
    }
    assert all(one.encounter_id for one in codes())


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 0, 2)])
def test_a_purged_account_has_no_codes_until_it_is_coded_anew(app: Flask, order: tuple[int, ...]) -> None:
    messages = (
        FIRST,
        bar("P02", "20260310050000", "5"),
        bar("P05", "20260311050000", "6", dg1(1, "I50.9", priority="1")),
    )
    take(*(messages[n] for n in order))
    assert {one.code: one.status for one in codes()} == {
        "I50.9": "final", "N17.9": "cancelled", "4A023N7": "cancelled"
    }  # fmt: skip


CHARGES = (
    dft("20260305050000", "11", ft1("T1", "CG", "71045^as sent^C4", "2", why="R07.9^^I10", modifiers="26")),
    dft("20260305060000", "12", ft1("T2", "CG", "71045^as sent^C4", "1", why="R07.9^^I10", modifiers="26")),
    dft("20260306050000", "13", ft1("T3", "CD", "71045^as sent^C4", "2", modifiers="26")),
    dft("20260306060000", "14", ft1("T4", "CG", "96374^as sent^C4", why="E86.0^^I10")),
    dft("20260306070000", "15", ft1("T4", "CD", "96374^as sent^C4")),
)


@pytest.mark.parametrize("order", [(0, 1, 2, 3, 4), (4, 3, 2, 1, 0), (2, 4, 0, 3, 1)])
def test_charges_add_up_and_credits_take_away(app: Flask, order: tuple[int, ...]) -> None:
    take(ADMIT, *(CHARGES[n] for n in order))
    found = {one.code: (one.units, one.status, one.modifiers, one.name) for one in codes(kind="charge")}
    assert found == {
        "71045": (1.0, "final", "26", "as sent, Radiology"),
        "96374": (0.0, "cancelled", "", "as sent, Radiology"),
    }
    assert {one.code: one.status for one in codes(kind="diagnosis")} == {"R07.9": "final", "E86.0": "cancelled"}


def test_a_transaction_sent_in_two_messages_counts_once(app: Flask) -> None:
    take(ADMIT, CHARGES[0], CHARGES[0].replace("|11|P", "|91|P"))
    assert [one.units for one in codes(kind="charge")] == [2.0]


def test_money_moves_no_code_and_a_foreign_group_is_not_taken_over(app: Flask) -> None:
    report = import_file(
        dft("20260305050000", "11", ft1("T1", "CG", "71045^^C4"), ft1("T2", "PY", "71045^^C4"), "DRG|291").encode(),
        "feed.hl7", by="tester",
    )  # fmt: skip
    assert [one.partition(":")[0] for one in report.warnings] == ["drg", "charge", "encounter"]
    assert [one.units for one in codes()] == [1.0]


def test_each_visit_of_a_message_keeps_its_own_codes(app: Flask) -> None:
    second = pv1().replace("CSN1", "CSN2")
    two = bar("P01", "20260307050000", "2", dg1(1, "I50.9"), second, dg1(1, "E11.9"))
    take(two, ADMIT, ADMIT.replace("CSN1", "CSN2").replace("|1|P", "|9|P"))
    assert {one.code: number(one.encounter_id) for one in codes()} == {"I50.9": "CSN1", "E11.9": "CSN2"}


def number(encounter_id: int | None) -> str | None:
    return db.session.scalar(select(Encounter.number).where(Encounter.id == encounter_id))
