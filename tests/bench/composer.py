"""W1: opening the composer on the chart of 500 documents and 20,000 facts, and a save with its check; CPU time."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path

from query_mgr.platform.db import db
from query_mgr.queries import compose
from tests.accounts.builders import a_user, actor, signed_in
from tests.bench.house import an_app
from tests.bench.long_chart import fill
from tests.bench.timing import Row
from tests.queries.builders import a_provider

#: milliseconds of CPU time in which a person sees no delay, on a machine that others use too
OPENED, CHECKED = 60.0, 50.0
_SEEN = re.compile(r'id="seen" value="(\w+)"')


def run(folder: Path, rounds: int, documents: int = 500, facts: int = 20_000) -> list[Row]:
    """Open a draft and save other words in it, in turn."""
    app = an_app(folder)
    app.config["WTF_CSRF_ENABLED"] = False
    with app.app_context():
        stay, coder = db.session.merge(fill(documents, facts)), a_user("coder")
        draft = compose.start(actor(coder), stay, a_provider(), "heart_failure_type_acuity")
        form = {"title": draft.title, "question": draft.question, "option": [one["key"] for one in draft.options]}
        address, client = f"/queries/{draft.ref}/edit", signed_in(app.test_client(), coder)
        db.session.remove()

    def opened(number: int) -> str:
        page = client.get(address).text
        assert number == 0 or f"The words of round {number - 1}." in page
        return page

    def saved(number: int) -> None:
        words = form | {"body": f"The words of round {number}."}
        said = client.post(address, data=words, headers={"Accept": "text/x-check"})
        assert said.status_code == 200
        assert _SEEN.search(said.text)

    opening, saving = [], []
    for number in range(rounds + 1):
        opening.append(_cpu(opened, number))
        saving.append(_cpu(saved, number))
    return [
        Row("W1", "composer of a long chart / 60 ms of CPU", facts, opening[1:], [OPENED] * rounds, 1.0),
        Row("W1", "  words saved and checked / 50 ms of CPU", facts, saving[1:], [CHECKED] * rounds, 1.0),
    ]


def _cpu(run_: Callable[[int], object], number: int) -> float:
    start = time.process_time()
    run_(number)
    return (time.process_time() - start) * 1000
