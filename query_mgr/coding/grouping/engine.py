"""The MS-DRG decision tables in memory: one engine per version, loaded when first asked for, two kept."""

from __future__ import annotations

import gc
from collections import Counter, OrderedDict
from collections.abc import Callable, Collection, Mapping, Set
from copy import copy
from dataclasses import dataclass
from threading import Lock
from typing import Any

from query_mgr.coding.grouping.completed import NO_EXCLUSION, Rule, admitted, completed
from query_mgr.coding.grouping.versions import Version

# A version takes about 105 MB and half a second. Two cover a month that straddles 1 October or 1 April.
KEPT = 2
SEXES = ("F", "M")
TRAUMA = "_TRAUMA24"
# The DRGs that refuse some CCs and MCCs (appendix C, part 3); which ones is in the tables from version 41.1 on.
_REFUSING = frozenset(
    f"{drg:03}"
    for first, last in (
        *((82, 84), (177, 179), (280, 285), (582, 583), (673, 675)),
        *((837, 839), (928, 929), (957, 959), (963, 965), (974, 976)),
    )
    for drg in range(first, last + 1)
)
Features = Counter[str]
_NO_DRGS: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Severity:
    """What the tables say of a diagnosis as a secondary one."""

    level: str  # CC | MCC
    exclusion: str  # number of the collection of principal diagnoses that cancel it
    is_alive_only: bool  # counts only where the patient was discharged alive
    hac: str  # "05" where the code belongs to hospital-acquired condition 05, else ""


@dataclass(frozen=True)
class Case:
    """A stay in the tables' terms: codes without dots, none twice, the principal diagnosis first.

    sex: F or M. disposition: two-digit NUBC patient discharge status. poa: N or U by code, of those alone that
    may be hospital-acquired.
    """

    diagnoses: tuple[str, ...]
    procedures: tuple[str, ...]
    sex: str
    disposition: str
    poa: Mapping[str, str]


def _arguments(case: Case) -> tuple[Any, ...]:
    alive = is_alive(case.disposition)
    return (case.diagnoses, case.procedures, case.sex, alive, case.poa, case.disposition)


class _Table(dict[str, Any]):
    """A table that does not grow when asked for what is not in it, as the engine's own does."""

    def __missing__(self, key: str) -> tuple[str, ...]:
        return ()


@dataclass(frozen=True)
class Decision:
    """The DRG of a stay, "" where nothing matches, and the rules beside drgpy's own that decided it."""

    drg: str
    rules: tuple[Rule, ...] = ()


