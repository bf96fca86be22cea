"""What the record says of a coded diagnosis: the statements that concern it, and by whom. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from query_mgr.coding.concept import Concept, concepts, covering, narrower, nearest, wider
from query_mgr.coding.mentioned import EXTENT
from query_mgr.coding.scrub.case import Case, Diagnosis, Statement


class Record(tuple[Statement, ...]):
    """The statements of a record, with the order kept, and found by concept."""

    @cached_property
    def by_concept(self) -> Mapping[str, Sequence[tuple[int, Statement]]]:
        """The statements of each concept with their places in the record."""
        found: dict[str, list[tuple[int, Statement]]] = {}
        for at, one in enumerate(self):
            found.setdefault(one.concept, []).append((at, one))
        return found

    def of(self, wanted: Iterable[str]) -> tuple[Statement, ...]:
        """Return the statements of some concepts, in the order of the record."""
        found = [pair for concept in set(wanted) for pair in self.by_concept.get(concept, ())]
        return tuple(one for _, one in sorted(found, key=lambda pair: pair[0]))

    @cached_property
    def is_full(self) -> bool:
        """Whether providers' notes are there at all: one that states nothing says nothing by its silence."""
        stated = {one.concept for one in self if one.by_provider and one.document and one.state == "affirmed"}
        return len(stated) > 1


@dataclass(frozen=True)
class Told:
    """What concerns one diagnosis. nearest: the concepts that its code reports, the narrowest.

    statements: of these, of every other concept that covers the code, and of all their kinds.
    """

    nearest: tuple[Concept, ...]
    statements: tuple[Statement, ...]

    @property
    def by_providers(self) -> tuple[Statement, ...]:
        """What providers say, and the problem list."""
        return tuple(one for one in self.statements if one.by_provider)

    @property
    def is_stated(self) -> bool:
        """Whether anybody states the condition, as present or as one that does not go away."""
        return any(is_stated(one) for one in self.statements)

    @property
    def is_telling(self) -> bool:
        """Whether the silence of the record means something."""
        return all(one.is_telling for one in self.nearest)

    @property
    def name(self) -> str:
        """How the condition is called in a message."""
        return self.nearest[0].names[0]


def record_of(case: Case) -> Record:
    """Return the statements of a case."""
    return case.statements if isinstance(case.statements, Record) else Record(case.statements)


def told_of(case: Case, diagnosis: Diagnosis) -> Told | None:
    """Return what the record says of a diagnosis, or None where it was not read or the concept is not known."""
    ids = nearest(diagnosis.code)
    if not case.is_read or not ids:
        return None
    among = {kind for one in covering(diagnosis.code) for kind in narrower(one)}
    among |= {above for one in ids for above in wider(one)}
    return Told(tuple(concepts()[one] for one in ids), record_of(case).of(among))


def is_stated(one: Statement) -> bool:
    """Say whether a statement says that the patient has the condition."""
    return one.state == "affirmed" or (one.state == "historical" and concepts()[one.concept].chronic)


def denials(told: Told) -> list[Statement]:
    """Return where providers deny the condition itself or a wider one, not only a part of it."""
    ids = {above for one in told.nearest for above in wider(one.id)}
    return [
        one
        for one in told.by_providers
        if one.state == "negated" and one.concept in ids and EXTENT not in one.specifics
    ]
