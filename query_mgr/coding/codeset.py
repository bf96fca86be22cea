"""The rules of a code set: change it, and say what is wrong with it. Pure: tuples in, tuples out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

POA_VALUES = {
    "Y": "Yes: present at the time of inpatient admission",
    "N": "No: not present at the time of inpatient admission",
    "U": "Unknown: documentation is insufficient to decide",
    "W": "Clinically undetermined: the provider cannot decide",
    "1": "Exempt from POA reporting",
}
OPS = ("add", "replace", "remove", "poa")


class CodingError(ValueError):
    """A change of a code set that cannot be made; the message says why and what to do."""


@dataclass(frozen=True)
class CodeEntry:
    """One code of a code set; sequence 1 is the principal diagnosis. `ref` is "" before it is stored."""

    ref: str
    code: str
    title: str
    sequence: int
    poa: str = ""


Entries = tuple[CodeEntry, ...]


def numbered(entries: Iterable[CodeEntry]) -> Entries:
    """Return `entries` in the order given, sequenced 1, 2, 3 ... without a gap."""
    return tuple(replace(entry, sequence=n) for n, entry in enumerate(entries, start=1))


def ordered(entries: Iterable[CodeEntry]) -> Entries:
    """Return `entries` by their sequence, renumbered without a gap."""
    return numbered(sorted(entries, key=lambda entry: entry.sequence))


def add(entries: Entries, entry: CodeEntry, sequence: int | None = None) -> Entries:
    """Put `entry` at `sequence` (1 = principal), or last; the ones behind it move down."""
    rows = list(ordered(entries))
    at = len(rows) if sequence is None else _place(sequence, len(rows) + 1)
    rows.insert(at, entry)
    return numbered(rows)


def remove(entries: Entries, ref: str) -> Entries:
    """Take one entry out; the ones behind it move up."""
    found = find(entries, ref)
    return numbered(entry for entry in ordered(entries) if entry.ref != found.ref)


def replace_code(entries: Entries, ref: str, code: str, title: str, poa: str | None = None) -> Entries:
    """Put another code in an entry's place; its ref and sequence stay, and its POA unless `poa` is given."""
    found = find(entries, ref)
    new = replace(found, code=code, title=title, poa=found.poa if poa is None else checked_poa(poa))
    return ordered(new if entry.ref == ref else entry for entry in entries)


def set_poa(entries: Entries, ref: str, poa: str) -> Entries:
    """Set one entry's POA indicator; "" clears it."""
    new = replace(find(entries, ref), poa=checked_poa(poa))
    return ordered(new if entry.ref == ref else entry for entry in entries)


def move(entries: Entries, ref: str, sequence: int) -> Entries:
    """Give one entry another place; sequence 1 makes it the principal diagnosis."""
    found = find(entries, ref)
    at = _place(sequence, len(entries))
    rest = [entry for entry in ordered(entries) if entry.ref != ref]
    rest.insert(at, found)
    return numbered(rest)


def find(entries: Entries, ref: str) -> CodeEntry:
    """Return the entry with `ref`. Raises CodingError where there is none."""
    for entry in entries:
        if entry.ref == ref:
            return entry
    raise CodingError("this code is no longer on the encounter; load the page again")


def checked_poa(poa: str) -> str:
    """Return the POA indicator in capitals. Raises CodingError unless it is Y, N, U, W, 1 or ""."""
    value = poa.strip().upper()
    if value and value not in POA_VALUES:
        raise CodingError(f"{poa!r} is no POA indicator; use {', '.join(POA_VALUES)}")
    return value


def _place(sequence: int, last: int) -> int:
    if not 1 <= sequence <= last:
        raise CodingError(f"sequence {sequence} is out of range; choose 1 (principal) to {last}")
    return sequence - 1


def covers(prefix: str, code: str) -> bool:
    """Return whether `prefix` (code or category, with or without a dot) is `code` or stands above it."""
    wanted = bare(prefix)
    return wanted != "" and bare(code).startswith(wanted)


def bare(code: str) -> str:
    """Return a code without its dot and trailing dash: "N17.-" becomes "N17"."""
    return code.replace(".", "").rstrip("-").strip().upper()


def apply(entries: Entries, changes: Sequence[Mapping[str, Any]]) -> Entries:
    """Return the code set after `changes`, in order; new codes have no ref yet.

    Each change is {"op": "add"|"replace"|"remove"|"poa", "code", "replaces": [prefixes], "poa", "title"}.
    A code that is there already is not added twice; a replacement of nothing is an addition; what is not
    there cannot be removed and is left out. Raises CodingError for another op, a missing code or a wrong POA.
    """
    result = ordered(entries)
    for change in changes:
        result = _applied(result, change)
    return result


def _applied(entries: Entries, change: Mapping[str, Any]) -> Entries:
    op, code = str(change.get("op", "")), str(change.get("code") or "")
    poa = checked_poa(str(change.get("poa") or ""))
    prefixes = [str(prefix) for prefix in change.get("replaces") or ()]
    if op not in OPS:
        raise CodingError(f"{op!r} is no change of a code set; use {', '.join(OPS)}")
    if not code and (op in {"add", "replace"} or not prefixes):
        raise CodingError(f"the change {op!r} names no code")
    if op == "remove":
        return numbered(e for e in entries if not _named(e, [code, *prefixes]))
    if op == "poa":
        return tuple(replace(e, poa=poa) if _named(e, [code, *prefixes]) else e for e in entries)
    return _put(entries, code, str(change.get("title") or ""), poa, prefixes if op == "replace" else [])


def _named(entry: CodeEntry, prefixes: Iterable[str]) -> bool:
    return any(covers(prefix, entry.code) for prefix in prefixes)


def _put(entries: Entries, code: str, title: str, poa: str, prefixes: Sequence[str]) -> Entries:
    """Put `code` where the first entry it replaces stood, or last."""
    there = next((e for e in entries if bare(e.code) == bare(code)), None)
    replaced = [e for e in entries if e is not there and _named(e, prefixes)]
    if there is not None:
        kept = replace(there, poa=poa or there.poa)
    elif replaced:
        kept = replace(replaced[0], code=code, title=title, poa=poa or replaced[0].poa)
    else:
        return numbered([*entries, CodeEntry("", code, title, 0, poa)])
    place = min(e.sequence for e in [*replaced, *([there] if there else [])])
    gone = {id(e) for e in replaced} | ({id(there)} if there else set())
    rows: list[CodeEntry] = []
    for entry in entries:
        if entry.sequence == place:
            rows.append(kept)
        if id(entry) not in gone:
            rows.append(entry)
    return numbered(rows)
