"""Holding a stay apart, by hand."""

from __future__ import annotations

from collections.abc import Iterable

from query_mgr.accounts.session import Actor
from query_mgr.audit import actions as audit
from query_mgr.charts.models import Encounter
from query_mgr.charts.sensitivity import joined
from query_mgr.platform.db import db, unit_of_work


def label(actor: Actor, encounter: Encounter, codes: Iterable[str]) -> None:
    """Hold a stay apart by these labels and no others; what a provider must prove for its queries follows at once."""
    actor.must("chart.label")
    wanted, encounter_id = joined(codes), encounter.id
    with unit_of_work():
        row = db.session.get_one(Encounter, encounter_id)
        if row.sensitivity == wanted:
            return
        audit.record(actor.email, "chart.labelled", "encounter", row.ref, was=row.sensitivity, now=wanted)
        row.sensitivity = wanted
