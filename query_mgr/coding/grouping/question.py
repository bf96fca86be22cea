"""One stay put to an engine: its codes made ready, and the DRG of it and of its parts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, partial

from query_mgr.coding.grouping import hac
from query_mgr.coding.grouping.engine import SEXES, Case, Decision, Engine, Features
from query_mgr.coding.grouping.stay import Stay

UNGROUPABLE = "999"
SEVERITIES = ("_CC", "_MCC")
Trait = tuple[str, frozenset[str]]  # what a code adds, and the DRGs that do not take it


@dataclass(frozen=True)
class Question:
    """A stay in the tables' terms, for each sex the patient may have.

    poa: the indicator of each diagnosis. names: how the stay writes each code.
    """

    engine: Engine
    diagnoses: tuple[str, ...]
    procedures: tuple[str, ...]
    poa: Mapping[str, str]
    sexes: tuple[str, ...]
    disposition: str
    names: Mapping[str, str]

    @property
    def principal(self) -> str:
        """The principal diagnosis."""
        return self.diagnoses[0]

    @cached_property
    def acquired(self) -> dict[str, str]:
        """The POA indicator of each code that may be a hospital-acquired condition on this stay."""
        codes = (self.diagnoses, self.procedures)
        return {code: poa for code, number, poa in self._marked() if hac.is_possible(number, poa, *codes)}

    @cached_property
    def not_acquired(self) -> dict[str, str]:
        """The condition of each code with POA N or U that lacks here what its condition takes."""
        return {code: number for code, number, _ in self._marked() if code not in self.acquired}

    def _marked(self) -> list[tuple[str, str, str]]:
        late = [(code, self.poa[code]) for code in self.diagnoses if self.poa[code] in hac.HOSPITAL_ACQUIRED]
        rows = ((code, self.engine.severity(code), poa) for code, poa in late)
        return [(code, row.hac, poa) for code, row, poa in rows if row and row.hac]

    @cached_property
    def decisions(self) -> dict[str, Decision]:
        """The decision for each sex the patient may have."""
        return {sex: self.engine.settle(self.principal, partial(self._read, sex)) for sex in self.sexes}

    @cached_property
    def _kept(self) -> dict[tuple[str, str], Features]:
        return {}

    def _read(self, sex: str, refusing: str) -> Features:
        """Return the features for one sex, read once; a DRG that refuses no code of the stay leaves them."""
        if self.engine.refused_by(refusing).isdisjoint(self.diagnoses):
            refusing = ""
        found = self._kept.get((sex, refusing))
        if found is None:
            found = self.engine.read(self._case(sex, self.acquired), refusing)
            self._kept[sex, refusing] = found
        return found

    def drg_with_gap(self, gap: Collection[Trait]) -> str:
        """Return the DRG that the stay would have without some traits, from the features at hand."""

        def settled(sex: str) -> str:
            kept: dict[int, Features] = {}

            def read(refusing: str) -> Features:
                whole = self._read(sex, refusing)
                if id(whole) not in kept:
                    kept[id(whole)] = lessened(whole, gap, refusing)
                return kept[id(whole)]

            return self.engine.settle(self.principal, read).drg or UNGROUPABLE

        return one_of({sex: settled(sex) for sex in self.sexes})

    @cached_property
    def by_sex(self) -> dict[str, str]:
        """The DRG for each sex the patient may have."""
        return {sex: decision.drg or UNGROUPABLE for sex, decision in self.decisions.items()}

    @cached_property
    def drg(self) -> str:
        """The DRG; 999 where nothing matches, or where an unknown sex decides."""
        return one_of(self.by_sex)

    def own_drg(self) -> str:
        """Return the DRG by drgpy alone, which takes any code of a condition with POA N or U out."""
        poa = {code: poa for code, poa in self.poa.items() if poa in hac.HOSPITAL_ACQUIRED}
        return one_of({sex: self.engine.own_drg(self._case(sex, poa)) or UNGROUPABLE for sex in self.sexes})

    def without(self, code: str) -> Question:
        """Return the same question without one code."""
        diagnoses = tuple(other for other in self.diagnoses if other != code)
        procedures = tuple(other for other in self.procedures if other != code)
        return Question(self.engine, diagnoses, procedures, self.poa, self.sexes, self.disposition, self.names)

    def with_poa(self, code: str, poa: str) -> Question:
        """Return the same question with another POA indicator of one code."""
        return replace(self, poa={**self.poa, code: poa})

    def _case(self, sex: str, poa: dict[str, str]) -> Case:
        return Case(self.diagnoses, self.procedures, sex, self.disposition, poa)


def lessened(features: Features, gap: Collection[Trait], refusing: str) -> Features:
    """Return features without some traits: a label goes whole, of the severities one code's."""
    found: Features = Counter()
    dict.update(found, features)
    for label, excluding in gap:
        if label not in SEVERITIES:
            found.pop(label, None)
        elif refusing not in excluding:
            found[label] -= 1
            if not found[label]:
                del found[label]
    return found


def one_of(by_sex: Mapping[str, str]) -> str:
    """Return the DRG that both sexes share, or 999."""
    found = set(by_sex.values())
    return found.pop() if len(found) == 1 else UNGROUPABLE


def bare(code: str) -> str:
    """Return a code as the tables hold it: capitals, no dot."""
    return code.replace(".", "").strip().upper()


def put(engine: Engine, stay: Stay) -> Question:
    """Return a stay as a question; of a code that stands twice, the first counts."""
    poa: dict[str, str] = {}
    names: dict[str, str] = {}
    for written, indicator in stay.diagnoses:
        if (code := bare(written)) and code not in poa:
            poa[code], names[code] = indicator.strip().upper(), written.strip()
    procedures = {code: written.strip() for written in stay.procedures if (code := bare(written))}
    sex = stay.sex.strip().upper()[:1]
    return Question(
        engine=engine,
        diagnoses=tuple(poa),
        procedures=tuple(procedures),
        poa=poa,
        sexes=(sex,) if sex in SEXES else SEXES,
        disposition=stay.disposition.strip().zfill(2),
        names=names | procedures,
    )
