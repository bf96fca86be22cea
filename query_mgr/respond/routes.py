"""The provider's pages: plain HTML that needs no JavaScript. A GET changes nothing (assurance §1.2 item 5)."""

from __future__ import annotations

import secrets
from datetime import timedelta
from functools import wraps
from typing import Any

from flask import Blueprint, Response, redirect, render_template, request, session, url_for
from sqlalchemy import select

from query_mgr.platform import clock
from query_mgr.platform.db import db, unit_of_work
from query_mgr.platform.web import current_settings
from query_mgr.queries import lifecycle
from query_mgr.respond import actions, bundles, mail
from query_mgr.respond.models import Answer, QueryLink

respond = Blueprint("respond", __name__)


@respond.after_request
def _headers(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = (
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    )
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def _ended(token: str) -> Any:
    """The one page for unknown, expired and revoked links: it must not tell them apart."""
    return render_template("respond/ended.html", token=token), 404


def _living(token: str) -> QueryLink | None:
    """Return the link that a token opens now, or that leads on from it, or None."""
    link = actions.find_link(token)
    link = bundles.way_on(link) if link else None
    return link if link and actions.is_live(link) else None


def _waiting(link: QueryLink) -> list[bundles.Part]:
    return [one for one in bundles.parts_of(link) if one.is_waiting]


@respond.get("/r/<token>")
def landing(token: str) -> Any:
    """Say that a query waits, and nothing else."""
    link = _living(token)
    if link is None:
        return _ended(token)
    return render_template("respond/landing.html", token=token, number=len(_waiting(link)))


@respond.post("/r/<token>")
def begin(token: str) -> Any:
    """A human pressed Continue: remember the link and leave the token behind."""
    link = _living(token)
    if link is None:
        return _ended(token)
    session.pop("respond_until", None)
    session["respond_link"] = link.ref
    return redirect(url_for("respond.pin"), 303)


@respond.post("/r/<token>/renew")
def renew(token: str) -> Any:
    """Mail a new link to the address on file, if there is anything to mail; always the same words."""
    link = actions.find_link(token)
    if link is not None:
        mail.resend_to_address_on_file(link)
    return render_template("respond/renewed.html"), 202


def _current_link() -> QueryLink | None:
    ref = session.get("respond_link")
    link = db.session.scalar(select(QueryLink).where(QueryLink.ref == ref)) if ref else None
    return bundles.way_on(link) if link else None


def _meant(link: QueryLink) -> QueryLink | None:
    """Return the link of the query that the request names; a form must name one where several came together."""
    ref = request.values.get("query", "")
    parts = bundles.parts_of(link)
    if not ref:
        return link if request.method == "GET" or len(parts) == 1 else None
    return next((one.link for one in parts if one.query.ref == ref), None)


@respond.get("/answer/pin")
def pin() -> Any:
    """Ask for the PIN."""
    link = _current_link()
    return _pin_page() if link and actions.is_live(link) else _ended("")


#: what a provider may have typed when the PIN is asked for again; the page carries it, no cookie does
_KEPT = ("option", "text", "comment", "op_id", "query")


def _pin_page(error: str = "", status: int = 200) -> Any:
    kept = {name: value for name in _KEPT if (value := request.form.get(name, ""))}
    return render_template("respond/pin.html", error=error, kept=kept), status


@respond.post("/answer/pin")
def pin_post() -> Any:
    """Check the PIN; only then is anything of the chart shown."""
    link = _current_link()
    if link is None or not actions.is_live(link):
        return _ended("")
    try:
        good = actions.check_pin(link, request.form.get("pin", "")[:64])
    except actions.LockedError:
        text = f"Too many wrong PINs. Try again in {actions.LOCK_MINUTES} minutes, or call the coder."
        return _pin_page(text, 429)
    if not good:
        return _pin_page("This PIN is wrong. Try again.", 401)
    _extend_step_up()
    if any(request.form.get(name) for name in _KEPT):
        kept = {name: request.form.get(name, "") for name in _KEPT}
        meant = _meant(link)
        return (
            _ended("")
            if meant is None
            else _question_page(
                meant, 200, "You were away for a while. Nothing was sent; look it over and go on.", **kept
            )
        )
    return redirect(url_for("respond.question"), 303)


def _extend_step_up() -> None:
    until = clock.now() + timedelta(minutes=current_settings().step_up_idle_minutes)
    session["respond_until"] = until.timestamp()


def stepped_up(view: Any) -> Any:
    """Pass the link to `view` only after a PIN within the idle time; else ask for it again."""

    @wraps(view)
    def guarded() -> Any:
        link = _current_link()
        if link is None:
            return _ended("")
        if clock.now().timestamp() > session.get("respond_until", 0):
            if request.method == "POST" and actions.is_live(link):
                return _pin_page("You were away for a while. Your PIN, please; what you wrote is kept.", 401)
            return redirect(url_for("respond.pin"), 303)
        _extend_step_up()
        meant = _meant(link)
        return _ended("") if meant is None else view(meant)

    return guarded


def _answer_of(link: QueryLink) -> Answer | None:
    return db.session.scalar(
        select(Answer).where(Answer.query_id == link.query_id, Answer.revision == link.revision)
    )


def _question_page(link: QueryLink, status: int = 200, error: str = "", **kept: str) -> Any:
    query = link.query
    op_id = kept.get("op_id") or secrets.token_hex(16)
    return render_template(
        "respond/question.html", query=query, snapshot=query.snapshot, error=error, kept=kept, op_id=op_id,
        parts=bundles.parts_of(link),
    ), status  # fmt: skip


@respond.get("/answer")
@stepped_up
def question(link: QueryLink) -> Any:
    """Show the query as sent, its evidence, and the options with none chosen."""
    answer = _answer_of(link)
    if answer is not None:
        return _receipt(link, answer)
    return _question_page(link) if actions.is_live(link) else _ended("")


def _posted() -> actions.Response:
    form = request.form
    return actions.Response(form.get("option", "")[:40], form.get("text", ""), form.get("op_id", "")[:64])


@respond.post("/answer")
@stepped_up
def review(link: QueryLink) -> Any:
    """Show the answer once more, with the name it will be signed with."""
    posted = _posted()
    if not actions.is_live(link) and _answer_of(link) is None:
        return _ended("")
    try:
        option = actions.chosen_option(link.query, posted)
    except actions.AnswerError as error:
        return _question_page(
            link, 400, str(error), option=posted.option_key, text=posted.text, op_id=posted.op_id
        )
    return render_template(
        "respond/review.html",
        query=link.query,
        provider=link.provider,
        option=option,
        posted=posted,
        now=clock.now(),
    )


@respond.post("/answer/sign")
@stepped_up
def sign(link: QueryLink) -> Any:
    """Sign; a second, different answer gets a page that says who answered and when."""
    posted = _posted()
    if not posted.op_id or (not actions.is_live(link) and _answer_of(link) is None):
        return _ended("")
    try:
        answer = actions.sign(link, posted)
    except actions.AnswerError as error:
        return _question_page(
            link, 400, str(error), option=posted.option_key, text=posted.text, op_id=posted.op_id
        )
    except actions.AlreadyAnsweredError as error:
        return render_template("respond/already.html", answer=error.answer), 409
    except lifecycle.NotPossibleError:
        return _ended("")
    return _receipt(link, answer)


def _receipt(link: QueryLink, answer: Answer) -> Any:
    return render_template("respond/receipt.html", query=link.query, answer=answer, parts=bundles.parts_of(link))


@respond.post("/answer/open")
@stepped_up
def open_next(link: QueryLink) -> Any:
    """Go to another query of the same mail; that it was opened is noted."""
    if actions.is_live(link):
        with unit_of_work():
            actions.opened(link)
    return redirect(url_for("respond.question", query=link.query.ref), 303)


@respond.post("/answer/ask")
@stepped_up
def ask(link: QueryLink) -> Any:
    """Ask the coder for more before answering."""
    text = request.form.get("comment", "")
    if not actions.is_live(link):
        return _ended("")
    try:
        actions.ask(link, text)
    except actions.AnswerError as error:
        return _question_page(link, 400, str(error), comment=text)
    except lifecycle.NotPossibleError:
        return _ended("")
    return render_template("respond/asked.html")
