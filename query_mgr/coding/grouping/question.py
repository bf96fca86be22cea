"""One stay put to an engine: its codes made ready, and the DRG of it and of its parts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from query_mgr.coding.grouping import hac
from query_mgr.coding.grouping.engine import SEXES, Case, Decision, Engine
from query_mgr.coding.grouping.stay import Stay

UNGROUPABLE = "999"


@dataclass(frozen=True)
class Question:
    """A stay in the tables' terms, for each sex the patient may have. `poa` has the indicator of each diagnosis."""

    engine: Engine
    diagnoses: tuple[str, ...]
    procedures: tuple[str, ...]
    poa: Mapping[str, str]
    sexes: tuple[str, ...]
    disposition: str

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
        return {sex: self.engine.decide(self._case(sex, self.acquired)) for sex in self.sexes}

    @property
    def by_sex(self) -> dict[str, str]:
        """The DRG for each sex the patient may have."""
        return {sex: decision.drg or UNGROUPABLE for sex, decision in self.decisions.items()}

    @property
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
        return replace(self, diagnoses=diagnoses, procedures=procedures)

    def with_poa(self, code: str, poa: str) -> Question:
        """Return the same question with another POA indicator of one code."""
        return replace(self, poa={**self.poa, code: poa})

    def _case(self, sex: str, poa: dict[str, str]) -> Case:
        return Case(self.diagnoses, self.procedures, sex, self.disposition, poa)


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
    for code, indicator in stay.diagnoses:
        if code.strip():
            poa.setdefault(bare(code), indicator.strip().upper())
    sex = stay.sex.strip().upper()[:1]
    return Question(
        engine=engine,
        diagnoses=tuple(poa),
        procedures=tuple(dict.fromkeys(bare(code) for code in stay.procedures if code.strip())),
        poa=poa,
        sexes=(sex,) if sex in SEXES else SEXES,
        disposition=stay.disposition.strip().zfill(2),
    )
