"""Who may answer a query, and what their answer needs: one table. Pure.

The signer is always the person who proved who they are, never the link (assurance §1.2 item 12).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from query_mgr.queries.followup.duty import Away


@dataclass(frozen=True)
class Relation:
    """How somebody stands to a query. may_be_cosigned: the attending's signature too, where the policy asks for it."""

    key: str
    may_answer: bool
    may_be_cosigned: bool
    why: str


#: in the order in which they are tried: the first that holds decides
RELATIONS = (
    Relation("addressee", True, False, "the query was put to them"),
    Relation("pool", True, False, "the query went to a pool of which they are one; the first answer counts"),
    Relation("cover", True, False, "they cover for the one who was asked, who is away"),
    Relation("delegate", True, True, "the one who was asked lets them answer"),
    Relation("nobody", False, False, "the query is not theirs"),
)
_BY_KEY = {one.key: one for one in RELATIONS}


@dataclass(frozen=True)
class Grant:
    """Leave to answer what another was asked, from day to day. until: the last day, None without end."""

    delegate: int
    since: date
    until: date | None = None

    def holds_on(self, day: date) -> bool:
        """Return whether it holds on a day of the site."""
        return self.since <= day and (self.until is None or day <= self.until)


@dataclass(frozen=True)
class Asked:
    """Whom a query was put to, and who stands beside them. Everybody is a provider's id."""

    addressee: int
    pool: frozenset[int] = frozenset()
    away: tuple[Away, ...] = ()
    grants: tuple[Grant, ...] = ()

    def relation(self, person: int, at: datetime, day: date) -> Relation:
        """Return how `person` stands to the query at a moment, which lies on `day` at the site."""
        holds = {
            "addressee": person == self.addressee,
            "pool": person in self.pool,
            "cover": any(one.cover == person and one.since <= at < one.end for one in self.away),
            "delegate": any(one.delegate == person and one.holds_on(day) for one in self.grants),
            "nobody": True,
        }
        return next(_BY_KEY[key] for key, does in holds.items() if does)

    def holders(self, at: datetime, day: date) -> tuple[int, ...]:
        """Return who gets a link when the query is sent: the one who was asked first, then whoever may answer too."""
        others: Iterable[int] = (*sorted(self.pool), *(one.delegate for one in self.grants))
        found = [self.addressee, *(one for one in others if self.relation(one, at, day).may_answer)]
        return tuple(dict.fromkeys(found))


def needs_cosignature(relation: Relation, policy_asks: bool) -> bool:
    """Return whether an answer by somebody of `relation` needs the signature of the one who was asked, too."""
    return policy_asks and relation.may_be_cosigned
