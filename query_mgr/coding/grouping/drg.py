"""The MS-DRG of an inpatient stay, what each code adds to it, and which codes carry it.

The decision is drgpy's, by CMS' MS-DRG Definitions Manual of the version in force on the discharge date;
docs/grouping.md lists what it does not know.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property

from query_mgr.coding.grouping import hac
from query_mgr.coding.grouping.engine import (
    SEXES,
    TRAUMA,
    Engine,
    NoVersion,
    Version,
    engine_for,
    is_alive,
    version_on,
)

UNGROUPABLE = "999"
_NEWBORN = "15"
_ALWAYS: frozenset[str] = frozenset()
Trait = tuple[str, frozenset[str]]


@dataclass(frozen=True)
class Stay:
    """An inpatient stay as a grouper sees it.

    diagnoses: (ICD-10-CM code, POA indicator or ""), the principal diagnosis first. procedures: ICD-10-PCS.
    sex: F or M; anything else is unknown. disposition: two-digit NUBC patient discharge status ("20" expired).
    """

    diagnoses: tuple[tuple[str, str], ...]
    discharged_on: date
    procedures: tuple[str, ...] = ()
    sex: str = ""
    disposition: str = "01"


@dataclass(frozen=True)
class CodeSeverity:
    """A secondary diagnosis' level, and why it does not count on this stay ("" where it counts)."""

    code: str
    level: str  # MCC | CC | ""
    why_not: str = ""

    @property
    def counts(self) -> bool:
        """Whether the code counts as CC or MCC on this stay."""
        return bool(self.level) and not self.why_not


@dataclass(frozen=True)
class WhatIf:
    """The DRG of the stay without one code. `count` codes of the stay count at the code's level."""

    code: str
    kind: str  # MCC | CC | diagnosis | procedure
    drg: str
    title: str
    count: int

    @property
    def label(self) -> str:
        """Say what the code is to the DRG: "only MCC", "one of 2 CCs", "procedure"."""
        if self.kind not in {"CC", "MCC"}:
            return self.kind
        return f"only {self.kind}" if self.count == 1 else f"one of {self.count} {self.kind}s"


@dataclass(frozen=True)
class Grouping:
    """What a stay groups to. `drg` is "" where it was not grouped at all; `messages` say why, and any caution.

    mdc: two digits, "PRE" for the groups before all categories, or "". version: such as "43.1".
    is_stale: the discharge date lies after the newest version here, which was used all the same.
    without: the DRG without each secondary diagnosis and procedure; the principal diagnosis is not left out.
    """

    drg: str = ""
    title: str = ""
    mdc: str = ""
    kind: str = ""  # surgical | medical | ""
    version: str = ""
    first_day: date | None = None
    is_stale: bool = False
    messages: tuple[str, ...] = ()
    severities: tuple[CodeSeverity, ...] = ()
    without: tuple[WhatIf, ...] = ()
    by_sex: Mapping[str, str] = field(default_factory=dict)  # filled where the sex is unknown and decides

    @property
    def carriers(self) -> tuple[WhatIf, ...]:
        """The codes that carry the weight: without one of them, the DRG is another."""
        return tuple(what for what in self.without if what.drg != self.drg)

    def severity(self, code: str) -> CodeSeverity:
        """Return what one code is on this stay; no level for one that is not a secondary diagnosis."""
        return next((row for row in self.severities if row.code == code), CodeSeverity(code, ""))


@dataclass(frozen=True)
class _Case:
    """A stay in the engine's terms: codes without dots, none twice. `reported` holds the POA indicators N and U."""

    engine: Engine
    diagnoses: tuple[str, ...]
    procedures: tuple[str, ...]
    reported: Mapping[str, str]
    sexes: tuple[str, ...]
    disposition: str
    is_stale: bool

    @property
    def principal(self) -> str:
        return self.diagnoses[0]

    @cached_property
    def acquired(self) -> dict[str, str]:
        """Return the POA indicator of each code that may be a hospital-acquired condition on this stay."""
        rows = ((code, poa, self.engine.severity(code)) for code, poa in self.reported.items())
        codes = (self.diagnoses, self.procedures)
        return {code: poa for code, poa, row in rows if row and hac.is_possible(row.hac, poa, *codes)}

    def by_sex(self) -> dict[str, str]:
        """Return the DRG for each sex the patient may have."""
        return {sex: self._drg(sex) for sex in self.sexes}

    def drg(self) -> str:
        """Return the DRG; 999 where nothing matches, or where an unknown sex decides."""
        return _one(self.by_sex())

    def _drg(self, sex: str) -> str:
        codes = (self.diagnoses, self.procedures)
        found = self.engine.drg(*codes, sex=sex, disposition=self.disposition, poa=self.acquired)
        return found or UNGROUPABLE

    def drg_without(self, code: str) -> str:
        """Return the DRG that the stay would have without one code."""
        diagnoses = tuple(other for other in self.diagnoses if other != code)
        procedures = tuple(other for other in self.procedures if other != code)
        return replace(self, diagnoses=diagnoses, procedures=procedures).drg()


