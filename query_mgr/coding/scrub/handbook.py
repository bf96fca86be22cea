"""The table of edits in docs/edits.md, written from the registry. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from query_mgr.coding.scrub.catalogue import EDITS
from query_mgr.coding.scrub.registry import SEVERITIES, Edit

_HEAD = """# Edits

What the scrubber checks before billing sees the codes. This page is written by `flask --app app coding edits` from the
same rows that run; a test keeps it true. Every edit has cases that it finds and cases that it lets pass in
`query_mgr/demo/edit_cases`, and the demo hospital's scrubber ward shows each of them.

"""


def handbook() -> str:
    """Return docs/edits.md."""
    return _HEAD + "\n".join((*_severities(), "", *_rows(), ""))


def _severities() -> Iterator[str]:
    counts = Counter(one.severity for one in EDITS)
    yield "| severity | edits | what it means | final with it? | may be overridden? |"
    yield "|---|--:|---|---|---|"
    for key, one in SEVERITIES.items():
        final = "no" if one.blocks else "yes"
        override = "with a reason" if one.may_be_overridden else "no"
        yield f"| {key} | {counts[key]} | {one.name} | {final} | {override} |"


def _rows() -> Iterator[str]:
    yield "| edit | title | severity | applies to | source | fix |"
    yield "|---|---|---|---|---|---|"
    for one in EDITS:
        yield f"| `{one.id}` | {one.title} | {one.severity} | {_kinds(one)} | {one.source} | {one.fix} |"


def _kinds(edit: Edit) -> str:
    if not edit.kinds:
        return "all"
    return (
        "inpatient" if edit.kinds == {"inpatient"} else "outpatient" if "inpatient" not in edit.kinds else "some"
    )
