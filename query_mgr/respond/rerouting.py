"""“This is not mine”: a query goes back to its coder, with the name of a colleague where one is known."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import or_, select

from query_mgr.accounts.models import Provider
from query_mgr.audit import actions as audit
from query_mgr.platform import clock
from query_mgr.platform.db import db, unit_of_work
from query_mgr.platform.text import one_line
from query_mgr.queries import actions as queries
from query_mgr.queries.lifecycle import OPEN
from query_mgr.queries.models import Query, QueryHandedBack
from query_mgr.respond.actions import revoke_links
from query_mgr.respond.models import QueryLink

LONGEST_NOTE = 300
_MOST = 8  # colleagues to choose from


def colleagues(words: str, but: Provider) -> list[Provider]:
    """Return active providers whose name or NPI `words` are a part of, at most eight; none for fewer than two letters."""
    words = one_line(words)
    if len(words) < 2:
        return []
    found = select(Provider).where(
        Provider.is_active, Provider.id != but.id, Provider.email.is_not(None),
        or_(Provider.npi == words, Provider.name.icontains(words, autoescape=True)),
    )  # fmt: skip
    return list(db.session.scalars(found.order_by(Provider.name).limit(_MOST)))


def hand_back(links: Sequence[QueryLink], note: str, named: Provider | None = None, *, is_proven: bool) -> None:
    """Give queries back to their coders. The clock is kept, and it counts as a response.

    links: to the queries of one provider. note: the provider's words, cut to LONGEST_NOTE. is_proven: whether who says
    so has proved who they are, or only has the link. Raises lifecycle.NotPossibleError.
    """
    with unit_of_work():
        for query_id in sorted({one.query_id for one in links}):
            query = queries.locked(query_id)
            if query.status not in OPEN or query.status == "handed_back":
                continue
            provider = next(one.provider for one in links if one.query_id == query_id)
            by = f"{'provider' if is_proven else 'link of'}:{provider.ref}"
            if provider.id != query.provider_id:
                _leave(query, provider, by)
                continue
            queries.move(query, "hand_back", by, named=named.ref if named else "")
            query.handed_back.append(
                QueryHandedBack(
                    provider_id=provider.id, said_at=clock.now(), is_proven=is_proven, named_id=named.id if named else None,
                    note=one_line(note)[:LONGEST_NOTE],
                )
            )  # fmt: skip
            query.responded_at = query.responded_at or clock.now()
            revoke_links(query)


def _leave(query: Query, provider: Provider, by: str) -> None:
    """End the links of somebody who may answer for another: the one who was asked still can."""
    own = select(QueryLink).where(
        QueryLink.query_id == query.id, QueryLink.provider_id == provider.id, QueryLink.revoked_at.is_(None)
    )
    for link in db.session.scalars(own):
        link.revoked_at = clock.now()
    audit.record(by, "query.left", "query", query.ref)
