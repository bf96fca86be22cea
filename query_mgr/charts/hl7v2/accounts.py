"""What the messages about an account's codes make together, in the order in which things happened. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from query_mgr.charts.hl7v2.codes import Charge, CodeSet
from query_mgr.charts.records import SentCodeRecord


def settle(sets: Iterable[CodeSet]) -> tuple[SentCodeRecord, ...]:
    """Return the codes that stand and, as cancelled, those that stood once.

    sets: in the order of events. A snapshot takes the place of what the account held of its kinds; a change touches
    only what it names; charges add up and credits take away; a purge takes all.
    """
    codes: dict[str, SentCodeRecord] = {}
    names: dict[str, frozenset[str]] = {}  # code -> names of its account
    charges: dict[str, tuple[Charge, frozenset[str]]] = {}
    purged: dict[str, Charge] = {}
    for one in sets:
        accounts = frozenset(one.accounts)
        if one.effect in ("snapshot", "purge"):
            for key, code in codes.items():
                is_spoken_for = one.effect == "purge" or (code.kind in one.kinds and code.origin == "account")
                if is_spoken_for and names[key] & accounts:
                    codes[key] = replace(code, status="cancelled")
        if one.effect == "purge":
            gone = {key: charge for key, (charge, owners) in charges.items() if owners & accounts}
            purged |= gone
            charges = {key: held for key, held in charges.items() if key not in gone}
        for code in one.codes:
            codes[code.source_key] = code
            names[code.source_key] = accounts
        charges |= {charge.identity: (charge, accounts) for charge in one.charges}
    return (*_with_reasons(codes, [charge for charge, _ in charges.values()], list(purged.values())),)


def _with_reasons(
    codes: dict[str, SentCodeRecord], charges: list[Charge], purged: list[Charge]
) -> Iterable[SentCodeRecord]:
    lines: dict[str, tuple[SentCodeRecord, float]] = {one.line.source_key: (one.line, 0.0) for one in purged}
    for one in charges:
        _, before = lines.get(one.line.source_key, (one.line, 0.0))
        lines[one.line.source_key] = (one.line, before + one.sign * (one.line.units or 0.0))
    stand = {key for key, (_, units) in lines.items() if units > 0}
    reasons: dict[str, SentCodeRecord] = {}
    for one in (*purged, *charges):
        for reason in one.diagnoses:
            is_needed = one.line.source_key in stand
            if is_needed or reason.source_key not in reasons:
                reasons[reason.source_key] = reason if is_needed else replace(reason, status="cancelled")
    yield from (reasons | codes).values()
    for key, (line, units) in lines.items():
        yield replace(line, units=max(units, 0.0), status="final" if key in stand else "cancelled")
