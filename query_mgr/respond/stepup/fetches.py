"""Who fetched a link: a mail scanner, a person's browser, or nobody can tell. Fetched is not opened."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import func, select

from query_mgr.platform import clock
from query_mgr.platform.db import db, unit_of_work, upsert
from query_mgr.queries.models import Query
from query_mgr.respond.models import QueryLink
from query_mgr.respond.stepup.models import LinkFetch

_PROGRAM = re.compile(
    r"bot|crawl|spider|scan|preview|proofpoint|barracuda|mimecast|safelinks|urldefense|headless|phantom|curl|wget|"
    r"python|java/|go-http|okhttp|libwww|httpclient|microsoft office|ms-office|bingpreview|slurp|monitor",
    re.I,
)
_BROWSER = re.compile(r"^Mozilla/5\.0 \(.*(Chrome|Safari|Firefox)/", re.I)
_AGAIN = timedelta(minutes=1)


def agent_class(method: str, headers: Mapping[str, str]) -> str:
    """Return human, scanner or unknown for one request of a link.

    A guess, good enough for a hint and never used to decide anything: a scanner may look like a browser.
    """
    agent = headers.get("User-Agent", "")
    ahead = headers.get("Sec-Purpose", "") + headers.get("Purpose", "") + headers.get("X-Purpose", "")
    if method != "GET" or "prefetch" in ahead or "preview" in ahead or _PROGRAM.search(agent):
        return "scanner"
    # Every browser of today says where a page was asked for; a program that copies a User-Agent rarely does.
    if _BROWSER.match(agent) and headers.get("Sec-Fetch-Mode", "") == "navigate":
        return "human"
    return "unknown"


#: class -> what the coder reads
WORDS = {"scanner": "a mail scanner", "human": "a browser", "unknown": "a program that does not say what it is"}


def of(query: Query) -> list[tuple[str, datetime]]:
    """Return who fetched the query's links, in words, and when last. None of it means that the query was opened."""
    last = (
        select(LinkFetch.agent, func.max(LinkFetch.last_at))
        .join(QueryLink, QueryLink.id == LinkFetch.link_id)
        .where(QueryLink.query_id == query.id)
        .group_by(LinkFetch.agent)
        .order_by(LinkFetch.agent)
    )
    return [(WORDS[agent], at) for agent, at in db.session.execute(last)]


def note(link: QueryLink, agent: str) -> None:
    """Keep that `link` was fetched: one row a link and class, written at most once a minute."""
    now = clock.now()
    last_at = db.session.scalar(
        select(LinkFetch.last_at).where(LinkFetch.link_id == link.id, LinkFetch.agent == agent)
    )
    if last_at is not None and now - last_at < _AGAIN:
        return
    new = upsert(LinkFetch).values(link_id=link.id, agent=agent, first_at=now, last_at=now)
    with unit_of_work():
        db.session.execute(
            new.on_conflict_do_update(index_elements=[LinkFetch.link_id, LinkFetch.agent], set_={"last_at": now})
        )