def _one(by_sex: Mapping[str, str]) -> str:
    found = set(by_sex.values())
    return found.pop() if len(found) == 1 else UNGROUPABLE


def group(stay: Stay) -> Grouping:
    """Group a stay by the MS-DRG version in force on its discharge date.

    Never raises for what a stay holds: without a principal diagnosis or a version there is no DRG, with a
    principal diagnosis that the version does not know the DRG is 999, and `messages` say so.
    """
    written = _written(code for code, _ in stay.diagnoses)
    if not written:
        return Grouping(messages=("no principal diagnosis yet; the stay is not grouped",))
    try:
        version = version_on(stay.discharged_on)
    except NoVersion as error:
        return Grouping(messages=(str(error),))
    case = _case(engine_for(version), stay)
    stale = _stale(version, stay.discharged_on)
    names = written | _written(stay.procedures)
    if not case.engine.knows(case.principal):
        text = (
            f"{names[case.principal]} is not in the diagnosis tables of MS-DRG version {version.name}: it is an "
            "external cause, or not valid on this date. No DRG without a valid principal diagnosis"
        )
        return _result(case, UNGROUPABLE, (*stale, text))
    return _grouped(case, names, stale)


def _grouped(case: _Case, names: Mapping[str, str], messages: tuple[str, ...]) -> Grouping:
    by_sex = case.by_sex()
    drg = _one(by_sex)
    severities = {code: _severity(case, code, drg, names) for code in case.diagnoses[1:]}
    return replace(
        _result(case, drg, (*messages, *_cautions(case, drg, by_sex, names))),
        severities=tuple(severities.values()),
        without=tuple(_what_ifs(case, drg, severities, names)),
        by_sex=by_sex if len(set(by_sex.values())) > 1 else {},
    )


def _result(case: _Case, drg: str, messages: tuple[str, ...]) -> Grouping:
    engine, version = case.engine, case.engine.version
    return Grouping(
        drg=drg,
        title=engine.title(drg),
        mdc=engine.mdc(drg, case.principal),
        kind=engine.kind(drg),
        version=version.name,
        first_day=version.first_day,
        is_stale=case.is_stale,
        messages=messages,
    )


def _case(engine: Engine, stay: Stay) -> _Case:
    reported: dict[str, str] = {}
    for code, poa in stay.diagnoses:
        reported.setdefault(bare(code), poa.strip().upper())
    diagnoses = tuple(code for code in reported if code)
    procedures = tuple(dict.fromkeys(bare(code) for code in stay.procedures if code.strip()))
    sex = stay.sex.strip().upper()[:1]
    return _Case(
        engine=engine,
        diagnoses=diagnoses,
        procedures=procedures,
        reported={code: poa for code, poa in reported.items() if poa in hac.HOSPITAL_ACQUIRED},
        sexes=(sex,) if sex in SEXES else SEXES,
        disposition=stay.disposition.strip().zfill(2),
        is_stale=stay.discharged_on > engine.version.last_day,
    )


def bare(code: str) -> str:
    """Return a code as the tables hold it: capitals, no dot."""
    return code.replace(".", "").strip().upper()


def _written(codes: Iterable[str]) -> dict[str, str]:
    """Return how the stay writes each code, by the code without its dot."""
    return {bare(code): code.strip() for code in codes if code.strip()}


def _stale(version: Version, discharged_on: date) -> tuple[str, ...]:
    if discharged_on <= version.last_day:
        return ()
    text = (
        f"discharged after the newest MS-DRG version here: version {version.name} holds until {version.last_day}, and this stay ended on "
        f"{discharged_on}. It was grouped with {version.name} all the same; the version in force may differ"
    )
    return (text,)


