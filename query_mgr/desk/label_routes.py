"""Saying that a stay is held apart."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, flash, redirect, request, url_for

from query_mgr.accounts.permissions import requires
from query_mgr.accounts.session import current_actor
from query_mgr.charts import labelling, sensitivity
from query_mgr.desk.encounters import an_encounter

label_desk = Blueprint("label_desk", __name__)
label_desk.app_context_processor(
    lambda: {
        "sensitivity_labels": sensitivity.LABELS, "labels_of": sensitivity.labels, "part_2_notice": sensitivity.notice,
    }
)  # fmt: skip


@label_desk.post("/encounters/<ref>/labels")
@requires("chart.label")
def label(ref: str) -> Any:
    """Keep the labels that were ticked, and no others."""
    encounter, codes = an_encounter(ref), request.form.getlist("label")
    if set(codes) - sensitivity.LABELS.keys():
        abort(400)
    labelling.label(current_actor(), encounter, codes)
    flash("The labels of this stay are saved.", "success")
    return redirect(url_for("desk.encounter", ref=ref))
