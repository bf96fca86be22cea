"""The mail that carries a link. It says nothing of patient, condition or query (assurance §1.2 item 11)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from flask import render_template
from sqlalchemy import func, select

from query_mgr.accounts.models import Provider
from query_mgr.audit import actions as audit
from query_mgr.delivery import actions as delivery
from query_mgr.delivery import signals
from query_mgr.platform import clock
from query_mgr.platform.db import db, unit_of_work
from query_mgr.platform.web import current_settings
from query_mgr.queries import actions as queries
from query_mgr.queries import events
from query_mgr.queries.followup import covering, running
from query_mgr.queries.followup.asked import holders_of, relation_of
from query_mgr.queries.lifecycle import OPEN, SIGNED
from query_mgr.queries.models import Query
from query_mgr.queries.sending import locked_in_order, together_with
from query_mgr.respond import actions, returned
from query_mgr.respond.models import QueryLink
from query_mgr.respond.tokens import token_for


def _links(payload: dict[str, Any]) -> list[QueryLink]:
    """Return the links that one mail stands for, in its order: the first that lives is the one it carries."""
    refs = payload["links"] if "links" in payload else [payload["link"]]  # before bundles, a mail had one link
    found = {one.ref: one for one in db.session.scalars(select(QueryLink).where(QueryLink.ref.in_(refs)))}
    return [found[ref] for ref in refs if ref in found]


def render(payload: dict[str, Any]) -> delivery.Mail | None:
    """Write the mail of one or more links, or None where all have ended meanwhile."""
    links = [one for one in _links(payload) if actions.is_live(one)]
    if not links:
        return None
    link, settings = links[0], current_settings()
    values = {
        "url": url_of(link),
        "reference": link.query.mail_ref,
        "organization": settings.organization,
        "number": len(links),
        "is_one_stay": len({one.query.encounter_id for one in links}) == 1,
        "is_reminder": bool(payload.get("reminder")),
    }
    waiting = "Documentation query" if len(links) == 1 else f"{len(links)} documentation queries"
    return delivery.Mail(
        recipient=link.address,
        subject=f"{waiting} waiting (ref {link.query.mail_ref})",
        text=render_template("mail/query_link.txt", **values),
    )


def render_record(payload: dict[str, Any]) -> delivery.Mail | None:
    """Write the mail that leads a provider back to what they signed, or None where the link has ended."""
    return _to_one_answer(payload, "Your signed answer", "record_link")


def render_cosign(payload: dict[str, Any]) -> delivery.Mail | None:
    """Write the mail that leads to an answer which waits for a signature, or None where the link has ended."""
    return _to_one_answer(payload, "An answer waits for your signature", "cosign_link")


def _to_one_answer(payload: dict[str, Any], subject: str, template: str) -> delivery.Mail | None:
    link = next((one for one in _links(payload) if actions.is_live(one)), None)
    if link is None:
        return None
    values = {
        "url": url_of(link),
        "reference": link.query.mail_ref,
        "organization": current_settings().organization,
    }
    return delivery.Mail(
        recipient=link.address,
        subject=f"{subject} (ref {link.query.mail_ref})",
        text=render_template(f"mail/{template}.txt", **values),
    )


def url_of(link: QueryLink) -> str:
    """Return the address that a mail carries."""
    # Always the configured address, never the request's Host header (assurance item 93).
    settings = current_settings()
    return f"{settings.base_url.rstrip('/')}/r/{token_for(settings.secret_key, link.ref)}"


def sent(payload: dict[str, Any], at: datetime) -> None:
    """Note that the mail was taken."""
    for link in _links(payload):
        query = queries.locked(link.query_id)
        # A delegate's copy does not start the clock of the one who was asked.
        if query.status in {"sent", "undelivered"} and link.provider_id == query.provider_id:
            queries.move(query, "deliver", "system")
            query.delivered_at = at


def failed(payload: dict[str, Any], reason: str) -> None:
    """Note that the mail will not arrive, or came back, so that the coder sees it; the provider's clock stops."""
    for link in _links(payload):
        query = queries.locked(link.query_id)
        if link.revoked_at is not None:  # a newer mail has taken its place
            continue
        if link.provider_id != query.provider_id:  # that a delegate's copy came back keeps nobody from answering
            continue
        if query.status == "delivered":
            query.delivered_at = None
        if query.status in {"sent", "delivered", "spoken"}:
            queries.move(query, "bounce", "system", reason=reason[:120])


