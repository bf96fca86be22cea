"""DFT^P03: charges, and what takes charges back. Pure.

Source: HL7 v2.5.1, 6.4.3 (P03, post detail financial transactions), 6.5.1 FT1 and table 0017 (CG charge, CD credit).
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable

from query_mgr.coding.handoff import hl7
from query_mgr.coding.handoff.hl7 import Envelope, segment
from query_mgr.coding.handoff.sheet import Charge, Codes, Service, Sheet

_METHODS = {"cpt": "C4", "hcpcs": "HCPCS"}
CHARGE, CREDIT = "CG", "CD"


def transaction(service: Service, number: int) -> str:
    """Return the identity (FT1-2, 12 signs) of the charge of a service line that came with version `number`."""
    digest = hashlib.sha256(f"{service.ref}|{number}".encode()).digest()
    return base64.b32encode(digest)[:12].decode()


def standing(taken: Iterable[Codes]) -> dict[str, Charge]:
    """Return the charges that stand at billing by line, after the versions that it took, oldest first."""
    found: dict[str, Charge] = {}
    for codes in taken:
        now = {one.ref: one for one in codes.services}
        found = {ref: one for ref, one in found.items() if ref in now and now[ref].charged == one.service.charged}
        for ref, service in now.items():
            if ref not in found:
                found[ref] = Charge(transaction(service, codes.number), service)
    return found


def changes(sheet: Sheet) -> list[tuple[str, Charge]]:
    """Return what to post: a credit for each charge that no longer holds, then a charge for each that is new."""
    taken = sheet.earlier.get("dft", ())
    before, after = standing(taken), standing((*taken, sheet.codes))
    gone = [(CREDIT, one) for ref, one in before.items() if after.get(ref) != one]
    return gone + [(CHARGE, one) for ref, one in after.items() if before.get(ref) != one]


def dft_p03(sheet: Sheet, to: Envelope) -> str | None:
    """Return the message, or None where no charge changed."""
    found = changes(sheet)
    if not found:
        return None
    return hl7.message(
        [
            hl7.header("DFT^P03", "DFT_P03", to),
            hl7.event(sheet.made_at, to),
            hl7.patient(sheet.patient, sheet.stay),
            hl7.visit(sheet.stay, sheet.codes.disposition, to.zone),
            *(_ft1(at, kind, charge, sheet, to) for at, (kind, charge) in enumerate(found, 1)),
        ]
    )


def _ft1(at: int, kind: str, charge: Charge, sheet: Sheet, to: Envelope) -> str:
    one = charge.service
    coded = hl7.coded(one.code, one.title, _METHODS[one.system])
    revenue = (one.revenue, "", "NUBC") if one.revenue else ()
    served = hl7.day(one.served_on) or hl7.day(
        (sheet.stay.discharged_at or sheet.made_at).astimezone(to.zone).date()
    )
    return segment(
        "FT1",
        {
            1: at, 2: charge.transaction, 4: served, 5: hl7.moment(sheet.made_at, to.zone), 6: kind,
            7: (*coded, *revenue), 10: one.units, 16: ("", "", "", "", "", one.place) if one.place else None,
            17: "P" if one.claim == "professional" else "F",
            19: [hl7.coded(reason.code, reason.title, "I10") for reason in one.pointers], 20: hl7.person(one.provider),
            25: coded, 26: list(one.modifiers),
        },
    )  # fmt: skip
