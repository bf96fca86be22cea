"""What a provider does instead of answering now: another query, later, or not at all because it is not theirs."""

from __future__ import annotations

from typing import Any

from flask import render_template, request
from sqlalchemy import select

from query_mgr.accounts.models import Provider
from query_mgr.platform.db import db
from query_mgr.platform.web import local
from query_mgr.queries.lifecycle import SIGNED, NotPossibleError
from query_mgr.respond import actions, bundles, later, rerouting
from query_mgr.respond.blueprint import respond
from query_mgr.respond.models import QueryLink
from query_mgr.respond.pages import ended, question_page
from query_mgr.respond.stepup import cookies, guard, proving
from query_mgr.respond.stepup.guard import stepped_up
from query_mgr.respond.words import AnswerError

HANDED_BACK = (
    "It went back to the coder, who chooses whom to ask. It counts as your response, and no reminder follows."
)


@respond.get("/answer/inbox")
@stepped_up
def inbox(link: QueryLink) -> Any:
    """List what waits for the provider and what they signed; what asks for another factor stays unnamed."""
    parts, here = bundles.inbox_of(link), guard.visit()
    factor = here.factor if here else ""
    waiting = sorted(
        (one for one in parts if one.is_waiting), key=lambda one: one.query.due_at or one.link.expires_at
    )
    return render_template(
        "respond/inbox.html",
        waiting=waiting,
        signed=[one for one in parts if one.query.status in SIGNED],
        shown={one.query.id for one in parts if proving.suffices(one.link, factor)},
    )


def _done(link: QueryLink, title: str, words: str) -> Any:
    left = [one for one in bundles.inbox_of(link) if one.is_waiting and one.query.id != link.query_id]
    return render_template("respond/done.html", title=title, words=words, next=left[0] if left else None)


@respond.post("/answer/later")
@stepped_up
def answer_later(link: QueryLink) -> Any:
    """Remind the provider at a time of their choice."""
    if not actions.is_live(link):
        return ended()
    try:
        row = later.answer_later(link, request.form.get("choice", ""), request.form.get("day", "")[:10])
    except AnswerError as error:
        return question_page(link, 400, str(error))
    except NotPossibleError:
        return ended()
    when = local(row.remind_at, "%A, %b %d at %H:%M %Z")
    return _done(
        link, "You are reminded", f"A mail with the link comes on {when}. The coder sees that you answer later."
    )


@respond.post("/answer/not-mine")
@stepped_up
def not_mine(link: QueryLink) -> Any:
    """Hand the query back, with the colleague who should be asked where one is found."""
    if not actions.is_live(link):
        return ended()
    form = request.form
    note, words, choice = form.get("note", ""), form.get("colleague", "")[:120], form.get("named", "")[:16]
    found = rerouting.colleagues(words, link.provider)
    if len(found) > 1 and not choice:
        return _choose(link, words, note, found, "is_asked" in form)
    named = _provider(choice) if choice else next(iter(found), None)
    unknown = f"Named: {words}." if words.strip() and named is None else ""
    try:
        rerouting.hand_back([link], f"{unknown} {note}", named, is_proven=True)
    except NotPossibleError:
        return ended()
    return _done(link, "Thank you, it is not yours any more", HANDED_BACK)


def _provider(ref: str) -> Provider | None:
    return db.session.scalar(select(Provider).where(Provider.ref == ref, Provider.is_active)) if ref else None


def _choose(link: QueryLink, words: str, note: str, found: list[Provider], is_again: bool) -> Any:
    error = "Choose somebody, or “None of these”." if is_again else ""
    return render_template(
        "respond/colleague.html", query=link.query, words=words, note=note, found=found, error=error
    ), 400 if error else 200


@respond.post("/r/<token>/not-mine")
def not_mine_unseen(token: str) -> Any:
    """Hand back what a mail brought without seeing it (assurance §1.2 item 12): who has the mail need not be who was asked."""
    link = bundles.living(token)
    if link is None or link.purpose != "answer" or not cookies.is_from_here():
        return ended(token)
    waiting = [one.link for one in bundles.parts_of(link) if one.is_waiting]
    rerouting.hand_back(waiting, request.form.get("note", ""), is_proven=False)
    cookies.write("before", "")
    return render_template(
        "respond/done.html", title="Thank you, it was handed back", words=HANDED_BACK, next=None
    )
