"""Compose, send, deliver, bounce, open, answer, amend, cancel, remind, expire, restart, in any order: P1 to P5 hold."""

from __future__ import annotations

import os
from collections import Counter

from flask import Flask
from hypothesis import HealthCheck, Phase
from hypothesis import settings as hypothesis_settings
from hypothesis.stateful import run_state_machine_as_test

from tests.assurance.life import machine
from tests.conftest import Clock, Fresh

#: how many examples of how many steps; `make soak` asks for more
SOAK = int(os.environ.get("SOAK_EXAMPLES", "0"))
EXAMPLES = {"sqlite": SOAK or 170, "postgresql": SOAK or 30}
STEPS = 30 if SOAK else 10
#: what a run must have met for its silence to mean anything
MET = ("query.answered", "query.undelivered", "query.needs_information", "query.cancelled", "signing answered 409",
       "copies that nobody could know of", "amended", "killed")  # fmt: skip


def test_no_order_of_events_loses_doubles_or_invents_anything(
    app: Flask, engine: str, time: Clock, fresh: Fresh
) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    happened = Counter[str]()
    run_state_machine_as_test(
        machine(app, time, fresh, happened),
        settings=hypothesis_settings(
            max_examples=EXAMPLES[engine], derandomize=not SOAK, stateful_step_count=STEPS, deadline=None, database=None,
            suppress_health_check=list(HealthCheck), phases=[Phase.explicit, Phase.generate, Phase.shrink],
        ),
    )  # fmt: skip
    print(*(f"{number:6} {what}" for what, number in happened.most_common()), sep="\n")
    if EXAMPLES[engine] > 100:
        assert not [one for one in MET if not happened[one]], happened
