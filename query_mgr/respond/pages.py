"""What the provider's routes show in more than one place."""

from __future__ import annotations

import secrets
from typing import Any

from flask import render_template, request
from sqlalchemy import select

from query_mgr.platform import clock
from query_mgr.platform.db import db
from query_mgr.platform.web import local
from query_mgr.respond import actions, amendments, bundles, countersigning
from query_mgr.respond.chart_text import addendum
from query_mgr.respond.models import Answer, QueryLink
from query_mgr.respond.stepup import throttle


def ended(token: str = "") -> Any:
    """The one page for unknown, expired and revoked links: status, words and cost must not tell them apart."""
    if throttle.missed(throttle.network(request.remote_addr)):
        return render_template("respond/ended.html", token=""), 429
    return render_template("respond/ended.html", token=token), 404


def answer_of(link: QueryLink) -> Answer | None:
    """Return the answer to the link's query as it stands."""
    return db.session.scalar(
        select(Answer).where(Answer.query_id == link.query_id, Answer.revision == link.revision)
    )


def question_page(link: QueryLink, status: int = 200, error: str = "", **kept: str) -> Any:
    """Show the query as sent, with what was typed already."""
    query = link.query
    op_id = kept.get("op_id") or secrets.token_hex(16)
    return render_template(
        "respond/question.html", query=query, snapshot=query.snapshot, error=error, kept=kept, op_id=op_id,
        parts=bundles.parts_of(link), elsewhere=_elsewhere(link), last_day=link.expires_at, first_day=clock.now(),
    ), status  # fmt: skip


def _elsewhere(link: QueryLink) -> list[bundles.Part]:
    """Return what waits for the same provider and came by other mails."""
    own = {one.query.id for one in bundles.parts_of(link)}
    return [one for one in bundles.inbox_of(link) if one.is_waiting and one.query.id not in own]


def amendable(link: QueryLink) -> Answer | None:
    """Return the answer that the link's provider may add to: its query has one, and the link is still bound to it."""
    return answer_of(link) if actions.is_bound(link) else None


def receipt(link: QueryLink, answer: Answer, *, just_amended: bool = False) -> Any:
    """Show what was signed, and what waits next."""
    db.session.expire(answer, ["amendments"])
    cosigned = countersigning.cosignature_of(answer)
    return render_template(
        "respond/receipt.html", query=link.query, answer=answer, parts=bundles.parts_of(link),
        elsewhere=_elsewhere(link), chart_text=addendum(link.query, answer, local),
        may_amend=actions.is_bound(link), just_amended=just_amended, kinds=amendments.KINDS, flags=amendments.FLAGS,
        cosigned=cosigned, is_cosigner=cosigned is not None and cosigned.asked_id == link.provider_id,
    )  # fmt: skip


def already_answered(link: QueryLink, answer: Answer, text: str) -> Any:
    """Say that somebody was faster, and keep what was written for an addendum."""
    return render_template(
        "respond/already.html", query=link.query, answer=answer, text=text, may_amend=actions.is_bound(link),
        kinds=amendments.KINDS, flags=amendments.FLAGS,
    ), 409  # fmt: skip


def amend_page(link: QueryLink, answer: Answer, status: int = 200, error: str = "", **kept: str) -> Any:
    """Show a signed answer and the form that adds to it, with what was typed already; no kind is chosen."""
    return render_template(
        "respond/amend.html", query=link.query, answer=answer, error=error, kept=kept,
        op_id=kept.get("op_id") or secrets.token_hex(16), all_kinds=amendments.KINDS, flags=amendments.FLAGS,
        kinds=amendments.kinds_for(answer.signer_id == link.provider_id),
    ), status  # fmt: skip


def resumed(link: QueryLink, words: str, **kept: str) -> Any:
    """Show the page that somebody wrote on when the step-up ended, with what they wrote."""
    answer = answer_of(link)
    if answer is None:
        return question_page(link, 200, words, **kept)
    return (
        amend_page(link, answer, 200, words, **kept)
        if kept.get("text") or kept.get("reason")
        else receipt(link, answer)
    )
