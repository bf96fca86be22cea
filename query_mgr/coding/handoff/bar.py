"""BAR^P12: the diagnoses and procedures of an account. Pure.

Source: HL7 v2.5.1, 6.4.12 (P12, update diagnosis/procedure), 6.5.2 DG1, 6.5.3 DRG, 6.5.4 PR1. DG1-26 (present on
admission) is of v2.6 and sent ahead of it, as chapter 2 lets a receiver ignore fields that it does not know.
"""

from __future__ import annotations

from query_mgr.coding.handoff import hl7
from query_mgr.coding.handoff.hl7 import Envelope, segment
from query_mgr.coding.handoff.sheet import Diagnosis, Procedure, Sheet, with_actions

#: present on admission as HL7 table 0895 has it: exempt is E
_POA = {"1": "E"}


def bar_p12(sheet: Sheet, to: Envelope) -> str:
    """Return the message: the full set, each code with what to do with it.

    What billing has and the version no longer holds follows with the action D.
    """
    before = sheet.before("bar")
    diagnoses = with_actions(sheet.codes.all_diagnoses, before.all_diagnoses if before else ())
    procedures = with_actions(sheet.codes.procedures, before.procedures if before else ())
    return hl7.message(
        [
            hl7.header("BAR^P12", "BAR_P12", to),
            hl7.event(sheet.made_at, to),
            hl7.patient(sheet.patient, sheet.stay),
            hl7.visit(sheet.stay, sheet.codes.disposition, to.zone),
            *(_dg1(at, action, one, sheet, to) for at, (action, one) in enumerate(diagnoses, 1)),
            *_drg(sheet, to),
            *(_pr1(at, action, one) for at, (action, one) in enumerate(procedures, 1)),
        ]
    )


def _dg1(at: int, action: str, one: Diagnosis, sheet: Sheet, to: Envelope) -> str:
    return segment(
        "DG1",
        {
            1: at, 3: hl7.coded(one.code, one.title, "I10"), 5: hl7.moment(sheet.made_at, to.zone),
            6: "A" if one.is_admitting else "F", 15: one.sequence, 20: (one.key, hl7.SENDER), 21: action,
            26: _POA.get(one.poa, one.poa),
        },
    )  # fmt: skip


def _drg(sheet: Sheet, to: Envelope) -> list[str]:
    group = sheet.codes.group
    if group is None:
        return []
    version = f"MS-DRG {group.version}".strip()
    return [
        segment("DRG", {1: hl7.coded(group.code, group.title, version), 2: hl7.moment(sheet.made_at, to.zone)})
    ]


def _pr1(at: int, action: str, one: Procedure) -> str:
    return segment(
        "PR1",
        {
            1: at, 3: hl7.coded(one.code, one.title, "I10P"), 5: hl7.day(one.performed_on), 11: hl7.person(one.provider),
            14: one.sequence, 19: (one.key, hl7.SENDER), 20: action,
        },
    )  # fmt: skip
