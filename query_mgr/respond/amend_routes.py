"""Adding to a signed answer: write, review, sign."""

from __future__ import annotations

from typing import Any

from flask import render_template, request

from query_mgr.platform import clock
from query_mgr.respond import amending, amendments
from query_mgr.respond.blueprint import respond
from query_mgr.respond.models import Answer, QueryLink
from query_mgr.respond.pages import amend_page, amendable, ended, receipt
from query_mgr.respond.stepup import signing
from query_mgr.respond.stepup.guard import stepped_up
from query_mgr.respond.words import AnswerError

_FIELDS = ("query", "op_id", "kind", "text", "reason", "option")


def _kept() -> dict[str, str]:
    return {name: request.form.get(name, "") for name in _FIELDS}


def _change() -> amending.Change:
    form = request.form
    return amending.Change(
        form.get("kind", "")[:12], form.get("text", ""), form.get("reason", ""), form.get("op_id", "")[:64],
        form.get("option", "")[:40],
    )  # fmt: skip


@respond.get("/answer/amend")
@stepped_up
def amend(link: QueryLink) -> Any:
    """Show the signed answer and what can be added to it."""
    answer = amendable(link)
    return amend_page(link, answer) if answer else ended("")


@respond.post("/answer/amend/write")
@stepped_up
def amend_again(link: QueryLink) -> Any:
    """Go on writing, with what was written already."""
    answer = amendable(link)
    return amend_page(link, answer, 200, "", **_kept()) if answer else ended("")


@respond.post("/answer/amend")
@stepped_up
def amend_review(link: QueryLink) -> Any:
    """Show the amendment once more, with the name it will be signed with."""
    answer = amendable(link)
    if answer is None:
        return ended("")
    try:
        change = amending.checked(link, answer, _change())
    except AnswerError as error:
        return amend_page(link, answer, 400, str(error), **_kept())
    return _review_page(link, answer, change)


def _review_page(
    link: QueryLink, answer: Answer, change: amending.Change, status: int = 200, error: str = ""
) -> Any:
    option = next((one for one in link.query.options if one["key"] == change.option_key), None)
    fields = [(name, value) for name, value in _kept().items() if name != "option" or change.option_key]
    return render_template(
        "respond/amend_review.html", answer=answer, change=change, kind=amendments.KINDS[change.kind], option=option,
        provider=link.provider, fields=fields, now=clock.now(), asked=signing.wants_factor(link), error=error,
    ), status  # fmt: skip


@respond.post("/answer/amend/sign")
@stepped_up
def amend_sign(link: QueryLink) -> Any:
    """Sign the amendment."""
    answer = amendable(link)
    if answer is None or not request.form.get("op_id"):
        return ended("")
    try:
        change = amending.checked(link, answer, _change())
        if not amending.is_kept(change):
            signing.signed(link, lambda method: amending.amend(link, answer, change, method))
    except signing.FactorError as refused:
        return _review_page(link, answer, change, refused.status, str(refused))
    except AnswerError as error:
        return amend_page(link, answer, 400, str(error), **_kept())
    return receipt(link, answer, just_amended=True)
