"""Every edit of the scrubber, in the order in which findings of one severity are shown."""

from __future__ import annotations

from itertools import chain

from query_mgr.coding.scrub import (
    grouped,
    mce,
    record,
    services,
    workflow,
)
from query_mgr.coding.scrub.case import Case
from query_mgr.coding.scrub.registry import Edit, Finding, run

#: the modules that hold edits, each as `EDITS`
_MODULES = (
    workflow,
    mce,
    grouped,
    services,
    record,
)
EDITS: tuple[Edit, ...] = tuple(chain.from_iterable(module.EDITS for module in _MODULES))

BY_ID = {one.id: one for one in EDITS}


def scrub(case: Case) -> tuple[Finding, ...]:
    """Return everything that is wrong with an encounter's codes, the most severe first."""
    return run(case, EDITS)
