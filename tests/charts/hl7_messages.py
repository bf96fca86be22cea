"""HL7 v2 messages for tests."""

from __future__ import annotations


def message(*segments: str) -> str:
    return "\r".join(segments) + "\r"


def msh(kind: str, at: str, control: str, *, processing: str = "P", charset: str = "") -> str:
    return f"MSH|^~\\&|EPIC|RIVERBEND|QM|QM|{at}||{kind}|{control}|{processing}|2.5.1|||||{'|' if charset else ''}{charset}".rstrip(
        "|"
    )


PID = "PID|1||000417^^^RIVERBEND^MR~123-45-6789^^^USA^SS||Testperson^Ada^M||19480302|F"
DOCTOR = "1234567893^Medina^Rosa^^^^MD^^&2.16.840.1.113883.4.6&ISO^^^^NPI"


def pv1(admitted: str = "", discharged: str = "", *, patient_class: str = "I", service: str = "MED") -> str:
    fields = [""] * 46
    fields[0], fields[1], fields[2], fields[7], fields[10] = "PV1", "1", patient_class, DOCTOR, service
    fields[19], fields[44], fields[45] = "CSN1^^^RIVERBEND", admitted, discharged
    return "|".join(fields).rstrip("|")


def adt(
    trigger: str,
    at: str,
    control: str,
    *,
    admitted: str = "",
    discharged: str = "",
    pid: str = PID,
    service: str = "MED",
) -> str:
    return message(
        msh(f"ADT^{trigger}", at, control), f"EVN|{trigger}|{at}", pid, pv1(admitted, discharged, service=service)
    )


def oru(at: str, control: str, value: str, status: str = "F", *, flag: str = "H", kind: str = "NM") -> str:
    return message(
        msh("ORU^R01", at, control), PID, pv1(), "OBR|1|P1|F1^LAB|24323-8^Metabolic panel^LN|||20260302061000",
        f"OBX|1|{kind}|2160-0^Creatinine^LN||{value}|mg/dL^^UCUM|0.6-1.3|{flag}|||{status}|||20260302061000",
    )  # fmt: skip


def mdm(
    trigger: str, at: str, control: str, unique: str, *lines: str, parent: str = "", status: str = "AU"
) -> str:
    txa = f"TXA|1|PN|TX|{at}|{DOCTOR}|{at}|||{DOCTOR}|||{unique}|{parent}||||{status}"
    return message(
        msh(f"MDM^{trigger}", at, control), PID, pv1(), txa,
        *(f"OBX|{n}|TX|18842-5^Note^LN||{line}||||||F" for n, line in enumerate(lines, 1)),
    )  # fmt: skip
