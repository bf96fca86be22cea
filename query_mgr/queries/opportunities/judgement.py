"""The readable tables of what is worth asking, read from judgement.yaml and treatments.yaml."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from query_mgr.clinical.library import load
from query_mgr.clinical.requirements.definition import Requirement
from query_mgr.clinical.requirements.nodes import as_node
from query_mgr.clinical.requirements.schema import requirement
from query_mgr.platform import yamls

FOLDER = Path(__file__).parent
_USUAL_WEIGHT = 2
_PARTS = (
    "weights", "not_from_criteria", "explained_by", "only_with", "not_with", "about", "by_hand", "borne_out_by", "new_beside_wider",
    "from_criteria_with", "unspecific_codes", "also_called", "named_by_others", "unlinked",
)  # fmt: skip


@dataclass(frozen=True)
class Treatment:
    """Drugs with few indications: with none of `reasons` documented, the chart does not say what they are for.

    drugs: beginnings of drug names; condition: the usual reason, and what the gap is about; words: other reasons that
    no condition of the library is; looks_like: phrases that hold such a word and give no reason.
    """

    id: str
    condition: str
    drugs: tuple[str, ...]
    reasons: tuple[str, ...]
    words: tuple[str, ...]
    codes: tuple[str, ...]
    looks_like: tuple[str, ...]


@dataclass(frozen=True)
class Unlinked:
    """A condition that may come of a procedure. after: the procedure; linked: words that say what it comes of."""

    condition: str
    after: Requirement
    linked: tuple[str, ...]


@dataclass(frozen=True)
class Judgement:
    """What judgement.yaml says."""

    weights: Mapping[str, int]
    not_from_criteria: frozenset[str]
    explained_by: Mapping[str, tuple[str, ...]]
    only_with: Mapping[str, Requirement]
    not_with: Mapping[str, Requirement]
    about: Mapping[str, Mapping[str, Requirement | None]]
    by_hand: frozenset[str]
    borne_out_by: Mapping[str, Requirement | None]
    new_beside_wider: frozenset[str]
    from_criteria_with: Mapping[str, Requirement]
    unspecific_codes: frozenset[str]
    also_called: Mapping[str, tuple[str, ...]]
    named_by_others: tuple[str, ...]
    unlinked: tuple[Unlinked, ...]

    def weight(self, condition: str) -> int:
        """Return the clinical weight of a condition, from 1 to 4."""
        return self.weights.get(condition, _USUAL_WEIGHT)


@functools.cache
def judgement(path: Path = FOLDER / "judgement.yaml") -> Judgement:
    """Return the judgement, read once. Raises ValueError naming the file and what does not fit."""
    raw = yamls.load(path)
    if not isinstance(raw, dict) or set(raw) != set(_PARTS):
        raise ValueError(f"{path.name}: must hold exactly {', '.join(_PARTS)}")
    found = Judgement(
        weights={str(one): int(weight) for weight, all_of in raw["weights"].items() for one in all_of},
        not_from_criteria=frozenset(raw["not_from_criteria"]),
        explained_by={str(one): tuple(others) for one, others in raw["explained_by"].items()},
        only_with=_all_needed(path, "only_with", raw["only_with"]),
        not_with=_all_needed(path, "not_with", raw["not_with"]),
        about={str(one): _requirements(path, "about", what) for one, what in raw["about"].items()},
        new_beside_wider=frozenset(raw["new_beside_wider"]),
        by_hand=frozenset(raw["by_hand"]),
        borne_out_by=_requirements(path, "borne_out_by", raw["borne_out_by"]),
        from_criteria_with=_all_needed(path, "from_criteria_with", raw["from_criteria_with"]),
        unspecific_codes=frozenset(raw["unspecific_codes"]),
        also_called={str(one): tuple(forms) for one, forms in raw["also_called"].items()},
        named_by_others=tuple(raw["named_by_others"]),
        unlinked=tuple(_unlinked(path, str(one), what) for one, what in raw["unlinked"].items()),
    )
    explaining = [one for others in found.explained_by.values() for one in others]
    for part, conditions in (
        ("weights", found.weights), ("not_from_criteria", found.not_from_criteria),
        ("explained_by", [*found.explained_by, *explaining]), ("new_beside_wider", found.new_beside_wider),
        ("borne_out_by", found.borne_out_by), ("from_criteria_with", found.from_criteria_with),
        ("also_called", found.also_called), ("named_by_others", found.named_by_others), ("unlinked", [one.condition for one in found.unlinked]),
        ("about", [one for others in found.about.values() for one in others]),
    ):  # fmt: skip
        _check(path, part, conditions)
    return found


def _requirements(path: Path, part: str, raw: Mapping[str, Any]) -> dict[str, Requirement | None]:
    return {
        str(one): None if what is None else requirement(as_node(what, path.name, f"{part}.{one}"))
        for one, what in raw.items()
    }


def _all_needed(path: Path, part: str, raw: Mapping[str, Any]) -> dict[str, Requirement]:
    return {one: what for one, what in _requirements(path, part, raw).items() if what is not None}


def _unlinked(path: Path, condition: str, raw: Mapping[str, Any]) -> Unlinked:
    after = requirement(as_node(raw["after"], path.name, f"unlinked.{condition}.after"))
    return Unlinked(condition, after, tuple(raw["linked"]))


@functools.cache
def treatments(path: Path = FOLDER / "treatments.yaml") -> tuple[Treatment, ...]:
    """Return the treatments with few indications, read once. Raises ValueError naming file, entry and field."""
    raw: dict[str, dict[str, Any]] = yamls.load(path)
    found = []
    for key, entry in raw.items():
        unknown = set(entry) - {"condition", "drugs", "reasons", "words", "codes", "looks_like"}
        if unknown or not entry.get("drugs") or "condition" not in entry:
            raise ValueError(
                f"{path.name}: {key}: needs 'condition' and 'drugs', may have 'reasons', 'words', 'codes', 'looks_like'"
            )
        one = Treatment(
            key,
            entry["condition"],
            *(tuple(entry.get(name, ())) for name in ("drugs", "reasons", "words", "codes", "looks_like")),
        )
        _check(path, key, (one.condition, *one.reasons))
        found.append(one)
    return tuple(found)


def _check(path: Path, part: str, conditions: Iterable[str]) -> None:
    for one in conditions:
        if one not in load():
            raise ValueError(
                f"{path.name}: {part}: {one!r} is no condition; use an id of query_mgr/clinical/conditions"
            )
