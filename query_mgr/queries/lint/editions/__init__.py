"""Editions of the ACDIS/AHIMA brief as data: where each one says what a rule of the lint rests on.

2022 ships. Of 2019 and 2026 we have no text to cite sections from; a site that has writes a file of its own.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from query_mgr.clinical.requirements.nodes import Node, PlacedError, front_matter

SHIPPED = Path(__file__).parent
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,29}")


class EditionError(ValueError):
    """An edition cannot be used. The message names the file, the line and the key."""


@dataclass(frozen=True)
class Edition:
    """One edition. name: that of its file; citations: by the rule's id, as a finding shows them."""

    name: str
    citations: Mapping[str, str]


def edition(name: str, rules: Collection[str], site: Path | None = None) -> Edition:
    """Return the edition with this name, one that ships or a site's own.

    rules: the ids that it must cite, no more and no fewer; site: the folder of the site's own. Raises EditionError.
    """
    if not _NAME.fullmatch(name):
        raise EditionError(
            f"{name!r} is no name of an edition: up to 30 letters, digits, dots, hyphens, underscores"
        )
    ours = SHIPPED / f"{name}.yaml"
    own = site / f"{name}.yaml" if site else None
    if own and own.exists() and ours.exists():
        # what a sent query keeps is the name: it must never mean two things
        raise EditionError(f"{own}: the edition {name} ships with query_mgr; give the file another name")
    path = own if own and own.exists() else ours
    if not path.exists():
        shipped = ", ".join(sorted(one.stem for one in SHIPPED.glob("*.yaml")))
        raise EditionError(f"there is no edition {name}: {shipped} ships{f'; {own} is not there' if own else ''}")
    try:
        return Edition(name, _citations(path.read_text(encoding="utf-8"), str(path), tuple(rules)))
    except PlacedError as wrong:
        raise EditionError(str(wrong)) from None
    except (OSError, UnicodeDecodeError) as wrong:
        raise EditionError(f"{path}: cannot be read as UTF-8 text ({type(wrong).__name__})") from None


def _citations(text: str, file: str, rules: tuple[str, ...]) -> dict[str, str]:
    """Return what a file cites for each rule. Raises PlacedError."""
    both = ("brief", "rules")
    fields = front_matter(text, file).fields(both, both)
    brief, cited = fields["brief"].text(), fields["rules"].fields(rules, rules)
    return {rule: _citation(cited[rule], brief) for rule in rules}


def _citation(node: Node, brief: str) -> str:
    given = node.fields(("section", "also", "rows"))
    if not given.keys() & {"section", "also"}:
        raise node.error("needs `section`, or `also` where the brief does not speak of it; add one")
    section = [f"{brief}, {given['section'].text()}"] if "section" in given else []
    also = given["also"].texts() if "also" in given else ()
    rows = [", ".join(given["rows"].texts())] if "rows" in given else []
    return "; ".join((*section, *also, *rows))
