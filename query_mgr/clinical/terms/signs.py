"""What in a text points to a diagnosis, and which organ system it is of."""

from __future__ import annotations

import functools
import re

from query_mgr.clinical.assertions import NEGATED, assertion
from query_mgr.clinical.library import load
from query_mgr.clinical.terms.vocabulary import outside, table


@functools.lru_cache(maxsize=32768)
def touches(concept: str, text: str) -> bool | None:
    """Say whether a sign of the diagnosis stands in `text` (lower case) and is not denied; None where none is known."""
    pattern = _signs(concept)
    return None if pattern is None else _stands(pattern, text)


def system_of(concept: str) -> str:
    """Return the organ system of a diagnosis outside the library, "" where it is not known."""
    return outside().get(concept, ("", ""))[0]


#: the organ systems of the conditions in a file of the library; those of the other files are of many
_SYSTEMS = {
    "blood": ("blood", "vessels"), "cardiac": ("heart", "vessels"), "digestive": ("gut", "liver"), "infection": ("infection",),
    "kidney": ("kidney", "glands"), "metabolic": ("glands",), "neuro": ("brain", "nerves", "mind"), "nutrition": ("glands", "gut"),
    "obstetric": ("birth and newborn",), "newborn_child": ("birth and newborn", "lungs"), "oncology": ("tumors", "blood"),
    "psychiatry": ("mind",), "respiratory": ("lungs",), "skin_procedures": ("skin", "injury and poisoning"),
}  # fmt: skip


def systems_of(condition: str) -> tuple[str, ...]:
    """Return the organ systems of a condition of the library; none where they are not known."""
    found = load().get(condition)
    return _SYSTEMS.get(found.group, ()) if found else ()


def is_described(concept: str) -> bool:
    """Say whether we know what points to a diagnosis, rather than its name alone."""
    return bool(outside().get(concept, ("", ""))[1])


@functools.lru_cache(maxsize=8192)
def touches_system(system: str, text: str) -> bool:
    """Say whether `text` (lower case) speaks of an organ system."""
    return bool(_system(system).search(text))


def _stands(pattern: re.Pattern[str], text: str) -> bool:
    return any(assertion(text, found.span()) != NEGATED for found in pattern.finditer(text))


@functools.cache
def _signs(concept: str) -> re.Pattern[str] | None:
    signs = table("signs").get(concept) or outside().get(concept, ("", ""))[1]
    return _pattern(signs) if signs else None


@functools.cache
def _system(system: str) -> re.Pattern[str]:
    return _pattern(table("systems")[system])


def _pattern(signs: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![^\W_])(?:{'|'.join(signs.split(', '))})")
