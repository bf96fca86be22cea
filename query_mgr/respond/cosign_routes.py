"""The page on which the one who was asked signs what another answered for them."""

from __future__ import annotations

from typing import Any

from flask import render_template

from query_mgr.platform import clock
from query_mgr.respond import countersigning
from query_mgr.respond.blueprint import respond
from query_mgr.respond.models import Answer, QueryLink
from query_mgr.respond.pages import amendable, ended, receipt
from query_mgr.respond.stepup import signing
from query_mgr.respond.stepup.guard import stepped_up


def cosign_page(link: QueryLink, answer: Answer, status: int = 200, error: str = "") -> Any:
    """Show what was asked and answered, with a button that signs it."""
    return render_template(
        "respond/cosign.html", query=link.query, answer=answer, provider=link.provider, now=clock.now(),
        asked=signing.wants_factor(link), error=error,
    ), status  # fmt: skip


@respond.get("/answer/cosign")
@stepped_up
def cosign(link: QueryLink) -> Any:
    """Show what waits for a signature."""
    answer = amendable(link)
    if answer is None or not countersigning.waits_for(link, answer):
        return ended()
    return cosign_page(link, answer)


@respond.post("/answer/cosign")
@stepped_up
def cosign_sign(link: QueryLink) -> Any:
    """Sign it."""
    answer = amendable(link)
    if answer is None:
        return ended()
    if not countersigning.waits_for(link, answer):
        return receipt(link, answer)
    try:
        signing.signed(link, lambda method: countersigning.cosign(link, answer, method))
    except signing.FactorError as refused:
        return cosign_page(link, answer, refused.status, str(refused))
    return receipt(link, answer)