def dropped(payload: dict[str, Any]) -> None:
    """See to queries whose link died before its mail left: the address is read anew, or the coder sees that it cannot be."""
    links = [one for one in _links(payload) if one.revoked_at is None and one.provider_id == one.query.provider_id]
    held = locked_in_order(*(one.query for one in links))
    waiting = [one for one in held if one.status in {"sent", "undelivered"}]
    if waiting and waiting[0].provider.is_active and waiting[0].provider.email not in (None, links[0].address):
        _send_link(waiting)  # the address changed meanwhile (item 104)
        return
    for one in waiting:
        if one.status == "sent":
            queries.move(one, "bounce", "system", reason="the link ended before its mail could leave")


def hold(payloads: Sequence[dict[str, Any]]) -> None:
    """Lock the queries of several mails in one order."""
    locked_in_order(*(link.query for payload in payloads for link in _links(payload)))


def _send_link(asked: Sequence[Query]) -> None:
    """Mail what is sent now to whom it was put to, and to each who may answer in their place."""
    times = [at for at in map(running.first_mail_at, asked) if at is not None]
    if not times:  # they go with the next mail of reminders
        return
    for holder in holders_of(asked[0]):
        _queue(holder, asked, min(times))


def _queue(holder: Provider, asked: Sequence[Query], not_before: datetime, **more: bool) -> None:
    links = [actions.issue_link(one, holder=holder).ref for one in asked]
    due_at = min((one.due_at for one in asked if one.due_at), default=None)
    delivery.enqueue("query_link", {"links": links, **more}, not_before=not_before, due_at=due_at)


def _remind(holder: Provider, asked: Sequence[Query], not_before: datetime) -> None:
    """Mail one link for all that waits for one provider, under a new token; the old ones stay until it is used."""
    before = select(QueryLink.query_id, QueryLink.provider_id).where(
        QueryLink.query_id.in_([one.id for one in asked])
    )
    known = {(query_id, provider_id) for query_id, provider_id in db.session.execute(before)}
    _queue(holder, asked, not_before, reminder=any(provider_id == holder.id for _, provider_id in known))
    for one in asked:
        if all(query_id != one.id for query_id, _ in known):  # this is its first mail: copies go out with it
            for other in holders_of(one)[1:]:
                _queue(other, [one], not_before)


def _send_record(query: Query) -> None:
    delivery.enqueue("record_link", {"link": actions.issue_link(query, "record").ref})


def _end_links(ended: Sequence[Query]) -> None:
    actions.revoke_links(*ended)


def resend_to_address_on_file(link: QueryLink) -> None:
    """Mail a new link for what still waits, or to what was signed; at most three an hour, without saying whether it did."""
    with unit_of_work():
        together = locked_in_order(link.query, *together_with(link.query))
        waiting = [one for one in together if one.status in OPEN and relation_of(one, link.provider_id).may_answer]
        provider = link.provider
        signed = [link.query] if link.query.status in SIGNED and link.provider_id == link.query.provider_id else []
        meant = waiting or signed
        if not meant or not (provider.is_active and provider.email):
            return
        since = clock.now() - timedelta(hours=1)
        made = select(func.count(QueryLink.id)).where(
            QueryLink.query_id == meant[0].id, QueryLink.created_at > since
        )
        if (db.session.scalar(made) or 0) >= 3:
            return
        _queue(provider, waiting, clock.now()) if waiting else _send_record(link.query)
        for one in meant:
            audit.record(f"provider:{provider.ref}", "link.renewed", "query", one.ref)


def _note_absence(reply: signals.AutoReply) -> None:
    """Take an automatic reply to a query's mail as a sign that its receiver is away."""
    links = _links(reply.payload) if reply.kind == "query_link" else []
    if links:
        covering.note_auto_reply(links[0].provider, reply.at)


def register() -> None:
    """Hook into the queries' events and the outbox."""
    kind = delivery.Kind(
        render, sent, failed, dropped=dropped, hold=hold, about=lambda payload: returned.about_links(_links(payload)),
        again=lambda payload, by: returned.again(_links(payload), by),
    )  # fmt: skip
    delivery.register("query_link", kind)
    delivery.register(
        "record_link", delivery.Kind(render_record, lambda payload, at: None, lambda payload, why: None)
    )
    delivery.register(
        "cosign_link", delivery.Kind(render_cosign, lambda payload, at: None, lambda payload, why: None)
    )
    signals.on_auto_reply(_note_absence)
    events.when("sent", _send_link)
    events.when("revoked", _end_links)
    running.when_reminded(_remind)
