"""What a link does: it is made, found, used, opened, and ended."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select

from query_mgr.accounts.models import Provider
from query_mgr.platform import clock
from query_mgr.platform.db import db
from query_mgr.platform.ids import new_ref
from query_mgr.platform.web import current_settings
from query_mgr.queries import actions as queries
from query_mgr.queries import lifecycle
from query_mgr.queries.followup.asked import relation_of
from query_mgr.queries.models import Query
from query_mgr.respond.models import QueryLink
from query_mgr.respond.tokens import cleaned, token_for, token_hash


def issue_link(query: Query, purpose: str = "answer", holder: Provider | None = None) -> QueryLink:
    """Make a link for the query's provider, or another `holder`, at the address on file, in the running transaction.

    Older ones that open the query still stay until this one is used, so that no mail leads nowhere; others end.
    purpose: answer, or record to read what was signed and to add to it.
    """
    settings, now, ref = current_settings(), clock.now(), new_ref()
    holder = holder or query.provider
    for older in _unrevoked(query):
        if not is_bound(older):
            older.revoked_at = now
    link = QueryLink(
        ref=ref,
        query_id=query.id,
        provider_id=holder.id,
        address=holder.email or "",
        revision=query.revision,
        purpose=purpose,
        token_hash=token_hash(settings.secret_key, token_for(settings.secret_key, ref)),
        created_at=now,
        expires_at=_ends_at(query, now, timedelta(days=settings.link_days)),
    )
    db.session.add(link)
    db.session.flush()
    return link


def _unrevoked(*queries: Query) -> list[QueryLink]:
    ids = [one.id for one in queries]
    found = select(QueryLink).where(QueryLink.query_id.in_(ids), QueryLink.revoked_at.is_(None))
    return list(db.session.scalars(found))


def revoke_links(*queries: Query) -> None:
    """End every link of `queries` in the running transaction."""
    for link in _unrevoked(*queries):
        link.revoked_at = clock.now()


def used(link: QueryLink) -> None:
    """Note, in the running transaction, that somebody went on from `link`: their older ones to its query end now."""
    for other in _unrevoked(link.query):
        if other.id < link.id and other.provider_id == link.provider_id:
            other.revoked_at = clock.now()


#: how long after its due date a query can still be answered by the link that asked for it
GRACE = timedelta(days=4)


def _ends_at(query: Query, now: datetime, longest: timedelta) -> datetime:
    """Return when a link made now ends: never after the site's limit, else some days after the query is due."""
    due = max(query.due_at, now) if query.due_at else now + longest
    return min(now + longest, due + GRACE)


def find_link(text: str) -> QueryLink | None:
    """Return the link that `text` opens, whatever its state, or None. Reads only."""
    token = cleaned(text)
    if token is None:
        return None
    key = token_hash(current_settings().secret_key, token)
    return db.session.scalar(select(QueryLink).where(QueryLink.token_hash == key))


def is_live(link: QueryLink) -> bool:
    """Return whether `link` still opens its query: not expired or revoked, and bound to what it was made for."""
    return link.revoked_at is None and is_bound(link)


def is_bound(link: QueryLink) -> bool:
    """Return whether `link`, although it may have ended with the answer, is still what it was made for."""
    query = link.query
    return (
        clock.now() < link.expires_at
        and link.revision == query.revision
        and relation_of(query, link.provider_id).may_answer
        and link.provider.is_active
        and link.address == link.provider.email
    )


def may_step_up(link: QueryLink) -> bool:
    """Return whether a factor leads on: to the query, or in a visit that signed it, back to what was signed."""
    return is_live(link) or (link.query.status in lifecycle.SIGNED and is_bound(link))


def opened(link: QueryLink) -> None:
    """Note, in the running transaction, that the provider proved who they are and sees the query."""
    query = queries.locked(link.query_id)
    if query.status in {*lifecycle.SIGNED, "cancelled"}:
        return
    if lifecycle.after(query.status, "open") != query.status:
        queries.move(query, "open", f"provider:{link.provider.ref}")
    query.opened_at = query.opened_at or clock.now()
