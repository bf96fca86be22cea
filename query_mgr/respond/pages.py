"""What the provider's routes show in more than one place."""

from __future__ import annotations

import secrets
from typing import Any

from flask import render_template, request
from sqlalchemy import select

from query_mgr.platform.db import db
from query_mgr.respond import bundles
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
        parts=bundles.parts_of(link),
    ), status  # fmt: skip


def receipt(link: QueryLink, answer: Answer) -> Any:
    """Show what was signed, and what waits next."""
    return render_template("respond/receipt.html", query=link.query, answer=answer, parts=bundles.parts_of(link))
