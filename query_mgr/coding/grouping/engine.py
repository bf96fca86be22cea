"""The MS-DRG decision tables in memory: one engine per version, loaded when first asked for, two kept."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from threading import Lock
from typing import Any

from drgpy import _versions

# A version takes about 105 MB and half a second. Two cover a month that straddles 1 October or 1 April.
KEPT = 2
SEXES = ("F", "M")
TRAUMA = "_TRAUMA24"
_NO_DRGS: frozenset[str] = frozenset()


class NoVersion(LookupError):
    """No MS-DRG version here covers the discharge date; the message says which dates are covered."""


@dataclass(frozen=True)
class Version:
    """One MS-DRG version and the discharge dates it is in force for, both days included."""

    name: str  # "43.1"
    first_day: date
    last_day: date


@dataclass(frozen=True)
class Severity:
    """What the tables say of a diagnosis as a secondary one."""

    level: str  # CC | MCC
    exclusion: str  # number of the collection of principal diagnoses that cancel it
    is_alive_only: bool  # counts only where the patient was discharged alive
    hac: str  # "05" where the code belongs to hospital-acquired condition 05, else ""


class _Table(dict[str, Any]):
    """A table that does not grow when asked for what is not in it, as the engine's own does."""

    def __missing__(self, key: str) -> tuple[str, ...]:
        return ()


class Engine:
    """One version's tables, and the grouping by them. Read only after it was built, so threads may share it."""

    def __init__(self, version: Version) -> None:
        from drgpy.msdrg import DRGEngine

        raw = DRGEngine(version=f"v{version.name}")
        raw.dxmap, raw.prmap = _Table(raw.dxmap), _Table(raw.prmap)
        self.version = version
        self._raw = raw
        self._partners = {
            code for labels in raw.prmap.values() for label in labels for code in label.split("|")[2:]
        }
        self._excluding: dict[str, frozenset[str]] = {}
        for drg, codes in raw.drg_exclusions.items():
            for code in codes:
                self._excluding[code] = self._excluding.get(code, _NO_DRGS) | {drg}
        self._severities = {
            code: Severity(row["level"], row["pdx"], bool(row["aowa"]), row["hac"] or "")
            for code, row in raw.ccmap.items()
        }
        self._traits: dict[str, tuple[tuple[str, str], ...]] = {}

    def drg(
        self,
        diagnoses: Iterable[str],
        procedures: Iterable[str],
        *,
        sex: str,
        disposition: str,
        poa: Mapping[str, str],
    ) -> str:
        """Return the DRG of codes without dots, the principal diagnosis first, or "" where nothing matches.

        sex: F or M. disposition: two-digit NUBC patient discharge status; "20" is expired.
        """
        found = self._raw.get_drg(
            list(diagnoses), list(procedures), sex, is_alive(disposition), dict(poa), disposition
        )
        return "" if found == "000" else str(found)

    def knows(self, diagnosis: str) -> bool:
        """Return whether a diagnosis is in the tables; external causes never are."""
        return diagnosis in self._raw.dxmap

    def severity(self, diagnosis: str) -> Severity | None:
        """Return a diagnosis' level as a secondary one, or None where it is neither CC nor MCC."""
        return self._severities.get(diagnosis)

    def is_excluded(self, exclusion: str, principal: str) -> bool:
        """Return whether a principal diagnosis is in the collection that cancels a CC or MCC."""
        return principal in self._raw.exmap.get(exclusion, ())

    def excluding_drgs(self, diagnosis: str) -> frozenset[str]:
        """Return the DRGs in which a diagnosis does not count as CC or MCC (appendix C, part 3)."""
        return self._excluding.get(diagnosis, _NO_DRGS)

    def categories(self, principal: str) -> frozenset[str]:
        """Return the major diagnostic categories that a principal diagnosis opens, and "" for what precedes them."""
        return frozenset({"", *(label[4:6] for label in self._raw.dxmap[principal] if label.startswith("_MDC"))})

    def traits(self, diagnosis: str, categories: Collection[str]) -> list[str]:
        """Return what a secondary diagnosis adds to the decision in some categories, beside its severity.

        The tables of a category ask for the traits of its own DRGs only, and ask whether a trait is there, not
        how often; significant trauma alone (category 24) asks for two sites of the body.
        """
        found = self._traits.get(diagnosis)
        if found is None:
            found = tuple(
                (self._category(label), label) for label in self._raw.dxmap[diagnosis] if _is_trait(label)
            )
            if found:
                self._traits[diagnosis] = found
        return [label for category, label in found if category in categories]

    def _category(self, label: str) -> str:
        return "24" if label.startswith(TRAUMA) else str(self._row(label[:3]).get("mdc", ""))

    def is_procedure_heard(self, procedure: str) -> bool:
        """Return whether a procedure can matter to any DRG at all."""
        return procedure in self._raw.prmap or procedure in self._raw.orpcsmap or procedure in self._partners

    def title(self, drg: str) -> str:
        """Return a DRG's title, "" where the version does not have it."""
        return str(self._row(drg).get("desc", ""))

    def kind(self, drg: str) -> str:
        """Return surgical, medical, or "" for 998 and 999."""
        row = self._row(drg)
        return "surgical" if row.get("is_surgical") else "medical" if row.get("is_medical") else ""

    def mdc(self, drg: str, principal: str) -> str:
        """Return the DRG's major diagnostic category, or that of the principal diagnosis; "PRE" before them all."""
        own = str(self._row(drg).get("mdc", ""))
        if own or drg < "020":
            return own or "PRE"
        found = (label for label in self._raw.dxmap[principal] if label.startswith("_MDC"))
        return next((label[4:6] for label in found), "")

    def _row(self, drg: str) -> Mapping[str, Any]:
        row: Mapping[str, Any] = self._raw.drgmap.get(drg, {})
        return row


