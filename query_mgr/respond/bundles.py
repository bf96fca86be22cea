"""Queries that came in one mail: each keeps its own link, and the mail carries the first of them."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from query_mgr.platform import clock
from query_mgr.platform.db import db
from query_mgr.queries.lifecycle import OPEN, SIGNED
from query_mgr.queries.models import Query
from query_mgr.queries.sending import together_with
from query_mgr.respond.actions import find_link, is_live, may_step_up
from query_mgr.respond.models import QueryLink


@dataclass(frozen=True)
class Part:
    """One query of a mail, with the provider's way to it."""

    query: Query
    link: QueryLink

    @property
    def is_waiting(self) -> bool:
        """Whether it can still be answered here."""
        return self.query.status in OPEN and is_live(self.link)


def parts_of(link: QueryLink) -> list[Part]:
    """Return what came with `link` for the same provider at the same address, in order; cancelled ones are left out."""
    others = together_with(link.query)
    if not others:
        return [Part(link.query, link)]
    found = select(QueryLink).where(
        QueryLink.query_id.in_([one.id for one in others]),
        QueryLink.provider_id == link.provider_id,
        QueryLink.address == link.address,
    )
    latest = {one.query_id: one for one in db.session.scalars(found.order_by(QueryLink.id))}
    latest[link.query_id] = link
    parts = [Part(one, latest[one.id]) for one in (link.query, *others) if one.id in latest]
    return sorted((one for one in parts if one.query.status != "cancelled"), key=lambda one: one.query.id)


def inbox_of(link: QueryLink) -> list[Part]:
    """Return all that waits for the link's provider at its address or was signed by such a link: the mail's own first.

    Only for somebody who has proved who they are: one mail leads to what others brought.
    """
    own = parts_of(link)
    found = (
        select(QueryLink)
        .join(Query, Query.id == QueryLink.query_id)
        .where(
            QueryLink.provider_id == link.provider_id,
            QueryLink.address == link.address,
            QueryLink.expires_at > clock.now(),
            QueryLink.query_id.not_in([one.query.id for one in own]),
            Query.status.in_((*OPEN, *SIGNED)),
        )
        .order_by(QueryLink.id)
    )
    latest = {one.query_id: one for one in db.session.scalars(found)}
    others = [Part(one.query, one) for one in latest.values() if may_step_up(one)]
    return own + sorted(others, key=lambda one: (one.query.due_at or one.link.expires_at, one.query.id))


def living(token: str) -> QueryLink | None:
    """Return the link that a token opens now, or that leads on from it, or None. Reads only."""
    link = find_link(token)
    link = way_on(link) if link else None
    return link if link and is_live(link) else None


def way_on(link: QueryLink) -> QueryLink:
    """Return the link to what waits next where `link`'s own query is done, else `link` itself.

    A link that expired, or that a newer one replaced, leads nowhere.
    """
    if link.purpose == "record":
        return link
    is_done = link.query.status not in OPEN and clock.now() < link.expires_at
    if is_live(link) and not is_done:
        return link
    waiting = (one.link for one in parts_of(link) if is_done and one.is_waiting)
    return next(waiting, link)