class Engine:
    """One version's tables, and the grouping by them. Read only after it was built, so threads may share it."""

    def __init__(self, version: Version) -> None:
        from drgpy.msdrg import DRGEngine

        raw = DRGEngine(version=f"v{version.name}")
        raw.dxmap, raw.prmap = _Table(raw.dxmap), _Table(raw.prmap)
        self.version = version
        self._own = raw
        self._raw = copy(raw)
        self._raw.ccmap = raw.ccmap | _no_exclusion(raw)
        self._partners = {
            code for labels in raw.prmap.values() for label in labels for code in label.split("|")[2:]
        }
        self._excluding: dict[str, frozenset[str]] = {}
        for drg, codes in raw.drg_exclusions.items():
            for code in codes:
                self._excluding[code] = self._excluding.get(code, _NO_DRGS) | {drg}
        self._severities: dict[str, Severity] = {}
        self._knows_hacs = any(row["hac"] for row in raw.ccmap.values())
        self._traits: dict[str, tuple[tuple[str, str], ...]] = {}

    def read(self, case: Case, refusing: str = "") -> Features:
        """Return drgpy's features of a case, without the CCs and MCCs that the DRG `refusing` does not take."""
        found: Features = self._raw.get_features(*_arguments(case), self._raw.drg_exclusions.get(refusing))
        return found

    def settle(self, principal: str, read: Callable[[str], Features]) -> Decision:
        """Return the DRG by drgpy's rules, completed by those of `completed`.

        A DRG may refuse a CC or MCC (appendix C, part 3), and without it the DRG may be another: so drgpy
        groups again until the DRG stays, three times at most, and so does this. read: the features of the case
        without what a DRG refuses, "" for none.
        """
        found, refusing, last = Decision(""), "", None
        for _ in range(3):
            features = read(refusing)
            if features is last:
                break
            last = features
            drg, rules = self._evaluated(principal, features)
            is_settled = drg in {"", found.drg}
            found = Decision(drg, rules)
            if is_settled or self.refused_by(drg) == self.refused_by(refusing):
                break
            refusing = drg
        return found

    def _evaluated(self, principal: str, features: Features) -> tuple[str, tuple[Rule, ...]]:
        features, first_rules = admitted(features, self._raw.dxmap[principal])
        drg, rules = completed(self._raw._evaluate(features), features, self)
        return drg, (*first_rules, *rules)

    def refused_by(self, drg: str) -> Set[str]:
        """Return the diagnoses that a DRG does not take as CC or MCC (appendix C, part 3)."""
        found: Set[str] = self._raw.drg_exclusions.get(drg, _NO_DRGS)
        return found

    def own_drg(self, case: Case) -> str:
        """Return the DRG by drgpy alone, "" where nothing matches."""
        found = self._own.get_drg(*_arguments(case))
        return "" if found == "000" else str(found)

    def knows(self, diagnosis: str) -> bool:
        """Return whether a diagnosis is in the tables; external causes never are."""
        return diagnosis in self._raw.dxmap

    def severity(self, diagnosis: str) -> Severity | None:
        """Return a diagnosis' level as a secondary one, or None where it is neither CC nor MCC."""
        found = self._severities.get(diagnosis)
        if found is None and (row := self._raw.ccmap.get(diagnosis)):
            found = Severity(row["level"], row["pdx"], bool(row["aowa"]), row["hac"] or "")
            self._severities[diagnosis] = found
        return found

    def is_added(self, diagnosis: str) -> bool:
        """Return whether a diagnosis is a CC or MCC that drgpy's own list lacks."""
        return diagnosis in self._raw.ccmap and diagnosis not in self._own.ccmap

    def is_excluded(self, exclusion: str, principal: str) -> bool:
        """Return whether a principal diagnosis is in the collection that cancels a CC or MCC."""
        return principal in self._raw.exmap.get(exclusion, ())

    def excluding_drgs(self, diagnosis: str) -> frozenset[str]:
        """Return the DRGs in which a diagnosis does not count as CC or MCC (appendix C, part 3)."""
        return self._excluding.get(diagnosis, _NO_DRGS)

    def categories(self, principal: str, procedures: Collection[str] = ()) -> frozenset[str]:
        """Return the major diagnostic categories that a stay opens, with "" for what precedes them.

        Its principal diagnosis opens them, and procedures alone what precedes them.
        """
        opened = {label[4:6] for label in self._raw.dxmap[principal] if label.startswith("_MDC")}
        before = {"" for code in procedures for label in self._raw.prmap[code] if not self._category(label)}
        return frozenset(opened | before)

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
        return "24" if label.startswith(TRAUMA) else self.mdc_of(label[:3])

    def is_procedure_heard(self, procedure: str, categories: Collection[str]) -> bool:
        """Return whether a procedure can matter in some categories; an operation can in all of them."""
        if procedure in self._raw.orpcsmap or procedure in self._partners:
            return True
        return any(self._category(label) in categories for label in self._raw.prmap[procedure])

    def title(self, drg: str) -> str:
        """Return a DRG's title, "" where the version does not have it."""
        return str(self._row(drg).get("desc", ""))

    def kind(self, drg: str) -> str:
        """Return surgical, medical, or "" for 998 and 999."""
        row = self._row(drg)
        return "surgical" if row.get("is_surgical") else "medical" if row.get("is_medical") else ""

    def mdc(self, drg: str, principal: str) -> str:
        """Return the DRG's major diagnostic category, or that of the principal diagnosis; "PRE" before them all."""
        own = self.mdc_of(drg)
        if own or drg < "020":
            return own or "PRE"
        found = (label for label in self._raw.dxmap[principal] if label.startswith("_MDC"))
        return next((label[4:6] for label in found), "")

    def rank(self, drg: str) -> tuple[int, int]:
        """Return a DRG's place: surgical before medical, then by the surgical hierarchy (appendix D)."""
        last = len(self._raw.surgical_rank)
        place = self._raw.surgical_rank.get(drg, self._raw.surgical_rank.get(drg.lstrip("0"), last))
        return (0 if self._row(drg).get("is_surgical") else 1, int(place))

    def mdc_of(self, drg: str) -> str:
        """Return the category that a DRG itself belongs to, "" for those of none."""
        return str(self._row(drg).get("mdc", ""))

    def has_acquired_conditions(self) -> bool:
        """Return whether the tables say which codes are hospital-acquired conditions: from version 43.1 on."""
        return self._knows_hacs

    def may_refuse(self, drg: str) -> bool:
        """Return whether a DRG refuses some CCs and MCCs that the tables do not name: before version 41.1."""
        return not self._raw.drg_exclusions and drg in _REFUSING

    def _row(self, drg: str) -> Mapping[str, Any]:
        row: Mapping[str, Any] = self._raw.drgmap.get(drg, {})
        return row


def _no_exclusion(raw: Any) -> dict[str, dict[str, Any]]:
    """Return the CCs and MCCs that no principal diagnosis cancels and that the engine's list lacks."""
    return {
        code: {"level": level, "pdx": "", "aowa": False, "hac": None}
        for first, level, codes in NO_EXCLUSION
        for code in codes
        if raw.version_info.major >= first and code in raw.dxmap and code not in raw.ccmap
    }


def _is_trait(label: str) -> bool:
    return "PDX OR SDX" in label or ("PDX" not in label and "_MDC" not in label)


def is_alive(disposition: str) -> bool:
    """Return whether a patient left alive: any patient discharge status but 20, expired (NUBC UB-04, locator 17).

    40 to 42, expired, are of hospice claims and no status of an inpatient stay.
    """
    return disposition != "20"


_engines: OrderedDict[str, Engine] = OrderedDict()
_lock = Lock()


def engine_for(version: Version) -> Engine:
    """Return a version's engine, loading it first where it is not among the two last used."""
    with _lock:
        found = _engines.pop(version.name, None) or _loaded(version)
        _engines[version.name] = found
        while len(_engines) > KEPT:
            _engines.popitem(last=False)
        return found


def _loaded(version: Version) -> Engine:
    """Return a new engine. Without the collector, which would walk half a million new objects, in half the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        return Engine(version)
    finally:
        if was_on:
            gc.enable()
