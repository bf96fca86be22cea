"""The query's page behind the step-up: read, answer, review, sign; ask back; go on to the next."""

from __future__ import annotations

from typing import Any

from flask import redirect, render_template, request, url_for

from query_mgr.platform import clock
from query_mgr.platform.db import unit_of_work
from query_mgr.queries import lifecycle
from query_mgr.respond import actions, answering, asking, countersigning
from query_mgr.respond.blueprint import respond
from query_mgr.respond.models import QueryLink
from query_mgr.respond.pages import already_answered, answer_of, ended, question_page, receipt
from query_mgr.respond.stepup import signing
from query_mgr.respond.stepup.guard import stepped_up
from query_mgr.respond.words import AnswerError


@respond.get("/answer")
@stepped_up
def question(link: QueryLink) -> Any:
    """Show the query as sent, its evidence, and the options with none chosen."""
    answer = answer_of(link)
    if countersigning.waits_for(link, answer):
        return redirect(url_for("respond.cosign", query=link.query.ref), 303)
    if answer is not None:
        return receipt(link, answer)
    return question_page(link) if actions.is_live(link) else ended("")


def _posted() -> answering.Response:
    form = request.form
    return answering.Response(form.get("option", "")[:40], form.get("text", ""), form.get("op_id", "")[:64])


def _again(link: QueryLink, posted: answering.Response, error: AnswerError) -> Any:
    """Show the query as it is now with what was typed, and say what is wrong with that (assurance item 86)."""
    status = 409 if isinstance(error, answering.NotOfferedError) else 400
    return question_page(link, status, str(error), option=posted.option_key, text=posted.text, op_id=posted.op_id)


@respond.post("/answer")
@stepped_up
def review(link: QueryLink) -> Any:
    """Show the answer once more, with the name it will be signed with."""
    posted = _posted()
    if not actions.is_live(link) and answer_of(link) is None:
        return ended("")
    try:
        option = answering.chosen_option(link.query, posted)
    except AnswerError as error:
        return _again(link, posted, error)
    return _review_page(link, option, posted)


def _review_page(
    link: QueryLink, option: dict[str, Any] | None, posted: answering.Response, status: int = 200, error: str = ""
) -> Any:
    return render_template(
        "respond/review.html", query=link.query, provider=link.provider, option=option, posted=posted,
        now=clock.now(), asked=signing.wants_factor(link), error=error,
    ), status  # fmt: skip


@respond.post("/answer/sign")
@stepped_up
def sign(link: QueryLink) -> Any:
    """Sign; a second, different answer gets a page that says who answered and when."""
    posted = _posted()
    if not posted.op_id or (not actions.is_live(link) and answer_of(link) is None):
        return ended("")
    try:
        if answer_of(link) is None:
            answer = signing.signed(link, lambda method: answering.sign(link, posted, method))
        else:
            answer = answering.sign(link, posted)
    except signing.FactorError as refused:
        return _review_page(
            link, answering.chosen_option(link.query, posted), posted, refused.status, str(refused)
        )
    except AnswerError as error:
        return _again(link, posted, error)
    except answering.AlreadyAnsweredError as error:
        return already_answered(link, error.answer, posted.text)
    except lifecycle.NotPossibleError:
        return ended("")
    return receipt(link, answer)


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
        return ended("")
    try:
        asking.ask(link, text)
    except AnswerError as error:
        return question_page(link, 400, str(error), comment=text)
    except lifecycle.NotPossibleError:
        return ended("")
    return render_template("respond/asked.html")
