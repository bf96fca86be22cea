"""Every edit of the scrubber, in the order in which findings of one severity are shown."""

from __future__ import annotations

from query_mgr.coding.scrub import mce, workflow
from query_mgr.coding.scrub.case import Case
from query_mgr.coding.scrub.registry import Edit, Finding, run

EDITS: tuple[Edit, ...] = (*workflow.EDITS, *mce.EDITS)

BY_ID = {one.id: one for one in EDITS}


def scrub(case: Case) -> tuple[Finding, ...]:
    """Return everything that is wrong with an encounter's codes, the most severe first."""
    return run(case, EDITS)
