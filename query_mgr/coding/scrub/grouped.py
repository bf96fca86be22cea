"""Edits on what the grouper makes of a stay; they are silent where it was not grouped."""

from __future__ import annotations

from collections.abc import Iterator

from query_mgr.coding.scrub.case import Case
from query_mgr.coding.scrub.registry import INPATIENT, Edit, Hit

_UNGROUPABLE = ("998", "999")
_UNRELATED = {"981", "982", "983", "987", "988", "989"}
_MANUAL = "CMS, ICD-10 MS-DRG Definitions Manual"


def _ungroupable(case: Case) -> Iterator[Hit]:
    found, principal = case.grouping, case.principal
    if found is not None and principal is not None and found.drg in _UNGROUPABLE:
        why = f": {found.messages[-1]}" if found.messages else ""
        yield Hit(
            (principal.code,), f"The stay groups to MS-DRG {found.drg} (ungroupable){why}.", "code", principal.ref
        )


def _unrelated(case: Case) -> Iterator[Hit]:
    found, principal = case.grouping, case.principal
    if found is not None and principal is not None and found.drg in _UNRELATED:
        text = (
            f"MS-DRG {found.drg}: no operating-room procedure of the stay is related to the principal diagnosis "
            f"{principal.code}. That is rare; check the principal diagnosis and the procedures."
        )
        yield Hit((principal.code,), text, "code", principal.ref)


EDITS = (
    Edit("drg-ungroupable", "Stay can be grouped", "warning", f"{_MANUAL}, MS-DRGs 998 and 999", _ungroupable,
         "Check the principal diagnosis, the sex and the discharge status.", INPATIENT),
    Edit("drg-unrelated-procedure", "Procedure unrelated to the principal diagnosis", "warning",
         f"{_MANUAL}, MS-DRGs 981-983 and 987-989; Official Guidelines, section II (principal diagnosis)", _unrelated,
         "Check which condition occasioned the admission after study, and what the operative note says.", INPATIENT),
)  # fmt: skip