def _severity(case: _Case, code: str, drg: str, names: Mapping[str, str]) -> CodeSeverity:
    row = case.engine.severity(code)
    if row is None:
        return CodeSeverity(names[code], "")
    why = ""
    if case.engine.is_excluded(row.exclusion, case.principal):
        why = f"excluded by the principal diagnosis {names[case.principal]} (PDX collection {row.exclusion})"
    elif drg in case.engine.excluding_drgs(code):
        why = f"does not count in DRG {drg} (appendix C, part 3)"
    elif row.is_alive_only and not is_alive(case.disposition):
        why = "counts only where the patient was discharged alive"
    elif code in case.acquired:
        why = f"hospital-acquired condition {row.hac} ({hac.CONDITIONS[row.hac].title}) with POA {case.acquired[code]}"
    return CodeSeverity(names[code], row.level, why)


def _what_ifs(
    case: _Case, drg: str, severities: Mapping[str, CodeSeverity], names: Mapping[str, str]
) -> Iterator[WhatIf]:
    counts = Counter(row.level for row in severities.values() if row.counts)
    lost, known = _lost(case), {frozenset[Trait](): drg}
    for code, row in severities.items():
        kind = row.level if row.counts else "diagnosis"
        if lost[code] not in known:
            known[lost[code]] = case.drg_without(code)
        other = known[lost[code]]
        yield WhatIf(names[code], kind, other, case.engine.title(other), counts[kind])
    for code in case.procedures:
        other = case.drg_without(code) if case.engine.is_procedure_heard(code) else drg
        yield WhatIf(names[code], "procedure", other, case.engine.title(other), 0)


def _lost(case: _Case) -> dict[str, frozenset[Trait]]:
    """Return per secondary diagnosis what the tables would miss without it; nothing means the DRG stays.

    Codes that leave the same gap leave the same DRG, so one grouping answers for all of them.
    """
    categories = case.engine.categories(case.principal)
    traits = {code: _traits(case, code, categories) for code in case.diagnoses[1:]}
    held = Counter(trait for found in traits.values() for trait in found)
    held.update((label, _ALWAYS) for label in case.engine.traits(case.principal, categories))
    return {code: frozenset(t for t in found if _is_lost(t, held)) for code, found in traits.items()}


def _traits(case: _Case, code: str, categories: frozenset[str]) -> list[Trait]:
    """Return what a secondary diagnosis adds, each with the DRGs that do not take it."""
    found = [(label, _ALWAYS) for label in dict.fromkeys(case.engine.traits(code, categories))]
    row = case.engine.severity(code)
    if (
        row
        and code not in case.acquired
        and (not row.is_alive_only or is_alive(case.disposition))
        and not case.engine.is_excluded(row.exclusion, case.principal)
    ):
        found.append((f"_{row.level}", case.engine.excluding_drgs(code)))
    if hac.is_asked_for(code) or any(label.startswith(TRAUMA) for label, _ in found):
        found.append((code, _ALWAYS))  # what it does depends on other codes too: never taken for another's double
    return found


def _is_lost(trait: Trait, held: Mapping[Trait, int]) -> bool:
    label, excluding = trait
    if held[trait] > 1:
        return False
    return not (excluding and any(name == label and fewer < excluding for name, fewer in held))


def _cautions(case: _Case, drg: str, by_sex: Mapping[str, str], names: Mapping[str, str]) -> Iterator[str]:
    if len(set(by_sex.values())) > 1:
        yield f"the sex is unknown and decides: DRG {by_sex['F']} for a female patient, {by_sex['M']} for a male one"
    elif drg == UNGROUPABLE:
        yield f"the tables have no DRG for {names[case.principal]} as the principal diagnosis of this patient"
    for code in case.acquired:
        row = case.engine.severity(code)
        if row and not hac.is_certain(row.hac) and code != case.principal:
            yield _hac_caution(case, code, row.hac, names[code])
    if case.engine.mdc(drg, case.principal) == _NEWBORN:
        yield "a newborn's DRG is by codes alone here: age, weight and DRG 789 (died or transferred) are not known"


def _hac_caution(case: _Case, code: str, number: str, name: str) -> str:
    reported = {other: poa for other, poa in case.reported.items() if other != code}
    return (
        f"{name} is taken as hospital-acquired condition {number} ({hac.CONDITIONS[number].title}). It is one only "
        "if a procedure of this stay is on CMS' list for it, which is not checked here; "
        f"if none is, the DRG is {replace(case, reported=reported).drg()}"
    )
