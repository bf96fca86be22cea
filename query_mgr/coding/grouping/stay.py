"""An inpatient stay as a grouper sees it, and what it groups to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import NamedTuple


@dataclass(frozen=True)
class Stay:
    """The codes of a stay, and what else decides its DRG.

    diagnoses: (ICD-10-CM code, POA indicator or ""), the principal diagnosis first. procedures: ICD-10-PCS.
    sex: F or M; anything else is unknown. disposition: two-digit NUBC patient discharge status ("20" expired).
    """

    diagnoses: tuple[tuple[str, str], ...]
    discharged_on: date
    procedures: tuple[str, ...] = ()
    sex: str = ""
    disposition: str = "01"


class CodeSeverity(NamedTuple):
    """A secondary diagnosis' level, and why it does not count on this stay ("" where it counts)."""

    code: str
    level: str  # MCC | CC | ""
    why_not: str = ""
    is_refused: bool = False  # it does not count in this DRG, and may in another

    @property
    def counts(self) -> bool:
        """Whether the code counts as CC or MCC on this stay."""
        return bool(self.level) and not self.why_not


class WhatIf(NamedTuple):
    """The DRG of the stay without one code. `level_count` codes of the stay count at the code's level."""

    code: str
    kind: str  # MCC | CC | diagnosis | procedure
    drg: str
    title: str
    level_count: int

    @property
    def label(self) -> str:
        """Say what the code is to the DRG: "only MCC", "one of 2 CCs", "procedure"."""
        if self.kind not in {"CC", "MCC"}:
            return self.kind
        return f"only {self.kind}" if self.level_count == 1 else f"one of {self.level_count} {self.kind}s"


@dataclass(frozen=True)
class Grouping:
    """What a stay groups to. `drg` is "" where it was not grouped at all; `messages` say why, and any caution.

    mdc: two digits, "PRE" for the groups before all categories, or "". version: such as "43.1".
    is_stale: the discharge date lies after the newest version here, which was used all the same.
    engine_drg: what drgpy alone says; where it is another, `messages` say by which rule of the manual.
    work_out: gives `without`, which is worked out when it is first asked for: many a grouping needs the DRG alone.
    """

    drg: str = ""
    title: str = ""
    mdc: str = ""
    kind: str = ""  # surgical | medical | ""
    version: str = ""
    first_day: date | None = None
    is_stale: bool = False
    engine_drg: str = ""
    messages: tuple[str, ...] = ()
    severities: tuple[CodeSeverity, ...] = ()
    by_sex: Mapping[str, str] = field(default_factory=dict)  # filled where the sex is unknown and decides
    work_out: Callable[[], tuple[WhatIf, ...]] = field(default=tuple, repr=False, compare=False)

    @cached_property
    def without(self) -> tuple[WhatIf, ...]:
        """The DRG without each secondary diagnosis and procedure; the principal diagnosis is not left out."""
        return self.work_out()

    @property
    def carriers(self) -> tuple[WhatIf, ...]:
        """The codes that carry the weight: without one of them, the DRG is another."""
        return tuple(what for what in self.without if what.drg != self.drg)

    def severity(self, code: str) -> CodeSeverity:
        """Return what one code is on this stay; no level for one that is not a secondary diagnosis."""
        return next((row for row in self.severities if row.code == code), CodeSeverity(code, ""))
