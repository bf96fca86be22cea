"""Who may do what: one table, and the decorator that holds every route to it."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import abort, current_app, redirect, request, url_for
from flask_login import current_user

from query_mgr.platform.web import form_came_too_late

CODING = frozenset({"coder", "cdi", "cdi_lead", "cdi_manager"})
#: writes queries that a lead co-signs
LEARNING = frozenset({"trainee"})
READING = CODING | LEARNING | {"physician_advisor", "auditor", "biller"}

#: action -> roles. `admin` keeps users and templates but reads no chart: minimum necessary, 45 CFR 164.502(b).
PERMISSIONS: dict[str, frozenset[str]] = {
    "desk.view": READING | {"admin"},
    "chart.view": READING,
    # The preview shows patients by the hundred who are nobody's case yet: no admin reads them, and a coder's own cases
    # come without it.
    "chart.import": frozenset({"cdi_manager"}),
    # Who watches the interfaces sees that something waits and why; what is in it, only who mends it.
    "feed.view": frozenset({"cdi_manager", "admin"}),
    "feed.repair": frozenset({"cdi_manager"}),
    "identity.decide": frozenset({"cdi_manager"}),
    # Who may say that a stay is held apart: those who read it whole.
    "chart.label": CODING,
    "codes.search": READING,
    "coding.edit": CODING,
    "coding.finalize": CODING,
    "coding.hand_off": CODING | {"biller"},
    "coding.return": frozenset({"biller", "cdi_manager"}),
    # What a code weighs is for those who code and review; a provider, and what a provider may see, never meets it.
    "drg.view": READING,
    "policy.view": READING,
    "policy.edit": frozenset({"cdi_manager", "biller"}),
    "query.view": READING,
    "query.compose": CODING | LEARNING,
    "query.submit": CODING | LEARNING,
    "query.send": CODING,
    "query.cosign": frozenset({"cdi_lead", "cdi_manager"}),
    "query.cancel": CODING,
    "query.reply": CODING,
    "query.document": CODING,
    "query.reassign": CODING,
    # Who is told and when, no patient: the people who keep the directory keep it, too.
    "follow_up.view": READING | {"admin"},
    "follow_up.edit": frozenset({"cdi_manager", "admin"}),
    "cover.note": CODING | {"admin"},
    "cover.grant": frozenset({"cdi_lead", "cdi_manager", "admin"}),
    "reconcile.decide": CODING,
    "template.view": READING | {"admin"},
    "template.edit": CODING,
    "template.approve": frozenset({"cdi_manager", "physician_advisor"}),
    "insight.view": frozenset({"cdi_manager", "cdi_lead", "physician_advisor", "auditor", "cdi"}),
    "insight.export": frozenset({"cdi_manager", "auditor"}),
    "audit.view": frozenset({"auditor", "cdi_manager"}),
    "mailbox.view": READING | {"admin"},  # exists in the demo only
    "delivery.view": frozenset({"cdi_lead", "cdi_manager", "admin"}),
    "delivery.repair": frozenset({"cdi_lead", "cdi_manager", "admin"}),
    "provider.view": READING | {"admin"},
    "provider.edit": frozenset({"cdi_manager", "admin"}),
    # The desk that a provider calls: invitations, a new PIN after calling back, lost devices.
    "provider.access": CODING | {"admin"},
}


def may(roles: frozenset[str], action: str) -> bool:
    """Return whether somebody with `roles` may do `action`. An action that is not in the table is a bug: KeyError."""
    return not PERMISSIONS[action].isdisjoint(roles)


class NotAllowedError(Exception):
    """Somebody tried what their roles do not permit."""


def requires(action: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Let only signed-in people pass whose roles permit `action`."""
    PERMISSIONS[action]

    def decorate(view: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            if not current_user.is_authenticated:
                if request.method == "GET" and "application/json" not in request.headers.get("Accept", ""):
                    return redirect(url_for("accounts.sign_in", next=request.full_path.rstrip("?")))
                if request.form:
                    return form_came_too_late(url_for("accounts.sign_in"))
                abort(401)
            if not may(current_user.role_names, action):
                current_app.logger.warning("denied: user %s, action %s", current_user.id, action)
                abort(403)
            return view(*args, **kwargs)

        guarded.query_mgr_action = action  # type: ignore[attr-defined]
        return guarded

    return decorate