def _is_trait(label: str) -> bool:
    return "PDX OR SDX" in label or ("PDX" not in label and "_MDC" not in label)


def is_alive(disposition: str) -> bool:
    """Return whether a patient left alive: any patient discharge status but 20, expired (NUBC UB-04, locator 17).

    40 to 42, expired, are of hospice claims and no status of an inpatient stay.
    """
    return disposition != "20"


def _versions_in_force() -> tuple[Version, ...]:
    rows = _versions.SUPPORTED_VERSIONS
    firsts = [row.effective_date for row in rows]
    ends = [first - timedelta(days=1) for first in firsts[1:]] + [_end_of_fiscal_year(firsts[-1])]
    return tuple(Version(row.name[1:], first, end) for row, first, end in zip(rows, firsts, ends, strict=True))


def _end_of_fiscal_year(day: date) -> date:
    return date(day.year + (day.month >= 10), 9, 30)


VERSIONS = _versions_in_force()


def version_on(discharged_on: date) -> Version:
    """Return the version in force on a discharge date, the newest where the date is later than all.

    Compare with `last_day` for the latter. Raises NoVersion for a date before the oldest.
    """
    if discharged_on < VERSIONS[0].first_day:
        oldest = VERSIONS[0]
        raise NoVersion(
            f"discharged on {discharged_on}, before MS-DRG version {oldest.name}, the oldest here, "
            f"which starts on {oldest.first_day}; the stay is not grouped"
        )
    return next(version for version in reversed(VERSIONS) if version.first_day <= discharged_on)


_engines: OrderedDict[str, Engine] = OrderedDict()
_lock = Lock()


def engine_for(version: Version) -> Engine:
    """Return a version's engine, loading it first where it is not among the two last used."""
    with _lock:
        found = _engines.pop(version.name, None) or Engine(version)
        _engines[version.name] = found
        while len(_engines) > KEPT:
            _engines.popitem(last=False)
        return found
