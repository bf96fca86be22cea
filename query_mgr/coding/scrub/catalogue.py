"""Every edit of the scrubber, in the order in which findings of one severity are shown."""

from __future__ import annotations

from itertools import chain

from query_mgr.coding.scrub import (
    combinations,
    conventions,
    grouped,
    history,
    injuries,
    mce,
    obstetrics,
    outpatient,
    poa,
    record,
    sequencing,
    services,
    specificity,
    symptoms,
    workflow,
)
from query_mgr.coding.scrub.case import Case
from query_mgr.coding.scrub.registry import Edit, Finding, run

#: the modules that hold edits, each as `EDITS`
_MODULES = (
    workflow,
    conventions,
    poa,
    sequencing,
    obstetrics,
    injuries,
    combinations,
    symptoms,
    history,
    mce,
    grouped,
    services,
    outpatient,
    specificity,
    record,
)
EDITS: tuple[Edit, ...] = tuple(chain.from_iterable(module.EDITS for module in _MODULES))

BY_ID = {one.id: one for one in EDITS}


def scrub(case: Case) -> tuple[Finding, ...]:
    """Return everything that is wrong with an encounter's codes, the most severe first."""
    return run(case, EDITS)
